//! The report's rows as CSV, for a spreadsheet.

use super::day;
use bubuh_core::{
    Rupiah,
    payment::Method,
    settlement::report::{Kind, Match, Report, Row},
};

const COLUMNS: [&str; 17] = [
    "kind",
    "order_id",
    "transaction_id",
    "name",
    "method",
    "time_wib",
    "ledger_amount",
    "gateway_amount",
    "settlement_file",
    "settlement_line",
    "settlement_gross",
    "settlement_fee",
    "settlement_net",
    "settled_at_wib",
    "state",
    "break",
    "difference",
];

/// One line for each payment, refund and chargeback, and for each other break.
///
/// # Errors
/// When a line can't be written; a buffer in memory takes all.
pub fn rows(report: &Report) -> Result<Vec<u8>, csv::Error> {
    let mut writer = csv::WriterBuilder::new().from_writer(Vec::new());
    writer.write_record(COLUMNS)?;
    for row in &report.rows {
        writer.write_record(fields(row).map(|field| inert(&field)))?;
    }
    writer.into_inner().map_err(|e| e.into_error().into())
}

fn fields(row: &Row) -> [String; COLUMNS.len()] {
    let amount = |amount: Option<Rupiah>| amount.map_or_else(String::new, |a| a.get().to_string());
    let paid = row.paid.as_ref();
    let brings = row.kind == Kind::Payment;
    let net = paid.and_then(|p| {
        let net = if brings {
            p.gross.minus(p.fee)
        } else {
            p.gross.plus(p.fee)
        };
        net.ok()
    });
    let difference = match (paid, row.booked) {
        (Some(paid), Some(booked)) if paid.gross != booked => {
            (i128::from(paid.gross.get()) - i128::from(booked.get())).to_string()
        }
        _ => String::new(),
    };
    [
        kind(row.kind).to_owned(),
        row.order
            .map_or_else(String::new, |order| order.to_string()),
        row.transaction.clone(),
        row.name.clone(),
        row.method.map_or("", method).to_owned(),
        day::time(row.at_ms),
        amount(row.booked),
        amount(row.gateway),
        paid.map_or_else(String::new, |p| p.line.statement.to_string()),
        paid.map_or_else(String::new, |p| p.line.number.to_string()),
        amount(paid.map(|p| p.gross)),
        amount(paid.map(|p| p.fee)),
        amount(net),
        paid.map_or_else(String::new, |p| day::time(p.at_ms)),
        state(row.state).to_owned(),
        row.breaks.join(" "),
        difference,
    ]
}

/// A text that a spreadsheet would take for a formula is made a plain one. Our own numbers are left alone.
pub(crate) fn inert(field: &str) -> String {
    let number = field.parse::<i128>().is_ok();
    if !number && field.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        format!("'{field}")
    } else {
        field.to_owned()
    }
}

pub(super) const fn kind(kind: Kind) -> &'static str {
    match kind {
        Kind::Payment => "payment",
        Kind::Chargeback => "chargeback",
        Kind::Refund => "refund",
        Kind::Other => "other",
    }
}

const fn method(method: Method) -> &'static str {
    match method {
        Method::Qris => "qris",
        Method::BankTransfer => "bank_transfer",
    }
}

const fn state(state: Match) -> &'static str {
    match state {
        Match::Matched => "matched",
        Match::Waiting => "waiting",
        Match::Broken => "broken",
    }
}

#[cfg(test)]
mod tests {
    use super::inert;

    #[test]
    fn what_a_spreadsheet_would_run_is_made_plain() {
        for formula in ["=1+1", "+1+1", "-cmd", "@x", "\tx"] {
            assert_eq!(inert(formula), format!("'{formula}"));
        }
        for plain in ["-1000", "a=b", "", "10"] {
            assert_eq!(inert(plain), plain);
        }
    }
}
