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
LATIN = "U+0020-007E,U+00A0-00FF,U+2013,U+2014,U+2018-201A,U+201C-201E,U+2022,U+2026,U+2032,U+2033,U+20AC,U+2212,U+00D7,U+2192,U+2190"
SETS = {
    "latin": ("latin", LATIN),
    "latin-ext": ("latin-ext", "U+0100-017F,U+0218-021B,U+20BA,U+20B4"),
    "cyrillic": ("cyrillic", "U+0400-045F,U+0490-0491,U+04B0-04B1,U+2116"),
}
FAMILIES = {"onest": (400, 600), "literata": 560}  # headings: one weight


def cut(family, name, source, codes, weights):
    font = TTFont(here / f"node_modules/@fontsource-variable/{family}/files/{family}-{source}-wght-normal.woff2")
    options = subset.Options()
    options.flavor = "woff2"
    options.layout_features = ["kern", "liga", "calt", "ccmp", "locl", "mark", "mkmk"] + (["tnum"] if family == "onest" else [])
    options.hinting = False
    cutter = subset.Subsetter(options)
    cutter.populate(unicodes=subset.parse_unicodes(codes.replace("U+", "")))
    cutter.subset(font)
    font = instancer.instantiateVariableFont(font, {"wght": weights})
    target = assets / f"{family}-{name}.woff2"
    font.flavor = "woff2"
    font.save(target)
    units, hhea = font["head"].unitsPerEm, font["hhea"]
    print(f"{target.name}: {target.stat().st_size} bytes, {len(font.getBestCmap())} letters, "
          f"ascent {hhea.ascent / units:.4f}, descent {-hhea.descent / units:.4f}, gap {hhea.lineGap / units:.4f}")


for family, weights in FAMILIES.items():
    for name, (source, codes) in SETS.items():
        cut(family, name, source, codes, weights)
