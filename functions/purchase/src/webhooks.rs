//! `/v1/webhooks`: where the caller wants to be told what happens.

use crate::App;
use axum::{Json, extract::State, response::NoContent};
use bubuh_core::{
    hook::{Hook, Secret, Topic, URL_MAX},
    id::HookId,
};
use bubuh_edge::{
    At, Body, Caller, Key, Problem, answer::Created, api::Says, problem::kind, time::Time,
};
use bubuh_gateway::Gateway;
use bubuh_steps::hooks::Register;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::{collections::BTreeSet, sync::Arc};

/// A webhook to register.
#[derive(Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "NewWebhook")]
pub(crate) struct Create {
    /// An `https` address on the internet, without a user name. Redirects are not followed.
    #[schemars(length(min = 1, max = URL_MAX))]
    url: String,
    /// What is told there.
    #[schemars(with = "Vec<Topic>", length(min = 1))]
    events: BTreeSet<Topic>,
}

/// A webhook.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Webhook")]
pub(crate) struct View {
    id: HookId,
    url: String,
    events: BTreeSet<Topic>,
    created_at: Time,
    /// Since when nothing is told there, for it answered 410. Delete it and register it anew to go on.
    #[serde(skip_serializing_if = "Option::is_none")]
    gone_at: Option<Time>,
    /// Until when the secret before signs along.
    #[serde(skip_serializing_if = "Option::is_none")]
    old_secret_until: Option<Time>,
}

impl From<&Hook> for View {
    fn from(hook: &Hook) -> Self {
        Self {
            id: hook.id,
            url: hook.url.clone(),
            events: hook.topics.clone(),
            created_at: Time::of(hook.created_at_ms),
            gone_at: hook.gone_at_ms.map(Time::of),
            old_secret_until: hook.replaced.map(|before| Time::of(before.until_ms)),
        }
    }
}

/// A webhook with the secret that what is sent there is signed with.
#[derive(Serialize, JsonSchema)]
pub(crate) struct WebhookWithSecret {
    #[serde(flatten)]
    webhook: View,
    /// As a library for Standard Webhooks takes it. Keep it: it is not shown again.
    #[schemars(regex(pattern = "^whsec_[A-Za-z0-9+/]{43}=$"))]
    secret: String,
}

impl WebhookWithSecret {
    fn new((hook, secret): &(Hook, Secret)) -> Self {
        Self {
            webhook: hook.into(),
            secret: secret.shown(),
        }
    }
}

pub(crate) const CREATE: Says = Says::new("createWebhook", "Registers where to be told what happens")
    .details(
        "At least once, signed as Standard Webhooks has it (standardwebhooks.com); what is sent names things and tells \
         nothing else of them. Any 2xx within 15 s is taken as heard, 410 ends it, anything else is tried again for a day \
         and a half. At most five for an account.",
    )
    .problems(&[kind::KEY_REUSED])
    .example(r#"{"url":"https://erp.example/hooks/bubuh","events":["document.stamped"]}"#);

pub(crate) async fn create<G: Gateway>(
    State(app): State<Arc<App<G>>>,
    Caller(account): Caller,
    Key(key): Key,
    body: Body<Create>,
) -> Result<Created<WebhookWithSecret>, Problem> {
    let new = Register {
        key,
        url: body.value.url,
        topics: body.value.events,
        hash: body.hash,
    };
    let made = app.hooks.register(&account, new).await?;
    Ok(Created(WebhookWithSecret::new(&made)))
}

/// The caller's webhooks.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Webhooks {
    webhooks: Vec<View>,
}

pub(crate) const LIST: Says = Says::new("listWebhooks", "The caller's webhooks, the oldest first");

pub(crate) async fn list<G: Gateway>(
    State(app): State<Arc<App<G>>>,
    Caller(account): Caller,
) -> Result<Json<Webhooks>, Problem> {
    let hooks = app.hooks.table.hooks(&account).await?;
    let webhooks = hooks.hooks.iter().map(View::from).collect();
    Ok(Json(Webhooks { webhooks }))
}

pub(crate) const DELETE: Says = Says::new("deleteWebhook", "Deletes a webhook")
    .details("What is still owed to it is not told any more.");

pub(crate) async fn delete<G: Gateway>(
    State(app): State<Arc<App<G>>>,
    Caller(account): Caller,
    At(id): At<HookId>,
) -> Result<NoContent, Problem> {
    app.hooks.delete(&account, id).await?;
    Ok(NoContent)
}

pub(crate) const ROTATE: Says = Says::new("rotateWebhookSecret", "Replaces a webhook's secret")
    .details("For a day what is sent is signed with both, so that receivers can change over.");

pub(crate) async fn rotate<G: Gateway>(
    State(app): State<Arc<App<G>>>,
    Caller(account): Caller,
    Key(key): Key,
    At(id): At<HookId>,
) -> Result<Json<WebhookWithSecret>, Problem> {
    let made = app.hooks.rotate(&account, id, &key).await?;
    Ok(Json(WebhookWithSecret::new(&made)))
}
