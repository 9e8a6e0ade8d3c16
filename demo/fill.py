#!/usr/bin/env python3
"""fill.py URL KEY - give the demo shop its name, collections, menus, pages, journal, delivery and promotions, by the API.

Filling a shop twice changes nothing: what is there already by its handle is left alone.
"""
import json
import pathlib
import sys
import urllib.error
import urllib.request

sys.dont_write_bytecode = True
import shop  # noqa: E402
import words  # noqa: E402
from products import COLOURS  # noqa: E402

HERE = pathlib.Path(__file__).parent
URL, KEY = sys.argv[1].rstrip("/"), sys.argv[2]


def call(method, path, body=None, kind="application/json"):
    data = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
    headers = {"Authorization": f"Bearer {KEY}", **({"Content-Type": kind} if data is not None else {})}
    request = urllib.request.Request(f"{URL}/api/v1/{path}", data, headers, method=method)
    try:
        with urllib.request.urlopen(request, timeout=30) as reply:
            text = reply.read()
            return json.loads(text) if text else None
    except urllib.error.HTTPError as error:
        sys.exit(f"{method} {path}: {error.code} {error.read().decode()}")


def known(path):
    """Those of a list by handle."""
    return {row["handle"]: row for row in call("GET", f"{path}?limit=250")["data"]}


def rows_of(entity, field, texts):
    return [{"entity": entity, "field": field, "locale": tag, "value": text} for tag, text in texts.items()]


def translate(entity, field, texts):
    call("PUT", "translations", {"translations": rows_of(entity, field, texts)})


def in_all(texts):
    return dict(zip(words.LOCALES, texts))


def product_words(products):
    """Titles, texts, kinds, options and their values."""
    for handle, texts in words.PRODUCTS.items():
        if handle not in products:
            continue
        row = call("GET", f"products/{products[handle]['id']}")
        rows = rows_of(row["id"], "title", in_all(t for t, _ in texts))
        rows += rows_of(row["id"], "description", in_all(t for _, t in texts))
        if row["type"] in words.WORDS:
            rows += rows_of(row["id"], "type", in_all(words.WORDS[row["type"]]))
        for option in row["options"]:
            if option["name"] in words.WORDS:
                rows += rows_of(option["id"], "name", in_all(words.WORDS[option["name"]]))
            for value in option["values"]:
                known_as = words.WORDS.get(f"{option['name']}: {value['name']}", words.WORDS.get(value["name"]))
                if known_as:
                    rows += rows_of(value["id"], "name", in_all(known_as))
        call("PUT", "translations", {"translations": rows})


def picture(scene, alt=""):
    made = call("POST", "media", (HERE / "scenes" / f"{scene}.webp").read_bytes(), "image/webp")
    return [{"kind": "image", "url": f"/media/{made['hash']}/{scene}", "alt": alt}]


def swatches(products):
    """Show colours as colours."""
    for row in products.values():
        options = call("GET", f"products/{row['id']}")["options"]
        missing = [v for o in options for v in o["values"] if not v["swatch"] and v["name"] in COLOURS]
        for value in missing:
            value["swatch"] = COLOURS[value["name"]]
        if missing:
            call("PUT", f"products/{row['id']}/options", {"options": options})


def collections(products):
    have = known("collections")
    for handle, title, text, rule, scene, others in shop.COLLECTIONS:
        if handle in have:
            continue
        body = {"handle": handle, "title": title, "description": text, "kind": "rule" if rule else "manual"}
        if rule:
            body["rule"] = rule
        if scene:
            body["media"] = picture(scene)
        made = call("POST", "collections", body)
        if not rule:
            call("POST", f"collections/{made['id']}/products", {"product_ids": [products[h]["id"] for h in shop.HOME_PRODUCTS]})
        translate(made["id"], "title", {tag: w[0] for tag, w in others.items()})
        translate(made["id"], "description", {tag: w[1] for tag, w in others.items()})


