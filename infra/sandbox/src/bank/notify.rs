//! Notifications: made with each change, sent until taken or given up.

use super::{Api, Bank, Call, FaultKind, Refund, Transaction, wire, xendit::event};
use crate::delivery::{Delivered, Due, is_absolute, json_post};
use bubuh_gateway::notification::{signature, xendit::TOKEN_HEADER};
use bytes::Bytes;
use http::{HeaderValue, Request, header::USER_AGENT};
use secrecy::ExposeSecret;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// When the nth retry is made, in minutes after the first attempt.
/// <https://docs.midtrans.com/docs/https-notification-webhooks>
const RETRY_MINUTES: [u64; 5] = [2, 10, 30, 90, 210];
/// The same for Xendit's, whatever the answer.
/// <https://docs.xendit.co/webhook/delivery-attempts-and-retries/>
const XENDIT_RETRY_MINUTES: [u64; 6] = [15, 60, 180, 360, 720, 1440];

/// A notification on its way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Delivery {
    pub(super) id: u64,
    pub(super) order_id: String,
    #[serde(default)]
    api: Api,
    transaction_status: String,
    /// The JSON, Midtrans's signed when it was made: a later status does not change it. Dropped at the end.
    body: String,
    /// When to send it; none if it is held back, lost, taken or given up.
    pub(super) due_ms: Option<u64>,
    /// Waits for the next notification of its order.
    pub(super) held: bool,
    first_attempt_ms: Option<u64>,
    /// What each attempt met.
    attempts: Vec<Delivered>,
}

fn taken(result: Delivered) -> bool {
    matches!(result, Delivered::Answered(200..=299))
}

/// How many retries Midtrans makes after this answer.
fn retries(result: Delivered) -> usize {
    match result {
        Delivered::Answered(500) => 1,
        Delivered::Answered(503) => 4,
        Delivered::Answered(400 | 404) => 2,
        Delivered::Answered(_) | Delivered::Unanswered => RETRY_MINUTES.len(),
    }
}

impl Api {
    /// When it tries again, in minutes after the first attempt, after this answer.
    fn retry_minutes(self, result: Delivered) -> &'static [u64] {
        match self {
            Self::Midtrans => RETRY_MINUTES.get(..retries(result)).unwrap_or_default(),
            Self::Xendit => &XENDIT_RETRY_MINUTES,
        }
    }
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
        if !is_absolute(url) {
            return Err("url must be an absolute http or https URL");
        }
        self.state.notification_url = Some(url.to_owned());
        self.changed();
        Ok(())
    }

    /// How many notifications are still to be sent, now or later.
    #[must_use]
    pub fn waiting_notifications(&self) -> usize {
        self.queue.len()
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
                    request: self.request(url, delivery)?,
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
        let waits = delivery.api.retry_minutes(result);
        if let Some(minutes) = waits.get(retries).filter(|_| !taken(result)) {
            let wait_ms = scaled_ms(*minutes, scale);
            let due_ms = first_ms.saturating_add(wait_ms).max(now_ms);
            delivery.due_ms = Some(due_ms);
            self.queue.insert((due_ms, id));
        } else {
            delivery.body.clear();
        }
        self.changed();
    }

    /// Makes the notification of a transaction's present state, if its API has one for it.
    pub(super) fn notify(&mut self, tx: &Transaction, now_ms: u64) {
        let body = match tx.api {
            Api::Midtrans => Some(self.signed_body(tx)),
            Api::Xendit => event::of_transaction(tx, now_ms),
        };
        if let Some(body) = body {
            self.announce(tx, tx.state.as_str(), &body, now_ms);
        }
    }

    /// Makes the notification of a refund's end.
    pub(super) fn notify_refund(&mut self, tx: &Transaction, refund: &Refund, now_ms: u64) {
        let (word, body) = event::of_refund(tx, refund, now_ms);
        self.announce(tx, word, &body, now_ms);
    }

    fn announce(&mut self, tx: &Transaction, word: &str, body: &str, now_ms: u64) {
        let order_id = tx.order_id.as_str();
        let mut fire = |kind| self.fire(kind, Call::Notification, order_id, now_ms);
        let lost = fire(FaultKind::NotificationLost).is_some();
        let held = !lost && fire(FaultKind::NotificationOutOfOrder).is_some();
        let twice = !lost && fire(FaultKind::NotificationDuplicate).is_some();
        let delay_ms = fire(FaultKind::Delay).map_or(0, |fault| fault.delay_ms);
        let due_ms = (!lost && !held).then(|| now_ms.saturating_add(delay_ms));
        for _ in 0..if twice { 2 } else { 1 } {
            let id = self.number();
            let delivery = Delivery {
                id,
                order_id: order_id.to_owned(),
                api: tx.api,
                transaction_status: word.to_owned(),
                body: body.to_owned(),
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

    fn request(&self, url: &str, delivery: &Delivery) -> Option<Request<Bytes>> {
        let mut request = json_post(url, delivery.body.clone())?;
        let headers = request.headers_mut();
        match (delivery.api, &self.settings.callback_token) {
            (Api::Midtrans, _) => {
                headers.insert(USER_AGENT, HeaderValue::from_static("Veritrans"));
            }
            (Api::Xendit, Some(token)) => {
                let mut value = HeaderValue::from_str(token.expose_secret()).ok()?;
                value.set_sensitive(true);
                headers.insert(TOKEN_HEADER, value);
            }
            (Api::Xendit, None) => {}
        }
        Some(request)
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

fn scaled_ms(minutes: u64, scale: f64) -> u64 {
    // Saturating: a scale out of range gives 0 or the end of time, never a wrap.
    ((minutes.saturating_mul(60_000)) as f64 * scale) as u64
}
