//! `POST /v2/charge`.

use super::{Api, Bank, LARGEST_RUPIAH, State, Transaction, answer::Refusal, open::Opening, wire};
use serde::Deserialize;
use serde_json::Value;

const MINUTE_MS: u64 = 60_000;
/// The real gateway's defaults: 15 minutes for a code, 24 hours for an account.
const QRIS_EXPIRY_MS: u64 = 15 * MINUTE_MS;
const ACCOUNT_EXPIRY_MS: u64 = 24 * 60 * MINUTE_MS;
const BANKS: [&str; 5] = ["bca", "bni", "bri", "cimb", "permata"];

#[derive(Deserialize)]
struct Charge {
    payment_type: String,
    transaction_details: Details,
    #[serde(default)]
    bank_transfer: Option<BankTransfer>,
    #[serde(default)]
    custom_expiry: Option<Expiry>,
    #[serde(default)]
    item_details: Vec<Item>,
}

#[derive(Deserialize)]
struct Details {
    order_id: String,
    gross_amount: u64,
}

#[derive(Deserialize)]
struct BankTransfer {
    bank: String,
}

#[derive(Deserialize)]
struct Expiry {
    expiry_duration: u64,
    #[serde(default)]
    unit: Unit,
}

#[derive(Deserialize, Default, Clone, Copy)]
#[serde(rename_all = "lowercase")]
enum Unit {
    Second,
    #[default]
    Minute,
    Hour,
    Day,
}

#[derive(Deserialize)]
struct Item {
    price: u64,
    quantity: u64,
}

impl Bank {
    pub(super) fn charge(&mut self, now_ms: u64, body: &Value) -> Result<wire::Fields, Refusal> {
        let charge =
            Charge::deserialize(body).map_err(|error| Refusal::invalid(&error.to_string()))?;
        charge.check()?;
        let Details {
            order_id,
            gross_amount,
        } = &charge.transaction_details;
        // An expired order id can be charged again; any other is taken.
        // <https://docs.midtrans.com/reference/expire-transaction>
        if self
            .find_order(order_id)
            .is_some_and(|tx| tx.state != State::Expire)
        {
            return Err(Refusal::new(
                406,
                "The request could not be completed due to a conflict: order_id has already been taken",
            ));
        }
        let (bank, expiry_ms) = match charge.payment_type.as_str() {
            "qris" => (None, QRIS_EXPIRY_MS),
            _ => (Some(charge.bank()?.to_owned()), ACCOUNT_EXPIRY_MS),
        };
        let expiry_ms = charge.custom_expiry.map_or(expiry_ms, |expiry| expiry.ms());
        let tx = self.open(
            now_ms,
            Opening {
                api: Api::Midtrans,
                order_id: order_id.clone(),
                bank,
                amount: *gross_amount,
                expires_at_ms: now_ms.saturating_add(expiry_ms),
                asked: None,
            },
        );
        Ok(wire::charged(&tx, &self.settings.public_url))
    }

    fn find_order(&self, order_id: &str) -> Option<&Transaction> {
        self.state.transactions.get(self.by_order.get(order_id)?)
    }
}

impl Charge {
    fn check(&self) -> Result<(), Refusal> {
        let Details {
            order_id,
            gross_amount,
        } = &self.transaction_details;
        let legal = |byte: u8| byte.is_ascii_alphanumeric() || b"-_~.".contains(&byte);
        if order_id.is_empty() || order_id.len() > 50 || !order_id.bytes().all(legal) {
            return Err(Refusal::invalid("transaction_details.order_id"));
        }
        if !(1..=LARGEST_RUPIAH).contains(gross_amount) {
            return Err(Refusal::invalid("transaction_details.gross_amount"));
        }
        match self.payment_type.as_str() {
            "qris" => {}
            "bank_transfer" => {
                self.bank()?;
            }
            _ => return Err(Refusal::new(402, "Payment channel is not activated.")),
        }
        if self
            .custom_expiry
            .as_ref()
            .is_some_and(|expiry| expiry.expiry_duration == 0)
        {
            return Err(Refusal::invalid("custom_expiry.expiry_duration"));
        }
        let sum = self.item_details.iter().try_fold(0_u64, |sum, item| {
            sum.checked_add(item.price.checked_mul(item.quantity)?)
        });
        if !self.item_details.is_empty() && sum != Some(*gross_amount) {
            return Err(Refusal::invalid(
                "gross_amount is not equal to the sum of item_details",
            ));
        }
        Ok(())
    }

    fn bank(&self) -> Result<&str, Refusal> {
        self.bank_transfer
            .as_ref()
            .map(|transfer| transfer.bank.as_str())
            .filter(|bank| BANKS.contains(bank))
            .ok_or_else(|| Refusal::invalid("bank_transfer.bank"))
    }
}

impl Expiry {
    fn ms(&self) -> u64 {
        let unit_ms = match self.unit {
            Unit::Second => 1_000,
            Unit::Minute => MINUTE_MS,
            Unit::Hour => 60 * MINUTE_MS,
            Unit::Day => 24 * 60 * MINUTE_MS,
        };
        self.expiry_duration.saturating_mul(unit_ms)
    }
}
