#!/usr/bin/env python3
"""packages.py ROOT BUILD - scripts/packages.txt is in form and brings every library that is built with.

Each library that Meson found belongs to a Debian package: that one must be listed. Prints
plainly that it checks the form alone where dpkg is missing.
"""
import json
import pathlib
import re
import shutil
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parents[1]))
import sources  # noqa: E402


def listed(path):
    """{package: group}, and what is wrong with the form."""
    packages, problems, group = {}, [], None
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        where = f"{path.name}:{number}: "
        if not line.strip() or line.startswith("#"):
            continue
        if re.fullmatch(r"\[[a-z]+\]", line):
            group = line[1:-1]
        elif not (m := re.fullmatch(r"([a-z0-9][a-z0-9.+-]+) +# \S.+", line)):
            problems.append(where + "not of the form `package  # its use`")
        elif group is None or m[1] in packages:
            problems.append(where + f"{m[1]} is " + ("twice" if m[1] in packages else "in no group"))
        else:
            packages[m[1]] = group
    return packages, problems


def owner(library):
    """The Debian package that has this library's pkg-config file."""
    for folder in subprocess.run(["pkg-config", "--variable=pcfiledir", library], capture_output=True,
                                 text=True).stdout.split():
        done = subprocess.run(["dpkg", "-S", f"{folder}/{library}.pc"], capture_output=True, text=True)
        if done.returncode == 0:
            return done.stdout.split(":")[0]
    return None


def main(root, build):
    packages, problems = listed(pathlib.Path(root, "scripts/packages.txt"))
    used = pathlib.Path(build, "meson-info/intro-dependencies.json")
    if shutil.which("dpkg") is None or not used.exists():
        print("no dpkg, or no build: only the form of packages.txt was checked")
        sources.finish(problems)
    for library in json.loads(used.read_text()):
        package = owner(library["name"])
        if package and package not in packages:
            problems.append(f"packages.txt: {library['name']} is built with; add {package}")
    sources.finish(problems)


main(*sys.argv[1:3])
