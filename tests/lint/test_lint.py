#!/usr/bin/env python3
"""test_lint.py ROOT - each lint script passes a clean tree and fails, with the right words, on a
planted offence. One case per rule: a file to write into a small sound tree, and what is said."""
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor

root = pathlib.Path(sys.argv[1])

HEADER = "/* a.h - a thing. */\n#pragma once\n\nint a(void);\n"
SOUND = {
    "src/base/banned.h": (root / "src/base/banned.h").read_text(),
    "src/base/a.h": HEADER,
    "src/base/README.md": "# base\n\nThe ground.\n",
    "src/base/a.c": '#include "base/a.h"\nreturn err_set(err, ST_IO, "base.broken", "it broke");\n',
    "src/people/people.h": HEADER.replace("a.h", "people.h"),
    "src/people/people_int.h": HEADER.replace("a.h", "people_int.h"),
    "src/people/people_http.c": '#include "http/http.h"\n#include "people/people_int.h"\n',
    "src/people/README.md": "# people\n",
    "src/http/http.h": HEADER.replace("a.h", "http.h"),
    "src/http/README.md": "# http\n",
    "src/catalog/README.md": "# catalog\n",
    "src/catalog/a.c": '#include "people/people.h"\n#include "wire/fetch.h"\n#include <string.h>\n',
    "src/channel/pos/README.md": "# pos\n",
    "src/channel/pos/till.c": '#include "channel/pos/till.h"\n#include "catalog/a.h"\n#include "http/http.h"\n',
    "src/channel/pos/till.h": HEADER.replace("a.h", "till.h"),
    "scripts/README.md": "# scripts\n",
    "scripts/packages.txt": "[build]\nzlib1g-dev  # gzip\n",
    "build/meson-info/intro-dependencies.json": '[{"name": "zlib"}]',
    "docs/README.md": "# docs\n",
    "docs/errors.md": "| code | HTTP | meaning |\n|---|---|---|\n"
                      "| `base.broken` | 500 | something is broken |\n",
}
CONFLICT = 'return cx_fail(cx, ST_CONFLICT,\n    "people.taken", "taken");\n'
CASES = [  # script, file, text, what is said
    ("layers", "src/base/b.c", '#include "people/people.h"\n', "src/base/b.c:1: base must not include people/people.h"),
    ("layers", "src/people/b.c", '\n#include "catalog/a.h"\n', "b.c:2: people must not include catalog/a.h"),
    ("layers", "src/people/b.c", '#include "http/http.h"\n', "people must not include http/http.h"),
    ("layers", "src/catalog/b.c", '#include "people/people_int.h"\n', "people_int.h is private to people"),
    ("layers", "src/catalog/b.c", '#include "people/people_sql.h"\n', "people_sql.h is private to people"),
    ("layers", "src/wire/b.c", '#include "db/db.h"\n', "wire must not include db/db.h"),
    ("layers", "src/crm/b.c", '#include "outreach/a.h"\n', "crm must not include outreach/a.h"),
    ("layers", "src/core/b.c", '#  include "http/http.h"\n', "core must not include http/http.h"),
    ("layers", "src/channel/chat/b.c", '#include "channel/pos/till.h"\n', "channel/chat must not include channel/pos"),
    ("layers", "src/people/b.c", '#include "app/app.h"\n', "people must not include app/app.h"),
    ("layers", "src/people/b.c", '#include "people.h"\n', 'write "people/people.h"'),
    ("layers", "src/people/b.c", "#include <sqlite3.h>\n", "<sqlite3.h> is for db/ only"),
    ("layers", "src/cellar/b.c", "int b;\n", "src/cellar: which floor is this?"),
    ("cleanup", "src/people/b.c", "{\n    CLEANUP(buf_done) Buf b;\n    TRY(other());\n    buf_init(&b, 9);\n}\n",
     "b.c:2: b may be ended before it has begun"),
    ("messages", "src/people/locales/en.json", '{"people.unused": "x"}', "people.unused: nobody uses it"),
    ("messages", "src/people/locales/en.json", '{"error.people.odd": "x"}', "docs/errors.md has no such code"),
    ("messages", "src/people/b.c", 'message(a, lang, "people.gone", MSG_NONE);\n', "b.c: no text for people.gone"),
    ("headers", "src/base/b.h", HEADER, "begin with `/* b.h - what it is.`"),
    ("headers", "src/base/b.h", "/* b.h - it. */\nint b(void);\n", "lacks #pragma once"),
    ("headers", "src/base/b.h", "/* b.h - it. */\n#pragma once\nsize_t b(void);\nNoSuchType c(void);\n", "NoSuchType"),
    ("headers", "src/base/b.h", "/* b.h - it. */\n#pragma once\nstatic inline char *b(char *x)\n{\n"
                                "    return strcpy(x, \"b\");\n}\n", 'poisoned "strcpy"'),
    ("errors", "src/people/b.c", CONFLICT, "people.taken is not in docs/errors.md: add | `people.taken` | 409"),
    ("errors", "src/http/problem.c", '{"base.broken", 507},', "is raised as 507, not 500"),
    ("errors", "build/src/people/people_sql.c", CONFLICT, "people.taken is not in docs/errors.md"),
    ("errors", "docs/errors.md", "| `base.broken` | 404 | something is broken |\n", "is raised as 500, not 404"),
    ("errors", "docs/errors.md", "| `base.broken` | 500 | broken |\n", "needs a meaning"),
    ("errors", "docs/errors.md", "| `base.broken` | 500 | something is broken |\n" * 2, "out of order or twice"),
    ("errors", "docs/errors.md", SOUND["docs/errors.md"] + "| `base.gone` | 500 | it went away |\n", "base.gone is never raised"),
    ("errors", "docs/errors.md", "| `base.broken` | it |\n", "not of the form"),
    ("packages", "scripts/packages.txt", "[build]\ngcc  # the compiler\n", "zlib is built with; add zlib1g-dev"),
    ("packages", "scripts/packages.txt", "[build]\nzlib1g-dev\n", "not of the form"),
    ("packages", "scripts/packages.txt", "[build]\n" + "zlib1g-dev  # gzip\n" * 2, "zlib1g-dev is twice"),
    ("folders", "src/catalog/README.md", None, "src/catalog: lacks a README.md"),
    ("folders", "src/channel/chat/b.c", "int b;\n", "src/channel/chat: lacks a README.md"),
    ("folders", "scripts/README.md", "# scripts\n" * 16, "scripts/README.md: 16 lines, 15 are enough"),
    ("folders", "src/base/README.md", "base\n", "begin with a heading"),
    ("folders", "src/base/b.c", "int b;\n" * 801, "801 lines, at most 800"),
    ("folders", "docs/big.bin", "x" * 1_000_001, "1000001 bytes"),
    ("folders", "docs/paths.md", "# Paths\nsee /home/me/x\n", "docs/paths.md:2: names a place on one machine"),
]


