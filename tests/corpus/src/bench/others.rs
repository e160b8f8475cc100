//! Other people's libraries, each timed inside its own process, so that starting one does not count.

use crate::tools;
use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::Command;

const PYHANKO_TIME: &str = include_str!("pyhanko_time.py");
const PDFBOX_TIME: &str = include_str!("PdfBoxTime.java");
/// Where Debian puts PDFBox and what it needs.
const PDFBOX_JARS: &str =
    "/usr/share/java/pdfbox2.jar:/usr/share/java/fontbox2.jar:/usr/share/java/commons-logging.jar";

/// Of a certificate in PEM.
const LAST_LINE: &str = "-----END CERTIFICATE-----\n";

/// A library that can sign.
pub struct Other {
    /// Its name.
    pub name: &'static str,
    command: Vec<String>,
}

impl Other {
    /// The median of so many runs, in microseconds; the file is read and the result written in each.
    ///
    /// # Errors
    /// When it can't be started or fails.
    pub fn median_us(
        &self,
        runs: usize,
        input: &Path,
        output: &Path,
    ) -> Result<f64, Box<dyn Error>> {
        let mut words = self.command.iter();
        let done = Command::new(words.next().ok_or("no command")?)
            .args(words)
            .arg(runs.to_string())
            .args([input, output])
            .output()?;
        if !done.status.success() {
            return Err(String::from_utf8_lossy(&done.stderr).into());
        }
        Ok(String::from_utf8_lossy(&done.stdout).trim().parse()?)
    }
}

/// Those that this machine has. Key, certificate and programs are written to `folder`.
///
/// # Errors
/// When they can't be written.
pub fn others(key_pem: &str, chain_pem: &str, folder: &Path) -> Result<Vec<Other>, Box<dyn Error>> {
    let put = |name: &str, text: &str| -> std::io::Result<String> {
        let path: PathBuf = folder.join(name);
        std::fs::write(&path, text)?;
        Ok(path.display().to_string())
    };
    let mut found = Vec::new();
    // It wants the signing certificate alone.
    let leaf = chain_pem
        .split_inclusive(LAST_LINE)
        .next()
        .unwrap_or_default();
    if let Some(python) = tools::pyhanko() {
        let command = vec![
            python,
            put("pyhanko_time.py", PYHANKO_TIME)?,
            put("key.pem", key_pem)?,
            put("leaf.pem", leaf)?,
        ];
        found.push(Other {
            name: "pyHanko",
            command,
        });
    }
    let jars = PDFBOX_JARS.split(':').all(|jar| Path::new(jar).exists());
    if jars && tools::has("java") {
        let source = put("PdfBoxTime.java", PDFBOX_TIME)?;
        let command = ["java", "-cp", PDFBOX_JARS, &source]
            .map(str::to_owned)
            .to_vec();
        found.push(Other {
            name: "PDFBox",
            command,
        });
    }
    Ok(found)
}
