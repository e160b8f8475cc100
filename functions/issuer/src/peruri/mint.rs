//! Serials: made by calls that can't be made twice, and found again in Peruri's books.

use super::{
    Asking, Peruri,
    call::{Body, Failed},
    wire::{Balance, Batch, Listed, Made, Promised, Wanted, WantedBatch},
};
use bubuh_core::id::Serial;
use bubuh_gateway::Transport;
use bubuh_store::{
    Error,
    issuer::{Mint, Minted},
};
use futures::{StreamExt, stream};
use http::Method;
use jiff::{Timestamp, civil::DateTime, tz::Offset};
use std::sync::atomic::{AtomicBool, Ordering};

/// Calls for one serial each that are made side by side.
const AT_ONCE: usize = 8;
/// Serials in one go by calls for one each: it must end within the minute of who asks.
const SINGLY_AT_MOST: usize = 80;
/// Rows in a page of the list.
const PAGE: u64 = 100;
/// Jakarta's time, in hours before UTC's.
const JAKARTA: Offset = Offset::constant(7);

/// What serials are asked for, before it is known what for: other documents, of today.
fn wanted(now_ms: u64) -> Result<Wanted, Failed> {
    let now_ms = i64::try_from(now_ms).unwrap_or(i64::MAX);
    let now = Timestamp::from_millisecond(now_ms).map_err(|e| Failed::NotDone(e.to_string()))?;
    Ok(Wanted {
        is_upload: false,
        namadoc: "3",
        namafile: "stok.pdf",
        nilaidoc: "10000",
        sn_only: false,
        nodoc: "0",
        tgldoc: JAKARTA.to_datetime(now).date().to_string(),
    })
}

/// When a row of the list was made, in milliseconds since the epoch. What can't be read is taken for new.
fn made_at_ms(row: &super::wire::Serial) -> u64 {
    let time: Option<DateTime> = row.tglupdate.replacen(' ', "T", 1).parse().ok();
    let time = time.and_then(|time| JAKARTA.to_timestamp(time).ok());
    time.and_then(|time| u64::try_from(time.as_millisecond()).ok())
        .unwrap_or(u64::MAX)
}

fn serial(text: String) -> Result<Serial, Failed> {
    Serial::new(text).map_err(|e| Failed::Unknown(e.to_string()))
}

impl<T: Transport> Peruri<T> {
    async fn one(&self) -> Result<Serial, Failed> {
        let url = format!("{}/chanel/stampv2", self.hosts.stamp);
        let wanted = wanted(self.ambient.now_ms())?;
        let made: Made = self
            .ask(Method::POST, &url, |_| Body::json(&wanted))
            .await?;
        serial(made.sn)
    }

    /// So many serials by calls of their own. Once one gave none, no further one is begun; those under way are waited
    /// for, as each may bring a serial.
    async fn singly(&self, count: usize) -> Result<Minted, Failed> {
        let stopped = AtomicBool::new(false);
        let mut calls = stream::iter(0..count)
            .map(|_| async {
                let goes_on = !stopped.load(Ordering::Relaxed);
                if goes_on {
                    Some(self.one().await)
                } else {
                    None
                }
            })
            .buffer_unordered(AT_ONCE);
        let (mut minted, mut refused) = (Minted::default(), None);
        while let Some(called) = calls.next().await {
            match called {
                Some(Ok(serial)) => minted.serials.push(serial),
                Some(Err(Failed::Unknown(why))) => minted.lost = Some(why),
                Some(Err(failed)) => refused = Some(failed),
                None => {}
            }
            stopped.fetch_or(
                refused.is_some() || minted.lost.is_some(),
                Ordering::Relaxed,
            );
        }
        match refused {
            Some(failed) if minted == Minted::default() => Err(failed),
            _ => Ok(minted),
        }
    }

