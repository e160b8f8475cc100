//! A run of a chapter under a plan, and the list of all faults there are in it.

use crate::{
    check,
    cloud::{Fault, Plan, Site},
    driver::{Driver, Times},
    story::{Begins, Chapter, Ends},
    world::{Retries, World, in_virtual_time},
};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// How a chapter is run.
#[derive(Debug, Clone, Copy)]
pub struct Setting {
    /// Whether everything comes twice.
    pub times: Times,
    /// Whether the AWS clients retry by themselves.
    pub retries: Retries,
}

impl Setting {
    /// Once, and every fault reaches our code.
    pub const BARE: Self = Self {
        times: Times::Once,
        retries: Retries::None,
    };
}

/// What a run showed.
#[derive(Debug, Clone, Default)]
pub struct Outcome {
    /// What does not hold; empty when all does.
    pub problems: Vec<String>,
    /// The faults that fired.
    pub fired: Vec<String>,
    /// The requests that were made.
    pub sites: Vec<Site>,
}

/// Runs chapters, one after the other in one world.
#[must_use]
pub fn run(chapters: &[Chapter], setting: Setting, plan: Plan) -> Outcome {
    let chapters = chapters.to_vec();
    let work = move || in_virtual_time(move || play(chapters, setting, plan));
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|panic| Outcome {
        problems: vec![words(panic.as_ref())],
        ..Outcome::default()
    })
}

async fn play(chapters: Vec<Chapter>, setting: Setting, plan: Plan) -> Outcome {
    let begins: Vec<Begins> = chapters.iter().map(|c| c.begins).collect();
    let world = match begins.as_slice() {
        [Begins::Remote(serials)] => World::remote(1, setting.retries, *serials).await,
        all if all.iter().all(|begins| *begins == Begins::Stocked) => {
            World::stocked(1, setting.retries)
        }
        _ => World::new(1, setting.retries),
    };
    world.cloud.set_plan(plan);
    let mut driver = Driver::new(world.clone(), setting.times);
    let mut ends = Ends::default();
    for chapter in &chapters {
        chapter.play(&mut driver, &mut ends).await;
    }
    let mut problems = driver.broken().to_vec();
    problems.extend(check::problems(&world, &ends).await);
    Outcome {
        problems,
        fired: world
            .cloud
            .fired()
            .iter()
            .map(ToString::to_string)
            .collect(),
        sites: world.cloud.sites(),
    }
}

pub(crate) fn words(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref::<&str>().copied())
        .unwrap_or("a panic without words")
        .to_owned()
}

/// Every fault at every request.
#[must_use]
pub fn every_fault(sites: &[Site]) -> Vec<(usize, Fault)> {
    sites
        .iter()
        .flat_map(|site| {
            let kinds = Fault::kinds(site).into_iter();
            kinds.map(|fault| (site.index, fault))
        })
        .collect()
}

/// Runs a chapter once for every fault at every request. Gives the number of runs.
///
/// # Panics
/// With the request and the fault of every run in which something did not hold.
#[must_use]
pub fn exhaust(chapter: Chapter, setting: Setting, pick: fn(&Site, Fault) -> bool) -> usize {
    let calm = run(&[chapter], setting, Plan::none());
    assert!(
        calm.problems.is_empty(),
        "without a fault: {:#?}",
        calm.problems
    );
    let mut faults = every_fault(&calm.sites);
    faults.retain(|(index, fault)| pick(&calm.sites[*index], *fault));
    let mut failures = Vec::new();
    for (index, fault) in &faults {
        let outcome = run(&[chapter], setting, Plan::at(*index, *fault));
        let mut problems = outcome.problems;
        let site = &calm.sites[*index];
        if problems.is_empty() {
            if outcome.fired.len() != 1 {
                problems.push("the fault did not fire".to_owned());
            }
            let same = |n: usize| calm.sites[n].to_string() == outcome.sites[n].to_string();
            if let Some(n) = (0..=*index).find(|n| !same(*n)) {
                problems.push(format!(
                    "not the same run: {} is {}",
                    calm.sites[n], outcome.sites[n]
                ));
            }
        }
        if !problems.is_empty() {
            failures.push(format!(
                "{fault:?} at {site}:\n    {}",
                problems.join("\n    ")
            ));
        }
    }
    assert!(
        failures.is_empty(),
        "{} of {} runs of \"{}\" failed:\n{}",
        failures.len(),
        faults.len(),
        chapter.name,
        failures.join("\n")
    );
    faults.len()
}
