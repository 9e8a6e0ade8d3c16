"""sources.py - what the lint scripts share: source files, what they include, remembered passes."""
import functools
import hashlib
import json
import os
import pathlib
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

INCLUDE = re.compile(rb'^[ \t]*#[ \t]*include[ \t]+"([^"]+)"', re.M)


def tracked(root, *folders):
    """Files of the project below the folders, as paths relative to root, sorted. Files that
    git ignores are not ours; where there is no git (a plain copy), all files are."""
    done = subprocess.run(["git", "-C", root, "ls-files", "-z", "-co", "--exclude-standard", "--", *folders],
                          capture_output=True, text=True)
    if done.returncode == 0:
        names = set(filter(None, done.stdout.split("\0")))
    else:
        names = {str(p.relative_to(root)) for f in folders or ["."]
                 for p in pathlib.Path(root, f).rglob("*") if p.is_file()}
    return sorted(pathlib.Path(n) for n in names if pathlib.Path(root, n).is_file())


class Includes:
    """Digests of files together with every project header that they pull in."""

    def __init__(self, *folders):
        self.folders = [pathlib.Path(f) for f in folders]

    @functools.lru_cache(maxsize=None)
    def read(self, path):
        data = path.read_bytes()
        return hashlib.sha256(data).digest(), INCLUDE.findall(data)

    @functools.lru_cache(maxsize=None)
    def find(self, name, near):
        for folder in (near, *self.folders):
            if (folder / name).is_file():
                return (folder / name).resolve()
        return None

    def digest(self, path):
        seen, todo = {}, [pathlib.Path(path).resolve()]
        while todo:
            file = todo.pop()
            if file in seen:
                continue
            seen[file], names = self.read(file)
            todo += filter(None, (self.find(n.decode(), file.parent) for n in names))
        whole = hashlib.sha256()
        for file in sorted(seen):
            whole.update(str(file).encode() + seen[file])
        return whole.hexdigest()


def check_changed(cache_path, items, check):
    """Run check(name) -> error text for every (name, digest) that did not pass before with this
    digest, in parallel; remember what passed, print what did not. Returns how many failed."""
    try:
        cache = json.loads(pathlib.Path(cache_path).read_text())
    except (OSError, ValueError):
        cache = {}
    todo = [name for name, digest in items if cache.get(name) != digest]
    digests, failed = dict(items), 0
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for name, text in zip(todo, pool.map(check, todo)):
            if text:
                failed += 1
                cache.pop(name, None)
                print(text, flush=True)
            else:
                cache[name] = digests[name]
    new = pathlib.Path(f"{cache_path}.{os.getpid()}")
    new.write_text(json.dumps({n: d for n, d in cache.items() if n in digests}, indent=0))
    new.rename(cache_path)
    print(f"{len(items)} files, {len(todo)} looked at, {failed} with offences")
    return failed


def finish(problems):
    """Print the offences and end: 1 when there are any."""
    for line in problems:
        print(line)
    sys.exit(1 if problems else 0)
