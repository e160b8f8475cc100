"""Writes glyphs.txt from a TrueType font: python make_glyphs.py RobotoCondensed-Bold.ttf > glyphs.txt (needs fontTools)."""

import sys

from fontTools.pens.qu2cuPen import Qu2CuPen
from fontTools.pens.recordingPen import DecomposingRecordingPen, RecordingPen
from fontTools.ttLib import TTFont

UNITS_PER_EM = 64  # Numbers of two digits; a step is a third of a pixel in the stamp's largest text at 300 dpi.
MAX_ERROR_EM = 0.02  # How far a merged curve may leave the font's own.

font = TTFont(sys.argv[1])
glyphs, names, em = font.getGlyphSet(), font.getBestCmap(), font["head"].unitsPerEm


def near(point):
    return tuple(round(c * UNITS_PER_EM / em) for c in point)


def path(name):
    own, merged = DecomposingRecordingPen(glyphs), RecordingPen()
    glyphs[name].draw(own)
    own.replay(Qu2CuPen(merged, max_err=MAX_ERROR_EM * em, all_cubic=True))
    words, start, at = [], None, None
    for operator, points in merged.value:
        points = [near(p) for p in points]
        numbers = " ".join(f"{x} {y}" for x, y in points)
        if operator == "moveTo":
            words.append(f"{numbers} m")
            start = points[0]
        elif operator == "lineTo" and points[0] not in (at, start):
            words.append(f"{numbers} l")
        elif operator == "curveTo" and points[0] == at:
            words.append(" ".join(f"{x} {y}" for x, y in points[1:]) + " v")
        elif operator == "curveTo" and points[1] == points[2]:
            words.append(" ".join(f"{x} {y}" for x, y in points[:2]) + " y")
        elif operator == "curveTo":
            words.append(f"{numbers} c")
        at = points[-1] if points else at
    return " ".join(words)


for letter in map(chr, range(ord(" "), ord("~") + 1)):
    name = names[ord(letter)]
    print(f"{letter}\t{near((glyphs[name].width, 0))[0]}\t{path(name)}")
