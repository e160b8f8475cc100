//! Calling a function by a plain request: one call does not need Lambda's SDK.

use super::REGION;
use crate::Error;

/// Calls a function and waits for its answer.
///
/// # Errors
/// [`Error::Aws`] when the endpoint does not answer, or the function failed.
pub(crate) async fn invoke(
    endpoint: &str,
    function: &str,
    event: &serde_json::Value,
) -> Result<(), Error> {
    let failed = |detail: String| Error::Aws {
        call: "Invoke",
        detail: format!("{function}: {detail}"),
    };
    // Emulators route by the credential's scope and check no signature.
    let scope = format!(
        "AWS4-HMAC-SHA256 Credential=test/20200101/{REGION}/lambda/aws4_request, \
         SignedHeaders=host, Signature=0"
    );
    let response = reqwest::Client::new()
        .post(format!(
            "{endpoint}/2015-03-31/functions/{function}/invocations"
        ))
        .header("authorization", scope)
        .json(event)
        .send()
        .await
        .map_err(|e| failed(e.to_string()))?;
    let status = response.status();
    let fell_over = response.headers().contains_key("x-amz-function-error");
    let text = response.text().await.map_err(|e| failed(e.to_string()))?;
    if status.is_success() && !fell_over {
        Ok(())
    } else {
        Err(failed(format!("{status}: {text}")))
    }
}
