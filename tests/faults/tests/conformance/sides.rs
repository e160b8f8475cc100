//! The two sides: the fake cloud and the emulator.

use crate::differs::{self, Differs};
use aws_sdk_dynamodb::config::retry::RetryConfig;
use bubuh::{progress::Progress, stack::Bare};
use bubuh_faults::world::{Retries, World};
use bubuh_store::Aws;
use std::{
    any::Any,
    panic::resume_unwind,
    sync::{
        OnceLock,
        atomic::{AtomicU64, Ordering},
    },
};

/// Which side.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Which {
    Fake,
    Emulator,
}

/// A side of one test: a world of its own, or names of its own in the one emulator.
pub(crate) struct Side {
    /// The fake's world; none at the emulator.
    pub(crate) fake: Option<World>,
    pub(crate) config: aws_config::SdkConfig,
    which: Which,
    /// Tells this test's resources from others'.
    pub(crate) name: String,
}

impl Side {
    fn new(which: Which) -> Self {
        static TESTS: AtomicU64 = AtomicU64::new(0);
        let fake = (which == Which::Fake).then(|| World::new(1, Retries::None));
        let config = match &fake {
            Some(world) => world.aws_config(),
            None => emulator().aws_config(),
        };
        let unretried = config.to_builder().retry_config(RetryConfig::disabled());
        Self {
            fake,
            which,
            config: unretried.build(),
            name: format!("test-{}", TESTS.fetch_add(1, Ordering::SeqCst)),
        }
    }

    /// The same side without anything that was done on it.
    pub(crate) fn afresh(&self) -> Self {
        Self::new(self.which)
    }

    /// The adapters that the code itself uses.
    pub(crate) fn adapters(&self) -> Aws {
        Aws::new(self.config.clone())
    }
}

/// The emulator that all tests of this process share. Its standard input closes with this process,
/// and it ends then; the directory that it leaves is removed by the next start of any.
fn emulator() -> &'static Bare {
    static EMULATOR: OnceLock<Bare> = OnceLock::new();
    EMULATOR.get_or_init(|| {
        let started = runtime().block_on(Bare::start(&Progress::Lines));
        started.expect("the emulator starts")
    })
}

fn runtime() -> tokio::runtime::Runtime {
    let mut builder = tokio::runtime::Builder::new_current_thread();
    builder.enable_all().build().expect("a runtime")
}

/// Runs a behaviour on a side. A difference that is on the list must be seen, as it is described.
pub(crate) fn check<F: Future<Output = ()>>(
    which: Which,
    behaviour: &str,
    run: impl FnOnce(Side) -> F + Send + 'static,
) {
    let work = move || {
        // Outside the runtime: the first one starts the emulator.
        let side = Side::new(which);
        runtime().block_on(async move { Box::pin(run(side)).await });
    };
    // Unoptimised clients are large.
    let thread = std::thread::Builder::new().stack_size(16 << 20).spawn(work);
    let seen = thread.expect("a thread").join();
    match (differs::known(which, behaviour), seen) {
        (None, Ok(())) => {}
        (None, Err(panic)) => resume_unwind(panic),
        (Some(difference), seen) => is_as_described(difference, seen),
    }
}

fn is_as_described(difference: &Differs, seen: Result<(), Box<dyn Any + Send>>) {
    let Err(panic) = seen else {
        panic!("it does what AWS does by now; strike it off the list: {difference:?}");
    };
    let words = panic.downcast_ref::<String>().map(String::as_str);
    let words = words.or_else(|| panic.downcast_ref::<&str>().copied());
    let words = words.unwrap_or_default();
    assert!(
        words.contains(difference.seen),
        "it differs in another way than is known: {words}\n{difference:?}"
    );
}
