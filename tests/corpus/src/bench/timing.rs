//! Repeated timing of two things.

use std::time::Instant;

/// The medians of two things run in turns, so many times each, in microseconds: what else the machine does meets
/// both alike.
///
/// # Errors
/// The first one of the runs.
pub fn medians_us<E>(
    runs: usize,
    mut one: impl FnMut() -> Result<(), E>,
    mut other: impl FnMut() -> Result<(), E>,
) -> Result<(f64, f64), E> {
    let (mut first, mut second) = (Vec::new(), Vec::new());
    for _ in 0..runs {
        first.push(time_us(&mut one)?);
        second.push(time_us(&mut other)?);
    }
    Ok((median(first), median(second)))
}

fn time_us<E>(run: &mut impl FnMut() -> Result<(), E>) -> Result<f64, E> {
    let started = Instant::now();
    run()?;
    Ok(started.elapsed().as_secs_f64() * 1e6)
}

fn median(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    times.get(times.len() / 2).copied().unwrap_or(f64::NAN)
}
