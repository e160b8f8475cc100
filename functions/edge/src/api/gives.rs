//! What handlers answer, told by their types.

use super::Sketch;
use crate::{
    Problem,
    answer::{Accepted, Cached, Created, NoPage, Page},
};
use axum::{Json, response::NoContent};
use schemars::JsonSchema;
use serde_json::json;

/// What an answer looks like.
pub trait Gives {
    /// Tells it.
    fn describe(sketch: &mut Sketch<'_>);
}

impl<T: Gives> Gives for Result<T, Problem> {
    fn describe(sketch: &mut Sketch<'_>) {
        T::describe(sketch);
    }
}

impl<T: Gives> Gives for Result<T, NoPage> {
    fn describe(sketch: &mut Sketch<'_>) {
        T::describe(sketch);
        sketch.page(404, "A page that says that there is nothing.");
    }
}

impl<T: JsonSchema> Gives for Json<T> {
    fn describe(sketch: &mut Sketch<'_>) {
        sketch.json::<T>(200, "It is here.");
    }
}

impl<T: JsonSchema> Gives for Created<T> {
    fn describe(sketch: &mut Sketch<'_>) {
        sketch.json::<T>(
            201,
            "It is there, now or since the same request came before.",
        );
    }
}

impl<T: JsonSchema> Gives for Accepted<T> {
    fn describe(sketch: &mut Sketch<'_>) {
        sketch.json::<T>(202, "It is taken on and goes on by itself.");
    }
}

impl Gives for Page {
    fn describe(sketch: &mut Sketch<'_>) {
        sketch.page(200, "A page.");
    }
}

impl Gives for () {
    fn describe(sketch: &mut Sketch<'_>) {
        sketch.answer(
            200,
            "Everything that follows from it is written.",
            json!({}),
        );
    }
}

impl Gives for NoContent {
    fn describe(sketch: &mut Sketch<'_>) {
        sketch.answer(204, "Heard.", json!({}));
    }
}

impl<T: Gives> Gives for Cached<T> {
    fn describe(sketch: &mut Sketch<'_>) {
        T::describe(sketch);
        sketch.answer(304, "It is what `If-None-Match` names.", json!({}));
        for status in [200, 304] {
            sketch.answers_header(status, "ETag", "Its version.");
            sketch.answers_header(status, "Cache-Control", "Who may keep it for how long.");
        }
    }
}
