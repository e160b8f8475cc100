//! The simulation held against a load run on the local stack: the same arrivals and workers, and the emulator as one
//! server that answers every request in turn.
//!
//! The only thing taken from the run is how long that server takes for a request, by what a citizen waits on the idle
//! stack. How long people wait beside an office, and how fast the office is served, the simulation must find by itself.

use crate::{curve::Arrivals, error::Error, settings::Settings, world};

/// A load run as it was.
#[derive(Debug, Clone, PartialEq)]
pub struct LoadRun {
    /// Documents of the office, all queued before its lane is opened.
    pub office: usize,
    /// When each citizen came, in milliseconds since the lanes were opened.
    pub citizens_ms: Vec<u64>,
    /// Batches at work at a time: uploads, everyone's lane, the bulk lane.
    pub workers: [u32; 3],
    /// Documents of a batch in the bulk lane.
    pub bulk_batch: u32,
    /// Between two looks of a citizen, in milliseconds.
    pub look_ms: u32,
    /// What a citizen waited on the idle stack from upload to stamp: the median, in milliseconds.
    pub idle_p50_ms: f64,
}

/// What the simulation says of it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Expected {
    /// The emulator's time for a request with which a citizen waits on an idle stack as was measured, in milliseconds.
    pub request_ms: f64,
    /// From upload to stamp of citizens, in milliseconds: the median, and what 95 of a hundred do not exceed.
    pub wait_ms: [f64; 2],
    /// From the lanes' opening until all is stamped, in milliseconds.
    pub all_in_ms: f64,
}

/// Citizens on the idle stack, and how far apart they come, in milliseconds.
const IDLE: (u64, u64) = (200, 2_000);
/// How far apart the office's documents are sent, in milliseconds: so slowly that all are queued when its lane opens.
const SENT_EVERY_MS: u64 = 300;
/// No emulator takes longer for a request, in milliseconds.
const REQUEST_MOST_MS: f64 = 200.0;
/// Halvings of what is not known of it.
const HALVINGS: u32 = 14;

impl LoadRun {
    /// What the simulation says of this run.
    ///
    /// # Errors
    /// As [`crate::simulate`].
    pub fn expected(&self, seed: u64) -> Result<Expected, Error> {
        let idle = (0..IDLE.0).map(|n| (n * IDLE.1, None)).collect();
        let idle = Arrivals::exactly(idle);
        let (mut least, mut most) = (0.0, REQUEST_MOST_MS);
        for _ in 0..HALVINGS {
            let middle = f64::midpoint(least, most);
            let waits = world::held(&self.settings(middle, 0, seed)?, &idle)?.waits_ms;
            if percentile(&waits, 50) < self.idle_p50_ms {
                least = middle;
            } else {
                most = middle;
            }
        }
        let request_ms = f64::midpoint(least, most);
        let office = (0..self.office as u64).map(|n| (n * SENT_EVERY_MS, Some(0)));
        let opens_ms = (self.office as u64 + 1) * SENT_EVERY_MS;
        let opens_ms = opens_ms.next_multiple_of(1_000);
        let citizens = self.citizens_ms.iter().map(|ms| (opens_ms + ms, None));
        let arrivals = Arrivals::exactly(office.chain(citizens).collect());
        let settings = self.settings(request_ms, opens_ms / 1_000, seed)?;
        let held = world::held(&settings, &arrivals)?;
        Ok(Expected {
            request_ms,
            wait_ms: [50, 95].map(|of_hundred| percentile(&held.waits_ms, of_hundred)),
            all_in_ms: held.ended_ms.saturating_sub(opens_ms) as f64,
        })
    }

    fn settings(&self, request_ms: f64, opens_s: u64, seed: u64) -> Result<Settings, Error> {
        let [uploads, stamps, bulk] = self.workers;
        let look_ms = self.look_ms;
        // Limits of AWS that the emulator does not have are far away; a mapping has all its workers at once.
        let of = [
            format!("server_request_ms={request_ms}"),
            format!("lanes_open_s={opens_s}"),
            format!("UploadsConcurrency={uploads}"),
            format!("StampsConcurrency={stamps}"),
            format!("BulkConcurrency={bulk}"),
            format!("BulkBatchSize={}", self.bulk_batch),
            format!("poll_first_ms={look_ms}"),
            format!("poll_longest_ms={look_ms}"),
            "bulk_looks=0".to_owned(),
            "mapping_first=1000".to_owned(),
            "buys_first_permille=0".to_owned(),
            "upload_fails_permille=0".to_owned(),
            "WarmWriteUnits=1e9".to_owned(),
            "WarmReadUnits=1e9".to_owned(),
            "table_write_quota=1e9".to_owned(),
            "table_read_quota=1e9".to_owned(),
            "queue_disorder_permille=0".to_owned(),
        ];
        let template = Settings::of_template()?.at(1.0, seed);
        of.iter().try_fold(template, |s, text| s.with(text))
    }
}

/// The wait that so many of a hundred did not exceed.
fn percentile(waits_ms: &[u32], of_hundred: usize) -> f64 {
    let mut sorted = waits_ms.to_vec();
    sorted.sort_unstable();
    let place = (sorted.len() * of_hundred).div_ceil(100).saturating_sub(1);
    sorted.get(place).copied().map_or(0.0, f64::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(office: usize, bulk: u32) -> LoadRun {
        LoadRun {
            office,
            citizens_ms: (1..=40).map(|n| n * 700).collect(),
            workers: [4, 4, bulk],
            bulk_batch: 10,
            look_ms: 500,
            idle_p50_ms: 80.0,
        }
    }

    #[test]
    fn a_citizen_waits_longer_beside_an_office_and_the_office_is_served_as_fast_as_the_server_answers()
     {
        let [without, with] = [of(0, 2), of(1_000, 2)].map(|run| run.expected(1).unwrap());
        assert!((without.wait_ms[0] - 80.0).abs() < 8.0, "{without:?}");
        assert!(with.wait_ms[0] > without.wait_ms[0] * 1.3, "{with:?}");
        // Some five requests a document, and nothing else to do.
        let least_ms = 1_000.0 * 4.0 * with.request_ms;
        assert!(
            with.all_in_ms > least_ms && with.all_in_ms < least_ms * 2.0,
            "{with:?}"
        );
    }

    #[test]
    fn fewer_documents_in_hand_leave_a_citizen_more_of_the_server() {
        let [ten, two] = [10, 2].map(|bulk_batch| {
            let run = LoadRun {
                bulk_batch,
                ..of(1_000, 2)
            };
            run.expected(1).unwrap().wait_ms[1]
        });
        assert!(two * 2.0 < ten, "{two} {ten}");
    }

    #[test]
    fn more_workers_do_not_make_a_server_faster_that_is_busy_already() {
        let [two, eight] = [2, 8].map(|bulk| of(1_000, bulk).expected(1).unwrap());
        let faster = two.all_in_ms / eight.all_in_ms;
        assert!((0.9..1.2).contains(&faster), "{two:?} {eight:?}");
    }
}
