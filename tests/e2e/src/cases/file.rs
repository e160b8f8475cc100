//! A case as its data file says it. What is not known is an error, and so is a case without an end.

use bubuh_sandbox::{Call, FaultKind};
use serde::Deserialize;
use std::{collections::BTreeSet, path::Path};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    case: Vec<Case>,
}

/// What happens to one buyer, and how it must end.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Case {
    /// What the buyer would call it.
    pub name: String,
    /// Which complaint, or which habit of gateways, it is about.
    pub source: String,
    /// What is done, one after the other.
    pub steps: Vec<Step>,
    /// What the buyer has in the end.
    pub ends: Ends,
}

/// How a case ends. What is left out is none: nothing is left unlooked at.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ends {
    /// Each order's state, in the order they were placed.
    pub orders: Vec<String>,
    /// The buyer's stamps.
    pub stamps: Stamps,
    /// Rupiah back with the payer, whoever gave them.
    pub back: u64,
    /// Each refund as "state amount reason".
    #[serde(default)]
    pub refunds: Vec<String>,
    /// Each open case as "kind owner".
    #[serde(default)]
    pub cases: Vec<String>,
}

/// Stamps by where they are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Stamps {
    /// Usable.
    pub available: u32,
    /// Bound to a document.
    pub reserved: u32,
    /// On a document.
    pub stamped: u32,
    /// About to be given back.
    pub refunding: u32,
    /// Given back.
    pub refunded: u32,
    /// Unused, of a payment that is in dispute or was lost to one.
    pub held: u32,
}

/// The answer that a request must get; what succeeds, unless told.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The problem's code.
    pub problem: Option<String>,
}

/// Whom or what a step is about.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Of {
    /// The order's key; the one placed last, unless told.
    pub order: Option<String>,
    /// Where an order was charged more than once: the nth charge from 0; the last, unless told.
    pub charge: Option<usize>,
    /// The answer it must get.
    pub answer: Option<Answer>,
}

/// A fault at the payment gateway, for one order.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fault {
    /// What goes wrong.
    pub kind: FaultKind,
    /// At which call.
    #[serde(default)]
    pub call: Option<Call>,
    /// How often.
    #[serde(default = "once")]
    pub count: u32,
    /// For the kinds that wait.
    #[serde(default)]
    pub delay_ms: u64,
    /// For the kinds that answer.
    #[serde(default)]
    pub code: Option<u16>,
    /// For a wrong amount.
    #[serde(default)]
    pub amount: Option<u64>,
    /// For the odd kinds.
    #[serde(default)]
    pub word: Option<String>,
    /// The key of the order that is about to be placed, if it is not "order".
    #[serde(default)]
    pub order: Option<String>,
}

const fn once() -> u32 {
    1
}

