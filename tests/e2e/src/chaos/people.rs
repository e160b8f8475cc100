//! Buyers and owners: they ask again until they are answered, with the same key.

use super::plan::{Deed, DocumentPlan, OrderPlan, Plan};
use crate::Run;
use aws_sdk_sqs::Client as Sqs;
use bubuh::{
    Error,
    client::{Answer, Client},
};
use bubuh_core::document::Document;
use bubuh_gateway::{Gateway, Http, Midtrans, SecretString};
use bubuh_sandbox::{FaultKind, FaultSpec, Pay};
use futures::{StreamExt, stream};
use reqwest::Method;
use serde_json::json;
use std::{
    collections::{BTreeMap, BTreeSet},
    future::Future,
    sync::atomic::{AtomicUsize, Ordering},
    time::Duration,
};
use tokio::time::{Instant, sleep, timeout};

/// Longer than any fault, kill and lease together.
const PATIENCE: Duration = Duration::from_secs(240);
/// How long one try may take.
const ONE_TRY: Duration = Duration::from_secs(40);
const PAUSE: Duration = Duration::from_millis(300);
const ORDERS_AT_ONCE: usize = 4;
const DOCUMENTS_AT_ONCE: usize = 6;

/// Everybody outside.
pub(super) struct People<'a> {
    run: &'a Run,
    clients: BTreeMap<String, Client>,
    gateway: Midtrans<Http>,
    sqs: Sqs,
    /// Orders that are placed and done with.
    pub(super) orders: AtomicUsize,
    /// Documents that are uploaded.
    pub(super) documents: AtomicUsize,
}

impl<'a> People<'a> {
    pub(super) async fn new(run: &'a Run, plan: &Plan) -> Self {
        let accounts: BTreeSet<&str> = plan
            .orders
            .iter()
            .map(|o| o.account.as_str())
            .chain(plan.documents.iter().map(|d| d.account.as_str()))
            .collect();
        let place = run.stack.place();
        let secret = run.aws().secret(&place.gateway_secret).await;
        let secret: serde_json::Value =
            serde_json::from_str(&secret.expect("the gateway's key")).expect("JSON");
        let key = secret["server_key"].as_str().expect("a key").to_owned();
        let http = Http::new(ONE_TRY, ONE_TRY).expect("a client");
        Self {
            clients: accounts
                .into_iter()
                .map(|account| (account.to_owned(), run.client(account)))
                .collect(),
            gateway: Midtrans::new(&place.gateway, SecretString::from(key), http),
            sqs: Sqs::new(&run.stack.aws_config()),
            run,
            orders: AtomicUsize::new(0),
            documents: AtomicUsize::new(0),
        }
    }

    /// Everything that people do.
    pub(super) async fn live(&self, plan: &Plan) {
        let orders =
            stream::iter(&plan.orders).for_each_concurrent(ORDERS_AT_ONCE, |order| async {
                self.order(order).await;
                self.orders.fetch_add(1, Ordering::Relaxed);
            });
        let documents =
            stream::iter(&plan.documents).for_each_concurrent(DOCUMENTS_AT_ONCE, |d| async {
                self.document(d).await;
                self.documents.fetch_add(1, Ordering::Relaxed);
            });
        futures::join!(orders, documents);
    }

    async fn order(&self, plan: &OrderPlan) {
        let client = &self.clients[&plan.account];
        let id = plan.id().to_string();
        let path = format!("/v1/orders/{id}");
        if plan.told_twice {
            self.bank_will(
                FaultSpec {
                    count: 2,
                    ..FaultSpec::once(FaultKind::NotificationDuplicate)
                },
                &id,
            );
        }
        let placed = insist("place an order", || {
            client.order(&plan.key, plan.quantity, plan.method)
        });
        assert_eq!(placed.await.text("id"), id);
        // A buyer who was given nothing to pay with looks at the order again.
        while self
            .run
            .stack
            .payments()
            .with(|bank, _| bank.find(&id).is_none())
        {
            insist("look at an order", || get(client, &path)).await;
        }
        match plan.deed {
            Deed::Paid => self.pay(&id, Pay::default()),
            Deed::PaidLate => {
                self.bank_will(
                    FaultSpec {
                        delay_ms: 3_000,
                        ..FaultSpec::once(FaultKind::LateSettlement)
                    },
                    &id,
                );
                self.bank_will(FaultSpec::once(FaultKind::NotificationOutOfOrder), &id);
                self.pay(&id, Pay::default());
            }
            Deed::Lapsed => {
                let ended = insist_gateway(|| self.gateway.expire(&id));
                ended.await;
            }
            Deed::Denied => {
                let denied = self
                    .run
                    .stack
                    .payments()
                    .with(|bank, now| bank.deny(now, &id));
                denied.expect("the bank refuses");
            }
            Deed::Cancelled => self.cancel(client, &path).await,
            Deed::PaidAfterCancel => {
                self.cancel(client, &path).await;
                self.pay(
                    &id,
                    Pay {
                        late: true,
                        ..Pay::default()
                    },
                );
            }
            Deed::WrongAmount => self.pay(
                &id,
                Pay {
                    amount: Some(1_234),
                    ..Pay::default()
                },
            ),
            Deed::AskedBack => {
                self.pay(&id, Pay::default());
                let until = Instant::now() + PATIENCE;
                while insist("look at an order", || get(client, &path))
                    .await
                    .text("state")
                    != "credited"
                {
                    assert!(Instant::now() < until, "{path} is not credited");
                    sleep(PAUSE).await;
                }
                let refund = format!("{path}/refund");
                insist("ask back", || post(client, &refund)).await;
            }
        }
    }

