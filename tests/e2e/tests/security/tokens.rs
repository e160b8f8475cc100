//! Tokens that must not be believed.

use super::{Held, method, secured};
use aws_lc_rs::{
    encoding::{AsDer, PublicKeyX509Der},
    hmac,
    rand::SystemRandom,
    rsa::{KeyPair, KeySize},
    signature::{KeyPair as _, RSA_PKCS1_SHA256},
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use bubuh::{client::Client, stack::Options};
use bubuh_core::id::Sha256;
use bubuh_e2e::Run;
use serde_json::{Value, json};
use std::time::{SystemTime, UNIX_EPOCH};

fn encode(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// The stack's own key, and what a good token says.
struct Mint {
    key: KeyPair,
    head: Value,
    claims: Value,
}

impl Mint {
    fn of(pkcs8: &[u8], issuer: &str) -> Self {
        let key = KeyPair::from_pkcs8(pkcs8).unwrap();
        let kid = Sha256::of(key.public_key().as_ref()).as_str()[..16].to_owned();
        let now = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap()
            .as_secs();
        Self {
            head: json!({ "alg": "RS256", "typ": "JWT", "kid": kid }),
            claims: json!({ "iss": issuer, "aud": "bubuh", "sub": "ani", "iat": now - 60, "exp": now + 3_600 }),
            key,
        }
    }

    fn message(&self, head: (&str, Value), claim: (&str, Value)) -> String {
        let (mut heads, mut claims) = (self.head.clone(), self.claims.clone());
        heads[head.0] = head.1;
        claims[claim.0] = claim.1;
        format!(
            "{}.{}",
            encode(heads.to_string()),
            encode(claims.to_string())
        )
    }

    /// A token as the issuer makes them, but for one claim.
    fn with(&self, claim: &str, value: Value) -> String {
        let message = self.message(("typ", json!("JWT")), (claim, value));
        signed(&self.key, &message)
    }
}

fn signed(key: &KeyPair, message: &str) -> String {
    let mut signature = vec![0; key.public_modulus_len()];
    let random = SystemRandom::new();
    key.sign(
        &RSA_PKCS1_SHA256,
        &random,
        message.as_bytes(),
        &mut signature,
    )
    .unwrap();
    format!("{message}.{}", encode(signature))
}

fn bad(mint: &Mint) -> Vec<(&'static str, String)> {
    let now = mint.claims["iat"].as_u64().unwrap() + 60;
    let typ = || ("typ", json!("JWT"));
    let sub = || ("sub", json!("ani"));
    let strangers = KeyPair::generate(KeySize::Rsa2048).unwrap();
    let good = mint.with("sub", json!("ani"));
    let (message, signature) = good.rsplit_once('.').unwrap();
    let another = mint.message(typ(), ("sub", json!("budi")));
    // The public key as the secret: what a verifier that believes `alg` would accept.
    let public: PublicKeyX509Der<'_> = mint.key.public_key().as_der().unwrap();
    let secret = hmac::Key::new(hmac::HMAC_SHA256, public.as_ref());
    let symmetric = mint.message(("alg", json!("HS256")), sub());
    let tag = hmac::sign(&secret, symmetric.as_bytes());
    let none = mint.message(("alg", json!("none")), sub());
    let unknown = mint.message(("kid", json!("unknown")), sub());
    vec![
        ("no token", "not.a.token".to_owned()),
        ("expired", mint.with("exp", json!(now - 1))),
        ("not valid yet", mint.with("nbf", json!(now + 3_600))),
        ("for another audience", mint.with("aud", json!("another"))),
        ("for nobody", mint.with("aud", Value::Null)),
        (
            "of another issuer",
            mint.with("iss", json!("https://issuer.invalid")),
        ),
        ("another's key", signed(&strangers, message)),
        ("an unknown key", signed(&strangers, &unknown)),
        ("another's claims", format!("{another}.{signature}")),
        ("no signature", format!("{message}.")),
        ("alg none", format!("{none}.")),
        ("alg none with a signature", format!("{none}.{signature}")),
        (
            "the public key as a secret",
            format!("{symmetric}.{}", encode(tag)),
        ),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn on_no_route_is_a_token_believed_that_is_expired_forged_or_for_somebody_else() {
    let state = tempfile::tempdir().unwrap();
    let run = Run::start_with(Options {
        state: Some(state.path().to_owned()),
        ..Options::default()
    })
    .await;
    let held = Held::by(&run, &run.client("ani")).await;
    let pkcs8 = std::fs::read(state.path().join("issuer.pk8")).unwrap();
    let mint = Mint::of(&pkcs8, &run.stack.issuer);
    for (what, token) in bad(&mint) {
        let forger = Client::new(&run.stack.api, token);
        for operation in secured() {
            let path = held.path(&operation.route.path);
            let answer = forger.send(method(&operation), &path, Some("key"), operation.example());
            let status = answer.await.unwrap().status;
            assert_eq!(status, 401, "{what}: {:?}", operation.route);
        }
    }
    // The same hand makes a token that is believed.
    let ani = Client::new(&run.stack.api, mint.with("sub", json!("ani")));
    assert_eq!(
        ani.account().await.unwrap().body["refunding"]
            .as_u64()
            .unwrap()
            + ani.account().await.unwrap().body["refunded"]
                .as_u64()
                .unwrap(),
        1
    );
    run.books_are_clean().await;
    run.end().await;
}