    async fn batch(&self, count: usize, return_url: &str) -> Result<Minted, Failed> {
        let url = format!("{}/api/v2/serialnumber/batch", self.hosts.inventory);
        let now_ms = self.ambient.now_ms();
        let document = (0..count).map(|_| wanted(now_ms));
        let body = WantedBatch {
            return_url,
            tipe: "10000",
            partial: true,
            document: document.collect::<Result<_, _>>()?,
        };
        match self.ask(Method::POST, &url, |_| Body::json(&body)).await {
            Ok(Promised { batch_id }) => Ok(Minted {
                batch: Some(batch_id),
                ..Minted::default()
            }),
            Err(Failed::Unknown(why)) => Ok(Minted {
                lost: Some(why),
                ..Minted::default()
            }),
            Err(failed) => Err(failed),
        }
    }

    /// Rows of Peruri's books.
    async fn listed(&self, which: &str) -> Result<Listed, Failed> {
        let url = format!("{}/api/chanel/stamp/ext?{which}", self.hosts.backend);
        self.ask(Method::GET, &url, |_| Ok(Body::none())).await
    }

    async fn page(&self, page: u64) -> Result<Listed, Failed> {
        self.listed(&format!("status=NOTSTAMP&page={page}&size={PAGE}"))
            .await
    }

    /// Walks from the newest page back. Rows leave the list when they are stamped, and all later ones move up: to pages
    /// that are still to come, so none is missed.
    async fn made_since(&self, since_ms: u64) -> Result<Vec<Serial>, Failed> {
        let mut listed = self.page(0).await?;
        let mut page = listed.total.saturating_sub(1) / PAGE;
        if page > 0 {
            listed = self.page(page).await?;
        }
        let mut found = Vec::new();
        loop {
            let older = listed.data.iter().any(|row| made_at_ms(row) < since_ms);
            for row in listed.data {
                if made_at_ms(&row) >= since_ms {
                    found.push(serial(row.serialnumber)?);
                }
            }
            if older || page == 0 {
                found.sort_unstable();
                found.dedup();
                return Ok(found);
            }
            page = page.saturating_sub(1);
            listed = self.page(page).await?;
        }
    }

    /// What Peruri says of a serial, for people.
    pub(super) async fn state(&self, serial: &Serial) -> String {
        match self.listed(&format!("filter={serial}")).await {
            Ok(listed) => {
                let row = listed.data.into_iter().next();
                row.map_or_else(|| "unknown".to_owned(), |row| row.status)
            }
            Err(failed) => format!("not told: {}", failed.why()),
        }
    }
}

impl<T: Transport> Mint for Peruri<T> {
    fn keeps_books(&self) -> bool {
        true
    }

    async fn mint(&self, count: usize) -> Result<Minted, Error> {
        let minted = match &self.asking {
            Asking::Single => self.singly(count.min(SINGLY_AT_MOST)).await,
            Asking::Batch { return_url } => self.batch(count, return_url).await,
        };
        minted.map_err(|failed| failed.again("ask for serials"))
    }

    async fn balance(&self) -> Result<Option<u64>, Error> {
        let url = format!("{}/function/saldopos", self.hosts.backend);
        let asked = self.ask(Method::POST, &url, |_| Ok(Body::none())).await;
        let balance: Balance = asked.map_err(|failed| failed.again("ask for the balance"))?;
        Ok(Some(balance.saldo))
    }

    async fn collect(&self, batch: &str) -> Result<Option<Vec<Serial>>, Error> {
        let url = format!("{}/snqr/status-batch?batchId={batch}", self.hosts.stamp);
        let asked = self.ask(Method::GET, &url, |_| Ok(Body::none())).await;
        let again = |failed: Failed| failed.again("ask after a batch");
        let found: Batch = asked.map_err(again)?;
        if found.status != "DONE" {
            return Ok(None);
        }
        let serials = found.sn.into_iter().map(serial).collect::<Result<_, _>>();
        serials.map(Some).map_err(again)
    }

    async fn unstamped(&self, since_ms: u64) -> Result<Vec<Serial>, Error> {
        let found = self.made_since(since_ms).await;
        found.map_err(|failed| failed.again("list serials"))
    }
}
