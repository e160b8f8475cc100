//! The steps of a case: what its buyer, the bank, an operator and time do.

use super::{
    file::{Answer, Case, Fault, Of, Step},
    world::World,
};
use bubuh::{client::Client, sample::letter_of};
use bubuh_core::{
    Rupiah,
    id::{AccountId, OrderId},
    write::{Expect, Put, Write},
};
use bubuh_gateway::{ChargeRequest, Gateway, Method as Pays};
use bubuh_sandbox::{Bank, BuyerError, FaultSpec, Pay, Transaction};
use bubuh_steps::Resolution;
use reqwest::Method;
use serde_json::{Value, json};
use std::{cell::RefCell, fmt::Display, pin::Pin};

const DAY_MS: u64 = 24 * 60 * 60 * 1000;

/// The buyer of a case, and whoever acts for and against them.
pub(super) struct Buyer<'a> {
    pub(super) world: &'a World<'a>,
    pub(super) case: &'a Case,
    pub(super) account: AccountId,
    pub(super) client: Client,
    /// Keys and ids, as they were placed.
    pub(super) orders: RefCell<Vec<(String, OrderId)>>,
    documents: RefCell<Vec<String>>,
    faults: RefCell<Vec<u64>>,
}

type Done<'a> = Pin<Box<dyn Future<Output = Result<(), String>> + 'a>>;

fn told(error: impl Display) -> String {
    error.to_string()
}

impl<'a> Buyer<'a> {
    pub(super) fn new(world: &'a World<'a>, case: &'a Case, nth: usize) -> Self {
        let name = format!("case-{nth:03}");
        Self {
            world,
            case,
            client: world.run.client(&name),
            account: AccountId::new(name).expect("an account"),
            orders: RefCell::default(),
            documents: RefCell::default(),
            faults: RefCell::default(),
        }
    }

    /// Takes every step.
    pub(super) async fn act(&self) -> Result<(), String> {
        for (n, step) in self.case.steps.iter().enumerate() {
            let taken = self.step(step).await;
            taken.map_err(|flaw| format!("step {} ({step:?}): {flaw}", n + 1))?;
        }
        Ok(())
    }

    /// A fault that never happened has shown nothing.
    pub(super) fn met_its_faults(&self) -> Result<(), String> {
        let faults = self.faults.borrow().clone();
        for fault in faults {
            let happened = self
                .world
                .bank(|bank, _| bank.fired().iter().any(|f| f.fault == fault));
            if !happened {
                return Err(format!("fault {fault} never happened"));
            }
        }
        Ok(())
    }

    /// The order of that key, or the one placed last.
    pub(super) fn order(&self, key: Option<&str>) -> Result<OrderId, String> {
        let orders = self.orders.borrow();
        let found = match key {
            Some(key) => orders.iter().find(|(k, _)| k == key),
            None => orders.last(),
        };
        found
            .map(|(_, id)| *id)
            .ok_or_else(|| format!("no order {key:?}"))
    }

    fn id_of(&self, key: &str) -> OrderId {
        OrderId::derive(&[self.account.as_str(), "POST /v1/orders", key])
    }

    fn path(&self, of: &Of) -> Result<String, String> {
        Ok(format!("/v1/orders/{}", self.order(of.order.as_deref())?))
    }

    /// The charge that a step is about, as the bank names it.
    fn charge(&self, of: &Of) -> Result<String, String> {
        let order = self.order(of.order.as_deref())?.to_string();
        let Some(nth) = of.charge else {
            return Ok(order);
        };
        let mut charges = self.world.charges(&order);
        if nth < charges.len() {
            Ok(charges.swap_remove(nth).transaction_id)
        } else {
            Err(format!("there is no charge {nth}"))
        }
    }

    fn at_bank(
        &self,
        of: &Of,
        act: impl FnOnce(&mut Bank, u64, &str) -> Result<Transaction, BuyerError>,
    ) -> Result<(), String> {
        let id = self.charge(of)?;
        self.world
            .bank(|bank, now_ms| act(bank, now_ms, &id))
            .map(|_| ())
            .map_err(told)
    }

