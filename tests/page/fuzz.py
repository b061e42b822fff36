# SPDX-License-Identifier: BSD-2-Clause
"""
Mutates reports, and has each read and shown: nothing ends by an exception, no character of a page is without a shape, no element of it
comes from a record, and what was not touched is still read.

    fuzz.py SECONDS [SEED]      Exit status 1 where something was found: the input is in build/fuzz/found/page
    fuzz.py --rounds N [SEED]   so many inputs instead

Graphviz is left out of most rounds: a process each would be all that it costs.
"""

import glob
import json
import os
import random
import sys
import time
import traceback
import unicodedata
import xml.etree.ElementTree as ElementTree
from html.parser import HTMLParser

import hostile
from page_tool import ROOT, sample

import firmware
from report_page import compare, html, junit, markdown, pages, picture, timeline, view
from report_page.reader import Console
from report_page.visible import HIDDEN

RECORDS = [json.loads(line) for line in sample()]
LINES = {line.encode() for line in sample()}
NOISE = (b"\0", b"\r", b"\n", b"\r\n", b"\xff", b"{", b"}", b'"', b"\\", b"[", b'{"record":', b'{"record":"verdict","result":"pass"}\n', b"\x1b[31m", b"trace start 1 entries, 0 lost, 9 Hz\n",
         b"trace 7d0 smmu0 core0 W 00020 00000008\n", b"[    1.5] usb 1-1: new device\n", "\u202e".encode(), b"\xed\xa0\x80", b"\\ud800", b"9" * 30, b"-1", b"1e999", b"null", b"true", b"[]", b"{}")
ELEMENTS = {
    "html", "head", "meta", "title", "style", "body", "a", "header", "h1", "h2", "h3", "div", "strong", "span", "p", "nav", "ul", "ol", "li", "main", "section", "code", "dl", "dt", "dd", "table",
    "thead", "tbody", "tr", "th", "td", "br", "details", "summary", "pre", "footer", "script", "figure", "figcaption", "svg", "g", "path", "polygon", "polyline", "ellipse", "text",
}


class Elements(HTMLParser):
    def __init__(self, source):
        super().__init__()
        self.wrong = set()
        self.feed(source)

    def handle_starttag(self, tag, attributes):
        self.wrong |= {tag} - ELEMENTS
        self.wrong |= {key for key, _ in attributes if key.startswith("on") or key in ("src", "style", "action")}


