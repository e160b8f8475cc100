//! The audit of a stack, whichever way it is reached.

use crate::Error;
use bubuh_core::audit::Report;
use bubuh_gateway::{Http, Midtrans, SecretString};
use bubuh_steps::audit::Auditor;
use bubuh_store::{Ambient, Aws};
use std::time::Duration;

/// Where the books are.
#[derive(Clone, Debug)]
pub struct Place {
    /// The table's name.
    pub table: String,
    /// The bucket of uploads.
    pub uploads: String,
    /// The bucket of stamped files.
    pub stamped: String,
    /// The payment gateway.
    pub gateway: String,
    /// The secret with the gateway's key.
    pub gateway_secret: String,
}

/// Reads everything and checks every invariant.
///
/// # Errors
/// [`Error::Audit`] when something can't be read.
pub async fn audit(aws: &Aws, place: &Place, in_flight_ms: u64) -> Result<Report, Error> {
    let failed = |e: String| Error::Audit { detail: e };
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
    let gateway = Midtrans::new(&place.gateway, SecretString::from(key.to_owned()), http);
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

/// The report for a person.
#[must_use]
pub fn text(report: &Report) -> String {
    let c = &report.counts;
    let mut text = format!(
        "orders {} ({} credited), payments {}, refunds {}, documents {} ({} stamped, {} files), \
         serials {}, ledger entries {}, open cases {}, in flight {}\n\
         captured {} = stamps owed {} + stamps delivered {} + refunds payable {} + refunded {}",
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