    pub(super) async fn ask(
        &self,
        method: Method,
        path: &str,
        (key, body): (Option<&str>, Option<&Value>),
        expected: Option<&Answer>,
    ) -> Result<Value, String> {
        let answer = self.client.send(method, path, key, body).await;
        let answer = answer.map_err(told)?;
        let (status, body) = (answer.status, answer.body);
        let as_expected = match expected {
            None => (200..300).contains(&status),
            Some(expected) => {
                let kind = body["type"].as_str().unwrap_or_default();
                let code = expected.problem.as_deref();
                status == expected.status && code.is_none_or(|c| kind.ends_with(&format!(":{c}")))
            }
        };
        let both = status < 400 || body["detail"].is_string() && body["detail_id"].is_string();
        if as_expected && both {
            Ok(body)
        } else {
            Err(format!("{path} answered {status}: {body}"))
        }
    }

    async fn post(
        &self,
        path: &str,
        key: &str,
        body: &Value,
        answer: Option<&Answer>,
    ) -> Result<Value, String> {
        self.ask(Method::POST, path, (Some(key), Some(body)), answer)
            .await
    }

    fn step<'b>(&'b self, step: &'b Step) -> Done<'b> {
        Box::pin(self.take(step))
    }

    async fn take(&self, step: &Step) -> Result<(), String> {
        match step {
            Step::Fault(fault) => self.fault(fault),
            Step::Met { kind, times } => self.met(*kind, *times).await,
            Step::Order {
                quantity,
                method,
                key,
                answer,
            } => self.places(*quantity, method, key, answer.as_ref()).await,
            Step::Opens(of) => {
                let path = self.path(of)?;
                self.ask(Method::GET, &path, (None, None), of.answer.as_ref())
                    .await
                    .map(|_| ())
            }
            Step::Pay { amount, late, of } => {
                let (amount, late) = (*amount, *late);
                self.at_bank(of, |bank, now_ms, id| {
                    bank.pay(now_ms, id, Pay { amount, late })
                })
            }
            Step::Deny(of) => self.at_bank(of, |bank, now_ms, id| bank.deny(now_ms, id)),
            Step::Chargeback(of) => {
                self.at_bank(of, |bank, now_ms, id| bank.charge_back(now_ms, id))
            }
            Step::DisputeWon(of) => {
                self.at_bank(of, |bank, now_ms, id| bank.win_dispute(now_ms, id))
            }
            Step::DashboardRefund { amount, of } => self.at_bank(of, |bank, now_ms, id| {
                bank.refund_in_dashboard(now_ms, id, *amount)
            }),
            Step::Lapse(of) => {
                let id = self.charge(of)?;
                self.world
                    .gateway
                    .expire(&id)
                    .await
                    .map(|_| ())
                    .map_err(told)
            }
            Step::CancelThere(of) => {
                let id = self.charge(of)?;
                self.world
                    .gateway
                    .cancel(&id)
                    .await
                    .map(|_| ())
                    .map_err(told)
            }
            Step::ChargeAgain(of) => self.charge_again(of).await,
            Step::Cancel(of) => {
                let path = format!("{}/cancel", self.path(of)?);
                let nothing = json!({});
                let asked = self.post(&path, "cancel", &nothing, of.answer.as_ref());
                asked.await.map(|_| ())
            }
            Step::AskBack { quantity, key, of } => {
                let path = format!("{}/refund", self.path(of)?);
                let body = match quantity {
                    Some(quantity) => json!({ "quantity": quantity }),
                    None => json!({}),
                };
                let asked = self.post(&path, key, &body, of.answer.as_ref());
                asked.await.map(|_| ())
            }
            Step::PayTo { number, of } => {
                let body = json!({ "bank": "BCA", "number": number, "holder": "Pembeli" });
                self.by_hand(of, "pay-to", &body).await
            }
            Step::Keep(of) => self.by_hand(of, "keep", &json!({})).await,
            Step::Resolve { case, how, refused } => self.resolve(case, how, *refused).await,
            Step::Documents { count, until } => self.documents(*count, until).await,
            Step::DocumentsAre { state } => self.documents_are(state).await,
            Step::Overdue(of) => self.overdue(of).await,
            Step::Aged { days } => self.aged(*days).await,
            Step::Delivered { times } => self.delivered(*times).await,
            Step::AtBank { state, of } => {
                let order = self.order(of.order.as_deref()).map_err(told)?.to_string();
                let there = || {
                    let last = self.world.charges(&order).pop();
                    let seen = last.map_or("nothing", |tx| tx.state.as_str());
                    (seen == state)
                        .then_some(())
                        .ok_or_else(|| format!("the bank has {seen}"))
                };
                self.world.until(async || there()).await
            }
            Step::Shows(shows) => self.shows(shows).await,
            Step::Meanwhile { first, then } => {
                let rest = async {
                    for step in then {
                        self.step(step).await?;
                    }
                    Ok::<_, String>(())
                };
                let (first, rest) = futures::join!(self.step(first), rest);
                rest.and(first)
            }
        }
    }

