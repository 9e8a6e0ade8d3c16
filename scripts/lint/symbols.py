#!/usr/bin/env python3
"""symbols.py ROOT BUILD - no two functions or variables of src/ that other files see have one name.

The linker takes whichever it meets first, or refuses, depending on which linker and on who else is
linked; so it is looked at here. Prints plainly that it checks nothing where there is no build. Exit 1.
"""
import collections
import pathlib
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parents[1]))
import sources  # noqa: E402


def main(build):
    objects = sorted(pathlib.Path(build, "src").rglob("*.a.p/*.o"))
    if not objects:
        print("no build: nothing was checked")
        sources.finish([])
    places = collections.defaultdict(set)
    out = subprocess.run(["nm", "-A", "-g", "--defined-only", "-P", *objects], capture_output=True, text=True, check=True).stdout
    for line in out.splitlines():
        file, name, kind = line.split()[:3]
        if kind not in "VWvw":  # weak ones may be there twice
            places[name].add(pathlib.Path(file.rstrip(":")))
    problems = []
    for name, files in sorted(places.items()):
        if len(files) > 1:
            where = " and ".join(sorted(f"{f.parent.name[:-4]}({f.name[:-2]})" for f in files))
            problems.append(f"{name}: in {where}")
    sources.finish(problems)


main(sys.argv[2])
