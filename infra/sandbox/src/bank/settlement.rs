//! The settlement file: what the bank paid out, as CSV in Bubuh's layout, with faults on demand.

use super::{Bank, Payment, RefundState, Transaction};
use crate::answer::typed;
use bytes::Bytes;
use http::{Response, StatusCode};
use jiff::Timestamp;

/// What the bank keeps of a payment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fees {
    /// Of a QRIS payment, in hundredths of a percent: Indonesia's merchant discount rate is 0.7 %.
    pub qris_basis_points: u32,
    /// Of a transfer to a virtual account, in rupiah.
    pub transfer: u64,
}

impl Default for Fees {
    fn default() -> Self {
        Self {
            qris_basis_points: 70,
            transfer: 4_000,
        }
    }
}

impl Fees {
    fn of(&self, tx: &Transaction) -> u64 {
        match &tx.payment {
            Payment::BankTransfer { .. } => self.transfer,
            Payment::Qris { .. } => tx
                .captured
                .saturating_mul(u64::from(self.qris_basis_points))
                .div_euclid(10_000),
        }
    }
}

/// What is wrong with the next file, on purpose. Transactions are named by their id or order id.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SettlementFaults {
    /// Only what happened at this time or later, in milliseconds since the epoch.
    pub since_ms: u64,
    /// Payments that are left out.
    pub leave_out: Vec<String>,
    /// Payments that are there twice.
    pub double: Vec<String>,
    /// Payments with another amount.
    pub amount: Vec<(String, i64)>,
    /// Payments with another fee.
    pub fee: Vec<(String, i64)>,
    /// Payments whose refunds are left out.
    pub refund_missing: Vec<String>,
    /// Payments of nobody: how many.
    pub unknown: u32,
    /// A last line whose sum is wrong.
    pub wrong_total: bool,
}

impl SettlementFaults {
    /// As in a query: `leave_out=ID,ID&amount=ID:9000&unknown=1`.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn parse(query: &str) -> Result<Self, String> {
        let mut faults = Self::default();
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').ok_or_else(|| bad(pair))?;
            let list = || value.split(',').map(str::to_owned).collect::<Vec<_>>();
            let amounts = || {
                let each = value.split(',').map(|one| {
                    let (id, amount) = one.split_once(':')?;
                    Some((id.to_owned(), amount.parse().ok()?))
                });
                each.collect::<Option<Vec<_>>>().ok_or_else(|| bad(pair))
            };
            match name {
                "since_ms" => faults.since_ms = value.parse().map_err(|_| bad(pair))?,
                "leave_out" => faults.leave_out = list(),
                "double" => faults.double = list(),
                "amount" => faults.amount = amounts()?,
                "fee" => faults.fee = amounts()?,
                "refund_missing" => faults.refund_missing = list(),
                "unknown" => faults.unknown = value.parse().map_err(|_| bad(pair))?,
                "wrong_total" => faults.wrong_total = value == "1",
                _ => return Err(bad(pair)),
            }
        }
        Ok(faults)
    }
}

fn bad(pair: &str) -> String {
    format!("{pair} is no setting of a settlement file")
}

const HEADER: &str = "order_id,transaction_id,type,gross,fee,net,settled_at,reference\n";

/// The file while it is written.
#[derive(Default)]
struct File {
    text: String,
    gross: i64,
    fee: i64,
}

impl File {
    fn line(
        &mut self,
        (order, transaction, kind): (&str, &str, &str),
        (gross, fee): (i64, i64),
        at_ms: u64,
        reference: &str,
    ) {
        let net = gross.saturating_sub(fee);
        let at = i64::try_from(at_ms).ok();
        let at = at.and_then(|ms| Timestamp::from_millisecond(ms).ok());
        let at = at.map_or_else(String::new, |at| at.to_string());
        let line = format!("{order},{transaction},{kind},{gross},{fee},{net},{at},{reference}\n");
        self.text.push_str(&line);
        self.gross = self.gross.saturating_add(gross);
        self.fee = self.fee.saturating_add(fee);
    }
}

impl Bank {
    /// The settlement file of all that happened, with these faults.
    #[must_use]
    pub fn settlement(&self, faults: &SettlementFaults) -> String {
        let mut file = File::default();
        let since = |at_ms: u64| at_ms >= faults.since_ms;
        let rupiah = |amount: u64| i64::try_from(amount).unwrap_or(i64::MAX);
        for tx in self.transactions() {
            let Some(paid_ms) = tx.settled_at_ms else {
                continue;
            };
            let is = |id: &String| *id == tx.transaction_id || *id == tx.order_id;
            let other = |list: &[(String, i64)]| list.iter().find(|(id, _)| is(id)).map(|o| o.1);
            let names = |kind| (tx.order_id.as_str(), tx.transaction_id.as_str(), kind);
            if since(paid_ms) && !faults.leave_out.iter().any(is) {
                let amount = other(&faults.amount).unwrap_or_else(|| rupiah(tx.captured));
                let fee = self.settings.fees.of(tx);
                let fee = other(&faults.fee).unwrap_or_else(|| rupiah(fee));
                for _ in 0..=usize::from(faults.double.iter().any(is)) {
                    file.line(names("payment"), (amount, fee), paid_ms, "");
                }
            }
            let made = |r: &&super::Refund| r.state == RefundState::Made && since(r.at_ms);
            if !faults.refund_missing.iter().any(is) {
                for refund in tx.refunds.iter().filter(made) {
                    let amount = rupiah(refund.amount).saturating_neg();
                    file.line(
                        names("refund"),
                        (amount, 0),
                        refund.at_ms,
                        &refund.refund_key,
                    );
                }
            }
            if tx.charged_back > 0 {
                let amount = rupiah(tx.charged_back).saturating_neg();
                file.line(names("chargeback"), (amount, 0), paid_ms, "");
            }
        }
        for n in 1..=faults.unknown {
            let (order, paid) = (format!("other-{n}"), self.uuid(u64::MAX - u64::from(n)));
            file.line(
                (&order, &paid, "payment"),
                (20_000, 140),
                faults.since_ms,
                "",
            );
        }
        let gross = file.gross.saturating_add(i64::from(faults.wrong_total));
        let (fee, net) = (file.fee, gross.saturating_sub(file.fee));
        format!("{HEADER}{},,total,{gross},{fee},{net},,\n", file.text)
    }

    /// Answers `GET /sandbox/settlement.csv`.
    pub(super) fn settlement_file(&self, query: &str) -> Response<Bytes> {
        match SettlementFaults::parse(query) {
            Ok(faults) => {
                let file = self.settlement(&faults).into_bytes();
                typed(StatusCode::OK, "text/csv", file)
            }
            Err(words) => typed(StatusCode::BAD_REQUEST, "text/plain", words.into_bytes()),
        }
    }
}
