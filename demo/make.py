#!/usr/bin/env python3
"""make.py - write products.csv and pictures/ anew from products.py and draw.py.

products.csv is a product export in Shopify's present columns. Pictures need rsvg-convert
(librsvg2-bin) and cwebp (webp); they are committed, so only who changes them needs these.
"""
import csv
import pathlib
import re
import subprocess
import sys

sys.dont_write_bytecode = True
import draw  # noqa: E402
from products import COLOURS, PRODUCTS  # noqa: E402

HERE = pathlib.Path(__file__).parent
PICTURES = "https://linden-and-loom.example/pictures/"  # imported from the folder by file name
COLUMNS = (
    "Title,URL handle,Description,Vendor,Product category,Type,Tags,Published on online store,Status,SKU,Barcode,"
    "Option1 name,Option1 value,Option2 name,Option2 value,Option3 name,Option3 value,Price,Compare-at price,"
    "Cost per item,Charge tax,Unit price total measure,Unit price total measure unit,Unit price base measure,"
    "Unit price base measure unit,Inventory tracker,Inventory quantity,Continue selling when out of stock,"
    "Weight value (grams),Weight unit for display,Requires shipping,Fulfillment service,Product image URL,"
    "Image position,Image alt text,Variant image URL,Gift card,SEO title,SEO description").split(",")


def slug(text):
    return re.sub("[^a-z0-9]+", "-", text.lower()).strip("-")


def ean(number):
    """An EAN-13 in the range that shops may use inside their own walls."""
    digits = f"20{number:010d}"
    return digits + str(-sum(int(d) * (3 if i % 2 else 1) for i, d in enumerate(digits)) % 10)


def money(minor):
    return "" if minor is None else f"{minor // 100}.{minor % 100:02d}"


def first_sentence(html):
    text = re.sub("<[^>]+>", " ", html)
    return " ".join(text.split(". ")[0].split()).rstrip(".") + "."


def images(handle, title, drawing, options, variants):
    """[(file, alt text, colour name or None)] of a product, in order."""
    colours = list(dict.fromkeys(v[0][0] for v in variants if options and v[0][0] in COLOURS))
    if not colours:
        return [(f"{handle}.webp", title, None)]
    return [(f"{handle}-{slug(c)}.webp", f"{title}, {c.lower()}", c) for c in colours]


def variant_cells(product, variant, number):
    handle, options = product[0], product[7]
    values, price, compare, cost, grams, pieces = variant
    gift = product[9].get("Gift card") == "TRUE"
    cells = {"SKU": "-".join(["LL", f"{number:03d}", *(slug(v)[:6].strip("-").upper() for v in values)]),
             "Barcode": "" if gift else ean(number * 100 + product[8].index(variant) + 1),
             "Price": money(price), "Compare-at price": money(compare), "Cost per item": money(cost),
             "Charge tax": "FALSE" if gift else "TRUE", "Inventory tracker": "" if gift else "shopify",
             "Inventory quantity": "" if pieces is None else pieces, "Continue selling when out of stock": "FALSE",
             "Weight value (grams)": grams, "Weight unit for display": "g",
             "Requires shipping": "FALSE" if gift else "TRUE", "Fulfillment service": "manual"}
    for i, value in enumerate(values or ("Default Title",), 1):
        cells[f"Option{i} value"] = value
    picture = next((f for f, _, c in images(handle, product[1], product[6], options, product[8])
                    if c is not None and values[0] == c), None)
    cells["Variant image URL"] = PICTURES + picture if picture else ""
    return cells


def rows(product, number):
    handle, title, kind, tags, text, category, drawing, options, variants, more = product
    pictures = images(handle, title, drawing, options, variants)
    for i in range(max(len(variants), len(pictures))):
        row = {"URL handle": handle}
        if i == 0:
            row |= {"Title": title, "Description": text, "Vendor": "Linden & Loom", "Product category": category,
                    "Type": kind, "Tags": tags, "Published on online store": "TRUE", "Status": "active",
                    "Gift card": "FALSE", "SEO title": f"{title} | Linden & Loom", "SEO description": first_sentence(text)}
            row |= {f"Option{n} name": o for n, o in enumerate(options or ("Title",), 1)}
            row |= {k: v for k, v in more.items() if not k.startswith("Unit")}
        if i < len(variants):
            row |= variant_cells(product, variants[i], number)
            row |= {k: v for k, v in more.items() if k.startswith("Unit")}
        if i < len(pictures):
            row |= {"Product image URL": PICTURES + pictures[i][0], "Image position": i + 1,
                    "Image alt text": pictures[i][1]}
        yield row


def draw_scenes():
    folder = HERE / "scenes"
    folder.mkdir(exist_ok=True)
    for name in draw.SCENES:
        png = subprocess.run(["rsvg-convert"], input=draw.scene(name).encode(), capture_output=True, check=True).stdout
        subprocess.run(["cwebp", "-quiet", "-q", "80", "-o", folder / f"{name}.webp", "--", "-"], input=png, check=True)


def draw_all():
    folder = HERE / "pictures"
    folder.mkdir(exist_ok=True)
    wanted = set()
    for handle, title, _, _, _, _, drawing, options, variants, _ in PRODUCTS:
        for file, _, colour in images(handle, title, drawing, options, variants):
            wanted.add(file)
            svg = draw.picture(drawing, COLOURS.get(colour, "#c9c0b1"))
            png = subprocess.run(["rsvg-convert"], input=svg.encode(), capture_output=True, check=True).stdout
            subprocess.run(["cwebp", "-quiet", "-q", "78", "-o", folder / file, "--", "-"], input=png, check=True)
    for old in folder.iterdir():
        if old.name not in wanted:
            old.unlink()


with open(HERE / "products.csv", "w", newline="", encoding="utf-8") as f:
    out = csv.DictWriter(f, COLUMNS, lineterminator="\r\n")
    out.writeheader()
    for number, product in enumerate(PRODUCTS, 1):
        out.writerows(rows(product, number))
draw_all()
draw_scenes()
