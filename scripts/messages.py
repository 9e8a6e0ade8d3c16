#!/usr/bin/env python3
"""messages.py OUT.c MODULE/locales/LANG.json... - check the program's texts and put them into C.

Fails when a file is missing or has a key twice, when a language lacks a key, an argument, a plural
form or a choice that English has, when a pattern is broken, and when a text is still the English one.
Format and rules: src/text/messages.h.
"""
import json
import pathlib
import re
import sys

LANGS = ["en", "uk", "ru", "tr", "nl", "zh"]  # as enum Lang
PLURALS = {"en": "one other", "uk": "one few many other", "ru": "one few many other", "tr": "one other",
           "nl": "one other", "zh": "other"}
ORDINALS = {"en": "one two few other", "uk": "few other", "ru": "other", "tr": "other", "nl": "other", "zh": "other"}
STYLES = {"number": {"", "percent"}, "date": {"", "short", "medium", "long", "full", "day"},
          "time": {"", "short", "medium", "long", "full"}}
FOREIGN = {"uk", "ru", "zh"}  # not in Latin letters


class Broken(Exception):
    pass


class Pattern:
    """The arguments of a pattern: {(name, type, choices)}; raises Broken."""

    def __init__(self, lang, text):
        self.lang, self.args = lang, set()
        self.words = ""  # what stands outside of braces
        self.read(text, False)

    def read(self, text, plural):
        i = 0
        while i < len(text):
            c = text[i]
            if c == "'":
                i = self.quoted(text, i, plural)
            elif c == "{":
                end = self.block(text, i)
                self.argument(text[i + 1:end])
                i = end + 1
            elif c == "}":
                raise Broken("a '}' too many")
            else:
                self.words += c
                i += 1

    @staticmethod
    def quoted(text, i, plural):
        after = text[i + 1:i + 2]
        if after == "'":
            return i + 2
        if after and after in ("{}#" if plural else "{}"):
            end = text.find("'", i + 1)
            if end < 0:
                raise Broken("a quotation that does not end")
            return end + 1
        return i + 1

    def block(self, text, i):
        depth = 0
        while i < len(text):
            if text[i] == "'":
                i = self.quoted(text, i, False)
                continue
            depth += (text[i] == "{") - (text[i] == "}")
            if depth == 0:
                return i
            i += 1
        raise Broken("a '{' that is not closed")

    def argument(self, inside):
        name, kind, style = [p.strip() for p in (inside.split(",", 2) + ["", ""])[:3]]
        if not re.fullmatch(r"[a-z][a-z0-9_]*", name):
            raise Broken(f"'{name}' is no name of an argument")
        if kind in ("plural", "selectordinal", "select"):
            self.choice(name, kind, style)
        elif kind in STYLES or kind == "":
            if style not in STYLES.get(kind, {""}):
                raise Broken(f"{{{inside}}}: no such style")
            self.args.add((name, kind, ""))
        else:
            raise Broken(f"{{{inside}}}: no such type")

    def choice(self, name, kind, style):
        style = re.sub(r"^offset:\d+\s", "", style)
        words = []
        while style:
            m = re.match(r"\s*([^\s{]+)\s*(?=\{)", style)
            if not m:
                raise Broken(f"{{{name}, {kind}}}: a word and its {{…}} expected at '{style[:20]}'")
            end = self.block(style, m.end())
            words.append(m[1])
            self.read(style[m.end() + 1:end], kind != "select")
            style = style[end + 1:].strip()
        if kind == "select":
            if "other" not in words:
                raise Broken(f"{{{name}, select}} lacks 'other'")
            self.args.add((name, kind, " ".join(sorted(words))))
            return
        wanted = (PLURALS if kind == "plural" else ORDINALS)[self.lang].split()
        forms = [w for w in words if not re.fullmatch(r"=\d+", w)]
        if sorted(forms) != sorted(wanted):
            raise Broken(f"{{{name}, {kind}}} has {' '.join(forms)}; {self.lang} needs {' '.join(wanted)}")
        self.args.add((name, kind, ""))


def unique(pairs):
    seen = {}
    for key, value in pairs:
        if key in seen:
            sys.exit(f"{key} stands there twice")
        seen[key] = value
    return seen


def load(files):
    """{key: {lang: text}} and what is wrong."""
    texts, problems = {}, []
    for path in map(pathlib.Path, files):
        module, lang = path.parts[-3], path.stem
        with open(path, encoding="utf-8") as f:
            data = json.load(f, object_pairs_hook=unique)
        for key, text in data.items():
            if not re.fullmatch(r"[a-z0-9_]+(\.[a-z0-9_]+)+", key):
                problems.append(f"{path}: {key}: lower case words with dots between them")
            if key.split(".")[0] not in (module, "error", "issue"):
                problems.append(f"{path}: {key}: keys begin with '{module}.', 'error.' or 'issue.'")
            if lang in texts.setdefault(key, {}):
                problems.append(f"{path}: {key}: another module has it, too")
            texts[key][lang] = text
    return texts, problems


def compare(key, by_lang):
    problems, english = [], None
    for lang in LANGS:
        where = f"{lang}: {key}: "
        text = by_lang.get(lang)
        if text is None:
            problems.append(where + "missing")
            continue
        try:
            pattern = Pattern(lang, text)
        except Broken as e:
            problems.append(where + str(e))
            continue
        if lang == "en":
            english = pattern
        elif english is not None and pattern.args != english.args:
            problems.append(where + f"arguments {sorted(pattern.args)}, English has {sorted(english.args)}")
        elif lang in FOREIGN and text == by_lang.get("en") and len(re.findall(r"[a-z]", pattern.words)) > 3 \
                and not text.startswith("http"):
            problems.append(where + "not translated")
    return problems


def literal(text):
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\t", "\\t").replace("?", "\\?")
    return f'STR_INIT("{escaped}")'


def main(out, *files):
    texts, problems = load(files)
    for key in sorted(texts):
        problems += compare(key, texts[key])
    if problems:
        sys.exit("\n".join(problems))
    with open(out, "w", encoding="utf-8") as f:
        print("/* Generated by scripts/messages.py. Do not edit. */", '#include "text/messages_int.h"\n', sep="\n", file=f)
        print("const MessageRow message_rows[] = {", file=f)
        for key in sorted(texts, key=str.encode):
            print(f"    {{{literal(key)},\n     {{", end="", file=f)
            print(",\n      ".join(literal(texts[key][lang]) for lang in LANGS), end="}},\n", file=f)
        print("};\nconst size_t message_nrows = COUNT_OF(message_rows);", file=f)


if __name__ == "__main__":
    main(*sys.argv[1:])
