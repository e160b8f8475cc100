//! The report of a world that has come to its end.

use super::{What, World};
use crate::{
    cost,
    error::Error,
    report::{Apart, FunctionTold, HourTold, MinuteTold, Report, Took},
    settings::{FUNCTIONS, Settings},
};
use std::collections::{BTreeMap, HashSet};

/// What is written when an ended document's upload is deleted (workflow/steps/src/sweep.rs, `purge`): its row, and its
/// entry in the index of what is due, which goes.
const PURGE_WRITES: f64 = 2.0;
const KB_PER_GB: f64 = 1_048_576.0;
/// How long an upload and a stamped file are kept, in months (ARCHITECTURE.md, Data: seven days, one year).
const KEPT_MONTHS: f64 = 7.0 / 30.0 + 12.0;

impl World<'_> {
    pub(super) fn report(mut self, settings: &Settings, from_s: u64) -> Result<Report, Error> {
        let raised = settings.changed_from(&Settings::of_template()?);
        let lost = self.lost();
        let used = self.used();
        let mut own = self.tally.own.by_name();
        own.insert("s3_put", used.get("s3_put").copied().unwrap_or(0.0));
        let cost = cost::lines(&used, &own, self.tally.stamped_in_all)?;
        let instead = cost::instead(&cost)?;
        let documents = self.tally.stamped_in_all.max(1) as f64;
        let (written, _, indexed) = self.table.totals();
        let (unpromised, promised, promised_long) = self.tally.promises.told();
        let tally = self.tally;
        let waiting = tally.under_way().saturating_sub(lost);
        let dead_letters = self.queues.iter().map(|q| q.dead).sum();
        let told = FUNCTIONS.into_iter().zip(&self.functions);
        let functions = told.map(|(name, f)| FunctionTold {
            name,
            peak: f.peak,
            invocations: f.invocations,
            cold_starts: f.cold_starts,
            mean_ms: f.busy_ms as f64 / f.invocations.max(1) as f64,
        });
        let minutes: Vec<MinuteTold> = tally.minutes.iter().enumerate().map(minute).collect();
        let peak = |of: fn(&MinuteTold) -> u64| minutes.iter().map(of).max().unwrap_or(0);
        let hours = tally
            .hours
            .iter()
            .enumerate()
            .filter(|(_, hour)| hour.arrived > 0);
        Ok(Report {
            profile: settings.profile.clone(),
            scale: settings.scale,
            seed: settings.seed,
            from_s,
            curve_ends_s: self.arrivals.lasts_s,
            ended_s: self.now_ms / 1_000,
            raised,
            arrived: tally.arrived,
            accepted: tally.announced,
            stamped: tally.stamped_in_all,
            given_up: tally.given_up,
            waiting,
            lost,
            turned_away: tally.turned_away,
            accept: Apart::of(&tally.announce),
            upload_to_queued: Apart::of(&tally.to_queued),
            upload_to_stamped: Apart::of(&tally.to_stamped),
            bulk_to_stamped: Took::of(&tally.bulk_wait),
            unpromised,
            promised,
            promised_long,
            functions: functions.collect(),
            account_peak: self.account.peak,
            queue_peaks: [
                peak(|m| m.uploads_waiting),
                peak(|m| m.documents_waiting),
                tally.bulk_peak,
            ],
            dead_letters,
            limits: self.limits.in_order(),
            write_units: [written / documents, (written + indexed) / documents],
            cost,
            instead,
            hours: hours
                .map(|(n, hour)| HourTold {
                    hour: n as u64,
                    arrived: hour.arrived,
                    accept: Took::of(&hour.announce),
                    upload_to_queued: Took::of(&hour.queued),
                    upload_to_stamped: Took::of(&hour.stamped),
                })
                .collect(),
            minutes,
        })
    }

    /// Documents under way that nothing would ever move again: no message, no call, no owner who goes on with them.
    fn lost(&mut self) -> u64 {
        let mut held = HashSet::new();
        for queue in &mut self.queues {
            while let Some(id) = queue.messages.receive(&mut self.random) {
                held.insert(id);
            }
        }
        while let Some((_, event)) = self.calendar.next() {
            let looks_only = matches!(
                event.what,
                What::Request(step, _) | What::Work(step) | What::Done(step) if step.only_looks()
            );
            if !looks_only && !matches!(event.what, What::Second | What::Look) {
                held.insert(event.doc);
            }
        }
        let moves_itself = |stage| matches!(stage, super::doc::Stage::Credited);
        let under_way = self.docs.under_way();
        let missing = under_way
            .filter(|(id, doc)| !held.contains(id) && !moves_itself(doc.stage))
            .count() as u64;
        // Whatever is not among the documents at all is lost as well.
        let known = self.docs.under_way().count() as u64;
        missing + self.tally.under_way().abs_diff(known)
    }

    /// What was used in all, by the names of prices.toml.
    fn used(&self) -> BTreeMap<&'static str, f64> {
        let tally = &self.tally;
        let (mut requests, mut gb_s, mut api_gb) = (tally.public_calls, 0.0, 0.0);
        let told = FUNCTIONS.into_iter().zip(&self.functions);
        for ((name, function), gb) in told.zip(&self.known.function_gb) {
            if name == "EnqueueHttp" {
                api_gb = *gb;
            }
            requests += function.invocations as f64;
            gb_s += function.busy_ms as f64 / 1_000.0 * gb;
        }
        // The public queue's calls are of the API's function.
        gb_s += tally.public_ms / 1_000.0 * api_gb;
        let (written, read, indexed) = self.table.totals();
        let stored_gb = tally.stored_kb as f64 / KB_PER_GB;
        BTreeMap::from([
            ("lambda_request", requests),
            ("lambda_gb_s", gb_s),
            ("dynamodb_write", written + indexed + tally.sweep_writes),
            ("dynamodb_read", read + tally.sweep_reads),
            ("sqs_request", tally.sqs as f64),
            ("s3_put", (tally.uploads + tally.calls.s3_puts) as f64),
            // Each owner downloads once.
            (
                "s3_get",
                (tally.calls.s3_gets + tally.stamped_in_all) as f64,
            ),
            ("purge_list", tally.stamped_in_all as f64),
            ("purge_write", tally.stamped_in_all as f64 * PURGE_WRITES),
            ("s3_gb_month", stored_gb * KEPT_MONTHS),
            ("api_gateway_request", tally.api_requests as f64),
            ("cdn_request", tally.cdn),
            ("transfer_gb", stored_gb),
        ])
    }
}

fn minute((n, minute): (usize, &super::tally::Minute)) -> MinuteTold {
    MinuteTold {
        minute: n as u64,
        arrived_per_s: minute.arrived as f64 / 60.0,
        stamped_per_s: minute.stamped as f64 / 60.0,
        uploads_waiting: minute.uploads,
        documents_waiting: minute.waiting,
        longest_s: minute.longest_ms as f64 / 1_000.0,
        at_work: minute.at_work.clone(),
    }
}
