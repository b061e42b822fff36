# SPDX-License-Identifier: BSD-2-Clause
"""Calls tools/page, and reads what it wrote as a reader of the page would: by its text, its ids and its links."""

import html.parser
import os
import subprocess
import sys

ROOT = os.path.realpath(os.path.join(os.path.dirname(__file__), "..", ".."))
for folder in ("tools", "tests/qemu"):
    sys.path.insert(0, os.path.join(ROOT, folder))

import firmware  # noqa: E402
import tap  # noqa: E402, F401

PAGE = os.path.join(ROOT, "tools/page")
SAMPLE = os.path.join(ROOT, "tests/qemu/sample.jsonl")
FOLDER = firmware.work_folder("page")
HIDDEN = ("style", "script")
ENDS_A_WORD = ("td", "th", "li", "p", "dt", "dd", "summary")


def write(name, text):
    path = os.path.join(FOLDER, name)
    with open(path, "wb") as file:
        file.write(text if isinstance(text, bytes) else text.encode())
    return path


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


def call(*arguments):
    """(exit status, what it said)"""
    done = subprocess.run([PAGE, *arguments], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    return done.returncode, done.stdout.decode(errors="replace")


def sample():
    return read(SAMPLE).splitlines()


class Page(html.parser.HTMLParser):
    """`text` is what the page says, `tags` are (name, attributes), `ids` and `targets` are what links may name and what they name."""

    def __init__(self, source):
        super().__init__()
        self.source, self.tags, self.words, self.ids, self.targets, self.open = source, [], [], [], [], []
        self.feed(source)
        self.text = " ".join("".join(self.words).split())

    def handle_starttag(self, tag, attributes):
        facts = dict(attributes)
        self.tags.append((tag, facts))
        self.ids += [facts["id"]] if "id" in facts else []
        self.targets += [facts["href"]] if tag == "a" else []
        self.open += [tag] if tag in HIDDEN else []

    def handle_endtag(self, tag):
        self.open = self.open[:-1] if tag in HIDDEN else self.open
        self.words += [" "] if tag in ENDS_A_WORD else []

    def handle_data(self, data):
        self.words += [] if self.open else [data]

    def outside(self):
        """Whatever would be fetched, or run: the page has one script of its own, and no address but parts of itself."""
        for tag, facts in self.tags:
            for key, value in facts.items():
                if key in ("src", "href", "xlink:href", "action", "data", "srcset", "poster") and not (value or "").startswith("#"):
                    yield f"{tag} {key}={value}"
                if key.startswith("on") or key == "style":
                    yield f"{tag} {key}={value}"
        names = [tag for tag, _ in self.tags]
        yield from (f"{names.count(tag)} {tag}" for tag in ("script", "style") if names.count(tag) != 1)
        yield from (f"a tag {tag}" for tag in ("iframe", "img", "object", "embed", "link", "base", "form", "foreignobject") if tag in names)

    def dead(self):
        return sorted({target for target in self.targets if target[1:] not in self.ids})


def page_of(text, *arguments):
    """(exit status, the page)"""
    report, out = write("report.jsonl", text), os.path.join(FOLDER, "out.html")
    if os.path.exists(out):
        os.remove(out)
    status, _ = call("-o", out, *arguments, report)
    return status, Page(read(out)) if os.path.exists(out) else None
