//! Which of the eight masks a QR code wears (ISO/IEC 18004, 7.8.3): the one with the least penalty, the first of
//! equals. Lines of modules are numbers here, so that a whole line is looked at in a few steps.

use qrcode::Color;
use qrcode::canvas::{Canvas, MaskPattern};

const PATTERNS: [MaskPattern; 8] = [
    MaskPattern::Checkerboard,
    MaskPattern::HorizontalLines,
    MaskPattern::VerticalLines,
    MaskPattern::DiagonalLines,
    MaskPattern::LargeCheckerboard,
    MaskPattern::Fields,
    MaskPattern::Diamonds,
    MaskPattern::Meadow,
];

/// Whether each module is dark, row by row, under the best mask; nothing for a code wider than 64 modules.
pub(super) fn masked(canvas: &Canvas, width: usize) -> Option<Vec<bool>> {
    let codes = PATTERNS.into_iter().map(|pattern| {
        let mut code = canvas.clone();
        code.apply_mask(pattern);
        let colors = code.into_colors().into_iter();
        colors.map(|color| color == Color::Dark).collect()
    });
    let codes = codes.filter(|dark: &Vec<bool>| (1..=64).contains(&width) && !dark.is_empty());
    codes.min_by_key(|dark| penalty(dark, width))
}

fn penalty(dark: &[bool], width: usize) -> usize {
    let mut rows = [0_u64; 64];
    let mut columns = [0_u64; 64];
    for (row, modules) in rows.iter_mut().zip(dark.chunks(width)) {
        for (at, column) in columns.iter_mut().enumerate().take(width) {
            let module = u64::from(modules.get(at).copied().unwrap_or(false));
            *row |= module << at;
            *column = *column << 1 | module;
        }
    }
    let (rows, columns) = (rows.iter().take(width), columns.iter().take(width));
    let lines = rows.clone().chain(columns);
    let runs: u32 = lines.clone().map(|line| run_penalty(*line, width)).sum();
    let finders: u32 = lines.map(|line| finder_penalty(*line)).sum();
    let pairs = rows.clone().zip(rows.skip(1));
    let blocks: u32 = pairs
        .map(|(row, next)| block_penalty(*row, *next, width))
        .sum();
    let share = dark.iter().filter(|dark| **dark).count() * 200 / dark.len().max(1);
    usize::try_from(runs + finders + blocks).unwrap_or(usize::MAX) + share.abs_diff(100)
}

/// Where a module is like the next one of its line.
fn like_next(line: u64, width: usize) -> u64 {
    !(line ^ line >> 1) & ((1 << (width - 1)) - 1)
}

/// Five or more of one colour: their number less two.
fn run_penalty(line: u64, width: usize) -> u32 {
    let like = like_next(line, width);
    let fives = like & like >> 1 & like >> 2 & like >> 3;
    let starts = fives & !(fives << 1);
    fives.count_ones() + 2 * starts.count_ones()
}

/// Two by two of one colour.
fn block_penalty(row: u64, next: u64, width: usize) -> u32 {
    let blocks = like_next(row, width) & like_next(next, width) & !(row ^ next);
    3 * blocks.count_ones()
}

/// What a finder looks like, with four light modules before or after it.
fn finder_penalty(line: u64) -> u32 {
    let like = line & !(line >> 1) & line >> 2 & line >> 3 & line >> 4 & !(line >> 5) & line >> 6;
    let dark_before = line << 1 | line << 2 | line << 3 | line << 4;
    let dark_after = line >> 7 | line >> 8 | line >> 9 | line >> 10;
    40 * (like & !(dark_before & dark_after)).count_ones()
}
