//! Minting many at once: the result is posted later, once, and nobody looks whether it was taken.

use super::{
    Issuer,
    answer::{Answer, Refusal, taken},
    fault::{Call, FaultKind},
    fields::Fields,
    mint::{Document, check_duty, image},
};
use crate::{
    Delivered, Due,
    delivery::{is_absolute, json_post},
    query::Query,
};
use bytes::Bytes;
use http::Request;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// Most documents of one batch: a sandbox's choice.
const MOST: usize = 10_000;

/// A batch.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Batch {
    pub(super) seq: u64,
    /// Its id.
    pub id: String,
    /// Its serials, in the order of its documents.
    pub serials: Vec<String>,
    /// Where the result goes.
    pub return_url: String,
    /// When it is told to be done, in milliseconds since the epoch.
    pub done_at_ms: u64,
    /// How often the result is still to be posted.
    pub posts: u8,
    without_images: bool,
    /// What the posts met.
    pub met: Vec<Delivered>,
}

impl Issuer {
    pub(super) fn batch(&mut self, now_ms: u64, request: &Request<Bytes>) -> Answer {
        let fields = Fields::read(request)?;
        let return_url = fields.filled("return_url")?;
        if !is_absolute(return_url) {
            return Err(Refusal::field("return_url"));
        }
        check_duty(&fields, "tipe")?;
        fields.flag("partial")?;
        let rows = fields.rows("document")?;
        if rows.is_empty() || rows.len() > MOST {
            return Err(Refusal::field("document"));
        }
        let documents: Result<Vec<_>, _> = rows.iter().map(Document::read).collect();
        let documents = documents?;
        if self.state.balance < u64::try_from(documents.len()).unwrap_or(u64::MAX) {
            return Err(Refusal::balance());
        }
        let seq = self.number();
        let id = self.uuid(seq);
        let serials = self.take(now_ms, documents, Some(&id))?;
        let mut fire = |kind| self.fire(kind, Call::Batch, None, now_ms).is_some();
        let posts = match (
            fire(FaultKind::CallbackNever),
            fire(FaultKind::CallbackTwice),
        ) {
            (true, _) => 0,
            (false, true) => 2,
            (false, false) => 1,
        };
        let without_images = fire(FaultKind::ImageMissing);
        let done_at_ms = now_ms.saturating_add(self.settings.batch_delay_ms);
        if posts > 0 {
            self.queue.insert((done_at_ms, seq));
        }
        self.by_batch.insert(id.clone(), seq);
        self.state.batches.insert(
            seq,
            Batch {
                seq,
                id: id.clone(),
                serials,
                return_url: return_url.to_owned(),
                done_at_ms,
                posts,
                without_images,
                met: Vec::new(),
            },
        );
        let result = json!({ "batchId": id });
        Ok(taken(
            &json!({ "statusCode": "00", "message": "success", "result": result }),
        ))
    }

    pub(super) fn batch_status(&self, now_ms: u64, query: &Query) -> Answer {
        let id = query
            .one("batchId")
            .ok_or_else(|| Refusal::field("batchId"))?;
        let batch = self.by_batch.get(id);
        let batch = batch
            .and_then(|seq| self.state.batches.get(seq))
            .ok_or_else(|| Refusal::new("92", "batchId is unknown"))?;
        let done = now_ms >= batch.done_at_ms;
        let serials: &[String] = if done { &batch.serials } else { &[] };
        let result = json!({
            "batchId": id,
            "status": if done { "DONE" } else { "PROCESS" },
            "total": batch.serials.len(),
            "sn": serials,
        });
        Ok(taken(&json!({ "statusCode": "00", "result": result })))
    }

    /// The results to post now. Each is given once, whatever it meets.
    pub fn due_results(&mut self, now_ms: u64) -> Vec<Due> {
        let mut due = Vec::new();
        while let Some(&(_, seq)) = self.queue.first().filter(|(at_ms, _)| *at_ms <= now_ms) {
            self.queue.pop_first();
            self.changed();
            let Some(batch) = self.state.batches.get_mut(&seq) else {
                continue;
            };
            let posts = std::mem::take(&mut batch.posts);
            let body = batch.result().to_string();
            for _ in 0..posts {
                due.extend(
                    json_post(&batch.return_url, body.clone()).map(|request| Due {
                        id: seq,
                        order_id: batch.id.clone(),
                        request,
                    }),
                );
            }
        }
        due
    }

    /// What a post met; for the books only.
    pub fn result_met(&mut self, id: u64, met: Delivered) {
        if let Some(batch) = self.state.batches.get_mut(&id) {
            batch.met.push(met);
            self.changed();
        }
    }
}

impl Batch {
    fn result(&self) -> Value {
        let of = |sn: &String| {
            let image = if self.without_images {
                String::new()
            } else {
                image(sn)
            };
            json!({ "sn": sn, "image": image })
        };
        let result: Vec<Value> = self.serials.iter().map(of).collect();
        json!({ "statusCode": "00", "batchId": self.id, "result": result })
    }
}
