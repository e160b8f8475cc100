//! `bubuh stamp`: the stamp engine alone, with the local development key.

use crate::identity;
use crate::password;
use bubuh_pdf::{
    Certification, DocumentKind, Error, PageChoice, Placement, Rect, Refusal, Source, StampRequest,
    preflight_within, stamp_within,
};
use serde_json::{Value, json};
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{SystemTime, UNIX_EPOCH};

/// The document was refused.
const REFUSED: u8 = 3;

/// Affix a stamp to a PDF with the local development key.
#[derive(clap::Args)]
pub struct Args {
    /// The PDF to stamp.
    input: PathBuf,
    /// Where to write the stamped PDF.
    output: PathBuf,
    /// The serial of the stamp.
    #[arg(long)]
    serial: String,
    /// The address in the QR code.
    #[arg(long)]
    verify_url: String,
    /// The page: last, first, or a number from 1 (beyond the end means the last).
    #[arg(long, value_parser = parse_page, default_value = "last")]
    page: PageChoice,
    /// llx,lly,urx,ury in points from the bottom left of the page as shown.
    #[arg(long, value_parser = parse_rect, allow_hyphen_values = true)]
    rect: Option<Rect>,
    /// A phrase on the page that marks the place, such as "Materai".
    #[arg(long, conflicts_with = "rect")]
    anchor: Option<String>,
    /// The document kind: 2, 3, 4a or 4b.
    #[arg(long, value_parser = parse_kind, default_value = "3")]
    kind: DocumentKind,
    /// Certify the document: its first signature, after which only signatures and filled-in forms are allowed.
    #[arg(long)]
    certify: bool,
    /// Read the document's password, its user's or its owner's, from the first line of the standard input.
    #[arg(long)]
    password_stdin: bool,
    /// The state directory that holds the development identity.
    #[arg(long, default_value = ".bubuh")]
    state: PathBuf,
    /// Print the outcome as JSON.
    #[arg(long)]
    json: bool,
}

fn parse_page(text: &str) -> Result<PageChoice, String> {
    match text {
        "last" => Ok(PageChoice::Last),
        "first" => Ok(PageChoice::First),
        number => number
            .parse()
            .ok()
            .filter(|number| *number > 0)
            .map(PageChoice::Number)
            .ok_or_else(|| "last, first, or a number from 1".to_owned()),
    }
}

fn parse_rect(text: &str) -> Result<Rect, String> {
    let sides: Vec<f64> = text
        .split(',')
        .map(|side| {
            side.trim()
                .parse()
                .map_err(|_| format!("{side:?} is not a number"))
        })
        .collect::<Result<_, _>>()?;
    match sides.as_slice() {
        [llx, lly, urx, ury] => Ok(Rect {
            llx: *llx,
            lly: *lly,
            urx: *urx,
            ury: *ury,
        }),
        _ => Err("four numbers are needed: llx,lly,urx,ury".into()),
    }
}

fn parse_kind(text: &str) -> Result<DocumentKind, String> {
    DocumentKind::from_code(text).ok_or_else(|| "one of 2, 3, 4a, 4b".into())
}

/// Runs the command.
///
/// # Errors
/// A sentence when files, arguments or the identity are at fault; a refused document is no error but exit code 3.
pub fn run(args: Args) -> Result<ExitCode, String> {
    let input = read(&args.input)
        .map_err(|error| format!("cannot read {}: {error}", args.input.display()))?;
    let size_before = input.len();
    let input = Source::from(input);
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_err(|error| error.to_string())?;
    let mut request = StampRequest {
        serial: args.serial,
        kind: args.kind,
        verify_url: args.verify_url,
        picture: None,
        placement: Placement {
            page: args.page,
            rect: args.rect,
            anchor: args.anchor,
        },
        affixed_at_unix_s: i64::try_from(now.as_secs()).map_err(|error| error.to_string())?,
        source_sha256: None,
    };
    let opening = password::opening(args.password_stdin)?;
    let verdict = match preflight_within(&input, &request.placement, &opening) {
        Ok(verdict) => verdict,
        Err(refusal) => return Ok(refused(&refusal, args.json)),
    };
    request.placement = verdict.placement();
    let signer = identity::signer(&identity::load_or_create(&args.state)?)?;
    let signer = if args.certify {
        signer.certifying(Certification::Signing)
    } else {
        signer
    };
    let output = match stamp_within(input, &request, &signer, &opening) {
        Ok(stamped) => stamped.bytes,
        Err(Error::Refused(refusal)) => return Ok(refused(&refusal, args.json)),
        Err(error) => return Err(error.to_string()),
    };
    write_whole(&args.output, &output)
        .map_err(|error| format!("cannot write {}: {error}", args.output.display()))?;
    if args.json {
        let outcome = json!({
            "stamped": true,
            "serial": request.serial,
            "page": verdict.page,
            "pages": verdict.pages,
            "rect": verdict.rect,
            "free": verdict.free,
            "size_before": size_before,
            "size_after": output.len(),
            "output": args.output,
        });
        print_json(&outcome);
    } else {
        println!(
            "{}: stamp {} on page {} of {} ({} bytes added)",
            args.output.display(),
            request.serial,
            verdict.page,
            verdict.pages,
            output.len() - size_before
        );
        if !verdict.free {
            println!("No free place was seen on that page; check what the stamp covers.");
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn refused(refusal: &Refusal, as_json: bool) -> ExitCode {
    if as_json {
        print_json(&json!({
            "stamped": false,
            "reason": refusal.code(),
            "message_id": refusal.message_id(),
            "message_en": refusal.message_en(),
        }));
    } else {
        eprintln!(
            "refused ({}): {}\n{}",
            refusal.code(),
            refusal.message_en(),
            refusal.message_id()
        );
    }
    ExitCode::from(REFUSED)
}

fn print_json(value: &Value) {
    println!("{value:#}");
}

/// Reads a file into memory that has room for a stamp.
fn read(path: &Path) -> std::io::Result<Vec<u8>> {
    let mut file = fs::File::open(path)?;
    let size = usize::try_from(file.metadata()?.len()).unwrap_or(0);
    let mut bytes = Vec::with_capacity(size.saturating_add(Source::ROOM));
    file.read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Writes beside the target and renames: a reader never sees half a file, and input may be output.
fn write_whole(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let mut name = path.as_os_str().to_owned();
    name.push(format!(".{}.part", std::process::id()));
    let part = PathBuf::from(name);
    let written = fs::write(&part, bytes).and_then(|()| fs::rename(&part, path));
    if written.is_err() {
        // The first error is the one to tell; a left-over part is only untidy.
        _ = fs::remove_file(&part);
    }
    written
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_an_end_or_a_number_from_one() {
        assert_eq!(parse_page("first"), Ok(PageChoice::First));
        assert_eq!(parse_page("7"), Ok(PageChoice::Number(7)));
        assert!(parse_page("0").is_err() && parse_page("tengah").is_err());
    }

    #[test]
    fn a_rectangle_is_four_numbers() {
        assert_eq!(parse_rect("1,-2.5, 3,4").unwrap().lly, -2.5);
        assert!(parse_rect("1,2,3").is_err());
        assert!(parse_rect("1,2,3,x").is_err());
    }
}