def write(tree, name, text):
    path = tree / name
    if text is None:
        return path.unlink()
    path.parent.mkdir(parents=True, exist_ok=True)
    return path.write_text(text, encoding="utf-8")


def lint(script, tree):
    done = subprocess.run([sys.executable, root / "scripts/lint" / (script + ".py"), tree, tree / "build"],
                          capture_output=True, text=True)
    return done.returncode, done.stdout + done.stderr


def plant(work, script, name, text):
    tree = pathlib.Path(tempfile.mkdtemp(dir=work))
    for n, t in SOUND.items():
        write(tree, n, t)
    if name:
        write(tree, name, text)
    return lint(script, tree)


def judge(work, case):
    """(name of the case, did it go as it should, what was said)"""
    script, name, text, expected = case
    code, said = plant(work, script, name, text)
    if name is None:
        return f"{script} passes a sound tree", code == 0, said
    return f"{script} says: {expected}", code == 1 and expected in said, said


def symbols(work, names, expected):
    """Two libraries, of one object each, with these functions."""
    tree = pathlib.Path(tempfile.mkdtemp(dir=work))
    for i, name in enumerate(names):
        folder = tree / f"build/src/m{i}/libm{i}.a.p"
        folder.mkdir(parents=True)
        subprocess.run(["cc", "-x", "c", "-c", "-o", folder / "a.c.o", "-"], input=f"int {name}(void){{return 1;}}",
                       text=True, check=True)
    code, said = lint("symbols", tree)
    return f"symbols says: {expected or 'nothing'}", code == bool(expected) and expected in said, said


SOUND_CASES = [(s, None, None, None) for s in ("layers", "headers", "errors", "folders", "packages")]

work = tempfile.mkdtemp(prefix="rapport-lint-")
os.environ["GIT_CEILING_DIRECTORIES"] = tempfile.gettempdir()  # the planted trees are not in a repository
try:
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        results = list(pool.map(lambda case: judge(work, case), SOUND_CASES + CASES))
        results += [symbols(work, ["m0_take", "m1_take"], ""),
                    symbols(work, ["take", "take"], "take: in libm0(a.c) and libm1(a.c)")]
finally:
    shutil.rmtree(work)
print(f"1..{len(results)}")
for number, (name, ok, said) in enumerate(results, 1):
    print(f"{'ok' if ok else 'not ok'} {number} - {name.replace('#', '')}")
    if not ok:
        print("".join(f"# {line}\n" for line in said.splitlines()), end="")
sys.exit(not all(ok for _, ok, _ in results))
