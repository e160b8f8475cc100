//! What a simulation is run with: AWS's rules, the template's parameters, how people behave; changed by a profile of the
//! runbook and by hand.

use crate::{error::Error, facts, template};
use std::collections::BTreeMap;

/// The template's parameters that are settings here.
const PARAMETERS: [&str; 17] = [
    "ApiRateLimit",
    "ApiBurstLimit",
    "AnnounceRateLimit",
    "OrderRateLimit",
    "OrderLooksRateLimit",
    "DocumentLooksRateLimit",
    "BatchWindowSeconds",
    "UploadsConcurrency",
    "StampsConcurrency",
    "BulkConcurrency",
    "BulkBatchSize",
    "UploadsVisibilitySeconds",
    "StampsVisibilitySeconds",
    "SellableSerials",
    "LateAllowance",
    "WarmWriteUnits",
    "WarmReadUnits",
];
/// The functions on a document's way.
pub(crate) const FUNCTIONS: [&str; 4] = ["Purchase", "EnqueueHttp", "EnqueueUploads", "Stamp"];
/// The profile that is used unless another is named.
pub const PROFILE: &str = "deadline-day";
/// The profile that raises nothing.
pub const DEFAULT: &str = "default";

/// All settings, by name.
#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    values: BTreeMap<String, f64>,
    /// The profile of the runbook that they were raised by.
    pub profile: String,
    /// How many times as many documents as the curve says.
    pub scale: f64,
    /// What decides every random number.
    pub seed: u64,
}

impl Settings {
    /// AWS's and the template's own.
    ///
    /// # Errors
    /// [`Error::Unreadable`] when the template or a data file has changed its shape.
    pub fn of_template() -> Result<Self, Error> {
        let mut values = BTreeMap::new();
        for rule in facts::rules()?.into_iter().chain(facts::users()?) {
            values.insert(rule.name, rule.value);
        }
        for name in PARAMETERS {
            let value = template::must(&["Parameters", name, "Default"])?;
            values.insert(name.to_owned(), value);
        }
        let batch = ["Resources", "StampsMapping", "Properties", "BatchSize"];
        values.insert("BatchSize".to_owned(), template::must(&batch)?);
        for function in FUNCTIONS {
            let of = |field| ["Resources", function, "Properties", field];
            let memory_mb = template::must(&of("MemorySize"))?;
            values.insert(format!("{function}.MemorySize"), memory_mb);
            // 0: none is reserved.
            let reserved = template::number(&of("ReservedConcurrentExecutions")).unwrap_or(0.0);
            values.insert(format!("{function}.ReservedConcurrentExecutions"), reserved);
        }
        Ok(Self {
            values,
            profile: DEFAULT.to_owned(),
            scale: 1.0,
            seed: 1,
        })
    }

    /// With what a profile of the runbook raises.
    ///
    /// # Errors
    /// [`Error::UnknownProfile`], [`Error::UnknownSetting`].
    pub fn with_profile(mut self, name: &str) -> Result<Self, Error> {
        let profile = facts::profiles()?.remove(name);
        let profile = profile.ok_or_else(|| Error::UnknownProfile(name.to_owned()))?;
        for (name, value) in profile {
            self.set(&name, value)?;
        }
        name.clone_into(&mut self.profile);
        Ok(self)
    }

    /// With one that is written `NAME=NUMBER`.
    ///
    /// # Errors
    /// [`Error::NotASetting`], [`Error::UnknownSetting`].
    pub fn with(mut self, text: &str) -> Result<Self, Error> {
        let bad = || Error::NotASetting(text.to_owned());
        let (name, value) = text.split_once('=').ok_or_else(bad)?;
        let value: f64 = value.trim().parse().map_err(|_| bad())?;
        if !value.is_finite() || value < 0.0 {
            return Err(bad());
        }
        self.set(name.trim(), value)?;
        Ok(self)
    }

    /// This many times as many documents, drawn by this seed.
    #[must_use]
    pub fn at(mut self, scale: f64, seed: u64) -> Self {
        (self.scale, self.seed) = (scale, seed);
        self
    }

    fn set(&mut self, name: &str, value: f64) -> Result<(), Error> {
        let known = || self.values.keys().cloned().collect::<Vec<_>>().join(", ");
        match self.values.get(name) {
            Some(_) => {
                self.values.insert(name.to_owned(), value);
                Ok(())
            }
            None => Err(Error::UnknownSetting {
                name: name.to_owned(),
                known: known(),
            }),
        }
    }

    /// A setting's value.
    ///
    /// # Errors
    /// [`Error::UnknownSetting`].
    pub fn get(&self, name: &str) -> Result<f64, Error> {
        self.values
            .get(name)
            .copied()
            .ok_or_else(|| Error::UnknownSetting {
                name: name.to_owned(),
                known: String::new(),
            })
    }

    pub(crate) fn whole(&self, name: &str) -> Result<u64, Error> {
        Ok(self.get(name)? as u64)
    }

    /// Those that differ from another's: name, this one's, the other's.
    #[must_use]
    pub fn changed_from(&self, other: &Self) -> Vec<(String, f64, f64)> {
        let both = self.values.iter().zip(&other.values);
        both.filter(|((_, a), (_, b))| a != b)
            .map(|((name, a), (_, b))| (name.clone(), *a, *b))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_profile_of_the_runbook_names_settings_that_are_there() {
        for name in facts::profiles().unwrap().keys() {
            Settings::of_template().unwrap().with_profile(name).unwrap();
        }
        let unknown = Settings::of_template().unwrap().with_profile("weekend");
        assert_eq!(unknown, Err(Error::UnknownProfile("weekend".to_owned())));
    }

    #[test]
    fn every_mapping_hands_out_as_much_at_once_as_the_queue_counts_with() {
        for mapping in ["UploadsMapping", "StampsMapping"] {
            let size = template::must(&["Resources", mapping, "Properties", "BatchSize"]);
            assert_eq!(size, Ok(bubuh_core::queue::BATCH as f64), "{mapping}");
        }
        let most = template::must(&["Parameters", "BulkBatchSize", "MaxValue"]);
        assert_eq!(most, Ok(bubuh_core::queue::BATCH as f64));
    }

    #[test]
    fn a_setting_is_changed_by_name_and_only_to_a_number() {
        let template = Settings::of_template().unwrap();
        let changed = template.clone().with("StampsConcurrency=7").unwrap();
        let was = template.get("StampsConcurrency").unwrap();
        assert_eq!(
            changed.changed_from(&template),
            [("StampsConcurrency".to_owned(), 7.0, was)]
        );
        for bad in [
            "StampsConcurrency",
            "StampsConcurrency=-1",
            "StampsConcurrency=x",
            "StampsConcurrency=inf",
        ] {
            assert_eq!(
                template.clone().with(bad),
                Err(Error::NotASetting(bad.to_owned()))
            );
        }
        assert!(matches!(
            template.with("Stamps=7"),
            Err(Error::UnknownSetting { .. })
        ));
    }
}
