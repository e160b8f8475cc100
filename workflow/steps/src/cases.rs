//! What a person decides about a case: the subject moves and the case closes in one transaction.

mod way;

pub use way::{REFERENCE_MAX, Way};

use crate::{Desk, TRIES, error::Error, hooks::wants, refund::shown, stamp::busy};
use bubuh_core::{
    Error as RuleError,
    case::{Case, CaseKind},
    dispute,
    document::DocumentState,
    hook::Topic,
    id::{CaseId, DocumentId, OrderId, RefundKey, TransactionId},
    payment::Payment,
    refund::{Answer, Refund, keep_stamps, paid_by_hand, retry, settle},
    settlement::{Ending, Subject, resolve},
    write::Write,
};
use bubuh_gateway::Gateway;
use bubuh_store::{Error as StoreError, Workflows};

/// How a case is to end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Resolution {
    /// Try again: the refund at the gateway, the document at a worker.
    Retry,
    /// The refund was paid by a bank transfer with this reference.
    Paid(String),
    /// The refund is called off: the buyer keeps the stamps.
    Keep,
    /// The dispute ended for us.
    Won,
    /// The dispute ended for the payer.
    Lost,
    /// Suspended money belongs to what the gateway owes us, or keeps back later.
    Place,
    /// What a payout lacked, or took, is given up.
    WriteOff,
    /// Seen; nothing is left to be done.
    Noted,
}

impl Resolution {
    const fn name(&self) -> &'static str {
        match self {
            Self::Retry => "retry",
            Self::Paid(_) => "paid",
            Self::Keep => "keep",
            Self::Won => "won",
            Self::Lost => "lost",
            Self::Place => "place",
            Self::WriteOff => "write off",
            Self::Noted => "noted",
        }
    }
}

/// What a person at the cases needs.
pub struct Cases<G> {
    /// Documents, their queue, and the table.
    pub desk: Desk,
    /// The refund state machine.
    pub workflows: Workflows,
    /// The payment gateway, which may have made a refund after all.
    pub gateway: G,
}

impl<G: Gateway> Cases<G> {
    /// Ends a case.
    ///
    /// # Errors
    /// [`Error::NotFound`] when there is no such case or subject; a rule error when the resolution does
    /// not fit what it is about, or the case is closed.
    pub async fn resolve(&self, id: CaseId, how: &Resolution, by: &str) -> Result<Case, Error> {
        for _ in 0..TRIES {
            let case = self.desk.table.case(id).await?.ok_or(Error::NotFound)?;
            let writes = self.decide(&case, how, by).await?;
            match self.desk.table.commit(&writes).await {
                Ok(()) => {
                    self.follow_up(&case, how).await?;
                    return self.desk.table.case(id).await?.ok_or(Error::NotFound);
                }
                Err(StoreError::Lost { .. }) => {}
                Err(e) => return Err(e.into()),
            }
        }
        Err(busy().into())
    }

    async fn decide(&self, case: &Case, how: &Resolution, by: &str) -> Result<Vec<Write>, Error> {
        match &case.kind {
            CaseKind::DocumentStalled(id) => self.document(case, id.parse()?, how, by).await,
            CaseKind::RefundStuck(_) | CaseKind::PayoutDue(_) => self.hand(case, how, by).await,
            CaseKind::PaymentDisputed(transaction) => {
                let transaction = TransactionId::new(transaction)?;
                self.dispute(case, &transaction, how, by).await
            }
            CaseKind::SettlementBreak(_) => self.settlement(case, how, by).await,
            CaseKind::RefundBeyondStamps(_) | CaseKind::PaymentUnclear(_)
                if *how == Resolution::Noted =>
            {
                Ok(vec![self.close(case, how, by)?])
            }
            CaseKind::RefundBeyondStamps(_) | CaseKind::PaymentUnclear(_) => Err(unfit(case, how)),
        }
    }

    fn close(&self, case: &Case, how: &Resolution, by: &str) -> Result<Write, Error> {
        Ok(case.close(by, how.name(), self.desk.ambient.now_ms())?)
    }

    /// A refund in people's hands.
    async fn hand(&self, case: &Case, how: &Resolution, by: &str) -> Result<Vec<Write>, Error> {
        let now_ms = self.desk.ambient.now_ms();
        let (refund, payment) = self.refund(case).await?;
        // Whatever the person wants: what the gateway made is not paid a second time.
        if refund.was_sent() {
            let status = self.gateway.status(refund.transaction.as_str()).await?;
            if shown(&status, &refund) == Some(true) {
                return Ok(settle(&refund, &payment, Some(case), Answer::Made, now_ms)?);
            }
        }
        Ok(match how {
            Resolution::Retry => retry(&refund, &payment, case, by, now_ms)?,
            Resolution::Paid(reference) => {
                paid_by_hand(&refund, &payment, case, (by, reference), now_ms)?
            }
            Resolution::Keep => keep_stamps(&refund, &payment, case, by, now_ms)?,
            // A refund that ended by itself closed its case, unless it was opened before.
            Resolution::Noted if !refund.is_open() => vec![self.close(case, how, by)?],
            _ => return Err(unfit(case, how)),
        })
    }

