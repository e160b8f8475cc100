//! What the buyer sees, by HTTP: in the middle of a case, and in its end.

use super::{act::Buyer, file::Shows};
use reqwest::Method;
use serde_json::Value;

fn text<'v>(value: &'v Value, field: &str) -> &'v str {
    value[field].as_str().unwrap_or_default()
}

fn states(value: &Value) -> Vec<&str> {
    let steps = value["history"].as_array().map_or(&[][..], Vec::as_slice);
    steps.iter().map(|step| text(step, "state")).collect()
}

fn list<'v>(order: &'v Value, field: &str) -> &'v [Value] {
    order[field].as_array().map_or(&[], Vec::as_slice)
}

/// What differs between what is shown and what must be.
fn differences(shows: &Shows, order: &Value, account: &Value) -> Vec<String> {
    let nothing = Value::Null;
    let refund = list(order, "refunds").last().unwrap_or(&nothing);
    let payment = list(order, "payments").last().unwrap_or(&nothing);
    let mut wrong = Vec::new();
    for (what, expected, shown) in [
        ("state", &shows.state, text(order, "state")),
        ("refund", &shows.refund, text(refund, "state")),
    ] {
        if expected.as_deref().is_some_and(|e| e != shown) {
            wrong.push(format!("{what} is {shown:?}"));
        }
    }
    for (what, expected, shown) in [
        ("next", &shows.next, text(order, "next_en")),
        ("next_id", &shows.next_id, text(order, "next_id")),
        ("refund_next", &shows.refund_next, text(refund, "next_en")),
    ] {
        if expected.as_deref().is_some_and(|e| !shown.contains(e)) {
            wrong.push(format!("{what} is {shown:?}"));
        }
    }
    for (what, expected, shown) in [
        ("history", &shows.history, order),
        ("refund_history", &shows.refund_history, refund),
        ("payment_history", &shows.payment_history, payment),
    ] {
        if expected.as_ref().is_some_and(|e| *e != states(shown)) {
            wrong.push(format!("{what} is {:?}", states(shown)));
        }
    }
    for (what, expected) in [("available", shows.available), ("held", shows.held)] {
        if expected.is_some_and(|e| account[what] != e) {
            wrong.push(format!("{what} is {}", account[what]));
        }
    }
    wrong
}

/// Every row that the buyer sees tells where it is, since when, and what happens next, twice.
fn flaws(row: &Value, state: &str) -> Vec<String> {
    let mut wrong = Vec::new();
    let (id, en) = (text(row, "next_id"), text(row, "next_en"));
    if id.is_empty() || en.is_empty() || id == en {
        wrong.push(format!(
            "what happens next is not told in both languages: {row}"
        ));
    }
    let last = states(row).last().copied().unwrap_or_default();
    if last != state {
        wrong.push(format!("the history of {state} ends with {last:?}"));
    }
    let steps = list(row, "history");
    if steps.iter().any(|step| text(step, "at").is_empty()) {
        wrong.push(format!("a step has no time: {row}"));
    }
    wrong
}

