#!/bin/sh
# thrice.sh PROGRAM - run a test up to three times; what the last run says counts. For tests of streams,
# in which a loaded machine now and then closes a connection or counts memory too early.
out=$(mktemp)
trap 'rm -f "$out"' EXIT
for try in 1 2 3; do
    "$1" >"$out" 2>&1 && break
    [ "$try" = 3 ] && { cat "$out"; exit 1; }
    sleep 1
done
cat "$out"
