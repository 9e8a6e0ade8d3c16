#!/usr/bin/env python3
"""run_tests.py BUILD [meson test options] - run the tests and count them.

Shows what Meson shows, then one last line "N passed, N failed" that counts single test
cases, not programs. The counts come from the report that Meson wrote during this very
run: a test that did not run is not counted, and a program that died counts as failed.

Programs that drive a browser (e2e_*) depend on what else the machine does. When nothing
but such programs failed, these run once more, alone; the last lines name them.
"""
import pathlib
import re
import subprocess
import sys
import xml.etree.ElementTree as xml


def count(report):
    """{program: [cases passed, failed, skipped]} of a JUnit report; a program without cases is one case."""
    programs = {}
    text = re.sub(rb"[\x00-\x08\x0b\x0c\x0e-\x1f]", b"", report.read_bytes())  # colours of a terminal
    for suite in xml.fromstring(text).iter("testsuite"):
        for case in suite.iter("testcase"):
            name = suite.get("name") if " / " in suite.get("name") else case.get("name")
            cases = programs.setdefault(name.split(" / ")[-1], [0, 0, 0])
            bad = case.find("failure") is not None or case.find("error") is not None
            cases[1 if bad else 2 if case.find("skipped") is not None else 0] += 1
    return programs


def run(build, *options):
    """Meson's own exit code, and what count() tells of this run."""
    report = pathlib.Path(build, "meson-logs", "testlog.junit.xml")
    report.unlink(missing_ok=True)
    done = subprocess.run(["meson", "test", "-C", build, "--no-rebuild", "--print-errorlogs", *options],
                          stdin=subprocess.DEVNULL)
    return done.returncode, count(report) if report.exists() else {}


def main(build, *options):
    code, programs = run(build, *options)
    again = [name for name, cases in programs.items() if cases[1]]
    if again and all(name.startswith("e2e_") for name in again):
        print(f"\nonce more, alone: {' '.join(again)}", flush=True)
        code, second = run(build, "--num-processes", "1", *again)
        programs.update(second)
    else:
        again = []
    passed, failed, skipped = (sum(cases[i] for cases in programs.values()) for i in range(3))
    if code != 0 and failed == 0:
        failed = 1  # Meson failed as a whole: a crash before the first case, a time-out, no build
    if skipped:
        print(f"\n{skipped} skipped: what they need is not here (the data sets of tests/data.h, a browser)")
    if again:
        print(f"\nfailed at first, with others beside them: {' '.join(again)}")
    print(f"\n{passed} passed, {failed} failed", flush=True)
    return 1 if failed or not passed else 0


sys.exit(main(*sys.argv[1:]))
