#!/usr/bin/env python3
"""test_people_program.py RAPPORT - letting people and programs in, with the real program."""
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
import urllib.parse

RAPPORT = os.path.abspath(sys.argv[1])
WORK = pathlib.Path(tempfile.mkdtemp(prefix="rapport-people-"))
PASSWORD = "correct horse battery"
TESTS = []


def test(function):
    TESTS.append(function)
    return function


def run(*words, stdin=None):
    return subprocess.run([RAPPORT, *map(str, words)], capture_output=True, text=True, timeout=60, input=stdin)


class Shop:
    """`rapport serve` on a free port, and one browser."""

    def __init__(self, folder):
        self.process = subprocess.Popen([RAPPORT, "serve", "--data", folder, "--port", "0"],
                                        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        self.cookie = None

    def __enter__(self):
        self.port = int(re.search(r":(\d+)/", self.process.stdout.readline())[1])
        return self

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGTERM)
        self.process.communicate(timeout=30)

    def link(self):
        """The owner's link: two more lines, which must be there."""
        self.process.stdout.readline()
        return urllib.parse.urlsplit(self.process.stdout.readline().strip()).path

    def ask(self, method, path, body=None, **headers):
        if self.cookie:
            headers["Cookie"] = self.cookie
        if isinstance(body, dict):
            headers["Content-Type"] = "application/x-www-form-urlencoded"
            body = urllib.parse.urlencode(body)
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        line.request(method, path, body, headers)
        reply = line.getresponse()
        text = reply.read().decode()
        line.close()
        if reply.getheader("Set-Cookie"):
            self.cookie = reply.getheader("Set-Cookie").split(";")[0]
        return reply.status, reply.getheader("Location"), text


@test
def the_link_on_the_terminal_makes_an_owner_once():
    with Shop(WORK / "first") as shop:
        link = shop.link()
        status, _, text = shop.ask("GET", link)
        assert status == 200 and "<form" in text, (status, text)
        form = {"email": "olga@shop.example", "name": "Olga", "password": PASSWORD}
        assert shop.ask("POST", link, form)[:2] == (303, "/staff")
        status, _, text = shop.ask("GET", "/staff")
        assert status == 200 and "Olga" in text
        css = re.search(r'href="(/assets/staff[^"]*)"', text)[1]
        assert shop.ask("GET", css)[0] == 200
        assert shop.ask("POST", link, form)[0] == 404
    with Shop(WORK / "first") as shop:  # it says no more that nobody owns it
        shop.process.send_signal(signal.SIGTERM)
        assert shop.process.stdout.read() == ""


@test
def a_link_is_printed_anew_while_there_is_no_owner():
    with Shop(WORK / "anew") as shop:
        first = shop.link()
    with Shop(WORK / "anew") as shop:
        second = shop.link()
        assert first != second
        assert shop.ask("GET", first)[0] == 404
        assert shop.ask("GET", second)[0] == 200


@test
def staff_are_let_in_and_out_beside_the_running_shop():
    folder = WORK / "beside"
    with Shop(folder) as shop:
        done = run("staff", "add", "--data", folder, "--email", "jane@shop.example", "--name", "Jane", "--role",
                   "support", "--password-stdin", stdin=PASSWORD + "\n")
        assert done.returncode == 0, done
        assert shop.ask("POST", "/login", {"email": "jane@shop.example", "password": PASSWORD})[0] == 303
        assert shop.ask("GET", "/api/v1/session")[0] == 200
        done = run("staff", "disable", "jane@shop.example", "--data", folder)
        assert done.returncode == 0, done
        until = time.monotonic() + 20
        while shop.ask("GET", "/api/v1/session")[0] != 401:  # told by an event
            assert time.monotonic() < until
            time.sleep(0.05)
        done = run("key", "add", "--name", "R", "--permissions", "people.read", "--data", folder)
        assert done.returncode == 0 and done.stdout.startswith("rap_"), done
        shop.cookie = None
        status, _, text = shop.ask("GET", "/api/v1/staff", Authorization="Bearer " + done.stdout.strip())
        assert status == 200 and json.loads(text)["data"][0]["status"] == "disabled"


@test
def an_invitation_is_a_link():
    folder = WORK / "invitation"
    done = run("staff", "add", "--data", folder, "--email", "mark@shop.example", "--name", "Mark", "--role",
               "marketing, analyst", "--json")
    link = json.loads(done.stdout)
    assert link["purpose"] == "invite", done
    done = run("staff", "list", "--data", folder)
    assert "mark@shop.example" in done.stdout and "Marketing, Analyst" in done.stdout and "invited" in done.stdout
    with Shop(folder) as shop:
        assert shop.ask("POST", link["path"], {"name": "Mark M", "password": PASSWORD})[0] == 303
        assert "Mark M" in shop.ask("GET", "/staff")[2]
    done = run("staff", "reset", "mark@shop.example", "--data", folder, "--json")
    assert json.loads(done.stdout)["purpose"] == "reset"


@test
def wrong_use_is_told():
    folder = WORK / "wrong"
    for words, said in [
        (["staff", "add", "--email", "a@b.cd", "--name", "A"], "--role is needed"),
        (["staff", "add", "--email", "a@b.cd", "--name", "A", "--role", "king"], "people.no_role"),
        (["staff", "disable", "nobody@shop.example"], "people.no_staff"),
        (["staff", "reset", "nobody@shop.example"], "people.no_staff"),
        (["key", "add", "--name", "K", "--permissions", "sky.fly"], "shape.invalid"),
        (["key", "add", "--name", "K"], "--permissions is needed"),
    ]:
        done = run(*words, "--data", folder)
        assert done.returncode != 0 and said in done.stderr, (words, done)
    done = run("staff", "add", "--email", "a@b.cd", "--name", "A", "--role", "owner", "--password-stdin",
               "--data", folder, stdin="short\n")
    assert done.returncode != 0 and "/password" in done.stderr, done
    assert run("staff", "list", "--data", folder).stdout == ""


def main():
    failed = 0
    print(f"1..{len(TESTS)}")
    for number, function in enumerate(TESTS, 1):
        name = function.__name__.replace("_", " ")
        try:
            function()
            print(f"ok {number} - {name}")
        except Exception:
            failed += 1
            print(f"not ok {number} - {name}")
            print("".join("# " + line for line in traceback.format_exc().splitlines(True)))
    shutil.rmtree(WORK, ignore_errors=True)
    sys.exit(failed > 0)


main()
