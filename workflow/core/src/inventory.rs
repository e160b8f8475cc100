//! The inventory of serials: blocks of a few serials, handed out to workers ahead of need.
//!
//! That a serial is on one document rests on its own row, which is tied to one document at a time and obeys only the
//! block that offers it. A block's cursor is a hint where unused serials are: a worker that dies takes some along, and
//! [`settle`] brings them back.

use crate::{
    error::Error,
    id::{BlockId, DocumentId, Serial},
    write::Write,
};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, VecDeque};

/// Blocks kept open, so that workers spread over as many partition keys.
pub const OPEN_BLOCKS: usize = 64;
/// Serials in a fresh block: so many that its row stays below a kibibyte, which is one write unit.
pub const BLOCK_SIZE: usize = 40;
/// How long a worker uses serials that it took ahead, in milliseconds.
const USED_WITHIN_MS: u64 = 60_000;
/// How long after the last serials were handed out their use is looked at, in milliseconds.
pub const SETTLE_AFTER_MS: u64 = 10 * 60_000;
/// The shortest time from which a worker's rate is told, in milliseconds.
const RATE_OVER_MS: u64 = 250;
/// Most serials that one worker takes ahead.
const AHEAD_MAX: u32 = 20;

/// A few serials; those before the cursor were handed out.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Block {
    /// Its name.
    pub id: BlockId,
    /// The serials, in the order they are handed out.
    pub serials: Vec<Serial>,
    /// How many were handed out; more than there are, when workers met at its end.
    pub cursor: u32,
    /// Those before this are accounted for: each was tied to a document then, or went to another block.
    #[serde(default)]
    pub settled: u32,
    /// When serials were handed out last, in milliseconds since the epoch.
    #[serde(default)]
    pub handed_at_ms: u64,
    /// When to look whether what was handed out is used; none while all is accounted for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due_at_ms: Option<u64>,
}

/// What a serial's row says.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Tie {
    /// The document the serial is tied to.
    pub document: Option<DocumentId>,
    /// The block that offers it, once it has moved.
    pub block: Option<BlockId>,
}

impl Tie {
    /// Whether a block that handed the serial out need not miss it: it is on a document, or another block offers it.
    #[must_use]
    pub fn accounts_to(&self, from: BlockId) -> bool {
        self.document.is_some() || self.block.is_some_and(|block| block != from)
    }
}

/// What the rows of serials say; one without a row was never used.
pub type Ties = BTreeMap<Serial, Tie>;

/// A serial, and the block that offers it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Offer {
    /// The serial.
    pub serial: Serial,
    /// The block.
    pub block: BlockId,
}

/// What a look at a block's use of its serials writes. It holds only if none was handed out since the block was read.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Settled {
    /// The block.
    pub block: BlockId,
    /// Where its cursor must be.
    pub cursor: u32,
    /// When to look again; none: everything before the cursor is accounted for.
    pub due_at_ms: Option<u64>,
    /// Whether it is used up, and is no longer listed as open.
    pub used_up: bool,
}

impl Block {
    /// A fresh block from the issuer.
    #[must_use]
    pub const fn fresh(id: BlockId, serials: Vec<Serial>) -> Self {
        Self {
            id,
            serials,
            cursor: 0,
            settled: 0,
            handed_at_ms: 0,
            due_at_ms: None,
        }
    }

    /// The one-serial block of a serial that a document gave back. A document gives back once,
    /// so the name is unique.
    #[must_use]
    pub fn returned(serial: &Serial, document: DocumentId) -> Self {
        let id = BlockId::derive(&["returned", serial.as_str(), &document.to_string()]);
        Self::fresh(id, vec![serial.clone()])
    }

    /// Serials that were never handed out.
    #[must_use]
    pub fn left(&self) -> usize {
        self.serials.len().saturating_sub(self.cursor as usize)
    }

    /// Serials that were handed out and are not accounted for: each is on its way to a document, or comes back when the
    /// block is looked at.
    pub fn under_way(&self) -> impl Iterator<Item = &Serial> {
        let awaited = self.due_at_ms.map_or(0, |_| self.cursor as usize);
        let handed = self.serials.iter().take(awaited);
        handed.skip(self.settled as usize)
    }

