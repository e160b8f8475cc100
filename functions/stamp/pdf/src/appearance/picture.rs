//! An issuer's own picture of the stamp, shown instead of our drawing: PNG, or JPEG as it is.

use png::{ColorType, Decoder, Limits, Transformations};
use std::io::Cursor;
use thiserror::Error;

/// A picture that was checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    pub(crate) width: u32,
    pub(crate) height: u32,
    pub(crate) is_grey: bool,
    pub(crate) samples: Samples,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Samples {
    /// A whole JPEG file.
    Jpeg(Vec<u8>),
    /// One byte a sample, row by row from the top.
    Plain(Vec<u8>),
}

/// Why a picture cannot be a stamp. Trying the same picture again gives the same answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum PictureError {
    /// More bytes than [`Picture::MOST_BYTES`].
    #[error("the picture is larger than 512 KB; ask the issuer for a smaller one")]
    TooManyBytes,
    /// A side beyond [`Picture::MOST_SIDE_PX`] or below [`Picture::LEAST_SIDE_PX`].
    #[error("the picture's sides must be 64 to 1,200 pixels; ask the issuer for another size")]
    Side,
    /// Neither PNG nor JPEG.
    #[error("the picture is neither PNG nor JPEG; ask the issuer for one of these")]
    Kind,
    /// A JPEG in four colours, or with other than eight bits a sample.
    #[error("the picture's colours are for print; ask the issuer for grey or RGB of 8 bits")]
    Colours,
    /// It breaks the rules of its kind.
    #[error("the picture is damaged; fetch it again")]
    Damaged,
}

impl PictureError {
    /// What is wrong and what to do, in Indonesian.
    #[must_use]
    pub const fn message_id(self) -> &'static str {
        match self {
            Self::TooManyBytes => {
                "Gambar lebih besar dari 512 KB; minta gambar yang lebih kecil kepada penerbit"
            }
            Self::Side => {
                "Sisi gambar harus 64 sampai 1.200 piksel; minta ukuran lain kepada penerbit"
            }
            Self::Kind => "Gambar bukan PNG dan bukan JPEG; minta salah satunya kepada penerbit",
            Self::Colours => {
                "Warna gambar untuk percetakan; minta gambar abu-abu atau RGB 8 bit kepada penerbit"
            }
            Self::Damaged => "Gambar rusak; ambil lagi",
        }
    }
}

impl Picture {
    /// Largest file accepted, in bytes.
    pub const MOST_BYTES: usize = 512 * 1024;
    /// Longest side accepted, in pixels: 2.2 cm at nearly 1,400 dpi.
    pub const MOST_SIDE_PX: u32 = 1_200;
    /// Shortest side accepted, in pixels.
    pub const LEAST_SIDE_PX: u32 = 64;

    /// Reads a PNG or JPEG file. What is transparent becomes white: PDF/A-1 knows no transparency.
    ///
    /// # Errors
    /// Why it cannot be a stamp.
    pub fn read(file: &[u8]) -> Result<Self, PictureError> {
        if file.len() > Self::MOST_BYTES {
            return Err(PictureError::TooManyBytes);
        }
        if file.starts_with(b"\x89PNG") {
            return from_png(file);
        }
        if file.starts_with(b"\xff\xd8") {
            return from_jpeg(file);
        }
        Err(PictureError::Kind)
    }
}

fn check_sides(width: u32, height: u32) -> Result<(), PictureError> {
    let sides = Picture::LEAST_SIDE_PX..=Picture::MOST_SIDE_PX;
    if sides.contains(&width) && sides.contains(&height) {
        return Ok(());
    }
    Err(PictureError::Side)
}

fn from_png(file: &[u8]) -> Result<Picture, PictureError> {
    const DAMAGED: PictureError = PictureError::Damaged;
    // Four samples of 16 bits for each pixel of the largest picture, before they are narrowed.
    let limits = Limits { bytes: 16 << 20 };
    let mut decoder = Decoder::new_with_limits(Cursor::new(file), limits);
    decoder.set_transformations(Transformations::normalize_to_color8());
    let mut reader = decoder.read_info().map_err(|_| DAMAGED)?;
    let (width, height) = (reader.info().width, reader.info().height);
    check_sides(width, height)?;
    let mut samples = vec![0; reader.output_buffer_size().ok_or(DAMAGED)?];
    let frame = reader.next_frame(&mut samples).map_err(|_| DAMAGED)?;
    let (samples, is_grey) = match frame.color_type {
        ColorType::Grayscale => (samples, true),
        ColorType::GrayscaleAlpha => (on_white(&samples, 2), true),
        ColorType::Rgb => (samples, false),
        ColorType::Rgba => (on_white(&samples, 4), false),
        // Normalising has replaced the palette.
        ColorType::Indexed => return Err(DAMAGED),
    };
    Ok(Picture {
        width,
        height,
        is_grey,
        samples: Samples::Plain(samples),
    })
}

/// The colours as they look on white paper; the last of each pixel's samples is its opacity.
fn on_white(samples: &[u8], samples_a_pixel: usize) -> Vec<u8> {
    let pixels = samples
        .chunks_exact(samples_a_pixel)
        .filter_map(<[u8]>::split_last);
    let flat = pixels.flat_map(|(opacity, colors)| {
        let opacity = u32::from(*opacity);
        colors.iter().map(move |color| {
            let mixed = (u32::from(*color) * opacity + 255 * (255 - opacity) + 127) / 255;
            u8::try_from(mixed).unwrap_or(u8::MAX)
        })
    });
    flat.collect()
}

