#!/usr/bin/env python3
"""messages.py ROOT - every text in src/MODULE/locales is used, and none is asked for that is not there. Exit 1.

A key is used when it stands in a C file as a literal, or begins with one that ends in "_", "." or "%s": the rest
of its name is told by the data. "error.CODE" is found by the code, which must be
in docs/errors.md; "issue.CODE" by the code of an issue. A literal is taken for a key when it begins
with a module's name, has a dot, and stands in a call of message…() or behind a member called *_key.
"""
import json
import pathlib
import re
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parents[1]))
import sources  # noqa: E402

ASKED = re.compile(r'\b(?:message|message_text|message_html|html_text|html_say)\s*\([^;"]*?"([a-z0-9_]+(?:\.[a-z0-9_]+)+)"', re.S)


def main(root):
    root, keys, literals, stems, asked = pathlib.Path(root), {}, set(), set(), {}
    for path in sources.tracked(root, "src"):
        if path.match("src/*/locales/en.json") or path.match("src/channel/*/locales/en.json"):
            for key in json.loads((root / path).read_text(encoding="utf-8")):
                keys[key] = path
        if path.suffix == ".c":
            text = (root / path).read_text(encoding="utf-8")
            literals.update(re.findall(r'"([a-z0-9_]+(?:\.[a-z0-9_]+)+)"', text))
            stems.update(re.findall(r'"([a-z0-9_]+\.[a-z0-9_.]*[_.])(?:%s)?"', text))
            for key in ASKED.findall(text):
                asked.setdefault(key, path)
    codes = set(re.findall(r"^\| `([a-z0-9_.]+)` \|", (root / "docs/errors.md").read_text(encoding="utf-8"), re.M))
    problems = []
    for key, path in sorted(keys.items()):
        kind, rest = key.split(".", 1)
        if kind == "error" and rest not in codes:
            problems.append(f"{path}: {key}: docs/errors.md has no such code")
        if kind not in ("error", "issue") and key not in literals and not key.startswith(tuple(stems)):
            problems.append(f"{path}: {key}: nobody uses it")
    problems += [f"{path}: no text for {key}" for key, path in sorted(asked.items()) if key not in keys]
    if problems:
        sys.exit("\n".join(problems))


main(sys.argv[1])
