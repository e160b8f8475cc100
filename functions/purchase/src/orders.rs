//! `/v1/orders`.

use crate::{
    App,
    view::{OrderView, RefundView, Whole},
};
use axum::{Json, extract::State};
use bubuh_core::{
    id::{OrderId, RefundKey},
    money::Stamps,
    payment::Method,
    refund::PayTo,
};
use bubuh_edge::{
    At, AtBoth, Body, Caller, Key, Problem,
    address::Start,
    answer::{Accepted, Created, Page},
    api::Says,
    problem::kind,
};
use bubuh_gateway::Gateway;
use bubuh_steps::order::Request;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Orders on one page of the list.
const PAGE: i32 = 50;

/// Most stamps of an order, for schemas.
const ORDER_MAX: u32 = bubuh_core::order::ORDER_MAX.get();

/// An order to place.
#[derive(Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "NewOrder")]
pub(crate) struct Create {
    #[schemars(with = "u32", range(min = 1, max = ORDER_MAX))]
    quantity: Stamps,
    method: Method,
}

pub(crate) const CREATE: Says = Says::new("createOrder", "Orders stamps")
    .details("The answer says how to pay. Nothing is charged before the buyer pays.")
    .problems(&[kind::KEY_REUSED, kind::SOLD_OUT, kind::SALES_CLOSED])
    .example(r#"{"quantity":1,"method":"qris"}"#);

pub(crate) async fn create<G: Gateway>(
    State(app): State<Arc<App<G>>>,
    Caller(account): Caller,
    Key(key): Key,
    body: Body<Create>,
) -> Result<Created<OrderView>, Problem> {
    let request = Request {
        key,
        quantity: body.value.quantity,
        method: body.value.method,
        hash: body.hash,
    };
    let order = app.sales.place(&account, request).await?;
    Ok(Created((&order).into()))
}

/// A page of orders, the newest first.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Orders {
    orders: Vec<OrderView>,
    /// `from` of the next page; none at the end.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

pub(crate) const LIST: Says = Says::new("listOrders", "The caller's orders, the newest first");

pub(crate) async fn list<G: Gateway>(
    State(app): State<Arc<App<G>>>,
    Caller(account): Caller,
    Start(from): Start,
) -> Result<Json<Orders>, Problem> {
    let found = app
        .sales
        .table
        .orders(&account, from.as_deref(), PAGE)
        .await?;
    Ok(Json(Orders {
        orders: found.rows.iter().map(OrderView::from).collect(),
        next: found.next,
    }))
}

pub(crate) const SHOW: Says = Says::new(
    "showOrder",
    "An order with its payments and refunds, and what happens next",
);

pub(crate) async fn show<G: Gateway>(
    State(app): State<Arc<App<G>>>,
    Caller(account): Caller,
    At(id): At<OrderId>,
) -> Result<Json<Whole>, Problem> {
    let order = app.sales.order(&account, id).await?;
    let table = &app.sales.table;
    let (payments, refunds) = (table.payments(id).await?, table.refunds(id).await?);
    Ok(Json(Whole::new(&order, payments, refunds)))
}

pub(crate) const RECEIPT: Says = Says::new(
    "showReceipt",
    "What came in for an order, what it bought and what went back, to print",
)
.problems(&[kind::NOT_NOW]);

pub(crate) async fn receipt<G: Gateway>(
    State(app): State<Arc<App<G>>>,
    Caller(account): Caller,
    At(id): At<OrderId>,
) -> Result<Page, Problem> {
    let order = app.sales.order(&account, id).await?;
    let table = &app.sales.table;
    let payments = table.payments(id).await?;
    let refunds = table.refunds(id).await?;
    let lots = table.lots_of(&account, id).await?;
    let page = crate::receipt::page(&order, &payments, &lots, &refunds)?;
    Ok(Page(page))
}

pub(crate) const CANCEL: Says = Says::new("cancelOrder", "Cancels an order that is not paid")
    .details("A payment that still arrives is refunded in full by itself.")
    .problems(&[kind::NOT_NOW]);

pub(crate) async fn cancel<G: Gateway>(
    State(app): State<Arc<App<G>>>,
    Caller(account): Caller,
    Key(_): Key,
    At(id): At<OrderId>,
) -> Result<Json<OrderView>, Problem> {
    let order = app.sales.cancel(&account, id).await?;
    Ok(Json((&order).into()))
}

/// Stamps to give back.
#[derive(Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AskBack {
    /// How many unused stamps; all of them without it.
    #[schemars(with = "Option<u32>", range(min = 1, max = ORDER_MAX))]
    quantity: Option<Stamps>,
}

pub(crate) const REFUND: Says =
    Says::new("refundOrder", "Gives unused stamps back for their money")
        .details("In full and by itself; the order's refunds say how far it is.")
        .problems(&[kind::NOT_NOW, kind::KEY_REUSED])
        .example(r#"{"quantity":1}"#);

pub(crate) async fn refund<G: Gateway>(
    State(app): State<Arc<App<G>>>,
    Caller(account): Caller,
    Key(key): Key,
    At(id): At<OrderId>,
    body: Body<AskBack>,
) -> Result<Accepted<RefundView>, Problem> {
    let refund = app
        .sales
        .ask_back(&account, id, &key, body.value.quantity)
        .await?;
    Ok(Accepted((&refund).into()))
}

/// A bank account in Indonesia.
#[derive(Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct BankAccount {
    #[schemars(length(min = 1, max = 40))]
    bank: String,
    /// 6 to 20 digits.
    #[schemars(regex(pattern = r"^[ .-]*([0-9][ .-]*){6,20}$"))]
    number: String,
    #[schemars(length(min = 1, max = 80))]
    holder: String,
}

pub(crate) const PAY_TO: Says = Says::new(
    "payRefundTo",
    "Says where a refund that the gateway can't make is to be paid",
)
.problems(&[kind::NOT_NOW])
.example(r#"{"bank":"BRI","number":"000011112222","holder":"Nama Contoh"}"#);

pub(crate) async fn pay_to<G: Gateway>(
    State(app): State<Arc<App<G>>>,
    Caller(account): Caller,
    AtBoth(id, key): AtBoth<OrderId, RefundKey>,
    body: Body<BankAccount>,
) -> Result<Json<RefundView>, Problem> {
    let to = &body.value;
    let to = PayTo::new(&to.bank, &to.number, &to.holder)?;
    let refund = app.sales.pay_refund_to(&account, id, key, to).await?;
    Ok(Json((&refund).into()))
}

pub(crate) const KEEP: Says = Says::new(
    "keepStamps",
    "Keeps the stamps instead of a refund that the gateway can't make",
)
.problems(&[kind::NOT_NOW]);

pub(crate) async fn keep<G: Gateway>(
    State(app): State<Arc<App<G>>>,
    Caller(account): Caller,
    AtBoth(id, key): AtBoth<OrderId, RefundKey>,
) -> Result<Json<RefundView>, Problem> {
    let refund = app.sales.keep_stamps(&account, id, key).await?;
    Ok(Json((&refund).into()))
}
