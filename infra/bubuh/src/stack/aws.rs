//! What deployment needs of S3 and Secrets Manager, at the emulator's endpoint.

use aws_config::SdkConfig;
use aws_sdk_s3::config::{Credentials, Region, SharedCredentialsProvider};
use aws_sdk_s3::error::{DisplayErrorContext, SdkError};
use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::{BucketLocationConstraint, CreateBucketConfiguration};

use super::REGION;
use crate::Error;

/// Where packages and the template are put for CloudFormation to read.
pub(crate) const ARTEFACTS: &str = "bubuh-artefacts";

/// A configuration for `endpoint` with the emulator's credentials.
pub(crate) fn config(endpoint: &str) -> SdkConfig {
    SdkConfig::builder()
        .behavior_version(aws_config::BehaviorVersion::latest())
        .region(Region::from_static(REGION))
        .endpoint_url(endpoint)
        .credentials_provider(SharedCredentialsProvider::new(Credentials::new(
            "test", "test", None, None, "emulator",
        )))
        .build()
}

/// The `authorization` of a plain request: emulators route by the credential's scope and check no
/// signature.
pub(crate) fn unsigned(service: &str) -> String {
    format!(
        "AWS4-HMAC-SHA256 Credential=test/20200101/{REGION}/{service}/aws4_request, \
         SignedHeaders=host, Signature=0"
    )
}

fn failed<E: std::error::Error>(call: &'static str) -> impl FnOnce(E) -> Error {
    move |e| Error::Aws {
        call,
        detail: DisplayErrorContext(&e).to_string(),
    }
}

/// Puts artefacts where CloudFormation finds them.
#[derive(Debug)]
pub(crate) struct Artefacts {
    s3: aws_sdk_s3::Client,
}

impl Artefacts {
    /// Opens the artefact bucket, made if it is not there.
    pub(crate) async fn open(config: &SdkConfig) -> Result<Self, Error> {
        let s3 = aws_sdk_s3::Client::from_conf(
            aws_sdk_s3::config::Builder::from(config)
                .force_path_style(true)
                .build(),
        );
        let place = CreateBucketConfiguration::builder()
            .location_constraint(BucketLocationConstraint::from(REGION))
            .build();
        match s3
            .create_bucket()
            .bucket(ARTEFACTS)
            .create_bucket_configuration(place)
            .send()
            .await
        {
            Ok(_) => {}
            Err(SdkError::ServiceError(e)) if e.err().is_bucket_already_owned_by_you() => {}
            Err(e) => return Err(failed("CreateBucket")(e)),
        }
        Ok(Self { s3 })
    }

    /// Writes one object.
    pub(crate) async fn put(&self, key: &str, bytes: Vec<u8>) -> Result<(), Error> {
        let put = self
            .s3
            .put_object()
            .bucket(ARTEFACTS)
            .key(key)
            .body(ByteStream::from(bytes));
        put.send().await.map(|_| ()).map_err(failed("PutObject"))
    }
}

/// Creates or rewrites the secret `name` and answers its ARN.
pub(crate) async fn put_secret(
    config: &SdkConfig,
    name: &str,
    value: &serde_json::Value,
) -> Result<String, Error> {
    let secrets = aws_sdk_secretsmanager::Client::new(config);
    let text = value.to_string();
    let arn = match secrets
        .create_secret()
        .name(name)
        .secret_string(&text)
        .send()
        .await
    {
        Ok(made) => made.arn,
        Err(SdkError::ServiceError(e)) if e.err().is_resource_exists_exception() => {
            let put = secrets
                .put_secret_value()
                .secret_id(name)
                .secret_string(&text)
                .send()
                .await;
            put.map_err(failed("PutSecretValue"))?.arn
        }
        Err(e) => return Err(failed("CreateSecret")(e)),
    };
    arn.ok_or(Error::Aws {
        call: "CreateSecret",
        detail: "no ARN in the answer".to_owned(),
    })
}