    fn fault(&self, fault: &Fault) -> Result<(), String> {
        let last = self.orders.borrow().last().map(|(_, id)| *id);
        let order = match &fault.order {
            Some(key) => self.id_of(key),
            None => last.unwrap_or_else(|| self.id_of("order")),
        };
        let spec = FaultSpec {
            kind: fault.kind,
            call: fault.call,
            order_id: Some(order.to_string()),
            count: fault.count,
            delay_ms: fault.delay_ms,
            code: fault.code,
            amount: fault.amount,
            word: fault.word.clone(),
        };
        let number = self.world.bank(|bank, _| bank.set_fault(spec))?;
        self.faults.borrow_mut().push(number);
        Ok(())
    }

    async fn met(&self, kind: bubuh_sandbox::FaultKind, times: usize) -> Result<(), String> {
        let own: Vec<String> = {
            let orders = self.orders.borrow();
            orders.iter().map(|(_, id)| id.to_string()).collect()
        };
        let enough = || {
            let met = self.world.bank(|bank, _| {
                let fired = bank.fired().iter();
                fired
                    .filter(|f| f.kind == kind && own.contains(&f.order_id))
                    .count()
            });
            (met >= times)
                .then_some(())
                .ok_or_else(|| format!("met {met} times"))
        };
        self.world.until(async || enough()).await
    }

    async fn places(
        &self,
        quantity: u32,
        method: &str,
        key: &str,
        answer: Option<&Answer>,
    ) -> Result<(), String> {
        let id = self.id_of(key);
        if answer.is_none() && !self.orders.borrow().iter().any(|(_, known)| *known == id) {
            self.orders.borrow_mut().push((key.to_owned(), id));
        }
        let body = json!({ "quantity": quantity, "method": method });
        let placed = self.post("/v1/orders", key, &body, answer).await?;
        if answer.is_none() && placed["id"] != id.to_string() {
            return Err(format!("another order: {placed}"));
        }
        Ok(())
    }

    async fn charge_again(&self, of: &Of) -> Result<(), String> {
        let order = self.order(of.order.as_deref())?;
        let row = self.world.table.order(order).await.map_err(told)?;
        let row = row.ok_or("no such order")?;
        let request = ChargeRequest {
            order_id: order.to_string(),
            gross_amount: Rupiah::new(row.total.get()),
            method: Pays::Qris,
            expiry_minutes: 60,
            expires_at_ms: row.expires_at_ms,
            item_name: None,
        };
        let charged = self.world.gateway.charge(&request).await;
        charged.map(|_| ()).map_err(told)
    }

    /// The buyer answers about the newest refund, once it waits for that.
    async fn by_hand(&self, of: &Of, what: &str, body: &Value) -> Result<(), String> {
        let path = self.path(of)?;
        let waits = async || {
            let order = self.ask(Method::GET, &path, (None, None), None).await?;
            let refunds = order["refunds"].as_array().cloned().unwrap_or_default();
            let last = refunds.last().ok_or("there is no refund")?;
            let open = last["state"] != "due" && last["state"] != "sent";
            let key = last["key"].as_str().unwrap_or_default().to_owned();
            open.then_some(key)
                .ok_or_else(|| format!("the refund is {}", last["state"]))
        };
        let key = self.world.until(waits).await?;
        let path = format!("{path}/refunds/{key}/{what}");
        let answered = self.post(&path, what, body, of.answer.as_ref());
        answered.await.map(|_| ())
    }

