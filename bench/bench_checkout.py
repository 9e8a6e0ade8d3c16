#!/usr/bin/env python3
"""bench_checkout.py RAPPORT [PRODUCTS] - complete checkouts per second over HTTP, durable.

A checkout is five requests: make a cart, add, address, delivery, pay (test provider) and finalise.
1, 8 and 64 buyers (bench_buyers.c, built beside RAPPORT), on SQLite and, where RAPPORT_TEST_POSTGRES
names a server, on PostgreSQL; the confirmations are written into files, in memory where /dev/shm is:
a shop's go to a mail server, and tens of thousands of small files would be most of what the disk's
file system does. p50 and p99 are of single requests. "behind" is how long after the last answer the
mails were still being written, and how many; CPU is the server's for one checkout, with that time in
it. Then carts are filled in a shop with PRODUCTS (100,000) products, by as many buyers. Beside it,
for the machine's sake: rows that one connection commits durably to SQLite one by one.

Environment: BUYERS ("1,8,64"), SECONDS_EACH (5), LOG (of the server: error)."""
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

HERE = os.path.dirname(os.path.abspath(__file__))
BUYERS = tuple(map(int, os.environ.get("BUYERS", "1,8,64").split(",")))
SECONDS = int(os.environ.get("SECONDS_EACH", "5"))
STEPS = ("create", "add", "address", "delivery", "pay")
DRAIN_MOST = 20  # seconds to wait for what is done behind


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


class Shop:
    """A running program with a database of its own."""

    def __init__(self, rapport, folder, name, database=None, csv=None):
        self.rapport = rapport
        self.mails = tempfile.mkdtemp(prefix="rapport-mails-", dir="/dev/shm" if os.path.isdir("/dev/shm") else folder)
        self.where = ["--data", os.path.join(folder, name)] + (["--database", database] if database else [])
        if csv:
            self.run("import", "products", csv)
        self.log = open(os.path.join(folder, name + ".log"), "w+", encoding="utf-8")
        self.server = subprocess.Popen(
            [rapport, "serve", *self.where, "--port", "0", "--test-payments", "--mail-dir", self.mails,
             "--log-level", os.environ.get("LOG", "error")],
            stdout=subprocess.PIPE, stderr=self.log, text=True)
        self.url = re.search(r"http://[^\s/]+", self.server.stdout.readline())[0]
        self.key = json.loads(self.run("key", "add", "--name", "bench", "--permissions",
                                       "catalog.write,orders.write", "--json"))["secret"]

    def run(self, *words):
        done = subprocess.run([self.rapport, *words, *self.where], capture_output=True, text=True, check=False)
        if done.returncode != 0:
            sys.exit(f"rapport {' '.join(words)}: {done.stderr}")
        return done.stdout

    def ask(self, path, body=None):
        rq = urllib.request.Request(self.url + path, body and json.dumps(body).encode(),
                                    {"Authorization": "Bearer " + self.key, "Content-Type": "application/json"})
        return json.load(urllib.request.urlopen(rq, timeout=30))

    def metric(self, name):
        with urllib.request.urlopen(self.url + "/metrics", timeout=30) as f:
            found = re.findall(rf"^rapport_{name}(?:_total)?(?:{{[^}}]*}})? ([0-9.e+]+)$", f.read().decode(), re.M)
        return sum(map(float, found))

    def method(self):
        zone = self.ask("/api/v1/delivery/zones", {"title": "All", "places": [{"country": ""}]})
        return self.ask("/api/v1/delivery/methods",
                        {"zone_id": zone["id"], "title": "Post", "kind": "standard",
                         "rates": [{"amount": {"amount": 500, "currency": "EUR"}}]})["id"]

    def settle(self):
        """Wait until no mail has come for a while: seconds until the last one came."""
        begun = last = time.monotonic()
        n = len(os.listdir(self.mails))
        while time.monotonic() < min(last + 1.2, begun + DRAIN_MOST):
            time.sleep(0.1)
            now = len(os.listdir(self.mails))
            if now != n:
                n, last = now, time.monotonic()
        return last - begun

    def stop(self):
        self.server.terminate()
        self.server.wait()
        self.log.close()
        shutil.rmtree(self.mails)


def variants_of(shop, n):
    out = []
    for i in range(n):
        p = shop.ask("/api/v1/products", {
            "title": f"Thing {i}", "status": "active",
            "variants": [{"sku": f"T-{i}", "tracked": True, "quantity": 1000000, "weight_g": 200,
                          "prices": [{"price": {"amount": 1000 + i, "currency": "EUR"}}]}]})
        out.append(p["variants"][0]["id"])
    return out


def buy(shop, buyers, what, variants, method):
    """Let them loose: done, failed, seconds, {kind of request: (n, p50 ms, p99 ms)}, their own CPU."""
    exe = os.path.join(os.path.dirname(os.path.abspath(shop.rapport)), "bench", "bench_buyers")
    host, port = shop.url.removeprefix("http://").split(":")
    before = os.times()
    out = subprocess.run([exe, host, port, str(buyers), str(SECONDS), what],
                         env={**os.environ, "VARIANTS": ",".join(variants), "METHOD": method},
                         capture_output=True, text=True, check=False)
    after = os.times()
    if out.returncode != 0:
        sys.exit(out.stderr + open(shop.log.name, encoding="utf-8").read()[-2000:])
    if out.stderr:
        print("   " + out.stderr.strip()[:500])
    done, bad, seconds = re.search(r"TOTAL (\d+) (\d+) ([\d.]+)", out.stdout).groups()
    steps = {name: (int(n), int(p50) / 1000, int(p99) / 1000)
             for name, n, p50, p99 in re.findall(r"STEP (\w+) (\d+) (\d+) (\d+)", out.stdout)}
    own = after.children_user + after.children_system - before.children_user - before.children_system
    return int(done), int(bad), float(seconds), steps, own


