#!/usr/bin/env python3
"""run_tests.py BUILD [meson test options] - run the tests and count them.

Shows what Meson shows, then one last line "N passed, N failed" that counts single test
cases, not programs. The counts come from the report that Meson wrote during this very
run: a test that did not run is not counted, and a program that died counts as failed.
"""
import pathlib
import re
import subprocess
import sys
import xml.etree.ElementTree as xml


def count(report):
    """Cases passed, failed and skipped of a JUnit report; a program without cases is one case."""
    passed = failed = skipped = 0
    text = re.sub(rb"[\x00-\x08\x0b\x0c\x0e-\x1f]", b"", report.read_bytes())  # colours of a terminal
    for case in xml.fromstring(text).iter("testcase"):
        if case.find("failure") is not None or case.find("error") is not None:
            failed += 1
        elif case.find("skipped") is not None:
            skipped += 1
        else:
            passed += 1
    return passed, failed, skipped


def main(build, *options):
    report = pathlib.Path(build, "meson-logs", "testlog.junit.xml")
    report.unlink(missing_ok=True)
    done = subprocess.run(["meson", "test", "-C", build, "--no-rebuild", "--print-errorlogs", *options],
                          stdin=subprocess.DEVNULL)
    passed, failed, skipped = count(report) if report.exists() else (0, 0, 0)
    if done.returncode != 0 and failed == 0:
        failed = 1  # Meson failed as a whole: a crash before the first case, a time-out, no build
    if skipped:
        print(f"\n{skipped} skipped: what they need is not here (the data sets of tests/data.h)")
    print(f"\n{passed} passed, {failed} failed", flush=True)
    return 1 if failed or not passed else 0


sys.exit(main(*sys.argv[1:]))
