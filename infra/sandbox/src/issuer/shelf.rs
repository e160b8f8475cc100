//! Files in memory: the newest ones only.

use bytes::Bytes;
use std::collections::VecDeque;

/// Most files, and most bytes of all together, that are kept.
const MOST_FILES: usize = 256;
const MOST_BYTES: usize = 512 << 20;

#[derive(Debug, Default)]
pub(super) struct Shelf {
    /// The oldest first.
    files: VecDeque<File>,
    bytes: usize,
}

#[derive(Debug)]
struct File {
    name: String,
    /// The serial it is about, if it is about one.
    sn: Option<String>,
    bytes: Bytes,
}

impl Shelf {
    pub(super) fn put(&mut self, name: &str, sn: Option<&str>, bytes: Bytes) {
        self.take(name);
        self.bytes += bytes.len();
        self.files.push_back(File {
            name: name.to_owned(),
            sn: sn.map(str::to_owned),
            bytes,
        });
        // The newest stays, whatever its size.
        while self.files.len() > MOST_FILES || (self.bytes > MOST_BYTES && self.files.len() > 1) {
            if let Some(oldest) = self.files.pop_front() {
                self.bytes -= oldest.bytes.len();
            }
        }
    }

    pub(super) fn get(&self, name: &str) -> Option<&Bytes> {
        self.find(name).map(|file| &file.bytes)
    }

    pub(super) fn sn(&self, name: &str) -> Option<&str> {
        self.find(name)?.sn.as_deref()
    }

    pub(super) fn take(&mut self, name: &str) -> Option<Bytes> {
        let at = self.files.iter().position(|file| file.name == name)?;
        let file = self.files.remove(at)?;
        self.bytes -= file.bytes.len();
        Some(file.bytes)
    }

    fn find(&self, name: &str) -> Option<&File> {
        self.files.iter().rfind(|file| file.name == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_256_stay_and_a_name_stands_for_its_newest_file() {
        let mut shelf = Shelf::default();
        for number in 0..300 {
            shelf.put(&number.to_string(), None, Bytes::from_static(b"x"));
        }
        shelf.put("299", Some("sn"), Bytes::from_static(b"yy"));
        assert_eq!((shelf.files.len(), shelf.bytes), (256, 257));
        assert_eq!((shelf.get("43"), shelf.get("44").is_some()), (None, true));
        assert_eq!(shelf.sn("299"), Some("sn"));
        assert_eq!(shelf.take("299").as_deref(), Some(b"yy".as_slice()));
        assert_eq!((shelf.get("299"), shelf.bytes), (None, 255));
    }

    #[test]
    fn what_is_too_much_for_memory_pushes_out_the_oldest() {
        let mut shelf = Shelf::default();
        let large = Bytes::from(vec![0; 200 << 20]);
        for name in ["a", "b", "c"] {
            shelf.put(name, None, large.clone());
        }
        assert!(shelf.get("a").is_none() && shelf.get("b").is_some());
    }
}
