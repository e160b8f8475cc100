//! What is asked of serials: a picture, one row, a page of rows.

use super::{
    Issuer, Serial,
    answer::{Answer, Refusal, taken},
    fault::{Call, FaultKind},
    mint::image,
};
use crate::{query::Query, time::in_jakarta};
use serde_json::{Value, json};

/// Most rows of one page.
const PAGE: usize = 100;

impl Issuer {
    pub(super) fn image_of(&mut self, now_ms: u64, query: &Query) -> Answer {
        let sn = query.one("sn").ok_or_else(|| Refusal::field("sn"))?;
        if self.serial(sn).is_none() {
            return Err(Refusal::new("92", "sn is unknown"));
        }
        let missing = self.fire(FaultKind::ImageMissing, Call::Image, Some(sn), now_ms);
        let image = missing.map_or_else(|| image(sn), |_| String::new());
        let result = json!({ "sn": sn, "image": image });
        Ok(taken(&json!({ "statusCode": "00", "result": result })))
    }

    pub(super) fn list(&self, query: &Query) -> Answer {
        if let Some(sn) = query.one("filter") {
            let data: Vec<Value> = self.serial(sn).map(row).into_iter().collect();
            return Ok(page(data.len(), data));
        }
        let number = |name: &str, otherwise: usize| match query.one(name) {
            None => Ok(otherwise),
            Some(text) => text.parse().map_err(|_| Refusal::field(name)),
        };
        let (at, size) = (number("page", 0)?, number("size", PAGE)?.min(PAGE));
        let skip = at.saturating_mul(size);
        let cut = |rows: &mut dyn Iterator<Item = &Serial>| -> Vec<Value> {
            rows.skip(skip).take(size).map(row).collect()
        };
        let all = &self.state.serials;
        let (total, data) = match query.one("status") {
            None => (all.len(), cut(&mut all.values())),
            Some("NOTSTAMP") => {
                let mut rows = self.unstamped.iter().filter_map(|seq| all.get(seq));
                (self.unstamped.len(), cut(&mut rows))
            }
            Some("STAMP") => {
                let mut rows = all.values().filter(|row| row.signed.is_some());
                (all.len() - self.unstamped.len(), cut(&mut rows))
            }
            Some(_) => return Err(Refusal::field("status")),
        };
        Ok(page(total, data))
    }
}

fn row(serial: &Serial) -> Value {
    json!({
        "serialnumber": serial.sn,
        "status": serial.status(),
        "file": serial.file,
        "tglupdate": in_jakarta(serial.changed_at_ms()),
    })
}

fn page(total: usize, data: Vec<Value>) -> http::Response<bytes::Bytes> {
    let result = json!({ "total": total, "data": data });
    taken(&json!({ "statusCode": "00", "result": result }))
}
