//! What a person does: every request with its own idempotency key.

use super::Ends;
use crate::{driver::Driver, world::registration};
use bubuh_core::{
    case::CaseKind,
    chunks::{CHUNK_BYTES, Chunks},
    document::{Announced, Document, DocumentType, Placement},
    hook::Topic,
    id::{AccountId, DocumentId, IdempotencyKey, OrderId, RefundKey, Sha256},
    money::Stamps,
    payment::Method,
    refund::{PayTo, RefundState},
};
use bubuh_sandbox::Pay;
use bubuh_steps::{Error, Resolution, order::Request};
use bubuh_store::Error as StoreError;

/// Who looks after cases.
pub(super) struct Who(&'static str);

impl Who {
    pub(super) const OPERATOR: Self = Self("sari");

    /// Ends the open case of this kind, once: said again, it is told that it is ended.
    pub(super) async fn resolves(
        &self,
        driver: &mut Driver,
        kind: fn(&CaseKind) -> bool,
        how: &Resolution,
    ) {
        let rows = driver.world.whole().await.rows;
        let mut open = rows.cases.iter().filter(|case| case.closed.is_none());
        let id = open.find(|case| kind(&case.kind)).expect("an open case").id;
        let (cases, table, by) = (driver.world.cases(), driver.world.table(), self.0);
        driver
            .client("a case is resolved", || async {
                match table.case(id).await? {
                    Some(case) if case.closed.is_some() => Ok(case),
                    _ => cases.resolve(id, how, by).await,
                }
            })
            .await;
    }
}

/// An account.
pub(crate) struct Person<'a>(pub(crate) &'a str);

/// A document and the file it is about.
pub(crate) struct Paper<'a> {
    pub(crate) id: DocumentId,
    file: &'a [u8],
}

/// A charge of which there is nothing to show yet.
fn unshown() -> Error {
    Error::from(StoreError::Unavailable {
        doing: "charge",
        why: "nothing to show yet".to_owned(),
    })
}

fn request(name: &str, quantity: u32, method: Method) -> Request {
    Request {
        key: IdempotencyKey::new(name).expect("a key"),
        quantity: Stamps::new(quantity),
        method,
        hash: Sha256::of(name.as_bytes()),
    }
}

