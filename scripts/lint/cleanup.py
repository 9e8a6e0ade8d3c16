#!/usr/bin/env python3
"""cleanup.py ROOT BUILD - what CLEANUP() will end has begun before a function can return.

`CLEANUP(buf_done) Buf b;` frees whatever lies in b when a TRY or return comes before buf_init().
Write `= {0}`, or begin it first. Exit 1.
"""
import pathlib
import re
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parents[1]))
import sources  # noqa: E402

DECLARED = re.compile(r"CLEANUP\(\w+\)\s+\w+\s+\*?(\w+);")
LEAVES = re.compile(r"\bTRY\(|\breturn\b|\bgoto\b")


def offences(path, lines):
    for i, line in enumerate(lines):
        m = DECLARED.search(line)
        if not m:
            continue
        begun = re.compile(rf"\w+\(&{m[1]}\b|\b{m[1]}\s*=[^=]")
        for later in lines[i + 1:]:
            if begun.search(later) or later.startswith("}"):
                break
            if LEAVES.search(later):
                yield f"{path}:{i + 1}: {m[1]} may be ended before it has begun: write `= {{0}}`"
                break


root = pathlib.Path(sys.argv[1])
problems = []
for folder in ("src", "tests", "bench", "fuzz"):
    for path in sources.tracked(root, folder):
        if path.suffix in (".c", ".h"):
            problems += offences(path, (root / path).read_text(encoding="utf-8").splitlines())
sources.finish(problems)
