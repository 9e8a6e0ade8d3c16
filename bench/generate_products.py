#!/usr/bin/env python3
"""generate_products.py N [SEED] [--variants V] - write a product CSV (Shopify's current header set) to stdout.

N products with about two variants each (or exactly V), believable enough that titles,
vendors, tags and prices are distributed as in a shop: a few vendors own most products.
The same N and SEED always give the same bytes."""
import argparse
import csv
import random
import sys

HEADER = ["Title", "URL handle", "Description", "Vendor", "Type", "Tags", "Published on online store",
          "Status", "SKU", "Barcode", "Option1 name", "Option1 value", "Option2 name", "Option2 value",
          "Price", "Compare-at price", "Cost per item", "Charge tax", "Inventory tracker",
          "Inventory quantity", "Continue selling when out of stock", "Weight value (grams)",
          "Weight unit for display", "Requires shipping", "Product image URL", "Image position",
          "Image alt text", "SEO title", "SEO description"]
NOUNS = ["Kettle", "Blanket", "Lamp", "Notebook", "Chair", "Jumper", "Mug", "Rucksack", "Candle", "Clock",
         "Scarf", "Board", "Basket", "Vase", "Towel", "Tray", "Stool", "Cushion", "Teapot", "Apron"]
WORDS = ["linen", "oak", "wool", "stone", "copper", "quiet", "northern", "folded", "river", "amber", "plain",
         "small", "wide", "soft", "heavy", "bright", "winter", "garden", "harbour", "paper"]
COLOURS = ["Sand", "Ink", "Moss", "Rust", "Chalk", "Slate", "Plum", "Ochre"]
SIZES = ["XS", "S", "M", "L", "XL"]


def check_digit(body):
    total = sum(int(d) * (3 if i % 2 else 1) for i, d in enumerate(body))
    return str(-total % 10)


def product(rng, n, count):
    words = rng.sample(WORDS, 2)
    noun = rng.choice(NOUNS)
    title = f"{words[0].capitalize()} {words[1]} {noun.lower()} {n}"
    handle = title.lower().replace(" ", "-")
    vendor = f"Maker {min(int(rng.paretovariate(0.6)), 200)}"
    text = " ".join(rng.choice(WORDS) for _ in range(rng.randint(20, 60)))
    price = rng.randint(4, 400) * 100 + rng.choice([0, 50, 90, 95, 99])
    combos = [(c, s) for c in COLOURS for s in SIZES]
    if count > len(combos):
        combos = [(f"{c} {k}", s) for k in range(-(-count // len(combos))) for c, s in combos]
    for i, (colour, size) in enumerate(combos[:count]):
        first = i == 0
        code = f"40{n % 10**6:06d}{i % 10**4:04d}"
        yield {
            "Title": title if first else "", "URL handle": handle,
            "Description": f"<p>{text.capitalize()}.</p>" if first else "", "Vendor": vendor if first else "",
            "Type": noun if first else "", "Tags": ", ".join(sorted(words)) if first else "",
            "Published on online store": "TRUE" if first else "", "Status": "active" if first else "",
            "SKU": f"{noun[:3].upper()}-{n}-{i}", "Barcode": code + check_digit(code),
            "Option1 name": "Colour" if first else "", "Option1 value": colour,
            "Option2 name": "Size" if first else "", "Option2 value": size,
            "Price": f"{price // 100}.{price % 100:02d}",
            "Compare-at price": f"{price // 100 + 10}.00" if rng.random() < 0.2 else "",
            "Cost per item": f"{price // 250}.00", "Charge tax": "TRUE", "Inventory tracker": "shopify",
            "Inventory quantity": rng.randint(0, 80), "Continue selling when out of stock": "FALSE",
            "Weight value (grams)": rng.randint(50, 4000), "Weight unit for display": "kg",
            "Requires shipping": "TRUE", "Product image URL": "", "Image position": "", "Image alt text": "",
            "SEO title": title if first else "", "SEO description": text[:150] if first else ""}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("n", type=int)
    parser.add_argument("seed", type=int, nargs="?", default=1)
    parser.add_argument("--variants", type=int, default=0)
    args = parser.parse_args()
    rng = random.Random(args.seed)
    out = csv.DictWriter(sys.stdout, HEADER)
    out.writeheader()
    for n in range(1, args.n + 1):
        out.writerows(product(rng, n, args.variants or rng.choice([1, 1, 2, 2, 3])))


main()
