#!/usr/bin/env python3
"""run_tests.py BUILD [meson test options] - run the tests and count them.

Shows what Meson shows, then one last line "N passed, N failed" that counts single test
cases, not programs. The counts come from the report that Meson wrote during this very
run: a test that did not run is not counted, and a program that died counts as failed.
"""
import pathlib
import subprocess
import sys
import xml.etree.ElementTree as xml


def count(report):
    """Cases passed and failed of a JUnit report; a program without cases is one case."""
    passed = failed = 0
    for suite in xml.parse(report).getroot().iter("testsuite"):
        for case in suite.iter("testcase"):
            if case.find("failure") is not None or case.find("error") is not None:
                failed += 1
            elif case.find("skipped") is None:
                passed += 1
    return passed, failed


def main(build, *options):
    report = pathlib.Path(build, "meson-logs", "testlog.junit.xml")
    report.unlink(missing_ok=True)
    done = subprocess.run(["meson", "test", "-C", build, "--no-rebuild", "--print-errorlogs", *options],
                          stdin=subprocess.DEVNULL)
    passed, failed = count(report) if report.exists() else (0, 0)
    if done.returncode != 0 and failed == 0:
        failed = 1  # Meson failed as a whole: a crash before the first case, a time-out, no build
    print(f"\n{passed} passed, {failed} failed", flush=True)
    return 1 if failed or not passed else 0


sys.exit(main(*sys.argv[1:]))
