//! The audit of a stack, whichever way it is reached.

use crate::Error;
use bubuh_core::{audit::Report, settlement::Rates};
use bubuh_gateway::{AnyGateway, Http, SecretString};
use bubuh_steps::{Cases, Desk, Line, audit::Auditor};
use bubuh_store::{Ambient, Aws, QueueUrls, settings};
use std::time::Duration;

/// A day in milliseconds.
pub(crate) const DAY_MS: u64 = 24 * 60 * 60 * 1000;

/// Where the books are.
#[derive(Clone, Debug)]
pub struct Place {
    /// The table's name.
    pub table: String,
    /// The bucket of uploads.
    pub uploads: String,
    /// The bucket of stamped files.
    pub stamped: String,
    /// The payment gateway's name; `midtrans` if empty.
    pub gateway_name: String,
    /// The payment gateway.
    pub gateway: String,
    /// The secret with the gateway's key.
    pub gateway_secret: String,
    /// The queues.
    pub queues: QueueUrls,
    /// The refund state machine.
    pub refund_machine: String,
    /// The bucket of settlement files; empty if there is none.
    pub settlements: String,
    /// How long the gateway may take to pay a payment out, in milliseconds.
    pub settle_within_ms: Option<u64>,
    /// The fees that are agreed with it.
    pub rates: Rates,
}

impl Place {
    /// As the functions' environment says; none when it says nothing.
    #[must_use]
    pub fn from_env() -> Option<Self> {
        let read = |name| std::env::var(name).ok().filter(|value| !value.is_empty());
        Some(Self {
            table: read("TABLE")?,
            uploads: read("UPLOADS_BUCKET")?,
            stamped: read("STAMPED_BUCKET")?,
            gateway_name: read("GATEWAY").unwrap_or_default(),
            gateway: read("GATEWAY_BASE_URL")?,
            gateway_secret: read("GATEWAY_SECRET_ARN")?,
            queues: QueueUrls::from_env().unwrap_or_default(),
            refund_machine: read("REFUND_STATE_MACHINE_ARN").unwrap_or_default(),
            settlements: read("SETTLEMENTS_BUCKET").unwrap_or_default(),
            settle_within_ms: settings::settle_within_ms().ok().flatten(),
            rates: settings::rates().unwrap_or_default(),
        })
    }
}

/// Reads everything and checks every invariant.
///
/// # Errors
/// [`Error::Audit`] when something can't be read.
pub async fn audit(aws: &Aws, place: &Place, in_flight_ms: u64) -> Result<Report, Error> {
    let gateway = gateway(aws, place).await?;
    Auditor {
        table: &aws.table(&place.table),
        files: &aws.files(&place.uploads, &place.stamped),
        gateway: &gateway,
        ambient: &Ambient::system(),
        in_flight_ms,
    }
    .audit()
    .await
    .map_err(|e| failed(e.to_string()))
}

fn failed(detail: String) -> Error {
    Error::Audit { detail }
}

/// The payment gateway's client, with its key.
///
/// # Errors
/// [`Error::Audit`] when the key can't be read, or there is no such gateway.
pub async fn gateway(aws: &Aws, place: &Place) -> Result<AnyGateway<Http>, Error> {
    let secret = aws
        .secret(&place.gateway_secret)
        .await
        .map_err(|e| failed(e.to_string()))?;
    let secret: serde_json::Value = serde_json::from_str(&secret)
        .map_err(|_| failed("the gateway's secret is no JSON".to_owned()))?;
    let key = secret
        .get("server_key")
        .and_then(serde_json::Value::as_str)
        .unwrap_or_default();
    let http = Http::new(Duration::from_secs(3), Duration::from_secs(10))
        .map_err(|e| failed(e.to_string()))?;
    let name = match place.gateway_name.as_str() {
        "" => "midtrans",
        name => name,
    };
    let key = SecretString::from(key.to_owned());
    AnyGateway::named(name, &place.gateway, key, http)
        .ok_or_else(|| failed("there is no such gateway".to_owned()))
}

/// What a person at the cases uses.
///
/// # Errors
/// As [`gateway`].
pub async fn cases(aws: &Aws, place: &Place) -> Result<Cases<AnyGateway<Http>>, Error> {
    let (table, ambient) = (aws.table(&place.table), Ambient::system());
    Ok(Cases {
        desk: Desk {
            table: table.clone(),
            files: aws.files(&place.uploads, &place.stamped),
            queues: aws.queues(place.queues.clone()),
            line: Line::new(table, ambient.clone()),
            ambient,
        },
        workflows: aws.workflows(&place.refund_machine),
        gateway: gateway(aws, place).await?,
    })
}

/// The report for a person.
#[must_use]
pub fn text(report: &Report) -> String {
    let c = &report.counts;
    let mut text = format!(
        "orders {} ({} credited), payments {}, refunds {}, documents {} ({} stamped, {} files), \
         serials {}, ledger entries {}, open cases {}, in flight {}\n\
         captured {} = stamps owed {} + stamps delivered {} + refunds payable {} + refunded {} \
         + charged back {} - losses {} (disputed {})\n\
         paid out {}, fees {}, written off {}",
        c.orders,
        c.credited,
        c.payments,
        c.refunds,
        c.documents,
        c.stamped,
        c.files,
        c.serials,
        c.entries,
        c.cases,
        c.in_flight,
        c.captured,
        c.stamps_owed,
        c.stamps_delivered,
        c.refunds_payable,
        c.refunded,
        c.charged_back,
        c.losses,
        c.disputed,
        c.settled,
        c.gateway_fees,
        c.written_off,
    );
    for breach in &report.breaches {
        text.push_str(&format!(
            "\nBREACH {}: {}: {}",
            breach.invariant, breach.subject, breach.detail
        ));
    }
    if report.breaches.is_empty() {
        text.push_str("\nevery invariant holds");
    }
    text
}
