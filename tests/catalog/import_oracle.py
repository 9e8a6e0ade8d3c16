#!/usr/bin/env python3
"""import_oracle.py RAPPORT DATA - import public product files, and compare every product, variant,
option, price and picture in the database with what Python's own csv module reads in the file."""
import csv
import hashlib
import lzma
import os
import sqlite3
import subprocess
import sys
import tempfile
from decimal import Decimal
from urllib.parse import unquote, urlsplit

FILES = ["fashion.csv.xz", "bicycles.csv.xz", "snowdevil.csv.xz", "apparel.csv", "home-and-garden.csv",
         "jewelery.csv"]
csv.field_size_limit(10**9)


def in_file(path):
    products = {}
    for row in csv.DictReader(open(path, encoding="utf-8-sig", newline="")):
        p = products.setdefault(row["Handle"], {"variants": [], "pictures": []})
        if "title" not in p:
            p["title"], p["vendor"] = row["Title"].strip(), row["Vendor"].strip()
            names = [row[f"Option{i} Name"].strip() for i in (1, 2, 3)]
            plain = names[0] == "Title" and not names[1] and row["Option1 Value"] in ("", "Default Title")
            p["options"] = [] if plain else [n for n in names if n]
        if row["Image Src"].strip():
            p["pictures"].append((int(row.get("Image Position") or 10**6), row["Image Src"].strip()))
        if row["Variant Price"]:
            compare = row["Variant Compare At Price"]
            p["variants"].append((
                tuple(row[f"Option{i + 1} Value"].strip() for i in range(len(p["options"]))),
                row["Variant SKU"].strip(), int(row["Variant Grams"]) if row["Variant Grams"] else None,
                int(Decimal(row["Variant Price"]) * 100), int(Decimal(compare) * 100) if compare else None))
    for p in products.values():
        order = sorted(range(len(p["pictures"])), key=lambda i: (p["pictures"][i][0], i))
        p["pictures"] = list(dict.fromkeys(p["pictures"][i][1] for i in order))
    return products


def in_database(path):
    db = sqlite3.connect(path)
    products, names = {}, {}
    for product, number, value in db.execute("SELECT product_id, number, name FROM catalog_option_value"):
        names[product, number] = value
    for id_, handle, title, vendor in db.execute("SELECT id, handle, title, vendor FROM catalog_product"):
        options = db.execute("SELECT id, name FROM catalog_option WHERE product_id = ? ORDER BY position",
                             (id_,)).fetchall()
        of = dict(db.execute("SELECT number, option_id FROM catalog_option_value WHERE product_id = ?", (id_,)))
        variants = []
        for key, sku, grams, price, compare in db.execute(
                "SELECT v.option_key, v.sku, v.weight_g, p.price_amount, p.compare_at FROM catalog_variant v"
                " LEFT JOIN catalog_price p ON p.variant_id = v.id WHERE v.product_id = ? ORDER BY v.position", (id_,)):
            numbers = [int(n) for n in key.split(".") if n]
            by_option = {of[n]: names[id_, n] for n in numbers}
            variants.append((tuple(by_option[o] for o, _ in options), sku, grams, price, compare))
        media = db.execute("SELECT url, hash FROM catalog_media WHERE owner_id = ? ORDER BY position", (id_,)).fetchall()
        products[handle] = {"title": title, "vendor": vendor, "options": [n for _, n in options],
                            "variants": variants, "pictures": [m[0] for m in media], "stored": dict(media)}
    return products


def compare(file, wanted, found, images):
    assert list(wanted) and set(wanted) == set(found), f"{file}: other products"
    pictures = 0
    for handle, w in wanted.items():
        f = found[handle]
        own = [m for m in f["pictures"] if m in w["pictures"]]  # variants may name further ones
        assert own == w["pictures"], f"{file} {handle}: pictures {own} {w['pictures']}"
        for key in ("title", "vendor", "options", "variants"):
            assert f[key] == w[key], f"{file} {handle} {key}: {f[key]} is not {w[key]}"
        for url, stored in f["stored"].items():
            path = os.path.join(images, unquote(os.path.basename(urlsplit(url).path)))
            there = os.path.isfile(path)
            if there:
                digest = hashlib.blake2b(open(path, "rb").read(), digest_size=32).hexdigest()
                assert stored == digest, f"{file} {handle}: the wrong picture for {url}"
                pictures += 1
            else:
                assert stored == "", f"{file} {handle}: a picture from nowhere for {url}"
    return pictures


def main(rapport, data):
    if not os.path.isdir(data):
        print(f"skipped: there is no {os.path.basename(data)} among the data sets")
        sys.exit(77)
    images = os.path.join(data, "images")
    for name in FILES:
        with tempfile.TemporaryDirectory(prefix="rapport-oracle-") as temp:
            raw = open(os.path.join(data, name), "rb").read()
            file = os.path.join(temp, "products.csv")
            with open(file, "wb") as out:
                out.write(lzma.decompress(raw) if name.endswith(".xz") else raw)
            subprocess.run([rapport, "import", "products", file, "--images", images, "--data", temp + "/shop",
                            "--log-level", "error"], check=True, stdout=subprocess.DEVNULL, timeout=300)
            wanted = in_file(file)
            pictures = compare(name, wanted, in_database(temp + "/shop/rapport.db"), images)
            print(f"{name}: {len(wanted)} products, {sum(len(p['variants']) for p in wanted.values())} variants, "
                  f"{pictures} pictures: all equal")


main(*sys.argv[1:])
