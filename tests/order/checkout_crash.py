#!/usr/bin/env python3
"""checkout_crash.py RAPPORT [postgres] - kill -9 a shop between any two steps of its checkouts, 10 times
(or CRASHES times), on SQLite or on the PostgreSQL of scripts/with-postgres; the buyers press the button
again, and in the end every captured payment has one order, every order its payment, no order that a
buyer was told of is lost, nothing is given back that was not taken, and stock is the sum of its
movements. Buyers pay at once, by a redirect, by webhooks that come three times, and by a provider whose
answer is lost; a third of them cancel.

Every second kill comes at a random moment, the others in turn at each place that the program names
between two steps (base/fault.h; builds without -Dfault_injection=true know none, then all are random). A
table tells how often each place was met, and what the dead shop's database held half done."""
import atexit
import http.client
import json
import os
import random
import re
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse

ROUNDS = int(os.environ.get("CRASHES", "10"))
BUYERS = 4
rapport = sys.argv[1]
on_postgres = "postgres" in sys.argv[2:]
seed = int(os.environ.get("SEED", time.time()))
rng = random.Random(seed)
print(f"seed {seed}")


class Database:
    """Where the shop is kept, and questions to it beside the shop."""

    def __init__(self, folder):
        self.folder, self.options = folder, []
        if on_postgres:
            admin = os.environ["RAPPORT_TEST_POSTGRES"]
            self.name = f"crash_{os.getpid()}"
            self.psql(admin, f"CREATE DATABASE {self.name}")
            self.url = admin.replace("/postgres?", f"/{self.name}?")
            self.options = ["--database", self.url]

    @staticmethod
    def psql(url, sql):
        return subprocess.run(["psql", url, "-tAXqc", sql], capture_output=True, text=True, check=True).stdout

    def number(self, sql):
        if on_postgres:
            return int(self.psql(self.url, sql).strip() or 0)
        db = sqlite3.connect(os.path.join(self.folder, "rapport.db"), timeout=20)
        try:
            return db.execute(sql).fetchone()[0] or 0
        finally:
            db.close()

    def close(self):
        if on_postgres:
            self.psql(os.environ["RAPPORT_TEST_POSTGRES"], f"DROP DATABASE {self.name} WITH (FORCE)")


# Where the program is killed, and what has to fail before for it to come there.
PLACES = {
    "checkout.preparing": "the order is written, not committed",
    "checkout.prepared": "the order is kept, nobody was asked for money",
    "payment.answered": "the provider took the money, nobody wrote it down",
    "checkout.finalizing": "payment and order are written, not committed",
    "payment.kept": "the payment is kept, its order could not be placed",
    "payment.settled": "all is kept, the buyer was not told",
    "payment.hook_acted": "a webhook was acted on, nobody wrote it down",
    "order.changing": "a cancellation is written, not committed",
    "order.changed": "it is kept, no money was given back",
    "payment.moving": "a refund is begun, the provider was not asked",
    "payment.moved": "the provider gave it back, nobody wrote it down",
}
NEEDS = {"payment.kept": "checkout.finalizing=fail:%d "}


class Shop:
    def __init__(self, folder, db, faults=""):
        self.folder, self.db = folder, db
        self.process = subprocess.Popen([rapport, "serve", "--data", folder, "--port", "0", "--test-payments",
                                         "--log-level", "error", *db.options], stdout=subprocess.PIPE, text=True,
                                        env={**os.environ, "RAPPORT_FAULTS": faults})
        said = re.search(r":(\d+)", self.process.stdout.readline())  # nothing: it was killed while it began
        self.port = int(said[1]) if said else 1
        assert said or (faults and self.process.wait() == -signal.SIGKILL), "it does not start"

    def kill(self, wait):
        """Is it killed by itself within `wait` seconds? If not, now."""
        try:
            return self.process.wait(wait) == -signal.SIGKILL
        except subprocess.TimeoutExpired:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait()
            return False

    def stop(self):
        self.process.terminate()
        assert self.process.wait() == 0


def ask(port, method, path, body=None, key=None, form=None):
    c = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        head = {"Content-Type": "application/json", **({"Authorization": "Bearer " + key} if key else {})}
        sent = json.dumps(body) if body is not None else None
        if form is not None:
            head["Content-Type"], sent = "application/x-www-form-urlencoded", urllib.parse.urlencode(form)
        c.request(method, path, sent, head)
        reply = c.getresponse()
        text = reply.read()
        is_json = "json" in (reply.getheader("Content-Type") or "")
        return reply.status, json.loads(text) if text and is_json else None
    finally:
        c.close()