/// One step.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Step {
    /// The gateway will fail so.
    Fault(Fault),
    /// That fault has happened so often.
    Met {
        /// Which.
        kind: FaultKind,
        /// How often.
        times: usize,
    },
    /// The buyer orders stamps; again, with the same key.
    Order {
        /// How many.
        quantity: u32,
        /// `qris` unless told.
        #[serde(default = "qris")]
        method: String,
        /// The `Idempotency-Key`; "order" unless told.
        #[serde(default = "first")]
        key: String,
        /// The answer it must get.
        #[serde(default)]
        answer: Option<Answer>,
    },
    /// The buyer opens the order.
    Opens(Of),
    /// The buyer pays.
    Pay {
        /// Another amount than asked.
        #[serde(default)]
        amount: Option<u64>,
        /// With a saved code, after the end.
        #[serde(default)]
        late: bool,
        /// What for.
        #[serde(default)]
        of: Of,
    },
    /// The buyer's bank refuses.
    Deny(Of),
    /// The gateway ends the charge: the time is over there.
    Lapse(Of),
    /// Somebody cancels the charge in the gateway's dashboard.
    CancelThere(Of),
    /// Somebody charges the same order once more at the gateway.
    ChargeAgain(Of),
    /// The buyer cancels.
    Cancel(Of),
    /// The buyer asks stamps back; all unused, unless told.
    AskBack {
        /// How many.
        #[serde(default)]
        quantity: Option<u32>,
        /// The `Idempotency-Key`; "back" unless told.
        #[serde(default = "back")]
        key: String,
        /// Of which order.
        #[serde(default)]
        of: Of,
    },
    /// The buyer gives a bank account for the refund that waits for one.
    PayTo {
        /// Its number.
        #[serde(default = "account")]
        number: String,
        /// Of which order.
        #[serde(default)]
        of: Of,
    },
    /// The buyer keeps the stamps instead.
    Keep(Of),
    /// A person ends the open case of this kind.
    Resolve {
        /// The kind.
        case: String,
        /// `retry`, `keep`, `won`, `lost`, `noted`, or `paid` and the reference.
        how: String,
        /// Whether that must be refused.
        #[serde(default)]
        refused: bool,
    },
    /// The payer's bank takes the money back.
    Chargeback(Of),
    /// It gives it back again.
    DisputeWon(Of),
    /// Somebody refunds in the gateway's dashboard.
    DashboardRefund {
        /// How much.
        amount: u64,
        /// Of which order.
        #[serde(default)]
        of: Of,
    },
    /// The buyer uploads documents, and waits until all are in this state.
    Documents {
        /// How many.
        count: usize,
        /// `stamped` unless told.
        #[serde(default = "stamped")]
        until: String,
    },
    /// All documents so far are in this state.
    DocumentsAre {
        /// The state.
        state: String,
    },
    /// The time to pay is over: the row is made due by hand, and the sweep looks.
    Overdue(Of),
    /// The refunds have been tried for so many days: their rows are made older by hand.
    Aged {
        /// How many.
        days: u64,
    },
    /// The gateway's lost notifications of the order are delivered after all, and so often.
    Delivered {
        /// How often each.
        times: usize,
    },
    /// The bank shows the charge in this state.
    AtBank {
        /// The state.
        state: String,
        /// Of which order.
        #[serde(default)]
        of: Of,
    },
    /// The buyer sees this, now or soon.
    Shows(Shows),
    /// The second steps happen before the first is answered.
    Meanwhile {
        /// What is slow.
        first: Box<Step>,
        /// What happens until then.
        then: Vec<Step>,
    },
}

fn qris() -> String {
    "qris".to_owned()
}

fn first() -> String {
    "order".to_owned()
}

fn back() -> String {
    "back".to_owned()
}

fn account() -> String {
    "1234567890".to_owned()
}

fn stamped() -> String {
    "stamped".to_owned()
}

/// What the buyer sees of an order.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Shows {
    /// Which order.
    pub order: Option<String>,
    /// Its state.
    pub state: Option<String>,
    /// A part of what happens next, in English.
    pub next: Option<String>,
    /// The same in Indonesian.
    pub next_id: Option<String>,
    /// The states it was in.
    pub history: Option<Vec<String>>,
    /// Its last refund's state.
    pub refund: Option<String>,
    /// A part of what happens next to that, in English.
    pub refund_next: Option<String>,
    /// The states that was in.
    pub refund_history: Option<Vec<String>>,
    /// The states its last payment was in.
    pub payment_history: Option<Vec<String>>,
    /// Usable stamps in the account.
    pub available: Option<u32>,
    /// Held stamps in the account.
    pub held: Option<u32>,
}

/// Reads cases; `from` is told in errors.
///
/// # Errors
/// What is wrong with them.
fn read(from: &str, text: &str) -> Result<Vec<Case>, String> {
    let file: File = toml::from_str(text).map_err(|error| format!("{from}: {error}"))?;
    for case in &file.case {
        if let Some(flaw) = flaw(case) {
            return Err(format!("{from}: \"{}\" {flaw}", case.name));
        }
    }
    Ok(file.case)
}

