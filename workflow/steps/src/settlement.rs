//! Settlement files: taken up from the bucket, read line by line, each line matched with the books and, where
//! they do not agree or it is asked for, with the gateway's own word.
//!
//! A file is written down as a statement before any of its lines is booked. Lines are booked some at a time;
//! then the statement's place moves on. A reader that dies, or two at once, book the same lines again: a
//! line's entry has one name, so that changes nothing.

use crate::{Sales, TRIES, error::Error, stamp::busy};
use bubuh_core::{
    id::{OrderId, Sha256, StatementId, TransactionId},
    settlement::{
        Books, Line, LineKind, Rates, Statement, StatementState, Sums, Verdict, Word, judge,
        overdue,
    },
    write::Write,
};
use bubuh_gateway::{
    Gateway,
    settlement::{BYTES_MAX, Layout, read},
};
use bubuh_store::{Error as StoreError, Settlements, settlements::Arrived};
use futures::{StreamExt, stream};
use std::collections::BTreeMap;

/// Lines between two moves of a statement's place: what a crash books again.
const LINES_AT_ONCE: usize = 200;
/// Payments of them that are booked together; the lines of one payment follow each other.
const PAYMENTS_AT_ONCE: usize = 8;

/// What reading settlement files needs.
#[derive(Debug, Clone)]
pub struct SettlementDesk {
    /// The bucket.
    pub files: Settlements,
    /// The fees that are agreed.
    pub rates: Rates,
    /// Under which names the gateway's files have their columns.
    pub layout: Layout,
    /// Whether the gateway is asked about every line, or only about those that do not agree with the books.
    pub ask_always: bool,
}

/// What became of a file that was taken up.
pub type TakenUp = (String, StatementId);

impl SettlementDesk {
    /// Takes up the files that came: each becomes a statement, to be read or refused, and leaves the inbox.
    /// A file that came before is known by its content. Gives the files' names and statements.
    ///
    /// # Errors
    /// Storage's; what was not taken up is found again.
    pub async fn take_up<G: Gateway>(&self, sales: &Sales<G>) -> Result<Vec<TakenUp>, Error> {
        let (mut taken, mut failed) = (Vec::new(), None);
        for file in self.files.inbox().await? {
            match self.one(sales, file).await {
                Ok(one) => taken.extend(one),
                // One that fails holds up no other.
                Err(error) => failed = Some(error),
            }
        }
        match failed {
            Some(error) => Err(error),
            None => Ok(taken),
        }
    }

    async fn one<G: Gateway>(
        &self,
        sales: &Sales<G>,
        file: Arrived,
    ) -> Result<Option<TakenUp>, Error> {
        let now_ms = sales.ambient.now_ms();
        if file.size > BYTES_MAX as u64 {
            // It stays where it is, for nobody reads it; the statement says so once.
            let id = format!("{} {} {}", file.name, file.tag, file.size);
            let name = (file.name.clone(), Sha256::of(id.as_bytes()));
            let why = format!("the file has {} bytes, more than {BYTES_MAX}", file.size);
            let (row, writes) = Statement::refused(name, &why, now_ms)?;
            let first = sales.table.commit_if_first(&writes).await?;
            return Ok(first.then_some((file.name, row.id)));
        }
        let Some(read_file) = self.files.take(&file.name).await? else {
            return Ok(None);
        };
        let sha256 = Sha256::of(&read_file.bytes);
        let name = (file.name.clone(), sha256.clone());
        let (row, writes) = match read(&read_file.bytes, &self.layout) {
            Ok(lines) => {
                let count = u32::try_from(lines.len()).unwrap_or(u32::MAX);
                Statement::taken(name, count, Sums::of(&lines)?, now_ms)
            }
            Err(flaw) => Statement::refused(name, &flaw.to_string(), now_ms)?,
        };
        self.files.keep(&sha256, read_file.bytes).await?;
        if sales.table.commit_if_first(&writes).await? {
            tracing::info!(statement = %row.id, lines = row.lines, state = ?row.state, "a settlement file came");
        }
        self.files.discard(&file.name, read_file.version).await?;
        Ok(Some((file.name, row.id)))
    }

    /// Books a statement's lines from where it stands, until its end or `until_ms`.
    ///
    /// # Errors
    /// The first line's that could not be booked; what was booked before it counts, and the statement is
    /// due again, each time later.
    pub async fn read_on<G: Gateway>(
        &self,
        sales: &Sales<G>,
        id: StatementId,
        until_ms: u64,
    ) -> Result<(), Error> {
        let mut lines: Option<Vec<Line>> = None;
        loop {
            let statement = sales.table.statement(id).await?.ok_or(Error::NotFound)?;
            if statement.state != StatementState::Reading {
                return Ok(());
            }
            let lines = match &lines {
                Some(lines) => lines,
                None => lines.insert(self.lines(&statement).await?),
            };
            let from = usize::try_from(statement.booked).unwrap_or(usize::MAX);
            let some = lines.iter().skip(from).take(LINES_AT_ONCE);
            let (booked, failed) = self.book(sales, some.collect()).await;
            let booked = u32::try_from(booked).unwrap_or(0);
            let place = statement.booked.saturating_add(booked);
            let now_ms = sales.ambient.now_ms();
            let writes = statement.read_to(place, now_ms)?;
            sales.table.commit_if_first(&writes).await?;
            if let Some(error) = failed {
                return Err(error);
            }
            if now_ms >= until_ms {
                return Ok(());
            }
        }
    }

