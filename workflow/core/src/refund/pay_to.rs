//! A buyer's bank account.

use crate::error::Error;
use serde::{Deserialize, Serialize};
use std::fmt;

/// Where a buyer wants the money paid. Personal: never logged, and wiped once it was paid.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct PayTo {
    /// The bank's name.
    pub bank: String,
    /// The account's number.
    pub number: String,
    /// Its holder's name.
    pub holder: String,
}

/// So that no log or error tells whose account it is.
impl fmt::Debug for PayTo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PayTo(…)")
    }
}

impl PayTo {
    /// A bank account in Indonesia.
    ///
    /// # Errors
    /// [`Error::Invalid`] with the field that is missing or has a wrong form.
    pub fn new(bank: &str, number: &str, holder: &str) -> Result<Self, Error> {
        let text = |field, text: &str, most: usize| {
            let text = text.trim();
            if text.is_empty() || text.chars().count() > most || text.chars().any(char::is_control)
            {
                let reason = format!("must be 1 to {most} characters");
                return Err(Error::Invalid { field, reason });
            }
            Ok(text.to_owned())
        };
        let digits: String = number.chars().filter(|c| !" -.".contains(*c)).collect();
        if !(6..=20).contains(&digits.len()) || !digits.bytes().all(|b| b.is_ascii_digit()) {
            return Err(Error::Invalid {
                field: "number",
                reason: "must be 6 to 20 digits".to_owned(),
            });
        }
        Ok(Self {
            bank: text("bank", bank, 40)?,
            number: digits,
            holder: text("holder", holder, 80)?,
        })
    }
}
