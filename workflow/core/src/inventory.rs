//! The inventory of serials: blocks of a few serials, each with a cursor.

use crate::{
    error::Error,
    id::{BlockId, DocumentId, Serial},
};
use serde::{Deserialize, Serialize};

/// Blocks kept open, so that reservations spread over as many partition keys.
pub const OPEN_BLOCKS: usize = 64;

/// A few serials; those before the cursor are taken.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Block {
    /// Its name.
    pub id: BlockId,
    /// The serials, in the order they are handed out.
    pub serials: Vec<Serial>,
    /// How many have been taken.
    pub cursor: u32,
}

/// Taking the next serial of a block.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Take {
    /// The block.
    pub block: BlockId,
    /// Where its cursor must be; it moves on by one.
    pub cursor: u32,
    /// Whether this is the block's last serial, after which the block is no longer listed as open.
    pub last: bool,
}

impl Block {
    /// A fresh block from the issuer.
    #[must_use]
    pub fn fresh(id: BlockId, serials: Vec<Serial>) -> Self {
        Self {
            id,
            serials,
            cursor: 0,
        }
    }

    /// The one-serial block of a serial that a document gave back. A document gives back once,
    /// so the name is unique.
    #[must_use]
    pub fn returned(serial: &Serial, document: DocumentId) -> Self {
        let id = BlockId::derive(&["returned", serial.as_str(), &document.to_string()]);
        Self::fresh(id, vec![serial.clone()])
    }

    /// Serials left.
    #[must_use]
    pub fn left(&self) -> usize {
        self.serials.len().saturating_sub(self.cursor as usize)
    }

    /// The next serial and how to take it; `None` when the block is used up.
    ///
    /// # Errors
    /// [`Error::Overflow`] when the cursor can't move.
    pub fn next(&self) -> Result<Option<(Serial, Take)>, Error> {
        let Some(serial) = self.serials.get(self.cursor as usize) else {
            return Ok(None);
        };
        let after = self.cursor.checked_add(1).ok_or(Error::Overflow)?;
        let take = Take {
            block: self.id,
            cursor: self.cursor,
            last: after as usize >= self.serials.len(),
        };
        Ok(Some((serial.clone(), take)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_hands_out_each_serial_once_and_says_which_is_last() {
        let serials: Vec<_> = ["s1", "s2"]
            .into_iter()
            .map(|s| Serial::new(s).unwrap())
            .collect();
        let mut block = Block::fresh(BlockId::derive(&["b"]), serials.clone());
        let mut seen = Vec::new();
        while let Some((serial, take)) = block.next().unwrap() {
            assert_eq!(take.last, block.left() == 1);
            block.cursor += 1;
            seen.push(serial);
        }
        assert_eq!(seen, serials);
        assert_eq!(block.left(), 0);
    }
}
