//! `POST /payment_requests` and their list.

use super::{answer::Flaw, page, wire};
use crate::bank::{Api, Asked, Bank, LARGEST_RUPIAH, open::Opening};
use crate::query::Query;
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::Value;

const DAY_MS: u64 = 24 * 60 * 60 * 1000;
const BANKS: [&str; 5] = ["BCA", "BNI", "BRI", "CIMB", "PERMATA"];

#[derive(Deserialize)]
struct Create {
    reference_id: String,
    amount: u64,
    currency: String,
    #[serde(default)]
    country: Option<String>,
    payment_method: PaymentMethod,
}

#[derive(Deserialize)]
struct PaymentMethod {
    #[serde(rename = "type")]
    kind: String,
    reusability: String,
    #[serde(default)]
    qr_code: Option<Channel>,
    #[serde(default)]
    virtual_account: Option<Channel>,
}

#[derive(Deserialize)]
struct Channel {
    channel_code: String,
    #[serde(default)]
    channel_properties: Properties,
}

#[derive(Deserialize, Default)]
struct Properties {
    #[serde(default)]
    customer_name: Option<String>,
    #[serde(default)]
    expires_at: Option<String>,
}

impl Bank {
    pub(super) fn payment_request(
        &mut self,
        now_ms: u64,
        key: Option<&str>,
        body: &Value,
    ) -> Result<Value, Flaw> {
        let asked = key.map(|key| Asked {
            key: key.to_owned(),
            body: body.to_string(),
        });
        // Nothing but the key keeps a reference from being charged twice.
        if let Some(asked) = &asked
            && let Some(first) = self.asked_before(&asked.key)
        {
            return match first.asked.as_ref() == Some(asked) {
                true => Ok(wire::payment_request(first)),
                false => Err(Flaw::duplicate()),
            };
        }
        let create =
            Create::deserialize(body).map_err(|error| Flaw::invalid(&error.to_string()))?;
        let (bank, expires_at) = create.check()?;
        let expires_at_ms = match expires_at.map(instant_ms) {
            None => now_ms.saturating_add(DAY_MS),
            Some(Some(at_ms)) if at_ms > now_ms => at_ms,
            Some(_) => return Err(Flaw::invalid("expires_at must be later than now")),
        };
        let opening = Opening {
            api: Api::Xendit,
            order_id: create.reference_id.clone(),
            bank,
            amount: create.amount,
            expires_at_ms,
            asked,
        };
        Ok(wire::payment_request(&self.open(now_ms, opening)))
    }

    fn asked_before(&self, key: &str) -> Option<&crate::bank::Transaction> {
        self.state.transactions.get(self.by_key.get(key)?)
    }

    pub(super) fn payment_requests(&self, query: &Query) -> Result<Value, Flaw> {
        let wanted = query.one("reference_id");
        let rows = self
            .transactions()
            .filter(|tx| tx.api == Api::Xendit)
            .filter(|tx| wanted.is_none_or(|wanted| tx.order_id == wanted));
        page::of(rows.map(wire::payment_request).collect(), query)
    }
}

fn instant_ms(text: &str) -> Option<u64> {
    let instant: Timestamp = text.parse().ok()?;
    u64::try_from(instant.as_millisecond()).ok()
}

impl Create {
    /// The bank, if it is an account, and when it expires.
    fn check(&self) -> Result<(Option<String>, Option<&str>), Flaw> {
        let Self { payment_method, .. } = self;
        if self.reference_id.is_empty() || self.reference_id.len() > 255 {
            return Err(Flaw::invalid("reference_id"));
        }
        if !(1..=LARGEST_RUPIAH).contains(&self.amount) {
            return Err(Flaw::invalid("amount"));
        }
        if self.currency != "IDR" || !matches!(self.country.as_deref(), None | Some("ID")) {
            return Err(Flaw::invalid("currency"));
        }
        if payment_method.reusability != "ONE_TIME_USE" {
            return Err(Flaw::invalid("reusability"));
        }
        match (
            payment_method.kind.as_str(),
            &payment_method.qr_code,
            &payment_method.virtual_account,
        ) {
            ("QR_CODE", Some(code), None) if code.channel_code == "QRIS" => {
                Ok((None, code.channel_properties.expires_at.as_deref()))
            }
            ("VIRTUAL_ACCOUNT", None, Some(account)) => {
                let bank = account.channel_code.as_str();
                let name = account.channel_properties.customer_name.as_deref();
                if !BANKS.contains(&bank) || name.is_none_or(str::is_empty) {
                    return Err(Flaw::invalid("virtual_account"));
                }
                let bank = bank.to_ascii_lowercase();
                Ok((Some(bank), account.channel_properties.expires_at.as_deref()))
            }
            _ => Err(Flaw::invalid("payment_method")),
        }
    }
}
