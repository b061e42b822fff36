# SPDX-License-Identifier: BSD-2-Clause
"""Hostile texts in every place of every kind of record: each is shown, as text, and is nothing else; in the page, JUnit XML and Markdown."""

import json
import os
import re
import unicodedata
import xml.etree.ElementTree as ElementTree

import hostile
from page_tool import FOLDER, Page, call, page_of, read, sample, tap, write

from report_page import markdown, picture, view
from report_page.reader import Console
from report_page.visible import shortened, visible, visible_line

RECORDS = [json.loads(line) for line in sample()]
REPORT = hostile.lines(RECORDS)
status, page = page_of(REPORT)
FLAT = re.sub(r"\s+", " ", page.text)


def flat(text):
    return re.sub(r"\s+", " ", visible(text)).strip()


def hidden(text):
    """Characters without a shape, line feeds and tabs apart."""
    return sorted({f"U+{ord(c):04X}" for c in text if unicodedata.category(c) in ("Cc", "Cf", "Cs", "Zl", "Zp") and c not in "\n\t"})


tap.equal(status, 0, "a hostile report has a page")
tap.equal(list(page.outside()), [], "nothing on it is fetched, or run")
tap.equal(hidden(page.source), [], "no character of it is without a shape")
tap.equal(page.dead(), [], "no link is dead")
tap.equal(len(page.ids), len(set(page.ids)), "no id is there twice")
for number, text in enumerate(hostile.TEXTS):
    tap.ok(flat(text) in FLAT or flat(text.replace("\r", "")) in FLAT, f"text {number} is shown as it is", ascii(text[:80]))
tap.ok(not {"b", "img"} & {tag for tag, _ in page.tags} and [tag for tag, _ in page.tags].count("title") == 1, "no markup of a text is the page's")
tap.ok("1337" not in FLAT, "no text is a template")
drawing = page.source.split('<figure class="picture"')[1].split("</figure>")[0]
tap.ok("evil" in drawing and not re.search(r"<(?!/?(?:svg|g|polygon|polyline|path|ellipse|text|div|figcaption|span)\b)", drawing), "the picture has the elements that Graphviz draws with, and no other",
       re.findall(r"<[^ >]*", drawing)[:20])

# --- Each text as the name of a master, and as code of Markdown. ---


def drawn(text):
    """(texts of the picture of one master with this name, how many nodes it has)"""
    records = [{"record": "instance", "instance": "smmu0", "state": "ready"}, {"record": "master", "master": text, "client": "edu", "streams": []}]
    svg = ElementTree.fromstring(picture.draw(view.View(Console("a test", "".join(json.dumps(each) + "\n" for each in records).encode()).chosen))[0] or "<svg/>")
    nodes = [group for group in svg.iter("g") if (group.get("class") or "").startswith("node")]
    return [re.sub(r"\s+", " ", each.text or "").strip() for each in svg.iter("text")], len(nodes)


for number, text in enumerate((*hostile.TEXTS, '\\" ]; injected [label="x', "&amp;lt;")):
    name = re.sub(r"\s+", " ", shortened(visible_line(text), picture.NAME_MOST)).strip()
    texts, nodes = drawn(text)
    tap.ok(name in texts and nodes == 2, f"text {number} is a master's name in the picture, and no word of Graphviz's", [ascii(name), ascii(texts), nodes])
    code = markdown.code(text)
    fence = re.match("`+", code)[0]
    inside = code[len(fence) : -len(fence)]
    tap.ok(code.endswith(fence) and len(fence) not in {len(run) for run in re.findall("`+", inside)}, f"text {number} ends no code of Markdown's", code[:200])

# --- Shapes of text that is made visible. ---

for text, wanted in (
    ("plain", "plain"), ("caf\u00e9 \u5c0f", "caf\u00e9 \u5c0f"), ("\u202e", "\u27e8U+202E\u27e9"), ("a\x00", "a\u27e8U+0000\u27e9"), ("\ud800", "\u27e8U+D800\u27e9"),
    ("\x1b[0m", "\u27e8U+001B\u27e9[0m"), ("\u200b\u00ad", "\u27e8U+200B\u27e9\u27e8U+00AD\u27e9"), ("a\nb\tc", "a\nb\tc"), ("\U000e0041", "\u27e8U+E0041\u27e9"),
):
    tap.equal(visible(text), wanted, f"{ascii(text)} is shown as {ascii(wanted)}")

# --- JUnit XML and Markdown. ---

report = write("hostile.jsonl", REPORT)
xml, ticket = os.path.join(FOLDER, "junit.xml"), os.path.join(FOLDER, "ticket.md")
call("--junit", xml, "--markdown", ticket, "-o", os.path.join(FOLDER, "x.html"), report)
tree = ElementTree.fromstring(read(xml))
names = {element.tag for element in tree.iter()}
tap.ok(names <= {"testsuites", "testsuite", "properties", "property", "testcase", "failure", "error", "skipped"}, "hostile texts add no element to JUnit XML", names)
tap.equal(hidden(read(xml)), [], "and no character without a shape")
text = read(ticket)
tap.equal(hidden(text), [], "nor to Markdown")
outside = re.sub(r"(?<![`\\])(`+)(?!`)(.*?)(?<!`)\1(?!`)", "", text)
bare = re.findall(r"(?<!\\)[<\[@|~`]|(?<!\\)://|\bwww\.", outside)
tap.equal(bare, [], "outside of code, no character of a record is markup, a mention or a link in Markdown")
tap.equal(len([line for line in text.splitlines() if line.startswith("#")]), text.count("\n### "), "and no line of a record is one of the ticket's")

# --- Two of them. ---

other = write("other.jsonl", "".join(json.dumps(record) + "\n" for record in RECORDS))
status, said = call("-o", os.path.join(FOLDER, "two.html"), other, report)
two = Page(read(os.path.join(FOLDER, "two.html")))
tap.equal((status, list(two.outside()), hidden(two.source), two.dead()), (0, [], [], []), "a comparison with a hostile report shows texts as texts")
tap.done()
