#!/usr/bin/env python3
"""folders.py ROOT - the shape of the tree: short READMEs where sources are, no overgrown files.

  - every folder with sources has a README.md of at most 15 lines that begins with a heading,
  - no source file is longer than its limit: one file is one thing,
  - no file is bigger than 1 MB: what is bigger is generated or does not belong here,
  - no text names a place on one machine.
"""
import pathlib
import re
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parents[1]))
import sources  # noqa: E402

README_LINES = 15
LINES = {"src": 800, "tests": 1000, "fuzz": 200, "bench": 500, "scripts": 600}
BYTES = 1_000_000
CODE = {".c", ".h", ".py", ".sql", ".sh", ".js", ".mjs", ".ts", ".tsx"}
TOP = {"scripts", "tests", "fuzz", "bench", "docs", "demo"}  # one README for the whole folder
MACHINE = re.compile(r"(?<![\w./$}])/(?:home|root|Users|mnt)/\w")


def needs_readme(path):
    """The folder whose README.md must cover this file; None when it needs none."""
    if path.parts[0] in TOP:
        return path.parts[0]
    if path.parts[0] != "src" or path.suffix not in (".c", ".h") or len(path.parts) < 3:
        return None
    return "/".join(path.parts[:3] if path.parts[1] == "channel" and len(path.parts) > 3 else path.parts[:2])


def check_readme(root, folder):
    path = pathlib.Path(root, folder, "README.md")
    if not path.exists():
        return f"{folder}: lacks a README.md (what it is, where to start, what it may use)"
    lines = path.read_text(encoding="utf-8").splitlines()
    if len(lines) > README_LINES:
        return f"{folder}/README.md: {len(lines)} lines, {README_LINES} are enough"
    if not lines or not lines[0].startswith("# "):
        return f"{folder}/README.md: begin with a heading"
    return None


def check_file(root, path):
    full = pathlib.Path(root, path)
    if full.stat().st_size > BYTES:
        return f"{path}: {full.stat().st_size} bytes, at most {BYTES}"
    try:
        text = full.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return None
    limit = LINES.get(path.parts[0])
    if limit and path.suffix in CODE and text.count("\n") > limit:
        return f"{path}: {text.count(chr(10))} lines, at most {limit}: is it still one thing?"
    if path.parts[0] != "fuzz" and path.name not in ("folders.py", "test_lint.py"):
        m = MACHINE.search(text)
        if m:
            return f"{path}:{text.count(chr(10), 0, m.start()) + 1}: names a place on one machine"
    return None


def main(root):
    paths = sources.tracked(root)
    folders = sorted({needs_readme(p) for p in paths} - {None})
    problems = [check_readme(root, f) for f in folders] + [check_file(root, p) for p in paths]
    sources.finish([p for p in problems if p])


main(sys.argv[1])
