//! The portal as a CDN serves it, and what only a development stack has: sign-in without a password, and a button to pay.
//!
//! Files are read at each request, so that an edit shows at the next reload. Nothing outside `infra/portal` is served.

mod prepare;

pub(crate) use prepare::prepare;

use axum::Router;
use axum::extract::{Path as Segment, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use serde_json::json;
use sha2::{Digest as _, Sha256};
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

/// What files are served, by ending.
const TYPES: [(&str, &str); 8] = [
    ("html", "text/html; charset=utf-8"),
    ("css", "text/css; charset=utf-8"),
    ("js", "text/javascript; charset=utf-8"),
    ("mjs", "text/javascript; charset=utf-8"),
    ("svg", "image/svg+xml"),
    ("png", "image/png"),
    ("wasm", "application/wasm"),
    ("webmanifest", "application/manifest+json"),
];

/// What is not in the repository: the addresses of pdf.js under which the portal asks for it.
const PDF_JS: [(&str, &str); 2] = [
    ("vendor/pdf.mjs", "pdf.min.mjs"),
    ("vendor/pdf.worker.mjs", "pdf.worker.min.mjs"),
];

/// The portal of a stack.
#[derive(Debug)]
pub(crate) struct Portal {
    files: PathBuf,
    policy: String,
    config: String,
    sandbox: String,
    http: reqwest::Client,
}

impl Portal {
    /// The portal in the sources at `root`. Its pages may ask storage at `endpoint` and the development `issuer`, and
    /// trust these `roots`: `{"issuers": PEM, "authorities": PEM}`.
    pub(crate) fn new(
        root: &Path,
        endpoint: &str,
        issuer: &str,
        sandbox: &str,
        roots: &serde_json::Value,
    ) -> Self {
        let config = json!({
            "roots": roots,
            "sign_in": {"kind": "development", "token_url": format!("{issuer}/token")},
            "chunks_same_origin": true,
            "pay_url": "/dev/orders/{id}/pay",
        });
        Self {
            files: root.join("infra/portal"),
            policy: format!(
                "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' blob: data:; \
                 font-src 'self' data:; connect-src 'self' {endpoint} {issuer}; worker-src 'self'; manifest-src 'self'; \
                 form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
            ),
            config: config.to_string(),
            sandbox: sandbox.to_owned(),
            http: reqwest::Client::new(),
        }
    }

    /// `/config.json`, `/dev/`, and every file of the portal.
    pub(crate) fn router(self) -> Router {
        Router::new()
            .route("/config.json", get(config))
            .route("/dev/orders/{id}/pay", post(pay))
            .fallback(get(file))
            .with_state(Arc::new(self))
    }

    /// The file an address names; none for what is not the portal's.
    fn locate(&self, address: &str) -> Option<(PathBuf, &'static str)> {
        let name = match address.trim_start_matches('/') {
            "" => "index.html",
            name => name,
        };
        let path = Path::new(name);
        let plain = |part: Component<'_>| match part {
            Component::Normal(part) => !part.to_string_lossy().starts_with('.'),
            _ => false,
        };
        if !path.components().all(plain) || path.starts_with("node_modules") {
            return None;
        }
        let ending = path.extension()?.to_str()?;
        let (_, kind) = TYPES.into_iter().find(|(known, _)| *known == ending)?;
        let library = PDF_JS.into_iter().find(|(address, _)| *address == name);
        let path = library.map_or_else(
            || self.files.join(path),
            |(_, file)| {
                let build = "node_modules/pdfjs-dist/legacy/build";
                self.files.join(build).join(file)
            },
        );
        Some((path, kind))
    }
}

type Shared = State<Arc<Portal>>;

async fn config(State(portal): Shared) -> Response {
    let kind = HeaderValue::from_static("application/json");
    let headers = [
        (header::CONTENT_TYPE, kind),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    ];
    (headers, portal.config.clone()).into_response()
}

async fn file(State(portal): Shared, uri: Uri, asked: HeaderMap) -> Response {
    let found = portal.locate(uri.path());
    let read = found.and_then(|(path, kind)| Some((std::fs::read(path).ok()?, kind)));
    let Some((bytes, kind)) = read else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let digest = hex::encode(Sha256::digest(&bytes));
    let tag = format!("\"{}\"", digest.get(..32).unwrap_or_default());
    let headers = [
        (header::CONTENT_TYPE, kind),
        (header::ETAG, &tag),
        // Asked about each time, and sent only when it has changed: no page meets another version's module.
        (header::CACHE_CONTROL, "no-cache"),
        (header::CONTENT_SECURITY_POLICY, &portal.policy),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
    ]
    .map(|(name, value)| (name, value.to_owned()));
    if asked.get(header::IF_NONE_MATCH).map(HeaderValue::as_bytes) == Some(tag.as_bytes()) {
        return (StatusCode::NOT_MODIFIED, headers).into_response();
    }
    (headers, bytes).into_response()
}

/// The buyer pays at the payment sandbox.
async fn pay(State(portal): Shared, Segment(id): Segment<String>) -> StatusCode {
    // An order's id, and nothing that could lead elsewhere.
    if !id.chars().all(|c| c.is_ascii_hexdigit() || c == '-') {
        return StatusCode::NOT_FOUND;
    }
    let url = format!("{}/sandbox/orders/{id}/pay", portal.sandbox);
    match portal.http.post(url).json(&json!({})).send().await {
        Ok(answer) if answer.status().is_success() => StatusCode::NO_CONTENT,
        Ok(answer) => answer.status(),
        Err(_) => StatusCode::BAD_GATEWAY,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn portal() -> Portal {
        Portal::new(
            Path::new("/r"),
            "http://s3",
            "http://i",
            "http://p",
            &json!({}),
        )
    }

    #[test]
    fn only_the_portals_own_files_are_served() {
        let portal = portal();
        let found = |address: &str| portal.locate(address).map(|(path, _)| path);
        let of = |path: &str| Some(PathBuf::from(path));
        assert_eq!(found("/"), of("/r/infra/portal/index.html"));
        assert_eq!(found("/js/main.js"), of("/r/infra/portal/js/main.js"));
        let library = "/r/infra/portal/node_modules/pdfjs-dist/legacy/build/pdf.min.mjs";
        assert_eq!(found("/vendor/pdf.mjs"), of(library));
        for outside in [
            "/../a.html",
            "/js/../../a.js",
            "/.git/a.js",
            "/package.json",
            "/node_modules/a.js",
        ] {
            assert_eq!(found(outside), None, "{outside}");
        }
    }

    #[test]
    fn its_policy_lets_no_inline_script_or_style_run_and_no_page_frame_it() {
        let policy = portal().policy;
        assert!(!policy.contains("unsafe-inline") && !policy.contains("'unsafe-eval'"));
        for part in [
            "default-src 'none'",
            "frame-ancestors 'none'",
            "connect-src 'self' http://s3 http://i;",
        ] {
            assert!(policy.contains(part), "{policy}");
        }
    }
}
