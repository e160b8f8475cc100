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
    let failed = |detail: String| Error::Aws {
        call: "Invoke",
        detail: format!("{function}: {detail}"),
    };
    let response = reqwest::Client::new()
        .post(format!(
            "{endpoint}/2015-03-31/functions/{function}/invocations"
        ))
        .header("authorization", unsigned("lambda"))
        .json(event)
        .send()
        .await
        .map_err(|e| failed(e.to_string()))?;
    let status = response.status();
    let fell_over = response.headers().contains_key("x-amz-function-error");
    let text = response.text().await.map_err(|e| failed(e.to_string()))?;
    if status.is_success() && !fell_over {
        serde_json::from_str(&text).map_err(|e| failed(e.to_string()))
    } else {
        Err(failed(format!("{status}: {text}")))
    }
}
