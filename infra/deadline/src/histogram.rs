//! How often which value came: percentiles to within two in a hundred.

/// Bits of a value that are kept.
const BITS: u32 = 6;

/// Counts by value; values are whole, mostly milliseconds.
#[derive(Debug, Clone, Default)]
pub(crate) struct Histogram {
    cells: Vec<u32>,
    count: u64,
    most: u64,
}

const fn cell_of(value: u64) -> usize {
    let size = u64::BITS - value.leading_zeros();
    if size <= BITS {
        return value as usize;
    }
    let shift = size - BITS;
    // Each further power of two has half as many cells as there are values of that many bits.
    (((shift as u64) << (BITS - 1)) + (value >> shift)) as usize
}

const fn value_of(cell: usize) -> u64 {
    let half = 1_u64 << (BITS - 1);
    let cell = cell as u64;
    if cell < half * 2 {
        return cell;
    }
    let shift = cell / half - 1;
    ((cell - shift * half) << shift) + (1 << shift) / 2
}

impl Histogram {
    pub(crate) fn note(&mut self, value: u64) {
        let cell = cell_of(value);
        if cell >= self.cells.len() {
            self.cells.resize(cell + 1, 0);
        }
        if let Some(count) = self.cells.get_mut(cell) {
            *count += 1;
        }
        self.count += 1;
        self.most = self.most.max(value);
    }

    pub(crate) const fn count(&self) -> u64 {
        self.count
    }

    /// The value that so many in a thousand do not exceed; 0 if there is none.
    pub(crate) fn permille(&self, permille: u64) -> u64 {
        let wanted = (self.count * permille).div_ceil(1_000).max(1);
        let mut seen = 0;
        for (cell, count) in self.cells.iter().enumerate() {
            seen += u64::from(*count);
            if seen >= wanted {
                return value_of(cell).min(self.most);
            }
        }
        self.most
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_found_again_to_within_two_in_a_hundred() {
        for value in (0..200).chain([1_000, 65_535, 1_000_000, 86_400_000, u64::MAX / 3]) {
            let found = value_of(cell_of(value));
            let off = found.abs_diff(value) as f64 / value.max(1) as f64;
            assert!(off < 0.02, "{value}: {found}");
        }
    }

    #[test]
    fn percentiles_are_those_of_what_was_noted() {
        let mut histogram = Histogram::default();
        for value in 1..=1_000 {
            histogram.note(value);
        }
        for permille in [500, 900, 990] {
            let found = histogram.permille(permille);
            assert!(
                found.abs_diff(permille) <= permille / 50,
                "{permille}: {found}"
            );
        }
        assert_eq!(histogram.permille(1_000), 1_000);
    }
}
