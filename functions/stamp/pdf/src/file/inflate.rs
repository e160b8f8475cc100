//! Flate with a budget, and PNG predictors (ISO 32000-2, 7.4.4).

use crate::Refusal;
use crate::syntax::Node;
use flate2::{Compression, bufread::ZlibDecoder, write::ZlibEncoder};
use std::cell::Cell;
use std::io::{Read, Write};

const DAMAGED: Refusal = Refusal::broken("compressed data");

/// How many times its size a structural stream may grow to. What goes beyond is taken from an allowance for all
/// streams together, in bytes: a few short streams of equal rows are nothing to refuse.
const MOST_RATIO: usize = 100;
const ALLOWANCE_BYTES: usize = 2 * 1024 * 1024;
/// How much is decompressed from one look at the limits to the next.
const STEP_BYTES: u64 = 64 * 1024;

/// What may still be decompressed for one document.
pub(crate) struct Budget {
    bytes: Cell<usize>,
    /// What may still grow beyond [`MOST_RATIO`].
    allowance: Cell<usize>,
}

impl Budget {
    pub(crate) const fn new(bytes: usize) -> Self {
        Self {
            bytes: Cell::new(bytes),
            allowance: Cell::new(ALLOWANCE_BYTES),
        }
    }

    /// Takes so many bytes, or refuses.
    pub(super) fn spend(&self, bytes: usize) -> Result<(), Refusal> {
        let left = self.bytes.get().checked_sub(bytes);
        self.bytes.set(left.ok_or(Refusal::TooComplex)?);
        Ok(())
    }

    fn inflate(&self, data: &[u8]) -> Result<Vec<u8>, Refusal> {
        let (mut decoder, mut out) = (ZlibDecoder::new(data), Vec::new());
        let mut beyond = 0;
        loop {
            let step = (&mut decoder).take(STEP_BYTES).read_to_end(&mut out);
            if step.map_err(|_| DAMAGED)? == 0 {
                break;
            }
            // Real structure is not that repetitive: what is, is a bomb, and is stopped where it begins to swell.
            let read = usize::try_from(decoder.total_in()).unwrap_or(usize::MAX);
            beyond = out.len().saturating_sub(read.saturating_mul(MOST_RATIO));
            if out.len() > self.bytes.get() || beyond > self.allowance.get() {
                return Err(Refusal::TooComplex);
            }
        }
        self.allowance.set(self.allowance.get() - beyond);
        self.spend(out.len())?;
        Ok(out)
    }

    /// Decodes a stream whose dictionary holds only direct values.
    pub(crate) fn decode(&self, dict: &Node, data: &[u8]) -> Result<Vec<u8>, Refusal> {
        let filter = dict.get(b"Filter").map(single).transpose()?;
        let parms = dict.get(b"DecodeParms").map(single).transpose()?;
        match filter.map(|node| node.name()) {
            None => {
                self.spend(data.len())?;
                Ok(data.to_vec())
            }
            Some(Some(b"FlateDecode")) => undo_predictor(self.inflate(data)?, parms),
            Some(_) => Err(Refusal::broken("unusual filter on a structural stream")),
        }
    }
}

/// The sole element of an array, or the node itself.
fn single(node: &Node) -> Result<&Node, Refusal> {
    match node.items() {
        None => Ok(node),
        Some([one]) => Ok(one),
        Some(_) => Err(Refusal::broken("unusual filter on a structural stream")),
    }
}

fn undo_predictor(data: Vec<u8>, parms: Option<&Node>) -> Result<Vec<u8>, Refusal> {
    let int = |key: &[u8], default| {
        parms
            .and_then(|parms| parms.get(key)?.int())
            .unwrap_or(default)
    };
    match int(b"Predictor", 1) {
        1 => return Ok(data),
        10..=15 => {}
        _ => return Err(DAMAGED),
    }
    let bits = int(b"Columns", 1)
        .checked_mul(int(b"Colors", 1))
        .and_then(|bits| bits.checked_mul(int(b"BitsPerComponent", 8)))
        .filter(|bits| (1..=1 << 20).contains(bits))
        .ok_or(DAMAGED)?;
    let row_bytes = usize::try_from(bits).map_err(|_| DAMAGED)?.div_ceil(8);
    let pixel =
        usize::try_from(int(b"Colors", 1) * int(b"BitsPerComponent", 8)).map_err(|_| DAMAGED)?;
    let pixel = pixel.div_ceil(8).max(1);
    let mut out = Vec::with_capacity(data.len());
    let mut above = vec![0_u8; row_bytes];
    for line in data.chunks(row_bytes + 1) {
        let (kind, line) = line.split_first().ok_or(DAMAGED)?;
        let row = undo_row(*kind, line, &above, pixel)?;
        out.extend_from_slice(&row);
        above = row;
        above.resize(row_bytes, 0);
    }
    Ok(out)
}

