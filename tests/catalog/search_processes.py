#!/usr/bin/env python3
"""search_processes.py RAPPORT [--postgres] - the search of running servers.

On SQLite: kill -9 while it serves and its catalogue changes; after each restart what is found is what
the catalogue says, and what was counted long enough before the kill is still there. On PostgreSQL
(where with-postgres runs): what one server changes, another one finds."""
import json
import os
import random
import re
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request

ROUNDS, WAIT_S = 5, 60
rapport = sys.argv[1]
seed = int(time.time())
rng = random.Random(seed)


class Server:
    def __init__(self, *options):
        self.process = subprocess.Popen([rapport, "serve", "--port", "0", "--log-level", "error", *options],
                                        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        self.base = "http://127.0.0.1:" + re.search(r":(\d+)/", self.process.stdout.readline())[1]

    def ask(self, path, key=None, body=None, method=None):
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        if body is not None:
            headers["Content-Type"] = "application/json"
        request = urllib.request.Request(self.base + path, headers=headers, method=method,
                                         data=None if body is None else json.dumps(body).encode())
        with urllib.request.urlopen(request, timeout=30) as reply:
            text = reply.read()
            return json.loads(text) if text else None

    def found(self, words):
        """Handles that the search finds; None while there is no index yet."""
        handles, after = set(), ""
        try:
            while True:
                page = self.ask(f"/store/v1/search?limit=100&q={words}{after}")
                handles |= {h["handle"] for h in page["hits"]}
                if not page.get("next"):
                    return handles
                after = f"&cursor={page['next']}"
        except urllib.error.HTTPError as e:
            if e.code != 503:
                raise
            return None

    def kill(self):
        self.process.kill()
        self.process.wait()

    def stop(self):
        self.process.terminate()
        self.process.wait()


def until(what, holds):
    """Wait, generously; nothing here is timed."""
    end = time.monotonic() + WAIT_S
    while not holds():
        if time.monotonic() > end:
            sys.exit(f"seed {seed}: not within {WAIT_S} s: {what}")
        time.sleep(0.05)


def new_key(*options):
    made = subprocess.run([rapport, "key", "add", "--name", "test", "--permissions",
                           "catalog.read,catalog.write", "--json", "--log-level", "error", *options],
                          stdout=subprocess.PIPE, check=True).stdout
    return json.loads(made)["secret"]


def catalogue(server, key):
    """Handles of what the database says is active."""
    handles, after = set(), ""
    while True:
        page = server.ask(f"/api/v1/products?limit=100{after}", key)
        handles |= {p["handle"] for p in page["data"] if p["status"] == "active"}
        if not page["page"]["has_more"]:
            return handles
        after = f"&after={page['page']['next']}"


def change(server, key, stop, made):
    """Make, hide and delete products until the server is gone."""
    while not stop.is_set():
        try:
            if made and rng.random() < 0.4:
                one = rng.choice(made)
                if rng.random() < 0.5:
                    server.ask(f"/api/v1/products/{one}", key, {"status": "draft"}, "PATCH")
                else:
                    made.remove(one)
                    server.ask(f"/api/v1/products/{one}", key, method="DELETE")
            else:
                name = f"teapot {rng.randrange(1 << 40):x}"
                made.append(server.ask("/api/v1/products", key, {
                    "title": name, "status": "active", "variants": [{"sku": name}]})["id"])
        except (OSError, urllib.error.HTTPError, ValueError, json.JSONDecodeError):
            if server.process.poll() is not None or stop.is_set():
                return


def killed_while_serving(folder):
    data = ("--data", os.path.join(folder, "data"))
    key, made = new_key(*data), []
    for number in range(ROUNDS):
        server, stop = Server(*data), threading.Event()
        writer = threading.Thread(target=change, args=(server, key, stop, made))
        writer.start()
        until("an index", lambda s=server: s.found("teapot") is not None)
        time.sleep(rng.uniform(0.1, 1.0))
        server.kill()
        stop.set()
        writer.join()
        server = Server(*data)
        until(f"round {number}: search equals the catalogue",
              lambda s=server: s.found("teapot") == catalogue(s, key))
        server.stop()
    server = Server(*data)
    until("an index", lambda: server.found("sideboard") is not None)

    def counted():
        rows = server.ask("/api/v1/search/queries?missed=true", key)["data"]
        return sum(r["searches"] for r in rows if r["query"] == "sideboard")

    until("a count is written", lambda: counted() > 0)
    before = counted()
    server.kill()
    server = Server(*data)
    assert counted() >= before, (seed, counted(), before)
    server.stop()
    print(f"killed {ROUNDS + 1} times, seed {seed}: what is found is what there is, counts stay")


def two_on_postgres(folder, url):
    name = f"search_{os.getpid()}"
    subprocess.run(["psql", url, "-qc", f"CREATE DATABASE {name}"], check=True)
    own = ("--database", url.replace("/postgres?", f"/{name}?"))
    secret = os.path.join(folder, "secret")
    with open(secret, "wb") as out:
        out.write(os.urandom(32))
    key = new_key("--data", os.path.join(folder, "a"), *own)
    servers = [Server("--data", os.path.join(folder, d), "--secret", secret, *own) for d in "ab"]
    try:
        for number in range(4):
            writer, reader = servers[number % 2], servers[1 - number % 2]
            one = writer.ask("/api/v1/products", key, {"title": f"Kettle {number}", "status": "active",
                                                       "variants": [{"sku": f"K{number}"}]})
            until("a new product", lambda r=reader, n=number: f"kettle-{n}" in (r.found("kettle") or ()))
            writer.ask(f"/api/v1/products/{one['id']}", key, {"title": f"Samovar {number}"}, "PATCH")
            until("its new title", lambda r=reader, n=number: f"kettle-{n}" in (r.found("samovar") or ()))
            writer.ask("/api/v1/search/synonyms", key, {"words": [f"boiler{number}", "samovar"]})
            until("a synonym", lambda r=reader, n=number: r.found(f"boiler{n}"))
            writer.ask(f"/api/v1/products/{one['id']}", key, method="DELETE")
            until("it is gone", lambda r=reader, n=number: f"kettle-{n}" not in (r.found("samovar") or ()))
    finally:
        for server in servers:
            server.stop()
        subprocess.run(["psql", url, "-qc", f"DROP DATABASE {name} WITH (FORCE)"], check=True)
    print("what one process changes, the other one finds")


with tempfile.TemporaryDirectory(prefix="rapport-search-") as temp:
    if "--postgres" not in sys.argv:
        killed_while_serving(temp)
    elif os.environ.get("RAPPORT_TEST_POSTGRES"):
        two_on_postgres(temp, os.environ["RAPPORT_TEST_POSTGRES"])
    else:
        print("skipped: no PostgreSQL (scripts/with-postgres starts one)")
        sys.exit(77)