impl Person<'_> {
    /// An order whose stamps there are no serials for.
    pub(super) async fn is_owed(&self, driver: &Driver, name: &str, quantity: u32) {
        let request = request(name, quantity, Method::Qris);
        driver.world.owes(&self.account(), &request).await;
    }

    fn account(&self) -> AccountId {
        AccountId::new(self.0).expect("an account")
    }

    /// Wants to be told.
    pub(super) async fn registers(&self, driver: &mut Driver, url: &str, topics: &[Topic]) {
        let (hooks, account) = (driver.world.hooks(), self.account());
        let new = registration(url, url, topics);
        driver
            .client("POST webhook", || hooks.register(&account, new.clone()))
            .await;
    }

    pub(crate) async fn order(
        &self,
        driver: &mut Driver,
        name: &str,
        quantity: u32,
        method: Method,
    ) -> OrderId {
        let (sales, account) = (driver.world.sales(), self.account());
        let request = request(name, quantity, method);
        let placed = driver
            .client(&format!("POST order {name}"), || {
                sales.place(&account, request.clone())
            })
            .await;
        if placed.instructions.is_some() {
            return placed.id;
        }
        // The gateway did not answer: the page asks again until it has something to show.
        let read = || async {
            let read = sales.order(&account, placed.id).await?;
            match read.instructions {
                Some(_) => Ok(read.id),
                None => Err(unshown()),
            }
        };
        driver.client(&format!("GET order {name}"), read).await
    }

    /// Pays what is asked, or another amount, as the payer's bank allows.
    pub(crate) fn pays(
        &self,
        driver: &mut Driver,
        ends: &mut Ends,
        order: OrderId,
        amount: Option<u64>,
    ) {
        let pay = Pay { amount, late: true };
        let paid = driver
            .world
            .bank
            .with(|bank, now_ms| bank.pay(now_ms, &order.to_string(), pay));
        ends.captured += paid.expect("a payment").captured;
    }

    pub(super) async fn cancels_order(&self, driver: &mut Driver, order: OrderId) {
        let (sales, account) = (driver.world.sales(), self.account());
        driver
            .client("POST cancel order", || sales.cancel(&account, order))
            .await;
    }

    pub(super) async fn asks_back(&self, driver: &mut Driver, order: OrderId, count: u32) {
        let (sales, account) = (driver.world.sales(), self.account());
        let key = IdempotencyKey::new("back").expect("a key");
        driver
            .client("POST refund", || {
                sales.ask_back(&account, order, &key, Some(Stamps::new(count)))
            })
            .await;
    }

    /// The refund of an order that waits for the buyer's word.
    async fn refund_in_hand(&self, driver: &Driver, order: OrderId) -> RefundKey {
        let refunds = driver.world.whole().await.rows.refunds;
        let mut own = refunds.iter().filter(|refund| refund.order == order);
        let payout = own.find(|refund| refund.state == RefundState::Payout);
        payout.expect("a refund that waits").key
    }

    pub(super) async fn is_paid_to(&self, driver: &mut Driver, order: OrderId) {
        let key = self.refund_in_hand(driver, order).await;
        let (sales, account) = (driver.world.sales(), self.account());
        let to = PayTo::new("BCA", "1234567890", "Ani").expect("a bank account");
        driver
            .client("POST pay-to", || {
                sales.pay_refund_to(&account, order, key, to.clone())
            })
            .await;
    }

    pub(super) async fn keeps(&self, driver: &mut Driver, order: OrderId) {
        let key = self.refund_in_hand(driver, order).await;
        let (sales, account) = (driver.world.sales(), self.account());
        driver
            .client("POST keep", || sales.keep_stamps(&account, order, key))
            .await;
    }

    pub(crate) async fn announces<'f>(
        &self,
        driver: &mut Driver,
        name: &str,
        file: &'f [u8],
    ) -> Paper<'f> {
        let new = Announced {
            id: DocumentId::derive(&[self.0, name]),
            account: self.account(),
            name: name.to_owned(),
            document_type: DocumentType::Statement,
            placement: Placement::default(),
            size_bytes: file.len() as u64,
            sha256: Sha256::of(file),
            deadline_ms: None,
            request_hash: Sha256::of(name.as_bytes()),
        };
        let desk = driver.world.desk();
        let row: Document = driver
            .client(&format!("POST document {name}"), || {
                desk.announce(new.clone())
            })
            .await;
        Paper { id: row.id, file }
    }

    /// Sends the file to storage, with the link; a second time is told that it is there.
    pub(crate) async fn uploads(&self, driver: &mut Driver, paper: &Paper<'_>) {
        let (desk, account) = (driver.world.desk(), self.account());
        let link = driver
            .client("POST upload", || async {
                let row = desk.document(&account, paper.id).await?;
                desk.upload_link(&row).await
            })
            .await
            .expect("a link");
        let put = driver.world.cloud.follow(&link, paper.file);
        assert_eq!(put, Ok(()));
        if driver.twice() {
            assert_eq!(driver.world.cloud.follow(&link, paper.file), Err(412));
        }
    }

    /// Sends the file in chunks, and completes it.
    pub(super) async fn uploads_in_chunks(&self, driver: &mut Driver, paper: &Paper<'_>) {
        let (desk, account) = (driver.world.desk(), self.account());
        let size = usize::try_from(CHUNK_BYTES).expect("a size");
        let pieces: Vec<_> = paper.file.chunks(size).collect();
        let list = |row: &Document| {
            let digests = pieces.iter().map(|piece| Sha256::of(piece)).collect();
            Chunks::of(row, CHUNK_BYTES, digests)
        };
        let sent = driver
            .client("POST upload of chunks", || async {
                let row = desk.document(&account, paper.id).await?;
                desk.sent(&row, &list(&row)?).await
            })
            .await
            .expect("the file is awaited");
        for (index, link) in sent.links {
            assert_eq!(driver.world.cloud.follow(&link, pieces[index]), Ok(()));
        }
        driver
            .client("POST complete", || async {
                let row = desk.document(&account, paper.id).await?;
                desk.assemble(&row, &list(&row)?).await
            })
            .await;
    }

    pub(super) async fn cancels(&self, driver: &mut Driver, paper: &Paper<'_>) {
        let (desk, account) = (driver.world.desk(), self.account());
        driver
            .client("DELETE document", || desk.cancel(&account, paper.id))
            .await;
    }

    pub(super) async fn erases(&self, driver: &mut Driver, paper: &Paper<'_>) {
        let (desk, account) = (driver.world.desk(), self.account());
        driver
            .client("POST erase", || desk.erase(&account, paper.id))
            .await;
    }
}
