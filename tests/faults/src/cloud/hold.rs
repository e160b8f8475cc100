//! Stopping one request in flight, so that a test can do something else meanwhile.

use super::Site;
use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};
use tokio::sync::Notify;

type Stops = Box<dyn Fn(&Site) -> bool + Send>;

/// A request that waits to be let go. Clones are the same hold.
#[derive(Clone)]
pub struct Hold {
    stops: Arc<std::sync::Mutex<Stops>>,
    taken: Arc<AtomicBool>,
    reached: Arc<Notify>,
    released: Arc<Notify>,
}

impl Hold {
    pub(super) fn new(stops: impl Fn(&Site) -> bool + Send + 'static) -> Self {
        Self {
            stops: Arc::new(std::sync::Mutex::new(Box::new(stops))),
            taken: Arc::new(AtomicBool::new(false)),
            reached: Arc::new(Notify::new()),
            released: Arc::new(Notify::new()),
        }
    }

    /// Whether it stops this request: the first that fits, and no other.
    pub(super) fn takes(&self, site: &Site) -> bool {
        if self.taken.load(Ordering::SeqCst) || !(self.stops.lock().unwrap())(site) {
            return false;
        }
        self.taken.store(true, Ordering::SeqCst);
        true
    }

    pub(super) async fn wait(&self) {
        self.reached.notify_one();
        self.released.notified().await;
    }

    /// Waits until the request has come and stands still.
    pub async fn reached(&self) {
        self.reached.notified().await;
    }

    /// Lets it go on.
    pub fn release(&self) {
        self.released.notify_one();
    }
}
