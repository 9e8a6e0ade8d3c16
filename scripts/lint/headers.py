#!/usr/bin/env python3
"""headers.py ROOT BUILD - every header compiles alone and twice, and says what it is.

Its first line is `/* name.h - what it is.`, and it has #pragma once. Headers that passed
before and did not change since, with all that they include, are not compiled again.
"""
import json
import os
import pathlib
import shlex
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parents[1]))
import sources  # noqa: E402

root, build = sys.argv[1:3]


def search_paths():
    """Every -I and -isystem of the build, once."""
    found = dict.fromkeys([f"-I{root}/src", f"-I{build}/src", f"-I{root}/tests"])
    database = pathlib.Path(build, "compile_commands.json")
    for unit in json.loads(database.read_text()) if database.exists() else []:
        words = shlex.split(unit["command"])
        for i, word in enumerate(words):
            if word.startswith(("-I", "-isystem")):
                path = word[2:] if word.startswith("-I") else words[i + 1]
                found["-I" + os.path.normpath(os.path.join(unit["directory"], path))] = None
    return [p for p in found if ".p" not in p.rsplit("/", 1)[-1]]


PATHS = search_paths()


def check(name):
    text = pathlib.Path(root, name).read_text(encoding="utf-8")
    if not text.startswith(f"/* {pathlib.Path(name).name} - "):
        return f"{name}:1: begin with `/* {pathlib.Path(name).name} - what it is.`"
    if "\n#pragma once\n" not in text:
        return f"{name}: lacks #pragma once"
    done = subprocess.run(
        [os.environ.get("CC", "cc"), "-std=c17", "-D_GNU_SOURCE", "-DTEST_SOURCE_ROOT=\"\"", "-Wall", "-Wextra", "-Werror", "-fsyntax-only",
         "-include", f"{root}/src/base/banned.h", *PATHS, "-x", "c", "-"],
        input=f'#include "{root}/{name}"\n#include "{root}/{name}"\n', text=True, capture_output=True)
    return done.stderr if done.returncode else ""


includes = sources.Includes(f"{root}/src", f"{build}/src", f"{root}/tests")
names = [str(p) for p in sources.tracked(root, "src", "tests") if p.suffix == ".h"]
items = [(n, includes.digest(pathlib.Path(root, n))) for n in names]
sys.exit(1 if sources.check_changed(f"{build}/lint_headers.json", items, check) else 0)
