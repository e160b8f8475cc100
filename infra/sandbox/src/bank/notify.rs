//! Notifications: made with each change, sent until taken or given up.

use super::{Bank, Call, FaultKind, Transaction, wire};
use bubuh_gateway::notification::signature;
use bytes::Bytes;
use http::{
    HeaderValue, Method, Request, Uri,
    header::{ACCEPT, CONTENT_TYPE, USER_AGENT},
};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// When the nth retry is made, in minutes after the first attempt.
/// <https://docs.midtrans.com/docs/https-notification-webhooks>
const RETRY_MINUTES: [u64; 5] = [2, 10, 30, 90, 210];

/// A notification on its way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Delivery {
    pub(super) id: u64,
    pub(super) order_id: String,
    transaction_status: String,
    /// The JSON, signed when it was made: a later status does not change it. Dropped at the end.
    body: String,
    /// When to send it; none if it is held back, lost, taken or given up.
    pub(super) due_ms: Option<u64>,
    /// Waits for the next notification of its order.
    pub(super) held: bool,
    first_attempt_ms: Option<u64>,
    /// What each attempt met.
    attempts: Vec<Delivered>,
}

/// What an attempt to deliver a notification met.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Delivered {
    /// An HTTP status.
    Answered(u16),
    /// No connection, or no answer in time.
    Unanswered,
}

impl Delivered {
    fn taken(self) -> bool {
        matches!(self, Self::Answered(200..=299))
    }

    /// How many retries the real gateway makes after it.
    fn retries(self) -> usize {
        match self {
            Self::Answered(500) => 1,
            Self::Answered(503) => 4,
            Self::Answered(400 | 404) => 2,
            _ => RETRY_MINUTES.len(),
        }
    }
}

/// A notification to send now.
#[derive(Debug, Clone)]
pub struct Due {
    /// To tell [`Bank::notification_result`].
    pub id: u64,
    /// The order it is about.
    pub order_id: String,
    /// The whole request: method, URL, headers and body.
    pub request: Request<Bytes>,
}

impl Bank {
    /// Where notifications go; none yet if unset.
    #[must_use]
    pub fn notification_url(&self) -> Option<&str> {
        self.state.notification_url.as_deref()
    }

    /// Sets where notifications go, also those that wait already.
    ///
    /// # Errors
    /// When it is no absolute `http` or `https` URL.
    pub fn set_notification_url(&mut self, url: &str) -> Result<(), &'static str> {
        let legal = url.parse::<Uri>().is_ok_and(|uri| {
            uri.authority().is_some() && matches!(uri.scheme_str(), Some("http" | "https"))
        });
        if !legal {
            return Err("url must be an absolute http or https URL");
        }
        self.state.notification_url = Some(url.to_owned());
        self.changed();
        Ok(())
    }

    /// What to send now, in this order. Stays due until its result is told.
    pub fn due_notifications(&mut self, now_ms: u64) -> Vec<Due> {
        self.advance(now_ms);
        let Some(url) = &self.state.notification_url else {
            return Vec::new();
        };
        self.queue
            .iter()
            .take_while(|(due_ms, _)| *due_ms <= now_ms)
            .filter_map(|(_, id)| self.state.deliveries.get(id))
            .filter_map(|delivery| {
                Some(Due {
                    id: delivery.id,
                    order_id: delivery.order_id.clone(),
                    request: request(url, &delivery.body)?,
                })
            })
            .collect()
    }

    /// What became of an attempt: taken, to be retried later, or given up.
    pub fn notification_result(&mut self, now_ms: u64, id: u64, result: Delivered) {
        let scale = self.settings.retry_scale;
        let Some(delivery) = self.state.deliveries.get_mut(&id) else {
            return;
        };
        let Some(was_due_ms) = delivery.due_ms.take() else {
            return;
        };
        self.queue.remove(&(was_due_ms, id));
        let retries = delivery.attempts.len();
        let first_ms = *delivery.first_attempt_ms.get_or_insert(now_ms);
        delivery.attempts.push(result);
        if !result.taken() && retries < result.retries() {
            let wait_ms = RETRY_MINUTES
                .get(retries)
                .map_or(0, |minutes| scaled_ms(*minutes, scale));
            let due_ms = first_ms.saturating_add(wait_ms).max(now_ms);
            delivery.due_ms = Some(due_ms);
            self.queue.insert((due_ms, id));
        } else {
            delivery.body.clear();
        }
        self.changed();
    }

    /// Makes the notification of a transaction's present state.
    pub(super) fn notify(&mut self, tx: &Transaction, now_ms: u64) {
        let order_id = tx.order_id.as_str();
        let mut fire = |kind| self.fire(kind, Call::Notification, order_id, now_ms);
        let lost = fire(FaultKind::NotificationLost).is_some();
        let held = !lost && fire(FaultKind::NotificationOutOfOrder).is_some();
        let twice = !lost && fire(FaultKind::NotificationDuplicate).is_some();
        let delay_ms = fire(FaultKind::Delay).map_or(0, |fault| fault.delay_ms);
        let due_ms = (!lost && !held).then(|| now_ms.saturating_add(delay_ms));
        let body = self.signed_body(tx);
        for _ in 0..if twice { 2 } else { 1 } {
            let id = self.number();
            let delivery = Delivery {
                id,
                order_id: order_id.to_owned(),
                transaction_status: tx.state.as_str().to_owned(),
                body: body.clone(),
                due_ms,
                held,
                first_attempt_ms: None,
                attempts: Vec::new(),
            };
            self.state.deliveries.insert(id, delivery);
            if held {
                let waiting = self.held.entry(order_id.to_owned()).or_default();
                waiting.push(id);
            } else if let Some(due_ms) = due_ms {
                self.queue.insert((due_ms, id));
            }
        }
        if let Some(due_ms) = due_ms {
            self.release(order_id, due_ms.saturating_add(1));
        }
    }

    /// Lets what was held back follow the notification that overtook it.
    fn release(&mut self, order_id: &str, due_ms: u64) {
        for id in self.held.remove(order_id).unwrap_or_default() {
            if let Some(delivery) = self.state.deliveries.get_mut(&id) {
                delivery.held = false;
                delivery.due_ms = Some(due_ms);
                self.queue.insert((due_ms, id));
            }
        }
    }

    fn signed_body(&self, tx: &Transaction) -> String {
        let code = wire::notification_code(tx.state);
        let mut fields = wire::status(tx, code, "midtrans payment notification");
        let signature = signature(
            &tx.order_id,
            &code.to_string(),
            &wire::amount(tx.gross_amount),
            &self.settings.server_key,
        );
        fields.insert("signature_key".to_owned(), Value::String(signature));
        Value::Object(fields).to_string()
    }
}

fn request(url: &str, body: &str) -> Option<Request<Bytes>> {
    let mut request = Request::new(Bytes::from(body.to_owned()));
    *request.method_mut() = Method::POST;
    *request.uri_mut() = url.parse().ok()?;
    for (name, value) in [
        (CONTENT_TYPE, "application/json"),
        (ACCEPT, "application/json"),
        (USER_AGENT, "Veritrans"),
    ] {
        request
            .headers_mut()
            .insert(name, HeaderValue::from_static(value));
    }
    Some(request)
}

fn scaled_ms(minutes: u64, scale: f64) -> u64 {
    // Saturating: a scale out of range gives 0 or the end of time, never a wrap.
    ((minutes.saturating_mul(60_000)) as f64 * scale) as u64
}