    async fn resolve(&self, kind: &str, how: &str, refused: bool) -> Result<(), String> {
        let how = match how.split_once(' ') {
            Some(("paid", reference)) => Resolution::Paid(reference.to_owned()),
            None if how == "retry" => Resolution::Retry,
            None if how == "keep" => Resolution::Keep,
            None if how == "won" => Resolution::Won,
            None if how == "lost" => Resolution::Lost,
            None if how == "noted" => Resolution::Noted,
            _ => return Err(format!("nobody can resolve by {how:?}")),
        };
        let open = |rows: &bubuh_core::audit::Rows| {
            let mut open = rows.cases.iter().filter(|c| c.closed.is_none());
            open.find(|c| c.account == self.account && c.kind.name() == kind)
                .map(|case| case.id)
                .ok_or_else(|| format!("no open case {kind}"))
        };
        let case = self.world.until_rows(open).await?;
        match self.world.cases.resolve(case, &how, "sari").await {
            Ok(_) if refused => Err("it was not refused".to_owned()),
            Err(error) if !refused => Err(error.to_string()),
            _ => Ok(()),
        }
    }

    async fn documents(&self, count: usize, until: &str) -> Result<(), String> {
        for _ in 0..count {
            let n = self.documents.borrow().len();
            let bytes = letter_of(&format!("{} nomor {n}", self.account));
            let key = format!("doc-{n}");
            let announced = self.client.announce(&key, "surat.pdf", &bytes).await;
            let announced = announced.map_err(told)?;
            let uploaded = self.client.upload(&announced, &bytes).await;
            uploaded.map_err(told)?;
            let path = format!("/v1/documents/{}", announced.text("id"));
            self.documents.borrow_mut().push(path);
        }
        self.documents_are(until).await
    }

    async fn documents_are(&self, state: &str) -> Result<(), String> {
        let paths = self.documents.borrow().clone();
        for path in paths {
            let states = [state];
            let reached = self.client.wait(&path, &states, super::world::PATIENCE);
            reached.await.map_err(told)?;
        }
        Ok(())
    }

    /// The row says that its time is over; whatever the gateway says, the sweep then looks.
    async fn overdue(&self, of: &Of) -> Result<(), String> {
        let (id, table) = (self.order(of.order.as_deref())?, &self.world.table);
        let aged = loop {
            let row = table.order(id).await.map_err(told)?;
            let mut row = row.ok_or("no such order")?;
            let expect = Expect::Version(row.version);
            let now_ms = self.world.now_ms();
            row.version += 1;
            row.expires_at_ms = row.expires_at_ms.min(now_ms - 1);
            row.due_at_ms = Some(now_ms - 1);
            let version = row.version;
            let write = Write::Order(Put { expect, row });
            match table.commit(&[write]).await {
                Ok(()) => break version,
                Err(bubuh_store::Error::Lost { .. }) => {}
                Err(error) => return Err(told(error)),
            }
        };
        let looked = async || {
            self.world.run.stack.sweep().await.map_err(told)?;
            let row = table.order(id).await.map_err(told)?;
            let version = row.map_or(0, |row| row.version);
            (version > aged)
                .then_some(())
                .ok_or_else(|| "the sweep did not look".to_owned())
        };
        self.world.until(looked).await
    }

    async fn aged(&self, days: u64) -> Result<(), String> {
        let table = &self.world.table;
        let orders: Vec<OrderId> = self.orders.borrow().iter().map(|(_, id)| *id).collect();
        for id in orders {
            for mut row in table.refunds(id).await.map_err(told)? {
                let key = row.key;
                loop {
                    let expect = Expect::Version(row.version);
                    row.version += 1;
                    row.created_at_ms = row.created_at_ms.saturating_sub(days * DAY_MS);
                    row.trying_since_ms = row.trying_since_ms.saturating_sub(days * DAY_MS);
                    match table.commit(&[Write::Refund(Put { expect, row })]).await {
                        Ok(()) => break,
                        Err(bubuh_store::Error::Lost { .. }) => {}
                        Err(error) => return Err(told(error)),
                    }
                    let again = table.refund(id, key).await.map_err(told)?;
                    row = again.ok_or("the refund is gone")?;
                }
            }
        }
        Ok(())
    }

    async fn delivered(&self, times: usize) -> Result<(), String> {
        let order = self.order(None)?.to_string();
        let lost = self.world.lost_notifications(&order).await?;
        if lost.is_empty() {
            return Err("no notification was lost".to_owned());
        }
        for body in lost {
            for _ in 0..times {
                let status = self.world.notify("application/json", body.clone()).await?.0;
                if status != 200 {
                    return Err(format!("a genuine notification was answered {status}"));
                }
            }
        }
        Ok(())
    }
}
