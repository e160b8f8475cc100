//! Logging in: a token lives for a day, is shared by all calls, and is got anew when it is no longer good.

use super::{
    Peruri,
    call::{Body, Failed, lost, read},
    wire::{DONE, LoggedIn, Login},
};
use bubuh_gateway::{SecretString, Transport};
use http::{Method, Request, header::CONTENT_TYPE};
use secrecy::ExposeSecret;
use serde::Deserialize;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// How long a token is used, in milliseconds: an hour less than it lives.
const USED_FOR_MS: u64 = 23 * 60 * 60_000;

/// An account at Peruri, as the secret holds it.
#[derive(Clone, Deserialize)]
pub struct Account {
    /// The name.
    pub user: String,
    /// The password.
    pub password: SecretString,
}

struct Token {
    text: SecretString,
    until_ms: u64,
}

pub(super) struct Session {
    account: Account,
    token: Mutex<Option<Token>>,
    /// One at a time logs in: others wait and find the token.
    entering: futures::lock::Mutex<()>,
}

impl Session {
    pub(super) fn new(account: Account) -> Self {
        Self {
            account,
            token: Mutex::new(None),
            entering: futures::lock::Mutex::new(()),
        }
    }

    fn held(&self) -> MutexGuard<'_, Option<Token>> {
        self.token.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn current(&self, now_ms: u64) -> Option<String> {
        let held = self.held();
        let token = held.as_ref().filter(|token| now_ms < token.until_ms)?;
        Some(token.text.expose_secret().to_owned())
    }

    /// A token is no longer good; another one that was got meanwhile is kept.
    pub(super) fn forget(&self, token: &str) {
        self.held()
            .take_if(|held| held.text.expose_secret() == token);
    }
}

impl<T: Transport> Peruri<T> {
    /// A token that was good when it was got.
    pub(super) async fn token(&self) -> Result<String, Failed> {
        let now_ms = self.ambient.now_ms();
        if let Some(token) = self.session.current(now_ms) {
            return Ok(token);
        }
        let _entering = self.session.entering.lock().await;
        if let Some(token) = self.session.current(now_ms) {
            return Ok(token);
        }
        let account = &self.session.account;
        let body = Body::json(&Login {
            user: &account.user,
            password: account.password.expose_secret(),
        })?;
        let request = Request::builder()
            .method(Method::POST)
            .uri(format!("{}/api/users/login", self.hosts.backend))
            .header(CONTENT_TYPE, body.content_type)
            .body(body.bytes)
            .map_err(|e| Failed::NotDone(e.to_string()))?;
        // Whatever becomes of a login, nothing was done for which it was to be used.
        let not_done = |failed: Failed| Failed::NotDone(format!("login: {}", failed.why()));
        let response = self.transport.send(request).await;
        let response = response.map_err(|error| not_done(lost(error)))?;
        let answer: LoggedIn = read(response.body()).map_err(not_done)?;
        let LoggedIn {
            status_code,
            message,
            token: Some(token),
        } = answer
        else {
            return Err(Failed::NotDone("login: no token".to_owned()));
        };
        if status_code != DONE {
            return Err(Failed::NotDone(format!("login: {status_code} {message}")));
        }
        *self.session.held() = Some(Token {
            text: token.clone().into(),
            until_ms: now_ms.saturating_add(USED_FOR_MS),
        });
        Ok(token)
    }
}
