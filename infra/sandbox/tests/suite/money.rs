//! Whatever is asked in whatever order, the money adds up.

use crate::common::{KEY, MINUTE_MS, START_MS, settings};
use base64::{Engine, engine::general_purpose::STANDARD};
use bubuh_sandbox::{Bank, Books, Call, Delivered, FaultKind, FaultSpec, Pay};
use bytes::Bytes;
use http::Request;
use proptest::prelude::*;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Orders from here on are asked through Xendit's API, those before through Midtrans's.
const FIRST_OF_XENDIT: u8 = 3;

#[derive(Debug, Clone)]
enum Step {
    Charge {
        order: u8,
        account: bool,
        amount: u64,
    },
    Pay {
        order: u8,
        amount: Option<u64>,
        late: bool,
    },
    Refund {
        order: u8,
        key: Option<u8>,
        amount: Option<u64>,
    },
    Cancel(u8),
    Expire(u8),
    Deny(u8),
    Chargeback(u8),
    Fault(FaultKind, Option<Call>),
    Wait(u64),
    Deliver(u16),
    Restart,
}

fn step() -> impl Strategy<Value = Step> {
    let order = 0_u8..FIRST_OF_XENDIT + 2;
    let amount = prop_oneof![1_u64..20, Just(100_000)];
    prop_oneof![
        4 => (order.clone(), prop::bool::weighted(0.2), amount.clone())
            .prop_map(|(order, account, amount)| Step::Charge { order, account, amount }),
        4 => (order.clone(), prop::option::weighted(0.2, amount.clone()), any::<bool>())
            .prop_map(|(order, amount, late)| Step::Pay { order, amount, late }),
        6 => (order.clone(), prop::option::weighted(0.8, 0_u8..3), prop::option::of(amount))
            .prop_map(|(order, key, amount)| Step::Refund { order, key, amount }),
        1 => order.clone().prop_map(Step::Cancel),
        1 => order.clone().prop_map(Step::Expire),
        1 => order.clone().prop_map(Step::Deny),
        1 => order.prop_map(Step::Chargeback),
        2 => fault(),
        2 => prop_oneof![Just(1), Just(MINUTE_MS), Just(20 * MINUTE_MS)].prop_map(Step::Wait),
        2 => prop_oneof![Just(200_u16), Just(500), Just(503)].prop_map(Step::Deliver),
        1 => Just(Step::Restart),
    ]
}

fn fault() -> impl Strategy<Value = Step> {
    use FaultKind as K;
    prop_oneof![
        Just(Step::Fault(K::ErrorBeforeApplying, None)),
        Just(Step::Fault(K::ReplyLost, Some(Call::Refund))),
        Just(Step::Fault(K::LateSettlement, None)),
        Just(Step::Fault(K::WrongAmount, None)),
        Just(Step::Fault(K::RefundFails, None)),
        Just(Step::Fault(K::NotificationLost, None)),
        Just(Step::Fault(K::NotificationDuplicate, None)),
        Just(Step::Fault(K::NotificationOutOfOrder, None)),
    ]
}

struct Run {
    bank: Bank,
    now_ms: u64,
    /// What the first accepted refund of a key was, by transaction and key.
    made: BTreeMap<(String, String), String>,
}

impl Run {
    fn ask(&mut self, path: &str, body: &Value) -> Option<Value> {
        self.ask_once(path, None, body)
    }

    fn ask_once(&mut self, path: &str, key: Option<&str>, body: &Value) -> Option<Value> {
        let mut request = Request::post(path).header(
            "authorization",
            format!("Basic {}", STANDARD.encode(format!("{KEY}:"))),
        );
        if let Some(key) = key {
            request = request.header("idempotency-key", key);
        }
        let request = request.body(Bytes::from(body.to_string())).unwrap();
        let response = self.bank.handle(self.now_ms, &request).response?;
        Some(serde_json::from_slice(response.body()).unwrap())
    }

