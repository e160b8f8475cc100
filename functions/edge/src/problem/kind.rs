//! The kinds of problem there are: what a client may branch on.

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use std::borrow::Cow;

/// A kind of problem.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Kind {
    /// Its word in `type`.
    pub code: &'static str,
    /// What stands in `type`.
    pub urn: &'static str,
    /// The HTTP status it comes with.
    pub status: u16,
    /// The code in words.
    pub title: &'static str,
}

macro_rules! kinds {
    ($($(#[$doc:meta])* $name:ident = $status:literal $code:literal $title:literal;)*) => {
        $($(#[$doc])* pub const $name: Kind = Kind { code: $code, urn: concat!("urn:bubuh:problem:", $code), status: $status, title: $title };)*
        /// Every kind.
        pub const ALL: &[Kind] = &[$($name),*];
    };
}

kinds! {
    /// The body is not what the route takes.
    UNREADABLE = 400 "unreadable" "The request can't be read";
    /// There is no caller.
    UNAUTHORIZED = 401 "unauthorized" "A token is needed";
    /// The sender's signature does not hold.
    NOT_BELIEVED = 403 "not-believed" "The notification is not believed";
    /// The token was made for other things.
    INSUFFICIENT_SCOPE = 403 "insufficient-scope" "The token does not cover this";
    /// The token is nobody's who looks after the service.
    NOT_AN_OPERATOR = 403 "not-an-operator" "Only for operators";
    /// There is nothing under this address for this caller.
    NOT_FOUND = 404 "not-found" "Not found";
    /// The state does not allow it.
    NOT_NOW = 409 "not-now" "Not possible in this state";
    /// A file is not whole yet.
    CHUNKS_MISSING = 409 "chunks-missing" "Some of the file's chunks have not come";
    /// The body is larger than the route takes.
    TOO_LARGE = 413 "too-large" "The body is too large";
    /// The body is not of the type that the route takes.
    NOT_JSON = 415 "not-json" "The body must be JSON";
    /// A field is missing or wrong.
    INVALID = 422 "invalid" "A field is not valid";
    /// The key belongs to another request.
    KEY_REUSED = 422 "key-reused" "The key was used for another request";
    /// The chunks make another file.
    CHUNKS_DIFFER = 422 "chunks-differ" "The chunks are not the announced file";
    /// The account has had its share for now.
    TOO_MANY = 429 "too-many-requests" "Too many requests of this account";
    /// A mistake of ours.
    INTERNAL = 500 "internal" "Our mistake";
    /// It can't be done now.
    BUSY = 503 "busy" "Try again shortly";
    /// The inventory can't cover an order.
    SOLD_OUT = 503 "sold-out" "More stamps than can be sold now";
    /// No orders are taken.
    SALES_CLOSED = 503 "sales-closed" "No new orders for now";
}

/// A `type`, for its schema.
pub(super) struct Urn;

impl JsonSchema for Urn {
    fn schema_name() -> Cow<'static, str> {
        "ProblemType".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let urns: Vec<&str> = ALL.iter().map(|kind| kind.urn).collect();
        json_schema!({ "type": "string", "enum": urns })
    }
}
