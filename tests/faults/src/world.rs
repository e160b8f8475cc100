//! One world: a cloud, a bank, a clock, and the real steps wired to them.

mod clients;
mod webhooks;

pub(crate) use webhooks::MASTER;
pub use webhooks::registration;

use crate::{
    cloud::{
        BULK_URL, Cloud, Receiver, SETTLEMENTS, STAMPED, STAMPS_URL, Service, SharedBank,
        SharedIssuer, TABLE, Teller, UPLOADS, UPLOADS_URL,
    },
    double::{CountingMint, FickleIssuer, WordCheck},
    remote::{self, AnyIssuer, AnyMint, Serials},
};
use aws_config::SdkConfig;
use bubuh_core::{
    Rupiah, capacity::Capacity, id::AccountId, money::Stamps, order::Order, settlement::Rates,
    ticket::Lane,
};
use bubuh_gateway::{Midtrans, SecretString, settlement::Layout};
use bubuh_sandbox::{Bank, InProcess, Settings};
use bubuh_steps::{
    Cases, Desk, Intake, Line, Refunds, Sales, SettlementDesk, Stamper, Stock, Sweep, Watch,
    order::Request,
};
use bubuh_store::{
    Ambient, Aws, Files, QueueUrls, Queues, Settlements, Table, Workflows, table::Whole,
};
use serde_json::Value;
use std::{
    num::NonZeroU8,
    sync::{
        Arc, Mutex, OnceLock, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

/// The refund state machine.
pub const MACHINE: &str = "arn:aws:states:ap-southeast-3:000000000000:stateMachine:refunds";
/// What one stamp costs.
pub const PRICE: Rupiah = Rupiah::new(10_000);
/// How long other workers wait, in milliseconds.
pub const LEASE_MS: u64 = 90_000;
/// Orders wait while the queue takes longer than this, in milliseconds.
const LONGEST_WAIT_MS: u64 = 12 * 60 * 60 * 1000;
/// Shards of the `due` index: 64 for a table of a few rows would be a third of all requests.
pub const DUE_SHARDS: NonZeroU8 = NonZeroU8::MIN.saturating_add(1);
/// Slots of free serial capacity: enough that an order can need more than one.
const CAPACITY_SLOTS: NonZeroU8 = NonZeroU8::MIN.saturating_add(2);
/// Serials that orders leave for payments that come late.
const ALLOWANCE: Stamps = Stamps::new(3);
/// Serials kept free to be sold.
const SELLABLE: Stamps = Stamps::new(10);
/// Longer than a batch of serials takes, in milliseconds.
const BATCH_MS: u64 = 3_000;
/// When every world begins, in milliseconds since the epoch.
pub const EPOCH_MS: u64 = 1_790_000_000_000;

/// The real client of the payment gateway, over the sandbox.
pub type Gateway = Midtrans<Teller<Bank>>;

/// A seeded source of numbers (splitmix64).
#[derive(Debug, Clone)]
pub struct Dice(u64);

impl Dice {
    /// Other seeds give other numbers.
    #[must_use]
    pub const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The next number.
    #[allow(clippy::should_implement_trait)]
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// Dice of their own for somebody else.
    pub(crate) fn split(&mut self) -> Self {
        Self(self.next())
    }

    /// A number below `limit`.
    pub fn below(&mut self, limit: u64) -> u64 {
        self.next() % limit.max(1)
    }

    /// The same as a place in a list.
    pub(crate) fn index(&mut self, limit: u64) -> usize {
        usize::try_from(self.below(limit)).unwrap_or_default()
    }
}

/// Whether the AWS clients retry by themselves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Retries {
    /// Never: every fault reaches our code.
    None,
    /// As on AWS.
    Standard,
}

/// The world.
#[derive(Clone)]
pub struct World {
    /// The services.
    pub cloud: Cloud,
    /// The payment gateway's bank.
    pub bank: SharedBank,
    /// The issuer.
    pub issuer: FickleIssuer,
    /// Where serials come from.
    pub mint: CountingMint,
    /// Whoever is told by webhooks.
    pub receiver: Receiver,
    /// The issuer that takes the place of both, and how serials are asked of it.
    pub remote: Option<(SharedIssuer, Serials)>,
    /// Serials in a fresh block.
    pub block_size: usize,
    /// Serials kept free to be sold.
    pub sellable: Stamps,
    /// The gateway's key.
    pub server_key: SecretString,
    table: Table,
    files: Files,
    settlements: Settlements,
    queues: Queues,
    workflows: Workflows,
    ambient: Ambient,
    clock: Arc<AtomicU64>,
    /// What was read last, and after how many writes.
    read: Arc<Mutex<(u64, Whole)>>,
}

impl World {
    /// A fresh world.
    #[must_use]
    pub fn new(seed: u64, retries: Retries) -> Self {
        let clock = Arc::new(AtomicU64::new(EPOCH_MS));
        let now = {
            let clock = Arc::clone(&clock);
            move || clock.load(Ordering::SeqCst)
        };
        let cloud = Cloud::new(now.clone());
        let server_key = SecretString::from("a server key of no merchant");
        let mut settings = Settings::new(server_key.clone());
        settings.seed = seed;
        let mut bank = Bank::new(settings);
        bank.set_notification_url("http://api.test/v1/payments/midtrans/notifications")
            .expect("a URL");
        let dice = Mutex::new(Dice::new(seed));
        let ambient = Ambient::new(now.clone(), move || {
            let mut dice = dice.lock().expect("dice");
            let mut bytes = [0; 16];
            bytes[..8].copy_from_slice(&dice.next().to_be_bytes());
            bytes[8..].copy_from_slice(&dice.next().to_be_bytes());
            Ok(bytes)
        });
        let config = clients::config(&cloud, retries);
        let table = Table::new(clients::of_table(&config), TABLE);
        let aws = Aws::new(config);
        Self {
            table: table
                .with_due_shards(DUE_SHARDS)
                .with_capacity_slots(CAPACITY_SLOTS),
            files: aws.files(UPLOADS, STAMPED),
            settlements: aws.settlements(SETTLEMENTS),
            queues: aws.queues(QueueUrls {
                uploads: UPLOADS_URL.to_owned(),
                single: STAMPS_URL.to_owned(),
                bulk: BULK_URL.to_owned(),
            }),
            workflows: aws.workflows(MACHINE),
            bank: Arc::new(InProcess::new(bank, Box::new(now), 15_000)),
            issuer: FickleIssuer::default(),
            mint: CountingMint::default(),
            receiver: Receiver::new(cloud.clone()),
            remote: None,
            block_size: 2,
            sellable: SELLABLE,
            server_key,
            cloud,
            ambient,
            clock,
            read: Arc::default(),
        }
    }

    /// Milliseconds since the epoch.
    #[must_use]
    pub fn now_ms(&self) -> u64 {
        self.clock.load(Ordering::SeqCst)
    }

    /// Lets time pass, up to this moment; it never goes back.
    pub fn wait_until(&self, at_ms: u64) {
        self.clock.fetch_max(at_ms, Ordering::SeqCst);
    }

    /// Lets this much time pass, in milliseconds.
    pub fn wait(&self, ms: u64) {
        self.clock.fetch_add(ms, Ordering::SeqCst);
    }

    /// The clock and the randomness.
    #[must_use]
    pub fn ambient(&self) -> Ambient {
        self.ambient.clone()
    }

    /// The table.
    #[must_use]
    pub fn table(&self) -> Table {
        self.table.clone()
    }

    /// The buckets.
    #[must_use]
    pub fn files(&self) -> Files {
        self.files.clone()
    }

    /// The queues.
    #[must_use]
    pub fn queues(&self) -> Queues {
        self.queues.clone()
    }

    /// The refund state machine.
    #[must_use]
    pub fn workflows(&self) -> Workflows {
        self.workflows.clone()
    }

    /// Configuration for AWS clients of this world that do not retry.
    #[must_use]
    pub fn aws_config(&self) -> SdkConfig {
        clients::config(&self.cloud, Retries::None)
    }

    /// The client of the payment gateway.
    #[must_use]
    pub fn gateway(&self) -> Gateway {
        Midtrans::new(
            "http://gateway.test",
            self.server_key.clone(),
            self.teller(),
        )
    }

    /// The way to the bank.
    #[must_use]
    pub fn teller(&self) -> Teller<Bank> {
        Teller {
            cloud: self.cloud.clone(),
            service: Service::Gateway,
            remote: Arc::clone(&self.bank),
        }
    }

    /// What an owner's requests need.
    #[must_use]
    pub fn desk(&self) -> Desk {
        Desk {
            table: self.table(),
            files: self.files(),
            queues: self.queues(),
            line: self.line(),
            ambient: self.ambient(),
        }
    }

    /// A view of the queue's lanes.
    #[must_use]
    pub fn line(&self) -> Line {
        Line::new(self.table(), self.ambient())
    }

    /// What takes uploads in.
    #[must_use]
    pub fn intake(&self) -> Intake<WordCheck> {
        Intake {
            stock: Stock::new(self.table(), self.ambient()),
            table: self.table(),
            files: self.files(),
            queues: self.queues(),
            line: self.line(),
            preflight: WordCheck,
            ambient: self.ambient(),
        }
    }

    /// A client of the remote issuer, where there is one.
    fn client(&self) -> Option<remote::Remote> {
        let (issuer, serials) = self.remote.as_ref()?;
        let ambient = self.ambient();
        Some(remote::client(&self.cloud, issuer, *serials, ambient))
    }

    /// A worker.
    #[must_use]
    pub fn stamper(&self) -> Stamper<AnyIssuer> {
        Stamper {
            table: self.table(),
            files: self.files(),
            queues: self.queues(),
            issuer: match self.client() {
                Some(client) => AnyIssuer::Right(client),
                None => AnyIssuer::Left(self.issuer.clone()),
            },
            ambient: self.ambient(),
            lease_ms: LEASE_MS,
        }
    }

    /// What sells stamps.
    #[must_use]
    pub fn sales(&self) -> Sales<Gateway> {
        Sales {
            line: self.line(),
            longest_wait_ms: Some(LONGEST_WAIT_MS),
            table: self.table(),
            queues: self.queues(),
            workflows: self.workflows(),
            gateway: self.gateway(),
            ambient: self.ambient(),
            unit_price: PRICE,
            allowance: ALLOWANCE,
            settle_within_ms: None,
        }
    }

    /// What gives money back.
    #[must_use]
    pub fn refunds(&self) -> Refunds<Gateway> {
        Refunds {
            table: self.table(),
            gateway: self.gateway(),
            ambient: self.ambient(),
        }
    }

    /// What a person at the cases uses.
    #[must_use]
    pub fn cases(&self) -> Cases<Gateway> {
        Cases {
            desk: self.desk(),
            workflows: self.workflows(),
            gateway: self.gateway(),
        }
    }

    /// The sweep.
    #[must_use]
    pub fn sweep(&self) -> Sweep<Gateway, AnyMint> {
        Sweep {
            sales: self.sales(),
            files: self.files(),
            mint: match self.client() {
                Some(client) => AnyMint::Right(client),
                None => AnyMint::Left(self.mint.clone()),
            },
            open_blocks: 6,
            block_size: self.block_size,
            sellable: self.sellable,
            settlements: None,
        }
    }

    /// What looks at the queue's lanes.
    #[must_use]
    pub fn watch(&self) -> Watch {
        Watch {
            table: self.table(),
            queues: self.queues(),
            workers: Lane::ALL.map(|lane| (lane, 2)).into(),
            ambient: self.ambient(),
        }
    }

    /// What reads settlement files; the sweep has none unless a test gives it one.
    #[must_use]
    pub fn settlement_desk(&self) -> SettlementDesk {
        SettlementDesk {
            files: self.settlements.clone(),
            rates: Rates::default(),
            layout: Layout::OURS,
            ask_always: false,
        }
    }

    /// Every row, read without being counted or failed, and again only when something may have changed.
    ///
    /// # Panics
    /// When a row can't be read.
    pub async fn whole(&self) -> Whole {
        let writes = self.cloud.table_writes();
        let last = || self.read.lock().unwrap_or_else(PoisonError::into_inner);
        if last().0 != writes {
            let table = self.table();
            let whole = self.cloud.unseen(table.whole()).await;
            *last() = (writes, whole.expect("a readable table"));
        }
        last().1.clone()
    }

    /// An order that was placed while there were serials for it, which payments that came late took: its
    /// stamps are owed whatever is in stock.
    ///
    /// # Panics
    /// When it can't be written.
    pub async fn owes(&self, account: &AccountId, request: &Request) {
        let wanted = self.sales().wanted(account, request);
        let (order, mut writes) = Order::place(wanted, self.now_ms()).expect("an order");
        writes.push(Capacity::owe(order.id, order.quantity));
        let table = self.table();
        let written = self.cloud.unseen(table.commit(&writes)).await;
        written.expect("an order is written");
    }

    /// A fresh world with a remote issuer, whose files are PDFs ([`remote::pdf`]), and a stock of its serials.
    ///
    /// # Panics
    /// When there is no stock.
    pub async fn remote(seed: u64, retries: Retries, serials: Serials) -> Self {
        let mut world = Self::new(seed, retries);
        let clock = Arc::clone(&world.clock);
        let now = Box::new(move || clock.load(Ordering::SeqCst));
        world.remote = Some((remote::issuer(seed, now), serials));
        // The first look at the books, a call, and where serials come later, collecting them.
        for _ in 0..3 {
            let sweep = world.sweep();
            let restocked = world.cloud.unseen(sweep.restock()).await;
            restocked.expect("a stock");
            world.wait(BATCH_MS);
        }
        world
    }

    /// A fresh world with serials in stock.
    ///
    /// # Panics
    /// When there is no stock.
    #[must_use]
    pub fn stocked(seed: u64, retries: Retries) -> Self {
        static STOCK: OnceLock<Vec<Value>> = OnceLock::new();
        let stock = STOCK.get_or_init(|| {
            in_virtual_time(|| async {
                let world = Self::new(0, Retries::None);
                world.sweep().restock().await.expect("a stock");
                world.cloud.items()
            })
        });
        let world = Self::new(seed, retries);
        world.cloud.load(stock);
        world.mint.skip(1_000_000);
        world
    }
}

/// Room for unoptimised futures, in bytes.
pub const STACK: usize = 64 << 20;

/// Runs a future where sleeping takes no time, on a thread with [`STACK`].
///
/// # Panics
/// When the future does.
pub fn in_virtual_time<T: Send + 'static, F: Future<Output = T>>(
    work: impl FnOnce() -> F + Send + 'static,
) -> T {
    let run = move || in_virtual_time_here(work());
    let thread = std::thread::Builder::new().stack_size(STACK).spawn(run);
    match thread.expect("a thread").join() {
        Ok(done) => done,
        Err(panic) => std::panic::resume_unwind(panic),
    }
}

/// The same on this thread, which must have [`STACK`].
///
/// # Panics
/// When the future does.
pub fn in_virtual_time_here<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .expect("a runtime")
        .block_on(work)
}
