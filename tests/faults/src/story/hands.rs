//! Money in people's hands: disputes, payouts, and refunds that somebody made in the dashboard.

use super::{
    Ends, MINUTE_MS,
    people::{Person, Who},
};
use crate::driver::Driver;
use bubuh_core::{
    case::CaseKind, document::DocumentState, id::OrderId, order::OrderState, payment::Method,
    refund::RefundState,
};
use bubuh_steps::Resolution;

const ANI: Person<'_> = Person("ani");

async fn later(driver: &mut Driver) {
    let end_ms = driver.world.now_ms() + 30 * MINUTE_MS;
    driver.run_until(end_ms).await;
}

/// An order that is paid, and whose stamps are there.
async fn paid(driver: &mut Driver, ends: &mut Ends, quantity: u32, method: Method) -> OrderId {
    let order = ANI.order(driver, "order", quantity, method).await;
    ANI.pays(driver, ends, order, None);
    later(driver).await;
    ends.orders.push(("order", order, OrderState::Credited));
    order
}

fn disputed(kind: &CaseKind) -> bool {
    matches!(kind, CaseKind::PaymentDisputed(_))
}

fn payout(kind: &CaseKind) -> bool {
    matches!(kind, CaseKind::PayoutDue(_))
}

/// The payer's bank takes the money back.
async fn charged_back(driver: &mut Driver, order: OrderId) {
    let bank = &driver.world.bank;
    let taken = bank.with(|bank, now_ms| bank.charge_back(now_ms, &order.to_string()));
    assert!(taken.is_ok(), "{taken:?}");
    later(driver).await;
}

pub(super) async fn won(driver: &mut Driver, ends: &mut Ends) {
    let order = paid(driver, ends, 1, Method::Qris).await;
    charged_back(driver, order).await;
    let paper = ANI.announces(driver, "held up", b"a held up letter").await;
    ANI.uploads(driver, &paper).await;
    later(driver).await;
    let bank = &driver.world.bank;
    let given = bank.with(|bank, now_ms| bank.win_dispute(now_ms, &order.to_string()));
    assert!(given.is_ok(), "{given:?}");
    Who::OPERATOR
        .resolves(driver, disputed, &Resolution::Won)
        .await;
    later(driver).await;
    ends.documents
        .push(("held up", paper.id, DocumentState::Stamped));
}

pub(super) async fn lost(driver: &mut Driver, ends: &mut Ends) {
    let order = paid(driver, ends, 2, Method::Qris).await;
    let used = ANI.announces(driver, "used", b"one of two").await;
    ANI.uploads(driver, &used).await;
    later(driver).await;
    charged_back(driver, order).await;
    Who::OPERATOR
        .resolves(driver, disputed, &Resolution::Lost)
        .await;
    later(driver).await;
    ends.documents
        .push(("used", used.id, DocumentState::Stamped));
}

pub(super) async fn by_hand(driver: &mut Driver, ends: &mut Ends) {
    let order = paid(driver, ends, 2, Method::BankTransfer).await;
    ANI.asks_back(driver, order, 1).await;
    later(driver).await;
    ANI.is_paid_to(driver, order).await;
    let paid = Resolution::Paid("TX-1".to_owned());
    Who::OPERATOR.resolves(driver, payout, &paid).await;
    later(driver).await;
    ends.refunds.push((order, RefundState::Refunded, 10_000));
}

pub(super) async fn kept(driver: &mut Driver, ends: &mut Ends) {
    let order = paid(driver, ends, 1, Method::BankTransfer).await;
    ANI.asks_back(driver, order, 1).await;
    let paper = ANI.announces(driver, "waits", b"a waiting letter").await;
    ANI.uploads(driver, &paper).await;
    later(driver).await;
    ANI.keeps(driver, order).await;
    later(driver).await;
    ends.refunds.push((order, RefundState::Reversed, 10_000));
    ends.documents
        .push(("waits", paper.id, DocumentState::Stamped));
}

pub(super) async fn dashboard(driver: &mut Driver, ends: &mut Ends) {
    let order = paid(driver, ends, 2, Method::Qris).await;
    let bank = &driver.world.bank;
    let made =
        bank.with(|bank, now_ms| bank.refund_in_dashboard(now_ms, &order.to_string(), 10_000));
    assert!(made.is_ok(), "{made:?}");
    later(driver).await;
    ends.refunds.push((order, RefundState::Refunded, 10_000));
}
