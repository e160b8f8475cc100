//! Everything that can become of an order and of a document, in chapters that stand alone.

mod documents;
mod hands;
mod orders;
pub(crate) mod people;
mod told;

use crate::{driver::Driver, remote::Serials};
use bubuh_core::{
    document::DocumentState,
    hook::Topic,
    id::{DocumentId, OrderId},
    order::OrderState,
    refund::RefundState,
};
use std::pin::Pin;

const MINUTE_MS: u64 = 60_000;
const HOUR_MS: u64 = 60 * MINUTE_MS;
const DAY_MS: u64 = 24 * HOUR_MS;

/// What must have become of everything, whatever went wrong on the way.
#[derive(Debug, Default, Clone)]
pub struct Ends {
    /// Orders, by name.
    pub orders: Vec<(&'static str, OrderId, OrderState)>,
    /// Documents, by name.
    pub documents: Vec<(&'static str, DocumentId, DocumentState)>,
    /// Refunds of an order: where, and how much in rupiah.
    pub refunds: Vec<(OrderId, RefundState, u64)>,
    /// Documents whose old uploads must be gone.
    pub purged: Vec<DocumentId>,
    /// Whether no stamped file may be left.
    pub erased: bool,
    /// What was to be told, once each.
    pub told: Vec<Topic>,
    /// What all buyers paid, in rupiah.
    pub captured: u64,
}

type Play = for<'a> fn(&'a mut Driver, &'a mut Ends) -> Pin<Box<dyn Future<Output = ()> + 'a>>;

/// What a world begins with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Begins {
    /// Serials in stock.
    Stocked,
    /// No serials.
    Empty,
    /// A remote issuer's serials, asked for so.
    Remote(Serials),
}

/// A part of the story.
#[derive(Clone, Copy)]
pub struct Chapter {
    /// What happens in it.
    pub name: &'static str,
    /// What is there when it begins.
    pub begins: Begins,
    play: Play,
}

impl Chapter {
    /// Lets it happen.
    ///
    /// # Panics
    /// When someone is refused what they must get, or the world never gets quiet.
    pub async fn play(&self, driver: &mut Driver, ends: &mut Ends) {
        (self.play)(driver, ends).await;
    }
}

macro_rules! chapters {
    ($($name:ident: $play:path, $begins:expr, $doc:literal;)*) => {
        $(
            #[doc = $doc]
            pub const $name: Chapter = Chapter {
                name: $doc,
                begins: $begins,
                play: |driver, ends| Box::pin($play(driver, ends)),
            };
        )*
        /// Every chapter.
        pub const ALL: &[Chapter] = &[$($name),*];
    };
}

chapters! {
    PLAIN: documents::plain, Begins::Stocked, "A stamp is bought and put on a file, and the upload deleted a week later.";
    IN_CHUNKS: documents::in_chunks, Begins::Stocked, "A file comes in chunks, and the upload that is made of them is stamped.";
    WAITS: documents::waits, Begins::Stocked, "A file waits for a stamp, and gets the next one bought.";
    REFUSED: documents::refused, Begins::Stocked, "One file is refused before a stamp is reserved, another after.";
    REGRETTED: documents::regretted, Begins::Stocked, "A document is cancelled before a worker comes, and its stamp used for another.";
    ERASED: documents::erased, Begins::Stocked, "Two documents are erased, one of them stamped: no file is left, and nothing comes back.";
    NO_SERIALS: documents::no_serials, Begins::Empty, "A file waits for the first serials.";
    WRONG_AMOUNT: orders::wrong_amount, Begins::Stocked, "A wrong amount is paid and given back.";
    WRONG_TRANSFER: orders::wrong_transfer, Begins::Stocked, "A wrong amount is transferred, and a person must pay it out.";
    CANCELLED: orders::cancelled, Begins::Stocked, "A cancelled order is paid all the same, and the money given back.";
    LATE: orders::late, Begins::Stocked, "An order expires, and another is paid after it expired.";
    UNUSED: orders::unused, Begins::Stocked, "A stamp of two is used and the other given back.";
    WON: hands::won, Begins::Stocked, "A payment is disputed, and the dispute won: the document that was held up is stamped.";
    LOST: hands::lost, Begins::Stocked, "A payment with a stamp on a document is disputed, and the dispute lost.";
    BY_HAND: hands::by_hand, Begins::Stocked, "A transfer is asked back, and paid by hand to the buyer's account.";
    KEPT: hands::kept, Begins::Stocked, "A transfer is asked back, and its stamp kept after all, for a document that waits.";
    REMOTE: documents::remote, Begins::Remote(Serials::Single), "Serials are asked of a remote issuer one by one, and it stamps a file.";
    REMOTE_BATCH: documents::remote, Begins::Remote(Serials::Batch), "Serials are asked of a remote issuer many at a time, and it stamps a file.";
    TOLD: told::told, Begins::Stocked, "An integrator is told what becomes of an order, three documents and a refund.";
    DASHBOARD: hands::dashboard, Begins::Stocked, "A stamp of two is refunded in the gateway's dashboard.";
}
