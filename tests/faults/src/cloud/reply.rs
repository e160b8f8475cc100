//! Replies as the services write them.

use aws_smithy_runtime_api::client::{orchestrator::HttpResponse, result::ConnectorError};
use aws_smithy_runtime_api::http::StatusCode;
use aws_smithy_types::body::SdkBody;

/// A reply of the JSON protocols.
pub(super) fn json(status: u16, body: impl Into<String>) -> HttpResponse {
    reply(
        status,
        "application/x-amz-json-1.0",
        body.into().into_bytes(),
    )
}

/// An error of the JSON protocols.
pub(super) fn json_error(status: u16, kind: &str, message: &str) -> HttpResponse {
    json(
        status,
        serde_json::json!({ "__type": kind, "message": message }).to_string(),
    )
}

/// An error of S3.
pub(super) fn xml_error(status: u16, code: &str) -> HttpResponse {
    let body = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>{code}</Code>\
         <Message>{code}</Message><RequestId>1</RequestId></Error>"
    );
    reply(status, "application/xml", body.into_bytes())
}

/// A reply with a body.
pub(super) fn reply(status: u16, content_type: &'static str, body: Vec<u8>) -> HttpResponse {
    let length = body.len();
    let mut response = HttpResponse::new(
        StatusCode::try_from(status).expect("a status"),
        SdkBody::from(body),
    );
    response.headers_mut().insert("content-type", content_type);
    response
        .headers_mut()
        .insert("content-length", length.to_string());
    response
}

/// The connection broke before the reply.
pub(super) fn broken() -> ConnectorError {
    ConnectorError::io("the connection broke".into())
}
