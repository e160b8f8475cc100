//! Adapters of Bubuh: DynamoDB, SQS and S3.
