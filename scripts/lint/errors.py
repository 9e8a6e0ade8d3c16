#!/usr/bin/env python3
"""errors.py ROOT BUILD - docs/errors.md lists exactly the error codes that the code raises.

Its table `| code | HTTP | meaning |` is sorted by code; HTTP is what the Status of the code
becomes (base/status.h; src/http/problem.c names exceptions), or `-` where it never leaves by
HTTP. Generated sources count too.
"""
import pathlib
import re
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parents[1]))
import sources  # noqa: E402

HTTP = {"ST_INVALID": {"400", "422"}, "ST_UNKNOWN": {"401"}, "ST_DENIED": {"403"}, "ST_NOT_FOUND": {"404"},
        "ST_CONFLICT": {"409"}, "ST_STALE": {"412"}, "ST_LIMIT": {"413", "414", "431"}, "ST_RATE": {"429"},
        "ST_BUSY": {"503"}, "ST_IO": {"500"}}
CODE = r"[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*"
# cx_fail(cx, STATUS, "code", …   err_set(err, STATUS, "code", …   with anything as first two
CALL = re.compile(r"\b(?:cx_fail|err_set)\s*\(((?:[^;\"]|\"(?!" + CODE + r"\"))*?)\"(" + CODE + r")\"\s*,")
ROW = re.compile(r"^\| `([^`]*)` \| (\S+) \| (.*) \|$")


def without_comments(text):
    return re.sub(r"/\*.*?\*/", lambda m: "\n" * m[0].count("\n"), text, flags=re.S)


def raised(root, build):
    """{code: ({HTTP statuses}, first place)}"""
    root = pathlib.Path(root)
    files = [root / p for p in sources.tracked(root, "src") if p.suffix in (".c", ".h")]
    files += sorted(pathlib.Path(build, "src").rglob("*_sql.c"))
    found = {}
    for file in files:
        text = without_comments(file.read_text(encoding="utf-8"))
        for m in CALL.finditer(text):
            statuses = set().union(*(HTTP.get(s, set()) for s in re.findall(r"\bST_\w+", m[1])))
            place = f"{file.relative_to(root) if root in file.parents else file}:{text.count(chr(10), 0, m.start()) + 1}"
            known = found.setdefault(m[2], (set(), place))
            known[0].update(statuses or set().union(*HTTP.values()))
    problem = root / "src/http/problem.c"
    exceptions = re.findall(r'\{"(' + CODE + r')",\s*(\d+)\}', problem.read_text()) if problem.exists() else []
    return {**found, **{code: ({status}, found[code][1]) for code, status in exceptions if code in found}}


def listed(path):
    """[(code, HTTP, meaning, line number)] of the table, and what is wrong with its form."""
    rows, problems = [], []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        m = ROW.match(line)
        if m:
            rows.append((m[1], m[2], m[3], number))
        elif line.startswith("| `"):
            problems.append(f"docs/errors.md:{number}: not of the form | `code` | HTTP | meaning |")
    return rows, problems


def main(root, build):
    codes = raised(root, build)
    rows, problems = listed(pathlib.Path(root, "docs/errors.md"))
    for code in sorted(codes.keys() - {r[0] for r in rows}):
        status = "/".join(sorted(codes[code][0])[:1])
        problems.append(f"{codes[code][1]}: {code} is not in docs/errors.md: add | `{code}` | {status} | … |")
    last = ""
    for code, status, meaning, number in rows:
        where = f"docs/errors.md:{number}: {code}"
        if code not in codes:
            problems.append(f"{where} is never raised")
        elif status != "-" and not set(status.split("/")) <= codes[code][0]:
            problems.append(f"{where} is raised as {'/'.join(sorted(codes[code][0]))}, not {status}")
        if len(meaning.strip()) < 10:
            problems.append(f"{where} needs a meaning")
        if code <= last:
            problems.append(f"{where} is out of order or twice")
        last = code
    sources.finish(problems)


main(*sys.argv[1:3])
