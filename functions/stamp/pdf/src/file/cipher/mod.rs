//! The standard security handler (ISO 32000-2, 7.6): strings and streams of an encrypted document.
//!
//! Old documents need old algorithms; nothing here protects anything of ours. What is written is encrypted only so
//! that readers, who decrypt everything in such a file, see what was meant.

mod method;
mod password;
mod text;

use crate::syntax::{Edit, Id, Lexer, Node, edit_dict};
use crate::{Limits, Refusal};
use method::Method;
use password::Secrets;
use sha2::{Digest, Sha256};
use text::rewrite_strings;
pub(crate) use text::{count_strings, dictionary_text};

/// How strings and streams of one document are encrypted, and the key.
pub(crate) struct Cipher {
    key: Vec<u8>,
    strings: Method,
    streams: Method,
    /// The password with which any other reader opens the file as its user.
    pub(crate) user_password: String,
}

impl Cipher {
    /// Reads the encryption dictionary, whose values are direct, and derives the key. Without a password the empty
    /// one is tried, which is what a file has that opens for everybody.
    pub(crate) fn open(
        dict: &Node,
        first_id: &[u8],
        password: Option<&str>,
    ) -> Result<Self, Refusal> {
        if dict.get(b"Filter").and_then(Node::name) != Some(b"Standard") {
            return Err(Refusal::UnknownEncryption);
        }
        let (strings, streams) = methods(dict)?;
        let secrets = Secrets::read(dict, first_id)?;
        let unlocked = secrets.unlock(password.unwrap_or_default());
        let unlocked = unlocked.ok_or(match password {
            None => Refusal::NeedsPassword,
            Some(_) => Refusal::WrongPassword,
        })?;
        Ok(Self {
            key: unlocked.key,
            strings,
            streams,
            user_password: unlocked.user_password,
        })
    }

    /// The plain bytes of a string of an object, or nothing when it is not encrypted as announced.
    pub(super) fn open_string(&self, id: Id, data: &[u8]) -> Option<Vec<u8>> {
        self.strings.decrypt(&self.key, id, data)
    }

    /// The plain bytes of a stream.
    pub(super) fn open_stream(&self, id: Id, data: &[u8]) -> Option<Vec<u8>> {
        self.streams.decrypt(&self.key, id, data)
    }

    /// Whether streams are written as they are.
    pub(super) fn leaves_streams(&self) -> bool {
        self.streams == Method::Identity
    }

    /// The text of an object as it stands in the file with all strings decrypted, or nothing when it has none.
    /// The contents of a signature are never encrypted (ISO 32000-2, 7.6.2).
    pub(super) fn open_text(
        &self,
        id: Id,
        file: &[u8],
        node: &Node,
    ) -> Result<Option<Vec<u8>>, Refusal> {
        if self.strings == Method::Identity {
            return Ok(None);
        }
        let damaged = Refusal::broken("encrypted string");
        rewrite_strings(file, node, &mut |text, _| {
            self.open_string(id, text).ok_or(damaged.clone())
        })
    }

    /// The text of a new object, its value and maybe a stream behind it, encrypted. The same `seed` gives the same
    /// bytes: initialisation vectors are derived from it and from the secret key.
    pub(crate) fn seal(
        &self,
        id: Id,
        body: &[u8],
        value: &Node,
        seed: &[u8],
    ) -> Result<Vec<u8>, Refusal> {
        let vector = |index: usize| {
            let digest = Sha256::new()
                .chain_update(&self.key)
                .chain_update(seed)
                .chain_update(id.number.to_be_bytes())
                .chain_update(index.to_be_bytes())
                .finalize();
            digest.first_chunk::<16>().copied().unwrap_or_default()
        };
        let too_long = Refusal::broken("key of the encryption");
        let mut seal_string = |text: &[u8], index: usize| {
            self.strings
                .encrypt(&self.key, id, vector(index + 1), text)
                .ok_or(too_long.clone())
        };
        let sealed = rewrite_strings(body, value, &mut seal_string)?;
        let mut out =
            sealed.unwrap_or_else(|| body.get(value.span.clone()).unwrap_or_default().to_vec());
        let rest = body.get(value.span.end..).unwrap_or_default();
        let stream = rest
            .strip_prefix(STREAM)
            .and_then(|rest| rest.strip_suffix(END));
        let Some(data) = stream else {
            out.extend_from_slice(rest);
            return Ok(out);
        };
        let data = self
            .streams
            .encrypt(&self.key, id, vector(0), data)
            .ok_or(too_long)?;
        let length = Edit {
            key: "Length",
            text: data.len().to_string().into_bytes(),
        };
        let dict = Lexer::new(&out, 0, &Limits::DEFAULT).value()?;
        let mut out = edit_dict(&out, &dict, &[length]);
        out.extend_from_slice(STREAM);
        out.extend(data);
        out.extend_from_slice(END);
        Ok(out)
    }
}

const STREAM: &[u8] = b"\nstream\n";
const END: &[u8] = b"\nendstream";

/// How many bytes more a string may need in the file when it is encrypted: a vector and a padding, in digits.
pub(crate) const MOST_STRING_GROWTH_BYTES: usize = 64;

fn methods(dict: &Node) -> Result<(Method, Method), Refusal> {
    let version = dict.get(b"V").and_then(Node::int);
    match version {
        Some(1 | 2) => Ok((Method::Rc4, Method::Rc4)),
        Some(4 | 5) => Ok((method(dict, b"StrF")?, method(dict, b"StmF")?)),
        _ => Err(Refusal::UnknownEncryption),
    }
}

/// What the named crypt filter does.
fn method(dict: &Node, key: &[u8]) -> Result<Method, Refusal> {
    let name = dict.get(key).and_then(Node::name).unwrap_or(b"Identity");
    if name == b"Identity" {
        return Ok(Method::Identity);
    }
    let filter = dict.get(b"CF").and_then(|filters| filters.get(name));
    let kind = filter
        .and_then(|filter| filter.get(b"CFM"))
        .and_then(Node::name);
    match (dict.get(b"V").and_then(Node::int), kind) {
        (_, Some(b"None")) => Ok(Method::Identity),
        (Some(4), Some(b"V2")) => Ok(Method::Rc4),
        (Some(4), Some(b"AESV2")) => Ok(Method::Aes128),
        (Some(5), Some(b"AESV3")) => Ok(Method::Aes256),
        _ => Err(Refusal::UnknownEncryption),
    }
}
