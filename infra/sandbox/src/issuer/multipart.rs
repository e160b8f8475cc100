//! `multipart/form-data` (RFC 7578), as far as this API needs it.

use bytes::Bytes;
use http::{Request, header::CONTENT_TYPE};
use memchr::memmem;

/// One field.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Part {
    pub(super) name: String,
    pub(super) file_name: Option<String>,
    pub(super) data: Bytes,
}

/// The fields, or nothing if the body is not what its type says.
pub(super) fn read(request: &Request<Bytes>) -> Option<Vec<Part>> {
    let kind = request.headers().get(CONTENT_TYPE)?.to_str().ok()?;
    let (kind, parameters) = kind.split_once(';')?;
    if !kind.trim().eq_ignore_ascii_case("multipart/form-data") {
        return None;
    }
    let (_, boundary) = parameters.split_once("boundary=")?;
    let boundary = boundary.split(';').next()?.trim().trim_matches('"');
    let body = request.body();
    // The first boundary has no line before it.
    let line = format!("\r\n--{boundary}");
    let first = line.strip_prefix("\r\n")?;
    let mut at = memmem::find(body, first.as_bytes())? + first.len();
    let mut parts = Vec::new();
    loop {
        let rest = body.get(at..)?;
        if rest.starts_with(b"--") {
            return Some(parts);
        }
        let head_from = at + rest.starts_with(b"\r\n").then_some(2)?;
        let data_from = head_from + memmem::find(body.get(head_from..)?, b"\r\n\r\n")? + 4;
        let data_to = data_from + memmem::find(body.get(data_from..)?, line.as_bytes())?;
        let head = std::str::from_utf8(body.get(head_from..data_from)?).ok()?;
        parts.push(Part {
            name: parameter(head, "name")?,
            file_name: parameter(head, "filename"),
            data: body.slice(data_from..data_to),
        });
        at = data_to + line.len();
    }
}

/// The quoted value of a parameter of the disposition.
fn parameter(head: &str, name: &str) -> Option<String> {
    let disposition = head.lines().find(|line| {
        let field = line.split(':').next().unwrap_or_default();
        field.eq_ignore_ascii_case("content-disposition")
    })?;
    let marks = [format!("; {name}=\""), format!(";{name}=\"")];
    let mut found = marks.iter().filter_map(|mark| disposition.split_once(mark));
    let (_, value) = found.next()?;
    value.split('"').next().map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(kind: &str, body: &[u8]) -> Request<Bytes> {
        let request = Request::post("/").header("content-type", kind);
        request.body(Bytes::copy_from_slice(body)).unwrap()
    }

    #[test]
    fn fields_are_read_byte_for_byte_also_when_they_look_like_a_boundary() {
        let body =
            b"--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a b.pdf\"\r\n\
            Content-Type: application/pdf\r\n\r\n%PDF\r\n--\r\n\r\n-b\0\r\n--b\r\n\
            content-disposition: form-data; name=\"token\"\r\n\r\nt\r\n--b--\r\n";
        let parts = read(&request("multipart/form-data; boundary=\"b\"", body)).unwrap();
        assert_eq!(parts.len(), 2);
        assert_eq!(parts[0].name, "file");
        assert_eq!(parts[0].file_name.as_deref(), Some("a b.pdf"));
        assert_eq!(parts[0].data, b"%PDF\r\n--\r\n\r\n-b\0"[..]);
        assert_eq!((&*parts[1].name, &parts[1].data[..]), ("token", &b"t"[..]));
    }

    #[test]
    fn what_is_cut_off_or_of_another_type_is_nothing() {
        let whole = b"--b\r\nContent-Disposition: form-data; name=\"n\"\r\n\r\nvalue\r\n--b--";
        assert!(read(&request("multipart/form-data; boundary=b", whole)).is_some());
        assert!(read(&request("application/json; boundary=b", whole)).is_none());
        assert!(read(&request("multipart/form-data", whole)).is_none());
        for length in 0..whole.len() {
            let cut = request("multipart/form-data; boundary=b", &whole[..length]);
            assert!(read(&cut).is_none(), "{length}");
        }
    }
}
