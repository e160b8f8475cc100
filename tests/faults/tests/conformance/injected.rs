//! Faults that no emulator makes of itself: the fake's answers are read by the real clients as AWS's.

use aws_sdk_dynamodb::{
    error::{ProvideErrorMetadata, SdkError},
    operation::transact_write_items::TransactWriteItemsError,
    types::{AttributeValue, Delete, TransactWriteItem},
};
use bubuh_faults::{
    cloud::{Fault, Plan, STAMPED, STAMPS_URL, TABLE},
    world::{MACHINE, Retries, World},
};
use bubuh_gateway::{Error, Gateway};

fn failing(fault: Fault) -> World {
    let world = World::new(1, Retries::None);
    world.cloud.set_plan(Plan::when(move |_| Some(fault)));
    world
}

fn code<E: ProvideErrorMetadata, R>(error: &SdkError<E, R>) -> &str {
    error.code().unwrap_or("no code")
}

fn part(pk: &str) -> TransactWriteItem {
    let delete = Delete::builder().table_name(TABLE);
    let delete = delete.key("pk", AttributeValue::S(pk.to_owned()));
    let delete = delete.key("sk", AttributeValue::S("ROW".to_owned()));
    TransactWriteItem::builder()
        .delete(delete.build().unwrap())
        .build()
}

/// How each service's client reads a fault: table, buckets, queues, machines.
async fn read(fault: Fault) -> [String; 4] {
    let config = failing(fault).aws_config();
    let table = aws_sdk_dynamodb::Client::new(&config);
    let put = table.put_item().table_name(TABLE).send().await.unwrap_err();
    let path_style = aws_sdk_s3::config::Builder::from(&config).force_path_style(true);
    let buckets = aws_sdk_s3::Client::from_conf(path_style.build());
    let head = buckets
        .get_object()
        .bucket(STAMPED)
        .key("a")
        .send()
        .await
        .unwrap_err();
    let queues = aws_sdk_sqs::Client::new(&config);
    let send = queues
        .send_message()
        .queue_url(STAMPS_URL)
        .message_body("a");
    let send = send.send().await.unwrap_err();
    let machines = aws_sdk_sfn::Client::new(&config);
    let start = machines
        .start_execution()
        .state_machine_arn(MACHINE)
        .name("a");
    let start = start.send().await.unwrap_err();
    [code(&put), code(&head), code(&send), code(&start)].map(ToOwned::to_owned)
}

#[tokio::test]
async fn a_failure_is_read_as_the_services_own() {
    let internal = [
        "InternalServerError",
        "InternalError",
        "InternalFailure",
        "InternalFailure",
    ];
    assert_eq!(read(Fault::Fail).await, internal);
}

#[tokio::test]
async fn a_throttle_is_read_as_the_services_own() {
    let throttled = [
        "ThrottlingException",
        "SlowDown",
        "ThrottlingException",
        "ThrottlingException",
    ];
    assert_eq!(read(Fault::Throttle).await, throttled);
}

#[tokio::test]
async fn a_lost_reply_is_read_as_a_broken_connection() {
    let table = aws_sdk_dynamodb::Client::new(&failing(Fault::LostReply).aws_config());
    let error = table.put_item().table_name(TABLE).send().await.unwrap_err();
    assert!(
        matches!(error, SdkError::DispatchFailure(ref e) if e.is_io()),
        "{error:?}"
    );
}

#[tokio::test]
async fn a_conflict_of_conditional_puts_is_read_as_409() {
    let config = failing(Fault::Conflict).aws_config();
    let path_style = aws_sdk_s3::config::Builder::from(&config).force_path_style(true);
    let buckets = aws_sdk_s3::Client::from_conf(path_style.build());
    let put = buckets
        .put_object()
        .bucket(STAMPED)
        .key("a")
        .if_none_match("*");
    let error = put.send().await.unwrap_err();
    assert_eq!(code(&error), "ConditionalRequestConflict");
    assert_eq!(error.raw_response().unwrap().status().as_u16(), 409);
}

#[tokio::test]
async fn a_conflict_of_transactions_is_read_with_a_reason_for_each_row() {
    let table = aws_sdk_dynamodb::Client::new(&failing(Fault::Conflict).aws_config());
    let parts = ["a", "b"].map(part).into();
    let write = table.transact_write_items().set_transact_items(Some(parts));
    let TransactWriteItemsError::TransactionCanceledException(cancelled) =
        write.send().await.unwrap_err().into_service_error()
    else {
        panic!("not cancelled");
    };
    let codes: Vec<_> = cancelled
        .cancellation_reasons()
        .iter()
        .map(|r| r.code())
        .collect();
    assert_eq!(codes, [Some("TransactionConflict"), Some("None")]);
    let alone = table.put_item().table_name(TABLE).send().await.unwrap_err();
    assert_eq!(code(&alone), "TransactionConflictException");
    assert!(
        alone
            .into_service_error()
            .is_transaction_conflict_exception()
    );
}

#[tokio::test]
async fn a_gateway_that_fails_or_throttles_may_do_it_later() {
    let told = async |fault| failing(fault).gateway().status("o").await.unwrap_err();
    let failed = told(Fault::Fail).await;
    assert!(
        matches!(failed, Error::Unavailable { code: 503, .. }),
        "{failed:?}"
    );
    assert!(failed.retryable());
    let throttled = told(Fault::Throttle).await;
    assert_eq!(throttled, Error::RateLimited);
    assert!(throttled.retryable());
    let lost = told(Fault::LostReply).await;
    assert!(matches!(lost, Error::LostReply(_)), "{lost:?}");
}
