//! How long something takes: a log-normal distribution, drawn from a table of its quantiles.

use crate::random::Random;

const CELLS: usize = 1_024;
/// The standard normal distribution's 99th percentile.
const Z99: f64 = 2.326;

/// A distribution.
#[derive(Debug, Clone)]
pub(crate) struct Spread(Vec<f32>);

impl Spread {
    /// The one with this median, which one in a hundred is beyond.
    pub(crate) fn new(median: f64, p99: f64) -> Self {
        let sigma = (p99 / median).ln() / Z99;
        let cells = normal_quantiles().into_iter();
        Self(cells.map(|z| (median * (sigma * z).exp()) as f32).collect())
    }

    /// One draw.
    pub(crate) fn draw(&self, random: &mut Random) -> f64 {
        let index = random.below(CELLS as u64) as usize;
        self.0.get(index).copied().map_or(0.0, f64::from)
    }
}

/// The middle of each of as many equally likely cells.
fn normal_quantiles() -> Vec<f64> {
    const STEP: f64 = 0.000_5;
    let density = |z: f64| (-z * z / 2.0).exp() / (2.0 * std::f64::consts::PI).sqrt();
    let (mut quantiles, mut below, mut z) = (Vec::with_capacity(CELLS), 0.0, -6.0);
    for cell in 0..CELLS {
        let wanted = (cell as f64 + 0.5) / CELLS as f64;
        while below < wanted && z < 6.0 {
            below += density(z + STEP / 2.0) * STEP;
            z += STEP;
        }
        quantiles.push(z);
    }
    quantiles
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_is_below_the_median_and_one_in_a_hundred_beyond_the_other() {
        let (spread, mut random) = (Spread::new(20.0, 90.0), Random::new(3));
        let mut drawn: Vec<f64> = (0..100_000).map(|_| spread.draw(&mut random)).collect();
        drawn.sort_by(f64::total_cmp);
        assert!(
            (drawn[50_000] / 20.0 - 1.0).abs() < 0.03,
            "{}",
            drawn[50_000]
        );
        assert!(
            (drawn[99_000] / 90.0 - 1.0).abs() < 0.08,
            "{}",
            drawn[99_000]
        );
    }
}
