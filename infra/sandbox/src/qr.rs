//! A QRIS code's contents and picture. EMV QRCPS merchant-presented mode; no bank takes it.

use flate2::{Compression, Crc, write::ZlibEncoder};
use qrcode::{Color, EcLevel, QrCode};
use std::io::Write;

/// Pixels of one module, and modules of white around the code.
const SCALE: usize = 6;
const QUIET: usize = 4;

/// The text of a dynamic code for this amount in rupiah.
pub(crate) fn contents(transaction_id: &str, rupiah: u64) -> String {
    let reference = transaction_id.replace('-', "");
    let merchant = field("00", "ID.BUBUH.SANDBOX") + &field("02", &reference);
    let mut text = [
        field("00", "01"),
        field("01", "12"),
        field("26", &merchant),
        field("52", "9399"),
        field("53", "360"),
        field("54", &rupiah.to_string()),
        field("58", "ID"),
        field("59", "BUBUH SANDBOX"),
        field("60", "JAKARTA"),
    ]
    .concat();
    text.push_str("6304");
    let sum = crc16(text.as_bytes());
    text + &format!("{sum:04X}")
}

fn field(tag: &str, value: &str) -> String {
    format!("{tag}{:02}{value}", value.len())
}

/// CRC-16/CCITT-FALSE, as EMV QRCPS wants it.
fn crc16(bytes: &[u8]) -> u16 {
    bytes.iter().fold(0xFFFF, |crc, byte| {
        (0..8).fold(crc ^ (u16::from(*byte) << 8), |crc, _| {
            if crc & 0x8000 == 0 {
                crc << 1
            } else {
                (crc << 1) ^ 0x1021
            }
        })
    })
}

/// The code as a greyscale PNG; none if the text is too long for a code.
pub(crate) fn picture(text: &str) -> Option<Vec<u8>> {
    let code = QrCode::with_error_correction_level(text, EcLevel::M).ok()?;
    let modules = code.to_colors();
    let side = code.width();
    let pixels = (side + 2 * QUIET) * SCALE;
    let mut rows = ZlibEncoder::new(Vec::new(), Compression::default());
    for y in 0..side + 2 * QUIET {
        // Each line of pixels says first that it is not filtered.
        let mut line = vec![0];
        for x in 0..side + 2 * QUIET {
            line.extend([shade(&modules, side, x, y); SCALE]);
        }
        rows.write_all(&line.repeat(SCALE)).ok()?;
    }
    let size = u32::try_from(pixels).ok()?.to_be_bytes();
    let head = [size.as_slice(), &size, &[8, 0, 0, 0, 0]].concat();
    let mut png = b"\x89PNG\r\n\x1a\n".to_vec();
    chunk(&mut png, b"IHDR", &head)?;
    chunk(&mut png, b"IDAT", &rows.finish().ok()?)?;
    chunk(&mut png, b"IEND", &[])?;
    Some(png)
}

fn shade(modules: &[Color], side: usize, x: usize, y: usize) -> u8 {
    let inside = |at: usize| at.checked_sub(QUIET).filter(|at| *at < side);
    let module = inside(x)
        .zip(inside(y))
        .and_then(|(x, y)| modules.get(y * side + x));
    if module == Some(&Color::Dark) { 0 } else { 255 }
}

fn chunk(png: &mut Vec<u8>, kind: &[u8; 4], data: &[u8]) -> Option<()> {
    png.extend_from_slice(&u32::try_from(data.len()).ok()?.to_be_bytes());
    let mut crc = Crc::new();
    crc.update(kind);
    crc.update(data);
    png.extend_from_slice(kind);
    png.extend_from_slice(data);
    png.extend_from_slice(&crc.sum().to_be_bytes());
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_checksum_is_the_one_of_the_standard() {
        assert_eq!(crc16(b"123456789"), 0x29B1);
    }

    #[test]
    fn the_contents_name_the_amount_and_end_with_their_checksum() {
        let text = contents("0d8f0b1e-7d3a-5f6e-9a51-7f3b0c2d4e5f", 100_000);
        assert!(text.contains("5406100000"), "{text}");
        let (body, sum) = text.split_at(text.len() - 4);
        assert_eq!(format!("{:04X}", crc16(body.as_bytes())), sum);
    }
}
