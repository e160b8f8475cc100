//! A document's password, given where neither a process list nor a shell's history keeps it.

use bubuh_pdf::Opening;
use std::io::BufRead;

/// How to open a document: with the first line of the standard input as its password, when that was asked for.
///
/// # Errors
/// When the standard input cannot be read.
pub(crate) fn opening(from_stdin: bool) -> Result<Opening, String> {
    if !from_stdin {
        return Ok(Opening::default());
    }
    first_line(std::io::stdin().lock())
        .map(|password| Opening::with_password(&password))
        .map_err(|error| format!("cannot read the password: {error}"))
}

fn first_line(mut input: impl BufRead) -> std::io::Result<String> {
    let mut line = String::new();
    input.read_line(&mut line)?;
    let line = line.strip_suffix('\n').unwrap_or(&line);
    Ok(line.strip_suffix('\r').unwrap_or(line).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_end_is_no_part_of_the_password_but_spaces_are() {
        for (input, password) in [
            ("rahasia\n", "rahasia"),
            ("rahasia\r\nmore", "rahasia"),
            (" rahasia ", " rahasia "),
            ("", ""),
        ] {
            assert_eq!(first_line(input.as_bytes()).unwrap(), password);
        }
    }
}
