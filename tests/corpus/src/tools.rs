//! Other people's readers, when this machine has them.

use serde::Deserialize;
use std::path::Path;
use std::process::Command;

const PYHANKO_CHECK: &str = include_str!("pyhanko_check.py");

const PYHANKO_SIGN: &str = include_str!("pyhanko_sign.py");

/// What pyHanko says of one signature.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct PyHankoVerdict {
    /// The file's path as given.
    pub file: String,
    /// The signature field.
    pub field: String,
    /// The signature covers the file up to here.
    pub end: usize,
    /// What it covers is what was signed, by the certificate that it names.
    pub intact: bool,
    /// Intact, valid, trusted, and no changes beyond those allowed.
    pub bottom_line: bool,
    /// `ENTIRE_FILE` or `ENTIRE_REVISION` when nothing was left out.
    pub coverage: String,
    /// How far later changes go, in pyHanko's words.
    pub changes: String,
    /// What went wrong, if anything.
    pub error: String,
}

/// Whether a missing tool is a failure here (`BUBUH_REQUIRE_TOOLS=1`) and not a reason to skip.
#[must_use]
pub fn required() -> bool {
    std::env::var("BUBUH_REQUIRE_TOOLS").is_ok_and(|value| value == "1")
}

/// Says why a test does nothing, or fails it when nothing may be missing.
///
/// # Panics
/// When this machine must have everything; see [`required`].
pub fn skip(what: &str) {
    assert!(!required(), "{what} is missing");
    println!("skipped: {what} is missing");
}

/// Whether a program can be started.
#[must_use]
pub fn has(program: &str) -> bool {
    Command::new(program).arg("--version").output().is_ok()
}

/// The interpreter that has pyHanko: `BUBUH_PYHANKO_PYTHON`, or `python3` when that one has it.
#[must_use]
pub fn pyhanko() -> Option<String> {
    let python = std::env::var("BUBUH_PYHANKO_PYTHON").unwrap_or_else(|_| "python3".into());
    let output = Command::new(&python)
        .args(["-c", "import pyhanko"])
        .output()
        .ok()?;
    output.status.success().then_some(python)
}

/// How `timeout` ends when it stopped the program.
const STOPPED: i32 = 124;

/// A program that is stopped after a while: hostile files hold up other readers too.
fn limited(program: &str) -> Command {
    let mut command = Command::new("timeout");
    command.args(["20", program]);
    command
}

/// `qpdf --check`: 0 sound, 3 warnings, 2 broken; nothing when it was killed. With what it said.
///
/// # Errors
/// When qpdf cannot be started.
pub fn qpdf_check(file: &Path) -> std::io::Result<(Option<i32>, String)> {
    qpdf_check_with(file, "")
}

/// The same with a password.
///
/// # Errors
/// As [`qpdf_check`].
pub fn qpdf_check_with(file: &Path, password: &str) -> std::io::Result<(Option<i32>, String)> {
    let password = format!("--password={password}");
    let arguments = ["--check", &password];
    let output = limited("qpdf").args(arguments).arg(file).output()?;
    let said = [output.stdout, output.stderr].concat();
    Ok((
        output.status.code(),
        String::from_utf8_lossy(&said).into_owned(),
    ))
}

/// The page count that qpdf sees.
///
/// # Errors
/// When qpdf cannot be started.
pub fn qpdf_pages(file: &Path) -> std::io::Result<Option<usize>> {
    let output = limited("qpdf").arg("--show-npages").arg(file).output()?;
    Ok(String::from_utf8_lossy(&output.stdout).trim().parse().ok())
}

/// The page count that mutool sees.
///
/// # Errors
/// When mutool cannot be started.
pub fn mutool_pages(file: &Path) -> std::io::Result<Option<usize>> {
    let output = limited("mutool").args(["info", "-M"]).arg(file).output()?;
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let count = said.lines().find_map(|line| line.strip_prefix("Pages: "));
    Ok(count.and_then(|count| count.trim().parse().ok()))
}

/// What `pdfsig` says of a document's signatures.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Pdfsig {
    /// How many it calls valid.
    pub valid: usize,
    /// How many cover the whole document.
    pub whole: usize,
    /// Its own words.
    pub said: String,
}

