//! Services in the process, behind the one door where requests are counted and faults happen.

mod conditions;
mod connector;
mod dynamo;
mod gateway;
mod hold;
mod machines;
mod peek;
mod plan;
mod queues;
mod receiver;
mod reply;
mod site;
mod storage;
mod turns;
mod variant;

pub use conditions::Condition;
pub use gateway::{Clock, SharedBank, SharedIssuer, Teller};
pub use hold::Hold;
pub use machines::{Execution, Status};
pub use plan::{Fault, Fired, Plan};
pub use queues::{BULK_URL, Letter, RECEPTIONS_MAX, STAMPS_URL, UPLOADS_URL, hidden_ms};
pub use receiver::{Heard, Receiver};
pub use site::{Service, Site};

use dynamo::Dynamo;
use machines::Machines;
use queues::Queues;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use storage::Storage;
use tokio::sync::Notify;
pub(crate) use turns::{ACTOR, Actor, Waiting, Wish};
pub use variant::Variant;

/// The name of the bucket for uploads; an object put there is announced on the uploads queue.
pub const UPLOADS: &str = "uploads-bucket";
/// The name of the bucket for stamped files.
pub const STAMPED: &str = "stamped-bucket";
/// The name of the bucket of settlement files.
pub const SETTLEMENTS: &str = "settlements-bucket";
/// The table's name.
pub const TABLE: &str = "bubuh";

/// All services of one world. Clones share them.
#[derive(Clone)]
pub struct Cloud {
    state: Arc<Mutex<State>>,
    crash: Arc<Notify>,
    now: Arc<dyn Fn() -> u64 + Send + Sync>,
}

pub(crate) struct State {
    pub(crate) dynamo: Dynamo,
    pub(crate) storage: Storage,
    pub(crate) queues: Queues,
    pub(crate) machines: Machines,
    plan: Plan,
    actor: String,
    sites: Vec<Site>,
    holds: Vec<Hold>,
    /// Requests of the harness itself: not counted, no faults.
    unseen: bool,
    /// Whether requests wait for their turn.
    turns: Option<turns::Turns>,
    /// A guarantee that this world's services do not keep.
    pub(crate) variant: Option<variant::Broken>,
    /// A condition that the table sees said otherwise.
    reworded: Option<conditions::Reworded>,
}

/// What is to be done with a request.
enum Verdict {
    Apply,
    Fail(Fault),
    /// Apply, then the reply does not arrive.
    LoseReply,
    /// The process dies, after applying the request or before.
    Crash {
        applied: bool,
    },
}

impl Verdict {
    const fn of(fault: Option<Fault>) -> Self {
        match fault {
            None => Self::Apply,
            Some(Fault::LostReply) => Self::LoseReply,
            Some(Fault::CrashBefore) => Self::Crash { applied: false },
            Some(Fault::CrashAfter) => Self::Crash { applied: true },
            Some(other) => Self::Fail(other),
        }
    }
}

impl Cloud {
    /// Empty services, under the given clock.
    #[must_use]
    pub fn new(now: impl Fn() -> u64 + Send + Sync + 'static) -> Self {
        Self {
            state: Arc::new(Mutex::new(State {
                dynamo: Dynamo::new(),
                storage: Storage::default(),
                queues: Queues::default(),
                machines: Machines::default(),
                plan: Plan::none(),
                actor: "nobody".to_owned(),
                sites: Vec::new(),
                holds: Vec::new(),
                unseen: false,
                turns: None,
                variant: None,
                reworded: None,
            })),
            crash: Arc::new(Notify::new()),
            now: Arc::new(now),
        }
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn now_ms(&self) -> u64 {
        (self.now)()
    }

    /// What goes wrong from here on.
    pub fn set_plan(&self, plan: Plan) {
        self.lock().plan = plan;
    }

    /// The faults that fired.
    #[must_use]
    pub fn fired(&self) -> Vec<Fired> {
        self.lock().plan.fired().to_vec()
    }

    /// Every request so far.
    #[must_use]
    pub fn sites(&self) -> Vec<Site> {
        self.lock().sites.clone()
    }

    /// Lets go of what is known of the requests so far; their count begins anew.
    pub fn forget_sites(&self) {
        self.lock().sites.clear();
    }

    /// How many requests were made so far.
    #[must_use]
    pub fn count(&self) -> usize {
        self.lock().sites.len()
    }

    /// Names who makes the requests from here on, for the record.
    pub fn actor(&self, name: impl Into<String>) {
        self.lock().actor = name.into();
    }

    /// Stops the first request that `stops` holds for, before it is applied, until it is let go.
    pub fn hold(&self, stops: impl Fn(&Site) -> bool + Send + 'static) -> Hold {
        let hold = Hold::new(stops);
        self.lock().holds.push(hold.clone());
        hold
    }

    /// Runs a process: gives its result, or `None` when a fault killed it.
    pub async fn process<T>(&self, name: &str, work: impl Future<Output = T>) -> Option<T> {
        self.actor(name);
        // Boxed: unoptimised futures of a whole handler are too large for a test's stack.
        tokio::select! {
            biased;
            done = Box::pin(work) => Some(done),
            () = self.crash.notified() => None,
        }
    }

    /// Makes requests that are not counted and meet no fault.
    pub async fn unseen<T>(&self, work: impl Future<Output = T>) -> T {
        self.lock().unseen = true;
        let done = Box::pin(work).await;
        self.lock().unseen = false;
        done
    }

    /// Counts a request and says what becomes of it.
    async fn enter(&self, service: Service, operation: &str, target: &str, body: &[u8]) -> Verdict {
        let (site, turns) = {
            let state = self.lock();
            if state.unseen {
                return Verdict::Apply;
            }
            let name = ACTOR.try_with(|actor| actor.name.clone());
            let site = Site {
                index: state.sites.len(),
                actor: name.unwrap_or_else(|_| state.actor.clone()),
                service,
                operation: operation.to_owned(),
                target: target.to_owned(),
                body: body.to_vec(),
            };
            (site, state.turns.is_some())
        };
        if turns {
            return self.turn(Wish::Request(Arc::new(site))).await;
        }
        let (verdict, hold) = {
            let mut state = self.lock();
            let fault = state.plan.decide(&site);
            let hold = state.holds.iter().find(|h| h.takes(&site)).cloned();
            state.sites.push(site);
            (Verdict::of(fault), hold)
        };
        if let Some(hold) = hold {
            hold.wait().await;
        }
        verdict
    }

    /// The process that made the request ends here.
    async fn die<T>(&self) -> T {
        self.crash.notify_one();
        std::future::pending().await
    }
}
