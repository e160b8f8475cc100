//! The template, deployed as this run needs it.

use super::{
    GATEWAY_SECRET, ISSUER_SECRET, SETTLEMENT_DAYS, SIGNING_SECRET, STACK, aws, build::Package,
    cloudformation, home::Home, issuer, template,
};
use crate::Error;
use aws_config::SdkConfig;
use bubuh_sandbox::Sandbox;
use serde_json::json;
use std::{collections::BTreeMap, path::Path};

/// What the template must know of this run.
pub(super) struct Local<'a> {
    pub(super) api: &'a str,
    pub(super) issuer: &'a str,
    pub(super) sandbox: &'a str,
    pub(super) server_key: &'a str,
    pub(super) gateway: &'a str,
    /// The sandbox, when its stamps are used, and the password there.
    pub(super) stamps: Option<(&'a Sandbox, &'a str)>,
    /// The folder shared with the issuer's adapter, when it is beside us.
    pub(super) adapter_folder: Option<&'a Path>,
    /// The sandbox, when it time-stamps.
    pub(super) tsa: Option<&'a Sandbox>,
}

pub(super) async fn deploy(
    home: &Home,
    endpoint: &str,
    packages: &[Package],
    local: &Local<'_>,
    extra: BTreeMap<String, String>,
) -> Result<BTreeMap<String, String>, Error> {
    let read = |name: &str| {
        let path = home.root.join(name);
        std::fs::read_to_string(&path).map_err(Error::file("read", &path))
    };
    let config = aws::config(endpoint);
    let artefacts = aws::Artefacts::open(&config).await?;
    for package in packages {
        artefacts.put(&package.key, package.zip.clone()).await?;
    }
    artefacts
        .put(
            template::WORKFLOW_KEY,
            read("workflow/refund.asl.json")?.into_bytes(),
        )
        .await?;
    let packaged = template::package(&read("infra/template.yaml")?, packages)?;
    artefacts
        .put("template.yaml", packaged.into_bytes())
        .await?;
    let url = format!("{endpoint}/{}/template.yaml", aws::ARTEFACTS);
    let mut parameters = parameters(home, &config, local).await?;
    parameters.extend(extra);
    cloudformation::CloudFormation::new(endpoint)
        .deploy(STACK, &url, &parameters)
        .await
}

async fn parameters(
    home: &Home,
    config: &SdkConfig,
    local: &Local<'_>,
) -> Result<BTreeMap<String, String>, Error> {
    let callback_token = format!("{}-callback", local.server_key);
    let gateway = json!({"server_key": local.server_key, "callback_token": callback_token});
    let identity = home.identity()?;
    let signing = json!({
        "key_pem": identity.key_pem,
        "chain_pem": identity.chain_pem,
        "root_pem": roots(&identity.root_pem, local.stamps.map(|(sandbox, _)| sandbox)),
        "tsa_roots_pem": local.tsa.map(|sandbox| sandbox.tsa().root_pem()),
    });
    let tsa_url = local.tsa.map(Sandbox::tsa_url);
    let (stamps, stamps_secret) = match local.stamps {
        None => ("embedded", String::new()),
        Some((_, password)) => {
            let account = json!({"user": super::DISTRIBUTOR, "password": password});
            let secret = aws::put_secret(config, ISSUER_SECRET, &account).await?;
            ("peruri", secret)
        }
    };
    let hosts = local.stamps.map_or("", |_| local.sandbox);
    let return_url = match local.stamps {
        None => String::new(),
        Some(_) => format!("{}/v1/issuer/batches", local.api),
    };
    let folder = local.adapter_folder.map(|folder| folder.to_string_lossy());
    let pairs = [
        ("TsaUrl", tsa_url.unwrap_or_default()),
        ("Issuer", stamps.to_owned()),
        ("IssuerSecretArn", stamps_secret),
        ("IssuerHosts", hosts.to_owned()),
        ("IssuerReturnUrl", return_url),
        (
            "IssuerSharedFolder",
            folder.unwrap_or_default().into_owned(),
        ),
        ("JwtIssuer", local.issuer.to_owned()),
        ("JwtAudience", issuer::AUDIENCE.to_owned()),
        ("Gateway", local.gateway.to_owned()),
        ("GatewayBaseUrl", local.sandbox.to_owned()),
        (
            "GatewaySecretArn",
            aws::put_secret(config, GATEWAY_SECRET, &gateway).await?,
        ),
        (
            "SigningSecretArn",
            aws::put_secret(config, SIGNING_SECRET, &signing).await?,
        ),
        ("VerifyBaseUrl", local.api.to_owned()),
        ("PortalOrigin", local.api.to_owned()),
        (
            "Architecture",
            if cfg!(target_arch = "aarch64") {
                "arm64"
            } else {
                "x86_64"
            }
            .to_owned(),
        ),
        // Receivers are tried on this machine.
        ("WebhookReach", "loopback".to_owned()),
        // Longer than any test takes.
        ("SettlementDays", SETTLEMENT_DAYS.to_string()),
        // A laptop, not a region; and a crash should not cost minutes of waiting.
        ("UploadsConcurrency", "4".to_owned()),
        ("StampsConcurrency", "8".to_owned()),
        ("BulkConcurrency", "2".to_owned()),
        ("UploadsVisibilitySeconds", "30".to_owned()),
        ("StampsVisibilitySeconds", "60".to_owned()),
        // One person plays many here, at few workers.
        ("AccountShare", "1000".to_owned()),
    ];
    Ok(pairs.map(|(k, v)| (k.to_owned(), v)).into())
}

/// The roots that this run's stamps lead to: the embedded issuer's, and the sandbox's where that one is used.
pub(super) fn roots(embedded: &str, sandbox: Option<&Sandbox>) -> String {
    let theirs = sandbox.and_then(Sandbox::issuer_root_pem);
    [embedded, theirs.unwrap_or_default()].concat()
}
