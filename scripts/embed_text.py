#!/usr/bin/env python3
"""embed_text.py ROOT OUT.c SYMBOL FILE... - small text files as a sorted table of names and texts.

    const EmbeddedText SYMBOL[] = {{"locales/en.json", "…"}, …};  const size_t SYMBOL_n;

For templates and messages that code looks up by name; what browsers fetch goes through embed.py.
"""
import os
import sys

ESCAPES = {ord('"'): '\\"', ord("\\"): "\\\\", ord("\n"): "\\n", ord("\t"): "\\t", ord("?"): "\\?"}


def literal(data):
    lines = data.split(b"\n")
    parts = [line + b"\n" for line in lines[:-1]] + ([lines[-1]] if lines[-1] else [])
    text = ["".join(ESCAPES.get(b, chr(b) if 32 <= b < 127 else f"\\{b:03o}") for b in p) for p in parts]
    return "\n        ".join(f'"{t}"' for t in text) or '""'


def main(root, out, symbol, *files):
    rows = sorted((os.path.relpath(f, root), open(f, "rb").read()) for f in files)
    c = ['/* Made by scripts/embed_text.py. */', '#include "base/embedded.h"', "",
         '_Pragma("GCC diagnostic ignored \\"-Woverlength-strings\\"")', "",
         f"extern const EmbeddedText {symbol}[];", f"extern const size_t {symbol}_n;", "",
         f"const EmbeddedText {symbol}[] = {{"]
    c += [f'    {{STR_INIT("{name}"), STR_INIT({literal(data)})}},' for name, data in rows]
    c += ["};", f"const size_t {symbol}_n = {len(rows)};", ""]
    open(out, "w", encoding="ascii").write("\n".join(c))


main(*sys.argv[1:])
