#!/usr/bin/env python3
"""import_crash.py RAPPORT GENERATOR - kill -9 an import 20 times; it goes on each time, and in the
end the shop has exactly what an import has that nobody disturbed."""
import json
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROUNDS = 20
PRODUCTS = 3000

rapport, generator = sys.argv[1:3]
seed = int(time.time())
rng = random.Random(seed)


def run(*args):
    done = subprocess.run([rapport, *args, "--log-level", "error"], stdout=subprocess.PIPE, text=True,
                          timeout=300, check=True)
    return done.stdout


def products(folder, *further):
    return json.loads(run("import", "products", str(file), "--data", str(folder), "--json", *further))


def killed_import(folder, seconds):
    """True when it was killed before its end."""
    process = subprocess.Popen([rapport, "import", "products", str(file), "--data", str(folder),
                                "--json", "--log-level", "error"], stdout=subprocess.DEVNULL)
    try:
        process.wait(timeout=seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        return True
    return False


with tempfile.TemporaryDirectory(prefix="rapport-crash-") as temp:
    temp = Path(temp)
    file = temp / "products.csv"
    with open(file, "w", encoding="utf-8") as out:
        subprocess.run([sys.executable, generator, str(PRODUCTS), "7"], stdout=out, check=True)
    begun = time.monotonic()
    whole = products(temp / "whole")
    whole_seconds = time.monotonic() - begun
    assert whole["created"] == PRODUCTS and whole["issues"] == 0, whole

    kills, ends = 0, 0
    for _ in range(ROUNDS):
        if killed_import(temp / "killed", rng.uniform(0.02, whole_seconds / 4)):
            kills += 1
        else:
            ends += 1
            break
    last = products(temp / "killed")
    again = products(temp / "killed", "--restart")
    assert again["unchanged"] == PRODUCTS and again["created"] == 0, (seed, again)
    if ends == 0:
        # The last kill may have come between the end of the import and the end of its process: then this was another.
        assert PRODUCTS in (last["created"], last["unchanged"]) and last["rows"] == whole["rows"], (seed, last)

    for name in ("whole", "killed"):
        run("export", "products", str(temp / f"{name}.csv"), "--data", str(temp / name))
    assert (temp / "whole.csv").read_bytes() == (temp / "killed.csv").read_bytes(), seed
    print(f"killed {kills} times, seed {seed}: all {PRODUCTS} products are there, once")
