//! Pictures of a page before and after: nothing outside the stamp may change, and the stamp must show.

use crate::tools::Renderer;
use bubuh_pdf::Rect;
use std::io::{Error, Result};
use std::path::Path;

/// Resolution of the comparison: fine enough to see a hairline, coarse enough for thousands of pages.
const DPI: u32 = 72;
/// Pixels around the stamp that its anti-aliased edge may touch.
const EDGE: usize = 1;

/// What two pictures of a page differ by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Difference {
    /// Changed pixels outside the rectangle and one pixel around it.
    pub outside: usize,
    /// Changed pixels inside.
    pub inside: usize,
    /// All pixels inside.
    pub area: usize,
}

impl Difference {
    /// The stamp shows: it changed at least a tenth of its own square. A place that was full of ink in the stamp's
    /// colours can't hide it: most of the stamp is light and the rest of it dark.
    #[must_use]
    pub const fn visible(&self) -> bool {
        self.inside * 10 >= self.area && self.area > 0
    }
}

/// Compares a page, counted from 1, of two files. `rect` is in points from the bottom left of the page as shown.
/// Nothing when the renderer can't show the page of the first file.
///
/// # Errors
/// When the renderer can't show the second file, or shows it in another size.
pub fn pixels_changed_outside(
    before: &Path,
    after: &Path,
    rect: &Rect,
    page: usize,
    renderer: Renderer,
) -> Result<Option<Difference>> {
    let folder = tempfile::tempdir()?;
    let picture = |name: &str, file: &Path| {
        let path = folder.path().join(name);
        renderer.render(file, page, DPI, &path)?;
        Picture::read(&std::fs::read(path)?)
            .ok_or_else(|| Error::other("the renderer's picture is no binary PPM"))
    };
    let Ok(before) = picture("before.ppm", before) else {
        return Ok(None);
    };
    let after = picture("after.ppm", after)?;
    if (before.width, before.height) != (after.width, after.height) {
        return Err(Error::other("the page changed its size"));
    }
    Ok(Some(compare(&before, &after, rect)))
}

/// 24-bit pixels, row by row from the top.
struct Picture {
    width: usize,
    height: usize,
    pixels: Vec<u8>,
}

impl Picture {
    /// Reads `P6`, width, height, 255, one white space, and the pixels.
    fn read(bytes: &[u8]) -> Option<Self> {
        let mut rest = bytes.strip_prefix(b"P6")?;
        let mut numbers = [0_usize; 3];
        for number in &mut numbers {
            rest = rest.trim_ascii_start();
            while let Some(comment) = rest.strip_prefix(b"#") {
                let end = comment.iter().position(|byte| *byte == b'\n')?;
                rest = comment.get(end..)?.trim_ascii_start();
            }
            let end = rest.iter().position(|byte| !byte.is_ascii_digit())?;
            let (digits, after) = rest.split_at_checked(end)?;
            *number = std::str::from_utf8(digits).ok()?.parse().ok()?;
            rest = after;
        }
        let [width, height, most] = numbers;
        let pixels = rest.get(1..)?.to_vec();
        let whole = most == 255 && pixels.len() == width.checked_mul(height)?.checked_mul(3)?;
        whole.then_some(Self {
            width,
            height,
            pixels,
        })
    }
}

fn compare(before: &Picture, after: &Picture, rect: &Rect) -> Difference {
    let pixel = |points: f64| points * f64::from(DPI) / 72.0;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "clamped to the page first"
    )]
    let whole = |number: f64, most: usize| number.max(0.0).min(most as f64) as usize;
    #[expect(clippy::cast_precision_loss, reason = "pixels of one page")]
    let height = before.height as f64;
    let columns =
        whole(pixel(rect.llx).floor(), before.width)..whole(pixel(rect.urx).ceil(), before.width);
    let rows = whole((height - pixel(rect.ury)).floor(), before.height)
        ..whole((height - pixel(rect.lly)).ceil(), before.height);
    let mut found = Difference {
        outside: 0,
        inside: 0,
        area: columns.len() * rows.len(),
    };
    let pairs = before.pixels.chunks(3).zip(after.pixels.chunks(3));
    for (index, (was, is)) in pairs.enumerate() {
        if was == is {
            continue;
        }
        let (row, column) = (index / before.width, index % before.width);
        if columns.contains(&column) && rows.contains(&row) {
            found.inside += 1;
            continue;
        }
        let near = |at: usize, range: &std::ops::Range<usize>| {
            (range.start.saturating_sub(EDGE)..range.end + EDGE).contains(&at)
        };
        if !(near(column, &columns) && near(row, &rows)) {
            found.outside += 1;
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn picture(change: impl Fn(usize, usize) -> bool) -> Picture {
        let (width, height) = (100, 80);
        let mut bytes = b"P6\n# by hand\n100 80\n255\n".to_vec();
        for index in 0..width * height {
            let dark = change(index % width, index / width);
            bytes.extend([255, if dark { 0 } else { 255 }, 255]);
        }
        Picture::read(&bytes).unwrap()
    }

    #[test]
    fn only_the_rectangle_and_its_edge_may_change() {
        let rect = Rect {
            llx: 10.2,
            lly: 9.9,
            urx: 30.0,
            ury: 29.5,
        };
        let blank = picture(|_, _| false);
        let within = |x: usize, y: usize| (10..30).contains(&x) && (50..71).contains(&y);
        let found = compare(&blank, &picture(within), &rect);
        assert_eq!((found.outside, found.inside), (0, found.area));
        assert!(found.visible());
        let edge = |x: usize, y: usize| (9..31).contains(&x) && (49..72).contains(&y);
        assert_eq!(compare(&blank, &picture(edge), &rect).outside, 0);
        let beyond = |x: usize, y: usize| (x, y) == (32, 60) || (x, y) == (20, 48);
        let found = compare(&blank, &picture(beyond), &rect);
        assert_eq!((found.outside, found.visible()), (2, false));
    }

    #[test]
    fn a_picture_cut_short_is_none() {
        assert!(Picture::read(b"P6 2 2 255 123456789012").is_some());
        assert!(Picture::read(b"P6 2 2 255 12345678901").is_none());
        assert!(Picture::read(b"P5 2 2 255 1234").is_none());
    }
}
