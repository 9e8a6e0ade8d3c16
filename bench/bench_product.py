#!/usr/bin/env python3
"""bench_product.py RAPPORT GENERATOR - a product's JSON by id, beside nginx serving the same bytes.

The shop has 2,000 products (generate_products.py). What is published is answered from memory
(published.h), without a statement; nginx answers from a file. Rounds take turns; judge by the ratio, which is the median's."""
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import urllib.request

import bench_http

PRODUCTS = 2000


def get(url, key=None):
    request = urllib.request.Request(url, headers={"Authorization": f"Bearer {key}"} if key else {})
    return urllib.request.urlopen(request, timeout=10).read()


def fill(rapport, generator, folder):
    data, file = os.path.join(folder, "data"), os.path.join(folder, "products.csv")
    with open(file, "w", encoding="utf-8") as out:
        subprocess.run([sys.executable, generator, str(PRODUCTS)], stdout=out, check=True)
    subprocess.run([rapport, "import", "products", file, "--data", data, "--log-level", "error"],
                   stdout=subprocess.DEVNULL, check=True)
    made = subprocess.run([rapport, "key", "add", "--name", "bench", "--permissions", "catalog.read",
                           "--data", data, "--json", "--log-level", "error"],
                          stdout=subprocess.PIPE, check=True).stdout
    return data, json.loads(made)["secret"]


def serve(rapport, data):
    process = subprocess.Popen([rapport, "serve", "--data", data, "--port", "0", "--log-level", "error"],
                               stdout=subprocess.PIPE, text=True)
    return process, int(re.search(r":(\d+)/", process.stdout.readline())[1])


def main(rapport, generator):
    for tool in ("nginx", "wrk"):
        if not shutil.which(tool):
            sys.exit(f"skipped: there is no {tool}")
    folder = tempfile.mkdtemp(prefix="rapport-bench-")
    try:
        os.mkdir(os.path.join(folder, "www"))
        data, key = fill(rapport, generator, folder)
        ours, port = serve(rapport, data)
        base = f"http://127.0.0.1:{port}"
        try:
            first = json.loads(get(f"{base}/api/v1/products?limit=1", key))["data"][0]["id"]
            body = get(f"{base}/api/v1/products/{first}")
            with open(os.path.join(folder, "www", "product.json"), "wb") as f:
                f.write(body)
            nginx, nginx_port = bench_http.start_nginx(folder)
            try:
                print(f"product by id: {len(body)} bytes, {bench_http.CLIENTS} connections, median of "
                      f"{bench_http.ROUNDS} rounds")
                bench_http.compare("product.json", "JSON", {
                    "nginx (file)": (nginx_port, bench_http.workers(nginx.pid), "product.json"),
                    "rapport (published)": (port, [ours.pid], f"api/v1/products/{first}")})
            finally:
                nginx.terminate()
                nginx.wait()
        finally:
            ours.terminate()
            ours.wait()
    finally:
        shutil.rmtree(folder)


main(*sys.argv[1:])
