//! Small documents written by hand, and a bench to stamp them.
#![allow(dead_code)] // not every test file needs every helper

use bubuh_pdf::{
    DocumentKind, Error, Limits, LocalSigner, Opening, Placement, Preflight, Refusal, Report,
    Signer, StampRequest, TimestampAuthority, TimestampQuery, certificates_from_pem,
    development_identity, stamp_within, verify,
};
use sha2::{Digest, Sha256};
use std::fmt::Write;

pub(crate) const NOW_UNIX_S: i64 = 1_790_000_000;
pub(crate) const SERIAL: &str = "7K3M9Q2X8R4T6W1Z";

/// A document of objects 1, 2, 3, …; object 1 is the catalog.
pub(crate) struct Source {
    pub(crate) objects: Vec<String>,
    pub(crate) trailer: String,
}

impl Source {
    pub(crate) fn new(objects: &[&str]) -> Self {
        Self {
            objects: objects.iter().map(|object| (*object).to_owned()).collect(),
            trailer: String::new(),
        }
    }

    pub(crate) fn trailer(mut self, text: &str) -> Self {
        self.trailer = text.into();
        self
    }

    /// With a cross-reference table.
    pub(crate) fn table(&self) -> Vec<u8> {
        let mut out = String::from("%PDF-1.7\n");
        let mut rows = String::from("0000000000 65535 f \n");
        for (index, object) in self.objects.iter().enumerate() {
            writeln!(rows, "{:010} 00000 n ", out.len()).unwrap();
            write!(out, "{} 0 obj\n{object}\nendobj\n", index + 1).unwrap();
        }
        let (start, size) = (out.len(), self.objects.len() + 1);
        write!(
            out,
            "xref\n0 {size}\n{rows}trailer\n<</Size {size}/Root 1 0 R{}>>\n",
            self.trailer
        )
        .unwrap();
        write!(out, "startxref\n{start}\n%%EOF").unwrap();
        out.into_bytes()
    }

    /// With a cross-reference stream, and all objects inside an uncompressed object stream.
    pub(crate) fn stream(&self) -> Vec<u8> {
        let (mut heads, mut bodies) = (String::new(), String::new());
        for (index, object) in self.objects.iter().enumerate() {
            write!(heads, "{} {} ", index + 1, bodies.len()).unwrap();
            writeln!(bodies, "{object}").unwrap();
        }
        let count = self.objects.len();
        let holder = count + 1;
        let mut out = String::from("%PDF-1.7\n");
        let holder_at = out.len();
        let length = heads.len() + bodies.len();
        let dict = format!(
            "<</Type/ObjStm/N {count}/First {}/Length {length}>>",
            heads.len()
        );
        write!(
            out,
            "{holder} 0 obj\n{dict}\nstream\n{heads}{bodies}\nendstream\nendobj\n"
        )
        .unwrap();
        let start = out.len();
        let mut rows = vec![0_u8, 0, 0, 0];
        for index in 0..count {
            rows.extend([
                2,
                0,
                u8::try_from(holder).unwrap(),
                u8::try_from(index).unwrap(),
            ]);
        }
        for offset in [holder_at, start] {
            rows.push(1);
            rows.extend(u16::try_from(offset).unwrap().to_be_bytes());
            rows.push(0);
        }
        let head = format!("/Size {}/Root 1 0 R{}", holder + 2, self.trailer);
        write!(
            out,
            "{} 0 obj\n<</Type/XRef{head}/W[1 2 1]/Length {}>>\nstream\n",
            holder + 1,
            rows.len()
        )
        .unwrap();
        let mut out = out.into_bytes();
        out.extend(rows);
        out.extend(format!("\nendstream\nendobj\nstartxref\n{start}\n%%EOF\n").bytes());
        out
    }
}

/// One A4 page.
pub(crate) fn plain() -> Source {
    Source::new(&[
        "<</Type/Catalog/Pages 2 0 R>>",
        "<</Type/Pages/Kids[3 0 R]/Count 1>>",
        "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595.27559055 841.88976378]>>",
    ])
}

/// One page with these keys besides Type and Parent.
pub(crate) fn page_with(keys: &str) -> Source {
    let mut source = plain();
    source.objects[2] = format!("<</Type/Page/Parent 2 0 R{keys}>>");
    source
}

pub(crate) struct Bench {
    pub(crate) signer: LocalSigner,
    pub(crate) roots: Vec<Vec<u8>>,
}

pub(crate) fn bench() -> Bench {
    let identity = development_identity(NOW_UNIX_S - 3_600, &[9; 32]).unwrap();
    Bench {
        signer: LocalSigner::from_pem(&identity.key_pem, &identity.chain_pem).unwrap(),
        roots: certificates_from_pem(&identity.root_pem).unwrap(),
    }
}

pub(crate) fn request(serial: &str) -> StampRequest {
    StampRequest {
        serial: serial.into(),
        kind: DocumentKind::Statement,
        verify_url: format!("https://bubuh.example.id/v/{serial}"),
        picture: None,
        placement: Placement::default(),
        affixed_at_unix_s: NOW_UNIX_S,
        source_sha256: None,
    }
}

/// Stamps a copy.
pub(crate) fn stamp(
    input: &[u8],
    request: &StampRequest,
    signer: &dyn Signer,
) -> Result<Vec<u8>, Error> {
    bubuh_pdf::stamp(input.to_vec().into(), request, signer).map(|stamped| stamped.bytes)
}

