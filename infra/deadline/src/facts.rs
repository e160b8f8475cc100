//! The data files of this crate.

use crate::error::Error;
use serde::{Deserialize, de::DeserializeOwned};
use std::collections::BTreeMap;

/// A quota or a rule of AWS.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Rule {
    pub(crate) name: String,
    pub(crate) value: f64,
    #[serde(rename = "what")]
    _what: String,
    /// Where it is documented.
    #[serde(rename = "source", default)]
    _source: String,
}

/// How long something takes.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Time {
    pub(crate) name: String,
    pub(crate) median_ms: f64,
    pub(crate) p99_ms: f64,
    #[cfg_attr(
        not(test),
        expect(dead_code, reason = "a test holds it against the code")
    )]
    pub(crate) basis: String,
    #[serde(rename = "source")]
    _source: String,
}

/// What something costs.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Price {
    pub(crate) name: String,
    pub(crate) usd_per_million: f64,
    pub(crate) part: String,
    #[serde(rename = "source")]
    _source: String,
}

/// A way to run the same flow that we did not take.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Orchestrator {
    pub(crate) name: String,
    pub(crate) uses: BTreeMap<String, f64>,
    pub(crate) saves: BTreeMap<String, f64>,
    pub(crate) documents_per_s: Option<f64>,
    #[serde(rename = "source")]
    _source: String,
}

/// What a step asks of AWS.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct StepRequests {
    pub(crate) name: String,
    pub(crate) function: String,
    pub(crate) calls: BTreeMap<String, u32>,
    pub(crate) read_units: f64,
    pub(crate) write_units: f64,
    pub(crate) index_writes: f64,
    pub(crate) compute: String,
    /// The file of the code that was counted, and what is in it; a test looks.
    #[cfg_attr(
        not(test),
        expect(dead_code, reason = "a test holds it against the code")
    )]
    pub(crate) file: String,
    #[cfg_attr(
        not(test),
        expect(dead_code, reason = "a test holds it against the code")
    )]
    pub(crate) has: Vec<String>,
}

#[derive(Deserialize)]
struct Rules {
    rule: Vec<Rule>,
}
#[derive(Deserialize)]
struct Values {
    value: Vec<Rule>,
}
#[derive(Deserialize)]
struct Times {
    time: Vec<Time>,
}
#[derive(Deserialize)]
struct Prices {
    price: Vec<Price>,
}
#[derive(Deserialize)]
struct Orchestrators {
    orchestrator: Vec<Orchestrator>,
}
#[derive(Deserialize)]
struct Steps {
    step: Vec<StepRequests>,
}
#[derive(Deserialize)]
struct Runbook {
    profile: BTreeMap<String, BTreeMap<String, f64>>,
}

fn read<T: DeserializeOwned>(file: &'static str, text: &str) -> Result<T, Error> {
    toml::from_str(text).map_err(|e| Error::Unreadable {
        file,
        why: e.to_string(),
    })
}

pub(crate) fn rules() -> Result<Vec<Rule>, Error> {
    Ok(read::<Rules>("aws.toml", include_str!("../aws.toml"))?.rule)
}

pub(crate) fn users() -> Result<Vec<Rule>, Error> {
    Ok(read::<Values>("users.toml", include_str!("../users.toml"))?.value)
}

pub(crate) fn times() -> Result<Vec<Time>, Error> {
    Ok(read::<Times>("service-times.toml", include_str!("../service-times.toml"))?.time)
}

/// Those that are others on the local stack.
pub(crate) fn local_times() -> Result<Vec<Time>, Error> {
    Ok(read::<Times>("local-times.toml", include_str!("../local-times.toml"))?.time)
}

pub(crate) fn prices() -> Result<Vec<Price>, Error> {
    Ok(read::<Prices>("prices.toml", include_str!("../prices.toml"))?.price)
}

pub(crate) fn orchestrators() -> Result<Vec<Orchestrator>, Error> {
    let text = include_str!("../orchestrators.toml");
    Ok(read::<Orchestrators>("orchestrators.toml", text)?.orchestrator)
}

pub(crate) fn steps() -> Result<Vec<StepRequests>, Error> {
    Ok(read::<Steps>("requests.toml", include_str!("../requests.toml"))?.step)
}

pub(crate) fn profiles() -> Result<BTreeMap<String, BTreeMap<String, f64>>, Error> {
    Ok(read::<Runbook>("runbook.toml", include_str!("../runbook.toml"))?.profile)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    #[test]
    fn each_step_was_counted_from_code_that_is_still_there() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        for step in steps().unwrap() {
            let code = std::fs::read_to_string(root.join(&step.file)).unwrap();
            // Calls may be broken over lines.
            let code: String = code.split_whitespace().collect();
            for has in &step.has {
                let has: String = has.split_whitespace().collect();
                assert!(
                    code.contains(&has),
                    "{}: {has} is not in {}",
                    step.name,
                    step.file
                );
            }
        }
    }

    #[test]
    fn every_figure_says_what_it_is_worth() {
        let local = local_times().unwrap();
        for time in times().unwrap().into_iter().chain(local) {
            assert!(
                ["measured", "published", "assumed"].contains(&time.basis.as_str()),
                "{}",
                time.name
            );
            assert!(
                time.median_ms > 0.0 && time.p99_ms > time.median_ms,
                "{}",
                time.name
            );
        }
        for price in prices().unwrap() {
            assert!(
                ["documents", "besides", "orchestrators"].contains(&price.part.as_str()),
                "{}",
                price.name
            );
        }
    }
}
