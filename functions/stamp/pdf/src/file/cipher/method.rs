//! The three ciphers, and the key of each object (ISO 32000-2, 7.6.3, algorithms 1 and 1.A).

use crate::syntax::Id;
use aes::{Aes128, Aes256};
use cbc::cipher::block_padding::Pkcs7;
use cbc::cipher::{BlockModeDecrypt, BlockModeEncrypt, KeyIvInit, StreamCipher};
use md5::{Digest, Md5};
use rc4::{KeyInit, Rc4};

/// A cipher, or none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Method {
    Identity,
    Rc4,
    Aes128,
    Aes256,
}

impl Method {
    pub(super) fn decrypt(self, file_key: &[u8], id: Id, data: &[u8]) -> Option<Vec<u8>> {
        let key = self.object_key(file_key, id);
        match self {
            Self::Identity => Some(data.to_vec()),
            Self::Rc4 => rc4(&key, data),
            // Some writers leave an empty string or stream without any vector.
            Self::Aes128 | Self::Aes256 if data.is_empty() => Some(Vec::new()),
            Self::Aes128 | Self::Aes256 => {
                let (vector, data) = data.split_first_chunk::<16>()?;
                if self == Self::Aes128 {
                    let cipher = cbc::Decryptor::<Aes128>::new_from_slices(&key, vector).ok()?;
                    cipher.decrypt_padded_vec::<Pkcs7>(data).ok()
                } else {
                    let cipher = cbc::Decryptor::<Aes256>::new_from_slices(&key, vector).ok()?;
                    cipher.decrypt_padded_vec::<Pkcs7>(data).ok()
                }
            }
        }
    }

    pub(super) fn encrypt(
        self,
        file_key: &[u8],
        id: Id,
        vector: [u8; 16],
        data: &[u8],
    ) -> Option<Vec<u8>> {
        let key = self.object_key(file_key, id);
        let sealed = match self {
            Self::Identity => return Some(data.to_vec()),
            Self::Rc4 => return rc4(&key, data),
            Self::Aes128 => {
                let cipher = cbc::Encryptor::<Aes128>::new_from_slices(&key, &vector).ok()?;
                cipher.encrypt_padded_vec::<Pkcs7>(data)
            }
            Self::Aes256 => {
                let cipher = cbc::Encryptor::<Aes256>::new_from_slices(&key, &vector).ok()?;
                cipher.encrypt_padded_vec::<Pkcs7>(data)
            }
        };
        Some([&vector, sealed.as_slice()].concat())
    }

    fn object_key(self, file_key: &[u8], id: Id) -> Vec<u8> {
        if matches!(self, Self::Identity | Self::Aes256) {
            return file_key.to_vec();
        }
        let [a, b, c, _] = id.number.to_le_bytes();
        let mut hash = Md5::new();
        hash.update(file_key);
        hash.update([a, b, c]);
        hash.update(id.generation.to_le_bytes());
        if self == Self::Aes128 {
            hash.update(b"sAlT");
        }
        let mut key = hash.finalize().to_vec();
        key.truncate(file_key.len() + 5);
        key
    }
}

/// RC4 both ways. Nothing for a key that is empty or longer than the cipher takes.
pub(super) fn rc4(key: &[u8], data: &[u8]) -> Option<Vec<u8>> {
    let mut out = data.to_vec();
    Rc4::new_from_slice(key).ok()?.apply_keystream(&mut out);
    Some(out)
}
