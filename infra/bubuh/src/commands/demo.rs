//! `bubuh demo`: the whole way of one document on this machine, from an empty stack to clean books.

use crate::{
    Error, books,
    client::Client,
    progress::Progress,
    sample,
    stack::{Options, Stack},
};
use bubuh_core::audit::Report as Books;
use bubuh_pdf::Report as Verdict;
use bubuh_store::Aws;
use serde_json::{Value, json};
use std::{
    path::{Path, PathBuf},
    process::ExitCode,
    time::{Duration, Instant},
};

/// Arguments of `bubuh demo`.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// The PDF to stamp; a sample letter if not given
    file: Option<PathBuf>,
    /// Where `stamped.pdf` goes
    #[arg(long, value_name = "DIR", default_value = ".")]
    out: PathBuf,
    /// Print the result as JSON
    #[arg(long)]
    json: bool,
}

/// Exit code when the document was refused and the stamp given back.
const REFUSED: u8 = 3;
/// Longer than any lease and redelivery, so that a killed function is waited for.
const PATIENCE: Duration = Duration::from_secs(180);

struct Outcome {
    document: Value,
    order: String,
    stamped_in: Duration,
    stamped: Option<(PathBuf, Verdict)>,
    available: u64,
    books: Books,
}

impl Outcome {
    fn held(&self) -> bool {
        let verified = self
            .stamped
            .as_ref()
            .is_none_or(|(_, v)| v.valid && v.stamps.len() == 1);
        // Two bought: a stamped document has used one, a refused one none.
        let left = if self.stamped.is_some() { 1 } else { 2 };
        verified && self.available == left && self.books.breaches.is_empty()
    }
}

/// Runs the demo. The stack is stopped however it ends.
///
/// # Errors
/// Whatever kept it from its end, in a sentence.
pub async fn run(args: Args) -> Result<ExitCode, Error> {
    let (name, bytes) = match &args.file {
        Some(path) => {
            let bytes = std::fs::read(path).map_err(Error::file("read", path))?;
            (file_name(path), bytes)
        }
        None => ("surat-pernyataan.pdf".to_owned(), sample::letter()),
    };
    std::fs::create_dir_all(&args.out).map_err(Error::file("make", &args.out))?;
    let progress = Progress::stderr();
    let begun = Instant::now();
    let options = Options {
        progress: progress.clone(),
        ..Options::default()
    };
    let stack = tokio::select! {
        stack = Stack::start(options) => stack.inspect_err(|_| progress.finish())?,
        _ = tokio::signal::ctrl_c() => return Ok(ExitCode::FAILURE),
    };
    let ready_in = begun.elapsed();
    let walked = tokio::select! {
        walked = walk(&stack, &progress, &args.out, &name, &bytes) => Some(walked),
        _ = tokio::signal::ctrl_c() => None,
    };
    progress.step("stopping");
    stack.shutdown().await?;
    progress.finish();
    let Some(outcome) = walked.transpose()? else {
        return Ok(ExitCode::FAILURE);
    };
    tell(&args, &outcome, ready_in);
    Ok(match (outcome.held(), &outcome.stamped) {
        (true, Some(_)) => ExitCode::SUCCESS,
        (true, None) => ExitCode::from(REFUSED),
        (false, _) => ExitCode::FAILURE,
    })
}

async fn walk(
    stack: &Stack,
    progress: &Progress,
    out: &Path,
    name: &str,
    bytes: &[u8],
) -> Result<Outcome, Error> {
    let client = Client::new(&stack.api, stack.token("demo-citizen")?);
    progress.step("buying 2 e-Meterai by QRIS");
    let order = client.order("demo-order", 2, "qris").await?;
    let id = order.text("id").to_owned();
    stack.pay(&id)?;
    client
        .wait(&format!("/v1/orders/{id}"), &["credited"], PATIENCE)
        .await?;

    progress.step("uploading the document");
    let begun = Instant::now();
    let document = client.announce("demo-document", name, bytes).await?;
    client.upload(&document, bytes).await?;
    progress.step("waiting for the stamp");
    let path = format!("/v1/documents/{}", document.text("id"));
    let done = client
        .wait(&path, &["stamped", "rejected", "stalled"], PATIENCE)
        .await?;
    let stamped_in = begun.elapsed();

    let stamped = match done.text("state") {
        "stamped" => {
            progress.step("downloading and verifying");
            let file = client.download(&done).await?;
            let verdict = bubuh_pdf::verify(&file, &stack.roots().await?);
            let target = out.join("stamped.pdf");
            std::fs::write(&target, &file).map_err(Error::file("write", &target))?;
            Some((target, verdict))
        }
        "rejected" => None,
        _ => {
            return Err(Error::Waited {
                what: path,
                last: done.text("state").to_owned(),
            });
        }
    };
    progress.step("auditing the books");
    let account = client.account().await?;
    let books = books::audit(&Aws::new(stack.aws_config()), &stack.place(), 0).await?;
    Ok(Outcome {
        available: account
            .body
            .get("available")
            .and_then(Value::as_u64)
            .unwrap_or_default(),
        document: done.body,
        order: id,
        stamped_in,
        stamped,
        books,
    })
}

fn file_name(path: &Path) -> String {
    path.file_name().map_or_else(
        || "document.pdf".to_owned(),
        |n| n.to_string_lossy().into_owned(),
    )
}

fn tell(args: &Args, outcome: &Outcome, ready_in: Duration) {
    if args.json {
        let verdict = outcome.stamped.as_ref().map(|(_, verdict)| verdict);
        let path = outcome
            .stamped
            .as_ref()
            .map(|(path, _)| path.display().to_string());
        let result = json!({
            "held": outcome.held(), "order": outcome.order, "document": outcome.document,
            "stamped": path, "available": outcome.available, "verify": verdict,
            "audit": outcome.books, "ready_ms": millis(ready_in),
            "upload_to_stamped_ms": millis(outcome.stamped_in),
        });
        println!("{result}");
        return;
    }
    let field = |name: &str| {
        outcome
            .document
            .get(name)
            .and_then(Value::as_str)
            .unwrap_or_default()
    };
    match &outcome.stamped {
        Some((path, verdict)) => {
            println!("stamped: {} (serial {})", path.display(), field("serial"));
            println!("verified: {}", verdict.summary_en);
        }
        None => {
            let reason = outcome.document.get("reason").unwrap_or(&Value::Null);
            let text = |name: &str| reason.get(name).and_then(Value::as_str).unwrap_or_default();
            println!("refused: {}", text("message_en"));
            println!("ditolak: {}", text("message_id"));
            println!(
                "the stamp was given back: {} of 2 available",
                outcome.available
            );
        }
    }
    println!(
        "upload to end: {:.2} s, stack ready in {:.1} s",
        outcome.stamped_in.as_secs_f64(),
        ready_in.as_secs_f64()
    );
    println!("{}", books::text(&outcome.books));
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
