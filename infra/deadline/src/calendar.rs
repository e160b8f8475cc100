//! What happens when: events in the order of their milliseconds, and within one in the order they were noted.

use std::collections::BTreeMap;

/// Milliseconds of one page; two pages are kept slot by slot, what comes later as lists.
const PAGE: u64 = 1 << 12;
const RING: u64 = PAGE * 2;

/// The events to come.
#[derive(Debug)]
pub(crate) struct Calendar<E> {
    slots: Vec<Vec<E>>,
    /// One bit for each slot that holds something.
    marks: Vec<u64>,
    in_ring: usize,
    later: BTreeMap<u64, Vec<(u64, E)>>,
    now_ms: u64,
    /// The events of this millisecond, the next one last.
    current: Vec<E>,
}

impl<E: Copy> Calendar<E> {
    pub(crate) fn new() -> Self {
        Self {
            slots: (0..RING).map(|_| Vec::new()).collect(),
            marks: vec![0; (RING / 64) as usize],
            in_ring: 0,
            later: BTreeMap::new(),
            now_ms: 0,
            current: Vec::new(),
        }
    }

    /// Notes an event; what is past happens now.
    pub(crate) fn note(&mut self, at_ms: u64, event: E) {
        let at_ms = at_ms.max(self.now_ms);
        if at_ms / PAGE <= self.now_ms / PAGE + 1 {
            self.put(at_ms, event);
        } else {
            self.later
                .entry(at_ms / PAGE)
                .or_default()
                .push((at_ms, event));
        }
    }

    fn put(&mut self, at_ms: u64, event: E) {
        let slot = at_ms % RING;
        if let Some(events) = self.slots.get_mut(slot as usize) {
            events.push(event);
            self.in_ring += 1;
        }
        if let Some(word) = self.marks.get_mut((slot / 64) as usize) {
            *word |= 1 << (slot % 64);
        }
    }

    /// The next event and its time.
    pub(crate) fn next(&mut self) -> Option<(u64, E)> {
        loop {
            if let Some(event) = self.current.pop() {
                return Some((self.now_ms, event));
            }
            self.turn_to_next()?;
        }
    }

    fn turn_to_next(&mut self) -> Option<()> {
        if self.in_ring == 0 {
            let page = *self.later.keys().next()?;
            self.enter(page.saturating_sub(1));
        }
        loop {
            let end_ms = (self.now_ms / PAGE + 1) * PAGE;
            match self.marked_from(self.now_ms, end_ms) {
                Some(at_ms) => {
                    self.now_ms = at_ms;
                    self.open(at_ms % RING);
                    return Some(());
                }
                None => self.enter(self.now_ms / PAGE + 1),
            }
        }
    }

    /// Goes to a page's first millisecond, unless it is past, and lays the page after it into the ring.
    fn enter(&mut self, page: u64) {
        self.now_ms = self.now_ms.max(page * PAGE);
        let laid = self.later.remove(&page).into_iter();
        let laid = laid.chain(self.later.remove(&(page + 1)));
        for (at_ms, event) in laid.flatten() {
            self.put(at_ms, event);
        }
    }

    fn marked_from(&self, from_ms: u64, end_ms: u64) -> Option<u64> {
        let mut at_ms = from_ms;
        while at_ms < end_ms {
            let slot = at_ms % RING;
            let word = self.marks.get((slot / 64) as usize).copied().unwrap_or(0);
            let rest = word >> (slot % 64);
            if rest != 0 {
                return Some(at_ms + u64::from(rest.trailing_zeros()));
            }
            at_ms += 64 - slot % 64;
        }
        None
    }

    fn open(&mut self, slot: u64) {
        if let Some(events) = self.slots.get_mut(slot as usize) {
            self.in_ring -= events.len();
            self.current.extend(events.drain(..).rev());
        }
        if let Some(word) = self.marks.get_mut((slot / 64) as usize) {
            *word &= !(1 << (slot % 64));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn every_event_comes_once_and_in_its_order(
            events in prop::collection::vec((0_u64..5, 0_u64..400_000), 1..200),
        ) {
            // Each event notes its next ones when it comes, some far off.
            let mut calendar = Calendar::new();
            let mut expected = Vec::new();
            for (n, (pages, at)) in events.iter().enumerate() {
                let at_ms = pages * PAGE * 3 + at;
                calendar.note(at_ms, n);
                expected.push((at_ms, n));
            }
            expected.sort_unstable();
            let mut seen = Vec::new();
            while let Some(event) = calendar.next() {
                seen.push(event);
            }
            prop_assert_eq!(seen, expected);
        }
    }

    #[test]
    fn what_is_noted_for_now_or_before_comes_now() {
        let mut calendar = Calendar::new();
        calendar.note(500, 'a');
        assert_eq!(calendar.next(), Some((500, 'a')));
        calendar.note(10, 'b');
        calendar.note(PAGE * 9, 'd');
        calendar.note(500, 'c');
        let rest: Vec<_> = std::iter::from_fn(|| calendar.next()).collect();
        assert_eq!(rest, [(500, 'b'), (500, 'c'), (PAGE * 9, 'd')]);
    }
}
