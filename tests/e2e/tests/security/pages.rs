//! Pages run nothing that is not the portal's own file.

use super::Held;
use bubuh::sample::letter;
use bubuh_e2e::{
    Run,
    api::{described, operations},
};
use reqwest::{Client, header};
use std::path::{Path, PathBuf};

/// What runs in a page that lets this policy decide; `None`: nothing.
fn scripts(policy: &str) -> Option<&str> {
    let of = |name: &str| {
        let mut parts = policy.split(';').map(str::trim);
        parts.find_map(move |part| part.strip_prefix(name))
    };
    let sources = of("script-src ").or_else(|| of("default-src "));
    let sources = sources.expect("the policy is about scripts").trim();
    (sources != "'none'").then_some(sources)
}

fn portal() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../infra/portal")
}

/// The addresses of every page of the portal.
fn pages() -> Vec<String> {
    let files = std::fs::read_dir(portal()).unwrap();
    let names = files.map(|file| file.unwrap().file_name().into_string().unwrap());
    let pages = names.filter(|name| Path::new(name).extension().is_some_and(|e| e == "html"));
    pages
        .map(|name| format!("/{name}"))
        .chain(["/".to_owned()])
        .collect()
}

#[test]
fn a_policy_is_read_by_its_script_sources_or_else_its_default() {
    assert_eq!(scripts("default-src 'none'; style-src 'self'"), None);
    assert_eq!(
        scripts("default-src 'none'; script-src 'self'"),
        Some("'self'")
    );
    assert_eq!(scripts("default-src *"), Some("*"));
}

#[test]
fn cloudfront_sends_the_policy_that_the_local_front_sends_but_for_who_is_asked() {
    let template = include_str!("../../../../infra/template.yaml");
    let policies: Vec<&str> = template
        .lines()
        .filter_map(|line| line.trim().strip_prefix("- \"default-src"))
        .collect();
    let [policy] = policies[..] else {
        panic!("{policies:?}")
    };
    let front = include_str!("../../../../infra/bubuh/src/stack/portal.rs");
    let parts = policy.trim_end_matches('"').split(';').map(str::trim);
    for part in parts.filter(|part| !part.starts_with("connect-src")) {
        assert!(front.contains(part), "{part}");
    }
    assert_eq!(
        scripts(&format!("default-src{policy}")),
        Some("'self' 'wasm-unsafe-eval'")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn no_page_runs_a_script_that_stands_in_it() {
    let run = Run::start().await;
    let ani = run.client("ani");
    let held = Held::by(&run, &ani).await;
    let path = run.submit(&ani, "stamped", &letter()).await;
    let serial = run.stamped(&ani, &path).await.text("serial").to_owned();
    let own: Vec<String> = operations(&described().unwrap())
        .into_iter()
        .filter(bubuh_e2e::api::Operation::is_page)
        .map(|o| match o.route.path.contains("{serial}") {
            true => o.route.path.replace("{serial}", &serial),
            false => held.path(&o.route.path),
        })
        .collect();
    assert!(own.len() >= 3, "{own:?}");
    let portals = pages();
    assert!(portals.len() >= 2, "{portals:?}");
    for address in portals.iter().chain(&own) {
        let asked = Client::new().get(format!("{}{address}", run.stack.api));
        let token = run.stack.token("ani").unwrap();
        let answer = asked.bearer_auth(token).send().await.unwrap();
        assert_eq!(answer.status(), 200, "{address}");
        let said = |name| answer.headers()[name].to_str().unwrap().to_owned();
        assert!(
            said(header::CONTENT_TYPE).starts_with("text/html"),
            "{address}"
        );
        assert_eq!(said(header::X_CONTENT_TYPE_OPTIONS), "nosniff", "{address}");
        let policy = said(header::CONTENT_SECURITY_POLICY);
        let expected = portals
            .contains(address)
            .then_some("'self' 'wasm-unsafe-eval'");
        assert_eq!(scripts(&policy), expected, "{address}");
        for closed in [
            "base-uri 'none'",
            "form-action 'none'",
            "frame-ancestors 'none'",
        ] {
            assert!(policy.contains(closed), "{address}: {policy}");
        }
    }
    run.end().await;
}
