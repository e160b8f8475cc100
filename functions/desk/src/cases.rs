//! `/v1/desk/cases`: what people must see to, and how it ends.

use crate::App;
use axum::{Json, extract::State};
use bubuh_core::{
    case::Case,
    id::{AccountId, CaseId, OrderId},
};
use bubuh_edge::{
    At, Body, Operator, Problem, address::Start, api::Says, problem::kind, time::Time,
};
use bubuh_gateway::Gateway;
use bubuh_steps::{Way, cases::REFERENCE_MAX};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// A case.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Case")]
pub(crate) struct View {
    id: CaseId,
    /// What kind of thing it is about.
    kind: &'static str,
    /// The thing: a document's id, a refund's key, a payment's transaction, or a disagreement and what it is about.
    subject: String,
    /// What was seen.
    note: String,
    /// Whose money or document it is.
    account: AccountId,
    /// The order whose money it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    order: Option<OrderId>,
    /// Who looks after it: operator, finance or buyer.
    owner: &'static str,
    opened_at: Time,
    /// The ways in which it may end; whether one fits now is told when it is tried. None once it is closed.
    ways: Vec<Way>,
    #[serde(skip_serializing_if = "Option::is_none")]
    closed: Option<ClosedView>,
}

/// How a case ended.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "CaseClosed")]
struct ClosedView {
    at: Time,
    by: String,
    outcome: String,
}

impl From<Case> for View {
    fn from(case: Case) -> Self {
        let ways = match case.closed {
            None => Way::of(&case.kind).to_vec(),
            Some(_) => Vec::new(),
        };
        Self {
            id: case.id,
            kind: case.kind.name(),
            subject: case.kind.subject().to_owned(),
            note: case.note,
            account: case.account,
            order: case.order,
            owner: case.owner.name(),
            opened_at: Time::of(case.opened_at_ms),
            ways,
            closed: case.closed.map(|closed| ClosedView {
                at: Time::of(closed.at_ms),
                by: closed.by,
                outcome: closed.outcome,
            }),
        }
    }
}

/// Cases on one page of the list.
const PAGE: i32 = 50;

/// A page of open cases, the oldest first.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Cases {
    cases: Vec<View>,
    /// `from` of the next page; none at the end.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

pub(crate) const LIST: Says =
    Says::new("listCases", "What people must see to, the oldest first").details("For operators.");

pub(crate) async fn list<G: Gateway>(
    State(app): State<Arc<App<G>>>,
    Operator(_): Operator,
    Start(from): Start,
) -> Result<Json<Cases>, Problem> {
    let table = &app.cases.desk.table;
    let open = table.cases_from(true, from.as_deref(), PAGE).await?;
    Ok(Json(Cases {
        cases: open.rows.into_iter().map(View::from).collect(),
        next: open.next,
    }))
}

pub(crate) const SHOW: Says = Says::new("showCase", "One case").details("For operators.");

pub(crate) async fn show<G: Gateway>(
    State(app): State<Arc<App<G>>>,
    Operator(_): Operator,
    At(id): At<CaseId>,
) -> Result<Json<View>, Problem> {
    let case = app.cases.desk.table.case(id).await?;
    Ok(Json(case.ok_or_else(Problem::not_found)?.into()))
}

/// How a case is to end.
#[derive(Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Resolve {
    #[serde(rename = "as")]
    way: Way,
    /// The bank's reference of what was paid; needed then, and only then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = REFERENCE_MAX))]
    reference: Option<String>,
}

pub(crate) const RESOLVE: Says = Says::new("resolveCase", "Ends a case")
    .details(
        "For operators. What it is about moves in the same transaction, and a refund that the gateway made after all is \
         not paid a second time. Done twice, the second time answers that the case is closed.",
    )
    .problems(&[kind::NOT_NOW])
    .example(r#"{"as":"retry"}"#);

pub(crate) async fn resolve<G: Gateway>(
    State(app): State<Arc<App<G>>>,
    Operator(account): Operator,
    At(id): At<CaseId>,
    body: Body<Resolve>,
) -> Result<Json<View>, Problem> {
    let Resolve { way, reference } = body.value;
    let how = way.with(reference.as_deref())?;
    let closed = app.cases.resolve(id, &how, account.as_str()).await?;
    Ok(Json(closed.into()))
}
