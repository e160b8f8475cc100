//! CloudFormation by plain form calls: four actions do not need its SDK.

use std::collections::BTreeMap;
use std::time::Duration;

use tokio::time::{Instant, sleep};

use super::aws::unsigned;
use crate::Error;

const DEPLOY_TIMEOUT: Duration = Duration::from_secs(180);

/// A CloudFormation endpoint.
#[derive(Debug)]
pub(crate) struct CloudFormation {
    http: reqwest::Client,
    endpoint: String,
}

/// An answer of the service that is not success.
#[derive(Debug)]
struct Refusal {
    code: String,
    message: String,
}

impl CloudFormation {
    pub(crate) fn new(endpoint: &str) -> Self {
        Self {
            http: reqwest::Client::new(),
            endpoint: endpoint.to_owned(),
        }
    }

    /// Creates the stack, or updates it if it is there, and answers its outputs once it is done.
    pub(crate) async fn deploy(
        &self,
        stack: &str,
        template_url: &str,
        parameters: &BTreeMap<String, String>,
    ) -> Result<BTreeMap<String, String>, Error> {
        let form = deploy_form(stack, template_url, parameters);
        match self.call("CreateStack", &form).await? {
            Ok(_) => {}
            Err(refusal) if refusal.code.starts_with("AlreadyExists") => {
                match self.call("UpdateStack", &form).await? {
                    Ok(_) => {}
                    Err(refusal) if refusal.message.starts_with("No updates") => {}
                    Err(refusal) => {
                        return Err(Error::Deploy {
                            reason: refusal.message,
                        });
                    }
                }
            }
            Err(refusal) => {
                return Err(Error::Deploy {
                    reason: refusal.message,
                });
            }
        }
        self.wait(stack).await
    }

    async fn wait(&self, stack: &str) -> Result<BTreeMap<String, String>, Error> {
        let deadline = Instant::now() + DEPLOY_TIMEOUT;
        loop {
            let form = vec![("StackName".to_owned(), stack.to_owned())];
            let answer = match self.call("DescribeStacks", &form).await? {
                Ok(xml) => xml,
                Err(refusal) => {
                    return Err(Error::Deploy {
                        reason: refusal.message,
                    });
                }
            };
            let (status, outputs) = describe(&answer)?;
            match status.as_str() {
                "CREATE_COMPLETE" | "UPDATE_COMPLETE" => return Ok(outputs),
                s if s.ends_with("_IN_PROGRESS") && Instant::now() < deadline => {}
                s => {
                    return Err(Error::Deploy {
                        reason: format!("{s}: {}", self.reasons(stack).await),
                    });
                }
            }
            sleep(Duration::from_millis(100)).await;
        }
    }

    /// Why resources failed, as far as the service tells.
    async fn reasons(&self, stack: &str) -> String {
        let form = vec![("StackName".to_owned(), stack.to_owned())];
        let Ok(Ok(xml)) = self.call("DescribeStackEvents", &form).await else {
            return "no reason given".to_owned();
        };
        let Ok(document) = roxmltree::Document::parse(&xml) else {
            return "no reason given".to_owned();
        };
        let failed: Vec<String> = document
            .descendants()
            .filter(|event| child(*event, "ResourceStatus").is_some_and(|s| s.ends_with("FAILED")))
            .filter_map(|event| {
                let reason = child(event, "ResourceStatusReason")?;
                Some(format!("{}: {reason}", child(event, "LogicalResourceId")?))
            })
            .collect();
        failed.join("; ")
    }

    async fn call(
        &self,
        action: &'static str,
        form: &[(String, String)],
    ) -> Result<Result<String, Refusal>, Error> {
        let aws = |e: reqwest::Error| Error::Aws {
            call: action,
            detail: e.to_string(),
        };
        let mut all = vec![("Action", action), ("Version", "2010-05-15")];
        all.extend(form.iter().map(|(k, v)| (k.as_str(), v.as_str())));
        let request = self
            .http
            .post(&self.endpoint)
            .header("authorization", unsigned("cloudformation"))
            .form(&all);
        let response = request.send().await.map_err(aws)?;
        let ok = response.status().is_success();
        let text = response.text().await.map_err(aws)?;
        Ok(if ok { Ok(text) } else { Err(refusal(&text)) })
    }
}

fn deploy_form(
    stack: &str,
    template_url: &str,
    parameters: &BTreeMap<String, String>,
) -> Vec<(String, String)> {
    let mut form = vec![
        ("StackName".to_owned(), stack.to_owned()),
        ("TemplateURL".to_owned(), template_url.to_owned()),
        (
            "Capabilities.member.1".to_owned(),
            "CAPABILITY_IAM".to_owned(),
        ),
        (
            "Capabilities.member.2".to_owned(),
            "CAPABILITY_AUTO_EXPAND".to_owned(),
        ),
    ];
    for (n, (key, value)) in parameters.iter().enumerate() {
        let n = n + 1;
        form.push((format!("Parameters.member.{n}.ParameterKey"), key.clone()));
        form.push((
            format!("Parameters.member.{n}.ParameterValue"),
            value.clone(),
        ));
    }
    form
}

fn refusal(xml: &str) -> Refusal {
    let found = roxmltree::Document::parse(xml).ok().and_then(|document| {
        let error = document
            .descendants()
            .find(|n| n.tag_name().name() == "Error")?;
        Some(Refusal {
            code: child(error, "Code")?,
            message: child(error, "Message")?,
        })
    });
    found.unwrap_or_else(|| Refusal {
        code: String::new(),
        message: xml.chars().take(300).collect(),
    })
}

/// The status and outputs in a `DescribeStacks` answer about one stack.
fn describe(xml: &str) -> Result<(String, BTreeMap<String, String>), Error> {
    let bad = |detail: String| Error::Aws {
        call: "DescribeStacks",
        detail,
    };
    let document = roxmltree::Document::parse(xml).map_err(|e| bad(e.to_string()))?;
    let status = document
        .descendants()
        .find(|n| n.tag_name().name() == "StackStatus")
        .and_then(|n| n.text())
        .ok_or_else(|| bad("no status in the answer".to_owned()))?;
    let outputs = document
        .descendants()
        .filter_map(|n| Some((child(n, "OutputKey")?, child(n, "OutputValue")?)))
        .collect();
    Ok((status.to_owned(), outputs))
}

fn child(node: roxmltree::Node<'_, '_>, name: &str) -> Option<String> {
    node.children()
        .find(|c| c.tag_name().name() == name)?
        .text()
        .map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_gives_status_and_outputs_whatever_its_namespace() {
        let xml = r#"<DescribeStacksResponse xmlns="http://x/"><Stacks><member>
            <StackStatus>CREATE_COMPLETE</StackStatus><Outputs>
            <member><OutputKey>A</OutputKey><OutputValue>1</OutputValue></member>
            <member><OutputKey>B</OutputKey><OutputValue>2&amp;3</OutputValue></member>
            </Outputs></member></Stacks></DescribeStacksResponse>"#;
        let (status, outputs) = describe(xml).unwrap();
        assert_eq!(status, "CREATE_COMPLETE");
        assert_eq!(
            outputs,
            [("A", "1"), ("B", "2&3")]
                .map(|(k, v)| (k.into(), v.into()))
                .into()
        );
    }

    #[test]
    fn a_refusal_keeps_the_reason_even_when_it_is_not_xml() {
        let xml =
            "<ErrorResponse><Error><Code>C</Code><Message>M</Message></Error></ErrorResponse>";
        assert_eq!(refusal(xml).message, "M");
        assert_eq!(refusal("gateway down").message, "gateway down");
    }
}