def fill(shop):
    key = json.loads(subprocess.run([rapport, "key", "add", "--name", "t", "--permissions",
                                     "catalog.write,orders.write", "--data", shop.folder, "--json",
                                     *shop.db.options],
                                    capture_output=True, text=True, check=True).stdout)["secret"]
    eur = lambda amount: {"amount": amount, "currency": "EUR"}
    status, p = ask(shop.port, "POST", "/api/v1/products", {
        "title": "Mug", "status": "active",
        "variants": [{"tracked": True, "quantity": 1000000, "prices": [{"price": eur(1000)}]}]}, key)
    assert status == 201, p
    status, zone = ask(shop.port, "POST", "/api/v1/delivery/zones", {"title": "All", "places": [{"country": ""}]}, key)
    assert status == 201, zone
    status, m = ask(shop.port, "POST", "/api/v1/delivery/methods", {
        "zone_id": zone["id"], "title": "Post", "kind": "standard", "rates": [{"amount": eur(500)}]}, key)
    assert status == 201, m
    return p["variants"][0]["id"], m["id"]


CARDS = {"at once": "4242424242424242", "redirect": "4000000000003220", "webhooks": "4000000000000085",
         "answer lost": "4000000000000101"}

# What a kill may leave half done; each is a question to the database of the dead shop.
STEPS = {
    "prepared, not paid": "SELECT count(*) FROM order_payment_session WHERE status = 'created'",
    "at the provider, not recorded": "SELECT count(*) FROM order_payment_session s JOIN order_payment_test t ON "
                                     "t.session_id = s.id WHERE t.state = 'captured' AND s.status <> 'captured'",
    "recorded, not placed": "SELECT count(*) FROM order_payment p LEFT JOIN order_order o ON o.id = p.order_id "
                            "WHERE p.captured > 0 AND coalesce(o.number, '') = ''",
    "webhook in flight": "SELECT count(*) FROM core_job WHERE kind = 'order.payment_test_event' AND state < 2",
    "refund in flight": "SELECT count(*) FROM order_payment_txn WHERE kind = 'refund' AND status = 'pending'",
}


class Buyers:
    def __init__(self, variant, method):
        self.variant, self.method = variant, method
        self.lock, self.tried, self.told, self.cancels, self.ended = threading.Lock(), {}, {}, set(), set()
        self.taken = set()  # carts that somebody is at

    def buy(self, port):
        status, cart = ask(port, "POST", "/store/v1/carts", {"items": [{"variant_id": self.variant, "qty": 1}]})
        assert status == 201, cart
        token = cart["token"]
        status, cart = ask(port, "PATCH", "/store/v1/carts/" + token, {
            "email": "a@example.com", "delivery_method_id": self.method, "address": {
                "last_name": "B", "line1": "1", "city": "Amsterdam", "postal_code": "1012 AB", "country": "NL"}})
        assert status == 200, cart
        with self.lock:
            self.taken.add(token)
            self.tried[token] = rng.choice(list(CARDS))
            if rng.random() < 0.33:
                self.cancels.add(token)
        self.finish(port, token, 20)

    def finish(self, port, token, tries):
        """Until it is placed, and cancelled where that was wanted: as a buyer does who comes back."""
        try:
            if token not in self.told and not self.press(port, token, tries):
                return
            if token in self.cancels - self.ended:
                self.cancel(port, token)
        finally:
            with self.lock:
                self.taken.discard(token)

    def press(self, port, token, tries):
        card = CARDS[self.tried[token]]
        checkout = {"payment": "test", "input": {"card": card}, "consent": {"terms": True}, "return_url": "/done"}
        for i in range(tries):  # a webhook that a dead process had begun is found by the sweeper, in minutes
            status, result = ask(port, "POST", f"/store/v1/carts/{token}/checkout", checkout)
            if status == 200 and result["state"] == "placed":
                with self.lock:
                    known = self.told.setdefault(token, (result["order_id"], result["order_token"]))
                assert known[0] == result["order_id"], (known, result)
                return True
            assert status < 500 or status == 503 or (status == 500 and result["code"] == "db.failed"), (status, result)
            if status == 200 and result["state"] == "redirect" and "/pay/test/" in result["url"]:
                page = result["url"][result["url"].index("/pay/test/"):]
                ask(port, "POST", page, form={"action": "approve"})
                ask(port, "GET", page.replace("/pay/test/", "/pay/return/"))
            elif status == 409 and self.tried[token] == "redirect":
                ask(port, "POST", f"/store/v1/carts/{token}/reopen")
            else:
                time.sleep(0.2 if i < 20 else 1)
        if tries >= 200:
            raise AssertionError(f"{self.tried[token]}: {status} {result}")
        return False

    def unfinished(self):
        """One that nobody is at; None: there is none."""
        with self.lock:
            for token in self.tried:
                if token not in self.taken and (token not in self.told or token in self.cancels - self.ended):
                    self.taken.add(token)
                    return token
        return None

    def cancel(self, port, token):
        status, result = ask(port, "POST", f"/store/v1/orders/{self.told[token][1]}/cancel", {"reason": "no"})
        assert status == 200 or (status == 409 and result["code"] == "order.not_open"), (status, result)
        with self.lock:
            self.ended.add(token)

    def go_on(self, shop, wrong):
        while True:
            try:
                token = self.unfinished() if rng.random() < 0.5 else None
                if token:
                    self.finish(shop.port, token, 2)
                else:
                    self.buy(shop.port)
            except (OSError, http.client.HTTPException):
                return  # it was killed
            except AssertionError as e:
                wrong.append(e)
                return


