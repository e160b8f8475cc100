//! The place that a phrase marks: people print "Materai Rp10.000", often in a box, where the stamp belongs.

use super::{around, bounds, centre};
use crate::placement::{DEFAULT_SIDE_PT, LEAST_SIDE_PT, Rect};
use crate::scene::{Letter, Line, Scene};

/// Largest side of a box that is left for a stamp.
const LARGEST_BOX_PT: f64 = 260.0;
/// A line with so many more letters than the phrase is a sentence, not a label.
const LABEL_LETTERS: usize = 16;
/// The value, which a label may give on a line of its own.
const VALUE: &str = "10000";

/// The square for the stamp, if the phrase is there.
pub(super) fn square(scene: &Scene, phrase: &str) -> Option<Rect> {
    let phrase = letters_of(phrase);
    let found = matches(&scene.letters, &phrase);
    let best = found.into_iter().filter_map(|start| {
        let label = Label::read(&scene.letters, start, phrase.len())?;
        Some((label.frame(&scene.lines), label))
    });
    // In a box before outside; a label before a sentence; else the lowest: people sign at the end.
    let (frame, label) = best.min_by(|(frame, label), (other_frame, other)| {
        let rank = (frame.is_none(), !label.alone);
        rank.cmp(&(other_frame.is_none(), !other.alone))
            .then(label.place.lly.total_cmp(&other.place.lly))
    })?;
    let Some(frame) = frame else {
        return Some(around(centre(label.place), DEFAULT_SIDE_PT));
    };
    let room = frame.width_pt().min(frame.height_pt());
    Some(around(centre(frame), DEFAULT_SIDE_PT.min(room)))
}

/// Letters and digits in lower case: hyphens, spaces and points are written in many ways.
fn letters_of(text: &str) -> Vec<char> {
    let letters = text.chars().flat_map(char::to_lowercase);
    letters.filter(|letter| letter.is_alphanumeric()).collect()
}

/// Where the phrase starts, as whole words.
fn matches(letters: &[Letter], phrase: &[char]) -> Vec<usize> {
    if phrase.is_empty() {
        return Vec::new();
    }
    let windows = letters.windows(phrase.len()).enumerate();
    let found = windows.filter(|(start, window)| {
        let same = window
            .iter()
            .zip(phrase)
            .all(|(is, wanted)| is.letter == *wanted);
        let next = letters.get(start + phrase.len());
        let begins = window.first().is_some_and(|first| first.starts_word);
        same && begins && next.is_none_or(|next| next.starts_word)
    });
    found.map(|(start, _)| start).collect()
}

/// A phrase with what belongs to it.
struct Label {
    place: Rect,
    /// Little else stands on its line.
    alone: bool,
}

impl Label {
    fn read(letters: &[Letter], start: usize, length: usize) -> Option<Self> {
        let phrase = bounds(letters.get(start..start + length)?)?;
        let near = |one: Rect, other: Rect| {
            let height = phrase.height_pt();
            (centre(one).1 - centre(other).1).abs() < 0.5 * height
                && other.llx - one.urx < 1.5 * height
                && one.llx - other.urx < 1.5 * height
        };
        // Letters come in the order they are read, mostly: the line goes on as long as neighbours are near.
        let mut from = start;
        while let Some(before) = from.checked_sub(1)
            && let (Some(one), Some(other)) = (letters.get(before), letters.get(from))
            && near(one.place, other.place)
        {
            from = before;
        }
        let mut to = start + length;
        while let (Some(one), Some(other)) = (
            to.checked_sub(1).and_then(|at| letters.get(at)),
            letters.get(to),
        ) && near(one.place, other.place)
        {
            to += 1;
        }
        let alone = to - from <= length + LABEL_LETTERS;
        let line = bounds(letters.get(from..to)?)?;
        let place = if alone {
            with_value(letters, to, line)
        } else {
            phrase
        };
        Some(Self { place, alone })
    }

