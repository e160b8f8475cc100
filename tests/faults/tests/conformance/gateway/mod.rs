//! The payment sandbox by its two faces: in the process, as the simulator speaks to it, and served
//! over HTTP, as the local stack does. The bank behind them is tested in `infra/sandbox`.

mod calls;
mod notifications;

use bubuh_faults::{
    cloud::Teller,
    world::{Retries, World},
};
use bubuh_gateway::{
    ChargeRequest, Error, Http, Method, Midtrans, RefundRequest, SecretString, Transport,
    notification::{self, Notification},
};
use bubuh_sandbox::{Bank, Config, Delivered, FaultSpec, Pay, Sandbox, serve};
use bytes::Bytes;
use http::{Request, Response};
use std::time::Duration;
use tokio::{net::TcpListener, sync::mpsc};

/// Each behaviour as two tests, one for each face.
macro_rules! by_both_faces {
    ($($behaviour:ident,)*) => {
        mod in_process {
            $(#[tokio::test]
            async fn $behaviour() {
                super::$behaviour(super::super::in_process()).await;
            })*
        }
        mod served {
            $(#[tokio::test]
            async fn $behaviour() {
                super::$behaviour(super::super::served().await).await;
            })*
        }
    };
}
use by_both_faces;

/// How long a served client waits; the simulator's waits as long as the world does.
const PATIENCE: Duration = Duration::from_secs(3);
const IN_PROCESS_PATIENCE_MS: u64 = 15_000;
/// For what must come, and comes at once unless the machine is busy.
const LONG: Duration = Duration::from_secs(30);

/// The way to a bank.
enum Way {
    InProcess(Teller<Bank>),
    Served(Http),
}

impl Transport for Way {
    async fn send(&self, request: Request<Bytes>) -> Result<Response<Bytes>, Error> {
        match self {
            Self::InProcess(teller) => teller.send(request).await,
            Self::Served(http) => http.send(request).await,
        }
    }
}

enum Behind {
    InProcess(Box<World>),
    Served(Sandbox, mpsc::UnboundedReceiver<Bytes>),
}

/// A bank, the real client of it, and a merchant that hears its notifications.
struct Face {
    gateway: Midtrans<Way>,
    key: SecretString,
    patience_ms: u64,
    behind: Behind,
}

fn in_process() -> Face {
    let world = World::new(1, Retries::None);
    let way = Way::InProcess(world.teller());
    let key = world.server_key.clone();
    Face {
        gateway: Midtrans::new("http://gateway.test", key.clone(), way),
        key,
        patience_ms: IN_PROCESS_PATIENCE_MS,
        behind: Behind::InProcess(Box::new(world)),
    }
}

async fn served() -> Face {
    let (url, heard) = merchant().await;
    let key = SecretString::from("a server key of no merchant");
    let config = Config {
        notification_url: Some(url),
        ..Config::new(key.clone())
    };
    let sandbox = serve(listener().await, config).await.unwrap();
    let way = Way::Served(Http::new(PATIENCE, PATIENCE).unwrap());
    Face {
        gateway: Midtrans::new(sandbox.url(), key.clone(), way),
        key,
        patience_ms: u64::try_from(PATIENCE.as_millis()).unwrap(),
        behind: Behind::Served(sandbox, heard),
    }
}

async fn listener() -> TcpListener {
    TcpListener::bind("127.0.0.1:0").await.unwrap()
}

/// Takes every notification, and passes it on.
async fn merchant() -> (String, mpsc::UnboundedReceiver<Bytes>) {
    let (sender, heard) = mpsc::unbounded_channel();
    let take = move |body: Bytes| async move { sender.send(body).unwrap() };
    let router = axum::Router::new().route("/", axum::routing::post(take));
    let listener = listener().await;
    let url = format!("http://{}/", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await });
    (url, heard)
}

impl Face {
    /// Looks at the bank, or acts on it, now.
    fn with<R>(&self, act: impl FnOnce(&mut Bank, u64) -> R) -> R {
        match &self.behind {
            Behind::InProcess(world) => world.bank.with(act),
            Behind::Served(sandbox, _) => sandbox.with(act),
        }
    }

    fn fault(&self, fault: FaultSpec) {
        self.with(|bank, _| bank.set_fault(fault)).unwrap();
    }

    fn pay(&self, order: &str) {
        self.with(|bank, now_ms| bank.pay(now_ms, order, Pay::default()))
            .unwrap();
    }

    /// The next notification, whenever it comes; the merchant takes it.
    async fn told(&mut self) -> Notification {
        let body = match &mut self.behind {
            Behind::InProcess(world) => {
                let next = world.bank.with(|bank, _| bank.next_event_ms());
                world.wait_until(next.expect("a notification"));
                world.bank.with(|bank, now_ms| {
                    let due = bank.due_notifications(now_ms).remove(0);
                    bank.notification_result(now_ms, due.id, Delivered::Answered(200));
                    due.request.into_body()
                })
            }
            Behind::Served(_, heard) => {
                let heard = tokio::time::timeout(LONG, heard.recv()).await;
                heard.expect("a notification").unwrap()
            }
        };
        notification::verify(&body, &self.key).unwrap()
    }
}

fn qris(order: &str) -> ChargeRequest {
    ChargeRequest {
        order_id: order.to_owned(),
        gross_amount: bubuh_core::Rupiah::new(100_000),
        method: Method::Qris,
        expiry_minutes: 15,
        expires_at_ms: 0,
        item_name: None,
    }
}

fn refund(key: &str, rupiah: u64) -> RefundRequest {
    RefundRequest {
        refund_key: key.to_owned(),
        amount: bubuh_core::Rupiah::new(rupiah),
        reason: "unused".to_owned(),
    }
}
