//! Many files, stamped in one go by the command itself, which is killed in the middle.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs
)]

use bubuh::{
    books,
    client::Client,
    desk::{Seen, Told},
    progress::Progress,
    sample::letter_of,
    stack::{Options, Stack},
    submit::{Row, State},
};
use bubuh_core::id::DocumentId;
use bubuh_steps::overview::{Glance, Timeline};
use bubuh_store::{Ambient, Aws};
use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};
use tokio::process::{Child, Command};

const ACCOUNT: &str = "kantor";
const PATIENCE: Duration = Duration::from_secs(600);
/// Files without a stamp at first.
const POOR: usize = 2;

/// As many files as `BUBUH_SUBMIT` says.
fn size() -> usize {
    let asked = std::env::var("BUBUH_SUBMIT").ok();
    asked.map_or(24, |n| n.parse().expect("BUBUH_SUBMIT is a number"))
}

struct Office {
    stack: Stack,
    dir: tempfile::TempDir,
}

impl Office {
    async fn open(files: usize) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let office = Self {
            stack: Stack::start(Options {
                progress: Progress::Lines,
                ..Options::default()
            })
            .await
            .unwrap(),
            dir,
        };
        for n in 0..files {
            let bytes = letter_of(&format!("Nomor {n}"));
            let name = format!("{}/surat-{n}.pdf", if n % 2 == 0 { "a" } else { "b" });
            office.write(&name, &bytes);
            if n == 0 {
                office.write("kembar.pdf", &bytes);
            }
        }
        office.write("catatan.pdf", b"not a PDF at all");
        office
    }

    fn write(&self, name: &str, bytes: &[u8]) {
        let path = self.inbox().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    }

    fn inbox(&self) -> PathBuf {
        self.dir.path().join("in")
    }

    fn out(&self) -> PathBuf {
        self.dir.path().join("out")
    }

    async fn buy(&self, key: &str, quantity: usize) {
        let client = Client::new(&self.stack.api, self.stack.token(ACCOUNT).unwrap());
        let quantity = u32::try_from(quantity).unwrap();
        let order = client.order(key, quantity, "qris").await.unwrap();
        let id = order.text("id");
        self.stack.pay(id).unwrap();
        let path = format!("/v1/orders/{id}");
        client.wait(&path, &["credited"], PATIENCE).await.unwrap();
    }

    fn submit(&self, further: &[&str]) -> Child {
        Command::new(env!("CARGO_BIN_EXE_bubuh"))
            .arg("submit")
            .arg(self.inbox())
            .arg("--out")
            .arg(self.out())
            .args(["--api", &self.stack.api])
            .args(further)
            .env("BUBUH_TOKEN", self.stack.token(ACCOUNT).unwrap())
            .stdout(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .unwrap()
    }

    async fn submitted(&self, further: &[&str]) -> Option<i32> {
        let ended = tokio::time::timeout(PATIENCE, async {
            self.submit(further).wait().await.unwrap().code()
        });
        ended.await.expect("the command comes to its end")
    }

    fn rows(&self) -> BTreeMap<String, Row> {
        let mut reader = csv::Reader::from_path(self.out().join("result.csv")).unwrap();
        let rows = reader.deserialize().map(|row| row.unwrap());
        rows.map(|row: Row| (row.file.clone(), row)).collect()
    }

    /// Stamped documents, after every invariant was checked, and documents in all.
    async fn books(&self) -> (usize, usize) {
        let aws = Aws::new(self.stack.aws_config());
        let report = books::audit(&aws, &self.stack.place(), 0).await.unwrap();
        assert_eq!(report.breaches, [], "{}", books::text(&report));
        (report.counts.stamped, report.counts.documents)
    }
}

fn pdfs_below(dir: &Path) -> usize {
    let Ok(entries) = std::fs::read_dir(dir) else {
        return 0;
    };
    let paths = entries.map(|entry| entry.unwrap().path());
    paths
        .map(|path| {
            let pdf = path.extension().is_some_and(|extension| extension == "pdf");
            if path.is_dir() {
                pdfs_below(&path)
            } else {
                usize::from(pdf)
            }
        })
        .sum()
}

