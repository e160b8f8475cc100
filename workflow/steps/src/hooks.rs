//! What an owner asks of webhooks: register one, see them, have its secret replaced, delete it.

use crate::{TRIES, error::Error, stamp::busy};
use bubuh_core::{
    Error as RuleError,
    hook::{Asked, Hook, Hooks, Secret, Topic, URL_MAX},
    id::{AccountId, HookId, IdempotencyKey, Sha256},
    write::Write,
};
use bubuh_gateway::{Reach, SecretString};
use bubuh_store::{Ambient, Error as StoreError, Table};
use secrecy::ExposeSecret;
use std::collections::BTreeSet;

/// What requests about webhooks need.
pub struct HookDesk {
    /// The table.
    pub table: Table,
    /// Which addresses may be registered.
    pub reach: Reach,
    /// What secrets are derived from.
    pub master: SecretString,
    /// The clock.
    pub ambient: Ambient,
}

/// A webhook to register.
#[derive(Debug, Clone)]
pub struct Register {
    /// The caller's key.
    pub key: IdempotencyKey,
    /// Where.
    pub url: String,
    /// What is told there.
    pub topics: BTreeSet<Topic>,
    /// The hash of the request's body.
    pub hash: Sha256,
}

impl HookDesk {
    /// Registers a webhook; gives its secret with it. The same request gives the same webhook and secret.
    ///
    /// # Errors
    /// [`Error::KeyReused`] for the same key with another request; a rule error for an address that can't be called.
    pub async fn register(
        &self,
        account: &AccountId,
        new: Register,
    ) -> Result<(Hook, Secret), Error> {
        let id = HookId::derive(&[account.as_str(), "POST /v1/webhooks", new.key.as_str()]);
        self.callable(&new.url)?;
        let asked = Asked {
            id,
            url: new.url,
            topics: new.topics,
            request_hash: new.hash.clone(),
        };
        let hook = self
            .change(account, |hooks, now_ms| match hooks.hook(id) {
                Some(hook) if hook.request_hash != new.hash => Err(Error::KeyReused),
                Some(_) => Ok(Vec::new()),
                None => Ok(hooks.add(asked.clone(), now_ms)?),
            })
            .await?;
        self.with_secret(&hook, id)
    }

    /// Deletes a webhook.
    ///
    /// # Errors
    /// [`Error::NotFound`] also for another account's, and for one that was deleted before.
    pub async fn delete(&self, account: &AccountId, id: HookId) -> Result<(), Error> {
        let mut there = false;
        self.change(account, |hooks, _| {
            there |= hooks.hook(id).is_some();
            if there {
                Ok(hooks.remove(id)?)
            } else {
                Err(Error::NotFound)
            }
        })
        .await
        .map(|_| ())
    }

    /// Replaces a webhook's secret; the one before signs along for a day. The same request gives the same secret.
    ///
    /// # Errors
    /// [`Error::NotFound`] also for another account's.
    pub async fn rotate(
        &self,
        account: &AccountId,
        id: HookId,
        key: &IdempotencyKey,
    ) -> Result<(Hook, Secret), Error> {
        let request = Sha256::of(key.as_str().as_bytes());
        let hooks = self
            .change(account, |hooks, now_ms| match hooks.hook(id) {
                Some(_) => Ok(hooks.rotate(id, &request, now_ms)?),
                None => Err(Error::NotFound),
            })
            .await?;
        self.with_secret(&hooks, id)
    }

    fn callable(&self, url: &str) -> Result<(), Error> {
        let refused = |reason: String| RuleError::Invalid {
            field: "url",
            reason,
        };
        if url.chars().count() > URL_MAX || !url.chars().all(|c| c.is_ascii_graphic()) {
            let reason = format!("must be at most {URL_MAX} visible ASCII characters");
            return Err(refused(reason).into());
        }
        let permitted = self.reach.permits(url);
        Ok(permitted.map_err(|why| refused(why.to_owned()))?)
    }

    fn with_secret(&self, hooks: &Hooks, id: HookId) -> Result<(Hook, Secret), Error> {
        let hook = hooks.hook(id).ok_or(Error::NotFound)?;
        let master = self.master.expose_secret().as_bytes();
        let secret = Secret::of(master, id, hook.secret_made_at_ms);
        Ok((hook.clone(), secret))
    }

    async fn change(
        &self,
        account: &AccountId,
        decide: impl FnMut(&Hooks, u64) -> Result<Vec<Write>, Error>,
    ) -> Result<Hooks, Error> {
        change(&self.table, &self.ambient, account, decide).await
    }
}

/// Whether an account wants to be told this.
pub(crate) async fn wants(
    table: &Table,
    account: &AccountId,
    topic: Topic,
) -> Result<bool, StoreError> {
    Ok(table.hooks(account).await?.want(&[topic]))
}

/// Decides about an account's webhooks until it holds; gives those that this leaves.
pub(crate) async fn change(
    table: &Table,
    ambient: &Ambient,
    account: &AccountId,
    mut decide: impl FnMut(&Hooks, u64) -> Result<Vec<Write>, Error>,
) -> Result<Hooks, Error> {
    for _ in 0..TRIES {
        let hooks = table.hooks(account).await?;
        let writes = decide(&hooks, ambient.now_ms())?;
        match table.commit(&writes).await {
            Ok(()) => return Ok(left_by(writes).unwrap_or(hooks)),
            Err(StoreError::Lost { .. }) => {}
            Err(e) => return Err(e.into()),
        }
    }
    Err(busy().into())
}

fn left_by(writes: Vec<Write>) -> Option<Hooks> {
    writes.into_iter().find_map(|write| match write {
        Write::Hooks(put) => Some(put.row),
        _ => None,
    })
}
