//! What people do: every request with its own key, made again until it is answered.

use super::{
    tasks::Tasks,
    web::{Call, ask},
};
use crate::{
    double::{MOODY, UNFIT, UNSTAMPABLE},
    remote::pdf,
    world::{Dice, World},
};
use bubuh_core::{
    id::{AccountId, IdempotencyKey, Sha256},
    money::Stamps,
    payment,
};
use bubuh_sandbox::Pay;
use bubuh_steps::order::Request;
use bubuh_store::files::Link;
use http::Method;
use serde_json::{Value, json};

/// A person at a page: an account, and the world as they reach it.
#[derive(Clone)]
pub(super) struct Person {
    pub(super) account: &'static str,
    pub(super) world: World,
    pub(super) tasks: Tasks,
    /// Whether there are serials for what is ordered.
    pub(super) stocked: bool,
}

/// How often a page asks again before a person gives up.
const PATIENCE: usize = 12;

impl Person {
    /// Asks until there is an answer that is not "try again". `None`: gave up.
    async fn insist(&self, call: Call) -> Option<(u16, Value)> {
        for _ in 0..PATIENCE {
            self.world
                .cloud
                .think(&format!("{} asks", self.account))
                .await;
            match ask(&self.world, &self.tasks, call.clone()).await {
                Some((status, body)) if status < 500 && status != 429 => {
                    return Some((status, body));
                }
                _ => {}
            }
        }
        None
    }

    /// Its order was placed while there were serials.
    async fn is_owed(&self, name: &str, quantity: u64, transfer: bool) {
        let (method, word) = if transfer {
            (payment::Method::BankTransfer, "bank_transfer")
        } else {
            (payment::Method::Qris, "qris")
        };
        let body = format!(r#"{{"quantity":{quantity},"method":"{word}"}}"#);
        let request = Request {
            key: IdempotencyKey::new(name).expect("a key"),
            quantity: Stamps::new(u32::try_from(quantity).expect("a few")),
            method,
            hash: Sha256::of(body.as_bytes()),
        };
        let account = AccountId::new(self.account).expect("an account");
        self.world.owes(&account, &request).await;
    }

    fn post(&self, path: &str, key: &str, body: &Value) -> Call {
        Call::of(self.account, Method::POST, path)
            .key(key)
            .json(body)
    }

    /// Orders, and pays or not.
    pub(super) async fn buys(self, name: String, mut dice: Dice) {
        let quantity = 1 + dice.below(3);
        let transfer = dice.below(6) == 0;
        let method = if transfer { "bank_transfer" } else { "qris" };
        let wanted = json!({ "quantity": quantity, "method": method });
        if !self.stocked {
            self.is_owed(&name, quantity, transfer).await;
        }
        let Some((201, order)) = self.insist(self.post("/v1/orders", &name, &wanted)).await else {
            return;
        };
        let id = text(&order, "id");
        let path = format!("/v1/orders/{id}");
        for _ in 0..6 {
            let show = Call::of(self.account, Method::GET, &path);
            match self.insist(show).await {
                Some((200, order)) if order["instructions"].is_object() => break,
                _ => {}
            }
        }
        let mood = dice.below(20);
        if matches!(mood, 0..=2) {
            let cancel = self.post(&format!("{path}/cancel"), &name, &json!({}));
            self.insist(cancel).await;
        }
        if mood == 0 || mood == 3 {
            return;
        }
        self.world.cloud.think("pays").await;
        let amount = (mood == 4).then_some(9_000);
        let pay = Pay { amount, late: true };
        let _ = self
            .world
            .bank
            .with(|bank, now_ms| bank.pay(now_ms, &id, pay)); // a closed account takes nothing
        self.troubles(&id, quantity, &mut dice).await;
        if dice.below(4) == 0 {
            for _ in 0..3 {
                let back = self.post(&format!("{path}/refund"), &name, &json!({ "quantity": 1 }));
                if let Some((202, _)) = self.insist(back).await {
                    return;
                }
            }
        }
    }

    /// What may come over paid money at the gateway: the payer's bank takes it back, and perhaps loses
    /// the dispute; somebody refunds in the dashboard.
    async fn troubles(&self, order: &str, quantity: u64, dice: &mut Dice) {
        let bank = &self.world.bank;
        let trouble = dice.below(16);
        if trouble > 3 {
            return;
        }
        for _ in 0..dice.below(4) {
            self.world.cloud.think("waits").await;
        }
        match trouble {
            0 | 1 => {
                self.world.cloud.think("the payer's bank disputes").await;
                let _ = bank.with(|bank, now_ms| bank.charge_back(now_ms, order)); // if it can
            }
            _ => {
                let price = crate::world::PRICE.get();
                let amounts = [price, price * quantity, price * 3 / 2];
                let amount = amounts[usize::try_from(dice.below(3)).unwrap_or_default()];
                self.world.cloud.think("refunds in the dashboard").await;
                let _ = bank.with(|bank, now_ms| bank.refund_in_dashboard(now_ms, order, amount)); // if it can
            }
        }
    }

    /// Announces a document, uploads it, and may think better of it.
    pub(super) async fn submits(self, name: String, mut dice: Dice) {
        let file = self.content(&name, dice.below(16));
        let wanted = json!({
            "name": format!("{name}.pdf"), "size": file.len(),
            "sha256": Sha256::of(&file), "document_type": "3",
        });
        let announce = self.post("/v1/documents", &name, &wanted);
        let Some((201, document)) = self.insist(announce).await else {
            return;
        };
        let path = format!("/v1/documents/{}", text(&document, "id"));
        let mood = dice.below(20);
        if mood != 0 {
            let times = 1 + dice.below(2);
            for _ in 0..times {
                self.world.cloud.think("uploads").await;
                self.uploads(&document["upload"], &file);
            }
            if dice.below(3) == 0 {
                let complete = self.post(&format!("{path}/complete"), &name, &json!({}));
                self.insist(complete).await;
            }
        }
        if mood < 4 {
            let cancel = Call::of(self.account, Method::DELETE, &path);
            self.insist(cancel).await;
        }
        if dice.below(5) == 0 {
            self.erases(&path, dice.below(8)).await;
        }
    }

    /// Wants it gone, once it has ended.
    async fn erases(&self, path: &str, patience: u64) {
        for _ in 0..=patience {
            self.world.cloud.think("wants it gone").await;
            let erase = self.post(&format!("{path}/erase"), path, &json!({}));
            if let Some((200, _)) = self.insist(erase).await {
                return;
            }
        }
    }

    /// A file, whose words say how it is taken.
    fn content(&self, name: &str, kind: u64) -> Vec<u8> {
        let word = match kind {
            0 => UNFIT,
            1 => UNSTAMPABLE,
            2..=6 => MOODY,
            _ => b"a file",
        };
        match self.world.remote {
            Some(_) => pdf(&format!("{} {name}", String::from_utf8_lossy(word))),
            None => [word, b" ", name.as_bytes()].concat(),
        }
    }

    fn uploads(&self, link: &Value, file: &[u8]) {
        let headers = link["headers"].as_object().into_iter().flatten();
        let link = Link {
            method: text(link, "method"),
            url: text(link, "url"),
            headers: headers
                .map(|(name, value)| (name.clone(), value.as_str().unwrap_or_default().to_owned()))
                .collect(),
            expires_in_s: 0,
        };
        let put = self.world.cloud.follow(&link, file);
        assert!(
            matches!(put, Ok(()) | Err(412)),
            "the link is refused: {put:?}"
        );
    }
}

fn text(value: &Value, name: &str) -> String {
    value[name].as_str().unwrap_or_default().to_owned()
}