/// The verdict on a copy.
pub(crate) fn preflight(input: &[u8], placement: &Placement) -> Result<Preflight, Refusal> {
    bubuh_pdf::preflight(&input.to_vec().into(), placement)
}

/// The verdict on a copy, under other limits.
pub(crate) fn preflight_within(
    input: &[u8],
    placement: &Placement,
    limits: &Limits,
) -> Result<Preflight, Refusal> {
    bubuh_pdf::preflight_within(&input.to_vec().into(), placement, &(*limits).into())
}

/// The verdict on a copy that is opened so.
pub(crate) fn preflight_opened(input: &[u8], opening: &Opening) -> Result<Preflight, Refusal> {
    bubuh_pdf::preflight_within(&input.to_vec().into(), &Placement::default(), opening)
}

impl Bench {
    /// Stamps a copy that is opened so.
    pub(crate) fn stamp_opened(
        &self,
        input: &[u8],
        serial: &str,
        opening: &Opening,
    ) -> Result<Vec<u8>, Error> {
        let source = input.to_vec().into();
        stamp_within(source, &request(serial), &self.signer, opening).map(|stamped| stamped.bytes)
    }

    pub(crate) fn stamp(&self, input: &[u8]) -> Result<Vec<u8>, Error> {
        stamp(input, &request(SERIAL), &self.signer)
    }

    pub(crate) fn verify(&self, bytes: &[u8]) -> Report {
        verify(bytes, &self.roots)
    }
}

/// Appends a revision with a table: objects by number, and more trailer keys.
pub(crate) fn append(file: &[u8], objects: &[(u32, &str)], trailer: &str) -> Vec<u8> {
    let text = String::from_utf8_lossy(file);
    let at = text.rfind("startxref").unwrap() + 10;
    let prev = text[at..].lines().next().unwrap().to_owned();
    let size = text.rfind("/Size ").unwrap() + 6;
    let digits = |text: &str| {
        text.chars()
            .take_while(char::is_ascii_digit)
            .collect::<String>()
    };
    let old_size: u32 = digits(&text[size..]).parse().unwrap();
    let size = objects
        .iter()
        .map(|(number, _)| number + 1)
        .max()
        .unwrap_or(0)
        .max(old_size);
    let (mut out, mut rows) = (file.to_vec(), String::new());
    out.push(b'\n');
    for (number, object) in objects {
        write!(rows, "{number} 1\n{:010} 00000 n \n", out.len()).unwrap();
        out.extend(format!("{number} 0 obj\n{object}\nendobj\n").bytes());
    }
    let start = out.len();
    out.extend(
        format!("xref\n{rows}trailer\n<</Size {size}/Prev {prev}/Root 1 0 R{trailer}>>\n").bytes(),
    );
    out.extend(format!("startxref\n{start}\n%%EOF\n").bytes());
    out
}

/// As [`append`], with an authority's time-stamp over the whole as object 51, which a field among the objects names:
/// a signature of somebody else.
pub(crate) fn append_signed(file: &[u8], objects: &[(u32, &str)], trailer: &str) -> Vec<u8> {
    const ROOM: usize = 4_000;
    let value = format!(
        "<</Type/DocTimeStamp/Filter/X/SubFilter/ETSI.RFC3161/ByteRange[0 {:30}]/Contents<{}>>>",
        "",
        "0".repeat(ROOM)
    );
    let mut objects = objects.to_vec();
    objects.push((51, &value));
    let mut out = append(file, &objects, trailer);
    let find =
        |out: &[u8], word: &[u8]| out.windows(word.len()).rposition(|at| at == word).unwrap();
    let before = find(&out, b"/Contents<") + 9;
    let after = before + ROOM + 2;
    let range = format!("{before} {after} {}", out.len() - after);
    let at = find(&out, b"/ByteRange[0 ") + 13;
    out[at..at + range.len()].copy_from_slice(range.as_bytes());
    let digest = Sha256::new()
        .chain_update(&out[..before])
        .chain_update(&out[after..])
        .finalize();
    let authority = TimestampAuthority::development(NOW_UNIX_S, &[3; 32]).unwrap();
    let roots = certificates_from_pem(authority.root_pem()).unwrap();
    let query = TimestampQuery::new(digest.into(), [1; 8]);
    let answer = authority.answer(&query.to_der(), NOW_UNIX_S + 60, 1);
    let token = query.accept(&answer, &roots).unwrap();
    let digits: String = token.iter().map(|byte| format!("{byte:02x}")).collect();
    out[before + 1..before + 1 + digits.len()].copy_from_slice(digits.as_bytes());
    out
}

/// What a stamp appended, as text.
pub(crate) fn tail(input: &[u8], output: &[u8]) -> String {
    assert!(output.starts_with(input), "the input is no exact prefix");
    String::from_utf8_lossy(&output[input.len()..]).into_owned()
}

/// The last version of an object in the appended part.
pub(crate) fn object(tail: &str, number: u32) -> Option<&str> {
    let head = format!("\n{number} 0 obj\n");
    // The first object may start the tail.
    let at = if tail.starts_with(&head[1..]) {
        head.len() - 1
    } else {
        tail.rfind(&head)? + head.len()
    };
    Some(&tail[at..at + tail[at..].find("\nendobj").unwrap()])
}

/// The widget in the appended part.
pub(crate) fn widget(tail: &str) -> &str {
    let at = tail.find("<</Type/Annot").expect("a widget");
    &tail[at..at + tail[at..].find("\nendobj").unwrap()]
}
