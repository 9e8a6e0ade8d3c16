#!/usr/bin/env python3
"""coverage.py ROOT BUILD [FOLDER] - lines and branches that the tests reached, from gcov's data.

Per folder of src/; with FOLDER (src/db) per file of it, with the lines that were missed.
"""
import collections
import gzip
import json
import os
import pathlib
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor

root, build = (pathlib.Path(p).resolve() for p in sys.argv[1:3])
folder = sys.argv[3].rstrip("/") if len(sys.argv) > 3 else None


def read(notes):
    """The functions, lines and branches of one object file, as gcov tells them."""
    with tempfile.TemporaryDirectory() as work:
        subprocess.run(["gcov", "--json-format", "--branch-probabilities", "--object-directory", notes.parent, notes],
                       cwd=work, capture_output=True, check=True)
        found = []
        for file in pathlib.Path(work).glob("*.gcov.json.gz"):
            found += json.loads(gzip.open(file).read())["files"]
        return found


def collect():
    """{file: ({line: hits}, {(line, branch): hits})}, a file of several objects added up."""
    whole = collections.defaultdict(lambda: (collections.Counter(), collections.Counter()))
    notes = sorted(p for p in build.rglob("*.gcno") if "/src/" in str(p) or "/src_" in p.name)
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for files in pool.map(read, notes):
            for file in files:
                path = os.path.relpath(os.path.normpath(build / file["file"]), root)
                if not path.startswith("src/"):
                    continue
                lines, branches = whole[path]
                for line in file["lines"]:
                    lines[line["line_number"]] += line["count"]
                    for i, branch in enumerate(line["branches"]):
                        branches[line["line_number"], i] += branch["count"]
    return whole


def ratio(counter):
    hit = sum(1 for n in counter.values() if n)
    return f"{100 * hit / len(counter):5.1f} %" if counter else "    -  "


def merged(group):
    lines, branches = {}, {}
    for path, (file_lines, file_branches) in group:
        lines.update({(path, k): v for k, v in file_lines.items()})
        branches.update({(path, k): v for k, v in file_branches.items()})
    return lines, branches


def show(name, lines, branches, more=""):
    print(f"{name:<28} {len(lines):6} {ratio(lines)} {len(branches):7} {ratio(branches)}{more}")


whole = collect()
print(f"{'':<28} {'lines':>6} {'reached':>7} {'branches':>8} {'taken':>6}")
groups = collections.defaultdict(list)
for path, counts in sorted(whole.items()):
    if folder is None:
        groups[os.path.dirname(path)].append((path, counts))
    elif os.path.dirname(path) == folder:
        groups[path].append((path, counts))
for name, group in sorted(groups.items()):
    missed = [str(n) for _, (lines, _) in group for n, hits in sorted(lines.items()) if not hits]
    show(name, *merged(group), "  missed: " + " ".join(missed[:40]) if folder and missed else "")
show("all", *merged([item for group in groups.values() for item in group]))
