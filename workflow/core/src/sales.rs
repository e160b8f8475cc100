//! The one switch of degraded mode: new orders are taken or not. Whatever was ordered goes on: payments are
//! credited or refunded, documents are stamped.

use crate::{
    error::Error,
    write::{Expect, Put, Write},
};
use serde::{Deserialize, Serialize};

/// The switch; no row: open.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Switch {
    /// Grows by one with each change.
    pub version: u64,
    /// Since when and until when no orders are taken; none: they are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closed: Option<Closed>,
    /// Who turned it last.
    pub by: String,
}

/// Sales are closed.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Closed {
    /// Since when, in milliseconds since the epoch.
    pub since_ms: u64,
    /// When they open again by themselves; none: when somebody opens them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until_ms: Option<u64>,
}

impl Switch {
    /// Why no order is taken now, if none is.
    #[must_use]
    pub fn closed_at(&self, now_ms: u64) -> Option<&Closed> {
        let closed = self.closed.as_ref();
        closed.filter(|closed| closed.until_ms.is_none_or(|until| now_ms < until))
    }

    /// Stops new orders, until then or until they are opened.
    ///
    /// # Errors
    /// [`Error::Invalid`] for an end that is past.
    pub fn close(&self, until_ms: Option<u64>, by: &str, now_ms: u64) -> Result<Vec<Write>, Error> {
        if until_ms.is_some_and(|until| until <= now_ms) {
            return Err(Error::Invalid {
                field: "until",
                reason: "must be in the future".to_owned(),
            });
        }
        let since_ms = self.closed_at(now_ms).map_or(now_ms, |c| c.since_ms);
        self.turn(Some(Closed { since_ms, until_ms }), by)
    }

    /// Takes new orders again.
    ///
    /// # Errors
    /// [`Error::Overflow`].
    pub fn open(&self, by: &str) -> Result<Vec<Write>, Error> {
        self.turn(None, by)
    }

    fn turn(&self, closed: Option<Closed>, by: &str) -> Result<Vec<Write>, Error> {
        if self.closed == closed {
            return Ok(Vec::new());
        }
        let expect = match self.version {
            0 => Expect::Absent,
            version => Expect::Version(version),
        };
        Ok(vec![Write::Sales(Put {
            expect,
            row: Self {
                version: self.version.checked_add(1).ok_or(Error::Overflow)?,
                closed,
                by: by.to_owned(),
            },
        })])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn turned(writes: Vec<Write>) -> Switch {
        match writes.into_iter().next() {
            Some(Write::Sales(put)) => put.row,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn sales_are_open_until_closed_and_open_again_at_their_time_or_by_hand() {
        let switch = Switch::default();
        assert_eq!(switch.closed_at(5), None);
        assert_eq!(switch.open("sari").unwrap(), []);
        let closed = turned(switch.close(Some(10), "sari", 5).unwrap());
        assert!(closed.closed_at(9).is_some());
        assert_eq!(closed.closed_at(10), None);
        let longer = turned(closed.close(None, "budi", 7).unwrap());
        assert_eq!(longer.closed_at(u64::MAX).unwrap().since_ms, 5);
        assert_eq!(turned(longer.open("sari").unwrap()).closed_at(8), None);
    }

    #[test]
    fn sales_can_t_be_closed_until_a_time_that_is_past() {
        let past = Switch::default().close(Some(5), "sari", 5);
        assert!(matches!(past, Err(Error::Invalid { field: "until", .. })));
    }
}
