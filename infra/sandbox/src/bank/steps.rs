//! Status, cancel and expire.

use super::{
    Bank, State, Transaction,
    answer::Refusal,
    wire::{self, Fields},
};

impl Bank {
    pub(super) fn status(&self, id: &str) -> Result<Fields, Refusal> {
        let tx = self.find(id).ok_or_else(Refusal::not_found)?;
        let code = wire::status_code(tx.state);
        Ok(wire::status(tx, code, "Success, transaction is found"))
    }

    pub(super) fn cancel(&mut self, now_ms: u64, id: &str) -> Result<Fields, Refusal> {
        let tx = self.end(now_ms, id, State::Cancel)?;
        Ok(wire::status(&tx, 200, "Success, transaction is canceled"))
    }

    pub(super) fn expire(&mut self, now_ms: u64, id: &str) -> Result<Fields, Refusal> {
        let tx = self.end(now_ms, id, State::Expire)?;
        Ok(wire::status(&tx, 407, "Success, transaction has expired"))
    }

    /// Only what is pending can be ended without money.
    fn end(&mut self, now_ms: u64, id: &str, state: State) -> Result<Transaction, Refusal> {
        let tx = self.find(id).ok_or_else(Refusal::not_found)?.clone();
        if tx.state != State::Pending {
            return Err(Refusal::state());
        }
        Ok(self.close(&tx, state, now_ms))
    }
}
