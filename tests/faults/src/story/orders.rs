//! What becomes of orders that are not simply paid.

use super::{Ends, HOUR_MS, MINUTE_MS, people::Person};
use crate::driver::Driver;
use bubuh_core::{
    document::DocumentState, order::OrderState, payment::Method, refund::RefundState,
};

const BUDI: Person<'_> = Person("budi");

async fn later(driver: &mut Driver, ms: u64) {
    let end_ms = driver.world.now_ms() + ms;
    driver.run_until(end_ms).await;
}

pub(super) async fn wrong_amount(driver: &mut Driver, ends: &mut Ends) {
    let wrong = BUDI.order(driver, "wrong", 3, Method::Qris).await;
    BUDI.pays(driver, ends, wrong, Some(29_000));
    later(driver, 30 * MINUTE_MS).await;
    let refunded = (wrong, RefundState::Refunded, 29_000);
    ends.refunds.push(refunded);
}

pub(super) async fn wrong_transfer(driver: &mut Driver, ends: &mut Ends) {
    let wrong = BUDI
        .order(driver, "transfer", 1, Method::BankTransfer)
        .await;
    BUDI.pays(driver, ends, wrong, Some(9_000));
    later(driver, 30 * MINUTE_MS).await;
    ends.refunds.push((wrong, RefundState::Payout, 9_000));
}

pub(super) async fn cancelled(driver: &mut Driver, ends: &mut Ends) {
    let order = BUDI.order(driver, "cancelled", 1, Method::Qris).await;
    BUDI.cancels_order(driver, order).await;
    driver.settle().await;
    // A saved code can be paid even so.
    BUDI.pays(driver, ends, order, None);
    later(driver, 30 * MINUTE_MS).await;
    ends.orders
        .push(("cancelled", order, OrderState::Cancelled));
    ends.refunds.push((order, RefundState::Refunded, 10_000));
}

pub(super) async fn late(driver: &mut Driver, ends: &mut Ends) {
    let late = BUDI.order(driver, "late", 1, Method::Qris).await;
    let never = BUDI.order(driver, "never", 1, Method::Qris).await;
    later(driver, 2 * HOUR_MS).await;
    BUDI.pays(driver, ends, late, None);
    later(driver, 30 * MINUTE_MS).await;
    ends.orders.push(("late", late, OrderState::Credited));
    ends.orders.push(("never", never, OrderState::Expired));
}

pub(super) async fn unused(driver: &mut Driver, ends: &mut Ends) {
    let two = BUDI.order(driver, "two", 2, Method::Qris).await;
    BUDI.pays(driver, ends, two, None);
    let used = BUDI.announces(driver, "used", b"one of two").await;
    BUDI.uploads(driver, &used).await;
    later(driver, 15 * MINUTE_MS).await;
    BUDI.asks_back(driver, two, 1).await;
    later(driver, 30 * MINUTE_MS).await;
    ends.documents
        .push(("used", used.id, DocumentState::Stamped));
    ends.orders.push(("two", two, OrderState::Credited));
    ends.refunds.push((two, RefundState::Refunded, 10_000));
}
