#!/usr/bin/env python3
"""bench_intake.py PROGRAM - events taken in, durably, beside nginx writing the same bodies to a log.

Ours parses, checks and stores each event and answers after fsync; nginx appends the body to a file
and does not wait for the disk. Both share two cores with wrk, which makes every message id anew.
In a second run one event after the other is sent to ours and asked for: how long after its 200 it counts.
The yardstick is how often this disk finishes a write of 4 KB.
"""
import base64
import http.client
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request

SECONDS = int(os.environ.get("SECONDS_EACH", "8"))
KEY = None

LUA = r"""
local counter, thread = 0, 0
function setup(t) thread = thread + 1; t:set("me", thread) end
local head = [[{"type":"track","event":"Product Viewed","anonymousId":"%s","messageId":"]]
local tail = [[","timestamp":"%s","properties":{"product_id":"prd_01hv3k9","sku":"KET-1","name":"Copper kettle","category":"Kitchen","price":129.5,"quantity":1,"currency":"EUR","position":3},"context":{"library":{"name":"analytics.js","version":"2.11.1"},"locale":"nl-NL","userAgent":"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Safari/537.36","page":{"path":"/products/copper-kettle","referrer":"https://shop.example/","search":"","title":"Copper kettle - Shop","url":"https://shop.example/products/copper-kettle"},"campaign":{"source":"newsletter","medium":"email"}}}]]
local N = %d
local at = "%s"
local salt = tostring(%d)
local function one()
  counter = counter + 1
  local id = counter + me * 1000000000
  return string.format(head, "anon-" .. (id %% 50000)) .. "bench-" .. salt .. "-" .. string.format("%%018d", id) .. string.format(tail, at)
end
local headers = {["Content-Type"] = "application/json", ["Authorization"] = "%s"}
function request()
  if N == 1 then return wrk.format("POST", "%s", headers, one()) end
  local parts = {}
  for i = 1, N do parts[i] = one() end
  return wrk.format("POST", "%s", headers, '{"batch":[' .. table.concat(parts, ",") .. '],"sentAt":"' .. at .. '"}')
end
"""


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def wait_port(port):
    for _ in range(200):
        try:
            socket.create_connection(("127.0.0.1", port)).close()
            return
        except OSError:
            time.sleep(0.05)
    sys.exit("no server on port %d" % port)


def start_ours(program, folder):
    port = free_port()
    p = subprocess.Popen([program, "serve", "--data", folder + "/data", "--port", str(port), "--log-level", "warn"],
                         stdout=subprocess.DEVNULL)
    wait_port(port)
    out = subprocess.run([program, "key", "add", "--name", "bench", "--permissions", "journey.write,journey.read", "--data",
                          folder + "/data", "--json"], capture_output=True, text=True, check=True).stdout
    secret = json.loads(out)["secret"]
    rq = urllib.request.Request(f"http://127.0.0.1:{port}/api/v1/tracking/keys",
                                headers={"Authorization": "Bearer " + secret})
    key = json.load(urllib.request.urlopen(rq))["data"][0]["write_key"]
    return p, port, key, secret


def start_nginx(folder):
    port = free_port()
    conf = os.path.join(folder, "nginx.conf")
    with open(conf, "w", encoding="utf-8") as f:
        f.write(f"""worker_processes 2; daemon off; pid {folder}/nginx.pid; error_log {folder}/error.log; user root;
events {{ worker_connections 4096; }}
http {{
  log_format body escape=none '$request_body'; access_log off; keepalive_requests 100000000;
  client_body_temp_path {folder}/t1; proxy_temp_path {folder}/t2; fastcgi_temp_path {folder}/t3;
  uwsgi_temp_path {folder}/t4; scgi_temp_path {folder}/t5;
  client_body_buffer_size 1m; client_max_body_size 1m; client_body_in_single_buffer on;
  upstream nothing {{ server unix:{folder}/nothing.sock; keepalive 64; }}
  server {{ listen 127.0.0.1:{port} reuseport;
    location / {{ access_log {folder}/bodies.log body buffer=64k; proxy_http_version 1.1;
      proxy_set_header Connection ""; proxy_pass_request_body off; proxy_set_header Content-Length "";
      proxy_pass http://nothing; }} }}
  server {{ listen unix:{folder}/nothing.sock; location / {{ default_type application/json; return 200 '{{"success":true}}'; }} }}
}}
""")
    p = subprocess.Popen(["nginx", "-p", folder, "-c", conf])
    wait_port(port)
    return p, port


def rss_mb(pid):
    with open(f"/proc/{pid}/status", encoding="ascii") as f:
        return int(re.search(r"VmHWM:\s+(\d+)", f.read())[1]) / 1024


def cpu_s(pid):
    """Seconds of processor time of a process and its children."""
    total = 0
    with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as f:
        pids = [pid, *(int(x) for x in f.read().split())]
    for p in pids:
        with open(f"/proc/{p}/stat", encoding="ascii") as f:
            fields = f.read().rsplit(")", 1)[1].split()
        total += int(fields[11]) + int(fields[12])
    return total / os.sysconf("SC_CLK_TCK")


