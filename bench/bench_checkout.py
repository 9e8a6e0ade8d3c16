#!/usr/bin/env python3
"""bench_checkout.py RAPPORT [PRODUCTS] - complete checkouts per second over HTTP, durable.

A checkout is five requests: make a cart, add, address, delivery, pay (test provider) and finalise.
1, 8 and 64 buyers, on SQLite and, where RAPPORT_TEST_POSTGRES names a server, on PostgreSQL. p50 and p99
are of single requests; CPU is the server's for one checkout. Beside it, for the machine's sake: rows that one connection commits durably
to SQLite one by one."""
import json
import os
import re
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
import urllib.request

BUYERS = tuple(map(int, os.environ.get("BUYERS", "1,8,64").split(",")))
SECONDS = int(os.environ.get("SECONDS_EACH", "5"))


def memory(pid):
    with open(f"/proc/{pid}/status", encoding="ascii") as f:
        return int(re.search(r"VmRSS:\s+(\d+)", f.read())[1]) / 1024


def processor(pid):
    """Seconds of processor time so far."""
    with open(f"/proc/{pid}/stat", encoding="ascii") as f:
        fields = f.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def commits(folder):
    db = sqlite3.connect(os.path.join(folder, "yardstick.db"), isolation_level=None)
    db.execute("PRAGMA journal_mode=WAL")
    db.execute("PRAGMA synchronous=FULL")
    db.execute("CREATE TABLE t (id INTEGER PRIMARY KEY, body TEXT)")
    n, end = 0, time.monotonic() + 1
    while time.monotonic() < end:
        db.execute("INSERT INTO t (body) VALUES (?)", ("x" * 1000,))
        n += 1
    return n


def ask(url, key, path, body):
    rq = urllib.request.Request(url + path, json.dumps(body).encode(),
                                {"Authorization": "Bearer " + key, "Content-Type": "application/json"})
    return json.load(urllib.request.urlopen(rq, timeout=30))


def fill(url, key, products):
    """Products and a way of delivery; the ids of variants and of the method."""
    eur = lambda amount: {"amount": amount, "currency": "EUR"}
    variants = []
    for i in range(products):
        p = ask(url, key, "/api/v1/products", {
            "title": f"Thing {i}", "status": "active",
            "variants": [{"sku": f"T-{i}", "tracked": True, "quantity": 1000000, "weight_g": 200,
                          "prices": [{"price": eur(1000 + i)}]}]})
        variants.append(p["variants"][0]["id"])
    zone = ask(url, key, "/api/v1/delivery/zones", {"title": "All", "places": [{"country": ""}]})
    method = ask(url, key, "/api/v1/delivery/methods",
                 {"zone_id": zone["id"], "title": "Post", "kind": "standard", "rates": [{"amount": eur(500)}]})
    return variants, method["id"]


def measure(name, rapport, folder, database, products):
    data = os.path.join(folder, name)
    where = ["--data", data] + (["--database", database] if database else [])
    server = subprocess.Popen([rapport, "serve", *where, "--port", "0", "--test-payments", "--log-level", os.environ.get("LOG", "error")],
                              stdout=subprocess.PIPE, text=True)
    try:
        url = re.search(r"http://[^\s/]+", server.stdout.readline())[0]
        key = json.loads(subprocess.run(
            [rapport, "key", "add", "--name", "bench", "--permissions", "catalog.write,orders.write", *where, "--json"],
            capture_output=True, text=True, check=True).stdout)["secret"]
        variants, method = fill(url, key, products)
        time.sleep(1)
        for buyers in BUYERS:
            before = processor(server.pid)
            out = subprocess.run(["wrk", f"-t{buyers}", f"-c{buyers}", f"-d{SECONDS}s", "-s",
                                  os.path.join(os.path.dirname(os.path.abspath(__file__)), "checkout.lua"), url],
                                 env={**os.environ, "VARIANTS": ",".join(variants), "METHOD": method},
                                 capture_output=True, text=True, check=True)
            n, bad, seconds, p50, p99 = re.search(r"RESULT (.*)", out.stdout)[1].split()
            cpu = (processor(server.pid) - before) * 1e6 / max(int(n), 1)
            print(f"{name:10} {buyers:3} buyers {int(n) / float(seconds):8.0f} checkouts/s  p50 {int(p50) / 1000:7.2f} ms"
                  f"  p99 {int(p99) / 1000:7.2f} ms  {memory(server.pid):5.0f} MB  {cpu:5.0f} us of CPU  {bad} failed", flush=True)
            if out.stderr:
                print("   " + out.stderr.strip()[:500])
    finally:
        server.terminate()
        server.wait()


def main(rapport, products="100"):
    if not shutil.which("wrk"):
        sys.exit("skipped: there is no wrk")
    folder = tempfile.mkdtemp(prefix="rapport-bench-")
    try:
        print(f"yardstick: {commits(folder)} durable rows/s, one at a time")
        measure("sqlite", rapport, folder, None, int(products))
        if os.environ.get("RAPPORT_TEST_POSTGRES"):
            measure("postgresql", rapport, folder, os.environ["RAPPORT_TEST_POSTGRES"], int(products))
        else:
            print("postgresql: skipped, RAPPORT_TEST_POSTGRES is not set")
    finally:
        shutil.rmtree(folder)


main(*sys.argv[1:])
