//! What a function is told by its environment, and the AWS clients it makes of it.

use crate::{
    error::{Error, classify},
    queues::QueueUrls,
};
use aws_config::{BehaviorVersion, SdkConfig};
use bubuh_core::{money::Rupiah, settlement::Rates};
use std::str::FromStr;

impl QueueUrls {
    /// All of them, from the environment.
    ///
    /// # Errors
    /// [`Error::Setting`] when one is missing.
    pub fn from_env() -> Result<Self, Error> {
        Ok(Self {
            single: setting("STAMPS_QUEUE_URL")?,
            bulk: setting("BULK_QUEUE_URL")?,
            ..Self::uploads_from_env()?
        })
    }

    /// For a function that only says what uploads and accounts to look at.
    ///
    /// # Errors
    /// As [`QueueUrls::from_env`].
    pub fn uploads_from_env() -> Result<Self, Error> {
        Ok(Self {
            uploads: setting("UPLOADS_QUEUE_URL")?,
            ..Self::default()
        })
    }
}

const DAY_MS: u64 = 24 * 60 * 60 * 1000;

/// A required environment variable.
///
/// # Errors
/// [`Error::Setting`] when it is missing or empty.
pub fn setting(name: &'static str) -> Result<String, Error> {
    match std::env::var(name) {
        Ok(value) if !value.is_empty() => Ok(value),
        _ => Err(Error::Setting {
            name,
            why: "is not set".to_owned(),
        }),
    }
}

/// An environment variable that may be missing or empty.
#[must_use]
pub fn optional(name: &'static str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// A required environment variable that is a number.
///
/// # Errors
/// [`Error::Setting`] when it is missing or no such number.
pub fn number<N: FromStr>(name: &'static str) -> Result<N, Error> {
    parsed(name, &setting(name)?)
}

/// An environment variable that is a number; this one when it is missing or empty.
///
/// # Errors
/// [`Error::Setting`] when it is no such number.
pub fn number_or<N: FromStr>(name: &'static str, unless_set: N) -> Result<N, Error> {
    match std::env::var(name) {
        Ok(text) if !text.is_empty() => parsed(name, &text),
        _ => Ok(unless_set),
    }
}

fn parsed<N: FromStr>(name: &'static str, text: &str) -> Result<N, Error> {
    text.parse().map_err(|_| Error::Setting {
        name,
        why: "is no whole number".to_owned(),
    })
}

/// How long the gateway may take to pay a payment out, in milliseconds: `SETTLEMENT_DAYS`; none when that
/// is 0 or not set.
///
/// # Errors
/// [`Error::Setting`] when it is no number.
pub fn settle_within_ms() -> Result<Option<u64>, Error> {
    Ok(days_in_ms(number_or("SETTLEMENT_DAYS", 0)?))
}

/// So many days; none for 0.
fn days_in_ms(days: u64) -> Option<u64> {
    Some(days.saturating_mul(DAY_MS)).filter(|ms| *ms > 0)
}

/// The fees that are agreed with the gateway: `QRIS_FEE_BASIS_POINTS` and `TRANSFER_FEE`, the usual ones
/// when they are not set.
///
/// # Errors
/// [`Error::Setting`] when one is no number.
pub fn rates() -> Result<Rates, Error> {
    let usual = Rates::default();
    Ok(Rates {
        qris_basis_points: number_or("QRIS_FEE_BASIS_POINTS", usual.qris_basis_points)?,
        transfer: Rupiah::new(number_or("TRANSFER_FEE", usual.transfer.get())?),
        ..usual
    })
}

/// The shared configuration of the AWS clients.
#[derive(Debug, Clone)]
pub struct Aws(SdkConfig);

impl Aws {
    /// From the environment, as every AWS SDK reads it.
    pub async fn from_env() -> Self {
        Self(aws_config::load_defaults(BehaviorVersion::latest()).await)
    }

    /// A configuration of the caller's.
    #[must_use]
    pub const fn new(config: SdkConfig) -> Self {
        Self(config)
    }

    /// A DynamoDB table.
    #[must_use]
    pub fn table(&self, name: impl Into<String>) -> crate::Table {
        crate::Table::new(aws_sdk_dynamodb::Client::new(&self.0), name)
    }

    /// The two buckets.
    #[must_use]
    pub fn files(&self, uploads: impl Into<String>, stamped: impl Into<String>) -> crate::Files {
        crate::Files::new(self.s3(), uploads, stamped)
    }

    /// The bucket of settlement files.
    #[must_use]
    pub fn settlements(&self, bucket: impl Into<String>) -> crate::Settlements {
        crate::Settlements::new(self.s3(), bucket)
    }

    fn s3(&self) -> aws_sdk_s3::Client {
        // An emulator serves buckets by path; AWS by host.
        let config = aws_sdk_s3::config::Builder::from(&self.0)
            .force_path_style(self.0.endpoint_url().is_some())
            .request_checksum_calculation(
                aws_sdk_s3::config::RequestChecksumCalculation::WhenRequired,
            )
            .response_checksum_validation(
                aws_sdk_s3::config::ResponseChecksumValidation::WhenRequired,
            )
            .build();
        aws_sdk_s3::Client::from_conf(config)
    }

    /// The queues.
    #[must_use]
    pub fn queues(&self, urls: QueueUrls) -> crate::Queues {
        crate::Queues::new(aws_sdk_sqs::Client::new(&self.0), urls)
    }

    /// The refund state machine.
    #[must_use]
    pub fn workflows(&self, state_machine_arn: impl Into<String>) -> crate::Workflows {
        crate::Workflows::new(aws_sdk_sfn::Client::new(&self.0), state_machine_arn)
    }

    /// A signing key.
    #[must_use]
    pub fn kms_key(&self, arn: impl Into<String>) -> crate::KmsKey {
        crate::KmsKey::new(aws_sdk_kms::Client::new(&self.0), arn)
    }

    /// A secret's text.
    ///
    /// # Errors
    /// [`Error::Unavailable`], or [`Error::Setting`] when there is no text in it.
    pub async fn secret(&self, arn: &str) -> Result<String, Error> {
        aws_sdk_secretsmanager::Client::new(&self.0)
            .get_secret_value()
            .secret_id(arn)
            .send()
            .await
            .map_err(|e| classify("read a secret", &e))?
            .secret_string
            .ok_or_else(|| Error::Setting {
                name: "secret",
                why: "has no text".to_owned(),
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_days_mean_that_no_payout_is_waited_for() {
        assert_eq!(days_in_ms(0), None);
        assert_eq!(days_in_ms(5), Some(5 * DAY_MS));
    }

    #[test]
    fn what_is_no_whole_number_is_refused() {
        assert_eq!(parsed::<u64>("SETTLEMENT_DAYS", "5").unwrap(), 5);
        for bad in ["five", "-1", "1.5", ""] {
            assert!(parsed::<u64>("SETTLEMENT_DAYS", bad).is_err(), "{bad}");
        }
    }
}
