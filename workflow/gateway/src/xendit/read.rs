//! What replies say of a payment request, its payments and its refunds.

use crate::{Error, Instructions, RefundSeen, Status, TransactionStatus, check, reply::Reply};
use bubuh_core::{Rupiah, payment::Method};
use jiff::Timestamp;

/// A payment request: what is wanted of the buyer.
#[derive(Debug, Clone)]
pub(super) struct Wanted {
    pub(super) id: String,
    pub(super) order_id: String,
    pub(super) amount: Rupiah,
    /// The payment method, which is the code or the account.
    pub(super) method_id: String,
    method: Option<Method>,
    word: String,
    pub(super) created_at_ms: Option<u64>,
    pub(super) expires_at_ms: Option<u64>,
    pub(super) instructions: Option<Instructions>,
}

impl Wanted {
    pub(super) fn read(reply: &Reply) -> Result<Self, Error> {
        in_rupiah(reply)?;
        let paid_by = reply
            .object("payment_method")
            .ok_or_else(|| Error::MalformedReply("no payment_method".to_owned()))?;
        let (method, place) = match paid_by.text("type").as_deref() {
            Some("QR_CODE") => (Some(Method::Qris), "qr_code"),
            Some("VIRTUAL_ACCOUNT") => (Some(Method::BankTransfer), "virtual_account"),
            _ => (None, ""),
        };
        let channel = paid_by.object(place);
        let properties = channel
            .as_ref()
            .and_then(|channel| channel.object("channel_properties"));
        let property = |name| {
            properties
                .as_ref()
                .and_then(|properties| properties.text(name))
        };
        let instructions = match method {
            Some(Method::Qris) => property("qr_string").map(|text| Instructions::Qris {
                qr_string: Some(text),
                qr_url: None,
            }),
            Some(Method::BankTransfer) => {
                let bank = channel.as_ref().and_then(|at| at.text("channel_code"));
                let number = property("virtual_account_number");
                bank.zip(number)
                    .map(|(bank, number)| Instructions::VirtualAccount {
                        bank: bank.to_ascii_lowercase(),
                        number,
                    })
            }
            None => None,
        };
        Ok(Self {
            id: id(reply, "id")?,
            order_id: reply.required("reference_id")?,
            amount: reply.amount("amount")?,
            method_id: id(&paid_by, "id")?,
            method,
            word: reply.required("status")?,
            created_at_ms: time_ms(reply, "created"),
            expires_at_ms: properties
                .as_ref()
                .and_then(|properties| time_ms(properties, "expires_at")),
            instructions,
        })
    }

    pub(super) fn says_paid(&self) -> bool {
        self.word == "SUCCEEDED"
    }
}

/// Money that a buyer paid, or tried to.
#[derive(Debug, Clone)]
pub(super) struct Payment {
    /// For which payment request.
    pub(super) of: String,
    pub(super) succeeded: bool,
    amount: Rupiah,
    at_ms: Option<u64>,
}

impl Payment {
    pub(super) fn read(reply: &Reply) -> Result<Self, Error> {
        in_rupiah(reply)?;
        Ok(Self {
            of: reply.required("payment_request_id")?,
            succeeded: reply.required("status")? == "SUCCEEDED",
            amount: reply.amount("amount")?,
            at_ms: time_ms(reply, "created"),
        })
    }
}

/// Where a refund is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum RefundStatus {
    Made,
    UnderWay,
    /// With the gateway's words.
    Failed(String),
}

/// A refund.
#[derive(Debug, Clone)]
pub(super) struct Refund {
    pub(super) seen: RefundSeen,
    pub(super) status: RefundStatus,
}

impl Refund {
    /// A word not known here is under way: never made, never failed.
    pub(super) fn read(reply: &Reply) -> Result<Self, Error> {
        in_rupiah(reply)?;
        let status = match reply.required("status")?.as_str() {
            "SUCCEEDED" => RefundStatus::Made,
            word @ ("FAILED" | "CANCELLED") => RefundStatus::Failed(
                reply
                    .text("failure_code")
                    .unwrap_or_else(|| word.to_owned()),
            ),
            _ => RefundStatus::UnderWay,
        };
        Ok(Self {
            seen: RefundSeen {
                refund_key: reply.text("reference_id").filter(|key| !key.is_empty()),
                amount: reply.amount("amount")?,
            },
            status,
        })
    }
}

/// Money counts by what came in and went out; without money the payment request's word counts.
pub(super) fn status(
    wanted: Wanted,
    payments: &[Payment],
    refunds: &[Refund],
) -> Result<Status, Error> {
    let overflow = |error: bubuh_core::Error| Error::MalformedReply(error.to_string());
    let came_in: Vec<&Payment> = payments.iter().filter(|paid| paid.succeeded).collect();
    let captured = came_in
        .iter()
        .try_fold(Rupiah::ZERO, |sum, paid| sum.plus(paid.amount))
        .map_err(overflow)?;
    let of = |status: RefundStatus| {
        let same = refunds.iter().filter(move |refund| refund.status == status);
        same.map(|refund| refund.seen.clone()).collect::<Vec<_>>()
    };
    let made = of(RefundStatus::Made);
    let refunded = RefundSeen::sum(&made)?;
    if came_in.is_empty() && wanted.says_paid() {
        // Its amount is what was wanted; what was paid is not shown yet.
        return Err(Error::MalformedReply("paid, and no payment".to_owned()));
    }
    Ok(Status {
        transaction_status: match came_in.is_empty() {
            true => unpaid(&wanted.word),
            false if refunded == Rupiah::ZERO => TransactionStatus::Settlement,
            false if refunded < captured => TransactionStatus::PartialRefund,
            false => TransactionStatus::Refund,
        },
        order_id: wanted.order_id,
        transaction_id: wanted.id,
        fraud_status: None,
        gross_amount: match came_in.is_empty() {
            true => wanted.amount,
            false => captured,
        },
        method: wanted.method,
        refunding: of(RefundStatus::UnderWay),
        refunds: made,
        refunded,
        charged_at_ms: wanted.created_at_ms,
        expires_at_ms: wanted.expires_at_ms,
        settled_at_ms: came_in.iter().filter_map(|paid| paid.at_ms).max(),
        instructions: wanted.instructions,
    })
}

fn unpaid(word: &str) -> TransactionStatus {
    match word {
        "PENDING" | "REQUIRES_ACTION" => TransactionStatus::Pending,
        "AWAITING_CAPTURE" => TransactionStatus::Authorize,
        "CANCELED" | "VOIDED" => TransactionStatus::Cancel,
        "EXPIRED" => TransactionStatus::Expire,
        "FAILED" => TransactionStatus::Failure,
        other => TransactionStatus::Unknown(other.to_owned()),
    }
}

/// An id that goes into a path later.
fn id(reply: &Reply, field: &'static str) -> Result<String, Error> {
    let id = reply.required(field)?;
    check::id(field, &id).map_err(|_| Error::MalformedReply(format!("{field} is no id")))?;
    Ok(id)
}

fn in_rupiah(reply: &Reply) -> Result<(), Error> {
    match reply.text("currency").as_deref() {
        None | Some("IDR") => Ok(()),
        Some(_) => Err(Error::MalformedReply("currency is not IDR".to_owned())),
    }
}

/// A time in ISO 8601, such as "2021-12-31T23:59:59Z".
fn time_ms(reply: &Reply, field: &str) -> Option<u64> {
    let instant: Timestamp = reply.text(field)?.parse().ok()?;
    u64::try_from(instant.as_millisecond()).ok()
}