    async fn lines(&self, statement: &Statement) -> Result<Vec<Line>, Error> {
        let bytes = self.files.kept(&statement.sha256).await?;
        // It was read before; a layout that was changed since is a person's to change back.
        read(&bytes, &self.layout).map_err(|flaw| {
            Error::Store(StoreError::Unreadable {
                what: statement.name.clone(),
                why: flaw.to_string(),
            })
        })
    }

    /// Books these lines. Gives how many of them, from the first, are booked, and why the next is not.
    async fn book<G: Gateway>(
        &self,
        sales: &Sales<G>,
        lines: Vec<&Line>,
    ) -> (usize, Option<Error>) {
        let mut payments: BTreeMap<Option<TransactionId>, Vec<(usize, Line)>> = BTreeMap::new();
        for (index, line) in lines.iter().enumerate() {
            let of = payments.entry(line.transaction.clone()).or_default();
            of.push((index, (*line).clone()));
        }
        let first_failed = stream::iter(payments.into_values())
            .map(|of_one| async move {
                for (index, line) in of_one {
                    if let Err(error) = self.line(sales, &line).await {
                        return Some((index, error));
                    }
                }
                None
            })
            .buffer_unordered(PAYMENTS_AT_ONCE)
            .filter_map(|failed| async move { failed })
            .fold(None::<(usize, Error)>, |first, next| async move {
                match first {
                    Some(first) if first.0 < next.0 => Some(first),
                    _ => Some(next),
                }
            })
            .await;
        match first_failed {
            Some((index, error)) => (index, Some(error)),
            None => (lines.len(), None),
        }
    }

    async fn line<G: Gateway>(&self, sales: &Sales<G>, line: &Line) -> Result<(), Error> {
        let mut word = Word::NotAsked;
        if self.ask_always {
            word = ask(sales, line).await?;
        }
        for _ in 0..TRIES {
            let now_ms = sales.ambient.now_ms();
            match self.judged(sales, line, word, now_ms).await? {
                Verdict::Booked => return Ok(()),
                Verdict::Ask => word = ask(sales, line).await?,
                Verdict::Write(writes) => match sales.table.commit(&writes).await {
                    // The entry is there: the line was booked, perhaps in another way.
                    Ok(()) | Err(StoreError::Lost { write: 0 }) => return Ok(()),
                    Err(StoreError::Lost { .. }) => {}
                    Err(e) => return Err(e.into()),
                },
            }
        }
        Err(busy().into())
    }

    async fn judged<G: Gateway>(
        &self,
        sales: &Sales<G>,
        line: &Line,
        word: Word,
        now_ms: u64,
    ) -> Result<Verdict, Error> {
        let table = &sales.table;
        let payment = match (line.order, &line.transaction) {
            (Some(order), Some(transaction)) => table.payment(order, transaction).await?,
            _ => None,
        };
        let (mut order, mut refunds, mut case) = (None, Vec::new(), None);
        match (&payment, line.order) {
            (Some(payment), _) => {
                if line.kind == LineKind::Refund {
                    refunds = table.refunds(payment.order).await?;
                }
                if let Some(id) = payment.payout.case {
                    case = table.case(id).await?;
                }
            }
            (None, Some(id)) => order = table.order(id).await?,
            (None, None) => {}
        }
        let buyer = payment.as_ref().map(|p| (&p.account, p.order));
        let books = Books {
            buyer: buyer.or_else(|| order.as_ref().map(|o| (&o.account, o.id))),
            payment: payment.as_ref(),
            refunds: &refunds,
            case: case.as_ref(),
        };
        Ok(judge(line, books, word, &self.rates, now_ms)?)
    }
}

/// Asks the gateway about a line, and books what it says in the usual way, so that the buyer has the stamps
/// and a refund or dispute that nobody here knew is known.
async fn ask<G: Gateway>(sales: &Sales<G>, line: &Line) -> Result<Word, Error> {
    let (Some(order), Some(transaction)) = (line.order, &line.transaction) else {
        return Ok(Word::Unknown);
    };
    let status = match sales.gateway.status(transaction.as_str()).await {
        Ok(status) if status.order_id == order.to_string() => status,
        Ok(_) | Err(bubuh_gateway::Error::NotFound { .. }) => return Ok(Word::Unknown),
        Err(e) => return Err(e.into()),
    };
    match sales.observe(order, Some(transaction.as_str())).await {
        // The gateway knows an order that is not here: whose it is, a person must find out.
        Ok(_) | Err(Error::NotFound) => {}
        Err(e) => return Err(e),
    }
    Ok(Word::Says {
        captured: status.captured(),
        amount: status.gross_amount,
    })
}

/// A payment is due: what it waited for has not come.
///
/// # Errors
/// Storage's.
pub(crate) async fn late<G>(
    sales: &Sales<G>,
    order: OrderId,
    transaction: &TransactionId,
) -> Result<(), Error> {
    let now_ms = sales.ambient.now_ms();
    let payment = sales.table.payment(order, transaction).await?;
    // The index is behind the rows: what is not due any more is left alone.
    let due = payment.filter(|p| p.payout.due_at_ms.is_some_and(|due| due <= now_ms));
    if let Some(payment) = due {
        let writes: Vec<Write> = overdue(&payment, now_ms)?;
        sales.table.commit_if_first(&writes).await?;
    }
    Ok(())
}
