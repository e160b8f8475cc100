//! What a process asks of the services, and how it goes on where it stood.
//!
//! A process is a plain function over [`Io`]. It is run from its beginning with the replies it has
//! heard so far; the first request that has no reply yet is where it stands. So each request is one
//! step of the model, and the functions read like those of `workflow/steps`.

use crate::{cloud::Object, mutant::Mutant, process::Call, state::Message};
use bubuh_core::{
    case::Case,
    document::Document,
    id::{BlockId, CaseId, DocumentId, OrderId, RefundKey, TransactionId},
    inventory::{Block, Offer, Ties},
    lot::Lot,
    order::{Observed, ObservedState, Order},
    payment::Payment,
    refund::Refund,
    write::Write,
};
use std::sync::Arc;

/// One request to one service.
#[derive(Debug, Clone)]
pub(crate) enum Request {
    Document(DocumentId),
    Waiting,
    Lots,
    Serial,
    /// A block, and which of its serials are tied.
    Block(BlockId),
    Order(OrderId),
    Payment(TransactionId),
    CreditedPayment,
    Refund(RefundKey),
    Case(CaseId),
    OpenRefunds,
    Commit(Vec<Write>),
    NewestUpload(DocumentId),
    Output(String),
    Store(String, Object),
    Delete(String),
    DeleteUpload(DocumentId),
    Affix,
    Send(Message),
    GatewayStatus(Option<TransactionId>),
    GatewayEnd(ObservedState),
    GatewayRefund(RefundKey),
    GatewayShows(RefundKey),
}

impl Request {
    /// Its name in a trace.
    pub(crate) const fn name(&self) -> &'static str {
        match self {
            Self::Document(_) => "read the document",
            Self::Waiting => "list what waits",
            Self::Lots => "read the lots",
            Self::Serial => "take a serial",
            Self::Block(_) => "read a block",
            Self::Order(_) => "read the order",
            Self::Payment(_) | Self::CreditedPayment => "read the payment",
            Self::Refund(_) | Self::OpenRefunds => "read the refund",
            Self::Case(_) => "read the case",
            Self::Commit(_) => "write",
            Self::NewestUpload(_) => "look for the upload",
            Self::Output(_) => "read the output key",
            Self::Store(_, Object::File { .. }) => "put the file",
            Self::Store(_, Object::Tombstone) => "put a tombstone",
            Self::Delete(_) => "delete the file",
            Self::DeleteUpload(_) => "delete the upload",
            Self::Affix => "affix",
            Self::Send(_) => "send",
            Self::GatewayStatus(_) => "ask the gateway",
            Self::GatewayEnd(_) => "end the gateway's transaction",
            Self::GatewayRefund(_) => "ask the gateway for the refund",
            Self::GatewayShows(_) => "ask whether the gateway shows the refund",
        }
    }
}

/// What came back.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Reply {
    Done,
    Lost(usize),
    Document(Option<Arc<Document>>),
    Waiting(Vec<DocumentId>),
    Lots(Vec<Lot>),
    Serial(Option<Offer>),
    Block(Option<Block>, Ties),
    Order(Option<Arc<Order>>),
    Payment(Option<Payment>),
    Refund(Option<Arc<Refund>>),
    Refunds(Vec<RefundKey>),
    Case(Option<Case>),
    Upload(Option<(u8, bool)>),
    Output(Option<Object>),
    Stored(bool),
    Affixed(bool),
    Seen(Observed),
    Refused(bool),
    Shows(bool),
}

/// A reply and when it came; the process reads its clock right after.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Heard {
    pub(crate) reply: Reply,
    pub(crate) at_ms: u64,
}

/// Why a process does not run on by itself.
pub(crate) enum Stop {
    /// It waits for a reply.
    Asks(Request),
    /// It goes on as this, and forgets all it heard.
    Becomes(Box<Call>),
    /// It gives up; its message comes again.
    Fails,
}

pub(crate) type Step<T> = Result<T, Stop>;