    /// Those under way that are nowhere: some worker has them in hand, or took them along.
    pub fn missing<'a>(&'a self, ties: &'a Ties) -> impl Iterator<Item = &'a Serial> {
        self.under_way().filter(|serial| {
            let tie = ties.get(*serial);
            !tie.is_some_and(|tie| tie.accounts_to(self.id))
        })
    }

    /// The block once the next `count` serials were handed out, without a condition: who asks beyond the end gets fewer.
    ///
    /// # Errors
    /// [`Error::Overflow`].
    pub fn hand_out(&self, count: u32, now_ms: u64) -> Result<Self, Error> {
        let due_at_ms = now_ms.saturating_add(SETTLE_AFTER_MS);
        Ok(Self {
            cursor: self.cursor.checked_add(count).ok_or(Error::Overflow)?,
            handed_at_ms: now_ms,
            due_at_ms: Some(self.due_at_ms.unwrap_or(due_at_ms)),
            ..self.clone()
        })
    }

    /// The last `count` serials before the cursor, as far as there are any: what the hand-out that left this row gave.
    #[must_use]
    pub fn handed(&self, count: u32) -> Vec<Offer> {
        let from = self.cursor.saturating_sub(count) as usize;
        let serials = self.serials.iter().skip(from).take(count as usize);
        serials
            .map(|serial| Offer {
                serial: serial.clone(),
                block: self.id,
            })
            .collect()
    }
}

/// Looks at what became of the serials a block handed out: those that are tied to no document go to a block of their
/// own. Their rows obey only that from then on, so that a worker that was long asleep ties none of them.
///
/// # Errors
/// [`Error::Overflow`].
pub fn settle(block: &Block, ties: &Ties, now_ms: u64) -> Result<Vec<Write>, Error> {
    if block.due_at_ms.is_none_or(|due_ms| due_ms > now_ms) {
        return Ok(Vec::new());
    }
    let settled = |due_at_ms| {
        Write::Settle(Settled {
            block: block.id,
            cursor: block.cursor,
            due_at_ms,
            used_up: block.left() == 0,
        })
    };
    let at_ms = block.handed_at_ms.saturating_add(SETTLE_AFTER_MS);
    if at_ms > now_ms {
        return Ok(vec![settled(Some(at_ms))]);
    }
    let mut writes = vec![settled(None)];
    let unused: Vec<Serial> = block.missing(ties).cloned().collect();
    if !unused.is_empty() {
        let from = block.id.to_string();
        let id = BlockId::derive(&["unused", &from, &block.settled.to_string()]);
        writes.extend(unused.iter().map(|serial| Write::Offer {
            offer: Offer {
                serial: serial.clone(),
                block: id,
            },
            from: block.id,
        }));
        writes.push(Write::Block(Block::fresh(id, unused)));
    }
    Ok(writes)
}

/// Serials that a worker took ahead, about as many as it lately used in a second: so a block is written once for many
/// documents that come together, and hardly a serial is taken in vain when few do.
#[derive(Debug, Clone, Default)]
pub struct Shelf {
    held: VecDeque<(Offer, u64)>,
    since_ms: u64,
    given: u32,
}

impl Shelf {
    /// The next serial, if one is there that may still be used.
    pub fn give(&mut self, now_ms: u64) -> Option<Offer> {
        while let Some((offer, taken_ms)) = self.held.pop_front() {
            if now_ms.saturating_sub(taken_ms) < USED_WITHIN_MS {
                self.given = self.given.saturating_add(1);
                return Some(offer);
            }
        }
        None
    }

    /// How many serials to take now.
    #[must_use]
    pub fn wanted(&self, now_ms: u64) -> u32 {
        let lasted_ms = now_ms.saturating_sub(self.since_ms).max(RATE_OVER_MS);
        let a_second = u64::from(self.given).saturating_mul(1_000) / lasted_ms;
        let a_second = u32::try_from(a_second).unwrap_or(AHEAD_MAX);
        a_second.saturating_add(1).min(AHEAD_MAX)
    }

    /// Puts serials on it that were taken now.
    pub fn took(&mut self, offers: Vec<Offer>, now_ms: u64) {
        self.held.extend(offers.into_iter().map(|o| (o, now_ms)));
        (self.since_ms, self.given) = (now_ms, 0);
    }

    /// Puts back a serial that is known not to have been used.
    pub fn put_back(&mut self, offer: Offer, now_ms: u64) {
        self.held.push_front((offer, now_ms));
    }
}
