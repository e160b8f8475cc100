//! The audit of everything: the table's invariants, the gateway's word, and the stored files.

use crate::error::Error;
use bubuh_core::{
    audit::{Breach, Report, audit},
    document::{Document, DocumentState},
    id::Sha256,
    order::Order,
    payment::Payment,
    refund::{Made, Refund, RefundState},
};
use bubuh_gateway::{Gateway, Status};
use bubuh_store::{Ambient, Files, Table, files::Standing};
use std::collections::{BTreeMap, BTreeSet};

/// Differences with the gateway that are younger than this are on their way, in milliseconds.
pub const IN_FLIGHT_MS: u64 = 10 * 60 * 1000;
/// How often a breach must be seen before it is believed: a read of the whole table is no snapshot.
const LOOKS: usize = 3;

/// What the audit reads.
pub struct Auditor<'a, G> {
    /// The table.
    pub table: &'a Table,
    /// The buckets.
    pub files: &'a Files,
    /// The gateway.
    pub gateway: &'a G,
    /// The clock.
    pub ambient: &'a Ambient,
    /// See [`IN_FLIGHT_MS`]; zero when nothing can be under way.
    pub in_flight_ms: u64,
}

impl<G: Gateway> Auditor<'_, G> {
    /// Counts and breaches. A breach is reported when it is seen at every look.
    ///
    /// # Errors
    /// When something can't be read.
    pub async fn audit(&self) -> Result<Report, Error> {
        let mut believed: Option<BTreeSet<Breach>> = None;
        let mut report = Report::default();
        for _ in 0..LOOKS {
            report = self.look().await?;
            let seen: BTreeSet<Breach> = report.breaches.drain(..).collect();
            let still: BTreeSet<Breach> = match believed {
                None => seen,
                Some(before) => before.intersection(&seen).cloned().collect(),
            };
            let clean = still.is_empty();
            believed = Some(still);
            if clean {
                break;
            }
        }
        report.breaches = believed.unwrap_or_default().into_iter().collect();
        Ok(report)
    }

    async fn look(&self) -> Result<Report, Error> {
        let whole = self.table.whole().await?;
        let rows = &whole.rows;
        let mut report = audit(rows);
        for order in &rows.orders {
            let paid: Vec<&Payment> = rows
                .payments
                .iter()
                .filter(|p| p.order == order.id)
                .collect();
            self.order(order, &paid, &mut report).await?;
        }
        for payment in &rows.payments {
            let refunds: Vec<&Refund> = rows
                .refunds
                .iter()
                .filter(|r| r.transaction == payment.transaction)
                .collect();
            self.payment(payment, &refunds, &mut report).await?;
        }
        self.outputs(&rows.documents, &mut report).await?;
        Ok(report)
    }

    async fn status(&self, id: &str) -> Result<Option<Status>, Error> {
        match self.gateway.status(id).await {
            Ok(status) => Ok(Some(status)),
            Err(bubuh_gateway::Error::NotFound { .. }) => Ok(None),
            Err(e) => Err(e.into()),
        }
    }

    /// What the gateway captured for an order is booked here.
    async fn order(
        &self,
        order: &Order,
        paid: &[&Payment],
        report: &mut Report,
    ) -> Result<(), Error> {
        let Some(status) = self.status(&order.id.to_string()).await? else {
            return Ok(());
        };
        let known = paid
            .iter()
            .any(|p| p.transaction.as_str() == status.transaction_id);
        if !status.captured() || known {
            return Ok(());
        }
        let settled_ms = status.settled_at_ms.unwrap_or(order.created_at_ms);
        if self.ambient.now_ms().saturating_sub(settled_ms) < self.in_flight_ms {
            report.counts.in_flight = report.counts.in_flight.saturating_add(1);
        } else {
            report.breach(
                "what the gateway captured is booked",
                order.id,
                format!("{} of {}", status.gross_amount, status.transaction_id),
            );
        }
        Ok(())
    }

    /// What is booked here is what the gateway shows, to the rupiah, both ways.
    async fn payment(
        &self,
        payment: &Payment,
        refunds: &[&Refund],
        report: &mut Report,
    ) -> Result<(), Error> {
        let subject = &payment.transaction;
        let Some(status) = self.status(subject.as_str()).await? else {
            report.breach(
                "the gateway knows what is booked",
                subject,
                "unknown there".to_owned(),
            );
            return Ok(());
        };
        if !status.captured() || status.gross_amount != payment.amount {
            report.breach(
                "the gateway captured what is booked",
                subject,
                format!(
                    "{} booked, {} {:?} there",
                    payment.amount, status.gross_amount, status.transaction_status
                ),
            );
        }
        let ours = refunds
            .iter()
            .filter(|r| r.state == RefundState::Refunded)
            .filter(|r| matches!(r.made, None | Some(Made::Elsewhere(_))))
            .try_fold(bubuh_core::Rupiah::ZERO, |sum, r| sum.plus(r.amount))?;
        let under_way = refunds.iter().any(|r| r.state == RefundState::Sent);
        if status.refunded != ours && under_way {
            report.counts.in_flight = report.counts.in_flight.saturating_add(1);
        } else if status.refunded != ours {
            report.breach(
                "the gateway refunded what is booked",
                subject,
                format!("{ours} booked, {} there", status.refunded),
            );
        }
        Ok(())
    }

    /// Each stamped document has its one file, whole, and nobody else has one.
    async fn outputs(&self, documents: &[Document], report: &mut Report) -> Result<(), Error> {
        let mut expected: BTreeMap<String, &Document> = BTreeMap::new();
        let mut under_way: BTreeSet<String> = BTreeSet::new();
        for document in documents {
            match document.stamped() {
                Some((key, _)) => drop(expected.insert(key, document)),
                None if document.is_erased() && !document.is_being_erased() => {}
                None => under_way.extend(document.output_key()),
            }
        }
        for key in self.files.output_keys().await? {
            let Some(Standing::File(bytes)) = self.files.output(&key).await? else {
                continue;
            };
            match expected.remove(key.as_str()).map(|d| &d.output) {
                Some(Some(output)) if output.sha256 == Sha256::of(&bytes) => {
                    report.counts.files = report.counts.files.saturating_add(1);
                }
                Some(_) => report.breach(
                    "a stored file is the committed one",
                    key,
                    "its digest differs".to_owned(),
                ),
                None if under_way.contains(&key) => {}
                None => report.breach(
                    "a stored file is a stamped document's",
                    key,
                    "no such document".to_owned(),
                ),
            }
        }
        for (key, document) in expected {
            if document.state == DocumentState::Stamped {
                report.breach(
                    "a stamped document's file is there",
                    key,
                    "nothing is stored".to_owned(),
                );
            }
        }
        Ok(())
    }
}
