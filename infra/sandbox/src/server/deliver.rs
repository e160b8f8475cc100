//! The delivery loop: sends what is due, tells the remote side what it met.

use super::shared::Shared;
use crate::{Delivered, Due, Error, Remote};
use futures::StreamExt;
use std::{collections::BTreeMap, sync::Arc, time::Duration};
use tokio::sync::watch;

/// Orders served at the same time. Within one order notifications go one after the other.
const ORDERS_AT_ONCE: usize = 16;
const SHORTEST_WAIT: Duration = Duration::from_millis(20);
const LONGEST_WAIT: Duration = Duration::from_secs(60);

pub(super) fn client(timeout: Duration) -> Result<reqwest::Client, Error> {
    reqwest::Client::builder()
        .timeout(timeout)
        .redirect(reqwest::redirect::Policy::none())
        .retry(reqwest::retry::never())
        .build()
        .map_err(|error| Error::Setting(error.to_string()))
}

pub(super) async fn run<R: Remote>(
    client: reqwest::Client,
    shared: Arc<Shared<R>>,
    mut stop: watch::Receiver<bool>,
) {
    let work = async {
        loop {
            let ((due, next_ms), _) = shared.with(|remote, now_ms| {
                let due = remote.due(now_ms);
                let next_ms = remote.next_event_ms();
                (due, next_ms.map(|next_ms| next_ms.saturating_sub(now_ms)))
            });
            if due.is_empty() {
                let wait = next_ms.map_or(LONGEST_WAIT, Duration::from_millis);
                let wait = wait.clamp(SHORTEST_WAIT, LONGEST_WAIT);
                let _ = tokio::time::timeout(wait, shared.wake.notified()).await;
            } else {
                send_all(&client, &shared, due).await;
            }
        }
    };
    tokio::select! {
        () = work => {}
        _ = stop.wait_for(|stop| *stop) => {}
    }
}

async fn send_all<R: Remote>(client: &reqwest::Client, shared: &Shared<R>, due: Vec<Due>) {
    let mut orders: BTreeMap<String, Vec<Due>> = BTreeMap::new();
    for one in due {
        orders.entry(one.order_id.clone()).or_default().push(one);
    }
    futures::stream::iter(orders.into_values())
        .for_each_concurrent(ORDERS_AT_ONCE, |notifications| async move {
            for Due { id, request, .. } in notifications {
                let met = match reqwest::Request::try_from(request) {
                    Ok(request) => client.execute(request).await,
                    Err(error) => Err(error),
                };
                let met = met.map_or(Delivered::Unanswered, |answer| {
                    Delivered::Answered(answer.status().as_u16())
                });
                shared.with(|remote, now_ms| remote.delivered(now_ms, id, met));
            }
        })
        .await;
}
