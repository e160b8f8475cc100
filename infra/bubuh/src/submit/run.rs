//! A whole run.

use super::{
    caller::Caller,
    follow::Crowd,
    item::Item,
    one::{Content, Errand, is_here, problem},
    result::{Results, Row, State},
};
use crate::{Error, client::Client};
use futures::{StreamExt as _, stream};
use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
};

/// Whether files are sent although others can't be stamped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum All {
    /// Each for itself.
    Some,
    /// None, unless each can be stamped and the account has stamps for all.
    OrNone,
}

/// How to run.
#[derive(Debug)]
pub struct Options {
    /// Where results go.
    pub out: PathBuf,
    /// Files sent at a time, and calls.
    pub jobs: usize,
    /// The same content is stamped once in each batch.
    pub batch: String,
    /// Whether one is sent although another can't be stamped.
    pub all: All,
}

/// How it ended.
#[derive(Debug)]
pub struct Outcome {
    /// A line for each file, by name.
    pub rows: Vec<Row>,
    /// Why nothing was sent, if nothing was.
    pub not_begun: Option<String>,
}

/// Has the files stamped, each at most once. `told` hears of each that came to its end.
///
/// # Errors
/// The disk's, and a token that is not taken. Whatever was handed in before goes on at the service: the same command
/// finds it.
pub async fn run(
    client: Client,
    items: Vec<Item>,
    options: &Options,
    told: impl Fn(&Row),
) -> Result<Outcome, Error> {
    let results = Results::open(&options.out)?;
    let (mut ready, mut files) = (Vec::new(), BTreeMap::new());
    let mut ended = Vec::new();
    for item in items {
        let content = Content::read(&item.path)?;
        let row = Row::new(&item.name, &content.sha256);
        if let Some(first) = files.insert(content.sha256.clone(), item.name.clone()) {
            let twin = first.display();
            let why = format!("The same content as {twin}, which is stamped once.");
            let why_id = format!("Isinya sama dengan {twin}, yang dibubuhi satu kali.");
            files.insert(content.sha256, first);
            ended.push(row.ended(State::Duplicate, &why, &why_id));
            continue;
        }
        let known = results.known(&content.sha256).cloned();
        let file = options.out.join(&item.name);
        match known {
            Some(known) if known.state == State::Stamped && is_here(&file, &known) => {
                ended.push(Row {
                    file: row.file,
                    ..known
                });
            }
            Some(known) if !known.document.is_empty() => {
                ready.push((
                    item,
                    Row {
                        document: known.document,
                        ..row
                    },
                ));
            }
            _ => match content.looked_at(&item) {
                Ok(_) => ready.push((item, row)),
                Err(refusal) => ended.push(row.ended(
                    State::Refused,
                    &refusal.message_en(),
                    &refusal.message_id(),
                )),
            },
        }
    }
    let errand = &Errand {
        caller: Caller::new(client, options.jobs),
        batch: options.batch.clone(),
        crowd: Crowd::default(),
    };
    if options.all == All::OrNone
        && let Some(why) = lacking(errand, &ready, &ended).await?
    {
        let left = ready.into_iter().map(|(_, row)| row);
        let rows = ended.into_iter().chain(left).collect();
        return Ok(Outcome {
            rows,
            not_begun: Some(why),
        });
    }
    let results = Mutex::new(results);
    let keep = |row: Row| {
        let mut results = results.lock().unwrap_or_else(PoisonError::into_inner);
        results.keep(row)
    };
    for row in ended {
        told(&row);
        keep(row)?;
    }
    // Files are sent a few at a time; then all of them are followed.
    let handed_in = stream::iter(ready).map(|(item, row)| async move {
        let row = hand_in(errand, &item, row).await?;
        Ok::<_, Error>((item, row))
    });
    let mut handed_in = handed_in.buffer_unordered(options.jobs.max(1));
    let mut followed = stream::FuturesUnordered::new();
    let mut sending = true;
    while sending || !followed.is_empty() {
        tokio::select! {
            sent = handed_in.next(), if sending => match sent {
                None => sending = false,
                Some(sent) => {
                    let (item, row) = sent?;
                    keep(row.clone())?;
                    if row.state == State::UnderWay {
                        let file = options.out.join(&item.name);
                        followed.push(async move { to_its_end(errand, row, &file).await });
                    } else {
                        told(&row);
                    }
                }
            },
            Some(row) = followed.next() => {
                let row = row?;
                told(&row);
                keep(row)?;
            }
        }
    }
    let results = results.into_inner().unwrap_or_else(PoisonError::into_inner);
    Ok(Outcome {
        rows: results.rows().cloned().collect(),
        not_begun: None,
    })
}

/// Why not all can be stamped, if so.
async fn lacking(
    errand: &Errand,
    ready: &[(Item, Row)],
    ended: &[Row],
) -> Result<Option<String>, Error> {
    let refused = ended.iter().filter(|row| row.state == State::Refused);
    let refused = refused.count();
    if refused > 0 {
        return Ok(Some(format!(
            "{refused} of the files can't be stamped; nothing was sent"
        )));
    }
    let wanted = ready.iter().filter(|(_, row)| row.document.is_empty());
    let wanted = u64::try_from(wanted.count()).unwrap_or(u64::MAX);
    let path = "/v1/account";
    let account = errand.caller.send(reqwest::Method::GET, path, None, None);
    let account = account.await?;
    let available = account.body.get("available");
    let available = available.and_then(serde_json::Value::as_u64).unwrap_or(0);
    Ok((available < wanted).then(|| {
        let missing = wanted.saturating_sub(available);
        format!(
            "{wanted} stamps are needed and {available} available: buy {missing}; nothing was sent"
        )
    }))
}

async fn hand_in(errand: &Errand, item: &Item, row: Row) -> Result<Row, Error> {
    let content = Content::read(&item.path)?;
    if content.sha256 != row.sha256 {
        let why = "The file changed while it was read; run again.";
        let why_id = "Berkas berubah saat dibaca; jalankan lagi.";
        return Ok(row.ended(State::Failed, why, why_id));
    }
    match errand.hand_in(item, &content, &row.document).await {
        Ok(answer) if answer.status < 300 => Ok(Row {
            document: answer.text("id").to_owned(),
            ..row
        }),
        Ok(answer) => Ok(problem(row, &answer)),
        Err(error) => unanswered(row, error),
    }
}

async fn to_its_end(errand: &Errand, row: Row, file: &Path) -> Result<Row, Error> {
    match errand.follow(row.clone(), file).await {
        Ok(row) => Ok(row),
        Err(error) => unanswered(row, error),
    }
}

/// A file that got no answer is left for the next run; what stops every file stops the run.
fn unanswered(row: Row, error: Error) -> Result<Row, Error> {
    match error {
        Error::Api { status, .. } if status != 401 => {
            let why = format!("{error}. Run again: nothing is stamped twice.");
            let why_id = "Tidak ada jawaban. Jalankan lagi: tidak ada yang dibubuhi dua kali.";
            Ok(row.ended(State::Failed, &why, why_id))
        }
        error => Err(error),
    }
}
