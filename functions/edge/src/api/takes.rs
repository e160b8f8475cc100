//! What handlers read, told by their extractors.

use super::{Gives, Sketch};
use crate::{
    Body, Caller, Key, MaybeBody, Operator,
    address::{At, AtBoth, IfNoneMatch, Start},
    problem::kind,
};
use axum::extract::{Request, State};
use bubuh_core::id::IdempotencyKey;
use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use std::future::Future;

/// What an extractor reads of a request.
pub trait Takes {
    /// Tells it, and the problems it may answer with.
    fn describe(sketch: &mut Sketch<'_>);
}

impl<S> Takes for State<S> {
    fn describe(_: &mut Sketch<'_>) {}
}

impl Takes for Caller {
    fn describe(sketch: &mut Sketch<'_>) {
        sketch.secured();
        sketch.problem(kind::INSUFFICIENT_SCOPE);
    }
}

impl Takes for Operator {
    fn describe(sketch: &mut Sketch<'_>) {
        Caller::describe(sketch);
        sketch.problem(kind::NOT_AN_OPERATOR);
    }
}

impl Takes for Key {
    fn describe(sketch: &mut Sketch<'_>) {
        sketch.header::<IdempotencyKey>(
            "Idempotency-Key",
            true,
            "Any text of yours that names this request. With the same key and body the answer is the same resource.",
        );
        sketch.problem(kind::INVALID);
    }
}

impl Takes for IfNoneMatch {
    fn describe(sketch: &mut Sketch<'_>) {
        sketch.header::<String>(
            "If-None-Match",
            false,
            "The `ETag` of the answer that is already there.",
        );
    }
}

impl<T: JsonSchema + DeserializeOwned> Takes for Body<T> {
    fn describe(sketch: &mut Sketch<'_>) {
        body::<T>(sketch, true);
    }
}

impl<T: JsonSchema + DeserializeOwned> Takes for MaybeBody<T> {
    fn describe(sketch: &mut Sketch<'_>) {
        body::<T>(sketch, false);
    }
}

fn body<T: JsonSchema + DeserializeOwned>(sketch: &mut Sketch<'_>, required: bool) {
    sketch.body::<T>(required);
    for kind in [kind::UNREADABLE, kind::TOO_LARGE, kind::INVALID] {
        sketch.problem(kind);
    }
}

/// A request of somebody else's design: an object, by its own rules.
impl Takes for Request {
    fn describe(sketch: &mut Sketch<'_>) {
        sketch.body::<serde_json::Map<String, serde_json::Value>>(true);
    }
}

impl<T: JsonSchema> Takes for At<T> {
    fn describe(sketch: &mut Sketch<'_>) {
        sketch.address::<T>();
        sketch.problem(kind::NOT_FOUND);
    }
}

impl<A: JsonSchema, B: JsonSchema> Takes for AtBoth<A, B> {
    fn describe(sketch: &mut Sketch<'_>) {
        At::<A>::describe(sketch);
        At::<B>::describe(sketch);
    }
}

impl Takes for Start {
    fn describe(sketch: &mut Sketch<'_>) {
        sketch.query::<Self>("from", "Where the page starts: `next` of the page before.");
        sketch.problem(kind::INVALID);
    }
}

/// A handler, told by its types. `D` is what it takes.
pub trait Described<D> {
    /// Tells what it takes and gives.
    fn describe(sketch: &mut Sketch<'_>);
}

macro_rules! described {
    ($($taken:ident)*) => {
        impl<F, Answer, $($taken,)*> Described<($($taken,)*)> for F
        where
            F: Fn($($taken),*) -> Answer,
            Answer: Future,
            Answer::Output: Gives,
            $($taken: Takes,)*
        {
            fn describe(sketch: &mut Sketch<'_>) {
                $($taken::describe(sketch);)*
                Answer::Output::describe(sketch);
            }
        }
    };
}

described!();
described!(A);
described!(A B);
described!(A B C);
described!(A B C D);
described!(A B C D E);