pub(crate) struct Io<'a> {
    pub(crate) heard: &'a [Heard],
    pub(crate) now_ms: u64,
    pub(crate) mutant: Option<Mutant>,
}

macro_rules! requests {
    ($($name:ident($($arg:ident: $type:ty),*) -> $out:ty: $request:expr => $reply:pat => $value:expr;)*) => {
        impl Io<'_> {
            $(pub(crate) fn $name(&mut self, $($arg: $type),*) -> Step<$out> {
                match self.ask($request)? {
                    $reply => Ok($value),
                    other => panic!("{} heard {other:?}", stringify!($name)),
                }
            })*
        }
    };
}

requests! {
    document(id: DocumentId) -> Option<Arc<Document>>: Request::Document(id) => Reply::Document(d) => d;
    waiting() -> Vec<DocumentId>: Request::Waiting => Reply::Waiting(w) => w;
    lots() -> Vec<Lot>: Request::Lots => Reply::Lots(l) => l;
    serial() -> Option<Offer>: Request::Serial => Reply::Serial(s) => s;
    block(id: BlockId) -> (Option<Block>, Ties): Request::Block(id) => Reply::Block(b, tied) => (b, tied);
    order(id: OrderId) -> Option<Arc<Order>>: Request::Order(id) => Reply::Order(o) => o;
    payment(of: TransactionId) -> Option<Payment>: Request::Payment(of) => Reply::Payment(p) => p;
    credited_payment() -> Option<Payment>: Request::CreditedPayment => Reply::Payment(p) => p;
    refund(key: RefundKey) -> Option<Arc<Refund>>: Request::Refund(key) => Reply::Refund(r) => r;
    case(id: CaseId) -> Option<Case>: Request::Case(id) => Reply::Case(c) => c;
    open_refunds() -> Vec<RefundKey>: Request::OpenRefunds => Reply::Refunds(r) => r;
    newest_upload(id: DocumentId) -> Option<(u8, bool)>: Request::NewestUpload(id) => Reply::Upload(u) => u;
    output(key: &str) -> Option<Object>: Request::Output(key.to_owned()) => Reply::Output(o) => o;
    store(key: &str, object: Object) -> bool: Request::Store(key.to_owned(), object) => Reply::Stored(s) => s;
    delete(key: &str) -> (): Request::Delete(key.to_owned()) => Reply::Done => ();
    delete_upload(id: DocumentId) -> (): Request::DeleteUpload(id) => Reply::Done => ();
    affix() -> bool: Request::Affix => Reply::Affixed(a) => a;
    send(message: Message) -> (): Request::Send(message) => Reply::Done => ();
    gateway_status(of: Option<TransactionId>) -> Observed: Request::GatewayStatus(of) => Reply::Seen(s) => s;
    gateway_end(state: ObservedState) -> (): Request::GatewayEnd(state) => Reply::Done => ();
    gateway_refund(key: RefundKey) -> bool: Request::GatewayRefund(key) => Reply::Refused(r) => r;
    gateway_shows(key: RefundKey) -> bool: Request::GatewayShows(key) => Reply::Shows(s) => s;
}

impl Io<'_> {
    fn ask(&mut self, request: Request) -> Step<Reply> {
        match self.heard.split_first() {
            Some((first, rest)) => {
                self.heard = rest;
                self.now_ms = first.at_ms;
                Ok(first.reply.clone())
            }
            None => Err(Stop::Asks(request)),
        }
    }

    /// Writes a decision; `Err` is the write that was lost. An empty decision asks nobody.
    pub(crate) fn commit(&mut self, writes: &[Write]) -> Step<Result<(), usize>> {
        if writes.is_empty() {
            return Ok(Ok(()));
        }
        match self.ask(Request::Commit(writes.to_vec()))? {
            Reply::Done => Ok(Ok(())),
            Reply::Lost(write) => Ok(Err(write)),
            other => panic!("commit heard {other:?}"),
        }
    }
}

/// The process goes on as another.
pub(crate) fn becomes<T>(call: Call) -> Step<T> {
    Err(Stop::Becomes(Box::new(call)))
}
