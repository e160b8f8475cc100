//! One file, the whole way: looked at, announced, sent, followed, fetched, checked.

use super::{
    caller::Caller,
    follow::{Crowd, turn},
    item::{Item, key},
    result::{Row, State, put},
};
use crate::{Error, client::Answer};
use bubuh_pdf::{Placement, Preflight, Refusal, Source, preflight};
use reqwest::Method;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use std::path::Path;
use tokio::time::sleep;

/// A link may have ended before it was used, so many times in a row.
const FRESH_LINKS: usize = 5;

/// A file's content.
#[derive(Debug)]
pub(super) struct Content {
    pub(super) bytes: Vec<u8>,
    pub(super) sha256: String,
}

impl Content {
    pub(super) fn read(path: &Path) -> Result<Self, Error> {
        let bytes = std::fs::read(path).map_err(Error::file("read", path))?;
        let sha256 = hex::encode(Sha256::digest(&bytes));
        Ok(Self { bytes, sha256 })
    }

    /// What the service would say of it, without asking.
    pub(super) fn looked_at(self, item: &Item) -> Result<Preflight, Refusal> {
        let wish = &item.wish;
        let sides = wish.rect.map(|sides| sides.map(f64::from));
        let placement = Placement::announced(wish.page, sides, wish.anchor.clone());
        preflight(&Source::from(self.bytes), &placement)
    }
}

/// Who follows documents, where their files go, and how many others are under way.
#[derive(Debug)]
pub(super) struct Errand {
    pub(super) caller: Caller,
    pub(super) batch: String,
    pub(super) crowd: Crowd,
}

impl Errand {
    /// Announces a file and sends it, unless the service has it already. `known` is its document's id, if it has one.
    pub(super) async fn hand_in(
        &self,
        item: &Item,
        content: &Content,
        known: &str,
    ) -> Result<Answer, Error> {
        let mut document = if known.is_empty() {
            self.announce(item, content).await?
        } else {
            self.look(known).await?
        };
        for _ in 0..FRESH_LINKS {
            let awaits_file = document.status < 300 && document.body.get("upload").is_some();
            if !awaits_file {
                break;
            }
            let sent = self
                .caller
                .storage(|| self.caller.client.upload(&document, &content.bytes))
                .await;
            match sent {
                Ok(()) => break,
                Err(Error::Api { status: 403, .. }) => {}
                Err(e) => return Err(e),
            }
            document = self.look(document.text("id")).await?;
        }
        Ok(document)
    }

    async fn announce(&self, item: &Item, content: &Content) -> Result<Answer, Error> {
        let wish = &item.wish;
        let name = item.path.file_name().unwrap_or_default().to_string_lossy();
        let mut body = json!({
            "name": name,
            "size": content.bytes.len(),
            "sha256": content.sha256,
            "document_type": wish.kind,
        });
        let further = [
            ("page", json!(wish.page)),
            ("rect", json!(wish.rect)),
            ("anchor", json!(wish.anchor)),
            ("deadline", json!(wish.deadline)),
        ];
        if let Value::Object(fields) = &mut body {
            let given = further.into_iter().filter(|(_, value)| !value.is_null());
            fields.extend(given.map(|(field, value)| (field.to_owned(), value)));
        }
        let key = key(&self.batch, &content.sha256);
        self.caller
            .send(Method::POST, "/v1/documents", Some(&key), Some(&body))
            .await
    }

    async fn look(&self, id: &str) -> Result<Answer, Error> {
        let path = format!("/v1/documents/{id}");
        self.caller.send(Method::GET, &path, None, None).await
    }

    /// Follows a document to its end, or until nothing is left but to buy stamps; puts its stamped file at `result`.
    pub(super) async fn follow(&self, row: Row, result: &Path) -> Result<Row, Error> {
        let mut member = self.crowd.join();
        loop {
            let document = self.look(&row.document).await?;
            let (next, next_id) = (document.text("next_en"), document.text("next_id"));
            let state = document.text("state");
            let waits = match state {
                "stamped" => return self.fetch(row, &document, result).await,
                "awaiting_upload" | "queued" | "stamping" => false,
                "awaiting_stamp" => true,
                "rejected" => return Ok(refused(row, &document)),
                _ if document.status >= 300 => return Ok(problem(row, &document)),
                _ => return Ok(row.ended(State::Failed, next, next_id)),
            };
            let turn = turn(&document.body, jiff::Timestamp::now());
            match member.next(waits, turn) {
                Some(pause) => sleep(pause).await,
                None => return Ok(row.ended(State::AwaitingStamp, next, next_id)),
            }
        }
    }

    /// The stamped file, once it is what the service says: that digest, and a whole stamp with that serial last.
    async fn fetch(&self, row: Row, document: &Answer, result: &Path) -> Result<Row, Error> {
        let row = Row {
            serial: document.text("serial").to_owned(),
            stamped_sha256: document.text("stamped_sha256").to_owned(),
            ..row
        };
        let bytes = self
            .caller
            .storage(|| self.caller.client.download(document))
            .await?;
        if !is_it(&bytes, &row) {
            let what = "What was downloaded is not the stamped file; run again.";
            let what_id = "Yang terunduh bukan berkas bermeterai; jalankan lagi.";
            return Ok(row.ended(State::Failed, what, what_id));
        }
        let dir = result.parent().unwrap_or(Path::new("."));
        std::fs::create_dir_all(dir).map_err(Error::file("make", dir))?;
        put(result, &bytes)?;
        let (next, next_id) = (document.text("next_en"), document.text("next_id"));
        Ok(row.ended(State::Stamped, next, next_id))
    }
}

fn is_it(bytes: &[u8], row: &Row) -> bool {
    let report = bubuh_pdf::verify(bytes, &[]);
    // A stamp of an issuer elsewhere is a signature like others.
    let right = report.stamps.last().is_none_or(|stamp| {
        let intact = stamp.digest_ok && stamp.range_ok && stamp.signature_ok;
        intact && stamp.serial == row.serial
    });
    right && hex::encode(Sha256::digest(bytes)) == row.stamped_sha256
}

/// Whether a result of an earlier run is still there.
pub(super) fn is_here(result: &Path, row: &Row) -> bool {
    let digest = std::fs::read(result).map(|bytes| hex::encode(Sha256::digest(bytes)));
    digest.is_ok_and(|digest| digest == row.stamped_sha256)
}

fn refused(row: Row, document: &Answer) -> Row {
    let reason = document.body.get("reason").unwrap_or(&Value::Null);
    let text = |field: &str| {
        reason
            .get(field)
            .and_then(Value::as_str)
            .unwrap_or_default()
    };
    let (why, why_id) = (text("message_en").to_owned(), text("message_id").to_owned());
    row.ended(State::Refused, &why, &why_id)
}

/// A row for an answer that is a problem: what the caller did wrong is refused, the rest failed.
pub(super) fn problem(row: Row, answer: &Answer) -> Row {
    let state = match answer.status {
        400..=499 => State::Refused,
        _ => State::Failed,
    };
    if answer.text("type").ends_with(":key-reused") {
        let why = "This file was submitted before under another name or with other settings. To have it stamped once \
                   more, give --batch a new name.";
        let why_id = "Berkas ini pernah dikirim dengan nama atau pengaturan lain. Untuk membubuhinya sekali lagi, beri \
                      --batch nama baru.";
        return row.ended(state, why, why_id);
    }
    row.ended(state, answer.text("detail"), answer.text("detail_id"))
}
