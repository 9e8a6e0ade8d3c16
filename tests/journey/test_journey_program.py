#!/usr/bin/env python3
"""test_journey_program.py RAPPORT ROOT - questions to a running shop, and beside it by the program.

Every question of docs/journey.md and of the OpenAPI document is asked of a small shop's journeys, both ways.
"""
import datetime
import http.client
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import traceback

RAPPORT, ROOT = os.path.abspath(sys.argv[1]), pathlib.Path(sys.argv[2])
WORK = pathlib.Path(tempfile.mkdtemp(prefix="rapport-journey-"))
PEOPLE, DAYS = 60, 80
NOW = datetime.datetime.now(datetime.timezone.utc).replace(hour=0, minute=0, second=0, microsecond=0)
TESTS = []


def test(function):
    TESTS.append(function)
    return function


class Shop:
    def __init__(self, folder):
        self.folder = folder
        self.process = subprocess.Popen([RAPPORT, "serve", "--data", folder, "--port", "0", "--log-level", "warn"],
                                        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        self.port = int(re.search(r":(\d+)/", self.process.stdout.readline())[1])
        out = subprocess.run([RAPPORT, "key", "add", "--name", "t", "--permissions", "journey.read,journey.write,people.read",
                              "--data", folder, "--json"], capture_output=True, text=True, check=True).stdout
        self.secret = json.loads(out)["secret"]
        made = self.ask("POST", "/api/v1/tracking/keys", {"name": "Till", "kind": "server"})
        self.key = made[1]["write_key"]

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.communicate(timeout=60)

    def ask(self, method, path, body=None):
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        text = body if isinstance(body, str) or body is None else json.dumps(body)
        line.request(method, path, text, {"Content-Type": "application/json", "Authorization": "Bearer " + self.secret})
        reply = line.getresponse()
        text = reply.read()
        line.close()
        return reply.status, json.loads(text)

    def question(self, body):
        status, answer = self.ask("POST", "/api/v1/journey/query", body)
        assert status == 200, (status, body, answer)
        return answer

    def beside(self, body):
        """The same by the program."""
        path = WORK / "question.json"
        path.write_text(json.dumps(body))
        done = subprocess.run([RAPPORT, "journey", "query", path, "--data", self.folder], capture_output=True, text=True)
        assert done.returncode == 0, (body, done.stderr)
        return json.loads(done.stdout)


def message(person, when, event, **properties):
    campaign = ("newsletter", "search", None)[person % 3]
    page = ("/", "/sale", "/socks")[(person + when.hour) % 3]
    one = {"type": "track", "userId": f"u-{person}", "event": event, "timestamp": when.isoformat().replace("+00:00", "Z"),
           "messageId": f"program-{person}-{when.timestamp():.0f}-{event}", "properties": properties,
           "context": {"page": {"path": page, "url": "https://shop.example" + page}}}
    if campaign and when.hour < 12:
        one["context"]["campaign"] = {"source": campaign}
    return one


def visit(person, begin):
    """A visit every few days: some look, some buy; some of these come back a month later."""
    steps = ["Product Viewed", "Product Added", "Checkout Started", "Order Completed"][:1 + (person + begin.day) % 4]
    events = []
    for k, name in enumerate(steps):
        more = {"product_id": f"p{person % 7}", "category": ("socks", "hats")[person % 2]}
        if name == "Order Completed":
            more |= {"revenue": 1000 + 10 * person, "country": ("NL", "DE", "FR")[person % 3]}
        events.append(message(person, begin + datetime.timedelta(minutes=4 * k), name, **more))
    return events


def events():
    told = []
    for person in range(PEOPLE):
        told.append({"type": "identify", "userId": f"u-{person}", "timestamp": (NOW - datetime.timedelta(days=DAYS)).isoformat(),
                     "messageId": f"program-identify-{person}-padding",
                     "traits": {"email": f"u{person}@shop.example", "name": f"U {person}",
                                "plan": "gold" if person % 4 == 0 else "plain"}})
        for day in range(person % 5, DAYS, 3 + person % 9):
            told += visit(person, NOW - datetime.timedelta(days=DAYS - day, hours=-((person + day) % 24)))
    return told


def fill(shop):
    told = events()
    for at in range(0, len(told), 100):
        status, reply = shop.ask("POST", "/v1/import", {"writeKey": shop.key, "batch": told[at:at + 100]})
        assert status == 200, reply
    until = time.monotonic() + 30
    while shop.question({"type": "sessions"})["population"]["events"] < len(told) or not people_are_known(shop):
        assert time.monotonic() < until, "events have not come in"
        time.sleep(0.1)


def people_are_known(shop):
    answer = shop.question({"type": "sessions", "segment": {"where": {"person.plan": {"$exists": True}}}})
    return answer["people"] == PEOPLE


def documented():
    """Questions of the guide: JSON objects that have a type."""
    found = []
    for block in re.findall(r"```json\n(.*?)```", (ROOT / "docs/journey.md").read_text(), re.S):
        while block.strip():
            one, end = json.JSONDecoder().raw_decode(block.strip())
            block = block.strip()[end:]
            if "type" in one:
                found.append(one)
    return found


def body_of_questions(shop):
    operation = shop.ask("GET", "/api/v1/openapi.json")[1]["paths"]["/api/v1/journey/query"]["post"]
    return operation["requestBody"]["content"]["application/json"]


def examples(shop):
    """Of the OpenAPI document."""
    return {name: e["value"] for name, e in body_of_questions(shop)["examples"].items()}


def somebody(shop):
    question = {"type": "people", "of": {"type": "sessions"}, "cell": {}, "limit": 1}
    return shop.question(question)["profiles"][0]["id"]


# What of an answer tells that it is one: not empty, not all zero.
TELLS = {
    "trends": lambda a: any(v for s in a["series"] for v in s["values"]),
    "funnel": lambda a: all(s["people"] > 0 for g in a.get("groups", [a]) for s in g["steps"][:1]) and bool(a.get("groups", [1])),
    "retention": lambda a: any(c["people"] for c in a["cohorts"]) and any(sum(c["returned"]) > c["returned"][0] for c in a["cohorts"]),
    "paths": lambda a: bool(a["top"]) and a["paths"] >= sum(p["count"] for p in a["top"]),
    "lifecycle": lambda a: any(b["returning"] for b in a["buckets"]) and any(b["dormant"] for b in a["buckets"]),
    "stickiness": lambda a: a["people"] > 0,
    "sessions": lambda a: a["sessions"] > 0,
    "attribution": lambda a: bool(a["credits"]) and abs(sum(c["conversions"] for c in a["credits"]) - a["conversions"]) < 1e-6,
    "people": lambda a: a["total"] > 0 and len(a["profiles"]) > 0,
    "timeline": lambda a: len(a["events"]) > 0,
}


def check(shop, question):
    if question["type"] == "timeline":
        question = question | {"customer": somebody(shop)}
    answer = shop.question(question)
    kind = question["type"]
    assert answer["type"] == kind and answer["definition"] == question, answer
    assert answer["population"]["events"] > 0 and answer["population"]["people"] > 0, answer
    assert TELLS[kind](answer), json.dumps(answer)[:2000]
    if "groups" in answer:
        assert answer["groups_total"] >= len(answer["groups"]) > 0, answer
    return answer


def plain(answer):
    """Without what differs: instants of "now", and people, who have names in the shop."""
    out = {k: v for k, v in answer.items() if k not in ("from", "to", "profiles", "compare")}
    return out


@test
def every_example_of_the_openapi_document_is_answered(shop):
    told = examples(shop)
    assert set(told) == set(TELLS), set(told) ^ set(TELLS)
    for name, question in told.items():
        assert question["type"] == name
        check(shop, question)


@test
def every_question_of_the_guide_is_answered(shop):
    told = documented()
    assert {q["type"] for q in told} == set(TELLS), {q["type"] for q in told} ^ set(TELLS)
    for question in told:
        check(shop, question)


@test
def the_schema_knows_the_members_of_each_question(shop):
    kinds = {k["title"]: k for k in body_of_questions(shop)["schema"]["oneOf"]}
    assert set(kinds) == set(TELLS)
    every = {m for k in kinds.values() for m in k["properties"]} - {"type"}
    for kind, schema in kinds.items():
        for member in every:
            status, answer = shop.ask("POST", "/api/v1/journey/query", {"type": kind, member: None})
            unknown = status == 400 and answer["detail"].startswith(f"/{member} is unknown")
            assert unknown == (member not in schema["properties"]), (kind, member, answer)
    for question in [*documented(), *examples(shop).values()]:
        schema = kinds[question["type"]]
        assert set(schema["required"]) <= set(question) <= set(schema["properties"]), question


@test
def the_program_answers_as_the_shop_does(shop):
    for question in [*documented(), *examples(shop).values()]:
        if question["type"] == "timeline":
            continue
        here, beside = shop.question(question), shop.beside(question)
        assert plain(here) == plain(beside), (question, here, beside)
        if question["type"] == "people":
            assert len(here["profiles"]) == len(beside["profiles"])


@test
def people_have_names_and_a_timeline(shop):
    answer = shop.question({"type": "people", "of": {"type": "sessions", "segment": {"where": {"person.plan": "gold"}}}, "cell": {}})
    assert answer["total"] == (PEOPLE + 3) // 4 == len(answer["profiles"])
    for one in answer["profiles"]:
        number = int(re.fullmatch(r"u(\d+)@shop.example", one["email"])[1])
        assert number % 4 == 0 and one["name"] == f"U {number}"
    one = answer["profiles"][0]
    whole = shop.question({"type": "timeline", "customer": one["id"], "limit": 10000})
    assert whole["customer"]["id"] == one["id"] and not whole["more"]
    times = [e["time"] for e in whole["events"]]
    assert times == sorted(times)
    day = times[len(times) // 2][:10]
    some = shop.question({"type": "timeline", "customer": one["id"], "from": day, "to": day})
    assert [e["time"] for e in some["events"]] == [t for t in times if t[:10] == day], "`to` is that day as a whole"
    assert shop.question({"type": "timeline", "customer": one["id"], "limit": 1})["more"]


@test
def segments_filter_and_divide(shop):
    bought = {"did": {"event": "Order Completed", "at_least": 2, "last": "60 days"}}
    every = shop.question({"type": "stickiness", "interval": "week", "last": "60 days"})
    parts = shop.question({"type": "stickiness", "interval": "week", "last": "60 days", "by": bought})
    groups = {g["by"]: g["people"] for g in parts["groups"]}
    assert groups[True] + groups[False] == every["people"]
    only = shop.question({"type": "stickiness", "interval": "week", "last": "60 days", "segment": bought})
    assert only["people"] == groups[True] == only["population"]["people"]


SELECTOR = {"type": "funnel", "steps": ["a", "b"]}
BAD = [
    ({"type": "nothing"}, "/type"), ({"type": "funnel"}, "/steps"), ({"type": "funnel", "steps": "a"}, "/steps"),
    (SELECTOR | {"window": "soon"}, "/window"), (SELECTOR | {"order": "any order"}, "/order"),
    (SELECTOR | {"times": True, "order": "any"}, "/times"),
    (SELECTOR | {"exclude": {"event": "c", "between": [2, 1]}}, "/exclude"), (SELECTOR | {"times": 1}, "/times"),
    (SELECTOR | {"by": 7}, "/by"), (SELECTOR | {"by": ["a", "b", "c", "d"]}, "/by"), (SELECTOR | {"by": {"did": 7}}, "/did"),
    (SELECTOR | {"from": "yesterday"}, "/from"), (SELECTOR | {"to": "2025-02-30"}, "/to"),
    (SELECTOR | {"from": "2025-02-02", "to": "2025-01-01"}, "/to"), (SELECTOR | {"last": "7 moons"}, "/last"),
    (SELECTOR | {"last": "7 days", "to": "2025-01-01"}, "/last"), (SELECTOR | {"timezone": "Moon/Base"}, "/timezone"),
    (SELECTOR | {"timezone": 1}, "/timezone"), (SELECTOR | {"sample": 0}, "/sample"), (SELECTOR | {"sample": "half"}, "/sample"),
    (SELECTOR | {"limit": 0}, "/limit"), (SELECTOR | {"limit": 10.5}, "/limit"), (SELECTOR | {"where": 7}, "/where"),
    (SELECTOR | {"where": {"page": {"$near": 1}}}, "/where"), (SELECTOR | {"segment": {"where": {"page": "a"}}}, "/segment/where"),
    (SELECTOR | {"compare": "previous"}, "/compare"), (SELECTOR | {"groupby": "a"}, "/groupby"),
    ({"type": "trends"}, "/series"), ({"type": "trends", "series": []}, "/series"),
    ({"type": "trends", "series": [{"measure": "sum"}]}, "/series"), ({"type": "trends", "series": [{"measure": "mode"}]}, "/measure"),
    ({"type": "trends", "series": [{}], "interval": "fortnight"}, "/interval"),
    ({"type": "trends", "series": [{}], "compare": "previous"}, "/compare"),
    ({"type": "retention", "interval": "none"}, "/interval"), ({"type": "retention", "mode": "last"}, "/mode"),
    ({"type": "retention", "count": "twice"}, "/count"), ({"type": "retention", "brackets": [[3, 1]]}, "/brackets"),
    ({"type": "retention", "rolling": True, "interval": "month"}, "/rolling"), ({"type": "retention", "periods": -1}, "/periods"),
    ({"type": "paths", "length": 1}, "/length"), ({"type": "paths", "length": 9}, "/length"), ({"type": "paths", "top": 0}, "/top"),
    ({"type": "paths", "node": 7}, "/node"), ({"type": "paths", "gap": -1}, "/gap"), ({"type": "paths", "by": 7}, "/by"),
    ({"type": "paths", "from_node": {}}, "/from_node"),
    ({"type": "sessions", "gap": "long"}, "/gap"), ({"type": "sessions", "often": 0}, "/often"),
    ({"type": "sessions", "percentiles": "yes"}, "/percentiles"),
    ({"type": "attribution"}, "/conversion"), ({"type": "attribution", "conversion": "a", "model": "best"}, "/model"),
    ({"type": "attribution", "conversion": "a", "lookback": "ever"}, "/lookback"),
    ({"type": "attribution", "conversion": "a", "half_life": 0}, "/half_life"),
    ({"type": "attribution", "conversion": "a", "by": 7}, "/by"),
    ({"type": "lifecycle", "event": 7}, "/event"), ({"type": "lifecycle", "interval": "none"}, "/interval"),
    ({"type": "stickiness", "interval": 1}, "/interval"),
    ({"type": "people"}, "/of"), ({"type": "people", "of": SELECTOR}, "/cell"),
    ({"type": "people", "of": SELECTOR, "cell": {"step": 3}}, "/cell/step"),
    ({"type": "people", "of": SELECTOR, "cell": {"by": "x"}}, "/cell/by"),
    ({"type": "people", "of": SELECTOR, "cell": {"cohort": 1}}, "/cell/cohort"),
    ({"type": "people", "of": {"type": "lifecycle"}, "cell": {"kind": "old"}}, "/cell/kind"),
    ({"type": "people", "of": {"type": "retention"}, "cell": {"period": -2}}, "/cell/period"),
    ({"type": "people", "of": {"type": "paths"}, "cell": {"path": "a"}}, "/cell/path"),
    ({"type": "people", "of": {"type": "paths"}, "cell": {"path": ["a"]}}, "/cell/path"),
    ({"type": "people", "of": {"type": "sessions"}, "cell": {"entry": "a"}}, "/cell/entry"),
    ({"type": "timeline", "customer": "cus_nobody"}, "/customer"), ({"type": "timeline"}, "/customer"),
    ({"type": "timeline", "customer": "CUS", "from": "soon"}, "/from"), ({"type": "timeline", "customer": "CUS", "limit": 0}, "/limit"),
    ({"type": "timeline", "customer": "CUS", "last": "7 days"}, "/last"),
]


@test
def what_is_wrong_is_named(shop):
    customer = somebody(shop)
    wrong = []
    for question, member in BAD:
        if question.get("customer") == "CUS":
            question = question | {"customer": customer}
        status, answer = shop.ask("POST", "/api/v1/journey/query", question)
        if status != 400 or answer.get("code") != "journey.bad_question" or not re.match(re.escape(member) + "[ /]", answer["detail"]):
            wrong.append((question, member, status, answer if status != 200 else "answered"))
    assert not wrong, "\n".join(map(str, wrong))


@test
def a_file_that_holds_no_events_is_refused(_):
    for number, (content, says) in enumerate([(b"one\0two\n" * 100, "not text"), (b"product,price\nsocks,7\n", "--format")]):
        path, data = WORK / f"file-{number}", WORK / f"data-{number}"
        path.write_bytes(content)
        done = subprocess.run([RAPPORT, "journey", "load", path, "--data", data], capture_output=True, text=True)
        assert done.returncode == 1 and says in done.stderr and "journey.bad_file" in done.stderr, done
        check = subprocess.run([RAPPORT, "journey", "check", "--data", data], capture_output=True, text=True)
        assert check.returncode == 0 and check.stdout.startswith("0 events"), check


def main():
    failed = 0
    print(f"1..{len(TESTS)}")
    shop = Shop(WORK / "shop")
    try:
        fill(shop)
        for number, function in enumerate(TESTS, 1):
            name = function.__name__.replace("_", " ")
            try:
                function(shop)
                print(f"ok {number} - {name}")
            except Exception:
                failed += 1
                print(f"not ok {number} - {name}")
                print("".join("# " + line for line in traceback.format_exc().splitlines(True)))
    finally:
        shop.stop()
        shutil.rmtree(WORK, ignore_errors=True)
    sys.exit(failed > 0)


main()
