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
    for price in facts::prices()? {
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
}
