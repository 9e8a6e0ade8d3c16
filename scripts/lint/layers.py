#!/usr/bin/env python3
"""layers.py ROOT - who may include whom in src/. Names each offence; exit 1.

Floors and modules stand in their order; a file includes downwards only. Besides,
  - only NAME_http.[ch] of a module sees http/,
  - NAME_int.h and generated NAME_sql.h are private to their folder,
  - a library that one folder wraps is used there alone.
"""
import pathlib
import re
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parents[1]))
import sources  # noqa: E402

FLOORS = {"base": [], "db": ["base"], "core": ["base", "db"], "http": ["base", "db", "core"]}
# Engines know nothing of a shop: they see base, and text.
ENGINES = ["text", "picture", "wire", "condition", "liquid", "search", "journey", "learn"]
MODULES = [  # one line, one storey: modules on the same line do not know each other
    ["people"],
    ["catalog"],
    ["stock"],
    ["order"],
    ["loyalty", "feedback", "support", "experiment"],
    ["outreach", "crm"],
    ["insight", "trust", "plan"],
]
LIBRARIES = {  # system header: the folder that wraps it
    "sqlite3.h": "db", "libpq-fe.h": "db", "microhttpd.h": "http", "curl/curl.h": "wire",
    "vips/vips.h": "picture", "qrencode.h": "picture", "gmime/gmime.h": "wire", "dkim.h": "wire",
}


def allowed(path):
    """Folders that this file, src/FOLDER/..., may include from, besides its own; None: unknown."""
    folder = path.parts[1]
    if folder in FLOORS:
        return FLOORS[folder]
    if folder in ENGINES:
        return ["base", "text"]
    below = ["base", "db", "core", *ENGINES]
    for storey in MODULES:
        if folder in storey:
            return below + (["http"] if re.search(r"_http\.[ch]$", path.name) else [])
        below += storey
    if folder == "channel":
        return below + ["http"]
    if folder == "app":
        return below + ["http", "channel"]
    return None


def check(path, number, line):
    angle = re.match(r"\s*#\s*include\s+<([^>]+)>", line)
    if angle and LIBRARIES.get(angle[1], path.parts[1]) != path.parts[1]:
        return f"{path}:{number}: <{angle[1]}> is for {LIBRARIES[angle[1]]}/ only"
    quoted = re.match(r'\s*#\s*include\s+"([^"]+)"', line)
    if not quoted:
        return None
    where = f"{path}:{number}: "
    if "/" not in quoted[1]:
        return where + f'write "{path.parts[1]}/{quoted[1]}", from src/ on'
    target = pathlib.PurePath(quoted[1])
    own = target.parts[0] == path.parts[1]
    if path.parts[1] == target.parts[0] == "channel":
        own = path.parts[2] == target.parts[1]
    if own:
        return None
    if target.parts[0] not in allowed(path) or path.parts[1] == target.parts[0]:
        return where + f"{path.parent.relative_to('src')} must not include {target}"
    if re.search(r"_(int|sql)\.h$", target.name):
        return where + f"{target} is private to {target.parts[0]}"
    return None


def main(root):
    problems, unknown = [], set()
    for path in sources.tracked(root, "src"):
        if path.suffix not in (".c", ".h") or len(path.parts) < 3:
            continue
        if allowed(path) is None:
            unknown.add(path.parts[1])
            continue
        lines = pathlib.Path(root, path).read_text(encoding="utf-8").splitlines()
        problems += filter(None, (check(path, n, line) for n, line in enumerate(lines, 1)))
    problems += [f"src/{u}: which floor is this? Name it in scripts/lint/layers.py" for u in sorted(unknown)]
    sources.finish(problems)


main(sys.argv[1])
