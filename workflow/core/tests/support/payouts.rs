//! Short ways to settlement lines and what they do.

use super::{DAY_MS, T0, World, order_id, refund_key, seen, transaction};
use bubuh_core::{
    Error,
    case::{Case, CaseKind},
    id::{RefundKey, StatementId},
    ledger::LedgerAccount,
    money::{DUTY, Rupiah, Stamps},
    order::{ObservedState, observe},
    payment::{Method, Payment},
    refund::{Answer, Next, Refund, plan, settle},
    settlement::{
        Books, Ending, Line, LineId, LineKind, Rates, Subject, Verdict, Word, await_payout, judge,
        resolve,
    },
    write::Write,
};

pub(crate) const WINDOW_MS: u64 = 5 * DAY_MS;

pub(crate) fn line_id(number: u32) -> LineId {
    LineId {
        statement: StatementId::derive(&["file"]),
        number,
    }
}

/// A line about the payment and order of this name, with the fee that is agreed for it.
pub(crate) fn line(number: u32, kind: LineKind, of: &str, amount: u64) -> Line {
    let amount = Rupiah::new(amount);
    let fee = match kind {
        LineKind::Payment => Rates::default().fee(Method::Qris, amount).unwrap(),
        _ => Rupiah::ZERO,
    };
    Line {
        id: line_id(number),
        kind,
        order: Some(order_id(of)),
        transaction: Some(transaction(of)),
        amount,
        fee,
        settled_at_ms: T0 + DAY_MS,
        reference: None,
    }
}

pub(crate) fn says(captured: bool, amount: u64) -> Word {
    Word::Says {
        captured,
        amount: Rupiah::new(amount),
    }
}

impl World {
    /// What a line leads to.
    pub(crate) fn judge(&self, line: &Line, word: Word) -> Verdict {
        let order = line.order.and_then(|id| self.orders.get(&id));
        let payment = line.transaction.as_ref().and_then(|t| self.payments.get(t));
        let refunds: Vec<Refund> = self.refunds.values().cloned().collect();
        let books = Books {
            buyer: order.map(|order| (&order.account, order.id)),
            payment,
            refunds: &refunds,
            case: payment
                .and_then(|p| p.payout.case)
                .map(|id| &self.cases[&id]),
        };
        judge(line, books, word, &Rates::default(), T0 + DAY_MS).unwrap()
    }

    /// Books a line as a reader of files does; gives whether anything was written.
    pub(crate) fn book(&mut self, line: &Line, word: Word) -> bool {
        let asked = match word {
            Word::NotAsked => Word::Unknown,
            other => other,
        };
        let verdict = match self.judge(line, word) {
            Verdict::Ask => self.judge(line, asked),
            other => other,
        };
        match verdict {
            Verdict::Booked => false,
            Verdict::Ask => panic!("asked twice"),
            Verdict::Write(writes) => {
                let first = matches!(&writes[0], Write::Ledger(e) if e.id.starts_with("line."));
                assert!(first, "a line's entry comes first");
                let before = self.clone();
                if let Err(lost) = self.apply(&writes) {
                    assert_eq!(lost.index, 0, "booked before, though in another way");
                    return false;
                }
                super::watch::step(&before, self, &writes).unwrap();
                true
            }
        }
    }

    /// As [`World::buy`], from a gateway that sends files.
    pub(crate) fn buy_awaiting(&mut self, order: &str, owner: &str, quantity: u32) {
        self.place(order, owner, quantity);
        let amount = Rupiah::new(u64::from(quantity) * DUTY.get());
        let seen = seen(order, ObservedState::Captured, amount);
        let writes = observe(self.order(order), None, &[], &seen, T0).unwrap();
        self.must(&await_payout(writes, Some(WINDOW_MS), T0));
    }

    /// The open cases of breaks, by subject.
    pub(crate) fn breaks(&self) -> Vec<String> {
        let open = self.cases.values().filter(|c| c.closed.is_none());
        let mut breaks: Vec<String> = open
            .filter(|c| matches!(c.kind, CaseKind::SettlementBreak(_)))
            .map(|c| c.kind.subject().to_owned())
            .collect();
        breaks.sort();
        breaks
    }

    /// The open case whose subject begins so.
    pub(crate) fn break_case(&self, kind: &str) -> Case {
        let open = |c: &&Case| c.closed.is_none() && c.kind.subject().starts_with(kind);
        self.cases.values().find(open).cloned().unwrap()
    }

    /// What ends a break so.
    pub(crate) fn ending(
        &self,
        case: &Case,
        how: Ending<'_>,
        now_ms: u64,
    ) -> Result<Vec<Write>, Error> {
        let payments: Vec<Payment> = self.payments.values().cloned().collect();
        let refunds: Vec<Refund> = self.refunds.values().cloned().collect();
        let line = case.kind.subject().split_once(':').unwrap().1;
        let subject = Subject {
            payments: &payments,
            refunds: &refunds,
            suspended: self.entries.get(&format!("line.{line}")),
        };
        resolve(case, how, subject, "sari", now_ms)
    }

    /// A buyer's refund of so many stamps, made at the gateway.
    pub(crate) fn refund(&mut self, key: &str, paid: &str, count: u32, now_ms: u64) -> RefundKey {
        let payment = self.payment(paid).clone();
        let lots = self.lots_of(payment.account.as_str());
        let key = refund_key(key);
        let (_, writes) = Refund::ask(key, &payment, &lots, Stamps::new(count), now_ms).unwrap();
        self.must(&writes);
        let refund = &self.refunds[&key];
        let Next::Call(writes) = plan(refund, self.payment(paid), now_ms).unwrap() else {
            panic!("nothing is asked of the gateway")
        };
        self.must(&writes);
        let (refund, payment) = (&self.refunds[&key], self.payment(paid));
        let writes = settle(refund, payment, None, Answer::Made, now_ms).unwrap();
        self.must(&writes);
        key
    }

    /// What an account stands at, on its normal side.
    pub(crate) fn balance(&self, account: LedgerAccount) -> i128 {
        let legs = self.entries.values().flat_map(|e| &e.legs);
        let own = legs.filter(|leg| leg.account == account);
        let signed = own.map(|leg| {
            let amount = i128::from(leg.amount.get());
            if leg.side == account.normal() {
                amount
            } else {
                -amount
            }
        });
        signed.sum()
    }
}
