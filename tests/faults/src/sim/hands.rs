//! People who see to what can't end by itself: an operator at the cases, and buyers who are asked for a
//! bank account.

use super::{
    Sim,
    tasks::After,
    web::{Call, ask},
};
use crate::world::{World, registration};
use bubuh_core::{
    case::{Case, CaseKind},
    hook::Topic,
    id::AccountId,
};
use bubuh_steps::Resolution;
use http::Method;
use serde_json::json;

/// The buyers of a world.
pub(super) const ACCOUNTS: [&str; 2] = ["ani", "budi"];

/// An account wants to be told everything, and its receiver does not take the first word.
pub(super) async fn registers(world: &World, account: &str) {
    let hooks = world.hooks();
    let new = registration("webhook", "https://erp.test/hooks", &Topic::ALL);
    let account = AccountId::new(account).expect("an account");
    let registered = world.cloud.unseen(hooks.register(&account, new)).await;
    registered.expect("a webhook");
    world.receiver.answers([500]);
}

impl Sim {
    /// Somebody looks at each open case and may do something about it. Gives whether anybody did.
    pub(super) fn hands(&mut self, open: Vec<Case>) -> bool {
        let mut any = false;
        for case in open {
            any |= self.buyer(&case) || self.operator(&case);
        }
        any
    }

    /// The buyer says where to pay, or keeps the stamps.
    fn buyer(&mut self, case: &Case) -> bool {
        let (CaseKind::PayoutDue(key), Some(order)) = (&case.kind, case.order) else {
            return false;
        };
        let Some(account) = ACCOUNTS.into_iter().find(|name| named(name, &case.account)) else {
            return false;
        };
        let path = format!("/v1/orders/{order}/refunds/{key}");
        let call = match self.dice.below(4) {
            0 => Call::of(account, Method::POST, format!("{path}/keep")).json(&json!({})),
            1 => Call::of(account, Method::POST, format!("{path}/pay-to")).json(&json!({
                "bank": "BCA", "number": "1234567890", "holder": account,
            })),
            _ => return false,
        };
        let (world, tasks) = (self.world.clone(), self.tasks.clone());
        self.tasks.person(format!("{account} answers"), async move {
            world.cloud.think("answers").await;
            let _ = ask(&world, &tasks, call).await; // whatever it says, the case tells
        });
        true
    }

    fn operator(&mut self, case: &Case) -> bool {
        let how = match (&case.kind, self.dice.below(4)) {
            (_, 0) => return false,
            (CaseKind::PaymentDisputed(transaction), 1) => {
                let bank = &self.world.bank;
                let won = bank.with(|bank, now_ms| bank.win_dispute(now_ms, transaction));
                match won {
                    Ok(_) => Resolution::Won,
                    Err(_) => return false,
                }
            }
            (CaseKind::PaymentDisputed(_), _) => Resolution::Lost,
            (CaseKind::RefundStuck(_) | CaseKind::PayoutDue(_), 1) => Resolution::Retry,
            (CaseKind::RefundStuck(_) | CaseKind::PayoutDue(_), _) => {
                Resolution::Paid("TX-1".to_owned())
            }
            (CaseKind::DocumentStalled(_), _) => Resolution::Retry,
            _ => Resolution::Noted,
        };
        self.say(|| format!("{how:?} for {:?}", case.kind));
        let (world, id) = (self.world.clone(), case.id);
        self.tasks.start("operator", After::Nothing, async move {
            let _ = world.cases().resolve(id, &how, "operator").await; // the case tells
            After::Nothing
        });
        true
    }
}

fn named(name: &str, account: &AccountId) -> bool {
    account.as_str() == name
}
