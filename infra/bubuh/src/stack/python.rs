//! Private virtual environments: pinned, with hashes, shared by all runs.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use sha2::{Digest as _, Sha256};
use tokio::process::Command;

use super::home::Home;
use crate::Error;
use crate::progress::Progress;

const CANDIDATES: [&str; 7] = [
    "python3",
    "python3.13",
    "python3.12",
    "python3.11",
    "python3.10",
    "python3.14",
    "python",
];

/// A virtual environment.
pub(crate) struct Venv {
    /// What is in it, for the person who waits.
    what: &'static str,
    /// Its directory in the cache.
    dir: &'static str,
    /// What it holds.
    requirements: &'static str,
}

/// The local AWS emulator's.
pub(crate) const EMULATOR: Venv = Venv {
    what: "the local emulator",
    dir: "venv",
    requirements: "infra/emulator-requirements.txt",
};

/// The fault proxy's, which only tests need.
pub(crate) const FAULT_PROXY: Venv = Venv {
    what: "the fault proxy",
    dir: "venv-faults",
    requirements: "infra/faults-requirements.txt",
};

/// The interpreter of an environment that holds exactly its requirements; made on first use and
/// again when that file changes.
///
/// # Errors
/// No Python ≥ 3.10, no venv module, or the installer failed.
pub(crate) async fn ensure(
    wanted: &Venv,
    home: &Home,
    progress: &Progress,
) -> Result<PathBuf, Error> {
    let requirements = home.root.join(wanted.requirements);
    let pinned = std::fs::read(&requirements).map_err(Error::file("read", &requirements))?;
    let hash = hex::encode(Sha256::digest(&pinned));
    let venv = home.cache.join(wanted.dir);
    let interpreter = venv.join("bin/python");
    // Held until this returns: two stacks that start at once install once.
    let _lock = lock(&home.cache.join(format!("{}.lock", wanted.dir))).await?;
    if std::fs::read_to_string(venv.join("installed")).is_ok_and(|h| h == hash)
        && interpreter.exists()
    {
        return Ok(interpreter);
    }
    let python = find().await?;
    progress.step(&format!("installing {} (once)", wanted.what));
    create(&python, &venv).await?;
    install(&interpreter, &requirements, &home.cache).await?;
    let marker = venv.join("installed");
    std::fs::write(&marker, &hash).map_err(Error::file("write", &marker))?;
    Ok(interpreter)
}

async fn lock(path: &Path) -> Result<File, Error> {
    let file = File::create(path).map_err(Error::file("write", path))?;
    let joined = tokio::task::spawn_blocking(move || file.lock().map(|()| file)).await;
    joined
        .map_err(std::io::Error::other)
        .and_then(|locked| locked)
        .map_err(Error::file("lock", path))
}

async fn find() -> Result<String, Error> {
    let mut tried = Vec::new();
    for name in CANDIDATES {
        let script = "import sys; print('%d.%d' % sys.version_info[:2]); sys.exit(sys.version_info < (3, 10))";
        match Command::new(name)
            .args(["-c", script])
            .stdin(Stdio::null())
            .kill_on_drop(true)
            .output()
            .await
        {
            Ok(out) if out.status.success() => return Ok(name.to_owned()),
            Ok(out) => tried.push(format!(
                "{name} is {}",
                String::from_utf8_lossy(&out.stdout).trim()
            )),
            Err(_) => {}
        }
    }
    let tried = if tried.is_empty() {
        "no python3 in PATH".to_owned()
    } else {
        tried.join(", ")
    };
    Err(Error::NoPython { tried })
}

async fn create(python: &str, venv: &Path) -> Result<(), Error> {
    let out = Command::new(python)
        .args(["-m", "venv", "--clear"])
        .arg(venv)
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output()
        .await
        .map_err(Error::file("make a virtual environment in", venv))?;
    if out.status.success() {
        return Ok(());
    }
    Err(Error::NoVenv {
        python: python.to_owned(),
    })
}

async fn install(interpreter: &Path, requirements: &Path, cache: &Path) -> Result<(), Error> {
    let log = cache.join("install.log");
    let file = File::create(&log).map_err(Error::file("write", &log))?;
    let errors = file.try_clone().map_err(Error::file("write", &log))?;
    let status = Command::new(interpreter)
        .args([
            "-m",
            "pip",
            "install",
            "--disable-pip-version-check",
            "--no-input",
        ])
        .args(["--only-binary=:all:", "--require-hashes", "-r"])
        .arg(requirements)
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .stdout(file)
        .stderr(errors)
        .status()
        .await
        .map_err(Error::file("run", interpreter))?;
    if status.success() {
        return Ok(());
    }
    let text = std::fs::read_to_string(&log).unwrap_or_default();
    let detail = text
        .lines()
        .rev()
        .find(|l| l.starts_with("ERROR"))
        .unwrap_or("pip failed")
        .to_owned();
    Err(Error::Install { detail, log })
}
