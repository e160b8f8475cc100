//! The adapters against the services' own semantics.

mod conditions;
mod conflicts;
mod files;
mod listings;
mod needed;
mod queues;
mod reads;
mod rules;
mod tickets;
mod whole;

use aws_sdk_dynamodb::config::{Credentials, SharedCredentialsProvider};
use bubuh_faults::world::{Retries, World};
use bubuh_store::Aws;
use std::{
    io::{Read, Write},
    net::TcpListener,
    thread,
};

fn world() -> World {
    World::new(1, Retries::None)
}

/// Answers each connection with one of these, and hangs up.
fn answering(replies: Vec<&'static str>) -> Aws {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        for reply in replies {
            let (mut caller, _) = listener.accept().unwrap();
            assert!(caller.read(&mut [0; 4096]).unwrap() > 0, "a request");
            caller.write_all(reply.as_bytes()).unwrap();
        }
    });
    let config = aws_config::SdkConfig::builder()
        .behavior_version(aws_config::BehaviorVersion::latest())
        .region(aws_config::Region::from_static("ap-southeast-3"))
        .endpoint_url(format!("http://{address}"))
        .credentials_provider(SharedCredentialsProvider::new(Credentials::new(
            "test", "test", None, None, "test",
        )))
        .build();
    Aws::new(config)
}
