//! The JSON of a charge and of a refund. <https://docs.midtrans.com/reference/qris>

use crate::{ChargeRequest, Method, RefundRequest};
use serde::Serialize;

#[derive(Serialize)]
pub(super) struct Charge<'a> {
    payment_type: &'static str,
    transaction_details: Details<'a>,
    custom_expiry: Expiry,
    #[serde(skip_serializing_if = "Option::is_none")]
    qris: Option<Qris>,
    #[serde(skip_serializing_if = "Option::is_none")]
    bank_transfer: Option<BankTransfer>,
    #[serde(skip_serializing_if = "Option::is_none")]
    item_details: Option<[Item<'a>; 1]>,
}

#[derive(Serialize)]
struct Details<'a> {
    order_id: &'a str,
    gross_amount: u64,
}

#[derive(Serialize)]
struct Expiry {
    expiry_duration: u32,
    unit: &'static str,
}

#[derive(Serialize)]
struct Qris {
    acquirer: &'static str,
}

#[derive(Serialize)]
struct BankTransfer {
    bank: &'static str,
}

#[derive(Serialize)]
struct Item<'a> {
    id: &'static str,
    price: u64,
    quantity: u32,
    name: &'a str,
}

impl<'a> From<&'a ChargeRequest> for Charge<'a> {
    fn from(request: &'a ChargeRequest) -> Self {
        let gross_amount = request.gross_amount.get();
        let (payment_type, qris, bank_transfer) = match request.method {
            Method::Qris => ("qris", Some(Qris { acquirer: "gopay" }), None),
            Method::BankTransfer { bank } => {
                let bank = bank.as_str();
                ("bank_transfer", None, Some(BankTransfer { bank }))
            }
        };
        Self {
            payment_type,
            transaction_details: Details {
                order_id: &request.order_id,
                gross_amount,
            },
            custom_expiry: Expiry {
                expiry_duration: request.expiry_minutes,
                unit: "minute",
            },
            qris,
            bank_transfer,
            // One line of the whole amount: the gateway wants the lines to add up to it.
            item_details: request.item_name.as_deref().map(|name| {
                [Item {
                    id: "e-meterai",
                    price: gross_amount,
                    quantity: 1,
                    name,
                }]
            }),
        }
    }
}

#[derive(Serialize)]
pub(super) struct Refund<'a> {
    refund_key: &'a str,
    amount: u64,
    reason: &'a str,
}

impl<'a> From<&'a RefundRequest> for Refund<'a> {
    fn from(request: &'a RefundRequest) -> Self {
        Self {
            refund_key: &request.refund_key,
            amount: request.amount.get(),
            reason: &request.reason,
        }
    }
}