    async fn cancel(&self, client: &Client, path: &str) {
        let cancel = format!("{path}/cancel");
        let cancelled = insist("cancel", || post(client, &cancel)).await;
        assert_eq!(cancelled.text("state"), "cancelled");
    }

    fn pay(&self, id: &str, pay: Pay) {
        let paid = self
            .run
            .stack
            .payments()
            .with(|bank, now| bank.pay(now, id, pay));
        paid.expect("the bank takes the money");
    }

    fn bank_will(&self, spec: FaultSpec, order: &str) {
        let spec = FaultSpec {
            order_id: Some(order.to_owned()),
            ..spec
        };
        let set = self
            .run
            .stack
            .payments()
            .with(|bank, _| bank.set_fault(spec));
        set.expect("a fault that can fire");
    }

    async fn document(&self, plan: &DocumentPlan) {
        let client = &self.clients[&plan.account];
        let announced = insist("announce", || {
            client.announce(&plan.key, "surat.pdf", &plan.bytes)
        });
        let announced = announced.await;
        assert_eq!(announced.text("id"), plan.id().to_string());
        insist("upload", || client.upload(&announced, &plan.bytes)).await;
        if plan.doubled {
            self.uploaded_again(plan).await;
        }
    }

    /// Storage tells of an upload once more, and the owner says that it is done.
    pub(super) async fn uploaded_again(&self, plan: &DocumentPlan) {
        let key = Document::source_key(plan.id());
        let queue = self.run.stack.output("UploadsQueueUrl");
        let event = json!({ "Records": [{ "s3": { "object": { "key": key } } }] });
        self.send(queue, event).await;
        self.send(queue, json!({ "accept": plan.id() })).await;
    }

    /// The queue delivers a document once more.
    pub(super) async fn queued_again(&self, plan: &DocumentPlan) {
        let queue = self.run.stack.output("StampsQueueUrl");
        self.send(queue, json!({ "stamp": plan.id() })).await;
    }

    async fn send(&self, queue: &str, body: serde_json::Value) {
        let sent = self.sqs.send_message().queue_url(queue);
        let sent = sent.message_body(body.to_string()).send().await;
        sent.expect("the emulator's queue takes a message");
    }
}

async fn get(client: &Client, path: &str) -> Result<Answer, Error> {
    ok("look", client.send(Method::GET, path, None, None).await?)
}

async fn post(client: &Client, path: &str) -> Result<Answer, Error> {
    let empty = json!({});
    let sent = client.send(Method::POST, path, Some("kunci"), Some(&empty));
    ok("ask", sent.await?)
}

fn ok(call: &'static str, answer: Answer) -> Result<Answer, Error> {
    match answer.status {
        200..300 => Ok(answer),
        status => Err(Error::Api {
            call,
            status,
            detail: answer.body.to_string(),
        }),
    }
}

/// Asks again while there is no answer, or one that says to come again.
async fn insist<T, F>(what: &str, call: impl Fn() -> F) -> T
where
    F: Future<Output = Result<T, Error>>,
{
    let until = Instant::now() + PATIENCE;
    loop {
        match timeout(ONE_TRY, call()).await {
            Ok(Ok(answer)) => return answer,
            Ok(Err(Error::Api {
                status: 0 | 409 | 429 | 500..,
                ..
            })) => {}
            Ok(Err(error)) => panic!("{what}: {error}"),
            Err(_) => {}
        }
        assert!(Instant::now() < until, "{what}: no answer");
        sleep(PAUSE).await;
    }
}

async fn insist_gateway<T, F>(call: impl Fn() -> F) -> T
where
    F: Future<Output = Result<T, bubuh_gateway::Error>>,
{
    insist("ask the gateway", || async {
        call().await.map_err(|error| Error::Api {
            call: "ask the gateway",
            status: if error.retryable() { 0 } else { 400 },
            detail: error.to_string(),
        })
    })
    .await
}
