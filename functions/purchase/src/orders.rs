//! `/v1/orders`.

use crate::{
    App,
    view::{OrderView, RefundView, Whole},
};
use axum::{
    Json,
    extract::{Path, Query, State},
    response::{Html, IntoResponse},
};
use bubuh_core::{
    id::{OrderId, RefundKey},
    money::Stamps,
    payment::Method,
    refund::PayTo,
};
use bubuh_edge::{Body, Caller, Key, Problem};
use bubuh_gateway::Gateway;
use bubuh_steps::order::Request;
use http::{StatusCode, header};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Orders on one page of the list.
const PAGE: i32 = 50;

#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Create {
    quantity: Stamps,
    method: Method,
}

pub(crate) async fn create<G: Gateway>(
    State(app): State<Arc<App<G>>>,
    Caller(account): Caller,
    Key(key): Key,
    body: Body<Create>,
) -> Result<(StatusCode, Json<OrderView>), Problem> {
    let request = Request {
        key,
        quantity: body.value.quantity,
        method: body.value.method,
        hash: body.hash,
    };
    let order = app.sales.place(&account, request).await?;
    Ok((StatusCode::CREATED, Json((&order).into())))
}

#[derive(Debug, Deserialize)]
pub(crate) struct Page {
    from: Option<String>,
}

#[derive(Serialize)]
pub(crate) struct Orders {
    orders: Vec<OrderView>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

pub(crate) async fn list<G: Gateway>(
    State(app): State<Arc<App<G>>>,
    Caller(account): Caller,
    Query(page): Query<Page>,
) -> Result<Json<Orders>, Problem> {
    let found = app
        .sales
        .table
        .orders(&account, page.from.as_deref(), PAGE)
        .await?;
    Ok(Json(Orders {
        orders: found.rows.iter().map(OrderView::from).collect(),
        next: found.next,
    }))
}

pub(crate) async fn show<G: Gateway>(
    State(app): State<Arc<App<G>>>,
    Caller(account): Caller,
    Path(id): Path<String>,
) -> Result<Json<Whole>, Problem> {
    let id = order_id(&id)?;
    let order = app.sales.order(&account, id).await?;
    let table = &app.sales.table;
    let (payments, refunds) = (table.payments(id).await?, table.refunds(id).await?);
    Ok(Json(Whole::new(&order, payments, refunds)))
}

/// The receipt, as a page: nothing in it runs or is fetched.
pub(crate) async fn receipt<G: Gateway>(
    State(app): State<Arc<App<G>>>,
    Caller(account): Caller,
    Path(id): Path<String>,
) -> Result<impl IntoResponse, Problem> {
    let id = order_id(&id)?;
    let order = app.sales.order(&account, id).await?;
    let table = &app.sales.table;
    let payments = table.payments(id).await?;
    let refunds = table.refunds(id).await?;
    let lots = table.lots_of(&account, id).await?;
    let page = crate::receipt::page(&order, &payments, &lots, &refunds)?;
    let policy = "default-src 'none'; style-src 'unsafe-inline'";
    Ok((
        [
            (header::CONTENT_SECURITY_POLICY, policy),
            (header::CACHE_CONTROL, "no-store"),
        ],
        Html(page),
    ))
}

pub(crate) async fn cancel<G: Gateway>(
    State(app): State<Arc<App<G>>>,
    Caller(account): Caller,
    Key(_): Key,
    Path(id): Path<String>,
) -> Result<Json<OrderView>, Problem> {
    let order = app.sales.cancel(&account, order_id(&id)?).await?;
    Ok(Json((&order).into()))
}

#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct AskBack {
    /// How many unused stamps; all of them without it.
    quantity: Option<Stamps>,
}

pub(crate) async fn refund<G: Gateway>(
    State(app): State<Arc<App<G>>>,
    Caller(account): Caller,
    Key(key): Key,
    Path(id): Path<String>,
    body: Body<AskBack>,
) -> Result<(StatusCode, Json<RefundView>), Problem> {
    let refund = app
        .sales
        .ask_back(&account, order_id(&id)?, &key, body.value.quantity)
        .await?;
    Ok((StatusCode::ACCEPTED, Json((&refund).into())))
}

#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct BankAccount {
    bank: String,
    number: String,
    holder: String,
}

/// Where a refund that the gateway can't make is to be paid.
pub(crate) async fn pay_to<G: Gateway>(
    State(app): State<Arc<App<G>>>,
    Caller(account): Caller,
    Path((id, key)): Path<(String, String)>,
    body: Body<BankAccount>,
) -> Result<Json<RefundView>, Problem> {
    let to = &body.value;
    let to = PayTo::new(&to.bank, &to.number, &to.holder)?;
    let (id, key) = (order_id(&id)?, refund_key(&key)?);
    let refund = app.sales.pay_refund_to(&account, id, key, to).await?;
    Ok(Json((&refund).into()))
}

/// The stamps stay, instead of a refund that the gateway can't make.
pub(crate) async fn keep<G: Gateway>(
    State(app): State<Arc<App<G>>>,
    Caller(account): Caller,
    Path((id, key)): Path<(String, String)>,
) -> Result<Json<RefundView>, Problem> {
    let (id, key) = (order_id(&id)?, refund_key(&key)?);
    let refund = app.sales.keep_stamps(&account, id, key).await?;
    Ok(Json((&refund).into()))
}

fn refund_key(text: &str) -> Result<RefundKey, Problem> {
    text.parse().map_err(|_| Problem::not_found())
}

/// An address that is no id names nothing.
fn order_id(text: &str) -> Result<OrderId, Problem> {
    text.parse().map_err(|_| Problem::not_found())
}