#[tokio::test(flavor = "multi_thread")]
async fn each_file_is_stamped_once_or_explained_though_the_command_is_killed_and_run_again() {
    let files = size();
    let office = Office::open(files).await;
    office.buy("first", files - POOR).await;

    assert_eq!(office.submitted(&["--all-or-none"]).await, Some(3));
    assert_eq!(office.books().await, (0, 0), "nothing was sent");

    let mut killed = office.submit(&[]);
    let some_are_here = async {
        while pdfs_below(&office.out()) < files / 8 {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(PATIENCE, some_are_here).await.unwrap();
    killed.kill().await.unwrap();
    let here = pdfs_below(&office.out());
    assert!(
        here < files - POOR,
        "{here} were there before it was killed"
    );

    assert_eq!(office.submitted(&[]).await, Some(2), "two have no stamp");
    let rows = office.rows();
    let count = |rows: &BTreeMap<String, Row>, state| {
        rows.values().filter(|row| row.state == state).count()
    };
    let counts = [
        State::Stamped,
        State::AwaitingStamp,
        State::Duplicate,
        State::Refused,
    ];
    let counted = counts.map(|state| count(&rows, state));
    assert_eq!(counted, [files - POOR, POOR, 1, 1], "{rows:?}");

    office.buy("second", POOR).await;
    assert_eq!(office.submitted(&[]).await, Some(3), "one can't be stamped");
    let rows = office.rows();
    let counted = counts.map(|state| count(&rows, state));
    assert_eq!(counted, [files, 0, 1, 1], "{rows:?}");
    assert!(rows["catatan.pdf"].reason.contains("not a PDF"));
    assert!(rows["kembar.pdf"].reason.contains("stamped once"));

    let roots = office.stack.roots().await.unwrap();
    for (name, row) in rows.iter().filter(|(_, row)| row.state == State::Stamped) {
        let file = std::fs::read(office.out().join(name)).unwrap();
        let source = std::fs::read(office.inbox().join(name)).unwrap();
        assert!(file.starts_with(&source), "{name}");
        let verdict = bubuh_pdf::verify(&file, &roots);
        assert!(verdict.valid, "{name}: {verdict:?}");
        assert_eq!(verdict.stamps[0].serial, row.serial, "{name}");
    }
    assert_eq!(office.books().await, (files, files));

    // Whoever runs it once more, even without the results, spends nothing.
    std::fs::remove_dir_all(office.out()).unwrap();
    assert_eq!(office.submitted(&["--jobs", "3"]).await, Some(3));
    assert_eq!(pdfs_below(&office.out()), files);
    assert_eq!(office.books().await, (files, files));
    let row = rows.values().find(|row| row.state == State::Stamped);
    an_operator_sees_it_all(&office, row.unwrap()).await;
    office.stack.shutdown().await.unwrap();
}

/// The story of a file by its serial, of the order that paid for it, and the whole at a glance.
async fn an_operator_sees_it_all(office: &Office, row: &Row) {
    let (aws, place) = (Aws::new(office.stack.aws_config()), office.stack.place());
    let table = aws.table(&place.table);
    let story = Timeline::read(&table, &row.serial).await.unwrap();
    assert_eq!(story, Timeline::read(&table, &row.document).await.unwrap());
    let text = Told(&story).to_string();
    let told = [
        "announced",
        "first taken up by a worker",
        "booked stamped of ",
        "document stamped",
    ];
    let places = told.map(|what| text.find(what).unwrap_or_else(|| panic!("{what}: {text}")));
    assert!(places.is_sorted(), "{text}");
    assert!(
        !text.contains("surat"),
        "a file's name is its owner's: {text}"
    );

    let line = text.lines().find(|line| line.contains("stamp of order"));
    let order = line.unwrap().rsplit(' ').next().unwrap();
    let story = Timeline::read(&table, order).await.unwrap();
    let text = Told(&story).to_string();
    for what in [
        "order awaiting_payment",
        "order credited",
        "payment",
        "booked credited of",
        "0 available",
    ] {
        assert!(text.contains(what), "{what}: {text}");
    }
    let nothing = Timeline::read(&table, &uuid_of_nobody()).await;
    assert!(matches!(nothing, Err(bubuh_steps::Error::NotFound)));

    let queues = aws.queues(place.queues);
    let glance = Glance::take(&table, &queues, Ambient::system().now_ms()).await;
    let text = Seen(&glance.unwrap()).to_string();
    for what in [
        "lane single  0 waiting, 0 in hand",
        "overdue      nothing",
        "sales        open",
    ] {
        assert!(text.contains(what), "{what}: {text}");
    }
}

fn uuid_of_nobody() -> String {
    DocumentId::derive(&["nobody"]).to_string()
}

#[tokio::test]
async fn without_a_token_or_with_nothing_to_send_it_says_what_to_do() {
    let dir = tempfile::tempdir().unwrap();
    let run = |token: &'static str| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_bubuh"));
        let command = command
            .arg("submit")
            .arg(dir.path())
            .args(["--api", "http://127.0.0.1:9"])
            .current_dir(dir.path())
            .env("BUBUH_TOKEN", token);
        command.output()
    };
    for (token, says) in [("", "set BUBUH_TOKEN"), ("a token", "there is no PDF")] {
        let output = run(token).await.unwrap();
        let text = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(1));
        assert!(text.contains(says), "{text}");
    }
}
