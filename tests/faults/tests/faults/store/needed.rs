//! Each condition is needed as it stands: said otherwise on its way to the table, some rule notices.

use super::{
    conditions::given,
    rules::{Rule, rules},
};
use bubuh_faults::cloud::Condition;
use bubuh_store::Error;
use std::collections::BTreeMap;

const COMPARISONS: [&str; 6] = ["=", "<>", "<", "<=", ">", ">="];

/// Everything a condition could say instead; `None`: nothing. Of several parts, one at a time says so.
fn otherwise(text: &str) -> Vec<Option<String>> {
    if text.contains(" AND ") {
        return in_one_part(text, " AND ");
    }
    if let Some(inner) = text.strip_prefix('(').and_then(|t| t.strip_suffix(')')) {
        let said = in_one_part(inner, " OR ").into_iter();
        let said = said.map(|other| other.map(|other| format!("({other})")));
        return std::iter::once(None).chain(said).collect();
    }
    if text.starts_with("attribute_not_exists") {
        return vec![None, Some(text.replace("_not_", "_"))];
    }
    if text.starts_with("attribute_exists") {
        return vec![None, Some(text.replace("_exists", "_not_exists"))];
    }
    let [left, comparison, right] = text.split(' ').collect::<Vec<_>>()[..] else {
        panic!("{text}")
    };
    let others = COMPARISONS.iter().filter(|other| **other != comparison);
    let others = others.map(|other| Some(format!("{left} {other} {right}")));
    std::iter::once(None).chain(others).collect()
}

/// What is said when one of several parts says something else, or is left out.
fn in_one_part(text: &str, between: &str) -> Vec<Option<String>> {
    let parts: Vec<&str> = text.split(between).collect();
    let each = parts.iter().enumerate();
    let each = each.flat_map(|(place, part)| {
        let others = otherwise(part).into_iter();
        others.map(move |other| (place, other))
    });
    let said = each.map(|(place, other)| {
        let mut parts: Vec<String> = parts.iter().map(ToString::to_string).collect();
        match other {
            Some(other) => parts[place] = other,
            None => drop(parts.remove(place)),
        }
        Some(parts.join(between))
    });
    said.collect()
}

/// The conditions that a rule's writes carry.
async fn carried(rule: &Rule) -> Vec<Condition> {
    let world = given(rule).await;
    for write in [&rule.holds, &rule.fails] {
        let _ = world.table().commit(std::slice::from_ref(write)).await;
    }
    let sites = world.cloud.sites();
    sites.iter().flat_map(|site| site.conditions()).collect()
}

/// Whether the rule's writes fare differently under the other words.
async fn notices(rule: &Rule, condition: &Condition, to: Option<&String>) -> bool {
    for (write, right) in [(&rule.holds, true), (&rule.fails, false)] {
        let world = given(rule).await;
        world.cloud.reword(condition.clone(), to.cloned());
        match world.table().commit(std::slice::from_ref(write)).await {
            Ok(()) if !right => return true,
            Err(Error::Lost { .. }) if right => return true,
            Ok(()) | Err(Error::Lost { .. }) => {}
            Err(other) => panic!("{to:?} is no condition: {other}"),
        }
    }
    false
}

#[tokio::test]
async fn a_condition_that_is_dropped_or_says_anything_else_is_noticed() {
    let rules = rules();
    let mut carriers: BTreeMap<Condition, Vec<&Rule>> = BTreeMap::new();
    for rule in &rules {
        for condition in carried(rule).await {
            carriers.entry(condition).or_default().push(rule);
        }
    }
    let (mut tried, mut unnoticed) = (0, Vec::new());
    for (condition, rules) in &carriers {
        for to in otherwise(&condition.text) {
            tried += 1;
            let mut noticed = false;
            for rule in rules {
                noticed = noticed || notices(rule, condition, to.as_ref()).await;
            }
            if !noticed {
                unnoticed.push(format!("{}: {to:?} for {}", condition.row, condition.text));
            }
        }
    }
    println!("{} conditions, {tried} other words", carriers.len());
    // The pointer to a block is written with its block, whose own condition speaks for both.
    let for_both = "INVENTORY/BLOCK: None for attribute_not_exists(pk)";
    assert_eq!(unnoticed, [for_both]);
}