/// Why a case could show nothing.
fn flaw(case: &Case) -> Option<&'static str> {
    let places = |step: &Step| match step {
        Step::Order { .. } => true,
        Step::Meanwhile { first, .. } => matches!(**first, Step::Order { .. }),
        _ => false,
    };
    if case.name.trim().is_empty() || case.source.trim().is_empty() {
        return Some("has no name or no source");
    }
    if !case.steps.iter().any(places) {
        return Some("has no order");
    }
    if case.ends.orders.is_empty() {
        return Some("expects no order");
    }
    let blank = |step: &Step| matches!(step, Step::Shows(shows) if shows.is_blank());
    case.steps
        .iter()
        .any(blank)
        .then_some("shows nothing in a step that should")
}

impl Shows {
    fn is_blank(&self) -> bool {
        let texts = [&self.state, &self.next, &self.next_id, &self.refund];
        let lists = [&self.history, &self.refund_history, &self.payment_history];
        let counts = [self.available, self.held];
        texts.iter().all(|t| t.is_none())
            && self.refund_next.is_none()
            && lists.iter().all(|l| l.is_none())
            && counts.iter().all(|c| c.is_none())
    }
}

/// Every case of the folder, in the order of files and lines.
///
/// # Errors
/// What is wrong with them; that two bear one name, too.
pub fn load(folder: &Path) -> Result<Vec<Case>, String> {
    let told = |error: std::io::Error| format!("{}: {error}", folder.display());
    let mut paths = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(told)? {
        paths.push(entry.map_err(told)?.path());
    }
    paths.sort();
    let (mut cases, mut names) = (Vec::new(), BTreeSet::new());
    for path in paths {
        let from = path.file_name().unwrap_or_default().to_string_lossy();
        let text = std::fs::read_to_string(&path).map_err(told)?;
        cases.extend(read(&from, &text)?);
    }
    for case in &cases {
        if !names.insert(&case.name) {
            return Err(format!("two cases are named \"{}\"", case.name));
        }
    }
    Ok(cases)
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = r#"
[[case]]
name = "paid"
source = "none"
steps = [{ order = { quantity = 2 } }, { pay = {} }, { shows = { state = "credited" } }]
ends = { orders = ["credited"], stamps = { available = 2 }, back = 0 }
"#;

    #[test]
    fn a_good_case_is_read() {
        let cases = read("good", GOOD).unwrap();
        assert_eq!(cases[0].ends.stamps.available, 2);
        assert_eq!(cases[0].ends.stamps.held, 0);
    }

    #[test]
    fn what_is_not_known_is_an_error() {
        for (from, to) in [
            ("source =", "sauce ="),
            ("quantity = 2", "quantity = 2, colour = 1"),
            ("{ pay = {} }", "{ pay = { amounts = 1 } }"),
            ("{ pay = {} }", "{ pay = { of = { ordre = \"x\" } } }"),
            ("{ pay = {} }", "{ dance = {} }"),
            ("{ pay = {} }", "{ deny = { x = 1 } }"),
            ("state = \"credited\"", "stat = \"credited\""),
            ("available = 2", "availabel = 2"),
            ("back = 0", "back = 0, refund = []"),
        ] {
            let text = GOOD.replace(from, to);
            assert_ne!(text, GOOD, "{from}");
            assert!(read("bad", &text).is_err(), "{to}");
        }
    }

    #[test]
    fn a_case_that_asserts_nothing_is_an_error() {
        for (from, to) in [
            ("orders = [\"credited\"]", "orders = []"),
            (", back = 0", ""),
            (", stamps = { available = 2 }", ""),
            ("{ order = { quantity = 2 } }, ", ""),
            ("state = \"credited\"", ""),
            ("source = \"none\"", "source = \"\""),
        ] {
            let text = GOOD.replace(from, to);
            assert_ne!(text, GOOD, "{from}");
            assert!(read("bad", &text).is_err(), "{to}");
        }
    }
}
