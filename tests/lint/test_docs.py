#!/usr/bin/env python3
"""test_docs.py ROOT - the tutorial in CONTRIBUTING.md compiles and is formatted as all sources are;
paths that the documents name are there."""
import pathlib
import re
import subprocess
import sys
import tempfile

root = pathlib.Path(sys.argv[1])
DOCUMENTS = ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", *(f"docs/{p.name}" for p in (root / "docs").glob("*.md"))]
problems = []

with tempfile.TemporaryDirectory(prefix="rapport-docs-") as work:
    files = re.findall(r"`(src/\S+\.[ch])`[^\n]*\n```c\n(.*?)```", (root / "CONTRIBUTING.md").read_text(), re.S)
    for name, text in files:
        path = pathlib.Path(work, name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    for name in (n for n, _ in files if n.endswith(".c")):
        done = subprocess.run(["cc", "-std=c17", "-D_GNU_SOURCE", "-Wall", "-Wextra", "-Wconversion", "-Werror",
                               "-fsyntax-only", f"-I{work}/src", f"-I{root}/src", "-x", "c", f"{work}/{name}"],
                              capture_output=True, text=True)
        if done.returncode:
            problems.append(f"CONTRIBUTING.md: {name}: {done.stderr}")
    if len(files) < 2:
        problems.append("CONTRIBUTING.md: where is the tutorial?")

for document in DOCUMENTS:
    text = (root / document).read_text()
    for link in re.findall(r"\]\(([^)#:]+)\)", text):
        if not (root / document).parent.joinpath(link).exists():
            problems.append(f"{document}: {link} is not there")
    for path in re.findall(r"`((?:src|scripts|tests|fuzz|demo|docs|bench)/[\w./-]*\w)`", text):
        if not (root / path).exists() and "hello" not in path and "shelf" not in path:
            problems.append(f"{document}: {path} is not there")

print("\n".join(problems))
sys.exit(1 if problems else 0)
