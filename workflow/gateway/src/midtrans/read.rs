//! What a reply says of a transaction. <https://docs.midtrans.com/reference>

use crate::{
    Error, FraudStatus, Instructions, RefundSeen, Status, TransactionStatus, reply::Reply,
};
use bubuh_core::payment::Method;
use jiff::{civil::DateTime, tz::Offset};

pub(super) fn status(reply: &Reply, code: u16) -> Result<Status, Error> {
    let refunds = reply
        .list("refunds")
        .iter()
        .map(|entry| {
            Ok(RefundSeen {
                refund_key: entry.text("refund_key").filter(|key| !key.is_empty()),
                amount: entry.amount("refund_amount")?,
            })
        })
        .collect::<Result<Vec<_>, Error>>()?;
    let refunded = match reply.text("refund_amount") {
        Some(_) => reply.amount("refund_amount")?,
        None => RefundSeen::sum(&refunds)?,
    };
    Ok(Status {
        order_id: reply.required("order_id")?,
        transaction_id: reply.required("transaction_id")?,
        transaction_status: coded(word(&reply.required("transaction_status")?), code),
        fraud_status: reply
            .text("fraud_status")
            .filter(|text| !text.is_empty())
            .map(|text| fraud(&text)),
        gross_amount: reply.amount("gross_amount")?,
        method: match reply.text("payment_type").as_deref() {
            Some("qris") => Some(Method::Qris),
            Some("bank_transfer") => Some(Method::BankTransfer),
            _ => None,
        },
        refunds,
        refunding: Vec::new(),
        refunded,
        charged_at_ms: time_ms(reply, "transaction_time"),
        expires_at_ms: time_ms(reply, "expiry_time"),
        settled_at_ms: time_ms(reply, "settlement_time"),
        instructions: instructions(reply),
    })
}

/// A word that tells of money counts only with the code 200.
fn coded(word: TransactionStatus, code: u16) -> TransactionStatus {
    use TransactionStatus as Word;
    match word {
        Word::Settlement | Word::Capture | Word::Refund | Word::PartialRefund if code != 200 => {
            Word::Unknown(format!("{word:?} with {code}"))
        }
        word => word,
    }
}

pub(crate) fn word(text: &str) -> TransactionStatus {
    use TransactionStatus as Word;
    match text {
        "pending" => Word::Pending,
        "authorize" => Word::Authorize,
        "capture" => Word::Capture,
        "settlement" => Word::Settlement,
        "deny" => Word::Deny,
        "cancel" => Word::Cancel,
        "expire" => Word::Expire,
        "failure" => Word::Failure,
        "refund" => Word::Refund,
        "partial_refund" => Word::PartialRefund,
        "chargeback" => Word::Chargeback,
        "partial_chargeback" => Word::PartialChargeback,
        other => Word::Unknown(other.to_owned()),
    }
}

fn fraud(text: &str) -> FraudStatus {
    match text {
        "accept" => FraudStatus::Accept,
        "deny" => FraudStatus::Deny,
        "challenge" => FraudStatus::Challenge,
        other => FraudStatus::Unknown(other.to_owned()),
    }
}

/// A time such as "2021-07-06 17:23:49", always in GMT+7.
/// <https://docs.midtrans.com/reference/expire-transaction>
pub(super) fn time_ms(reply: &Reply, field: &str) -> Option<u64> {
    let local: DateTime = reply.text(field)?.parse().ok()?;
    let instant = Offset::constant(7).to_timestamp(local).ok()?;
    u64::try_from(instant.as_millisecond()).ok()
}

pub(super) fn code(reply: &Reply) -> Option<u16> {
    reply.text("status_code")?.parse().ok()
}

pub(super) fn instructions(reply: &Reply) -> Option<Instructions> {
    if let Some(number) = reply.text("permata_va_number") {
        let bank = "permata".to_owned();
        return Some(Instructions::VirtualAccount { bank, number });
    }
    if let Some(account) = reply.list("va_numbers").first() {
        return Some(Instructions::VirtualAccount {
            bank: account.text("bank")?,
            number: account.text("va_number")?,
        });
    }
    let qr_string = reply.text("qr_string").filter(|text| !text.is_empty());
    let qr_url = reply
        .list("actions")
        .iter()
        .find(|action| action.text("name").as_deref() == Some("generate-qr-code"))
        .and_then(|action| action.text("url"));
    (qr_string.is_some() || qr_url.is_some()).then_some(Instructions::Qris { qr_string, qr_url })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_in_the_gateways_zone() {
        let reply = Reply::parse(
            br#"{"t":"1970-01-01 07:00:01","bad":"tomorrow","early":"1960-01-01 00:00:00"}"#,
        )
        .unwrap();
        assert_eq!(time_ms(&reply, "t"), Some(1_000));
        assert_eq!(time_ms(&reply, "bad"), None);
        assert_eq!(time_ms(&reply, "early"), None);
        assert_eq!(time_ms(&reply, "absent"), None);
    }
}
