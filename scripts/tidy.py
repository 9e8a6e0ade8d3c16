#!/usr/bin/env python3
"""tidy.py BUILD [FILE...] - clang-tidy on the sources of a clang build, in parallel.

A file that passed before and did not change since, with all that it includes, is skipped.
"""
import hashlib
import json
import os
import pathlib
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import sources  # noqa: E402

root = pathlib.Path(__file__).resolve().parents[1]
build, only = pathlib.Path(sys.argv[1]).resolve(), {str(pathlib.Path(f).resolve()) for f in sys.argv[2:]}
tidy = os.environ.get("CLANG_TIDY", "clang-tidy-14")


def check(name):
    done = subprocess.run(["nice", tidy, "--quiet", "-p", build, name], capture_output=True, text=True, cwd=root)
    return (done.stdout.strip() or done.stderr or "failed") if done.returncode else ""


includes = sources.Includes(root / "src", build / "src", root / "tests")
settings = b"".join(p.read_bytes() for p in sorted(root.glob("**/.clang-tidy")))
items = {}
for unit in json.loads((build / "compile_commands.json").read_text()):
    path = pathlib.Path(unit["directory"], unit["file"]).resolve()
    if build in path.parents or only and str(path) not in only:
        continue  # generated
    how = hashlib.sha256(settings + unit["command"].encode() + includes.digest(path).encode()).hexdigest()
    items.setdefault(str(path.relative_to(root)), how)
sys.exit(1 if sources.check_changed(build / "tidy.json", sorted(items.items()), check) else 0)