impl Buyer<'_> {
    async fn get(&self, path: &str) -> Result<Value, String> {
        self.ask(Method::GET, path, (None, None), None).await
    }

    pub(super) async fn shows(&self, shows: &Shows) -> Result<(), String> {
        let order = self.order(shows.order.as_deref())?;
        let path = format!("/v1/orders/{order}");
        let shown = async || {
            let order = self.get(&path).await?;
            let account = self.get("/v1/account").await?;
            let wrong = differences(shows, &order, &account);
            wrong
                .is_empty()
                .then_some(())
                .ok_or_else(|| wrong.join(", "))
        };
        self.world.until(shown).await
    }

    /// What is wrong with what the buyer sees in the end.
    pub(super) async fn seen(&self) -> Result<(), String> {
        let (ends, mut wrong) = (&self.case.ends, Vec::new());
        let listed = self.get("/v1/orders").await?;
        let listed = list(&listed, "orders");
        let ids: Vec<String> = {
            let orders = self.orders.borrow();
            orders.iter().map(|(_, id)| id.to_string()).collect()
        };
        if listed.len() != ids.len() {
            wrong.push(format!("{} orders are in the history", listed.len()));
        }
        for (id, state) in ids.iter().zip(&ends.orders) {
            let in_list = listed.iter().find(|row| text(row, "id") == id);
            if in_list.is_none_or(|row| text(row, "state") != state) {
                wrong.push(format!("the history lacks {id} as {state}"));
            }
            let order = self.get(&format!("/v1/orders/{id}")).await?;
            wrong.extend(flaws(&order, state));
            let (refunds, payments) = (list(&order, "refunds"), list(&order, "payments"));
            for row in refunds.iter().chain(payments) {
                wrong.extend(flaws(row, text(row, "state")));
            }
            let open = |row: &Value| !["refunded", "reversed"].contains(&text(row, "state"));
            let under_way = refunds.iter().any(open);
            let disputed = payments.iter().any(|row| text(row, "state") == "disputed");
            let says = text(&order, "next_en");
            if under_way && !disputed && !says.contains("refund is under way") {
                wrong.push(format!(
                    "a refund is under way, and the order says {says:?}"
                ));
            }
            if disputed && !says.contains("disputes the payment") {
                wrong.push(format!(
                    "a payment is disputed, and the order says {says:?}"
                ));
            }
        }
        let account = self.get("/v1/account").await?;
        for (what, count) in ends.stamps.by_name() {
            if account[what] != count {
                wrong.push(format!("the account shows {} {what}", account[what]));
            }
        }
        wrong
            .is_empty()
            .then_some(())
            .ok_or_else(|| wrong.join("; "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn order() -> Value {
        let step = |state: &str| json!({ "state": state, "at": "2026-11-25T00:00:00Z" });
        json!({
            "state": "credited", "next_en": "Paid. Use them.", "next_id": "Lunas. Pakailah.",
            "history": [step("awaiting_payment"), step("credited")],
            "refunds": [{ "state": "sent", "next_en": "Asked.", "history": [step("sent")] }],
            "payments": [{ "state": "captured", "history": [step("captured")] }],
        })
    }

    type Change = fn(&mut Shows, Option<String>, Option<Vec<String>>);

    fn right() -> Shows {
        let some = |text: &str| Some(text.to_owned());
        let list = |states: &[&str]| Some(states.iter().map(|s| (*s).to_owned()).collect());
        Shows {
            order: None,
            state: some("credited"),
            next: some("Paid."),
            next_id: some("Lunas."),
            history: list(&["awaiting_payment", "credited"]),
            refund: some("sent"),
            refund_next: some("Asked."),
            refund_history: list(&["sent"]),
            payment_history: list(&["captured"]),
            available: Some(2),
            held: Some(0),
        }
    }

    #[test]
    fn each_thing_that_is_shown_otherwise_is_a_difference() {
        let account = json!({ "available": 2, "held": 0 });
        assert_eq!(differences(&right(), &order(), &account), [""; 0]);
        let other = || Some("other".to_owned());
        let none = || Some(Vec::new());
        let changes: [Change; 10] = [
            |s, other, _| s.state = other,
            |s, other, _| s.next = other,
            |s, other, _| s.next_id = other,
            |s, _, none| s.history = none,
            |s, other, _| s.refund = other,
            |s, other, _| s.refund_next = other,
            |s, _, none| s.refund_history = none,
            |s, _, none| s.payment_history = none,
            |s, _, _| s.available = Some(3),
            |s, _, _| s.held = Some(1),
        ];
        for (n, change) in changes.into_iter().enumerate() {
            let mut shows = right();
            change(&mut shows, other(), none());
            let wrong = differences(&shows, &order(), &account);
            assert_eq!(wrong.len(), 1, "change {n}: {wrong:?}");
        }
    }

    #[test]
    fn a_row_without_both_languages_its_state_or_its_times_is_flawed() {
        assert_eq!(flaws(&order(), "credited"), [""; 0]);
        for (field, value) in [
            ("next_id", json!("")),
            ("next_id", json!("Paid. Use them.")),
            ("history", json!([])),
            ("history", json!([{ "state": "credited" }])),
        ] {
            let mut row = order();
            row[field] = value;
            assert_eq!(flaws(&row, "credited").len(), 1, "{field}");
        }
        assert_eq!(flaws(&order(), "expired").len(), 1);
    }
}
