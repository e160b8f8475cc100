//! `bombs`: how long it takes to refuse files that swell, and how much memory.

use bubuh_corpus::bench::bombs;
use bubuh_corpus::child::{refuse_elsewhere, refuse_here};
use std::error::Error;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let [one, file] = arguments.as_slice()
        && one == "--one"
    {
        return refuse_here(file.as_ref());
    }
    let folder = tempfile::tempdir()?;
    let program = std::env::current_exe()?;
    println!(
        "{:<20} {:>9} {:>12} {:>9} {:>10}",
        "bomb", "bytes", "refused", "ms", "peak KiB"
    );
    for bomb in bombs() {
        let file = folder.path().join("bomb.pdf");
        std::fs::write(&file, &bomb.bytes)?;
        let mut runs = Vec::new();
        for _ in 0..11 {
            runs.push(refuse_elsewhere(&program, &file)?);
        }
        runs.sort_by_key(|run| run.took_us);
        let median = runs.get(5).ok_or("no run")?;
        let millis = std::time::Duration::from_micros(median.took_us).as_secs_f64() * 1e3;
        println!(
            "{:<20} {:>9} {:>12} {millis:>9.1} {:>10}",
            bomb.name,
            bomb.bytes.len(),
            median.preflight,
            median.peak_kib
        );
    }
    Ok(())
}