def run(folder, name, pid, port, key, batch, clients, salt):
    at = time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime())
    path = "/v1/batch" if batch > 1 else "/v1/t"
    auth = "Basic " + base64.b64encode((key + ":").encode()).decode()
    script = f"{folder}/wrk.lua"
    with open(script, "w", encoding="utf-8") as f:
        f.write(LUA % ("%s", "%s", batch, at, salt, auth, path, path))
    before = cpu_s(pid)
    out = subprocess.run(["wrk", "-t1", f"-c{clients}", f"-d{SECONDS}", "--latency", "-s", script,
                          f"http://127.0.0.1:{port}"], capture_output=True, text=True, check=True).stdout
    if "Non-2xx" in out or "Socket errors" in out:
        print("#", name, out)
    unit = {"us": 0.001, "ms": 1, "s": 1000}
    p99 = re.search(r"99%\s+([\d.]+)(us|ms|s)", out)
    rate = float(re.search(r"Requests/sec:\s+([\d.]+)", out)[1])
    requests = int(re.search(r"(\d+) requests in", out)[1])
    return rate * batch, float(p99[1]) * unit[p99[2]], (cpu_s(pid) - before) * 1e6 / (requests * batch)


class Probe(threading.Thread):
    """Sends an event, and asks for it as soon as it is acknowledged, until it counts."""

    def __init__(self, port, key, secret):
        super().__init__()
        self.line = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self.key, self.secret = key, secret
        self.stop = False
        self.sent = self.late = 0
        self.ms = []

    def post(self, path, body, auth):
        self.line.request("POST", path, json.dumps(body), {"Content-Type": "application/json", "Authorization": auth})
        reply = self.line.getresponse()
        text = reply.read()
        if reply.status != 200:
            sys.exit("%s: %d %s" % (path, reply.status, text[:200]))
        return json.loads(text)

    def count(self):
        answer = self.post("/api/v1/journey/query", {"type": "trends", "series": [{"event": "Probe"}], "interval": "year",
                           "last": "2 days"}, "Bearer " + self.secret)
        return sum(sum(s["values"]) for s in answer["series"])

    def run(self):
        auth = "Basic " + base64.b64encode((self.key + ":").encode()).decode()
        self.sent = self.count()
        while not self.stop:
            self.post("/v1/track", {"event": "Probe", "anonymousId": "probe"}, auth)
            self.sent += 1
            acknowledged = time.perf_counter()
            asked = 1
            while self.count() < self.sent:
                asked += 1
            self.ms.append((time.perf_counter() - acknowledged) * 1000)
            self.late += asked > 1
            time.sleep(0.01)
        self.line.close()

    def report(self):
        v = sorted(self.ms)
        return "  acknowledged to counted in an answer: p50 %.1f ms, p99 %.1f ms, %d of %d in the first answer" % (
            v[len(v) // 2], v[len(v) * 99 // 100], len(v) - self.late, len(v))


def disk_writes(folder):
    """4 KB and fdatasync, one after the other, per second."""
    fd = os.open(folder + "/yardstick", os.O_WRONLY | os.O_CREAT)
    begun, n = time.perf_counter(), 0
    while time.perf_counter() - begun < 1:
        os.pwrite(fd, b"x" * 4096, n * 4096)
        os.fdatasync(fd)
        n += 1
    os.close(fd)
    os.unlink(folder + "/yardstick")
    return n


def main():
    folder = tempfile.mkdtemp(prefix="intake-", dir=os.environ.get("BENCH_DIR"))
    try:
        ours, port, key, secret = start_ours(sys.argv[1], folder)
        nginx, nport = start_nginx(folder)
        print("yardstick: %d durable writes of 4 KB per second" % disk_writes(folder))
        print("%-16s %12s %8s %9s %14s %8s %9s %7s" % (
            "", "ours ev/s", "p99 ms", "cpu us", "nginx ev/s", "p99 ms", "cpu us", "ratio"))
        for salt, (label, batch, clients) in enumerate([("batches of 100", 100, 64), ("single requests", 1, 256)]):
            a = run(folder, "ours", ours.pid, port, key, batch, clients, salt)
            b = run(folder, "nginx", nginx.pid, nport, key, batch, clients, salt)
            print("%-16s %12.0f %8.1f %9.2f %14.0f %8.1f %9.2f %7.2f" % (label, *a, *b, a[0] / b[0]), flush=True)
            probe = Probe(port, key, secret)
            probe.start()
            run(folder, "ours", ours.pid, port, key, batch, clients // 2, salt + 100)  # an address has 256 connections at most
            probe.stop = True
            probe.join()
            print(probe.report(), flush=True)
        print("memory at most: %.0f MB" % rss_mb(ours.pid))
        ours.terminate()
        nginx.terminate()
        ours.wait()
        nginx.wait()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