/// Asks `pdfsig`; nothing when it hangs on the document.
///
/// # Errors
/// When pdfsig cannot be started.
pub fn pdfsig(file: &Path) -> std::io::Result<Option<Pdfsig>> {
    // No NSS database: whom to trust is not what this tool is asked.
    let output = limited("pdfsig").arg("-nocert").arg(file).output()?;
    if output.status.code() == Some(STOPPED) {
        return Ok(None);
    }
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let count = |words: &str| said.lines().filter(|line| line.contains(words)).count();
    Ok(Some(Pdfsig {
        valid: count("Signature Validation: Signature is Valid."),
        whole: count("Total document signed"),
        said,
    }))
}

/// Signs a file with pyHanko, as other software would, before any stamp.
///
/// # Errors
/// When pyHanko cannot be started or fails.
pub fn pyhanko_sign(
    python: &str,
    key: &Path,
    certificate: &Path,
    input: &Path,
    output: &Path,
) -> std::io::Result<()> {
    let arguments = [key, certificate, input, output];
    let done = Command::new(python)
        .arg("-c")
        .arg(PYHANKO_SIGN)
        .args(arguments)
        .output()?;
    if done.status.success() {
        return Ok(());
    }
    Err(std::io::Error::other(
        String::from_utf8_lossy(&done.stderr).into_owned(),
    ))
}

/// Validates every signature of every file with pyHanko, in one process.
///
/// # Errors
/// When pyHanko cannot be started or its answer not read.
pub fn pyhanko_validate(
    python: &str,
    root_pem: &Path,
    files: &[&Path],
) -> std::io::Result<Vec<PyHankoVerdict>> {
    pyhanko_validate_with(python, root_pem, files, "")
}

/// The same for files that this password opens.
///
/// # Errors
/// As [`pyhanko_validate`].
pub fn pyhanko_validate_with(
    python: &str,
    root_pem: &Path,
    files: &[&Path],
    password: &str,
) -> std::io::Result<Vec<PyHankoVerdict>> {
    let output = Command::new(python)
        .env("PDF_PASSWORD", password)
        .arg("-c")
        .arg(PYHANKO_CHECK)
        .arg(root_pem)
        .args(files)
        .output()?;
    let lines = String::from_utf8_lossy(&output.stdout).into_owned();
    lines
        .lines()
        .map(|line| serde_json::from_str(line).map_err(std::io::Error::other))
        .collect()
}

/// A program that shows pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Renderer {
    /// poppler's `pdftoppm`.
    Poppler,
    /// `mutool draw`.
    Mupdf,
}

impl Renderer {
    /// Every renderer.
    pub const ALL: [Self; 2] = [Self::Poppler, Self::Mupdf];

    /// The program's name.
    #[must_use]
    pub const fn program(self) -> &'static str {
        match self {
            Self::Poppler => "pdftoppm",
            Self::Mupdf => "mutool",
        }
    }

    /// Renders one page, counted from 1, with its annotations, into a binary PPM file.
    ///
    /// # Errors
    /// When the program cannot be started, or makes no picture.
    pub fn render(self, file: &Path, page: usize, dpi: u32, picture: &Path) -> std::io::Result<()> {
        let (page, dpi) = (page.to_string(), dpi.to_string());
        let mut command = limited(self.program());
        match self {
            Self::Poppler => command
                .args([
                    "-cropbox",
                    "-singlefile",
                    "-r",
                    &dpi,
                    "-f",
                    &page,
                    "-l",
                    &page,
                ])
                .arg(file)
                .arg(picture.with_extension("")),
            Self::Mupdf => command
                .args(["draw", "-q", "-F", "ppm", "-c", "rgb", "-r", &dpi, "-o"])
                .args([picture, file])
                .arg(&page),
        };
        // What an earlier call left must not pass for this one's.
        _ = std::fs::remove_file(picture);
        let output = command.output()?;
        if picture.exists() {
            return Ok(());
        }
        Err(std::io::Error::other(
            String::from_utf8_lossy(&output.stderr).into_owned(),
        ))
    }
}

/// Reads every bar code of a picture with `zbarimg`.
///
/// # Errors
/// When zbarimg cannot be started.
pub fn codes(picture: &Path) -> std::io::Result<Vec<String>> {
    let output = limited("zbarimg")
        .args(["-q", "--raw"])
        .arg(picture)
        .output()?;
    Ok(String::from_utf8_lossy(&output.stdout)
        .lines()
        .map(str::to_owned)
        .collect())
}