/// Finds the frame header (ITU-T T.81, annex B); the samples are the readers' business.
fn from_jpeg(file: &[u8]) -> Result<Picture, PictureError> {
    const DAMAGED: PictureError = PictureError::Damaged;
    let mut rest = file.get(2..).ok_or(DAMAGED)?;
    loop {
        let [0xff, marker, after @ ..] = rest else {
            return Err(DAMAGED);
        };
        if *marker == 0xff {
            rest = rest.get(1..).ok_or(DAMAGED)?;
            continue;
        }
        let [high, low, ..] = after else {
            return Err(DAMAGED);
        };
        let length = usize::from(u16::from_be_bytes([*high, *low]));
        let segment = after.get(..length).ok_or(DAMAGED)?;
        // Start of frame: baseline, extended or progressive.
        if let (0xc0..=0xc2, [_, _, bits, h1, h2, w1, w2, components, ..]) = (marker, segment) {
            let (height, width) = (
                u16::from_be_bytes([*h1, *h2]),
                u16::from_be_bytes([*w1, *w2]),
            );
            check_sides(width.into(), height.into())?;
            if *bits != 8 || !matches!(components, 1 | 3) {
                return Err(PictureError::Colours);
            }
            return Ok(Picture {
                width: width.into(),
                height: height.into(),
                is_grey: *components == 1,
                samples: Samples::Jpeg(file.to_vec()),
            });
        }
        // The picture's data must not come before its header; a segment counts its own length.
        if *marker == 0xda || length < 2 {
            return Err(DAMAGED);
        }
        rest = after.get(length..).ok_or(DAMAGED)?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use png::{BitDepth, Encoder};

    fn png(width: u32, height: u32, color: ColorType, pixel: &[u8]) -> Vec<u8> {
        let mut file = Vec::new();
        let mut encoder = Encoder::new(&mut file, width, height);
        encoder.set_color(color);
        encoder.set_depth(BitDepth::Eight);
        let data = pixel.repeat(usize::try_from(width * height).unwrap());
        encoder
            .write_header()
            .unwrap()
            .write_image_data(&data)
            .unwrap();
        file
    }

    fn jpeg(bits: u8, width: u16, components: u8) -> Vec<u8> {
        let [w1, w2] = width.to_be_bytes();
        let head = [
            0xff, 0xd8, 0xff, 0xe0, 0, 4, 1, 2, 0xff, 0xff, 0xc2, 0, 9, bits,
        ];
        [&head[..], &[0, 80, w1, w2, components, 0, 0]].concat()
    }

    #[test]
    fn transparent_pixels_become_white_and_half_transparent_ones_lighter() {
        for (color, pixel, flat, is_grey) in [
            (
                ColorType::Rgba,
                &[10, 20, 30, 0][..],
                &[255, 255, 255][..],
                false,
            ),
            (ColorType::Rgba, &[0, 0, 255, 128], &[127, 127, 255], false),
            (ColorType::Rgb, &[1, 2, 3], &[1, 2, 3], false),
            (ColorType::GrayscaleAlpha, &[0, 51], &[204], true),
            (ColorType::Grayscale, &[7], &[7], true),
        ] {
            let picture = Picture::read(&png(64, 70, color, pixel)).unwrap();
            assert_eq!((picture.width, picture.height), (64, 70));
            assert_eq!(picture.is_grey, is_grey);
            assert_eq!(picture.samples, Samples::Plain(flat.repeat(64 * 70)));
        }
    }

    #[test]
    fn a_jpeg_is_kept_as_it_is() {
        let file = jpeg(8, 100, 3);
        let picture = Picture::read(&file).unwrap();
        assert_eq!(
            (picture.width, picture.height, picture.is_grey),
            (100, 80, false)
        );
        assert_eq!(picture.samples, Samples::Jpeg(file));
        assert!(Picture::read(&jpeg(8, 100, 1)).unwrap().is_grey);
    }

    #[test]
    fn each_limit_has_its_own_error_in_both_languages() {
        let cut = png(64, 64, ColorType::Rgb, &[1, 2, 3]);
        for (file, error) in [
            (vec![0; Picture::MOST_BYTES + 1], PictureError::TooManyBytes),
            (png(63, 64, ColorType::Rgb, &[1, 2, 3]), PictureError::Side),
            (
                png(64, 1_201, ColorType::Rgb, &[1, 2, 3]),
                PictureError::Side,
            ),
            (jpeg(8, 9_000, 3), PictureError::Side),
            (jpeg(8, 100, 4), PictureError::Colours),
            (jpeg(12, 100, 3), PictureError::Colours),
            (b"GIF89a".to_vec(), PictureError::Kind),
            (cut[..cut.len() / 2].to_vec(), PictureError::Damaged),
            (b"\xff\xd8\xff\xe0\0\0".to_vec(), PictureError::Damaged),
            (jpeg(8, 100, 3)[..12].to_vec(), PictureError::Damaged),
        ] {
            assert_eq!(Picture::read(&file), Err(error));
            assert!(!error.message_id().is_empty() && !error.to_string().is_empty());
        }
    }
}
