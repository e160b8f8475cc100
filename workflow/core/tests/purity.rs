//! The house's arrows and the core's purity, read from the manifests, the dependency tree and the
//! sources. Each check is shown a violation first.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs
)]

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
    process::Command,
};

fn root() -> PathBuf {
    let core = Path::new(env!("CARGO_MANIFEST_DIR"));
    core.parent().and_then(Path::parent).unwrap().to_owned()
}

fn cargo(arguments: &[&str]) -> String {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let run = Command::new(cargo)
        .args(arguments)
        .current_dir(root())
        .output()
        .unwrap();
    assert!(
        run.status.success(),
        "{}",
        String::from_utf8_lossy(&run.stderr)
    );
    String::from_utf8(run.stdout).unwrap()
}

fn sources(folder: &Path) -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(sources(&path));
        } else if path.extension().is_some_and(|e| e == "rs") {
            let text = std::fs::read_to_string(&path).unwrap();
            found.push((path, text));
        }
    }
    found
}

// What the core is built from.

/// Crates that bring I/O, a clock, a runtime or randomness, by the start of their names.
const IMPURE_CRATES: [&str; 21] = [
    "aws",
    "tokio",
    "hyper",
    "reqwest",
    "lambda",
    "rand",
    "getrandom",
    "jiff",
    "chrono",
    "time",
    "mio",
    "socket2",
    "async",
    "futures",
    "rustix",
    "tracing",
    "log",
    "tower",
    "http",
    "fastrand",
    "web-time",
];
const DIRECT: [&str; 8] = [
    "base64",
    "hex",
    "hmac",
    "schemars",
    "serde",
    "sha2",
    "thiserror",
    "uuid",
];

/// What is wrong in lines of `name version [features]`.
fn impure(tree: &str) -> Vec<String> {
    let mut wrong = Vec::new();
    for line in tree.lines() {
        let name = line.split(' ').next().unwrap_or_default();
        let of = |start: &&str| {
            let rest = name.strip_prefix(*start);
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['-', '_']))
        };
        if IMPURE_CRATES.iter().any(of) {
            wrong.push(name.to_owned());
        }
        if name == "uuid" {
            let features = line.split(['[', ']']).nth(1).unwrap_or_default().split(',');
            // v5 hashes a name; the other versions need a clock or randomness, v3 is MD5.
            let harmless = ["", "default", "serde", "sha1", "std", "v5"];
            wrong.extend(
                features
                    .filter(|f| !harmless.contains(f))
                    .map(|f| format!("uuid/{f}")),
            );
        }
    }
    wrong
}

#[test]
fn an_impure_crate_in_the_tree_is_seen() {
    for name in [
        "tokio",
        "aws-config",
        "aws_lambda_events",
        "lambda_runtime",
        "rand_core",
        "time",
    ] {
        assert_eq!(impure(&format!("{name} v1.0.0 []")), [name]);
    }
    assert_eq!(impure("uuid v1.0.0 [std,v4,v5,v7]"), ["uuid/v4", "uuid/v7"]);
    assert!(impure("uuid v1.0.0 [serde,sha1,std,v5]\nrandom-looking v1 []").is_empty());
}

#[test]
fn the_core_is_built_without_io_clock_runtime_or_randomness() {
    let tree = cargo(&[
        "tree",
        "-p",
        "bubuh-core",
        "-e",
        "normal",
        "--offline",
        "--prefix",
        "none",
        "-f",
        "{p} [{f}]",
    ]);
    let simple: String = tree
        .lines()
        .map(|l| l.replace(" (proc-macro)", "") + "\n")
        .collect();
    assert!(simple.contains("serde "), "the tree was read: {simple}");
    assert_eq!(impure(&simple), Vec::<String>::new());
}

#[test]
fn the_core_depends_on_what_it_always_did() {
    let core = packages()
        .into_iter()
        .find(|p| p.name == "bubuh-core")
        .unwrap();
    let needs: BTreeSet<&str> = core
        .needs
        .iter()
        .filter(|n| n.kind != "dev")
        .map(|n| n.name.as_str())
        .collect();
    assert_eq!(needs, BTreeSet::from(DIRECT));
}

// What the core's sources say.

