#!/usr/bin/env python3
"""make.py - cut the theme's fonts out of the npm packages beside it; they are committed.

Needs `npm ci` here, and Debian's python3-fonttools and python3-brotli. Prints the figures from
which base.css has its metric-matched fallbacks.
"""
import pathlib

from fontTools import subset
from fontTools.ttLib import TTFont
from fontTools.varLib import instancer

here = pathlib.Path(__file__).resolve().parent
assets = here.parents[1] / "theme/assets"
# What most pages of most languages need is one small file; rarer letters of Latin-1 are another.
LATIN = ("U+0020-007E,U+00A0,U+00A3,U+00A9,U+00AB,U+00AE,U+00B0,U+00B2,U+00B7,U+00BB,U+00D7,U+00E0,"
         "U+00E4,U+00E7-00E9,U+00EB,U+00EF,U+00F6,U+00FC,U+2013-2014,U+2018-201E,U+2022,U+2026,U+20AC,U+2212")
LATIN_1 = ("U+00A1-00A2,U+00A4-00A8,U+00AA,U+00AC-00AD,U+00AF,U+00B1,U+00B3-00B6,U+00B8-00BA,U+00BC-00D6,"
           "U+00D8-00DF,U+00E1-00E3,U+00E5-00E6,U+00EA,U+00EC-00EE,U+00F0-00F5,U+00F7-00FB,U+00FD-00FF,U+0131,U+0152-0153,U+2032-2033,U+2190,U+2192")
SETS = {
    "latin": ("latin", LATIN),
    "latin-1": ("latin", LATIN_1),
    "latin-ext": ("latin-ext", "U+0100-017F,U+0218-021B,U+20BA,U+20B4"),
    "cyrillic": ("cyrillic", "U+0400-045F,U+0490-0491,U+04B0-04B1,U+2116"),
}
FAMILIES = {"onest": (400, 600), "literata": 560}  # headings: one weight


def round_kerning(font):
    """Nobody sees a hundredth of an em; round numbers pack better."""
    for lookup in font["GPOS"].table.LookupList.Lookup if "GPOS" in font else []:
        for table in lookup.SubTable:
            pairs = [r for s in getattr(table, "PairSet", []) for r in s.PairValueRecord]
            pairs += [r for c in getattr(table, "Class1Record", []) for r in c.Class2Record]
            for value in (p.Value1 for p in pairs if hasattr(p.Value1, "XAdvance")):
                value.XAdvance = round(value.XAdvance / 5) * 5 if abs(value.XAdvance) >= 10 else 0


def cut(family, name, source, codes, weights):
    font = TTFont(here / f"node_modules/@fontsource-variable/{family}/files/{family}-{source}-wght-normal.woff2")
    options = subset.Options()
    options.flavor = "woff2"
    options.layout_features = ["kern", "liga", "locl"] + (["tnum"] if family == "onest" else [])
    if name != "latin":  # its letters with accents are ready-made
        options.layout_features += ["ccmp", "mark", "mkmk"]
    options.hinting = False
    options.drop_tables += ["vhea", "vmtx", "gasp", "STAT"]
    cutter = subset.Subsetter(options)
    cutter.populate(unicodes=subset.parse_unicodes(codes.replace("U+", "")))
    cutter.subset(font)
    font = instancer.instantiateVariableFont(font, {"wght": weights})
    round_kerning(font)
    target = assets / f"{family}-{name}.woff2"
    font.flavor = "woff2"
    font.save(target)
    units, hhea = font["head"].unitsPerEm, font["hhea"]
    print(f"{target.name}: {target.stat().st_size} bytes, {len(font.getBestCmap())} letters, "
          f"ascent {hhea.ascent / units:.4f}, descent {-hhea.descent / units:.4f}, gap {hhea.lineGap / units:.4f}")


for family, weights in FAMILIES.items():
    for name, (source, codes) in SETS.items():
        cut(family, name, source, codes, weights)
