#!/usr/bin/env python3
"""checkout_crash.py RAPPORT - kill -9 a shop between any two steps of its checkouts, 10 times (or
CRASHES times); the buyers press the button again, and in the end every captured payment has one order,
every order its payment, and no order that a buyer was told of is lost."""
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

ROUNDS = int(os.environ.get("CRASHES", "10"))
BUYERS = 4
rapport = sys.argv[1]
seed = int(os.environ.get("SEED", time.time()))
rng = random.Random(seed)
print(f"seed {seed}")


class Shop:
    def __init__(self, folder):
        self.folder = folder
        self.process = subprocess.Popen([rapport, "serve", "--data", folder, "--port", "0", "--test-payments",
                                         "--log-level", "error"], stdout=subprocess.PIPE, text=True)
        self.port = int(re.search(r":(\d+)", self.process.stdout.readline())[1])

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self):
        self.process.terminate()
        assert self.process.wait() == 0


def ask(port, method, path, body=None, key=None):
    c = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    try:
        head = {"Content-Type": "application/json", **({"Authorization": "Bearer " + key} if key else {})}
        c.request(method, path, json.dumps(body) if body is not None else None, head)
        reply = c.getresponse()
        text = reply.read()
        return reply.status, json.loads(text) if text else None
    finally:
        c.close()


def fill(shop):
    key = json.loads(subprocess.run([rapport, "key", "add", "--name", "t", "--permissions",
                                     "catalog.write,orders.write", "--data", shop.folder, "--json"],
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


CHECKOUT = {"payment": "test", "input": {"card": "4242424242424242"}, "consent": {"terms": True}, "return_url": "/done"}


class Buyers:
    def __init__(self, variant, method):
        self.variant, self.method = variant, method
        self.lock, self.tried, self.told = threading.Lock(), set(), {}

    def buy(self, port):
        status, cart = ask(port, "POST", "/store/v1/carts", {"items": [{"variant_id": self.variant, "qty": 1}]})
        assert status == 201, cart
        token = cart["token"]
        status, cart = ask(port, "PATCH", "/store/v1/carts/" + token, {
            "email": "a@example.com", "delivery_method_id": self.method, "address": {
                "last_name": "B", "line1": "1", "city": "Amsterdam", "postal_code": "1012 AB", "country": "NL"}})
        assert status == 200, cart
        with self.lock:
            self.tried.add(token)
        self.press(port, token)

    def press(self, port, token):
        status, result = ask(port, "POST", f"/store/v1/carts/{token}/checkout", CHECKOUT)
        assert status == 200 and result["state"] == "placed", (status, result)
        with self.lock:
            assert self.told.setdefault(token, result["order_id"]) == result["order_id"]

    def go_on(self, shop, wrong):
        while True:
            try:
                self.buy(shop.port)
            except (OSError, http.client.HTTPException):
                return  # it was killed
            except AssertionError as e:
                wrong.append(e)
                return


def check(folder, buyers):
    db = sqlite3.connect(os.path.join(folder, "rapport.db"))
    number = lambda sql: db.execute(sql).fetchone()[0]
    assert number("PRAGMA integrity_check") == "ok"
    assert number("SELECT count(*) FROM order_payment p LEFT JOIN order_order o ON o.id = p.order_id "
                  "WHERE p.captured > 0 AND coalesce(o.number, '') = ''") == 0, "paid, but no order"
    assert number("SELECT count(*) FROM order_order o WHERE number <> '' AND (SELECT coalesce(sum(captured), 0) "
                  "FROM order_payment p WHERE p.order_id = o.id) <> o.total") == 0, "an order that is not paid once"
    placed = number("SELECT count(*) FROM order_order WHERE number <> ''")
    assert placed == len(buyers.tried) == len(buyers.told), (placed, len(buyers.tried), len(buyers.told))
    assert number("SELECT max(CAST(number AS INTEGER)) - 1000 FROM order_order WHERE number <> ''") == placed, "gaps"
    assert number("SELECT count(*) FROM stock_reservation") == 0, "stock is held for nobody"
    assert number("SELECT sum(allocated) FROM stock_level") == placed, "stock does not match orders"
    return placed


def main():
    with tempfile.TemporaryDirectory(prefix="rapport-crash-") as folder:
        shop = Shop(folder)
        buyers = Buyers(*fill(shop))
        time.sleep(0.5)
        for _ in range(ROUNDS):
            wrong = []
            threads = [threading.Thread(target=buyers.go_on, args=(shop, wrong)) for _ in range(BUYERS)]
            for t in threads:
                t.start()
            time.sleep(rng.uniform(0.05, 0.6))
            shop.kill()
            for t in threads:
                t.join()
            assert not wrong, wrong[0]
            shop = Shop(folder)
            for token in sorted(buyers.tried - set(buyers.told)):
                buyers.press(shop.port, token)
        shop.stop()
        print(f"{ROUNDS} kills, {check(folder, buyers)} orders")


main()
