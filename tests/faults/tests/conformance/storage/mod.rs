//! The buckets: S3 as the store's adapter and an owner's browser use it.

mod adapter;
mod chunks;
mod events;
mod links;
mod versions;
mod write_once;

use crate::{queues::drained, sides::Side};
use aws_sdk_s3::{
    Client,
    operation::put_object::builders::PutObjectFluentBuilder,
    types::{
        BucketLocationConstraint, BucketVersioningStatus, CreateBucketConfiguration, Event,
        FilterRule, FilterRuleName, NotificationConfiguration, NotificationConfigurationFilter,
        QueueConfiguration, S3KeyFilter, VersioningConfiguration,
    },
};
use base64::{Engine, engine::general_purpose::STANDARD};
use bubuh_core::id::Sha256;

pub(crate) const NAMES: &[&[&str]] = &[
    adapter::NAMES,
    chunks::NAMES,
    events::NAMES,
    links::NAMES,
    versions::NAMES,
    write_once::NAMES,
];

/// The two buckets of `infra/template.yaml`, empty, and the queue that hears of uploads.
struct Given {
    client: Client,
    uploads: String,
    stamped: String,
    queue: crate::queues::Given,
}

async fn given(side: &Side) -> Given {
    let config = aws_sdk_s3::config::Builder::from(&side.config)
        .force_path_style(true)
        .request_checksum_calculation(aws_sdk_s3::config::RequestChecksumCalculation::WhenRequired)
        .response_checksum_validation(aws_sdk_s3::config::ResponseChecksumValidation::WhenRequired)
        .build();
    let client = Client::from_conf(config);
    let queue = crate::queues::given(side, "uploads").await;
    if side.fake.is_some() {
        let (uploads, stamped) = (bubuh_faults::cloud::UPLOADS, bubuh_faults::cloud::STAMPED);
        let (uploads, stamped) = (uploads.to_owned(), stamped.to_owned());
        return Given {
            client,
            uploads,
            stamped,
            queue,
        };
    }
    let given = Given {
        client,
        uploads: format!("{}-uploads", side.name),
        stamped: format!("{}-stamped", side.name),
        queue,
    };
    given.create(&given.uploads).await;
    given.create(&given.stamped).await;
    given.announce_uploads().await;
    given
}

impl Given {
    async fn create(&self, bucket: &str) {
        let place = BucketLocationConstraint::from("ap-southeast-3");
        let place = CreateBucketConfiguration::builder()
            .location_constraint(place)
            .build();
        let create = self.client.create_bucket().bucket(bucket);
        create
            .create_bucket_configuration(place)
            .send()
            .await
            .unwrap();
        let status = BucketVersioningStatus::Enabled;
        let versioned = VersioningConfiguration::builder().status(status).build();
        let versioning = self.client.put_bucket_versioning().bucket(bucket);
        versioning
            .versioning_configuration(versioned)
            .send()
            .await
            .unwrap();
    }

    async fn announce_uploads(&self) {
        let rule = FilterRule::builder()
            .name(FilterRuleName::Prefix)
            .value("uploads/");
        let key = S3KeyFilter::builder().filter_rules(rule.build()).build();
        let filter = NotificationConfigurationFilter::builder().key(key).build();
        let queue = QueueConfiguration::builder()
            .queue_arn(&self.queue.arn)
            .events(Event::from("s3:ObjectCreated:*"))
            .filter(filter)
            .build()
            .unwrap();
        let notify = NotificationConfiguration::builder().queue_configurations(queue);
        let put = self
            .client
            .put_bucket_notification_configuration()
            .bucket(&self.uploads);
        put.notification_configuration(notify.build())
            .send()
            .await
            .unwrap();
        // AWS greets the queue with a message that has no records.
        drained(&self.queue).await;
    }

    fn put(&self, bucket: &str, key: &str, bytes: &[u8]) -> PutObjectFluentBuilder {
        let put = self.client.put_object().bucket(bucket).key(key);
        put.body(bytes.to_vec().into())
    }

    /// The store's put of an output.
    fn put_once(&self, key: &str, bytes: &[u8]) -> PutObjectFluentBuilder {
        let put = self.put(&self.stamped, key, bytes);
        put.checksum_sha256(digest(bytes)).if_none_match("*")
    }

    async fn read(&self, bucket: &str, key: &str) -> Vec<u8> {
        let get = self.client.get_object().bucket(bucket).key(key);
        get.send()
            .await
            .unwrap()
            .body
            .collect()
            .await
            .unwrap()
            .to_vec()
    }

    async fn exists(&self, bucket: &str, key: &str) -> bool {
        let head = self.client.head_object().bucket(bucket).key(key);
        head.send().await.is_ok()
    }
}

fn digest(bytes: &[u8]) -> String {
    STANDARD.encode(Sha256::of(bytes).bytes().unwrap())
}
