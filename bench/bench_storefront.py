#!/usr/bin/env python3
"""bench_storefront.py RAPPORT DEMO - pages of the storefront, kept and made anew, beside nginx.

The shop is the demo's, the theme the one built in. nginx serves the same HTML from files. "kept"
pages come from the page cache, "made anew" ones from a server that keeps none. Rounds take turns;
judge by the ratio, which is the median's."""
import os
import re
import shutil
import subprocess
import sys
import tempfile
import urllib.request

import bench_http

PAGES = {"product": "products/waffle-bath-towel", "collection": "collections/all?sort_by=price-ascending",
         "search": "search?q=linen"}


def get(port, path):
    return urllib.request.urlopen(f"http://127.0.0.1:{port}/{path}", timeout=10).read()


def serve(rapport, data, *options):
    process = subprocess.Popen([rapport, "serve", "--data", data, "--port", "0", "--log-level", "error", *options],
                               stdout=subprocess.PIPE, text=True)
    return process, int(re.search(r":(\d+)/", process.stdout.readline())[1])


def memory(pid):
    with open(f"/proc/{pid}/status", encoding="ascii") as f:
        return int(re.search(r"VmRSS:\s+(\d+)", f.read())[1]) / 1024


def stop(process):
    process.terminate()
    process.wait()


def run(folder, rapport, demo):
    servers = {}
    for name, options in (("rapport (kept)", ()), ("rapport (made anew)", ("--page-cache", "0"))):
        data = os.path.join(folder, name.replace(" ", "-"))
        subprocess.run([rapport, "import", "products", os.path.join(demo, "products.csv"), "--images",
                        os.path.join(demo, "pictures"), "--data", data, "--log-level", "error"],
                       stdout=subprocess.DEVNULL, check=True)
        servers[name] = serve(rapport, data, *options)
    os.mkdir(os.path.join(folder, "www"))
    for label, path in PAGES.items():
        with open(os.path.join(folder, "www", label + ".html"), "wb") as f:
            f.write(get(servers["rapport (kept)"][1], path))
    nginx, nginx_port = bench_http.start_nginx(folder)
    try:
        for label, path in PAGES.items():
            size = os.path.getsize(os.path.join(folder, "www", label + ".html"))
            print(f"{label}: {size} bytes, {bench_http.CLIENTS} connections, median of {bench_http.ROUNDS} rounds")
            bench_http.compare(label, label[:5], {
                "nginx (file)": (nginx_port, bench_http.workers(nginx.pid), label + ".html"),
                **{name: (port, [p.pid], path) for name, (p, port) in servers.items()}})
        for name, (process, _) in servers.items():
            print(f"{name}: {memory(process.pid):.0f} MB resident")
    finally:
        stop(nginx)
        for process, _ in servers.values():
            stop(process)


def main(rapport, demo):
    for tool in ("nginx", "wrk"):
        if not shutil.which(tool):
            sys.exit(f"skipped: there is no {tool}")
    folder = tempfile.mkdtemp(prefix="rapport-bench-")
    try:
        run(folder, rapport, demo)
    finally:
        shutil.rmtree(folder)


main(*sys.argv[1:])
