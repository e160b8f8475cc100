//! When to look again. Waits double without a counter: as long again as it has lasted so far.

/// The next look at something that has lasted since `since_ms`: after as long again, within bounds.
/// All in milliseconds.
#[must_use]
pub(crate) fn next_look_ms(since_ms: u64, now_ms: u64, shortest_ms: u64, longest_ms: u64) -> u64 {
    let lasted_ms = now_ms.saturating_sub(since_ms);
    now_ms.saturating_add(lasted_ms.clamp(shortest_ms, longest_ms))
}

/// The wait before the try after the `tried`th: `first_ms`, doubling up to `longest_ms`.
#[must_use]
pub(crate) fn doubled_ms(tried: u64, first_ms: u64, longest_ms: u64) -> u64 {
    let doublings = u32::try_from(tried.saturating_sub(1)).unwrap_or(u32::MAX);
    first_ms
        .checked_mul(2_u64.saturating_pow(doublings))
        .map_or(longest_ms, |ms| ms.min(longest_ms))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn looks_come_at_doubling_distances_from_the_shortest_to_the_longest() {
        let (mut at, mut waits) = (1_000, Vec::new());
        for _ in 0..5 {
            let next = next_look_ms(1_000, at, 60, 300);
            waits.push(next - at);
            at = next;
        }
        assert_eq!(waits, [60, 60, 120, 240, 300]);
    }

    #[test]
    fn waits_double_with_the_tries() {
        let waits = [0, 1, 2, 3, 4, u64::MAX].map(|tried| doubled_ms(tried, 30, 200));
        assert_eq!(waits, [30, 30, 60, 120, 200, 200]);
    }
}
