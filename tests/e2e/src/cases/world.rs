//! What all cases share: the stack, the gateway as others use it, and a look at all rows every so often.

use crate::Run;
use bubuh::books;
use bubuh_core::audit::Rows;
use bubuh_gateway::{AnyGateway, Http};
use bubuh_sandbox::{Bank, Transaction};
use bubuh_steps::Cases;
use bubuh_store::{Ambient, Table};
use serde_json::Value;
use std::{sync::Arc, time::Duration};
use tokio::{
    sync::watch,
    task::JoinHandle,
    time::{Instant, sleep},
};

/// How long anything may take in a case.
pub(super) const PATIENCE: Duration = Duration::from_secs(60);
const LOOK_EVERY: Duration = Duration::from_millis(200);
const SCAN_EVERY: Duration = Duration::from_millis(500);

/// All rows, and when they began to be read.
type Picture = Option<(Instant, Arc<Rows>)>;

/// What the cases share.
pub struct World<'a> {
    pub(super) run: &'a Run,
    pub(super) table: Table,
    pub(super) gateway: AnyGateway<Http>,
    pub(super) cases: Cases<AnyGateway<Http>>,
    http: reqwest::Client,
    pictures: watch::Receiver<Picture>,
    scan: JoinHandle<()>,
}

impl Drop for World<'_> {
    fn drop(&mut self) {
        self.scan.abort();
    }
}

impl<'a> World<'a> {
    /// The world of that stack.
    pub async fn new(run: &'a Run) -> Self {
        let (aws, place) = (run.aws(), run.stack.place());
        let table = aws.table(&place.table);
        let (sender, pictures) = watch::channel(None);
        let scanned = table.clone();
        let scan = tokio::spawn(async move {
            loop {
                let begun = Instant::now();
                if let Ok(whole) = scanned.whole().await {
                    sender.send_replace(Some((begun, Arc::new(whole.rows))));
                }
                sleep(SCAN_EVERY).await;
            }
        });
        Self {
            run,
            table,
            gateway: books::gateway(&aws, &place).await.expect("the gateway"),
            cases: books::cases(&aws, &place).await.expect("the cases"),
            http: reqwest::Client::new(),
            pictures,
            scan,
        }
    }

    pub(super) fn bank<R>(&self, act: impl FnOnce(&mut Bank, u64) -> R) -> R {
        self.run.stack.payments().with(act)
    }

    pub(super) fn now_ms(&self) -> u64 {
        Ambient::system().now_ms()
    }

    /// The charges of an order, oldest first.
    pub(super) fn charges(&self, order: &str) -> Vec<Transaction> {
        self.bank(|bank, _| {
            let all = bank.transactions();
            all.filter(|tx| tx.order_id == order).cloned().collect()
        })
    }

    /// Asks until it is so, or says why it never was.
    pub(super) async fn until<T>(
        &self,
        ask: impl AsyncFn() -> Result<T, String>,
    ) -> Result<T, String> {
        let end = Instant::now() + PATIENCE;
        loop {
            match ask().await {
                Ok(answer) => return Ok(answer),
                Err(flaw) if Instant::now() > end => return Err(flaw),
                Err(_) => sleep(LOOK_EVERY).await,
            }
        }
    }

    /// Rows that were read after now.
    pub(super) async fn rows(&self) -> Result<Arc<Rows>, String> {
        let asked = Instant::now();
        let mut pictures = self.pictures.clone();
        let fresh = pictures.wait_for(|picture| {
            let begun = picture.as_ref().map(|(begun, _)| *begun);
            begun.is_some_and(|begun| begun >= asked)
        });
        let fresh = tokio::time::timeout(PATIENCE, fresh).await;
        match fresh {
            Ok(Ok(picture)) => Ok(picture.as_ref().map(|(_, r)| r.clone()).unwrap_or_default()),
            _ => Err("the rows can't be read".to_owned()),
        }
    }

    /// As [`World::until`], of all rows.
    pub(super) async fn until_rows<T>(
        &self,
        look: impl Fn(&Rows) -> Result<T, String>,
    ) -> Result<T, String> {
        let ask = async || look(&*self.rows().await?);
        self.until(ask).await
    }

    /// The bodies of an order's notifications that the gateway lost.
    pub(super) async fn lost_notifications(&self, order: &str) -> Result<Vec<String>, String> {
        let url = format!("{}/sandbox/notifications", self.run.stack.sandbox);
        let answer = self.http.get(url).send().await.map_err(|e| e.to_string())?;
        let all: Value = answer.json().await.map_err(|e| e.to_string())?;
        let all = all["notifications"].as_array().cloned().unwrap_or_default();
        let lost = all.iter().filter(|told| {
            let tried = told["attempts"].as_array().is_some_and(|a| !a.is_empty());
            told["order_id"] == order && told["due_ms"].is_null() && told["held"] == false && !tried
        });
        let bodies = lost.filter_map(|told| told["body"].as_str());
        Ok(bodies.map(str::to_owned).collect())
    }

    /// Sends a notification as anybody may; gives the status and what was said.
    ///
    /// # Errors
    /// When no answer came.
    pub async fn notify(
        &self,
        content_type: &str,
        body: impl Into<reqwest::Body>,
    ) -> Result<(u16, Value), String> {
        let url = format!("{}/v1/payments/midtrans/notifications", self.run.stack.api);
        let mut request = self.http.post(url).body(body);
        if !content_type.is_empty() {
            request = request.header("content-type", content_type);
        }
        let answer = request.send().await.map_err(|e| e.to_string())?;
        let status = answer.status().as_u16();
        Ok((status, answer.json().await.unwrap_or_default()))
    }

    /// Waits until the gateway has nothing more to tell.
    pub(super) async fn all_is_told(&self) -> Result<(), String> {
        let quiet = || {
            let due = self.bank(|bank, _| bank.waiting_notifications());
            (due == 0)
                .then_some(())
                .ok_or_else(|| format!("{due} notifications are still to be delivered"))
        };
        self.until(async || quiet()).await
    }
}
