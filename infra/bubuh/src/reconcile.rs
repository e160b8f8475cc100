//! The daily three-way match: a settlement file read to its end, and the day's report.

pub mod csv;
pub mod day;
pub mod html;

use crate::{Error, books, books::Place};
use bubuh_core::{
    audit::Rows,
    id::{Sha256, TransactionId},
    settlement::{
        Statement, StatementState,
        report::{Day, GatewaySays, Report, Words, report},
    },
};
use bubuh_gateway::{AnyGateway, Gateway, Http};
use bubuh_steps::{Line, Sales, SettlementDesk};
use bubuh_store::{Ambient, Aws};
use futures::{StreamExt, stream};
use std::time::Duration;

/// Payments that the gateway is asked about together.
const ASKED_AT_ONCE: usize = 8;
/// Between two tries of a file whose lines can't all be booked now.
const PAUSE: Duration = Duration::from_secs(1);
/// How often it is tried before it is left to the sweep.
const TRIES: usize = 5;

fn failed(detail: impl ToString) -> Error {
    Error::Reconcile {
        detail: detail.to_string(),
    }
}

/// What reading settlement files uses, with the gateway.
///
/// # Errors
/// [`Error::Reconcile`] when the stack has no bucket for them, [`Error::Audit`] when the gateway's key can't
/// be read.
pub async fn desk(
    aws: &Aws,
    place: &Place,
) -> Result<(Sales<AnyGateway<Http>>, SettlementDesk), Error> {
    if place.settlements.is_empty() {
        return Err(failed("this stack has no bucket of settlement files"));
    }
    let (table, ambient) = (aws.table(&place.table), Ambient::system());
    let sales = Sales {
        line: Line::new(table.clone(), ambient.clone()),
        longest_wait_ms: None,
        table,
        queues: aws.queues(place.queues.clone()),
        workflows: aws.workflows(&place.refund_machine),
        gateway: books::gateway(aws, place).await?,
        ambient,
        unit_price: bubuh_core::money::DUTY,
        allowance: bubuh_core::money::Stamps::ZERO,
        settle_within_ms: place.settle_within_ms,
    };
    let desk = SettlementDesk {
        files: aws.settlements(&place.settlements),
        rates: place.rates,
        layout: bubuh_gateway::settlement::Layout::OURS,
        ask_always: false,
    };
    Ok((sales, desk))
}

/// Puts a file into the inbox and sees it read to its end. The sweep may read it at the same time: that
/// changes nothing. Gives the statement as it stands then.
///
/// # Errors
/// [`Error::Reconcile`] when it can't be stored, or not be read to its end now.
pub async fn read_file(
    aws: &Aws,
    place: &Place,
    (name, bytes): (&str, Vec<u8>),
) -> Result<Statement, Error> {
    let (sales, desk) = desk(aws, place).await?;
    let id = Statement::name_of(&Sha256::of(&bytes));
    desk.files.put(name, bytes).await.map_err(failed)?;
    let mut last = failed("the file was not taken up");
    for attempt in 0..TRIES {
        if attempt > 0 {
            tokio::time::sleep(PAUSE).await;
        }
        if let Err(error) = desk.take_up(&sales).await {
            last = failed(error);
        }
        match sales.table.statement(id).await.map_err(failed)? {
            None => continue,
            Some(row) if row.state != StatementState::Reading => return Ok(row),
            Some(_) => {}
        }
        if let Err(error) = desk.read_on(&sales, id, u64::MAX).await {
            last = failed(error);
        }
    }
    Err(last)
}

/// The report of a day, with the gateway's word of each payment that the day touched, if `ask`.
///
/// # Errors
/// [`Error::Reconcile`] when something can't be read.
pub async fn of_day(aws: &Aws, place: &Place, day: Day, ask: bool) -> Result<Report, Error> {
    let whole = aws.table(&place.table).whole().await.map_err(failed)?;
    let now_ms = Ambient::system().now_ms();
    let mut words = Words::new();
    if ask {
        let listed = report(&whole.rows, &words, day, now_ms).map_err(failed)?;
        words = asked(aws, place, &listed, &whole.rows).await?;
    }
    report(&whole.rows, &words, day, now_ms).map_err(failed)
}

async fn asked(aws: &Aws, place: &Place, listed: &Report, rows: &Rows) -> Result<Words, Error> {
    let gateway = &books::gateway(aws, place).await?;
    let known = rows.payments.iter().map(|p| &p.transaction);
    let touched = known.filter(|t| listed.rows.iter().any(|row| row.transaction == t.as_str()));
    let words: Vec<Result<_, Error>> = stream::iter(touched.cloned())
        .map(|transaction: TransactionId| async move {
            let word = match gateway.status(transaction.as_str()).await {
                Ok(status) => Some(GatewaySays {
                    captured: status.captured(),
                    amount: status.gross_amount,
                    refunded: status.refunded,
                }),
                Err(bubuh_gateway::Error::NotFound { .. }) => None,
                Err(e) => return Err(failed(e)),
            };
            Ok((transaction, word))
        })
        .buffer_unordered(ASKED_AT_ONCE)
        .collect()
        .await;
    words.into_iter().collect()
}
