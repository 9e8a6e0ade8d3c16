#!/usr/bin/env bash
# test_with_postgres.sh ROOT - the cluster of the tests ends with its last user, however that dies.
set -euo pipefail
script=$1/scripts/with-postgres
unset RAPPORT_TEST_POSTGRES RAPPORT_TEST_POSTGRES_TCP
TMPDIR=$(mktemp -d /tmp/rapport-wp-XXXXXX) # a place where no other run shares the cluster
export TMPDIR WITH_POSTGRES_LINGER=0.5
chmod 711 "$TMPDIR"
trap 'rm -rf "$TMPDIR"' EXIT
fail() {
    echo "$*" >&2
    exit 1
}
ended() { # PID: gone within 20 s
    for _ in $(seq 200); do
        [ -d "/proc/$1" ] || return 0
        sleep 0.1
    done
    fail "process $1 is still there"
}
server='head -n 1 "$(echo "$RAPPORT_TEST_POSTGRES" | sed "s/.*host=//; s/&.*//")/data/postmaster.pid"'

# Two commands at once share one server; the command's exit code is kept.
"$script" sh -c "$server > $TMPDIR/a; sleep 2" &
first=$!
"$script" sh -c "$server > $TMPDIR/b; exit 7" && fail "the exit code was lost" || [ $? -eq 7 ]
wait $first
cmp "$TMPDIR/a" "$TMPDIR/b" || fail "two servers were started"
# It ends by itself, and leaves nothing.
ended "$(cat "$TMPDIR/a")"
for _ in $(seq 100); do
    compgen -G "$TMPDIR/rapport-postgres*" >/dev/null || break
    sleep 0.1
done
compgen -G "$TMPDIR/rapport-postgres*" && fail "this is left"

# Also when the command is killed.
"$script" sh -c "$server > $TMPDIR/c; exec sleep 60" &
first=$!
until [ -s "$TMPDIR/c" ]; do sleep 0.1; done
kill -9 $first
wait $first || true
ended "$(cat "$TMPDIR/c")"

# A server that was killed is started anew, in the same place.
"$script" sh -c "$server > $TMPDIR/d; kill -9 \$(cat $TMPDIR/d)"
"$script" sh -c "$server > $TMPDIR/e; psql \"\$RAPPORT_TEST_POSTGRES\" -Atc 'SELECT 1'" | grep -qx 1
cmp -s "$TMPDIR/d" "$TMPDIR/e" && fail "not a new server"

# A durable one is for one command alone and syncs.
[ "$("$script" --durable sh -c "$server > $TMPDIR/f; psql \"\$RAPPORT_TEST_POSTGRES\" -Atc 'SHOW fsync'")" = on ]
cmp -s "$TMPDIR/e" "$TMPDIR/f" && fail "the durable server is the shared one"
ended "$(cat "$TMPDIR/e")"
ended "$(cat "$TMPDIR/f")"
