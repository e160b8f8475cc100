//! A charge begins, whichever API asks for it.

use super::{Api, Asked, Bank, Payment, State, Transaction};
use crate::qr;

/// What is asked.
pub(super) struct Opening {
    pub(super) api: Api,
    pub(super) order_id: String,
    /// The bank of a virtual account, in lower case; a code if none.
    pub(super) bank: Option<String>,
    pub(super) amount: u64,
    pub(super) expires_at_ms: u64,
    pub(super) asked: Option<Asked>,
}

impl Bank {
    pub(super) fn open(&mut self, now_ms: u64, opening: Opening) -> Transaction {
        let seq = self.number();
        let transaction_id = match opening.api {
            Api::Midtrans => self.uuid(seq),
            Api::Xendit => format!("pr-{}", self.uuid(seq)),
        };
        let payment = match opening.bank {
            None => Payment::Qris {
                qr_string: qr::contents(&transaction_id, opening.amount),
            },
            Some(bank) => Payment::BankTransfer {
                bank,
                va_number: format!("80777{seq:011}"),
            },
        };
        let tx = Transaction {
            seq,
            api: opening.api,
            asked: opening.asked,
            transaction_id,
            order_id: opening.order_id,
            payment,
            state: State::Pending,
            gross_amount: opening.amount,
            asked_amount: None,
            captured: 0,
            charged_back: 0,
            refunds: Vec::new(),
            charged_at_ms: now_ms,
            expires_at_ms: opening.expires_at_ms,
            settles_at_ms: None,
            settles_amount: 0,
            settled_at_ms: None,
        };
        self.store(tx.clone());
        self.notify(&tx, now_ms);
        tx
    }
}
