//! The AWS clients of a world.

use super::Retries;
use crate::cloud::Cloud;
use aws_config::{
    BehaviorVersion, Region, SdkConfig, retry::RetryConfig,
    stalled_stream_protection::StalledStreamProtectionConfig,
};
use aws_sdk_dynamodb::{
    Client,
    config::{
        Builder, Credentials, SharedCredentialsProvider,
        auth::{Params, ResolveAuthScheme},
    },
};
use aws_smithy_runtime_api::client::{
    auth::AuthSchemeOptionsFuture, runtime_components::RuntimeComponents,
};
use aws_smithy_types::config_bag::ConfigBag;

pub(super) fn config(cloud: &Cloud, retries: Retries) -> SdkConfig {
    let credentials = Credentials::new("test", "test", None, None, "test");
    SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("ap-southeast-3"))
        .endpoint_url("http://aws.test")
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .http_client(cloud.clone())
        // It would tick, and give up, while a request waits for its turn.
        .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
        .retry_config(match retries {
            Retries::None => RetryConfig::disabled(),
            Retries::Standard => RetryConfig::standard(),
        })
        .build()
}

/// A client of the table that signs nothing: the table in the process would not look, and signatures are an eighth of a world's time.
pub(super) fn of_table(config: &SdkConfig) -> Client {
    let config = Builder::from(config).auth_scheme_resolver(NoScheme);
    Client::from_conf(config.allow_no_auth().build())
}

#[derive(Debug)]
struct NoScheme;

impl ResolveAuthScheme for NoScheme {
    fn resolve_auth_scheme<'a>(
        &'a self,
        _: &'a Params,
        _: &'a ConfigBag,
        _: &'a RuntimeComponents,
    ) -> AuthSchemeOptionsFuture<'a> {
        AuthSchemeOptionsFuture::ready(Ok(Vec::new()))
    }
}
