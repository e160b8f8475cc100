//! What is known of each payment, refund and chargeback.

use super::{Day, Kind, Match, Paid, Row, Words, kind_of, what_of};
use crate::{
    audit::Rows,
    case::Case,
    payment::Payment,
    refund::{Refund, RefundState},
    settlement::{Break, Kept},
};
use std::collections::BTreeSet;

/// The rows of a payment that the day touched.
pub(super) fn payment_rows<'a>(
    payment: &Payment,
    rows: &Rows,
    words: &Words,
    (day, open): (Day, &[&'a Case]),
    told: &mut BTreeSet<&'a str>,
) -> Vec<Row> {
    let payout = &payment.payout;
    let word = words.get(&payment.transaction);
    // A line that could not be placed stands at its order's payment: only people can tell it further.
    let mut about = |names: &[String], suspended: bool| {
        let own = open.iter().filter(|case| {
            let here = names.iter().any(|name| name == what_of(case));
            let loose = suspended && case.order == Some(payment.order) && suspends(case);
            here || loose
        });
        let mut kinds = Vec::new();
        for case in own {
            if told.insert(case.kind.subject()) {
                kinds.push(kind_of(case).to_owned());
            }
        }
        kinds
    };
    let base = |kind, name: String, at_ms| Row {
        kind,
        order: Some(payment.order),
        transaction: payment.transaction.to_string(),
        name,
        method: Some(payment.method),
        at_ms,
        booked: None,
        gateway: None,
        paid: None,
        state: Match::Waiting,
        breaks: Vec::new(),
    };
    let mut found = Vec::new();
    let settled = payout.settled.filter(|s| s.at_ms < day.to_ms);
    let mut row = base(Kind::Payment, String::new(), payment.captured_at_ms);
    row.booked = Some(payment.amount);
    row.gateway = word.and_then(|w| w.as_ref()).map(|w| w.amount);
    row.paid = settled.map(|s| Paid {
        line: s.line,
        gross: s.gross,
        fee: s.fee,
        at_ms: s.at_ms,
    });
    let mut names = vec![payment.transaction.to_string()];
    names.extend(settled.map(|s| s.line.to_string()));
    row.breaks = about(&names, true);
    let differs = match word {
        Some(None) => true,
        Some(Some(says)) => {
            !says.captured || says.amount != payment.amount || says.refunded != payment.refunded
        }
        None => false,
    };
    let gateway_differs = Break::GatewayDiffers.name().to_owned();
    if differs && !row.breaks.contains(&gateway_differs) {
        row.breaks.push(gateway_differs);
    }
    // What a later file settled was waited for at the day's end.
    let later = payout.settled.is_some() && settled.is_none();
    row.state = state(&row, payment.waits_for().is_none() && !later);
    let touched = day.has(payment.captured_at_ms)
        || settled.is_some_and(|s| day.has(s.at_ms))
        || !row.breaks.is_empty();
    if touched && payment.captured_at_ms < day.to_ms {
        found.push(row);
    }
    if let Some(kept) = payout.chargeback.filter(|kept| day.has(kept.at_ms)) {
        let mut row = base(Kind::Chargeback, String::new(), kept.at_ms);
        row.booked = payment.left().ok();
        row.paid = Some(kept_back(kept));
        row.breaks = about(&[kept.line.to_string()], false);
        row.state = state(&row, true);
        found.push(row);
    }
    let own = rows
        .refunds
        .iter()
        .filter(|r| r.transaction == payment.transaction);
    for refund in own {
        let kept = refund.kept.filter(|kept| kept.at_ms < day.to_ms);
        let mut row = base(Kind::Refund, refund.key.to_string(), refund.created_at_ms);
        row.booked = Some(refund.amount);
        row.gateway = word.and_then(|w| w.as_ref()).map(|w| w.refunded);
        row.paid = kept.map(kept_back);
        row.breaks = kept.map_or_else(Vec::new, |kept| about(&[kept.line.to_string()], false));
        let later = refund.kept.is_some() && kept.is_none();
        let nothing = ends_without_files(refund) || payout.settled.is_none();
        row.state = state(&row, nothing && !later);
        let moved = day.has(refund.created_at_ms) || kept.is_some_and(|kept| day.has(kept.at_ms));
        if moved || !row.breaks.is_empty() {
            found.push(row);
        }
    }
    found
}

/// Whether no settlement file will speak of a refund.
fn ends_without_files(refund: &Refund) -> bool {
    let ended = matches!(refund.state, RefundState::Refunded | RefundState::Reversed);
    ended && !refund.is_at_gateway()
}

const fn kept_back(kept: Kept) -> Paid {
    Paid {
        line: kept.line,
        gross: kept.amount,
        fee: kept.fee,
        at_ms: kept.at_ms,
    }
}

fn suspends(case: &Case) -> bool {
    Break::of(case.kind.subject()).is_some_and(Break::suspends)
}

fn state(row: &Row, nothing_awaited: bool) -> Match {
    if !row.breaks.is_empty() {
        Match::Broken
    } else if row.paid.is_some() || nothing_awaited {
        Match::Matched
    } else {
        Match::Waiting
    }
}

/// A break that no payment or refund of ours has.
pub(super) fn other(case: &Case, told: &BTreeSet<&str>) -> Option<Row> {
    if told.contains(case.kind.subject()) {
        return None;
    }
    Some(Row {
        kind: Kind::Other,
        order: case.order,
        transaction: String::new(),
        name: case.note.clone(),
        method: None,
        at_ms: case.opened_at_ms,
        booked: None,
        gateway: None,
        paid: None,
        state: Match::Broken,
        breaks: vec![kind_of(case).to_owned()],
    })
}
