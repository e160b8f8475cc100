//! A world with one document that waits for a worker.

use super::stores;
use crate::make;
use bubuh_core::{
    document::{Document, DocumentState, Placement, Reason, TRIES_MAX},
    id::{DocumentId, IdempotencyKey, Sha256},
    money::Stamps,
    payment::Method,
};
use bubuh_faults::{
    cloud::{Fault, Hold, Plan, STAMPED, Service, Site},
    double::serial_of,
    remote::AnyIssuer,
    world::{LEASE_MS, Retries, World},
};
use bubuh_sandbox::Pay;
use bubuh_steps::{Accepted, Delivery, Done, Preflight, Stamper, order::Request};
use bubuh_store::{
    Error,
    issuer::{Affix, Affixed, Affixer},
};
use tokio::task::JoinHandle;

#[derive(Clone)]
pub(super) struct Given {
    pub(super) world: World,
    id: DocumentId,
}

/// An issuer that has changed its mind about files.
struct Refusing(AnyIssuer);

impl Affixer for Refusing {
    async fn affix(&self, _: Vec<u8>, _: &Affix) -> Result<Affixed, Error> {
        Ok(Affixed::Refused(Reason {
            code: "refused".to_owned(),
            message_id: "Ditolak.".to_owned(),
            message_en: "Refused.".to_owned(),
        }))
    }
    fn check(&self, stored: &[u8], size: u64, request: &Affix) -> Result<(), Error> {
        self.0.check(stored, size, request)
    }
    fn key_id(&self) -> &str {
        self.0.key_id()
    }
}

/// One stamp is bought, one file uploaded and accepted.
pub(super) async fn given(file: &[u8]) -> Given {
    given_in(World::stocked(1, Retries::None), file).await
}

/// The same in this world.
pub(super) async fn given_in(world: World, file: &[u8]) -> Given {
    let ani = make::account("ani");
    let sales = world.sales();
    let request = Request {
        key: IdempotencyKey::new("k").unwrap(),
        quantity: Stamps::ONE,
        method: Method::Qris,
        hash: Sha256::of(b"k"),
    };
    let order = sales.place(&ani, request).await.unwrap();
    world.bank.with(|bank, now_ms| {
        bank.pay(now_ms, &order.id.to_string(), Pay::default())
            .unwrap();
    });
    sales.observe(order.id, None).await.unwrap();
    let desk = world.desk();
    let row = desk
        .announce(make::announced("ani", "d", file))
        .await
        .unwrap();
    let link = desk.upload_link(&row).await.unwrap().unwrap();
    world.cloud.follow(&link, file).unwrap();
    assert!(
        bubuh_faults::double::WordCheck
            .check(file.to_vec(), &Placement::default())
            .is_ok()
    );
    let accepted = world
        .intake()
        .accept(row.id, Delivery::First)
        .await
        .unwrap();
    assert_eq!(accepted, Accepted::Queued);
    Given { world, id: row.id }
}

impl Given {
    pub(super) async fn row(&self) -> Document {
        let table = self.world.table();
        let row = self.world.cloud.unseen(table.document(self.id)).await;
        row.unwrap().unwrap()
    }

    pub(super) async fn worker(&self) -> Result<Done, Error> {
        self.world.stamper().stamp(self.id).await
    }

    pub(super) fn start(&self) -> JoinHandle<Result<Done, Error>> {
        let given = self.clone();
        tokio::spawn(async move { given.worker().await })
    }

    /// A worker stands still over the file that it is about to store, and another stamps the document.
    pub(super) async fn overtaken(&self) -> (Hold, JoinHandle<Result<Done, Error>>) {
        let hold = self.world.cloud.hold(stores);
        let stalled = self.start();
        hold.reached().await;
        self.world.wait(LEASE_MS);
        assert_eq!(self.worker().await.unwrap(), Done::Stamped);
        (hold, stalled)
    }

    pub(super) async fn refusing_worker(&self) -> Result<Done, Error> {
        let real = self.world.stamper();
        let stamper = Stamper {
            issuer: Refusing(real.issuer),
            table: real.table,
            files: real.files,
            queues: real.queues,
            ambient: real.ambient,
            lease_ms: real.lease_ms,
        };
        stamper.stamp(self.id).await
    }

    pub(super) fn start_refusing(&self) -> JoinHandle<Result<Done, Error>> {
        let given = self.clone();
        tokio::spawn(async move { given.refusing_worker().await })
    }

    async fn lease_ends(&self) {
        let lease = self.row().await.lease;
        self.world
            .wait_until(lease.map_or(0, |lease| lease.until_ms));
    }

    /// Lets every further try die, until the document is given up.
    pub(super) async fn stall(&self) {
        self.stall_by(|site| {
            let reads = site.service == Service::Storage && site.operation == "GET";
            reads.then_some(Fault::Fail)
        })
        .await;
    }

    /// Lets every further try die of this, until the document is given up.
    pub(super) async fn stall_by(&self, of: impl FnMut(&Site) -> Option<Fault> + Send + 'static) {
        self.world.cloud.set_plan(Plan::when(of));
        let tried = self.row().await.tries;
        for _ in tried..TRIES_MAX {
            self.lease_ends().await;
            self.worker().await.unwrap_err();
        }
        self.lease_ends().await;
        assert_eq!(self.worker().await.unwrap(), Done::Stalled);
        self.world.cloud.set_plan(Plan::none());
    }

    pub(super) async fn cancel(&self) -> Result<Document, bubuh_steps::Error> {
        let desk = self.world.desk();
        desk.cancel(&make::account("ani"), self.id).await
    }

    pub(super) async fn erase(&self) {
        let desk = self.world.desk();
        let erased = desk.erase(&make::account("ani"), self.id).await;
        assert!(erased.unwrap().is_erased());
    }

    /// Every version of every stamped object.
    pub(super) fn files(&self) -> Vec<(String, Vec<Vec<u8>>)> {
        self.world.cloud.objects(STAMPED)
    }

    /// Whether any version of any object bears a stamp.
    pub(super) fn has_a_file(&self) -> bool {
        let files = self.files();
        let mut versions = files.iter().flat_map(|(_, versions)| versions);
        versions.any(|bytes| serial_of(bytes).is_some())
    }

    /// One file, once written, with the row's serial and the row's digest.
    pub(super) async fn is_stamped_once(&self) {
        let row = self.row().await;
        assert_eq!(row.state, DocumentState::Stamped);
        let files = self.files();
        assert_eq!(files.len(), 1);
        assert_eq!(files[0].1.len(), 1);
        let (key, output) = row.stamped().unwrap();
        assert_eq!(key, files[0].0);
        assert_eq!(output.sha256, Sha256::of(&files[0].1[0]));
        assert_eq!(
            serial_of(&files[0].1[0]),
            Some(row.reservation.unwrap().serial)
        );
    }

    /// No file, and the stamp and the serial can be used again.
    pub(super) async fn has_its_stamp_back(&self, state: DocumentState) {
        let row = self.row().await;
        assert_eq!(row.state, state);
        assert_eq!(row.reservation, None);
        let files = self.files();
        assert!(
            files
                .iter()
                .all(|(_, versions)| serial_of(&versions[0]).is_none())
        );
        let whole = self.world.whole().await;
        assert_eq!(whole.rows.lots[0].available, Stamps::ONE);
        assert!(
            whole
                .rows
                .bindings
                .iter()
                .all(|(_, tie)| tie.document.is_none())
        );
    }
}
