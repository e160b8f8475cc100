//! The processes: one function of a step workflow each, at work on one message or one request.

mod accept;
mod cancel;
mod order;
mod refund;
mod stamp;
mod sweep;

pub(crate) use stamp::{digest, holder_name};

use crate::{
    cloud::Object,
    io::{Heard, Io, Request, Step, Stop},
    mutant::Mutant,
    state::{Due, Message},
};
use bubuh_core::{
    document::{Document, Source},
    id::{DocumentId, RefundKey, TransactionId},
    inventory::Offer,
    order::{Observed, Order},
    refund::Answer,
};
use std::sync::Arc;

/// What a process is doing: the part of a step that is left, with all it needs.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Call {
    Wake,
    /// `rest`: what a wake looks at afterwards.
    Accept {
        id: DocumentId,
        rest: Vec<DocumentId>,
    },
    Reserve {
        document: Arc<Document>,
        source: Source,
        /// A serial that was taken and not used.
        offer: Option<Offer>,
        rest: Vec<DocumentId>,
    },
    Stamp {
        id: DocumentId,
        holder: u8,
    },
    Work {
        claimed: Arc<Document>,
        holder: u8,
    },
    Finish {
        claimed: Arc<Document>,
        row: Arc<Document>,
        standing: Object,
    },
    /// [`Mutant::CommitBeforePut`] stores last.
    StoreLate {
        key: String,
        file: Object,
    },
    Cancel(DocumentId),
    Erase(DocumentId),
    Redrive(DocumentId),
    Sweep(Due),
    /// `cancel`: the buyer's cancel goes on afterwards.
    Observe {
        transaction: Option<TransactionId>,
        cancel: bool,
    },
    Apply {
        order: Arc<Order>,
        seen: Observed,
        cancel: bool,
    },
    CancelOrder,
    CancelPlaced,
    Overdue,
    AskBack(u8),
    Refund(RefundKey),
    Settle(RefundKey, Answer),
}

/// The functions that run side by side; each has its own limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Lane {
    Intake,
    Stamp,
    Sweep,
    Order,
    Refund,
    Owner,
}

impl Call {
    pub(crate) const fn lane(&self) -> Lane {
        match self {
            Self::Wake | Self::Accept { .. } | Self::Reserve { .. } => Lane::Intake,
            Self::Stamp { .. }
            | Self::Work { .. }
            | Self::Finish { .. }
            | Self::StoreLate { .. } => Lane::Stamp,
            Self::Sweep(_) | Self::Overdue => Lane::Sweep,
            Self::Observe { .. } | Self::Apply { .. } => Lane::Order,
            Self::Refund(_) | Self::Settle(..) => Lane::Refund,
            Self::Cancel(_)
            | Self::Erase(_)
            | Self::Redrive(_)
            | Self::CancelOrder
            | Self::CancelPlaced
            | Self::AskBack(_) => Lane::Owner,
        }
    }

    fn run(&self, io: &mut Io<'_>) -> Step<()> {
        match self {
            Self::Wake => accept::wake(io),
            Self::Accept { id, rest } => accept::accept(io, *id, rest),
            Self::Reserve {
                document,
                source,
                offer,
                rest,
            } => accept::reserve(io, document, source, offer, rest),
            Self::Stamp { id, holder } => stamp::stamp(io, *id, *holder),
            Self::Work { claimed, holder } => stamp::work(io, claimed, *holder),
            Self::Finish {
                claimed,
                row,
                standing,
            } => stamp::finish(io, claimed, row, *standing),
            Self::StoreLate { key, file } => io.store(key, *file).map(|_| ()),
            Self::Cancel(id) => cancel::cancel(io, *id),
            Self::Erase(id) => cancel::erase(io, *id),
            Self::Redrive(id) => cancel::redrive(io, *id),
            Self::Sweep(due) => sweep::one(io, *due),
            Self::Observe {
                transaction,
                cancel,
            } => order::observe(io, transaction.as_ref(), *cancel),
            Self::Apply {
                order,
                seen,
                cancel,
            } => order::apply(io, order, seen, *cancel),
            Self::CancelOrder => order::cancel(io),
            Self::CancelPlaced => order::cancel_placed(io),
            Self::Overdue => order::overdue(io),
            Self::AskBack(n) => order::ask_back(io, *n),
            Self::Refund(key) => refund::step(io, *key),
            Self::Settle(key, answer) => refund::settle(io, *key, *answer),
        }
    }
}

/// A process under way.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Running {
    pub(crate) call: Call,
    pub(crate) since_ms: u64,
    pub(crate) heard: Vec<Heard>,
    /// Deleted from the queue when the process ends well; comes again otherwise.
    pub(crate) message: Option<Message>,
}

/// Where a process stands.
pub(crate) enum Stand {
    Asks(Request),
    Ended,
    Failed,
}

impl Running {
    pub(crate) fn new(call: Call, message: Option<Message>, now_ms: u64) -> Self {
        Self {
            call,
            since_ms: now_ms,
            heard: Vec::new(),
            message,
        }
    }

    /// Runs it until it asks for something.
    pub(crate) fn advance(&mut self, mutant: Option<Mutant>) -> Stand {
        loop {
            let mut io = Io {
                heard: &self.heard,
                now_ms: self.since_ms,
                mutant,
            };
            let ran = self.call.run(&mut io);
            let now_ms = io.now_ms;
            match ran {
                Ok(()) => return Stand::Ended,
                Err(Stop::Fails) => return Stand::Failed,
                Err(Stop::Asks(request)) => return Stand::Asks(request),
                Err(Stop::Becomes(call)) => {
                    self.call = *call;
                    self.since_ms = now_ms;
                    self.heard.clear();
                }
            }
        }
    }
}