def check(db, buyers):
    number = db.number
    if not on_postgres:
        assert sqlite3.connect(os.path.join(db.folder, "rapport.db")).execute(
            "PRAGMA integrity_check").fetchone()[0] == "ok"
    assert number(STEPS["recorded, not placed"]) == 0, "paid, but no order"
    assert number("SELECT count(*) FROM order_order o WHERE number <> '' AND (SELECT coalesce(sum(captured), 0) "
                  "FROM order_payment p WHERE p.order_id = o.id) <> o.placed_total") == 0, "not paid exactly once"
    assert number("SELECT count(*) FROM order_payment WHERE refunded > captured") == 0, "given back too much"
    assert number("SELECT count(*) FROM order_order WHERE status = 'cancelled' AND refunded <> captured") == 0, \
        "cancelled, but not given back"
    assert number("SELECT count(*) FROM order_payment_test WHERE refunded > captured") == 0, "the provider gave twice"
    placed = number("SELECT count(*) FROM order_order WHERE number <> ''")
    assert placed == len(buyers.tried) == len(buyers.told), (placed, len(buyers.tried), len(buyers.told))
    assert number("SELECT max(CAST(number AS INTEGER)) - 1000 FROM order_order WHERE number <> ''") == placed, "gaps"
    gone = number("SELECT count(*) FROM order_order WHERE status = 'cancelled'")
    assert gone == len(buyers.cancels) == len(buyers.ended), (gone, len(buyers.cancels))
    assert number("SELECT sum(allocated) FROM stock_level") == placed - gone, "stock does not match orders"
    for what in ("on_hand", "allocated"):
        assert number(f"SELECT count(*) FROM stock_level l WHERE {what} <> (SELECT coalesce(sum(m.{what}), 0) FROM "
                      "stock_movement m WHERE m.variant_id = l.variant_id AND m.location_id = l.location_id)") == 0
    assert number("SELECT count(*) FROM stock_reservation") == 0, "stock is held for nobody"
    return placed, gone


def settled(db):
    """Refunds that were under way when the shop died are carried out by the sweeper."""
    for _ in range(900):
        if db.number(STEPS["refund in flight"]) == 0:
            return
        time.sleep(0.2)
    raise AssertionError("a refund is never carried out")


def places_of(n):
    """Every second kill is random; the others go through the places, at one of their first hits."""
    if "places" not in sys.argv or n % 2 == 1:
        return None, ""
    place = list(PLACES)[n // 2 % len(PLACES)]
    hit = rng.randint(1, 3 if place.startswith(("order", "payment.mov", "payment.hook")) else 12)
    return place, (NEEDS[place] % hit if place in NEEDS else "") + f"{place}=kill:{1 if place in NEEDS else hit}"


def play(shop, buyers, wait):
    """Buyers buy until the shop is killed."""
    wrong = []
    threads = [threading.Thread(target=buyers.go_on, args=(shop, wrong)) for _ in range(BUYERS)]
    for t in threads:
        t.start()
    by_itself = shop.kill(wait)
    for t in threads:
        t.join()
    assert not wrong, wrong[0]
    return by_itself


def table(title, rows):
    print(f"{title}:")
    for what, n in rows:
        print(f"  {n:4}  {what}")


def main():
    met, at, randomly = dict.fromkeys(STEPS, 0), dict.fromkeys(PLACES, 0), 0
    with tempfile.TemporaryDirectory(prefix="rapport-crash-") as folder:
        db = Database(folder)
        shop = Shop(folder, db)
        atexit.register(lambda: shop.process.kill())
        buyers = Buyers(*fill(shop))
        time.sleep(0.5)
        shop.stop()
        for n in range(ROUNDS):
            place, faults = places_of(n)
            shop = Shop(folder, db, faults)
            if play(shop, buyers, 20 if place else rng.uniform(0.05, 0.6)):
                at[place] += 1
            else:
                randomly += 1
            for step, sql in STEPS.items():
                met[step] += db.number(sql) > 0
        shop = Shop(folder, db)
        print(f"{ROUNDS} kills; {sum(t not in buyers.told for t in buyers.tried)} carts are not placed yet")
        while token := buyers.unfinished():
            buyers.finish(shop.port, token, 200)
        settled(db)
        shop.stop()
        placed, gone = check(db, buyers)
        db.close()
    table("killed", [*((f"{p}: {what}", at[p]) for p, what in PLACES.items()), ("at random", randomly)])
    table("the database of the dead shop held", met.items())
    print(f"{placed} orders, {gone} cancelled; all is right")


main()
