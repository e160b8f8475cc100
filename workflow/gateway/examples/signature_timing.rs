//! How long a forged signature takes to be refused, where it differs in the first and in the last byte.
//! `cargo run --release -p bubuh-gateway --example signature_timing`
#![allow(clippy::unwrap_used, clippy::expect_used)]

use bubuh_gateway::{
    SecretString,
    notification::{signature, verify},
};
use std::{hint::black_box, time::Instant};

const ROUNDS: usize = 400;
const CALLS: u32 = 500;

fn body(signature: &str) -> Vec<u8> {
    format!(
        r#"{{"order_id":"o","status_code":"200","gross_amount":"10000.00","signature_key":"{signature}"}}"#
    )
    .into_bytes()
}

/// The text with another digit at that place.
fn changed(text: &str, at: usize) -> String {
    let digit = |(n, c): (usize, char)| match (n == at, c) {
        (false, c) => c,
        (true, '0') => '1',
        (true, _) => '0',
    };
    text.chars().enumerate().map(digit).collect()
}

/// Mean and standard error of the mean, in nanoseconds.
fn mean(times: &[f64]) -> (f64, f64) {
    let n = times.len() as f64;
    let mean = times.iter().sum::<f64>() / n;
    let spread = times.iter().map(|t| (t - mean).powi(2)).sum::<f64>() / (n - 1.0);
    (mean, (spread / n).sqrt())
}

fn main() {
    let key = SecretString::from("a server key of no merchant");
    let genuine = signature("o", "200", "10000.00", &key);
    let kinds = [("first", 0), ("last", genuine.len() - 1)];
    let bodies = kinds.map(|(_, at)| body(&changed(&genuine, at)));
    let mut times = [Vec::new(), Vec::new()];
    // In turns, so that what else the machine does falls on both.
    for _ in 0..ROUNDS {
        for (body, times) in bodies.iter().zip(&mut times) {
            let begun = Instant::now();
            for _ in 0..CALLS {
                assert!(black_box(verify(black_box(body), &key)).is_err());
            }
            times.push(begun.elapsed().as_nanos() as f64 / f64::from(CALLS));
        }
    }
    for ((name, _), times) in kinds.iter().zip(&times) {
        let (mean, error) = mean(times);
        println!("differs in the {name} byte: {mean:.1} ns a call, standard error {error:.1}");
    }
    let pairs = times.first().into_iter().flatten();
    let apart = pairs.zip(times.last().into_iter().flatten());
    let apart: Vec<f64> = apart.map(|(first, last)| last - first).collect();
    let (mean, error) = mean(&apart);
    println!("last less first: {mean:.1} ns, standard error {error:.1}");
}
