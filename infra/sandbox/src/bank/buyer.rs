//! What the buyer and the buyer's bank do.

use super::{
    Bank, Call, FaultKind, LARGEST_RUPIAH, Payment, RefundState, State, Transaction, refund::Ask,
};
use serde::{Deserialize, Serialize};

/// A payment.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pay {
    /// How much, in rupiah; what was asked, if absent.
    #[serde(default)]
    pub amount: Option<u64>,
    /// Also when the transaction is expired or cancelled, as a saved code allows at times.
    #[serde(default)]
    pub late: bool,
}

/// Why the buyer can't do that.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BuyerError {
    /// No such transaction or order.
    #[error("no such transaction or order")]
    NotFound,
    /// Not in this state.
    #[error("not possible in state {}", .0.as_str())]
    State(State),
    /// Only a code can be paid late, not a closed virtual account.
    #[error("a closed virtual account takes no money")]
    AccountClosed,
    /// Nothing, or more than the bank takes at once.
    #[error("amount must be 1 to {LARGEST_RUPIAH}")]
    Amount,
}

impl BuyerError {
    /// Always false: the same again gives the same.
    #[must_use]
    pub fn retryable(&self) -> bool {
        false
    }
}

impl Bank {
    /// The buyer scans the code, or transfers to the account, and pays. `id` is an order's or, for
    /// a code saved from an earlier charge, a transaction's.
    ///
    /// # Errors
    /// [`BuyerError`]; nothing is paid then.
    pub fn pay(&mut self, now_ms: u64, id: &str, pay: Pay) -> Result<Transaction, BuyerError> {
        self.advance(now_ms);
        let tx = self.find(id).ok_or(BuyerError::NotFound)?.clone();
        match (tx.state, &tx.payment) {
            // A late settlement is under way: it is paid already.
            (state, _) if tx.settles_at_ms.is_some() => return Err(BuyerError::State(state)),
            (State::Pending, _) => {}
            (State::Expire | State::Cancel, Payment::Qris { .. }) if pay.late => {}
            (State::Expire | State::Cancel, _) if pay.late => {
                return Err(BuyerError::AccountClosed);
            }
            (state, _) => return Err(BuyerError::State(state)),
        }
        if !pay
            .amount
            .is_none_or(|amount| (1..=LARGEST_RUPIAH).contains(&amount))
        {
            return Err(BuyerError::Amount);
        }
        let wrong = self
            .fire(FaultKind::WrongAmount, Call::Pay, &tx.order_id, now_ms)
            .and_then(|fault| fault.amount);
        let amount = wrong.or(pay.amount).unwrap_or(tx.gross_amount);
        if let Some(fault) = self.fire(FaultKind::LateSettlement, Call::Pay, &tx.order_id, now_ms) {
            return Ok(self.settle_late(&tx, amount, now_ms, fault.delay_ms));
        }
        Ok(self.settle(&tx, amount, now_ms))
    }

    /// The money left the buyer, the gateway has it as expired, and settles it afterwards.
    fn settle_late(
        &mut self,
        tx: &Transaction,
        amount: u64,
        now_ms: u64,
        delay_ms: u64,
    ) -> Transaction {
        let expired = if tx.state == State::Pending {
            self.close(tx, State::Expire, now_ms)
        } else {
            tx.clone()
        };
        if delay_ms == 0 {
            return self.settle(&expired, amount, now_ms);
        }
        let waiting = Transaction {
            settles_at_ms: Some(now_ms.saturating_add(delay_ms)),
            settles_amount: amount,
            ..expired
        };
        self.store(waiting.clone());
        waiting
    }

    /// The buyer's bank refuses the payment.
    ///
    /// # Errors
    /// [`BuyerError`] unless the transaction is pending.
    pub fn deny(&mut self, now_ms: u64, id: &str) -> Result<Transaction, BuyerError> {
        self.advance(now_ms);
        let tx = self.find(id).ok_or(BuyerError::NotFound)?.clone();
        match tx.state {
            State::Pending => Ok(self.close(&tx, State::Deny, now_ms)),
            state => Err(BuyerError::State(state)),
        }
    }

    /// The merchant refunds in the gateway's dashboard: under no key of the merchant's program.
    ///
    /// # Errors
    /// [`BuyerError`] when it can't be refunded, or not so much of it.
    pub fn refund_in_dashboard(
        &mut self,
        now_ms: u64,
        id: &str,
        amount: u64,
    ) -> Result<Transaction, BuyerError> {
        self.advance(now_ms);
        let tx = self.find(id).ok_or(BuyerError::NotFound)?.clone();
        let ask = Ask {
            amount: Some(amount),
            reason: "dashboard".to_owned(),
            ..Ask::default()
        };
        match self.give_back(now_ms, &tx, ask) {
            Ok((tx, _)) => Ok(tx),
            Err(_) if amount == 0 || amount > tx.remaining() => Err(BuyerError::Amount),
            Err(_) => Err(BuyerError::State(tx.state)),
        }
    }

    /// The gateway ends a pending refund now: made, or failed.
    ///
    /// # Errors
    /// [`BuyerError`] when there is no pending refund of this key.
    pub fn decide_refund(
        &mut self,
        now_ms: u64,
        id: &str,
        refund_key: &str,
        made: bool,
    ) -> Result<Transaction, BuyerError> {
        self.advance(now_ms);
        let tx = self.find(id).ok_or(BuyerError::NotFound)?.clone();
        let refund = tx
            .refunds
            .iter()
            .find(|refund| refund.refund_key == refund_key)
            .ok_or(BuyerError::NotFound)?;
        if refund.state != RefundState::Pending {
            return Err(BuyerError::State(tx.state));
        }
        Ok(self.decide(&tx, refund.id, made, now_ms))
    }

    /// The buyer's bank gives back what it had taken: the merchant proved that the stamps were used.
    ///
    /// # Errors
    /// [`BuyerError`] unless it was charged back.
    pub fn win_dispute(&mut self, now_ms: u64, id: &str) -> Result<Transaction, BuyerError> {
        self.advance(now_ms);
        let tx = self.find(id).ok_or(BuyerError::NotFound)?.clone();
        if tx.state != State::Chargeback {
            return Err(BuyerError::State(tx.state));
        }
        let state = if tx.refunded() == 0 {
            State::Settlement
        } else {
            State::PartialRefund
        };
        let next = Transaction {
            state,
            charged_back: 0,
            ..tx
        };
        self.store(next.clone());
        self.notify(&next, now_ms);
        Ok(next)
    }

    /// The buyer's bank takes back what is left of the payment.
    ///
    /// # Errors
    /// [`BuyerError`] unless money of the transaction is here.
    pub fn charge_back(&mut self, now_ms: u64, id: &str) -> Result<Transaction, BuyerError> {
        self.advance(now_ms);
        let tx = self.find(id).ok_or(BuyerError::NotFound)?.clone();
        if !matches!(tx.state, State::Settlement | State::PartialRefund) {
            return Err(BuyerError::State(tx.state));
        }
        let next = Transaction {
            state: State::Chargeback,
            charged_back: tx.remaining(),
            ..tx
        };
        self.store(next.clone());
        self.notify(&next, now_ms);
        Ok(next)
    }
}
