//! From a password to the file's key (ISO 32000-2, 7.6.4, algorithms 2 to 7 and 2.A, 2.B).

use super::method::rc4;
use crate::Refusal;
use crate::syntax::Node;
use aes::{Aes128, Aes256};
use cbc::cipher::block_padding::NoPadding;
use cbc::cipher::{BlockModeDecrypt, BlockModeEncrypt, KeyIvInit};
use md5::{Digest, Md5};
use sha2::{Sha256, Sha384, Sha512};

/// What a password shorter than 32 bytes is filled up with.
const PAD: [u8; 32] = [
    0x28, 0xbf, 0x4e, 0x5e, 0x4e, 0x75, 0x8a, 0x41, 0x64, 0x00, 0x4e, 0x56, 0xff, 0xfa, 0x01, 0x08,
    0x2e, 0x2e, 0x00, 0xb6, 0xd0, 0x68, 0x3e, 0x80, 0x2f, 0x0c, 0xa9, 0xfe, 0x64, 0x53, 0x69, 0x7a,
];
/// Longest password that counts, in bytes, from revision 5 on.
const LONGEST: usize = 127;
const ODD: Refusal = Refusal::UnknownEncryption;

/// The values that a password is tried against.
pub(super) struct Secrets<'n> {
    revision: i64,
    key_bytes: usize,
    owner: &'n [u8],
    user: &'n [u8],
    owner_key: &'n [u8],
    user_key: &'n [u8],
    permissions: [u8; 4],
    first_id: &'n [u8],
    metadata: bool,
}

/// A file's key, and the password that any reader takes.
pub(super) struct Unlocked {
    pub(super) key: Vec<u8>,
    pub(super) user_password: String,
}

