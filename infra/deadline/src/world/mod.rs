//! The service and the people who use it, event by event.

mod accept;
mod batch;
mod call;
mod doc;
mod known;
mod lanes;
mod people;
mod queues;
mod report;
mod second;
mod server;
mod stock;
mod tally;

use crate::{
    api::Api,
    bucket::Bucket,
    calendar::Calendar,
    curve::Arrivals,
    error::Error,
    function::{Account, Allowed, Function},
    limits::Limits,
    random::Random,
    report::Report,
    settings::{FUNCTIONS, Settings},
    steps::{Step, Steps},
    table::{Table, Throughput},
};
use batch::Batches;
use doc::{Doc, Docs};
use known::Known;
use lanes::Lanes;
use queues::{Queue, Which};
use server::Server;
use stock::Stock;
use tally::Tally;

/// What happens to a document, or to nothing in particular.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum What {
    /// Its owner's program makes a request, or the gateway does. How often it did before: what is turned away is met
    /// more often than anything else, and then nothing has to be looked up.
    Request(Step, u8),
    /// Its environment is there: the calls begin, or one is tried again.
    Work(Step),
    /// A step's calls are answered.
    Done(Step),
    /// The money is with the gateway.
    Paid,
    Uploaded,
    /// Storage's event is in the queue of uploads.
    Told,
    /// A message can be seen again.
    Again(Which),
    /// Once a second.
    Second,
    /// Sweep looks at the lanes.
    Look,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Event {
    what: What,
    doc: u32,
}

/// All of it.
struct World<'a> {
    calendar: Calendar<Event>,
    now_ms: u64,
    random: Random,
    known: Known,
    steps: Steps,
    arrivals: &'a Arrivals,
    scale: f64,
    docs: Docs,
    api: Api,
    account: Account,
    functions: Vec<Function>,
    table: Table,
    uploads_put: Bucket,
    uploads_read: Bucket,
    stamped_put: Bucket,
    queues: [Queue; 3],
    batches: Batches,
    lanes: Lanes,
    stock: Stock,
    limits: Limits,
    server: Server,
    tally: Tally,
}

/// A run of these arrivals, from `from_s` of the curve on, until all documents are at their end or a day has passed
/// since the last came.
///
/// # Errors
/// [`Error::UnknownSetting`] and [`Error::Unreadable`] when a data file lacks a line.
pub fn simulate(settings: &Settings, arrivals: &Arrivals, from_s: u64) -> Result<Report, Error> {
    let mut world = World::new(settings, arrivals, from_s)?;
    world.run()?;
    world.report(settings, from_s)
}

/// A run in short, for a comparison.
#[derive(Debug)]
pub(crate) struct Held {
    /// From upload to stamp of every document without an account of its own, in milliseconds.
    pub(crate) waits_ms: Vec<u32>,
    /// When the last document was stamped.
    pub(crate) ended_ms: u64,
}

/// As [`simulate`], with every single wait.
pub(crate) fn held(settings: &Settings, arrivals: &Arrivals) -> Result<Held, Error> {
    let mut world = World::new(settings, arrivals, 0)?;
    world.tally.waits_ms = Some(Vec::new());
    world.run()?;
    Ok(Held {
        waits_ms: world.tally.waits_ms.take().unwrap_or_default(),
        ended_ms: world.now_ms,
    })
}

/// How long after the last arrival a run goes on at most, in milliseconds.
const PATIENCE_MS: u64 = 24 * 60 * 60 * 1000;

impl<'a> World<'a> {
    fn new(settings: &Settings, arrivals: &'a Arrivals, from_s: u64) -> Result<Self, Error> {
        let get = |name: &str| settings.get(name);
        let request_ms = get("server_request_ms")?;
        let steps = Steps::read(request_ms > 0.0)?;
        let account = Account {
            concurrency: settings.whole("lambda_concurrency")?,
            at_work: 0,
            peak: 0,
        };
        let mut functions = Vec::new();
        for name in FUNCTIONS {
            let reserved = settings.whole(&format!("{name}.ReservedConcurrentExecutions"))?;
            let allowed = Allowed {
                reserved: Some(reserved).filter(|n| *n > 0),
                per_10s: get("lambda_environments_per_10s")?,
                requests_per_environment: get("lambda_requests_per_environment")?,
                idle_ms: settings.whole("lambda_idle_s")? * 1_000,
            };
            functions.push(Function::new(allowed, &account));
        }
        let table = Table::new(Throughput {
            warm_write: get("WarmWriteUnits")?,
            warm_read: get("WarmReadUnits")?,
            most_write: get("table_write_quota")?,
            most_read: get("table_read_quota")?,
            partition_write: get("partition_write")?,
            partition_read: get("partition_read")?,
            remembers_minutes: settings.whole("on_demand_remembers_minutes")? as usize,
            due_shards: get("due_shards")?,
        });
        let prefixes = get("bucket_prefixes")?;
        let (puts, reads) = (
            get("bucket_writes")? * prefixes,
            get("bucket_reads")? * prefixes,
        );
        let mut world = Self {
            calendar: Calendar::new(),
            now_ms: from_s * 1_000,
            random: Random::new(settings.seed),
            known: Known::read(settings, &steps)?,
            steps,
            arrivals,
            scale: settings.scale,
            docs: Docs::default(),
            api: Api::new(settings)?,
            account,
            functions,
            table,
            uploads_put: Bucket::of_a_second(puts),
            uploads_read: Bucket::of_a_second(reads),
            stamped_put: Bucket::of_a_second(puts),
            queues: Queue::all(settings)?,
            batches: Batches::default(),
            lanes: Lanes::new(settings)?,
            stock: Stock::new(settings)?,
            limits: Limits::default(),
            server: Server::new(request_ms),
            tally: Tally::default(),
        };
        world.note(world.now_ms, What::Second, 0);
        world.note(world.now_ms + 700, What::Look, 0);
        Ok(world)
    }

    fn note(&mut self, at_ms: u64, what: What, doc: u32) {
        self.calendar.note(at_ms, Event { what, doc });
    }

    /// Notes it for so many milliseconds from now.
    fn after(&mut self, ms: f64, what: What, doc: u32) {
        self.note(self.now_ms + ms.round().max(0.0) as u64, what, doc);
    }

    fn doc(&mut self, id: u32) -> Option<&mut Doc> {
        self.docs.get_mut(id)
    }

    fn run(&mut self) -> Result<(), Error> {
        let end_ms = self.arrivals.lasts_s * 1_000;
        while let Some((at_ms, event)) = self.calendar.next() {
            self.now_ms = at_ms;
            self.happen(event)?;
            let over = at_ms >= end_ms && self.tally.under_way() == 0;
            if over || at_ms >= end_ms + PATIENCE_MS {
                return Ok(());
            }
        }
        Ok(())
    }

    fn happen(&mut self, Event { what, doc }: Event) -> Result<(), Error> {
        match what {
            What::Request(step, asked) => self.request(step, asked, doc)?,
            What::Work(step) => self.work(step, doc)?,
            What::Done(step) => self.done(step, doc)?,
            What::Paid => {
                let wait_ms = self.steps.draw(self.known.notification, &mut self.random);
                self.after(wait_ms, What::Request(Step::Notify, 0), doc);
            }
            What::Uploaded => self.uploaded(doc),
            What::Told => self.send(Which::Uploads, doc),
            What::Again(which) => self.send(which, doc),
            What::Second => self.second(),
            What::Look => self.look()?,
        }
        Ok(())
    }
}