    /// A disagreement of gateway, ledger and settlement file.
    async fn settlement(
        &self,
        case: &Case,
        how: &Resolution,
        by: &str,
    ) -> Result<Vec<Write>, Error> {
        let table = &self.desk.table;
        let ending = match how {
            Resolution::Retry => Ending::Again,
            Resolution::Place => Ending::Place,
            Resolution::Paid(reference) => Ending::PaidBack(reference),
            Resolution::WriteOff => Ending::WriteOff,
            Resolution::Noted => Ending::Noted,
            Resolution::Keep | Resolution::Won | Resolution::Lost => return Err(unfit(case, how)),
        };
        let (payments, refunds) = match case.order {
            Some(order) => (table.payments(order).await?, table.refunds(order).await?),
            None => (Vec::new(), Vec::new()),
        };
        let about = case.kind.subject().split_once(':');
        let suspended = match about.and_then(|(_, line)| line.parse().ok()) {
            Some(line) => table.line_entry(line).await?,
            None => None,
        };
        let subject = Subject {
            payments: &payments,
            refunds: &refunds,
            suspended: suspended.as_ref(),
        };
        let now_ms = self.desk.ambient.now_ms();
        resolve(case, ending, subject, by, now_ms).map_err(|e| match e {
            RuleError::IllegalTransition { .. } if case.closed.is_none() => unfit(case, how),
            e => e.into(),
        })
    }

    async fn document(
        &self,
        case: &Case,
        id: DocumentId,
        how: &Resolution,
        by: &str,
    ) -> Result<Vec<Write>, Error> {
        let now_ms = self.desk.ambient.now_ms();
        let row = self.desk.table.document(id).await?.ok_or(Error::NotFound)?;
        let mut writes = match how {
            Resolution::Retry => bubuh_core::document::redrive(&row, now_ms)?,
            // Its owner, or a worker, has ended it since.
            Resolution::Noted if row.state != DocumentState::Stalled => Vec::new(),
            _ => return Err(unfit(case, how)),
        };
        writes.push(self.close(case, how, by)?);
        Ok(writes)
    }

    async fn dispute(
        &self,
        case: &Case,
        transaction: &TransactionId,
        how: &Resolution,
        by: &str,
    ) -> Result<Vec<Write>, Error> {
        let now_ms = self.desk.ambient.now_ms();
        let order = order_of(case)?;
        let table = &self.desk.table;
        let payment = table.payment(order, transaction).await?;
        let payment = payment.ok_or(Error::NotFound)?;
        let lots = table.lots_of(&payment.account, order).await?;
        let refunds = table.refunds(order).await?;
        let mut own = refunds.iter().filter(|r| r.transaction == *transaction);
        let open = own.find(|r| r.is_open());
        let its_case = match open {
            Some(refund) => table.case_of(refund).await?,
            None => None,
        };
        let open = open.map(|refund| (refund, its_case.as_ref()));
        match how {
            Resolution::Won => Ok(dispute::won(&payment, &lots, open, case, by, now_ms)?),
            Resolution::Lost => Ok(dispute::lost(&payment, &lots, open, case, by, now_ms)?),
            _ => Err(unfit(case, how)),
        }
    }

    async fn refund(&self, case: &Case) -> Result<(Refund, Payment), Error> {
        let (order, key) = (order_of(case)?, case.kind.subject().parse::<RefundKey>()?);
        let table = &self.desk.table;
        let mut refund = table.refund(order, key).await?.ok_or(Error::NotFound)?;
        refund.told = wants(table, &refund.account, Topic::RefundRefunded).await?;
        let payment = table.payment(order, &refund.transaction).await?;
        Ok((refund, payment.ok_or(Error::NotFound)?))
    }

    /// What the decision sets going. All of it is also found by sweep.
    async fn follow_up(&self, case: &Case, how: &Resolution) -> Result<(), Error> {
        match (&case.kind, how) {
            (CaseKind::DocumentStalled(id), Resolution::Retry) => {
                if let Some(document) = self.desk.table.document(id.parse()?).await? {
                    self.desk.queues.stamp(&document).await?;
                }
            }
            (CaseKind::RefundStuck(_) | CaseKind::PayoutDue(_), Resolution::Retry) => {
                let (refund, _) = self.refund(case).await?;
                self.workflows.ensure(&refund).await?;
            }
            (_, Resolution::Keep | Resolution::Won) => {
                self.desk.queues.wake(&case.account).await?;
            }
            _ => {}
        }
        Ok(())
    }
}

fn order_of(case: &Case) -> Result<OrderId, Error> {
    case.order.ok_or(Error::NotFound)
}

fn unfit(case: &Case, how: &Resolution) -> Error {
    RuleError::IllegalTransition {
        state: case.kind.name(),
        event: how.name(),
    }
    .into()
}