fn undo_row(kind: u8, line: &[u8], above: &[u8], pixel: usize) -> Result<Vec<u8>, Refusal> {
    let mut row: Vec<u8> = Vec::with_capacity(line.len());
    for (at, byte) in line.iter().enumerate() {
        let before = |row: &[u8]| {
            at.checked_sub(pixel)
                .and_then(|at| row.get(at).copied())
                .unwrap_or(0)
        };
        let (left, up, corner) = (
            before(&row),
            above.get(at).copied().unwrap_or(0),
            before(above),
        );
        let guess = match kind {
            0 => 0,
            1 => left,
            2 => up,
            3 => u8::midpoint(left, up),
            4 => paeth(left, up, corner),
            _ => return Err(DAMAGED),
        };
        row.push(byte.wrapping_add(guess));
    }
    Ok(row)
}

fn paeth(left: u8, up: u8, corner: u8) -> u8 {
    let estimate = i16::from(left) + i16::from(up) - i16::from(corner);
    let distance = |byte: u8| (estimate - i16::from(byte)).abs();
    if distance(left) <= distance(up) && distance(left) <= distance(corner) {
        left
    } else if distance(up) <= distance(corner) {
        up
    } else {
        corner
    }
}

/// Compresses our own content.
pub(crate) fn deflate(data: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(data)?;
    encoder.finish()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Limits;
    use crate::syntax::Lexer;

    fn dict(text: &str) -> Node {
        Lexer::new(text.as_bytes(), 0, &Limits::DEFAULT)
            .value()
            .unwrap()
    }

    #[test]
    fn a_bomb_stops_at_the_budget_of_the_whole_document() {
        let bomb = deflate(&vec![b' '; 600_000]).unwrap();
        let budget = Budget::new(1_000_000);
        let flate = dict("<</Filter/FlateDecode>>");
        assert_eq!(budget.decode(&flate, &bomb).unwrap().len(), 600_000);
        assert_eq!(
            budget.decode(&flate, &bomb).unwrap_err(),
            Refusal::TooComplex
        );
    }

    #[test]
    fn what_swells_beyond_a_hundredfold_is_counted_over_the_whole_document() {
        let swollen = deflate(&vec![b' '; 900_000]).unwrap();
        let usual = deflate(&b"0123456789".repeat(60)).unwrap();
        let budget = Budget::new(1 << 30);
        let flate = dict("<</Filter/FlateDecode>>");
        let verdicts = [(); 3].map(|()| budget.decode(&flate, &swollen).map(|out| out.len()));
        assert_eq!(
            verdicts,
            [Ok(900_000), Ok(900_000), Err(Refusal::TooComplex)]
        );
        assert_eq!(budget.decode(&flate, &usual).map(|out| out.len()), Ok(600));
    }

    #[test]
    fn every_png_predictor_is_undone() {
        let rows = [
            [0_u8, 1, 2, 3],
            [1, 10, 1, 1],
            [2, 1, 1, 1],
            [3, 5, 5, 5],
            [4, 1, 1, 1],
        ];
        let data = deflate(&rows.concat()).unwrap();
        let flate = dict("<</Filter[/FlateDecode]/DecodeParms[<</Predictor 15/Columns 3>>]>>");
        let out = Budget::new(1_000).decode(&flate, &data).unwrap();
        assert_eq!(
            out,
            [1, 2, 3, 10, 11, 12, 11, 12, 13, 10, 16, 19, 11, 17, 20]
        );
    }
}
