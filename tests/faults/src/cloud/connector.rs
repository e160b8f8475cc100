//! The AWS clients' network: requests go straight to the services.

use super::{
    Cloud, Fault, Service, Verdict,
    reply::{broken, json_error, xml_error},
    variant::Instead,
};
use aws_smithy_runtime_api::client::{
    http::{
        HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
    },
    orchestrator::{HttpRequest, HttpResponse},
    result::ConnectorError,
    runtime_components::RuntimeComponents,
};
use std::fmt;

impl fmt::Debug for Cloud {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Cloud")
    }
}

impl HttpClient for Cloud {
    fn http_connector(
        &self,
        _: &HttpConnectorSettings,
        _: &RuntimeComponents,
    ) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

impl HttpConnector for Cloud {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let cloud = self.clone();
        HttpConnectorFuture::new(async move { cloud.answer(request).await })
    }
}

impl Cloud {
    async fn answer(&self, request: HttpRequest) -> Result<HttpResponse, ConnectorError> {
        let (service, operation) = addressed(&request);
        let body = request.body().bytes().expect("a body in memory").to_vec();
        let path = path_and_query(request.uri());
        match self.enter(service, &operation, &path, &body).await {
            Verdict::Apply => {
                let answer = self.apply(service, &operation, &path, &request, &body);
                self.store_deferred(&operation, &body, &answer);
                Ok(answer)
            }
            Verdict::Fail(fault) => Ok(refusal(service, &operation, &body, fault)),
            Verdict::LoseReply => {
                self.apply(service, &operation, &path, &request, &body);
                Err(broken())
            }
            Verdict::Crash { applied } => {
                if applied {
                    self.apply(service, &operation, &path, &request, &body);
                }
                self.die().await
            }
        }
    }

    fn apply(
        &self,
        service: Service,
        operation: &str,
        path: &str,
        request: &HttpRequest,
        body: &[u8],
    ) -> HttpResponse {
        let now_ms = self.now_ms();
        let mut state = self.lock();
        let broken = state.variant.as_mut();
        let instead = broken.map(|b| b.before(service, operation, path, body));
        let (body, conditioned) = match instead {
            None => (body.to_vec(), true),
            Some(Instead::Apply(changed)) => (changed, true),
            Some(Instead::Unconditioned) => (body.to_vec(), false),
            Some(Instead::Answer(answer)) => return *answer,
        };
        let body = match &state.reworded {
            Some(reworded) if service == Service::Dynamo => reworded.apply(&body),
            _ => body,
        };
        let body = &body;
        match service {
            Service::Dynamo => state.dynamo.handle(operation, body),
            Service::Queues => state.queues.handle(now_ms, operation, body),
            Service::Machines => state.machines.handle(now_ms, operation, body),
            Service::Storage => {
                let header = |name: &str| {
                    let kept = conditioned || name != "if-none-match";
                    let value = request.headers().get(name).filter(|_| kept);
                    value.map(ToOwned::to_owned)
                };
                let (reply, created) = state.storage.handle(operation, path, &header, body);
                if let Some(event) = created {
                    state.queues.announce(now_ms, &event);
                }
                reply
            }
            Service::Gateway | Service::Issuer | Service::Webhooks => unreachable_gateway(),
        }
    }
}

impl Cloud {
    /// In a broken world: what was put off is stored now.
    fn store_deferred(&self, operation: &str, body: &[u8], answer: &HttpResponse) {
        let mut state = self.lock();
        let broken = state.variant.as_mut();
        if let Some(put) = broken.and_then(|b| b.after(operation, body, answer)) {
            state.storage.handle("PUT", &put.path, &|_| None, &put.body);
        }
    }
}

fn unreachable_gateway() -> HttpResponse {
    panic!("no AWS client speaks to the gateway or the issuer")
}

/// Which service a request is for: the JSON services say so in a header.
fn addressed(request: &HttpRequest) -> (Service, String) {
    let Some(target) = request.headers().get("x-amz-target") else {
        return (Service::Storage, request.method().to_owned());
    };
    let (service, operation) = target.split_once('.').expect("service.operation");
    let service = match service {
        "DynamoDB_20120810" => Service::Dynamo,
        "AmazonSQS" => Service::Queues,
        "AWSStepFunctions" => Service::Machines,
        other => panic!("the cloud has no service {other}"),
    };
    (service, operation.to_owned())
}

fn path_and_query(uri: &str) -> String {
    let uri: http::Uri = uri.parse().expect("a URI");
    uri.path_and_query()
        .map_or_else(String::new, ToString::to_string)
}

/// How each service says that it did not do it.
fn refusal(service: Service, operation: &str, body: &[u8], fault: Fault) -> HttpResponse {
    match (service, fault) {
        (Service::Storage, Fault::Conflict) => xml_error(409, "ConditionalRequestConflict"),
        (Service::Storage, Fault::Throttle) => xml_error(503, "SlowDown"),
        (Service::Storage, _) => xml_error(500, "InternalError"),
        (Service::Dynamo, Fault::Conflict) => super::dynamo::conflict(operation, body),
        (Service::Dynamo, Fault::Throttle) => json_error(
            400,
            "com.amazon.coral.availability#ThrottlingException",
            "slow down",
        ),
        (Service::Dynamo, _) => json_error(
            500,
            "com.amazonaws.dynamodb.v20120810#InternalServerError",
            "a fault",
        ),
        (_, Fault::Throttle) => json_error(400, "ThrottlingException", "slow down"),
        _ => json_error(500, "InternalFailure", "a fault"),
    }
}