def seeds():
    lines = "".join(line + "\n" for line in sample()).encode()
    found = [lines, hostile.lines(RECORDS).encode(), "\ufeff".encode() + lines.replace(b"\n", b"\r\n"), lines[: len(lines) // 3] + lines]
    for path in sorted(glob.glob(os.path.join(ROOT, "tests/inspect/logs/*")) + glob.glob(os.path.join(ROOT, "tests/fuzz/found/page/*"))):
        with open(path, "rb") as file:
            found.append(file.read())
    return found


def damaged_value(value, chance):
    """A record's value, with parts of it of another type."""
    if chance.random() < 0.02:
        return chance.choice([None, True, -1, 7, 1 << 70, 0.5, "", "0x", "0xffffffffffffffffff", [], {}, [[]], {"a": None}, chance.choice(hostile.TEXTS)])
    if isinstance(value, dict):
        kept = [(key, damaged_value(inner, chance)) for key, inner in value.items() if chance.random() > 0.01]
        return dict(kept)
    return [damaged_value(inner, chance) for inner in value] if isinstance(value, list) else value


def by_records(chance):
    """Records of other types, more often, fewer, in another order."""
    records = [damaged_value(record, chance) for record in RECORDS + [hostile.FINDING, *hostile.OTHERS]]
    for _ in range(chance.randrange(6)):
        first, second = chance.randrange(len(records)), chance.randrange(len(records))
        records[first] = records[second] if chance.random() < 0.5 else records[first]
        del records[second if chance.random() < 0.3 else len(records) - 1 :]
        records = records or [RECORDS[0]]
    return "".join(json.dumps(record) + "\n" for record in records).encode()


def by_bytes(data, chance):
    data = bytearray(data)
    for _ in range(chance.choice((1, 2, 5, 20, 200))):
        at = chance.randrange(len(data) + 1)
        kind = chance.randrange(6)
        if kind == 0:
            data[at:at] = chance.choice(NOISE)
        elif kind == 1:
            del data[at : at + chance.choice((1, 3, 40, 2000))]
        elif kind == 2:
            data[at : at + 1] = bytes([chance.randrange(256)])
        elif kind == 3:
            other = chance.randrange(len(data) + 1)
            data[at:at] = data[other : other + chance.choice((1, 30, 400))]
        elif kind == 4:
            data[at:at] = chance.choice(hostile.TEXTS).encode("utf-8", "surrogatepass")
        elif chance.random() < 0.1:
            del data[at:]
    return bytes(data)


def shapeless(text):
    return {c for c in set(text) if unicodedata.category(c) in HIDDEN and c not in "\n\t"}


def lost(data, console):
    """Lines of the sample that stand in it untouched, and were not read."""
    if data[:2] not in (b"\xff\xfe", b"\xfe\xff"):
        found = {record.raw for run in console.runs for record in run.records}
        yield from (line for line in set(data.split(b"\n")) & LINES if line.decode() not in found)


def look(data, other, draws):
    """What is wrong with what is made of it, in words."""
    console, before = Console("a report", data), Console("another", other)
    yield from (f"a record is lost: {line}" for line in lost(data, console))
    for run in console.runs:
        for record in run.records:
            if record.kind == "verdict" and view.View(run).verdict.kind == view.NONE:
                yield "a verdict was read, and the page has none"
    seen = view.View(console.chosen)
    texts = {"the page": pages.run_page(console), "the comparison": pages.compare_page(before, console)}
    texts["Markdown"] = markdown.report(seen, console.troubles, seen.again())
    texts["JUnit XML"] = junit.report(seen, console.troubles)
    ElementTree.fromstring(texts["JUnit XML"])
    for name, text in texts.items():
        if shapeless(text):
            yield f"{name} has {[hex(ord(c)) for c in shapeless(text)]}"
    for name in ("the page", "the comparison"):
        wrong = Elements(texts[name]).wrong
        if wrong:
            yield f"{name} has {wrong}"
    for finding in seen.findings:
        if html.environment().from_string("{{ x }}").render(x=finding.id) not in texts["the page"]:
            yield f"the finding {ascii(finding.id)} is not on the page"
    compare.changes(seen, seen)
    timeline.lanes(seen)
    if draws and picture.draw(seen)[0] is None and (seen.masters or seen.instances):
        yield f"there is no picture: {picture.draw(seen)[1]}"


def keep(data):
    folder = os.path.join(firmware.BUILD, "fuzz/found/page")
    os.makedirs(folder, exist_ok=True)
    path = os.path.join(folder, f"{hash(data) & 0xFFFFFFFF:08x}")
    with open(path, "wb") as file:
        file.write(data)
    return path


def one(data, other, draws):
    """None, or what was found, in words."""
    drawn = picture.draw
    try:
        if not draws:
            picture.draw = lambda seen: (None, "left out")
        return "; ".join(look(data, other, draws)) or None
    except Exception:  # pylint: disable=broad-except
        return traceback.format_exc()
    finally:
        picture.draw = drawn


def main():
    by_rounds = sys.argv[1] == "--rounds"
    most = float(sys.argv[2 if by_rounds else 1])
    seed = int(sys.argv[3 if by_rounds else 2]) if len(sys.argv) > (3 if by_rounds else 2) else random.randrange(1 << 32)
    chance, corpus, rounds, started = random.Random(seed), seeds(), 0, time.monotonic()
    for data in corpus:
        found = one(data, corpus[0], True)
        if found:
            print(f"not ok - page: a seed: {found}")
            return 1
    while (rounds if by_rounds else time.monotonic() - started) < most:
        data = by_records(chance) if chance.random() < 0.4 else chance.choice(corpus)
        data = by_bytes(data, chance) if chance.random() < 0.7 else data
        found = one(data, chance.choice(corpus[:4]), rounds % 40 == 0)
        rounds += 1
        if found:
            print(f"not ok - page: seed {seed}, round {rounds}: {found}\nthe input is {keep(data)}: put it into tests/fuzz/found/page once it is mended")
            return 1
    print(f"ok - page: {rounds} inputs of seed {seed} in {time.monotonic() - started:.0f} s, nothing found")
    return 0


if __name__ == "__main__":
    sys.exit(main())
