//! Settlement files: what a gateway paid out, as CSV. Read whole or not at all.
//!
//! The layout is our own, and [`Layout`] names its columns, so that a gateway's file that has the same
//! things under other names is read as it is. UTF-8 with or without a byte order mark, lines ended by LF or
//! CRLF, fields quoted by RFC 4180; the first line names the columns, in any order; other columns are not
//! looked at.
//!
//! | column | what |
//! |---|---|
//! | `order_id` | the order as we named it; may be empty for an adjustment |
//! | `transaction_id` | the gateway's transaction; may be empty for an adjustment |
//! | `type` | `payment`, `refund`, `chargeback` or `adjustment`; `total` on the last line, if there is such a line |
//! | `gross` | whole rupiah, signed: above zero for a payment, below for a refund and a chargeback, an adjustment either |
//! | `fee` | what the gateway keeps, not below zero; none for an adjustment |
//! | `net` | `gross` less `fee`: what reaches our bank account |
//! | `settled_at` | when, by RFC 3339 with an offset, as `2026-11-25T09:00:00+07:00` |
//! | `reference` | what else the gateway calls it; for a refund its key; may be empty |
//!
//! A `total` line has the sums of all lines before it in `gross`, `fee` and `net`: a file that was cut off
//! or changed on its way is seen.

mod fields;

use bubuh_core::{
    id::{Sha256, TransactionId},
    settlement::{Line, LineId, Statement},
};
use csv::{ReaderBuilder, StringRecord};
use fields::{Amounts, Row};

/// Largest file that is read, in bytes: a gateway with more splits its files by page or by hour.
pub const BYTES_MAX: usize = 32 << 20;
/// Most lines in a file.
pub const LINES_MAX: u32 = 200_000;

/// Under which names a gateway's file has our columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Layout {
    /// The order.
    pub order_id: &'static str,
    /// The gateway's transaction.
    pub transaction_id: &'static str,
    /// What the line is about.
    pub kind: &'static str,
    /// The amount before the fee.
    pub gross: &'static str,
    /// The fee.
    pub fee: &'static str,
    /// The amount after it.
    pub net: &'static str,
    /// When it was paid out.
    pub settled_at: &'static str,
    /// What else the gateway calls it.
    pub reference: &'static str,
}

impl Layout {
    /// Our own names.
    pub const OURS: Self = Self {
        order_id: "order_id",
        transaction_id: "transaction_id",
        kind: "type",
        gross: "gross",
        fee: "fee",
        net: "net",
        settled_at: "settled_at",
        reference: "reference",
    };

    const fn columns(&self) -> [&'static str; 8] {
        [
            self.order_id,
            self.transaction_id,
            self.kind,
            self.gross,
            self.fee,
            self.net,
            self.settled_at,
            self.reference,
        ]
    }
}

/// Why a file is refused. Its text names the line, as an editor counts them, and the field.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Flaw {
    /// More bytes than are read.
    #[error("the file has {bytes} bytes, more than {BYTES_MAX}")]
    TooLarge {
        /// How many.
        bytes: usize,
    },
    /// More lines than are read.
    #[error("the file has more than {LINES_MAX} lines")]
    TooManyLines,
    /// Nothing but a header, or not even that.
    #[error("the file has no lines")]
    Empty,
    /// The header does not name this column once.
    #[error("the header must name the column {column} once, and names it {times} times")]
    Header {
        /// The column.
        column: &'static str,
        /// How often it is there.
        times: usize,
    },
    /// A line is no CSV, or has another number of fields than the header.
    #[error("line {line}: {reason}")]
    Line {
        /// The line, the header being the first.
        line: u64,
        /// What is wrong.
        reason: String,
    },
    /// A field is not what it must be.
    #[error("line {line}: {field}: {reason}")]
    Field {
        /// The line, the header being the first.
        line: u64,
        /// The column.
        field: &'static str,
        /// What is wrong and what would be right.
        reason: String,
    },
}

/// Reads a file's lines.
///
/// # Errors
/// [`Flaw`] at the first thing that is not as it must be.
pub fn read(bytes: &[u8], layout: &Layout) -> Result<Vec<Line>, Flaw> {
    if bytes.len() > BYTES_MAX {
        return Err(Flaw::TooLarge { bytes: bytes.len() });
    }
    let statement = Statement::name_of(&Sha256::of(bytes));
    let text = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    let mut reader = ReaderBuilder::new().from_reader(text);
    let header = reader.headers().map_err(|e| unreadable(&e))?.clone();
    let places = places(&header, layout)?;
    let mut lines: Vec<Line> = Vec::new();
    let mut sums = Amounts::default();
    let mut total = false;
    for record in reader.records() {
        let record = record.map_err(|e| unreadable(&e))?;
        let row = Row::new(&record, &places, layout);
        if total {
            return Err(row.flaw(layout.kind, "nothing may come after the total"));
        }
        let amounts = row.amounts()?;
        if row.is_total() {
            if amounts != sums {
                return Err(row.flaw(layout.net, format!("the lines come to {sums}")));
            }
            total = true;
            continue;
        }
        sums = sums
            .plus(amounts)
            .ok_or_else(|| row.flaw(layout.gross, "the sum of the lines leaves its range"))?;
        let number = u32::try_from(lines.len().saturating_add(1)).unwrap_or(u32::MAX);
        if number > LINES_MAX {
            return Err(Flaw::TooManyLines);
        }
        lines.push(row.line(LineId { statement, number }, amounts)?);
    }
    if lines.is_empty() {
        return Err(Flaw::Empty);
    }
    Ok(lines)
}

/// Where each column is.
fn places(header: &StringRecord, layout: &Layout) -> Result<[usize; 8], Flaw> {
    let mut places = [0; 8];
    for (place, column) in places.iter_mut().zip(layout.columns()) {
        let mut at = header
            .iter()
            .enumerate()
            .filter(|(_, name)| *name == column);
        *place = match (at.next(), at.count()) {
            (Some((index, _)), 0) => index,
            (first, more) => {
                let times = more.saturating_add(usize::from(first.is_some()));
                return Err(Flaw::Header { column, times });
            }
        };
    }
    Ok(places)
}

fn unreadable(error: &csv::Error) -> Flaw {
    let line = error.position().map_or(0, csv::Position::line);
    let reason = match error.kind() {
        csv::ErrorKind::Utf8 { .. } => "is not UTF-8".to_owned(),
        csv::ErrorKind::UnequalLengths {
            expected_len, len, ..
        } => format!("has {len} fields, the header {expected_len}"),
        _ => "can't be read".to_owned(),
    };
    Flaw::Line { line, reason }
}

/// A transaction's name, if it is a legal one.
fn transaction(text: &str) -> Option<TransactionId> {
    TransactionId::new(text).ok()
}