impl<'n> Secrets<'n> {
    pub(super) fn read(dict: &'n Node, first_id: &'n [u8]) -> Result<Self, Refusal> {
        let int = |key: &[u8]| dict.get(key).and_then(Node::int);
        let text = |key: &[u8]| dict.get(key).and_then(Node::text).unwrap_or_default();
        let version = int(b"V").ok_or(ODD)?;
        let bits = match version {
            1 => 40,
            2 => int(b"Length").unwrap_or(40),
            // Both ciphers of version 4 are used with 128 bits only.
            _ => 128,
        };
        let key_bytes = usize::try_from(bits / 8).map_err(|_| ODD)?;
        let revision = int(b"R").filter(|revision| (2..=6).contains(revision));
        let revision = revision.ok_or(ODD)?;
        if !(5..=16).contains(&key_bytes) || (revision >= 5) != (version == 5) {
            return Err(ODD);
        }
        let least = if revision >= 5 { 48 } else { 32 };
        let (owner, user) = (text(b"O"), text(b"U"));
        if owner.len() < least || user.len() < least {
            return Err(ODD);
        }
        // A signed number of 32 bits, by some writers written as unsigned.
        #[expect(
            clippy::cast_possible_truncation,
            reason = "only the low 32 bits count"
        )]
        let permissions = (int(b"P").ok_or(ODD)? as u32).to_le_bytes();
        Ok(Self {
            revision,
            key_bytes,
            owner,
            user,
            owner_key: text(b"OE"),
            user_key: text(b"UE"),
            permissions,
            first_id,
            metadata: !matches!(
                dict.get(b"EncryptMetadata").map(|node| &node.value),
                Some(crate::syntax::Value::Bool(false))
            ),
        })
    }

    /// Tries a password as the user's and as the owner's.
    pub(super) fn unlock(&self, password: &str) -> Option<Unlocked> {
        if self.revision >= 5 {
            return self.unlock_aes256(password);
        }
        let given = padded(password.as_bytes());
        let (key, user) = match self.key_of_user(&given) {
            Some(key) => (key, given),
            None => {
                let user = padded(&self.user_password(&given)?);
                (self.key_of_user(&user)?, user)
            }
        };
        // Readers fill it up again.
        let least =
            (0..=32).find(|length| padded(user.get(..*length).unwrap_or_default()) == user)?;
        let user_password = String::from_utf8(user.get(..least)?.to_vec()).ok()?;
        Some(Unlocked { key, user_password })
    }

    /// Algorithm 2, and 4 or 5 to see whether it fits.
    fn key_of_user(&self, password: &[u8; 32]) -> Option<Vec<u8>> {
        let mut hash = Md5::new();
        hash.update(password);
        hash.update(self.owner.get(..32)?);
        hash.update(self.permissions);
        hash.update(self.first_id);
        if self.revision >= 4 && !self.metadata {
            hash.update([0xff; 4]);
        }
        let key = self.strengthened(hash.finalize().to_vec());
        let expected = if self.revision == 2 {
            rc4(&key, &PAD)?
        } else {
            let digest = Md5::new().chain_update(PAD).chain_update(self.first_id);
            let mut proof = digest.finalize().to_vec();
            for round in 0..20 {
                proof = rc4(&varied(&key, round), &proof)?;
            }
            proof
        };
        self.user.starts_with(&expected).then_some(key)
    }

    /// Algorithm 7: the owner's password hides the user's.
    fn user_password(&self, owner: &[u8; 32]) -> Option<Vec<u8>> {
        let key = self.strengthened(Md5::digest(owner).to_vec());
        let mut hidden = self.owner.get(..32)?.to_vec();
        let rounds = if self.revision == 2 { 1 } else { 20 };
        for round in (0..rounds).rev() {
            hidden = rc4(&varied(&key, round), &hidden)?;
        }
        Some(hidden)
    }

    fn strengthened(&self, mut key: Vec<u8>) -> Vec<u8> {
        key.truncate(self.key_bytes);
        if self.revision >= 3 {
            for _ in 0..50 {
                key = Md5::digest(&key).to_vec();
                key.truncate(self.key_bytes);
            }
        }
        key
    }

    /// Algorithm 2.A.
    fn unlock_aes256(&self, password: &str) -> Option<Unlocked> {
        let bytes = password.as_bytes();
        let bytes = bytes.get(..bytes.len().min(LONGEST))?;
        let user = self.user.get(..48)?;
        for (proof, hidden, about) in [
            (user, self.user_key, &[] as &[u8]),
            (self.owner.get(..48)?, self.owner_key, user),
        ] {
            let (expected, salts) = proof.split_at_checked(32)?;
            let (check_salt, key_salt) = salts.split_at_checked(8)?;
            if self.hash(bytes, check_salt, about)? == expected {
                let between = self.hash(bytes, key_salt, about)?;
                let cipher = cbc::Decryptor::<Aes256>::new_from_slices(&between, &[0; 16]).ok()?;
                let key = cipher.decrypt_padded_vec::<NoPadding>(hidden.get(..32)?);
                return Some(Unlocked {
                    key: key.ok()?,
                    user_password: password.to_owned(),
                });
            }
        }
        None
    }

    /// Algorithm 2.B, or revision 5's one hash.
    fn hash(&self, password: &[u8], salt: &[u8], about: &[u8]) -> Option<Vec<u8>> {
        let first = Sha256::new()
            .chain_update(password)
            .chain_update(salt)
            .chain_update(about);
        let mut key = first.finalize().to_vec();
        if self.revision == 5 {
            return Some(key);
        }
        let mut round = 0_u32;
        loop {
            let text = [password, &key, about].concat().repeat(64);
            let (cipher_key, rest) = key.split_at_checked(16)?;
            let cipher =
                cbc::Encryptor::<Aes128>::new_from_slices(cipher_key, rest.get(..16)?).ok()?;
            let text = cipher.encrypt_padded_vec::<NoPadding>(&text);
            let sum: u32 = text.iter().take(16).map(|byte| u32::from(*byte)).sum();
            key = match sum % 3 {
                0 => Sha256::digest(&text).to_vec(),
                1 => Sha384::digest(&text).to_vec(),
                _ => Sha512::digest(&text).to_vec(),
            };
            round += 1;
            if round >= 64 && u32::from(*text.last()?) <= round - 32 {
                key.truncate(32);
                return Some(key);
            }
        }
    }
}

fn padded(password: &[u8]) -> [u8; 32] {
    let mut out = [0; 32];
    let bytes = password.iter().chain(&PAD).copied();
    out.iter_mut()
        .zip(bytes)
        .for_each(|(out, byte)| *out = byte);
    out
}

fn varied(key: &[u8], round: u8) -> Vec<u8> {
    key.iter().map(|byte| byte ^ round).collect()
}
