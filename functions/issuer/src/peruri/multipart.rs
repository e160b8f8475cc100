//! A form with a file in it (RFC 7578).

use super::call::Body;

/// A file and a field. The boundary is the file's digest: no file contains its own.
pub(super) fn form(name: &str, file: &[u8], sha256: &str, field: (&str, &str)) -> Body {
    let mut bytes = Vec::with_capacity(file.len().saturating_add(1024));
    let (key, value) = field;
    for part in [
        format!("--{sha256}\r\nContent-Disposition: form-data; name=\"{key}\"\r\n\r\n{value}\r\n"),
        format!(
            "--{sha256}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\
             Content-Type: application/pdf\r\n\r\n"
        ),
    ] {
        bytes.extend_from_slice(part.as_bytes());
    }
    bytes.extend_from_slice(file);
    bytes.extend_from_slice(format!("\r\n--{sha256}--\r\n").as_bytes());
    Body {
        content_type: format!("multipart/form-data; boundary={sha256}"),
        bytes: bytes.into(),
    }
}