def statements(shop, variants, method):
    """SQL statements of each request, of one quiet checkout."""
    lines, token = [], None
    body = {"create": {}, "add": {"items": [{"variant_id": variants[0], "qty": 1}]},
            "address": {"email": "buyer@example.com", "address": {
                "first_name": "A", "last_name": "B", "line1": "Street 1", "city": "Amsterdam",
                "postal_code": "1012 AB", "country": "NL"}},
            "delivery": {"delivery_method_id": method},
            "pay": {"payment": "test", "input": {"card": "4242424242424242"}, "consent": {"terms": True},
                    "return_url": "/done"}}
    for step in STEPS:
        path = "/store/v1/carts" + {"create": "", "add": "/{}/lines", "pay": "/{}/checkout"}.get(step, "/{}")
        before = shop.metric("http_sql_statements")
        rq = urllib.request.Request(shop.url + path.format(token), json.dumps(body[step]).encode(),
                                    {"Content-Type": "application/json"},
                                    method="PATCH" if step in ("address", "delivery") else "POST")
        answer = json.load(urllib.request.urlopen(rq, timeout=30))
        token = token or answer["token"]
        lines.append(f"{step} {shop.metric('http_sql_statements') - before:.0f}")
    return ", ".join(lines)


def checkouts(name, rapport, folder, database):
    shop = Shop(rapport, folder, name, database)
    try:
        variants, method = variants_of(shop, 100), shop.method()
        statements(shop, variants, method)  # the first one prepares what others find
        print(f"{name}: SQL statements: {statements(shop, variants, method)}")
        shop.settle()
        for buyers in BUYERS:
            before, mails = processor(shop.server.pid), len(os.listdir(shop.mails))
            commits_then, written = shop.metric("db_commits"), shop.metric("db_transactions")
            n, bad, seconds, steps, own = buy(shop, buyers, "buy", variants, method)
            now = processor(shop.server.pid)
            missing = n - (len(os.listdir(shop.mails)) - mails)
            behind = shop.settle()
            shared = (shop.metric("db_transactions") - written) / (shop.metric("db_commits") - commits_then)
            each = ", ".join(f"{s} {steps[s][1]:.1f}/{steps[s][2]:.1f}" for s in STEPS)
            cpu = (processor(shop.server.pid) - before) * 1e6 / max(n, 1)
            print(f"{name:10} {buyers:3} buyers {n / seconds:6.0f} checkouts/s  p50 {steps['all'][1]:6.2f} ms"
                  f"  p99 {steps['all'][2]:6.2f} ms  {memory(shop.server.pid):4.0f} MB  {bad} failed\n"
                  f"           p50/p99 ms: {each}\n"
                  f"           {cpu:.0f} us of CPU, {(now - before) * 1e6 / max(n, 1):.0f} of them while they buy"
                  f" (and {own * 1e6 / max(n, 1):.0f} the buyers); {shared:.1f} transactions a commit;"
                  f" {max(missing, 0)} mails behind, the last {behind:.1f} s later", flush=True)
    finally:
        shop.stop()


def full_shop(rapport, folder, products):
    csv = os.path.join(folder, "products.csv")
    with open(csv, "w", encoding="utf-8") as f:
        subprocess.run([sys.executable, os.path.join(HERE, "generate_products.py"), str(products)],
                       stdout=f, check=True)
    begun = time.monotonic()
    shop = Shop(rapport, folder, "full", csv=csv)
    try:
        made = time.monotonic() - begun
        db = sqlite3.connect(f"file:{os.path.join(folder, 'full', 'rapport.db')}?mode=ro", uri=True)
        ids = [i for i, in db.execute("SELECT id FROM catalog_variant ORDER BY random() LIMIT 4000")]
        db.close()
        variants, method = [shown("var", i) for i in ids], shop.method()
        time.sleep(1)
        for buyers in BUYERS:
            n, bad, seconds, steps, _ = buy(shop, buyers, "add", variants, method)
            print(f"add to cart, {products:,} products (imported and started in {made:.0f} s) {buyers:3} buyers"
                  f" {n / seconds:6.0f}/s  p50 {steps['add'][1]:6.2f} ms  p99 {steps['add'][2]:6.2f} ms"
                  f"  {memory(shop.server.pid):4.0f} MB  {bad} failed", flush=True)
    finally:
        shop.stop()


def shown(prefix, number):
    """An id as the API shows it: Crockford's base 32, 13 digits."""
    digits = "0123456789abcdefghjkmnpqrstvwxyz"
    return prefix + "_" + "".join(digits[number >> 5 * i & 31] for i in range(12, -1, -1))


def main(rapport, products="100000"):
    folder = tempfile.mkdtemp(prefix="rapport-bench-")
    try:
        print(f"yardstick: {commits(folder)} durable rows/s, one at a time", flush=True)
        checkouts("sqlite", rapport, folder, None)
        if os.environ.get("RAPPORT_TEST_POSTGRES"):
            checkouts("postgresql", rapport, folder, os.environ["RAPPORT_TEST_POSTGRES"])
        else:
            print("postgresql: skipped, RAPPORT_TEST_POSTGRES is not set")
        if int(products) > 0:
            full_shop(rapport, folder, int(products))
    finally:
        shutil.rmtree(folder)


main(*sys.argv[1:])