    fn take(&mut self, step: Step) {
        match step {
            Step::Charge {
                order,
                account,
                amount,
            } if order >= FIRST_OF_XENDIT => {
                let place = if account {
                    "virtual_account"
                } else {
                    "qr_code"
                };
                let channel = json!({
                    "channel_code": if account { "BCA" } else { "QRIS" },
                    "channel_properties": { "customer_name": "E METERAI" },
                });
                let order = format!("o{order}");
                self.ask_once("/payment_requests", Some(&order), &json!({
                    "reference_id": order, "amount": amount, "currency": "IDR",
                    "payment_method": {
                        "type": place.to_uppercase(), "reusability": "ONE_TIME_USE", place: channel,
                    },
                }));
            }
            Step::Charge {
                order,
                account,
                amount,
            } => {
                let kind = if account { "bank_transfer" } else { "qris" };
                self.ask("/v2/charge", &json!({
                    "payment_type": kind, "bank_transfer": { "bank": "bca" },
                    "transaction_details": { "order_id": format!("o{order}"), "gross_amount": amount },
                }));
            }
            Step::Pay {
                order,
                amount,
                late,
            } => {
                let _ = self
                    .bank
                    .pay(self.now_ms, &format!("o{order}"), Pay { amount, late });
            }
            Step::Refund { order, key, amount } if order >= FIRST_OF_XENDIT => {
                self.refund_request(order, key, amount);
            }
            Step::Refund { order, key, amount } => self.refund(order, key, amount),
            Step::Cancel(order) | Step::Expire(order) if order >= FIRST_OF_XENDIT => {
                if let Some(tx) = self.bank.find(&format!("o{order}")) {
                    let method = tx.transaction_id.replace("pr-", "pm-");
                    self.ask(
                        &format!("/v2/payment_methods/{method}/expire"),
                        &Value::Null,
                    );
                }
            }
            Step::Cancel(order) => drop(self.ask(&format!("/v2/o{order}/cancel"), &Value::Null)),
            Step::Expire(order) => drop(self.ask(&format!("/v2/o{order}/expire"), &Value::Null)),
            Step::Deny(order) => drop(self.bank.deny(self.now_ms, &format!("o{order}"))),
            Step::Chargeback(order) => {
                drop(self.bank.charge_back(self.now_ms, &format!("o{order}")));
            }
            Step::Fault(kind, call) => {
                let spec = FaultSpec {
                    call,
                    amount: Some(7),
                    delay_ms: 1,
                    ..FaultSpec::once(kind)
                };
                self.bank.set_fault(spec).unwrap();
            }
            Step::Wait(ms) => self.now_ms += ms,
            Step::Deliver(code) => {
                for due in self.bank.due_notifications(self.now_ms) {
                    let met = Delivered::Answered(code);
                    self.bank.notification_result(self.now_ms, due.id, met);
                }
            }
            Step::Restart => {
                let stored = serde_json::to_string(self.bank.snapshot()).unwrap();
                self.bank = Bank::restore(settings(), serde_json::from_str(&stored).unwrap());
            }
        }
    }

    fn refund(&mut self, order: u8, key: Option<u8>, amount: Option<u64>) {
        let order = format!("o{order}");
        // What comes in by itself at this time is not the refund's doing.
        self.bank.advance(self.now_ms);
        let before = self.bank.books();
        let reply = self.ask(
            &format!("/v2/{order}/refund"),
            &json!({ "refund_key": key.map(|key| format!("k{key}")), "amount": amount }),
        );
        let Some(reply) = reply.filter(|reply| reply["status_code"] == "200") else {
            return;
        };
        let text = |field: &str| reply[field].as_str().unwrap().to_owned();
        let name = (text("transaction_id"), text("refund_key"));
        match self.made.get(&name) {
            // The same key again: the same refund, and not a rupiah moves.
            Some(first) => {
                assert_eq!(first, &text("refund_amount"));
                assert_eq!(before, self.bank.books());
            }
            None => drop(self.made.insert(name, text("refund_amount"))),
        }
    }

    fn refund_request(&mut self, order: u8, key: Option<u8>, amount: Option<u64>) {
        self.bank.advance(self.now_ms);
        let before = self.bank.books();
        let Some(id) = self
            .bank
            .find(&format!("o{order}"))
            .map(|tx| tx.transaction_id.clone())
        else {
            return;
        };
        let key = key.map(|key| format!("k{key}"));
        let body = json!({
            "payment_request_id": id, "reference_id": key, "amount": amount, "reason": "OTHERS",
        });
        let reply = self.ask_once("/refunds", key.as_deref(), &body);
        // Asking moves nothing; only what is decided later does.
        assert_eq!(before, self.bank.books());
        let Some(reply) = reply.filter(|reply| reply["error_code"].is_null()) else {
            return;
        };
        let text = |field: &str| reply[field].as_str().unwrap().to_owned();
        let name = (id, text("reference_id"));
        let amount = reply["amount"].to_string();
        assert_eq!(self.made.entry(name).or_insert(amount.clone()), &amount);
    }

    fn check(&self) {
        let mut sum = Books::default();
        for tx in self.bank.transactions() {
            let given = tx.refunded() + tx.charged_back;
            assert!(tx.refunding() <= tx.captured, "{tx:?}");
            assert!(given <= tx.captured, "more given back than came in: {tx:?}");
            assert_eq!(tx.remaining(), tx.captured - given);
            let keys: Vec<_> = tx.refunds.iter().map(|refund| &refund.refund_key).collect();
            let mut unique = keys.clone();
            unique.sort();
            unique.dedup();
            assert_eq!(unique.len(), keys.len(), "a key refunded twice: {tx:?}");
            assert_eq!(tx.captured > 0, tx.settled_at_ms.is_some(), "{tx:?}");
            sum.captured += tx.captured;
            sum.refunded += tx.refunded();
            sum.charged_back += tx.charged_back;
            sum.remaining += tx.remaining();
        }
        assert_eq!(self.bank.books(), sum);
        assert_eq!(
            sum.captured,
            sum.refunded + sum.charged_back + sum.remaining
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn the_bank_balances_after_any_sequence(steps in prop::collection::vec(step(), 1..60)) {
        let mut bank = Bank::new(settings());
        bank.set_notification_url("http://merchant.test/").unwrap();
        let mut run = Run { bank, now_ms: START_MS, made: BTreeMap::new() };
        for step in steps {
            run.take(step);
            run.check();
        }
    }
}
