#!/usr/bin/env python3
"""bench_http.py PROGRAM - our server beside nginx serving the same bytes as files.

Both have two threads; wrk has one and shares the machine with them. The rounds take turns, so
that a noisy neighbour disturbs both sides alike. Judge by the ratio, which is the median's.
"""
import os
import re
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time

ROUNDS, SECONDS, CLIENTS = 3, 4, 64
PAGES = {"product.json": "JSON", "page.html": "HTML"}


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def start_nginx(folder):
    port = free_port()
    conf = os.path.join(folder, "nginx.conf")
    with open(conf, "w", encoding="utf-8") as f:
        f.write(f"""worker_processes 2; daemon off; pid {folder}/nginx.pid; error_log {folder}/error.log;
user root;
events {{ worker_connections 4096; }}
http {{
  types {{ application/json json; text/html html; }}
  access_log off; sendfile on; tcp_nopush on; keepalive_requests 100000000; open_file_cache max=100;
  client_body_temp_path {folder}/t1; proxy_temp_path {folder}/t2; fastcgi_temp_path {folder}/t3;
  uwsgi_temp_path {folder}/t4; scgi_temp_path {folder}/t5;
  server {{ listen 127.0.0.1:{port} reuseport; root {folder}/www; }}
}}
""")
    process = subprocess.Popen(["nginx", "-p", folder, "-c", conf])
    for _ in range(100):
        try:
            socket.create_connection(("127.0.0.1", port)).close()
            return process, port
        except OSError:
            time.sleep(0.05)
    sys.exit("nginx did not start")


def measure(port, path):
    out = subprocess.run(["wrk", "-t1", f"-c{CLIENTS}", f"-d{SECONDS}", "--latency", f"http://127.0.0.1:{port}/{path}"],
                         capture_output=True, text=True, check=True).stdout
    if "Non-2xx" in out or "Socket errors" in out:
        sys.exit(out)
    unit = {"us": 0.001, "ms": 1, "s": 1000}
    p99 = re.search(r"99%\s+([\d.]+)(us|ms|s)", out)
    return float(re.search(r"Requests/sec:\s+([\d.]+)", out)[1]), float(p99[1]) * unit[p99[2]]


def cpu_us(pids):
    ticks = 0
    for pid in pids:
        with open(f"/proc/{pid}/stat", encoding="ascii") as f:
            fields = f.read().rsplit(")", 1)[1].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks * 1e6 / os.sysconf("SC_CLK_TCK")


def workers(pid):
    with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as f:
        return [int(x) for x in f.read().split()]


def compare(page, label, sides):
    runs = {name: [] for name in sides}
    for _ in range(ROUNDS):
        for name, (port, pids, path) in sides.items():
            before = cpu_us(pids)
            rate, p99 = measure(port, path)
            runs[name].append((rate, p99, (cpu_us(pids) - before) / (rate * SECONDS)))
    medians = {name: [statistics.median(x) for x in zip(*rows)] for name, rows in runs.items()}
    for name, (rate, p99, cpu) in medians.items():
        print(f"{label:5} {name:22} {rate:9.0f} req/s   p99 {p99:6.2f} ms   {cpu:5.1f} us CPU/request   "
              f"{rate / medians['nginx (file)'][0]:4.2f} of nginx")


def main(program):
    for tool in ("nginx", "wrk"):
        if not shutil.which(tool):
            sys.exit(f"skipped: there is no {tool}")
    folder = tempfile.mkdtemp(prefix="rapport-bench-")
    try:
        os.mkdir(os.path.join(folder, "www"))
        subprocess.run([program, "--write", os.path.join(folder, "www")], check=True)
        nginx, nginx_port = start_nginx(folder)
        ours = subprocess.Popen([program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        try:
            port = int(ours.stdout.readline())
            for page, label in PAGES.items():
                size = os.path.getsize(os.path.join(folder, "www", page))
                print(f"{label}: {size} bytes, {CLIENTS} connections, median of {ROUNDS} rounds")
                sides = {"nginx (file)": (nginx_port, workers(nginx.pid), page),
                         "rapport (made anew)": (port, [ours.pid], page)}
                if page == "product.json":
                    sides["rapport (on a worker)"] = (port, [ours.pid], "worker/" + page)
                compare(page, label, sides)
        finally:
            ours.stdin.close()
            ours.wait()
            nginx.terminate()
            nginx.wait()
    finally:
        shutil.rmtree(folder)


if __name__ == "__main__":
    main(sys.argv[1])
