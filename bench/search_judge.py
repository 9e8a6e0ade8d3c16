"""search_judge.py - what search-quality reads and how it judges: products, queries, measures."""
import csv
import io
import json
import lzma
import math
import random
import re

FIELDS = ["id", "title", "model", "vendor", "code", "type", "attributes", "description"]


def read_text(path):
    with (lzma.open(path, "rt", encoding="utf-8") if path.endswith(".xz")
          else open(path, encoding="utf-8")) as file:
        return file.read()


def first(product, *names):
    return next((str(product[n]) for n in names if product.get(n)), "")


def words_of_attributes(product):
    """Values of text attributes; the names of those that are true."""
    out = []
    for name, value in product.items():
        if name.startswith("attr_t_") and isinstance(value, str):
            out.append(value)
        elif name.startswith("attr_b_") and value is True:
            out.append(name[7:].strip("_").replace("_", " "))
    return " ; ".join(out)


def load_products(path):
    """One dictionary of FIELDS per product. Any NDJSON with id and title (or name) will do."""
    products = []
    for line in read_text(path).split("\n"):
        if not line.strip():
            continue
        p = json.loads(line)
        model = first(p, "name") if p.get("title") else ""
        codes = [first(p, "sku"), model]
        ean = p.get("ean", [])
        codes += ean if isinstance(ean, list) else [str(ean)]
        row = {"id": str(p["id"]), "title": first(p, "title", "name"),
               "model": model,
               "vendor": first(p, "supplier", "vendor", "brand"),
               "code": " ; ".join(c for c in codes if c),
               "type": first(p, "attr_t_product_type", "product_type", "type", "category"),
               "attributes": words_of_attributes(p),
               "description": first(p, "short_description", "description")}
        products.append({k: re.sub(r"\s+", " ", v) for k, v in row.items()})
    return products


def load_judgements(path):
    judged = {}
    for row in csv.DictReader(io.StringIO(read_text(path))):
        judged.setdefault(row["query"], {})[row["docid"]] = int(float(row["rating"]))
    return judged


def gain(ratings):
    return sum((2 ** r - 1) / math.log2(i + 2) for i, r in enumerate(ratings))


def ndcg(ranked, ratings, k=10):
    """None where nothing was rated above 0. What nobody rated counts as 0."""
    ideal = gain(sorted(ratings.values(), reverse=True)[:k])
    return gain([ratings.get(d, 0) for d in ranked[:k]]) / ideal if ideal else None


def recall(ranked, ratings, k=100):
    good = {d for d, r in ratings.items() if r > 0}
    return len(good & set(ranked[:k])) / len(good) if good else None


def mean(values):
    values = [v for v in values if v is not None]
    return sum(values) / len(values) if values else 0.0


def edit(word, rng):
    """One random edit: a letter left out, doubled, replaced, or two of them swapped."""
    i = rng.randrange(len(word))
    letter = rng.choice("abcdefghijklmnopqrstuvwxyz")
    kind = rng.randrange(4)
    if kind == 0 and len(word) > 2:
        return word[:i] + word[i + 1:]
    if kind == 1:
        return word[:i] + letter + word[i:]
    if kind == 2 and i + 1 < len(word):
        return word[:i] + word[i + 1] + word[i] + word[i + 2:]
    return word[:i] + letter + word[i + 1:]


def typo_queries(products, count=200, seed=7):
    """(query, titles that are right): whole titles with one or two edits, each in a word of
    four letters or more; then the same of titles cut to their first six words."""
    rng = random.Random(seed)
    made = []
    candidates = [p for p in products if len([w for w in p["title"].split() if len(w) >= 4]) >= 2]
    while len(made) < count and candidates:
        words = rng.choice(candidates)["title"].split()
        title = " ".join(words)
        for _ in range(rng.choice([1, 2])):
            i = rng.choice([i for i, w in enumerate(words) if len(w) >= 4] or [0])
            words[i] = edit(words[i], rng)
        made.append((" ".join(words), title))
    return made