const IMPURE_WORDS: [&str; 12] = [
    "SystemTime",
    "Instant",
    "std::fs",
    "std::net",
    "std::thread",
    "std::env",
    "std::process",
    "std::io",
    "HashMap",
    "HashSet",
    "async fn",
    ".await",
];
const IMPURE_MODULES: [&str; 7] = ["fs", "net", "thread", "env", "process", "io", "time"];

/// Impure names in a source, also when they are imported as a group.
fn impure_words(source: &str) -> Vec<String> {
    let mut wrong: Vec<String> = IMPURE_WORDS
        .iter()
        .filter(|w| source.contains(**w))
        .map(|w| (*w).to_owned())
        .collect();
    for group in source.split("std::{").skip(1) {
        let group = group.split(';').next().unwrap_or_default();
        let words = group.split(|c: char| !c.is_alphanumeric() && c != '_');
        wrong.extend(
            words
                .filter(|w| IMPURE_MODULES.contains(w))
                .map(str::to_owned),
        );
    }
    wrong
}

#[test]
fn an_impure_word_is_seen_alone_and_in_a_group() {
    assert_eq!(
        impure_words("let now = std::time::SystemTime::now();"),
        ["SystemTime"]
    );
    assert_eq!(impure_words("use std::{\n    env,\n    fmt,\n};"), ["env"]);
    assert_eq!(
        impure_words("use std::{fmt, collections::HashMap};"),
        ["HashMap"]
    );
    assert!(impure_words("use std::{fmt, str::FromStr}; // no clock").is_empty());
}

#[test]
fn no_source_of_the_core_reaches_outside() {
    let sources = sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"));
    assert!(sources.len() > 15);
    for (path, text) in sources {
        assert_eq!(
            impure_words(&text),
            Vec::<String>::new(),
            "{}",
            path.display()
        );
    }
}

// Who may know whom.

struct Package {
    name: String,
    /// The folder, from the root: `functions/stamp`.
    room: String,
    needs: Vec<Need>,
}

struct Need {
    name: String,
    kind: String,
}

fn packages() -> Vec<Package> {
    let text = cargo(&[
        "metadata",
        "--no-deps",
        "--offline",
        "--format-version",
        "1",
    ]);
    let all: serde_json::Value = serde_json::from_str(&text).unwrap();
    let package = |p: &serde_json::Value| {
        let manifest = Path::new(p["manifest_path"].as_str().unwrap());
        let room = manifest.parent().unwrap().strip_prefix(root()).unwrap();
        let need = |d: &serde_json::Value| Need {
            name: d["name"].as_str().unwrap().to_owned(),
            kind: d["kind"].as_str().unwrap_or("normal").to_owned(),
        };
        Package {
            name: p["name"].as_str().unwrap().to_owned(),
            room: room.to_str().unwrap().to_owned(),
            needs: p["dependencies"]
                .as_array()
                .unwrap()
                .iter()
                .map(need)
                .collect(),
        }
    };
    all["packages"]
        .as_array()
        .unwrap()
        .iter()
        .map(package)
        .collect()
}

/// What functions share; every other crate under `functions/` is a handler that nobody points at.
const SHARED: [&str; 3] = ["functions/edge", "functions/issuer", "functions/stamp/pdf"];

/// The arrows that must not be, as `from → to`.
fn wrong_arrows(packages: &[Package]) -> Vec<String> {
    let room_of = |name: &str| {
        packages
            .iter()
            .find(|p| p.name == name)
            .map(|p| p.room.as_str())
    };
    let mut wrong = Vec::new();
    for from in packages {
        for need in &from.needs {
            let aws = need.name.starts_with("aws-sdk-") || need.name == "aws-config";
            let to = room_of(&need.name).unwrap_or(&need.name);
            if forbidden(&from.room, to, aws, &need.kind) {
                wrong.push(format!("{} → {to}", from.room));
            }
        }
    }
    wrong
}

