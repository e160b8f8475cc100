//! A document, or an account to be woken: what the simulation keeps of it while it is under way.

use bubuh_core::ticket::Lane;

/// No account of several documents.
pub(super) const ALONE: u32 = u32::MAX;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stage {
    /// Its owner orders and pays.
    Buying,
    /// The order is credited; its owner does not know yet.
    Credited,
    Announcing,
    Uploading,
    /// The file is there; nobody looked at it yet, or is at it.
    Uploaded,
    /// It has a ticket.
    Queued,
    Stamped,
    GivenUp,
    /// Not a document: a message that wakes an account.
    Wake,
    /// A free place.
    Free,
}

/// What its owner does and what the service does with it go on side by side.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Track {
    Owner = 0,
    Service = 1,
}

/// A call that goes on.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Call {
    pub(super) environment: u32,
    pub(super) begun_ms: u32,
    /// Of the service's own calls: the batch it came in.
    pub(super) batch: u32,
    /// Of an owner's request: how often it was turned away before; of a look, how many there were.
    pub(super) asked: u8,
    /// The SDK's tries.
    pub(super) tries: u8,
}

/// Times are milliseconds since the start.
#[derive(Debug, Clone, Copy)]
pub(super) struct Doc {
    pub(super) stage: Stage,
    pub(super) account: u32,
    pub(super) lane: Lane,
    pub(super) ticket: u64,
    /// When its present request was first made.
    pub(super) asked_ms: u32,
    pub(super) uploaded_ms: u32,
    pub(super) queued_ms: u32,
    pub(super) earliest_ms: u32,
    /// 0: nothing was promised.
    pub(super) latest_ms: u32,
    pub(super) file_kb: u32,
    pub(super) deliveries: u8,
    /// Its owner was told its ticket.
    pub(super) told: bool,
    pub(super) calls: [Call; 2],
}

impl Doc {
    pub(super) const fn new(stage: Stage, account: u32, now_ms: u32) -> Self {
        Self {
            stage,
            account,
            lane: Lane::Single,
            ticket: 0,
            asked_ms: now_ms,
            uploaded_ms: 0,
            queued_ms: 0,
            earliest_ms: 0,
            latest_ms: 0,
            file_kb: 0,
            deliveries: 0,
            told: false,
            calls: [Call {
                environment: 0,
                begun_ms: 0,
                batch: 0,
                asked: 0,
                tries: 0,
            }; 2],
        }
    }

    pub(super) const fn group(&self) -> Option<u32> {
        if self.account == ALONE {
            None
        } else {
            Some(self.account)
        }
    }

    pub(super) const fn call(&self, track: Track) -> &Call {
        let [owner, service] = &self.calls;
        match track {
            Track::Owner => owner,
            Track::Service => service,
        }
    }

    pub(super) const fn call_mut(&mut self, track: Track) -> &mut Call {
        let [owner, service] = &mut self.calls;
        match track {
            Track::Owner => owner,
            Track::Service => service,
        }
    }

    /// Whether it is a document that is neither at its end nor given up.
    pub(super) const fn is_under_way(&self) -> bool {
        !matches!(
            self.stage,
            Stage::Stamped | Stage::GivenUp | Stage::Wake | Stage::Free
        )
    }
}

/// All of them; places are used again.
#[derive(Debug, Default)]
pub(super) struct Docs {
    all: Vec<Doc>,
    free: Vec<u32>,
}

impl Docs {
    pub(super) fn add(&mut self, doc: Doc) -> u32 {
        match self.free.pop() {
            Some(id) => {
                if let Some(place) = self.all.get_mut(id as usize) {
                    *place = doc;
                }
                id
            }
            None => {
                self.all.push(doc);
                (self.all.len() - 1) as u32
            }
        }
    }

    pub(super) fn get(&self, id: u32) -> Option<&Doc> {
        self.all.get(id as usize)
    }

    pub(super) fn get_mut(&mut self, id: u32) -> Option<&mut Doc> {
        self.all.get_mut(id as usize)
    }

    pub(super) fn free(&mut self, id: u32) {
        if let Some(doc) = self.all.get_mut(id as usize) {
            doc.stage = Stage::Free;
            self.free.push(id);
        }
    }

    pub(super) fn under_way(&self) -> impl Iterator<Item = (u32, &Doc)> {
        let all = self
            .all
            .iter()
            .enumerate()
            .map(|(id, doc)| (id as u32, doc));
        all.filter(|(_, doc)| doc.is_under_way())
    }
}
