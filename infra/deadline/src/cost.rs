//! What it costs, by line, in dollars per million documents.

use crate::{error::Error, facts};
use serde::Serialize;
use std::collections::BTreeMap;

/// A line of the bill.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Line {
    /// What is paid for.
    pub name: String,
    /// How much of it a document takes.
    pub per_document: f64,
    /// Dollars per million documents.
    pub usd_per_million: f64,
    /// Of these, on the way of the documents themselves; the rest is orders, and people who look how far they are.
    pub own_usd_per_million: f64,
    /// Part of what a document costs; otherwise told besides (transfer, API, storage over time).
    pub counted: bool,
}

/// The lines for what was used in all and on the documents' own way, by the names in prices.toml, over so many documents.
pub(crate) fn lines(
    used: &BTreeMap<&'static str, f64>,
    own: &BTreeMap<&'static str, f64>,
    documents: u64,
) -> Result<Vec<Line>, Error> {
    let documents = documents.max(1) as f64;
    let mut lines = Vec::new();
    let ours = |price: &facts::Price| price.part != "orchestrators";
    for price in facts::prices()?.into_iter().filter(ours) {
        let each = |of: &BTreeMap<&'static str, f64>| {
            of.get(price.name.as_str()).copied().unwrap_or(0.0) / documents
        };
        let per_document = each(used);
        lines.push(Line {
            per_document,
            usd_per_million: per_document * price.usd_per_million,
            own_usd_per_million: each(own) * price.usd_per_million,
            counted: price.part == "documents",
            name: price.name,
        });
    }
    Ok(lines)
}

/// Dollars per million documents, without what is told besides: of the documents' own way, and with orders and looks.
pub(crate) fn usd_per_million(lines: &[Line]) -> [f64; 2] {
    let counted = || lines.iter().filter(|line| line.counted);
    [
        counted().map(|line| line.own_usd_per_million).sum(),
        counted().map(|line| line.usd_per_million).sum(),
    ]
}

/// What the same flow would cost another way.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Instead {
    /// Which way.
    pub name: String,
    /// Dollars per million documents, on their own way.
    pub own_usd_per_million: f64,
    /// Documents a second that it takes by default; none: no limit of its own.
    pub documents_per_s: Option<f64>,
}

/// The ways that were not taken, by what our own documents cost.
pub(crate) fn instead(lines: &[Line]) -> Result<Vec<Instead>, Error> {
    let [ours, _] = usd_per_million(lines);
    let prices = facts::prices()?;
    let price = |name: &str| {
        let found = prices.iter().find(|price| price.name == name);
        found
            .map(|price| price.usd_per_million)
            .ok_or_else(|| Error::Unreadable {
                file: "orchestrators.toml",
                why: format!("{name} has no price"),
            })
    };
    let sum = |what: &BTreeMap<String, f64>| -> Result<f64, Error> {
        what.iter()
            .try_fold(0.0, |sum, (name, each)| Ok(sum + each * price(name)?))
    };
    facts::orchestrators()?
        .into_iter()
        .map(|way| {
            Ok(Instead {
                own_usd_per_million: ours + sum(&way.uses)? - sum(&way.saves)?,
                documents_per_s: way.documents_per_s,
                name: way.name,
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_what_was_used_times_its_price() {
        let used = BTreeMap::from([("s3_put", 4.0)]);
        let own = BTreeMap::from([("s3_put", 3.0)]);
        let lines = lines(&used, &own, 2).unwrap();
        let puts = lines.iter().find(|line| line.name == "s3_put").unwrap();
        assert_eq!(
            (puts.per_document, puts.usd_per_million, puts.counted),
            (2.0, 10.0, true)
        );
        assert_eq!(puts.own_usd_per_million, 7.5);
    }

    #[test]
    fn a_way_that_was_not_taken_costs_what_it_uses_more_and_saves() {
        let used = BTreeMap::from([("s3_put", 2.0)]);
        let lines = lines(&used, &used, 1).unwrap();
        let ways = instead(&lines).unwrap();
        let [steps, durable] = ways.as_slice() else {
            panic!("{ways:?}");
        };
        // Ten of ours, six transitions, less a write and most of a message.
        let near = |found: f64, expected: f64| (found - expected).abs() < 1e-6;
        assert!(near(steps.own_usd_per_million, 10.0 + 150.0 - 0.625 - 0.36));
        let durable = durable.own_usd_per_million;
        assert!(near(durable, 10.0 + 40.0 + 2.5 + 0.705 - 0.625 - 0.36));
    }
}