fn forbidden(from: &str, to: &str, aws: bool, kind: &str) -> bool {
    let within = |room: &str, part: &str| room.starts_with(&format!("{part}/"));
    let handler = |room: &str| within(room, "functions") && !SHARED.contains(&room);
    let knows_aws = from == "workflow/store" || ["infra", "tests"].iter().any(|p| within(from, p));
    let workspace = ["workflow", "functions", "infra", "tests"]
        .iter()
        .any(|p| within(to, p));
    let production = kind != "dev" && !within(from, "tests");
    match from {
        // Nothing that stands below the AWS adapter may see it.
        _ if aws => !knows_aws && !handler(from),
        "workflow/core" | "functions/stamp/pdf" => workspace,
        "workflow/store" | "workflow/gateway" => workspace && to != "workflow/core",
        _ if within(from, "workflow") => workspace && !within(to, "workflow"),
        _ if within(from, "functions") => handler(to) || within(to, "infra") || within(to, "tests"),
        _ => production && (handler(to) || within(to, "tests")),
    }
}

fn package(room: &str, needs: &[(&str, &str)]) -> Package {
    let need = |(name, kind): &(&str, &str)| Need {
        name: (*name).to_owned(),
        kind: (*kind).to_owned(),
    };
    Package {
        name: room.replace('/', "-"),
        room: room.to_owned(),
        needs: needs.iter().map(need).collect(),
    }
}

#[test]
fn a_wrong_arrow_is_seen() {
    for (from, to, kind) in [
        ("workflow/core", "workflow/store", "normal"),
        ("workflow/core", "workflow/store", "dev"),
        ("workflow/store", "workflow/steps", "normal"),
        ("workflow/steps", "functions/edge", "normal"),
        ("workflow/gateway", "infra/sandbox", "normal"),
        ("functions/stamp/pdf", "workflow/core", "normal"),
        ("functions/stamp", "functions/purchase", "normal"),
        ("functions/stamp", "functions/purchase", "dev"),
        ("functions/edge", "infra/bubuh", "normal"),
        ("infra/bubuh", "functions/stamp", "normal"),
    ] {
        let all = [
            package(from, &[(&to.replace('/', "-"), kind)]),
            package(to, &[]),
        ];
        assert_eq!(wrong_arrows(&all), [format!("{from} → {to}")], "{kind}");
    }
    for from in [
        "workflow/core",
        "workflow/gateway",
        "workflow/steps",
        "functions/edge",
    ] {
        let all = [package(from, &[("aws-sdk-s3", "normal")])];
        assert_eq!(wrong_arrows(&all), [format!("{from} → aws-sdk-s3")]);
    }
}

#[test]
fn a_right_arrow_is_let_through() {
    let to = |room: &str| room.replace('/', "-");
    let all = [
        package("workflow/core", &[("serde", "normal")]),
        package(
            "workflow/store",
            &[(&to("workflow/core"), "normal"), ("aws-sdk-s3", "normal")],
        ),
        package("functions/stamp/pdf", &[]),
        package(
            "functions/issuer",
            &[(&to("functions/stamp/pdf"), "normal")],
        ),
        package("functions/stamp", &[(&to("functions/issuer"), "normal")]),
        package(
            "tests/e2e",
            &[(&to("functions/stamp"), "normal"), ("aws-sdk-s3", "normal")],
        ),
        package("infra/bubuh", &[(&to("functions/stamp/pdf"), "normal")]),
    ];
    assert_eq!(wrong_arrows(&all), Vec::<String>::new());
}

#[test]
fn every_arrow_of_the_house_points_the_right_way() {
    let packages = packages();
    assert!(packages.len() > 10);
    assert_eq!(wrong_arrows(&packages), Vec::<String>::new());
}

#[test]
fn only_the_store_and_the_wiring_of_a_function_speak_aws() {
    let names = |text: &str| text.contains("aws_sdk_") || text.contains("aws_config");
    let mut speakers = 0;
    for package in packages() {
        for (path, text) in sources(&root().join(&package.room)) {
            let file = path
                .strip_prefix(root())
                .unwrap()
                .to_str()
                .unwrap()
                .to_owned();
            if !names(&text) || file.ends_with("core/tests/purity.rs") {
                continue;
            }
            speakers += 1;
            let free = ["workflow/store/", "infra/", "tests/"];
            let wiring = file.starts_with("functions/") && file.ends_with("/src/main.rs");
            assert!(
                free.iter().any(|f| file.starts_with(f)) || wiring,
                "{file} speaks AWS"
            );
        }
    }
    assert!(
        speakers > 3,
        "the store speaks AWS, so the search finds something"
    );
}
