#!/usr/bin/env python3
"""bench_memory.py RAPPORT - resident memory of the server with the demo shop: while it makes all
renditions of its pictures, when it has, and after a new start. The budget of an idle server is 60 MB."""
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[1]
BUDGET_MB = 60


def status(pid, field):
    with open(f"/proc/{pid}/status", encoding="ascii") as f:
        return next(int(line.split()[1]) for line in f if line.startswith(field + ":")) / 1024


def cpu(pid):
    """Seconds that it and its children, gone and present, have worked."""
    with open(f"/proc/{pid}/stat", encoding="ascii") as f:
        fields = f.read().rsplit(")", 1)[1].split()
    with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as f:
        children = f.read().split()
    return sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK") + sum(map(cpu_or_none, children))


def cpu_or_none(pid):
    try:
        return cpu(pid)
    except FileNotFoundError:  # it has just ended
        return 0


def rest(pid):
    """Wait until it has done next to nothing for five seconds."""
    quiet, last = 0, cpu(pid)
    while quiet < 5:
        time.sleep(1)
        now = cpu(pid)
        quiet = quiet + 1 if now - last < 0.08 else 0
        last = now


def serve(rapport, folder):
    process = subprocess.Popen([rapport, "serve", "--data", folder, "--port", "0", "--log-level", "warn"],
                               stdout=subprocess.PIPE, text=True)
    process.stdout.readline()
    return process


def main(rapport):
    folder = tempfile.mkdtemp(prefix="rapport-bench-")
    try:
        subprocess.run([rapport, "import", "products", ROOT / "demo/products.csv", "--images", ROOT / "demo/pictures",
                        "--data", folder, "--log-level", "warn"], check=True, stdout=subprocess.DEVNULL)
        for what in ("all pictures made", "after a new start"):
            server = serve(rapport, folder)
            rest(server.pid)
            now, peak = status(server.pid, "VmRSS"), status(server.pid, "VmHWM")
            made = sum(len(files) for _, _, files in os.walk(pathlib.Path(folder, "media")))
            print(f"{what:18} {now:6.1f} MB, at most {peak:6.1f} MB   {now / BUDGET_MB:4.2f} of the budget, {made} files of pictures")
            server.terminate()
            server.wait()
    finally:
        shutil.rmtree(folder)


main(sys.argv[1])
