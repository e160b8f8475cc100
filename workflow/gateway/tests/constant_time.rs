//! What proves a notification is compared in one place, and that place is constant in time: nobody may
//! put an operator there that stops at the first difference.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs
)]

/// The code without comments and tests.
fn code(source: &str) -> String {
    let code = source.split("#[cfg(test)]").next().unwrap_or_default();
    let lines = code.lines().filter(|line| !line.trim().starts_with("//"));
    lines.collect::<Vec<_>>().join("\n")
}

const MAC: &str = include_str!("../src/notification/mac.rs");
const PROVERS: [(&str, &str, usize); 2] = [
    ("midtrans", include_str!("../src/notification.rs"), 1),
    ("xendit", include_str!("../src/notification/xendit.rs"), 1),
];

/// What is wrong with a comparison of secrets.
fn flaws(mac: &str) -> Vec<&'static str> {
    let mac = code(mac);
    let mut wrong = Vec::new();
    if mac.matches("self.0.ct_eq(&other.0)").count() != 1 {
        wrong.push("it does not compare the digests in constant time");
    }
    let stops_early = [
        "==",
        "!=",
        ".eq(",
        ".ne(",
        ".cmp(",
        "starts_with",
        ".iter()",
        ".zip(",
        ".all(",
        "PartialEq",
        "derive",
        "for ",
        "while ",
    ];
    if stops_early.iter().any(|word| mac.contains(word)) {
        wrong.push("it compares in a way that can stop early");
    }
    wrong
}

#[test]
fn the_comparison_is_constant_in_time_by_construction() {
    assert_eq!(flaws(MAC), [] as [&str; 0]);
}

#[test]
fn a_comparison_that_stops_early_is_noticed() {
    for (from, to) in [
        ("self.0.ct_eq(&other.0).into()", "self.0 == other.0"),
        ("self.0.ct_eq(&other.0).into()", "self.0.eq(&other.0)"),
        (
            "self.0.ct_eq(&other.0).into()",
            "self.0.iter().zip(&other.0).all(|(a, b)| a ^ b < 1)",
        ),
        (
            "pub(super) struct Mac",
            "#[derive(PartialEq)]\npub(super) struct Mac",
        ),
    ] {
        let changed = MAC.replace(from, to);
        assert_ne!(changed, MAC, "{from}");
        assert_ne!(flaws(&changed), [] as [&str; 0], "{to}");
    }
}

#[test]
fn signatures_and_tokens_are_compared_nowhere_else() {
    for (gateway, source, times) in PROVERS {
        // How long a signature is, is no secret.
        let code = code(source).replace(".len() ==", "");
        assert_eq!(code.matches(".is(&Mac::of(").count(), times, "{gateway}");
        for secret in ["claimed", "expected", "token", "expose_secret", "signature"] {
            let compared = code.lines().filter(|line| {
                let operator = ["==", "!=", ".eq(", ".ne(", "ct_eq", "contains("];
                line.contains(secret) && operator.iter().any(|o| line.contains(o))
            });
            let compared: Vec<_> = compared.collect();
            assert_eq!(compared, [] as [&str; 0], "{gateway}: {secret}");
        }
    }
}
