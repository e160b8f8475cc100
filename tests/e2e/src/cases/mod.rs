//! Cases from data files: what buyers went through elsewhere, and what gateways do, each run against
//! the local stack through HTTP, with what the buyer must have in the end.
//!
//! Each case is an account of its own, so many run at once. In the end, when the gateway has told all,
//! each is looked at once more, and the books are audited over all of them.

mod act;
mod ends;
mod file;
mod money;
mod see;
mod world;

pub use file::{Case, load};
pub use world::World;

use crate::Run;
use act::Buyer;
use futures::{StreamExt, stream};
use money::Money;
use std::{
    fmt,
    time::{Duration, Instant},
};

/// Cases at once: most of the time each waits for something.
const AT_ONCE: usize = 10;

/// What became of a case.
#[derive(Debug)]
struct Row {
    name: String,
    took: Duration,
    /// What differed; nothing if it ended as it must.
    differed: Option<String>,
}

/// What became of all.
#[derive(Debug)]
pub struct Outcome {
    rows: Vec<Row>,
    money: Money,
    took: Duration,
}

impl Outcome {
    /// How many did not end as they must.
    #[must_use]
    pub fn failed(&self) -> usize {
        self.rows
            .iter()
            .filter(|row| row.differed.is_some())
            .count()
    }
}

async fn play(buyer: &Buyer<'_>) -> Result<(), String> {
    buyer.act().await?;
    buyer.world.until_rows(|rows| buyer.ended(rows)).await?;
    buyer.met_its_faults()?;
    buyer.world.until(async || buyer.seen().await).await
}

/// Plays every case.
///
/// # Panics
/// When the stack falls over.
pub async fn run(run: &Run, cases: &[Case]) -> Outcome {
    let begun = Instant::now();
    let world = World::new(run).await;
    let buyers: Vec<Buyer<'_>> = cases
        .iter()
        .enumerate()
        .map(|(n, case)| Buyer::new(&world, case, n))
        .collect();
    let mut rows: Vec<(usize, Row)> = stream::iter(buyers.iter().enumerate())
        .map(|(n, buyer)| async move {
            let started = Instant::now();
            let differed = play(buyer).await.err();
            let row = Row {
                name: buyer.case.name.clone(),
                took: started.elapsed(),
                differed,
            };
            println!("{row}");
            (n, row)
        })
        .buffer_unordered(AT_ONCE)
        .collect()
        .await;
    rows.sort_by_key(|(n, _)| *n);
    let mut rows: Vec<Row> = rows.into_iter().map(|(_, row)| row).collect();

    // What came twice, late or after the end must have changed nothing.
    let quiet = world.all_is_told().await;
    let picture = world.rows().await.expect("the rows can be read");
    let mut money = Money::default();
    for (row, buyer) in rows.iter_mut().zip(&buyers) {
        if row.differed.is_some() {
            continue;
        }
        let ended = quiet.clone().and_then(|()| buyer.ended(&picture));
        let ended = ended.and_then(|()| buyer.notices(&picture));
        let counted = ended.and_then(|()| buyer.money(&picture));
        match counted {
            Ok(its) => money = money.plus(its),
            Err(flaw) => row.differed = Some(format!("after all was told: {flaw}")),
        }
    }
    Outcome {
        rows,
        money,
        took: begun.elapsed(),
    }
}

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let took = self.took.as_secs_f64();
        match &self.differed {
            None => write!(f, "  ok   {took:>5.1} s  {}", self.name),
            Some(flaw) => write!(f, "  RED  {took:>5.1} s  {}\n       {flaw}", self.name),
        }
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for row in &self.rows {
            writeln!(f, "{row}")?;
        }
        let Money {
            captured,
            credited,
            refunded,
            open,
            losses,
        } = self.money;
        writeln!(
            f,
            "captured {captured} = credited {credited} + refunded {refunded} + open {open} - losses {losses}"
        )?;
        write!(
            f,
            "{} cases, {} red, {:.0} s",
            self.rows.len(),
            self.failed(),
            self.took.as_secs_f64()
        )
    }
}
