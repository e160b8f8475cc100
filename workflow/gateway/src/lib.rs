//! Payment gateway clients of Bubuh.
//!
//! [`Gateway`] says what Bubuh needs of a gateway; [`Midtrans`] and [`Xendit`] speak to one over any
//! [`Transport`]: [`Http`] for the real one, an in-process sandbox for tests and fault simulation.
//!
//! Every call may be made twice. A charge is keyed by its order id (a second one is the first, or
//! [`Error::DuplicateOrder`]: ask [`Gateway::status`]), a refund by its refund key; the rest only
//! reads or closes. [`Error::outcome_unknown`] tells a lost reply from a refusal.

mod amount;
mod any;
mod charge;
mod check;
mod client;
mod error;
mod gateway;
mod http_transport;
mod midtrans;
pub mod notification;
mod outside;
mod refund;
mod reply;
pub mod settlement;
mod status;
mod transport;
mod xendit;

pub use any::AnyGateway;
pub use charge::{Bank, ChargeRequest, Charged, Instructions, Method};
pub use error::Error;
pub use gateway::Gateway;
pub use http_transport::Http;
pub use midtrans::Midtrans;
pub use outside::Reach;
pub use refund::{RefundReply, RefundRequest};
pub use secrecy::SecretString;
pub use status::{FraudStatus, RefundSeen, Status, TransactionStatus};
pub use transport::Transport;
pub use xendit::Xendit;
