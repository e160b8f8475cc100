//! Carrying out a decision: all its writes or none.

use super::{
    Table,
    action::{Action, What, actions},
};
use crate::{
    error::{Error, classify},
    row::{Row, from_item},
};
use aws_sdk_dynamodb::{
    error::{BuildError, ProvideErrorMetadata, SdkError},
    operation::{
        transact_write_items::TransactWriteItemsError,
        update_item::{UpdateItemError, UpdateItemOutput},
    },
    types::{Delete, Put, TransactWriteItem, Update},
};
use backon::{ExponentialBuilder, Retryable};
use bubuh_core::write::Write;
use std::time::Duration;

/// Items in one DynamoDB transaction at most (AWS quota).
const ITEMS_MAX: usize = 100;
/// Tries when another transaction touches the same item: nothing was applied then.
const CONFLICT_TRIES: usize = 6;

impl Table {
    /// Writes all of a decision, or nothing. An empty decision is done at once.
    ///
    /// # Errors
    /// [`Error::Lost`] when a condition did not hold, with the index of the write;
    /// [`Error::Unavailable`] when the outcome is unknown or the table is busy.
    pub async fn commit(&self, writes: &[Write]) -> Result<(), Error> {
        let mut parts = Vec::new();
        for (index, write) in writes.iter().enumerate() {
            let actions = actions(write, self.due_shards, self.capacity_slots)?;
            parts.extend(actions.into_iter().map(|a| (index, a)));
        }
        match parts.len() {
            0 => Ok(()),
            1 => match parts.pop() {
                Some((_, action)) => self.one(action).await,
                None => Ok(()),
            },
            n if n > ITEMS_MAX => Err(Error::Refused {
                doing: "commit",
                why: format!("{n} items are more than a transaction takes"),
            }),
            _ => {
                let owners: Vec<usize> = parts.iter().map(|(index, _)| *index).collect();
                let items = parts
                    .into_iter()
                    .map(|(_, action)| self.transact_item(action))
                    .collect::<Result<Vec<_>, _>>()
                    .map_err(|e| unbuildable(&e))?;
                (|| self.all(&items, &owners))
                    .retry(
                        ExponentialBuilder::default()
                            .with_min_delay(Duration::from_millis(10))
                            .with_max_times(CONFLICT_TRIES)
                            .with_jitter(),
                    )
                    .when(|e| matches!(e, Error::Unavailable { doing, .. } if *doing == CONFLICT))
                    .await
            }
        }
    }

    /// As [`Table::commit`]; gives whether it was written, for those who leave it to whoever was
    /// faster.
    ///
    /// # Errors
    /// [`Error::Unavailable`] when the outcome is unknown or the table is busy.
    pub async fn commit_if_first(&self, writes: &[Write]) -> Result<bool, Error> {
        match self.commit(writes).await {
            Ok(()) => Ok(true),
            Err(Error::Lost { .. }) => Ok(false),
            Err(e) => Err(e),
        }
    }

    /// A single write costs half of a transaction's.
    async fn one(&self, action: Action) -> Result<(), Error> {
        let condition = action.condition.map(ToOwned::to_owned);
        let names = Some(action.names).filter(|n| !n.is_empty());
        let values = Some(action.values).filter(|v| !v.is_empty());
        match action.what {
            What::Put(item) => self
                .client
                .put_item()
                .table_name(&self.name)
                .set_item(Some(item))
                .set_condition_expression(condition)
                .set_expression_attribute_names(names)
                .set_expression_attribute_values(values)
                .send()
                .await
                .map(|_| ())
                .map_err(|e| lost("put", &e)),
            What::Update { key, expression } => self
                .client
                .update_item()
                .table_name(&self.name)
                .set_key(Some(key))
                .update_expression(expression)
                .set_condition_expression(condition)
                .set_expression_attribute_names(names)
                .set_expression_attribute_values(values)
                .send()
                .await
                .map(|_| ())
                .map_err(|e| lost("update", &e)),
            What::Delete { key } => self
                .client
                .delete_item()
                .table_name(&self.name)
                .set_key(Some(key))
                .set_condition_expression(condition)
                .set_expression_attribute_names(names)
                .set_expression_attribute_values(values)
                .send()
                .await
                .map(|_| ())
                .map_err(|e| lost("delete", &e)),
        }
    }

