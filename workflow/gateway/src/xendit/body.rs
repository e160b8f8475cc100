//! The JSON of a payment request and of a refund.
//! <https://developers.xendit.co/api-reference/payments-api/#create-payment-request>

use super::read::Wanted;
use crate::{ChargeRequest, Error, Method, RefundRequest};
use jiff::Timestamp;
use serde::Serialize;

/// What a bank shows as the virtual account's name. Letters only: some banks refuse others.
const ACCOUNT_NAME: &str = "E METERAI";

#[derive(Serialize)]
pub(super) struct Nothing {}

#[derive(Serialize)]
pub(super) struct Charge<'a> {
    reference_id: &'a str,
    amount: u64,
    currency: &'static str,
    country: &'static str,
    payment_method: PaymentMethod<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<&'a str>,
}

#[derive(Serialize)]
struct PaymentMethod<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    reusability: &'static str,
    /// The order's again, so that events of the payment method name it too.
    reference_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    qr_code: Option<Channel>,
    #[serde(skip_serializing_if = "Option::is_none")]
    virtual_account: Option<Channel>,
}

#[derive(Serialize)]
struct Channel {
    channel_code: String,
    channel_properties: Properties,
}

#[derive(Serialize)]
struct Properties {
    #[serde(skip_serializing_if = "Option::is_none")]
    customer_name: Option<&'static str>,
    expires_at: String,
}

impl<'a> Charge<'a> {
    pub(super) fn new(request: &'a ChargeRequest) -> Result<Self, Error> {
        let channel = |channel_code: String, customer_name| {
            Ok::<_, Error>(Some(Channel {
                channel_code,
                channel_properties: Properties {
                    customer_name,
                    expires_at: instant(request.expires_at_ms)?,
                },
            }))
        };
        let (kind, qr_code, virtual_account) = match request.method {
            Method::Qris => ("QR_CODE", channel("QRIS".to_owned(), None)?, None),
            Method::BankTransfer { bank } => {
                let code = bank.as_str().to_ascii_uppercase();
                ("VIRTUAL_ACCOUNT", None, channel(code, Some(ACCOUNT_NAME))?)
            }
        };
        Ok(Self {
            reference_id: &request.order_id,
            amount: request.gross_amount.get(),
            currency: "IDR",
            country: "ID",
            payment_method: PaymentMethod {
                kind,
                reusability: "ONE_TIME_USE",
                reference_id: &request.order_id,
                qr_code,
                virtual_account,
            },
            description: request.item_name.as_deref(),
        })
    }
}

fn instant(at_ms: u64) -> Result<String, Error> {
    i64::try_from(at_ms)
        .ok()
        .and_then(|at_ms| Timestamp::from_millisecond(at_ms).ok())
        .map(|instant| instant.to_string())
        .ok_or(Error::InvalidRequest {
            field: "expires_at_ms",
            reason: "is no time",
        })
}

#[derive(Serialize)]
pub(super) struct Refund<'a> {
    payment_request_id: &'a str,
    reference_id: &'a str,
    amount: u64,
    currency: &'static str,
    reason: &'static str,
    metadata: Metadata<'a>,
}

/// Comes back in the refund's events, which do not name the order otherwise.
#[derive(Serialize)]
struct Metadata<'a> {
    order_id: &'a str,
    reason: &'a str,
}

impl<'a> Refund<'a> {
    pub(super) fn new(wanted: &'a Wanted, request: &'a RefundRequest) -> Self {
        Self {
            payment_request_id: &wanted.id,
            reference_id: &request.refund_key,
            amount: request.amount.get(),
            currency: "IDR",
            // One of a fixed list; ours is in the metadata.
            reason: "OTHERS",
            metadata: Metadata {
                order_id: &wanted.order_id,
                reason: &request.reason,
            },
        }
    }
}
