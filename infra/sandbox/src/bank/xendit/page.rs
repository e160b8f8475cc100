//! Lists: `limit` rows after `after_id`, and whether there are more.

use super::answer::Flaw;
use crate::query::Query;
use serde_json::{Value, json};

const LIMIT: usize = 10;
const LARGEST: usize = 100;

pub(super) fn of(rows: Vec<Value>, query: &Query) -> Result<Value, Flaw> {
    let limit = match query.one("limit").map(str::parse::<usize>) {
        None => LIMIT,
        Some(Ok(limit)) if (1..=LARGEST).contains(&limit) => limit,
        Some(_) => return Err(Flaw::invalid("limit")),
    };
    let mut rows = rows.into_iter().peekable();
    if let Some(after) = query.one("after_id") {
        rows.by_ref()
            .find(|row| row["id"] == after)
            .ok_or_else(Flaw::not_found)?;
    }
    let data: Vec<Value> = rows.by_ref().take(limit).collect();
    Ok(json!({ "data": data, "has_more": rows.peek().is_some() }))
}
