//! Files in and out of the hosted form. They are in memory only: a client whose file is gone sends it again.

use super::{
    Issuer,
    answer::{Answer, Refusal, taken},
    multipart,
};
use crate::answer::typed;
use bytes::Bytes;
use http::{Request, StatusCode};
use serde_json::json;

impl Issuer {
    pub(super) fn upload(&mut self, now_ms: u64, request: &Request<Bytes>) -> Answer {
        let parts = multipart::read(request).ok_or_else(|| Refusal::field("the form"))?;
        let part = |name: &str| {
            let mut same = parts.iter().filter(|part| part.name == name);
            same.next().ok_or_else(|| Refusal::field(name))
        };
        let token = std::str::from_utf8(&part("token")?.data).unwrap_or_default();
        if !self.is_live(now_ms, token) {
            return Err(Refusal::token());
        }
        let file = part("file")?;
        let name = file.file_name.as_deref().filter(|name| !name.is_empty());
        let name = name.ok_or_else(|| Refusal::field("the name of file"))?;
        if file.data.is_empty() {
            return Err(Refusal::field("file"));
        }
        let number = self.number();
        let id = self.uuid(number);
        // A copy of its own: a slice would keep the whole form alive.
        let bytes = Bytes::copy_from_slice(&file.data);
        self.uploads.put(&id, None, bytes);
        Ok(taken(
            &json!({ "statusCode": "00", "id": id, "name": name }),
        ))
    }

    pub(super) fn download(&self, id: &str) -> Answer {
        let file = self.finals.get(id).ok_or_else(|| {
            Refusal::new("92", "there is no such file").under(StatusCode::NOT_FOUND)
        })?;
        Ok(typed(StatusCode::OK, "application/pdf", file.clone()))
    }
}
