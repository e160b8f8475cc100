//! What is counted while a simulation runs.

use super::doc::Doc;
use crate::{histogram::Histogram, report::Promises, steps::Calls};
use bubuh_core::{queue::Promise, ticket::Lane};
use std::collections::BTreeMap;

/// A minute, for the picture.
#[derive(Debug, Clone, Default)]
pub(crate) struct Minute {
    pub(crate) arrived: u64,
    pub(crate) stamped: u64,
    /// The most of the minute: uploads that nobody has looked at, documents with a ticket that nobody has taken up.
    pub(crate) uploads: u64,
    pub(crate) waiting: u64,
    pub(crate) at_work: Vec<u64>,
    /// The longest wait from upload to stamped of those that were uploaded in it.
    pub(crate) longest_ms: u64,
}

/// An hour.
#[derive(Debug, Clone, Default)]
pub(crate) struct Hour {
    pub(crate) arrived: u64,
    pub(crate) announce: Histogram,
    pub(crate) queued: Histogram,
    pub(crate) stamped: Histogram,
}

/// Durations of what began outside of the peak, and in it.
pub(crate) type Pair = [Histogram; 2];

/// What was used on the documents' own way, besides puts; the names are those of prices.toml.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Own {
    pub(super) lambda_request: f64,
    pub(super) lambda_gb_s: f64,
    pub(super) dynamodb_write: f64,
    pub(super) dynamodb_read: f64,
    pub(super) sqs_request: f64,
    pub(super) s3_get: f64,
}

impl Own {
    pub(super) fn by_name(self) -> BTreeMap<&'static str, f64> {
        BTreeMap::from([
            ("lambda_request", self.lambda_request),
            ("lambda_gb_s", self.lambda_gb_s),
            ("dynamodb_write", self.dynamodb_write),
            ("dynamodb_read", self.dynamodb_read),
            ("sqs_request", self.sqs_request),
            ("s3_get", self.s3_get),
        ])
    }
}

/// All counts.
#[derive(Debug, Default)]
pub(super) struct Tally {
    pub(super) arrived: u64,
    pub(super) announced: u64,
    pub(super) queued_in_all: u64,
    pub(super) stamped_in_all: u64,
    pub(super) given_up: u64,
    pub(super) orders: u64,
    pub(super) turned_away: u64,
    pub(super) api_requests: u64,
    pub(super) cdn: f64,
    pub(super) public_calls: f64,
    pub(super) public_ms: f64,
    pub(super) uploads: u64,
    pub(super) stored_kb: u64,
    pub(super) sqs: u64,
    pub(super) sweep_reads: f64,
    pub(super) sweep_writes: f64,
    pub(super) calls: Calls,
    pub(super) own: Own,
    pub(super) bulk_peak: u64,
    /// Every single wait of who comes with one document, if it is wanted.
    pub(super) waits_ms: Option<Vec<u32>>,
    pub(super) minutes: Vec<Minute>,
    pub(super) hours: Vec<Hour>,
    pub(super) announce: Pair,
    pub(super) to_queued: Pair,
    pub(super) to_stamped: Pair,
    pub(super) bulk_wait: Histogram,
    pub(super) promises: Promises,
    spare: (Minute, Hour),
}

const MINUTE_MS: u64 = 60_000;
const HOUR_MS: u64 = 60 * MINUTE_MS;

/// The one at this index, which is there from now on.
fn at<'a, T: Default + Clone>(all: &'a mut Vec<T>, index: u64, spare: &'a mut T) -> &'a mut T {
    let index = index as usize;
    if all.len() <= index {
        all.resize(index + 1, T::default());
    }
    all.get_mut(index).unwrap_or(spare)
}

impl Tally {
    pub(super) const fn under_way(&self) -> u64 {
        self.arrived - self.stamped_in_all - self.given_up
    }

    /// Documents with a ticket.
    pub(super) const fn in_queue(&self) -> u64 {
        self.queued_in_all - self.stamped_in_all
    }

    pub(super) fn minute(&mut self, at_ms: u64) -> &mut Minute {
        at(&mut self.minutes, at_ms / MINUTE_MS, &mut self.spare.0)
    }

    pub(super) fn hour(&mut self, at_ms: u64) -> &mut Hour {
        at(&mut self.hours, at_ms / HOUR_MS, &mut self.spare.1)
    }

    pub(super) const fn count(&mut self, calls: Calls) {
        self.calls.s3_puts += calls.s3_puts;
        self.calls.s3_gets += calls.s3_gets;
        self.calls.dynamodb += calls.dynamodb;
        self.sqs += calls.sqs;
    }

    /// Notes requests to a queue that a document itself made.
    pub(super) fn own_messages(&mut self, count: u64) {
        self.sqs += count;
        self.own.sqs_request += count as f64;
    }

    pub(super) fn announced(&mut self, took_ms: u64, now_ms: u64, in_peak: bool) {
        self.announced += 1;
        note(&mut self.announce, in_peak, took_ms);
        self.hour(now_ms).announce.note(took_ms);
    }

    pub(super) fn queued(&mut self, uploaded_ms: u32, now_ms: u64, in_peak: bool) {
        let uploaded_ms = u64::from(uploaded_ms);
        let took_ms = now_ms.saturating_sub(uploaded_ms);
        self.queued_in_all += 1;
        note(&mut self.to_queued, in_peak, took_ms);
        self.hour(uploaded_ms).queued.note(took_ms);
    }

    pub(super) fn stamped(&mut self, doc: &Doc, now_ms: u64, in_peak: bool) {
        let uploaded_ms = u64::from(doc.uploaded_ms);
        let took_ms = now_ms.saturating_sub(uploaded_ms);
        self.stamped_in_all += 1;
        if let Some(waits_ms) = self.waits_ms.as_mut()
            && doc.group().is_none()
        {
            waits_ms.push(u32::try_from(took_ms).unwrap_or(u32::MAX));
        }
        self.minute(now_ms).stamped += 1;
        if doc.lane == Lane::Bulk {
            self.bulk_wait.note(took_ms);
        } else {
            note(&mut self.to_stamped, in_peak, took_ms);
            self.hour(uploaded_ms).stamped.note(took_ms);
            let minute = self.minute(uploaded_ms);
            minute.longest_ms = minute.longest_ms.max(took_ms);
        }
        let promise = (doc.latest_ms > 0).then(|| Promise {
            earliest_ms: u64::from(doc.earliest_ms),
            latest_ms: u64::from(doc.latest_ms),
        });
        self.promises
            .note(promise, u64::from(doc.queued_ms), now_ms);
    }

    pub(super) fn state(&mut self, now_ms: u64, uploads: u64, waiting: u64, at_work: &[u64]) {
        let minute = self.minute(now_ms);
        minute.uploads = minute.uploads.max(uploads);
        minute.waiting = minute.waiting.max(waiting);
        minute.at_work.resize(at_work.len(), 0);
        for (most, now) in minute.at_work.iter_mut().zip(at_work) {
            *most = (*most).max(*now);
        }
    }
}

fn note([outside, inside]: &mut Pair, in_peak: bool, took_ms: u64) {
    if in_peak {
        inside.note(took_ms);
    } else {
        outside.note(took_ms);
    }
}
