#!/usr/bin/env python3
"""test_program.py RAPPORT - the program as its users meet it: real processes, sockets, signals."""
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
import traceback

RAPPORT = os.path.abspath(sys.argv[1])
WORK = pathlib.Path(tempfile.mkdtemp(prefix="rapport-program-"))
TESTS = []


def test(function):
    TESTS.append(function)
    return function


def run(*words, **more):
    return subprocess.run([RAPPORT, *map(str, words)], capture_output=True, text=True, timeout=60, **more)


class Server:
    """`rapport serve` on a free port; ended, and waited for, at the end of the block."""

    def __init__(self, folder, *options):
        self.process = subprocess.Popen([RAPPORT, "serve", "--data", folder, "--port", "0", *map(str, options)],
                                        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def __enter__(self):
        self.said = self.process.stdout.readline()
        found = re.search(r"ready at http://127\.0\.0\.1:(\d+)/", self.said)
        if not found:
            raise AssertionError(f"said {self.said!r}, {self.process.communicate()}")
        self.port = int(found[1])
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.stop(signal.SIGTERM)

    def get(self, path, headers=None):
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        line.request("GET", path, headers=headers or {})
        reply = line.getresponse()
        body = reply.read()
        line.close()
        return reply, body

    def stop(self, number):
        self.process.send_signal(number)
        self.log = self.process.communicate(timeout=30)[1]
        return self.process.returncode


@test
def a_folder_that_is_not_there_becomes_a_shop():
    folder = WORK / "new"
    with Server(folder) as server:
        reply, body = server.get("/readyz")
        assert reply.status == 200 and json.loads(body) == {"status": "ready"}, body
        reply, body = server.get("/")
        assert reply.status == 200 and b"</html>" in body
        for url in re.findall(rb'"(/assets/[^"]+)"', body):
            reply, _ = server.get(url.decode())
            assert reply.status == 200 and "immutable" in reply.headers["Cache-Control"], url
        reply, body = server.get("/api/v1/openapi.json")
        assert reply.status == 200 and json.loads(body)["openapi"].startswith("3.1")
        assert server.get("/nothing/here")[0].status == 404
        assert (folder.stat().st_mode & 0o777) == 0o700
        assert (folder / "secret").stat().st_size == 32


@test
def each_stop_signal_ends_it_cleanly():
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        with Server(WORK / "signals") as server:
            assert server.stop(number) == 0, server.log
            assert "event=app.stopping" in server.log
        assert not (WORK / "signals" / "rapport.db-wal").exists(), "not closed"


@test
def a_second_process_is_refused_and_told_of_the_first():
    with Server(WORK / "twice") as server:
        second = run("serve", "--data", WORK / "twice", "--port", "0")
        assert second.returncode == 1 and "app.data_in_use" in second.stderr
        assert f"process {server.process.pid}:" in second.stderr, second.stderr
        server.process.kill()  # the kernel gives the lock back
        server.process.wait()
    with Server(WORK / "twice") as server:
        assert server.get("/readyz")[0].status == 200


@test
def what_a_killed_process_left_in_tmp_is_gone_at_the_next_start():
    with Server(WORK / "tmp"):
        (WORK / "tmp/tmp/left").write_text("x")
    with Server(WORK / "tmp"):
        assert not (WORK / "tmp/tmp/left").exists()


@test
def a_backup_of_a_running_shop_is_a_shop():
    with Server(WORK / "live"):
        (WORK / "live/media/ab").mkdir()
        (WORK / "live/media/ab/picture").write_bytes(b"p" * 100_000)
        (WORK / "live/media/link").symlink_to("/etc/passwd")
        done = run("backup", "--data", WORK / "live", WORK / "copy")
        assert done.returncode == 0 and "database, " in done.stdout, done
        again = run("backup", "--data", WORK / "live", WORK / "copy")
        assert again.returncode == 1 and "app.backup_exists" in again.stderr, again
    assert (WORK / "copy/media/ab/picture").read_bytes() == b"p" * 100_000
    assert not (WORK / "copy/media/link").exists()
    assert (WORK / "copy/secret").read_bytes() == (WORK / "live/secret").read_bytes()
    with Server(WORK / "copy") as server:
        assert server.get("/readyz")[0].status == 200


@test
def there_is_no_backup_of_nothing():
    done = run("backup", "--data", WORK / "nowhere", WORK / "copy2")
    assert done.returncode == 1 and "app.data_dir" in done.stderr, done
    (WORK / "empty").mkdir()
    done = run("backup", "--data", WORK / "empty", WORK / "copy2")
    assert done.returncode == 1 and "app.no_shop" in done.stderr, done
    assert not (WORK / "copy2").exists()


@test
def it_runs_on_postgresql_too():
    url = os.environ["RAPPORT_TEST_POSTGRES"]
    name = f"program_{os.getpid()}"
    own = url.replace("/postgres?", f"/{name}?")
    subprocess.run(["psql", "-q", url, "-c", f"CREATE DATABASE {name}"], check=True)
    try:
        with Server(WORK / "pg", "--database", own) as server:
            assert server.get("/readyz")[0].status == 200
            assert server.stop(signal.SIGTERM) == 0, server.log
        assert not (WORK / "pg/rapport.db").exists()
        done = run("migrate", "--data", WORK / "pg", env={**os.environ, "RAPPORT_DATABASE": own})
        assert done.returncode == 0, done
    finally:
        subprocess.run(["psql", "-q", url, "-c", f"DROP DATABASE {name} WITH (FORCE)"], check=True)


@test
def wrong_use_is_told_and_changes_nothing():
    for words, said in [
        (["serve", "--prot", "1"], "did you mean --port?"),
        (["serve", "--port", "99999"], "--port needs a whole number from 0 to 65535"),
        (["serve", "--log-level", "loud"], "--log-level is one of"),
        (["serve", "--database", "mysql://x"], "--database begins with postgresql://"),
        (["serve", "--tls-cert", "x"], "go together"),
        (["backup"], "missing argument FOLDER"),
        (["sevre"], "did you mean serve?"),
    ]:
        more = ["--data", WORK / "wrong"] if len(words) > 1 else []
        done = run(*words, *more)
        assert done.returncode == 2 and said in done.stderr, done
    done = run("serve", "--data", WORK / "wrong", "--host", "192.0.2.1", "--port", "0")
    assert done.returncode == 1 and "http.listen" in done.stderr, done
    (WORK / "file").write_text("")
    done = run("serve", "--data", WORK / "file")
    assert done.returncode == 1 and "app.data_dir" in done.stderr, done
    (WORK / "short").write_text("secret")
    done = run("serve", "--data", WORK / "wrong", "--port", "0", "--secret", WORK / "short")
    assert done.returncode == 1 and "app.bad_secret" in done.stderr, done


@test
def help_and_version_need_no_shop():
    assert run("version").stdout.startswith("rapport ")
    assert json.loads(run("version", "--json").stdout)["name"] == "rapport"
    verbs = re.findall(r"^  ([a-z]+(?: [a-z]+)?)  ", run("--help").stdout, re.M)
    assert "serve" in verbs
    for verb in verbs:
        done = run(*verb.split(), "--help", cwd=WORK)
        assert done.returncode == 0 and done.stdout.startswith(f"usage: rapport {verb} "), done
    assert not (WORK / "data").exists()


def main():
    print(f"1..{len(TESTS)}")
    failed = 0
    for number, function in enumerate(TESTS, 1):
        try:
            function()
            print(f"ok {number} - {function.__name__}", flush=True)
        except BaseException:  # whatever it is, the others run too
            failed += 1
            print(f"not ok {number} - {function.__name__}")
            print("".join(f"# {line}\n" for line in traceback.format_exc().splitlines()), end="", flush=True)
    shutil.rmtree(WORK, ignore_errors=True)
    return 1 if failed else 0


if "RAPPORT_TEST_POSTGRES" not in os.environ:
    runner = pathlib.Path(__file__).parents[2] / "scripts/with-postgres"
    os.execv(runner, [str(runner), sys.executable, *sys.argv])
sys.exit(main())