    async fn all(&self, items: &[TransactWriteItem], owners: &[usize]) -> Result<(), Error> {
        self.client
            .transact_write_items()
            .set_transact_items(Some(items.to_vec()))
            .send()
            .await
            .map(|_| ())
            .map_err(|e| cancelled(&e, owners))
    }

    fn transact_item(&self, action: Action) -> Result<TransactWriteItem, BuildError> {
        let condition = action.condition.map(ToOwned::to_owned);
        let names = Some(action.names).filter(|n| !n.is_empty());
        let values = Some(action.values).filter(|v| !v.is_empty());
        let item = TransactWriteItem::builder();
        Ok(match action.what {
            What::Put(row) => item.put(
                Put::builder()
                    .table_name(&self.name)
                    .set_item(Some(row))
                    .set_condition_expression(condition)
                    .set_expression_attribute_names(names)
                    .set_expression_attribute_values(values)
                    .build()?,
            ),
            What::Update { key, expression } => item.update(
                Update::builder()
                    .table_name(&self.name)
                    .set_key(Some(key))
                    .update_expression(expression)
                    .set_condition_expression(condition)
                    .set_expression_attribute_names(names)
                    .set_expression_attribute_values(values)
                    .build()?,
            ),
            What::Delete { key } => item.delete(
                Delete::builder()
                    .table_name(&self.name)
                    .set_key(Some(key))
                    .set_condition_expression(condition)
                    .set_expression_attribute_names(names)
                    .set_expression_attribute_values(values)
                    .build()?,
            ),
        }
        .build())
    }
}

const CONFLICT: &str = "transaction conflict";

fn unbuildable(error: &BuildError) -> Error {
    Error::Refused {
        doing: "commit",
        why: error.to_string(),
    }
}

fn lost<E, R>(doing: &'static str, error: &SdkError<E, R>) -> Error
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
    R: std::fmt::Debug,
{
    match error.code() {
        Some("ConditionalCheckFailedException") => Error::Lost { write: 0 },
        _ => classify(doing, error),
    }
}

/// The row that an update left; `None` when its condition did not hold.
pub(super) fn changed<T: Row, R: std::fmt::Debug>(
    doing: &'static str,
    done: Result<UpdateItemOutput, SdkError<UpdateItemError, R>>,
) -> Result<Option<T>, Error> {
    match done.map_err(|e| lost(doing, &e)) {
        Ok(done) => done.attributes.map(from_item).transpose(),
        Err(Error::Lost { .. }) => Ok(None),
        Err(e) => Err(e),
    }
}

fn cancelled<R: std::fmt::Debug>(
    error: &SdkError<TransactWriteItemsError, R>,
    owners: &[usize],
) -> Error {
    let reasons = match error.as_service_error() {
        Some(TransactWriteItemsError::TransactionCanceledException(e)) => e.cancellation_reasons(),
        _ => return classify("commit", error),
    };
    let failed = |code: &str| reasons.iter().position(|r| r.code() == Some(code));
    if let Some(part) = failed("ConditionalCheckFailed") {
        let write = owners.get(part).copied().unwrap_or_default();
        return Error::Lost { write };
    }
    if failed("ValidationError").is_some() {
        return Error::Refused {
            doing: "commit",
            why: "a write is not valid".to_owned(),
        };
    }
    Error::Unavailable {
        doing: CONFLICT,
        why: reasons
            .iter()
            .filter_map(|r| r.code())
            .collect::<Vec<_>>()
            .join(" "),
    }
}