    /// The box drawn around the label.
    fn frame(&self, lines: &[Line]) -> Option<Rect> {
        let (x, y) = centre(self.place);
        let spans = |line: &&Line, along: f64| line.from <= along && along <= line.to;
        let upright = |line: &&Line| line.upright && spans(line, y);
        let level = |line: &&Line| !line.upright && spans(line, x);
        let at = |line: &Line| line.at;
        let frame = Rect {
            llx: lines
                .iter()
                .filter(upright)
                .map(at)
                .filter(|at| *at < x)
                .reduce(f64::max)?,
            urx: lines
                .iter()
                .filter(upright)
                .map(at)
                .filter(|at| *at > x)
                .reduce(f64::min)?,
            lly: lines
                .iter()
                .filter(level)
                .map(at)
                .filter(|at| *at < y)
                .reduce(f64::max)?,
            ury: lines
                .iter()
                .filter(level)
                .map(at)
                .filter(|at| *at > y)
                .reduce(f64::min)?,
        };
        let fits = |side: f64| (LEAST_SIDE_PT..=LARGEST_BOX_PT).contains(&side);
        (fits(frame.width_pt()) && fits(frame.height_pt())).then_some(frame)
    }
}

/// The label with the value that stands right below it, if one does.
fn with_value(letters: &[Letter], to: usize, label: Rect) -> Rect {
    let height = label.height_pt();
    let below = |letter: &&Letter| {
        let place = letter.place;
        let drop = label.lly - place.ury;
        (-0.5 * height..height).contains(&drop)
            && place.llx < label.urx + height
            && place.urx > label.llx - height
    };
    let rest = letters.get(to..).unwrap_or_default();
    let next: Vec<Letter> = rest.iter().take_while(below).copied().collect();
    let text: String = next.iter().map(|letter| letter.letter).collect();
    match bounds(&next) {
        Some(value) if text.contains(VALUE) => crate::scene::union(label, value),
        _ => label,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn word(text: &str, x: f64, y: f64) -> Vec<Letter> {
        let letters = text.chars().enumerate().map(|(index, letter)| {
            let llx = x + f64::from(u32::try_from(index).unwrap()) * 5.0;
            Letter {
                letter,
                place: Rect {
                    llx,
                    lly: y,
                    urx: llx + 5.0,
                    ury: y + 10.0,
                },
                starts_word: index == 0,
            }
        });
        letters.collect()
    }

    #[test]
    fn a_phrase_is_found_as_whole_words_only() {
        let letters = [
            word("bermeterai", 0.0, 0.0),
            word("meterai", 60.0, 0.0),
            word("meterainya", 0.0, 50.0),
        ];
        assert_eq!(
            matches(&letters.concat(), &letters_of("e-Meterai")),
            Vec::<usize>::new()
        );
        assert_eq!(matches(&letters.concat(), &letters_of("Meterai")), [10]);
        let split = [word("e", 0.0, 0.0), word("meterai", 9.0, 0.0)].concat();
        assert_eq!(matches(&split, &letters_of("E-METERAI")), [0]);
        assert_eq!(matches(&split, &letters_of("Meterai")), [1]);
        assert!(matches(&split, &letters_of("---")).is_empty());
    }

    #[test]
    fn a_value_below_belongs_to_the_label_and_a_name_does_not() {
        for (below, bottom) in [("rp10000", 88.0), ("budi", 100.0)] {
            let letters = [word("materai", 50.0, 100.0), word(below, 50.0, 88.0)].concat();
            let label = Label::read(&letters, 0, 7).unwrap();
            assert!(label.alone);
            assert_eq!(label.place.lly, bottom, "{below}");
        }
    }

    #[test]
    fn the_stamp_fills_the_middle_of_a_box_and_fits_it() {
        let label = Label {
            place: Rect {
                llx: 100.0,
                lly: 100.0,
                urx: 140.0,
                ury: 110.0,
            },
            alone: true,
        };
        let line = |upright, at, from, to| Line {
            upright,
            at,
            from,
            to,
        };
        let mut lines = vec![
            line(true, 90.0, 80.0, 140.0),
            line(true, 150.0, 80.0, 140.0),
            line(true, 145.0, 0.0, 50.0),
            line(false, 80.0, 90.0, 150.0),
            line(false, 140.0, 90.0, 150.0),
        ];
        let frame = label.frame(&lines).unwrap();
        assert_eq!(
            (frame.llx, frame.lly, frame.urx, frame.ury),
            (90.0, 80.0, 150.0, 140.0)
        );
        lines.pop();
        assert!(label.frame(&lines).is_none());
    }
}
