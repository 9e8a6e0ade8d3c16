#!/usr/bin/env python3
"""test_processes.py RAPPORT - two servers on one PostgreSQL, each with a journey of its own: what one is
told of who is who, who said no, who was erased and what names nobody holds in the other, too."""
import base64
import json
import os
import re
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request

WAIT_S = 60
rapport = os.path.abspath(sys.argv[1])
folder = tempfile.TemporaryDirectory(prefix="rapport-processes-")


class Server:
    def __init__(self, name, database):
        self.name = name
        self.process = subprocess.Popen(
            [rapport, "serve", "--port", "0", "--log-level", "error", "--data", f"{folder.name}/{name}",
             "--database", database], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        self.base = "http://127.0.0.1:" + re.search(r":(\d+)/", self.process.stdout.readline())[1]

    def ask(self, method, path, body=None, key=None):
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        if body is not None:
            headers["Content-Type"] = "application/json"
        request = urllib.request.Request(self.base + path, headers=headers, method=method,
                                         data=None if body is None else json.dumps(body).encode())
        try:
            with urllib.request.urlopen(request, timeout=30) as reply:
                text = reply.read()
                return json.loads(text) if text else None
        except urllib.error.HTTPError as e:
            return json.loads(e.read() or b"{}")

    def tell(self, path, body):
        request = urllib.request.Request(self.base + path, data=json.dumps(body).encode(), headers={
            "Authorization": "Basic " + base64.b64encode(f"{write_key}:".encode()).decode()})
        with urllib.request.urlopen(request, timeout=30) as reply:
            assert reply.status == 200

    def customer(self, namespace, value):
        value = urllib.parse.quote(value)
        return self.ask("GET", f"/api/v1/customers/lookup?namespace={namespace}&value={value}", key=key).get("id")

    def events(self, namespace, value):
        """Names of what they did, as this server's journey knows it."""
        who = self.customer(namespace, value)
        if who is None:
            return []
        answer = self.ask("POST", "/api/v1/journey/query", {"type": "timeline", "customer": who}, key)
        return [e["event"] for e in answer["events"]]

    def stop(self):
        self.process.terminate()
        assert self.process.wait(60) == 0


def until(what, holds):
    """Wait, generously; nothing here is timed."""
    end = time.monotonic() + WAIT_S
    while not holds():
        assert time.monotonic() < end, f"not within {WAIT_S} s: {what}"
        time.sleep(0.05)


def who_is_who(one, two):
    user, browser = f"u-1-{one.name}", f"web-1-{one.name}"
    one.tell("/v1/batch", {"batch": [{"type": "track", "anonymousId": browser, "event": "Seen"},
                                     {"type": "track", "userId": user, "event": "Bought"}]})
    until("both are known", lambda: one.events("user_id", user) and one.events("anonymous_id", browser))
    merged = two.ask("POST", f"/api/v1/customers/{one.customer('user_id', user)}/merge",
                     {"with": one.customer("anonymous_id", browser), "note": "same card"}, key)
    until("the other's merge", lambda: sorted(one.events("user_id", user)) == ["Bought", "Seen"])
    link = two.ask("GET", f"/api/v1/customers/{merged['id']}/links", key=key)["data"][0]["id"]
    assert two.ask("DELETE", f"/api/v1/customers/links/{link}?note=two+people", key=key) is None
    until("the other's un-merge", lambda: one.events("user_id", user) == ["Bought"])
    assert one.events("anonymous_id", browser) == ["Seen"]


def who_was_erased(one, two):
    one.tell("/v1/batch", {"batch": [{"type": "track", "userId": f"u-2-{one.name}", "event": "Bought"}]})
    until("they are known", lambda: one.events("user_id", f"u-2-{one.name}") == ["Bought"])
    who = one.customer("user_id", f"u-2-{one.name}")
    two.ask("POST", f"/api/v1/customers/{who}/erase?now=true", key=key)
    until("they are erased", lambda: one.customer("user_id", f"u-2-{one.name}") is None)

    def behind():
        answer = one.ask("POST", "/api/v1/journey/query",
                         {"type": "people", "of": {"type": "trends", "series": [{"event": "Bought"}],
                                                   "last": "2 days"}, "cell": {"series": 0}}, key)
        assert "profiles" in answer, answer
        return [p["id"] for p in answer["profiles"]]

    until("their events are gone", lambda: not any(p.startswith("sub_") or p == who for p in behind()))
    one.tell("/v1/batch", {"batch": [{"type": "track", "userId": f"u-2-{one.name}", "event": "Late"}]})
    assert one.events("user_id", f"u-2-{one.name}") == []


def who_said_no(one, two):
    one.tell("/v1/batch", {"batch": [{"type": "track", "userId": f"u-3-{one.name}", "event": "Bought"}]})
    until("they are known", lambda: one.events("user_id", f"u-3-{one.name}") == ["Bought"])
    two.tell("/v1/batch", {"batch": [{"type": "track", "userId": f"u-3-{one.name}", "event": "Segment Consent Preference Updated",
                                      "context": {"consent": {"categoryPreferences": {"analytics": False}}}}]})
    count = len(one.events("user_id", f"u-3-{one.name}"))

    def is_taken():
        one.tell("/v1/batch", {"batch": [{"type": "track", "userId": f"u-3-{one.name}", "event": "More"}]})
        before, now = who_said_no.count, len(one.events("user_id", f"u-3-{one.name}"))
        who_said_no.count = now
        return now > before

    who_said_no.count = count
    until("the no holds here, too", lambda: not is_taken())


def what_names_nobody(one, two):
    changed = two.ask("PATCH", "/api/v1/settings/people.identity", {"blocked": [f"till-1-{one.name}"]}, key)
    assert f"till-1-{one.name}" in json.dumps(changed), changed

    def is_kept_aside():
        name = f"till-event-{time.monotonic_ns()}"
        one.tell("/v1/track", {"anonymousId": f"till-1-{one.name}", "event": name})
        listed = one.ask("GET", "/api/v1/tracking/rejected", key=key)["data"]
        return any(name in json.dumps(r) for r in listed)

    until("the value is blocked here, too", is_kept_aside)


if "RAPPORT_TEST_POSTGRES" not in os.environ:
    print("1..0 # SKIP RAPPORT_TEST_POSTGRES is not set: scripts/with-postgres")
    sys.exit(0)
admin = os.environ["RAPPORT_TEST_POSTGRES"]
name = f"people_processes_{os.getpid()}"
own = admin.replace("/postgres?", f"/{name}?")
subprocess.run(["psql", "-q", admin, "-c", f"CREATE DATABASE {name}"], check=True)
TESTS = [who_is_who, who_was_erased, who_said_no, what_names_nobody]
failed = 0
try:
    one, two = Server("one", own), Server("two", own)
    made = subprocess.run([rapport, "key", "add", "--name", "test", "--json", "--data", f"{folder.name}/one",
                           "--database", own, "--log-level", "error", "--permissions",
                           "customers.write,journey.write,settings.write"], stdout=subprocess.PIPE, check=True)
    key = json.loads(made.stdout)["secret"]
    write_key = one.ask("POST", "/api/v1/tracking/keys", {"name": "Server", "kind": "server"}, key)["write_key"]
    until("the key is known to both", lambda: two.ask("GET", "/api/v1/tracking/keys", key=key).get("data"))
    both = [(test, *servers) for servers in [(one, two), (two, one)] for test in TESTS]
    print(f"1..{len(both)}")
    for i, (test, *servers) in enumerate(both, 1):
        what = f"{i} - {test.__name__} ({servers[0].name} hears of it from {servers[1].name})"
        try:
            test(*servers)
            print(f"ok {what}")
        except Exception as e:  # noqa: BLE001 - told, and the next one runs
            failed += 1
            print(f"not ok {what}: {e!r}")
    one.stop()
    two.stop()
finally:
    subprocess.run(["psql", "-q", admin, "-c", f"DROP DATABASE {name} WITH (FORCE)"], check=True)
sys.exit(failed > 0)
