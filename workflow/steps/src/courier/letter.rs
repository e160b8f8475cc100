//! What is sent: the same words each time, signed anew (<https://www.standardwebhooks.com>).

use bubuh_core::{
    event::{About, Event},
    hook::{Secret, Topic, signature},
};
use bubuh_gateway::Error;
use bytes::Bytes;
use http::{Request, header::CONTENT_TYPE};
use jiff::Timestamp;
use serde::Serialize;

#[derive(Serialize)]
struct Words<'a> {
    #[serde(rename = "type")]
    topic: Topic,
    timestamp: Timestamp,
    data: &'a About,
}

/// An event in words.
pub(super) struct Letter {
    id: String,
    body: String,
}

impl Letter {
    pub(super) fn of(event: &Event) -> Result<Self, Error> {
        let unwritable = |_| Error::InvalidRequest {
            field: "event",
            reason: "can't be written",
        };
        let at_ms = i64::try_from(event.at_ms).unwrap_or(i64::MAX);
        let words = Words {
            topic: event.topic,
            timestamp: Timestamp::from_millisecond(at_ms).unwrap_or(Timestamp::MAX),
            data: &event.about,
        };
        Ok(Self {
            id: event.id.to_string(),
            body: serde_json::to_string(&words).map_err(unwritable)?,
        })
    }

    /// To this address, now.
    pub(super) fn to(
        self,
        url: &str,
        secrets: &[Secret],
        now_ms: u64,
    ) -> Result<Request<Bytes>, Error> {
        let now_s = now_ms.div_euclid(1_000);
        Request::post(url)
            .header(CONTENT_TYPE, "application/json")
            .header("webhook-id", &self.id)
            .header("webhook-timestamp", now_s)
            .header(
                "webhook-signature",
                signature(secrets, &self.id, now_s, &self.body),
            )
            .body(Bytes::from(self.body))
            .map_err(|_| Error::InvalidRequest {
                field: "url",
                reason: "can't be called",
            })
    }
}
