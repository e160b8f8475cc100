//! What an integrator is told.

use super::{Ends, HOUR_MS, MINUTE_MS, people::Person};
use crate::driver::Driver;
use bubuh_core::{
    document::DocumentState, hook::Topic, order::OrderState, payment::Method, refund::RefundState,
};

const ANI: Person<'_> = Person("ani");

pub(super) async fn told(driver: &mut Driver, ends: &mut Ends) {
    ANI.registers(driver, "https://erp.test/hooks", &Topic::ALL)
        .await;
    // The first word is not taken at once.
    driver.world.receiver.answers([500]);
    let order = ANI.order(driver, "three", 3, Method::Qris).await;
    ANI.pays(driver, ends, order, None);
    driver.settle().await;
    let plain = ANI.announces(driver, "plain", b"a plain file").await;
    let unfit = ANI.announces(driver, "unfit", b"UNFIT").await;
    let hard = ANI.announces(driver, "hard", b"UNSTAMPABLE").await;
    for document in [&plain, &unfit, &hard] {
        ANI.uploads(driver, document).await;
    }
    let end_ms = driver.world.now_ms() + 30 * MINUTE_MS;
    driver.run_until(end_ms).await;
    ANI.asks_back(driver, order, 1).await;
    let end_ms = driver.world.now_ms() + 2 * HOUR_MS;
    driver.run_until(end_ms).await;
    ends.orders.push(("three", order, OrderState::Credited));
    ends.documents.extend([
        ("plain", plain.id, DocumentState::Stamped),
        ("unfit", unfit.id, DocumentState::Rejected),
        ("hard", hard.id, DocumentState::Rejected),
    ]);
    ends.refunds.push((order, RefundState::Refunded, 10_000));
    ends.told.extend(Topic::ALL);
    ends.told.push(Topic::DocumentRejected);
}
