//! The steps of a document and an order: what each asks of AWS, and how long it takes.

use crate::{
    error::Error,
    facts::{self, StepRequests},
    random::Random,
    spread::Spread,
    table::Ask,
};
use std::collections::BTreeMap;

/// A step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Step {
    Order,
    PollOrder,
    Notify,
    Announce,
    PollDocument,
    Accept,
    Wake,
    Stamp,
}

impl Step {
    pub(crate) const ALL: [Self; 8] = [
        Self::Order,
        Self::PollOrder,
        Self::Notify,
        Self::Announce,
        Self::PollDocument,
        Self::Accept,
        Self::Wake,
        Self::Stamp,
    ];

    /// Whether it changes nothing: its owner only looks.
    pub(crate) const fn only_looks(self) -> bool {
        matches!(self, Self::PollOrder | Self::PollDocument)
    }

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Order => "order",
            Self::PollOrder => "poll_order",
            Self::Notify => "notify",
            Self::Announce => "announce",
            Self::PollDocument => "poll_document",
            Self::Accept => "accept",
            Self::Wake => "wake",
            Self::Stamp => "stamp",
        }
    }
}

/// What all steps asked for, in calls.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Calls {
    /// Of all services.
    pub(crate) requests: u64,
    pub(crate) s3_puts: u64,
    pub(crate) s3_gets: u64,
    pub(crate) sqs: u64,
    pub(crate) dynamodb: u64,
}

/// A step as it is asked and timed.
#[derive(Debug)]
pub(crate) struct Cost {
    pub(crate) function: usize,
    pub(crate) ask: Ask,
    pub(crate) calls: Calls,
    parts: Vec<(usize, u32)>,
}

/// Every step's cost, and every duration by name.
#[derive(Debug)]
pub(crate) struct Steps {
    costs: Vec<Cost>,
    spreads: Vec<Spread>,
    names: BTreeMap<String, usize>,
}

impl Steps {
    /// Those of AWS, or of the local stack.
    pub(crate) fn read(local: bool) -> Result<Self, Error> {
        let (mut names, mut spreads) = (BTreeMap::new(), Vec::new());
        let others = if local {
            facts::local_times()?
        } else {
            Vec::new()
        };
        for time in facts::times()? {
            let other = others.iter().find(|other| other.name == time.name);
            let of = other.unwrap_or(&time);
            spreads.push(Spread::new(of.median_ms, of.p99_ms));
            names.insert(time.name, spreads.len() - 1);
        }
        let counted = facts::steps()?;
        let mut costs = Vec::new();
        for step in Step::ALL {
            let of = counted.iter().find(|c| c.name == step.name());
            let of = of.ok_or_else(|| unreadable(format!("no step {}", step.name())))?;
            costs.push(cost(of, &names)?);
        }
        Ok(Self {
            costs,
            spreads,
            names,
        })
    }

    pub(crate) fn of(&self, step: Step) -> Result<&Cost, Error> {
        let found = self.costs.get(step as usize);
        found.ok_or_else(|| unreadable(format!("no step {}", step.name())))
    }

    /// How long a step works once its environment is there, in milliseconds.
    pub(crate) fn lasts_ms(&self, step: Step, random: &mut Random) -> f64 {
        let parts = self.costs.get(step as usize).map(|cost| &cost.parts);
        let parts = parts.into_iter().flatten();
        parts.fold(0.0, |sum, (spread, count)| {
            (0..*count).fold(sum, |sum, _| sum + self.draw_at(*spread, random))
        })
    }

    fn draw_at(&self, index: usize, random: &mut Random) -> f64 {
        self.spreads
            .get(index)
            .map_or(0.0, |spread| spread.draw(random))
    }

    /// The place of a duration, for [`Steps::draw`].
    pub(crate) fn spread(&self, name: &str) -> Result<usize, Error> {
        place(&self.names, name)
    }

    /// One draw of a duration, in milliseconds.
    pub(crate) fn draw(&self, spread: usize, random: &mut Random) -> f64 {
        self.draw_at(spread, random)
    }
}

fn unreadable(why: String) -> Error {
    Error::Unreadable {
        file: "requests.toml",
        why,
    }
}

fn place(names: &BTreeMap<String, usize>, name: &str) -> Result<usize, Error> {
    let found = names.get(name).copied();
    found.ok_or_else(|| unreadable(format!("`{name}` has no line in service-times.toml")))
}

fn cost(of: &StepRequests, names: &BTreeMap<String, usize>) -> Result<Cost, Error> {
    let function = crate::settings::FUNCTIONS
        .iter()
        .position(|f| *f == of.function);
    let function = function.ok_or_else(|| unreadable(format!("no function {}", of.function)))?;
    let mut parts = vec![(place(names, &of.compute)?, 1)];
    let mut calls = Calls::default();
    for (call, count) in &of.calls {
        parts.push((place(names, call)?, *count));
        let count = u64::from(*count);
        calls.requests += count;
        match call.as_str() {
            "s3_put" => calls.s3_puts += count,
            "s3_get" => calls.s3_gets += count,
            "sqs_send" => calls.sqs += count,
            "gateway_call" => {}
            _ => calls.dynamodb += count,
        }
    }
    Ok(Cost {
        function,
        ask: Ask {
            write: of.write_units,
            read: of.read_units,
            index: of.index_writes,
            ..Ask::default()
        },
        calls,
        parts,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_step_has_a_cost_and_takes_its_time() {
        let (steps, mut random) = (Steps::read(false).unwrap(), Random::new(1));
        for step in Step::ALL {
            let mean = (0..2_000)
                .map(|_| steps.lasts_ms(step, &mut random))
                .sum::<f64>()
                / 2_000.0;
            assert!((1.0..2_000.0).contains(&mean), "{}: {mean}", step.name());
        }
        let stamp = steps.of(Step::Stamp).unwrap();
        assert_eq!((stamp.calls.s3_puts, stamp.calls.s3_gets), (1, 1));
    }
}
