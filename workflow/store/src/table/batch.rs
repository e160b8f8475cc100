//! Several rows in one request.

use super::Table;
use crate::{
    error::{Error, classify},
    keys::{self, Key},
    row::{Item, from_item, primary},
};
use aws_sdk_dynamodb::types::KeysAndAttributes;
use bubuh_core::{document::Document, id::DocumentId};
use std::collections::BTreeSet;

/// Items in one request at most (AWS quota).
const KEYS_MAX: usize = 100;

impl Table {
    /// The items under these keys, in no order, and whether all were read: storage may be too busy for some.
    async fn items(
        &self,
        doing: &'static str,
        keys: impl Iterator<Item = Key>,
    ) -> Result<(Vec<Item>, bool), Error> {
        let mut keys: Vec<Item> = keys.map(|key| primary(&key)).collect();
        let rest = keys.split_off(keys.len().min(KEYS_MAX));
        if keys.is_empty() {
            return Ok((Vec::new(), true));
        }
        let keys = KeysAndAttributes::builder()
            .set_keys(Some(keys))
            .consistent_read(true)
            .build()
            .map_err(|e| Error::Refused {
                doing,
                why: e.to_string(),
            })?;
        let found = self
            .client
            .batch_get_item()
            .request_items(&self.name, keys)
            .send()
            .await
            .map_err(|e| classify(doing, &e))?;
        let all = rest.is_empty() && found.unprocessed_keys.unwrap_or_default().is_empty();
        let mut tables = found.responses.unwrap_or_default();
        Ok((tables.remove(&self.name).unwrap_or_default(), all))
    }

    /// All items under these keys, in no order.
    ///
    /// # Errors
    /// [`Error::Unavailable`], also when the table answers only in part.
    pub(super) async fn all_items(
        &self,
        doing: &'static str,
        keys: impl Iterator<Item = Key>,
    ) -> Result<Vec<Item>, Error> {
        match self.items(doing, keys).await? {
            (items, true) => Ok(items),
            (_, false) => Err(Error::Unavailable {
                doing,
                why: "not all of it was read".to_owned(),
            }),
        }
    }

    /// Several documents, in no order; what storage is too busy to read now is left out.
    ///
    /// # Errors
    /// As [`Table::order`].
    pub async fn documents_by_id(&self, ids: &[DocumentId]) -> Result<Vec<Document>, Error> {
        let ids: BTreeSet<&DocumentId> = ids.iter().collect();
        let keys = ids.into_iter().map(|id| keys::document(*id));
        let (items, _) = self.items("get", keys).await?;
        items.into_iter().map(from_item).collect()
    }
}
