//! Calling a function by a plain request: one call does not need Lambda's SDK.

use super::aws::unsigned;
use crate::Error;

/// Calls a function and gives its answer.
///
/// # Errors
/// [`Error::Aws`] when the endpoint does not answer, or the function failed.
pub(crate) async fn invoke(
    endpoint: &str,
    function: &str,
    event: &serde_json::Value,
) -> Result<serde_json::Value, Error> {
    let text = call(endpoint, function, event, "RequestResponse").await?;
    serde_json::from_str(&text).map_err(|e| failed(function, &e.to_string()))
}

/// Has a function called without waiting for its answer.
///
/// # Errors
/// [`Error::Aws`] when the endpoint does not take the call.
pub(crate) async fn start(
    endpoint: &str,
    function: &str,
    event: &serde_json::Value,
) -> Result<(), Error> {
    call(endpoint, function, event, "Event").await.map(drop)
}

async fn call(
    endpoint: &str,
    function: &str,
    event: &serde_json::Value,
    kind: &str,
) -> Result<String, Error> {
    let response = reqwest::Client::new()
        .post(format!(
            "{endpoint}/2015-03-31/functions/{function}/invocations"
        ))
        .header("authorization", unsigned("lambda"))
        .header("x-amz-invocation-type", kind)
        .json(event)
        .send()
        .await
        .map_err(|e| failed(function, &e.to_string()))?;
    let status = response.status();
    let fell_over = response.headers().contains_key("x-amz-function-error");
    let text = response.text().await;
    let text = text.map_err(|e| failed(function, &e.to_string()))?;
    if status.is_success() && !fell_over {
        Ok(text)
    } else {
        Err(failed(function, &format!("{status}: {text}")))
    }
}

fn failed(function: &str, detail: &str) -> Error {
    Error::Aws {
        call: "Invoke",
        detail: format!("{function}: {detail}"),
    }
}