def pages():
    have = known("pages")
    for handle, title, body, titles in shop.PAGES:
        if handle not in have:
            made = call("POST", "pages", {"handle": handle, "title": title, "body": body, "published_at": "2026-03-03T09:00:00Z"})
            translate(made["id"], "title", titles)
            translate(made["id"], "body", in_all(words.PAGES[handle]))
    written = {row["kind"] for row in call("GET", "policies")["data"]}
    for kind, title, body, titles in shop.POLICIES:
        if kind not in written:
            made = call("PUT", f"policies/{kind}", {"title": title, "body": body})
            translate(made["id"], "title", titles)
            translate(made["id"], "body", in_all(words.POLICIES[kind]))


def journal():
    handle, title, titles = shop.JOURNAL
    if handle in known("blogs"):
        return
    blog = call("POST", "blogs", {"handle": handle, "title": title})
    translate(blog["id"], "title", titles)
    for handle, title, author, scene, excerpt, body in shop.ARTICLES:
        made = call("POST", f"blogs/{blog['id']}/articles", {
            "handle": handle, "title": title, "author": author, "excerpt": excerpt, "body": body,
            "media": picture(scene), "published_at": "2026-03-03T09:00:00Z"})
        for i, field in enumerate(("title", "excerpt", "body")):
            translate(made["id"], field, in_all(texts[i] for texts in words.ARTICLES[handle]))


def menus(products):
    have, targets = known("menus"), {"product": products}
    for kind in ("collection", "page", "blog"):
        targets[kind] = known(kind + "s")

    def item(title, aim, below=()):
        kind, name = aim
        place = {"url": name} if kind == "url" else {"target": name if kind == "policy" else targets[kind][name]["id"]}
        return {"title": title, "kind": kind, **place, "items": [item(*b) for b in below]}

    def name_links(items):
        for link in items:
            translate(link["id"], "title", shop.WORDS[link["title"]])
            name_links(link.get("items", []))

    for handle, title, links in (("main-menu", "Main menu", shop.MAIN_MENU), ("footer", shop.NAME, shop.FOOTER_MENU),
                                 ("announcement", "Announcement", shop.ANNOUNCEMENT)):
        body = {"handle": handle, "title": title, "items": [item(*link) for link in links]}
        if handle not in have:
            made = call("POST", "menus", body)
        elif not have[handle].get("items"):
            made = call("PATCH", f"menus/{have[handle]['id']}", body)
        else:
            continue
        name_links(made["items"])


def money(minor):
    return {"amount": minor, "currency": "EUR"}


def delivery():
    """At home and abroad, fast and slow, or fetched in the shop."""
    if call("GET", "delivery/zones")["data"]:
        return
    call("PATCH", f"stock/locations/{call('GET', 'stock/locations')['data'][0]['id']}", shop.WORKSHOP)
    # Demo shops are far away, too: the rest of the world is a zone of its own.
    for title, countries, methods in shop.ZONES:
        zone = call("POST", "delivery/zones", {"title": title, "profile_id": call("GET", "delivery/profiles")["data"][0]["id"],
                                               "places": [{"country": c} for c in countries]})
        for name, text, kind, price, free_over, days, others in methods:
            call("POST", "delivery/methods", {
                "zone_id": zone["id"], "title": name, "description": text, "kind": kind, "active": True,
                "translations": [{"locale": tag, "title": t, "description": d} for tag, (t, d) in others.items()],
                "rates": [{"amount": money(price)}], "free_over": [money(free_over)] if free_over else [],
                "transit_min": days[0], "transit_max": days[1],
                # Packed on the day it was ordered: "the next working day" must be what is promised.
                **({"handling_days": 0} if kind == "express" else {})})


def promotions():
    if call("GET", "promotions")["data"]:
        return
    for body, codes, titles in shop.PROMOTIONS:
        titles = [{"locale": tag, "title": title} for tag, title in titles.items()]
        made = call("POST", "promotions", {"active": True, "translations": titles, **body})
        for code in codes:
            call("POST", f"promotions/{made['id']}/codes", {"code": code})


call("PATCH", "settings/catalog.shop", {"name": shop.NAME})
call("PATCH", "settings/storefront.site", {"description": shop.ABOUT})
all_products = known("products")
swatches(all_products)
product_words(all_products)
collections(all_products)
pages()
journal()
menus(all_products)
delivery()
promotions()
