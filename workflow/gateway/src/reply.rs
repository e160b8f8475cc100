//! Reading the gateway's JSON leniently: a number for a text or a new field must not break a
//! payment, only what is needed and not there does.

use crate::{Error, Instructions, amount};
use bubuh_core::Rupiah;
use jiff::{civil::DateTime, tz::Offset};
use serde_json::{Map, Value};

/// A JSON object from the gateway.
#[derive(Debug)]
pub(crate) struct Reply(Map<String, Value>);

impl Reply {
    pub(crate) fn parse(body: &[u8]) -> Option<Self> {
        match serde_json::from_slice(body) {
            Ok(Value::Object(fields)) => Some(Self(fields)),
            _ => None,
        }
    }

    pub(crate) fn raw(&self, field: &str) -> Option<&Value> {
        self.0.get(field)
    }

    pub(crate) fn text(&self, field: &str) -> Option<String> {
        text(self.0.get(field)?)
    }

    pub(crate) fn required(&self, field: &'static str) -> Result<String, Error> {
        self.text(field)
            .filter(|text| !text.is_empty())
            .ok_or_else(|| Error::MalformedReply(format!("no {field}")))
    }

    pub(crate) fn amount(&self, field: &'static str) -> Result<Rupiah, Error> {
        amount::parse(&self.required(field)?)
            .ok_or_else(|| Error::MalformedReply(format!("{field} is no amount in whole rupiah")))
    }

    /// A list of objects; what is not an object in it is left out.
    pub(crate) fn list(&self, field: &str) -> Vec<Self> {
        let Some(Value::Array(entries)) = self.0.get(field) else {
            return Vec::new();
        };
        entries
            .iter()
            .filter_map(|entry| entry.as_object().cloned().map(Self))
            .collect()
    }

    /// A time such as "2021-07-06 17:23:49", always in GMT+7.
    /// <https://docs.midtrans.com/reference/expire-transaction>
    pub(crate) fn time_ms(&self, field: &str) -> Option<u64> {
        let local: DateTime = self.text(field)?.parse().ok()?;
        let instant = Offset::constant(7).to_timestamp(local).ok()?;
        u64::try_from(instant.as_millisecond()).ok()
    }

    pub(crate) fn status_code(&self) -> Option<u16> {
        self.text("status_code")?.parse().ok()
    }

    pub(crate) fn instructions(&self) -> Option<Instructions> {
        if let Some(number) = self.text("permata_va_number") {
            let bank = "permata".to_owned();
            return Some(Instructions::VirtualAccount { bank, number });
        }
        if let Some(account) = self.list("va_numbers").first() {
            return Some(Instructions::VirtualAccount {
                bank: account.text("bank")?,
                number: account.text("va_number")?,
            });
        }
        let qr_string = self.text("qr_string").filter(|text| !text.is_empty());
        let qr_url = self
            .list("actions")
            .iter()
            .find(|action| action.text("name").as_deref() == Some("generate-qr-code"))
            .and_then(|action| action.text("url"));
        (qr_string.is_some() || qr_url.is_some())
            .then_some(Instructions::Qris { qr_string, qr_url })
    }
}

fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(flag) => Some(flag.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
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
        assert_eq!(reply.time_ms("t"), Some(1_000));
        assert_eq!(reply.time_ms("bad"), None);
        assert_eq!(reply.time_ms("early"), None);
        assert_eq!(reply.time_ms("absent"), None);
    }
}
