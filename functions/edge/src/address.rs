//! What a request's address and conditions say. An address that can't be read names nothing.

use crate::problem::Problem;
use axum::extract::{FromRequestParts, Query, RawPathParams};
use http::{header, request::Parts};
use schemars::JsonSchema;
use serde::Deserialize;
use std::{convert::Infallible, str::FromStr};

/// The one name in an address.
#[derive(Debug)]
pub struct At<T>(pub T);

/// The two names in an address.
#[derive(Debug)]
pub struct AtBoth<A, B>(pub A, pub B);

impl<S: Send + Sync, T: FromStr> FromRequestParts<S> for At<T> {
    type Rejection = Problem;
    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let names = names(parts, state).await?;
        Ok(Self(read(&names, 0)?))
    }
}

impl<S: Send + Sync, A: FromStr, B: FromStr> FromRequestParts<S> for AtBoth<A, B> {
    type Rejection = Problem;
    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let names = names(parts, state).await?;
        Ok(Self(read(&names, 0)?, read(&names, 1)?))
    }
}

async fn names<S: Send + Sync>(parts: &mut Parts, state: &S) -> Result<Vec<String>, Problem> {
    let names = RawPathParams::from_request_parts(parts, state).await;
    let names = names.map_err(|_| Problem::not_found())?;
    Ok(names.iter().map(|(_, name)| name.to_owned()).collect())
}

fn read<T: FromStr>(names: &[String], at: usize) -> Result<T, Problem> {
    let name = names.get(at).and_then(|name| name.parse().ok());
    name.ok_or_else(Problem::not_found)
}

/// Longest `from`, in characters: a sort key of a listing has a time and an id.
const START_MAX: usize = 128;

/// Where a page of a listing starts, as the page before said; at the newest without it.
#[derive(Debug, JsonSchema)]
pub struct Start(
    #[schemars(with = "String", length(max = START_MAX), regex(pattern = "^[!-~]*$"))]
    pub  Option<String>,
);

#[derive(Deserialize)]
struct Asked {
    from: Option<String>,
}

impl<S: Send + Sync> FromRequestParts<S> for Start {
    type Rejection = Problem;
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let known =
            |from: &String| from.len() <= START_MAX && from.chars().all(|c| c.is_ascii_graphic());
        match Query::<Asked>::try_from_uri(&parts.uri) {
            Ok(Query(Asked { from })) if from.as_ref().is_none_or(known) => Ok(Self(from)),
            _ => Err(Problem::invalid(
                "from",
                "must be `next` of the page before",
            )),
        }
    }
}

/// The versions that the asker has.
#[derive(Debug)]
pub struct IfNoneMatch(String);

impl IfNoneMatch {
    /// Whether this version is among them. Weak comparison, as RFC 9110 has it for this header.
    #[must_use]
    pub fn names(&self, tag: &str) -> bool {
        let known = self.0.split(',').map(|known| known.trim());
        let mut known = known.map(|known| known.trim_start_matches("W/"));
        known.any(|known| known == tag || known == "*")
    }
}

impl<S: Sync> FromRequestParts<S> for IfNoneMatch {
    type Rejection = Infallible;
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let tags = parts.headers.get(header::IF_NONE_MATCH);
        let tags = tags.and_then(|tags| tags.to_str().ok());
        Ok(Self(tags.unwrap_or_default().to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::{Router, body::Body, routing::get};
    use bubuh_core::id::OrderId;
    use http::Request;
    use tower::ServiceExt;

    async fn answer(uri: &str) -> (u16, String) {
        let router = Router::new()
            .route(
                "/one/{id}",
                get(|At(id): At<OrderId>| async move { id.to_string() }),
            )
            .route(
                "/two/{id}/{n}",
                get(|AtBoth(id, n): AtBoth<OrderId, u8>| async move { format!("{id} {n}") }),
            )
            .route(
                "/list",
                get(|Start(from): Start| async move { format!("{from:?}") }),
            );
        let request = Request::get(uri).body(Body::empty()).unwrap();
        let answer = router.oneshot(request).await.unwrap();
        let status = answer.status().as_u16();
        let body = axum::body::to_bytes(answer.into_body(), 10_000).await;
        (status, String::from_utf8(body.unwrap().to_vec()).unwrap())
    }

    #[tokio::test]
    async fn an_address_that_cannot_be_read_names_nothing_and_says_so_as_a_problem() {
        let id = OrderId::derive(&["a"]).to_string();
        assert_eq!(answer(&format!("/one/{id}")).await, (200, id.clone()));
        assert_eq!(
            answer(&format!("/two/{id}/7")).await,
            (200, format!("{id} 7"))
        );
        let upper = id.to_uppercase();
        for uri in [
            "/one/x".to_owned(),
            "/one/%ff".to_owned(),
            format!("/one/{upper}"),
            format!("/two/{id}/x"),
        ] {
            let (status, body) = answer(&uri).await;
            assert_eq!(status, 404, "{uri}");
            assert!(
                body.contains("urn:bubuh:problem:not-found"),
                "{uri}: {body}"
            );
        }
    }

    #[tokio::test]
    async fn a_page_starts_where_the_one_before_said_and_nowhere_else() {
        assert_eq!(answer("/list").await, (200, "None".to_owned()));
        assert_eq!(
            answer("/list?from=1%23a&x=y").await,
            (200, "Some(\"1#a\")".to_owned())
        );
        let long = format!("/list?from={}", "1".repeat(129));
        for uri in [
            "/list?from=%00",
            "/list?from=%20",
            "/list?from=1&from=2",
            &long,
        ] {
            let (status, body) = answer(uri).await;
            assert_eq!(status, 422, "{uri}");
            assert!(body.contains("urn:bubuh:problem:invalid"), "{uri}: {body}");
        }
    }

    #[test]
    fn a_version_is_known_by_its_tag_also_weakly_and_among_others() {
        let names = |tags: &str| IfNoneMatch(tags.to_owned()).names("\"a\"");
        assert!(
            ["\"a\"", "W/\"a\"", "\"b\", \"a\"", "*"]
                .into_iter()
                .all(names)
        );
        assert!(!["", "a", "\"b\""].into_iter().any(names));
    }
}
