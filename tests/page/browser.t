# SPDX-License-Identifier: BSD-2-Clause
"""
The page in headless Chromium: nothing on its console, nothing fetched, it fits a phone, a keyboard reaches everything, what is folded
away is printed, and axe-core finds no serious barrier in light and in dark. Screenshots lie in the test's folder.
"""

import json
import os
import sys
import time

import hostile
from page_tool import FOLDER, call, read, sample, tap, write

import browser
import firmware

RECORDS = [json.loads(line) for line in sample()]
AXE = os.path.join(firmware.BUILD, "tools/axe/axe.min.js")
TRACE = """trace start 6 entries, 3 lost, 1000000 Hz
trace 7d0 smmu0 core0 W 00020 00000008
trace 7d1 smmu0 core3 C 0000000800000003 0000000000000001
trace bb8 smmu0 core1 X 00044 80100000
trace 2bb8 smmu1 core1 C 0000000000000011 0000000000000000
trace 2bb9 smmu1 core2 G 0000000000000801 0000000000000000
trace end
"""
EVENT = {"record": "event", "instance": "smmu0", "code": "0x10", "name": "F_TRANSLATION", "master": "0000:00:01.0", "access": "read", "expected": True, "count": 1, "stage": 1, "cause": "so"}


def text_of(records):
    return "".join(json.dumps(record) + "\n" for record in records)


def failing():
    """A report with a finding of each kind, a walk, skips, and what cannot be read."""
    records = [dict(record) for record in RECORDS]
    observed = [record for record in records if record["record"] == "observed"]
    observed[0].update(match=False, observed=None, reached_memory=True, advice="write this")
    observed[1].update(match=False, observed={"instance": "smmu1", "sid": "0x99"})
    checks = [record for record in records if record["record"] == "check"]
    checks[3].update(result="skip", detail="no such thing here")
    walk = [{"what": "level 2", "address": "0x1000", "value": "0x0", "meaning": "not valid"}]
    more = [{**EVENT, "sid": "0x8", "address": "0x5000", "expected": False, "walk": walk}]
    more += [{"record": "finding", "id": "difference", "severity": each, "place": "iort", "text": "it differs", "advice": None, "count": 2} for each in ("warning", "note")]
    records[-1].update(result="fail", reason="it went wrong")
    return TRACE + text_of(records[:-1] + more + records[-1:]) + '{"record":"check","ch\n'


def many(count):
    return text_of(RECORDS[:-1] + [{**EVENT, "sid": hex(i), "address": hex(4096 * i)} for i in range(count)] + RECORDS[-1:])


def made(name, text):
    out = os.path.join(FOLDER, name + ".html")
    call("-o", out, write(name + ".log", text))
    return out


if not browser.program():
    tap.skip("the page in a browser", "chromium is not installed")
    tap.done()

pass_page, fail_page, hostile_page, many_page = (
    made(name, text) for name, text in (("pass", text_of(RECORDS)), ("fail", failing()), ("hostile", hostile.lines(RECORDS)), ("many", many(10000)))
)
compare_page = os.path.join(FOLDER, "compare.html")
call("-o", compare_page, os.path.join(FOLDER, "pass.log"), os.path.join(FOLDER, "fail.log"))
PAGES = {"a pass": pass_page, "a fail": fail_page, "hostile records": hostile_page, "10 000 events": many_page, "a comparison": compare_page}
WIDE = """[...document.querySelectorAll("body *")].filter(e => !e.closest(".scroll, svg, .skip-link, pre") && e.getBoundingClientRect().right > innerWidth + 1)
    .map(e => e.tagName + " " + e.textContent.slice(0, 40)).slice(0, 5)"""

# Of 10 000 events each row is as those of the other pages.
LOOKED_AT = {"light": (pass_page, fail_page, hostile_page, compare_page), "dark": (fail_page,)}
STARTED = time.monotonic()


def lap(words):
    tap.note(f"{time.monotonic() - STARTED:.0f} s: {words}")


def barriers(it):
    """[impact, id, how many, the first] of what axe-core calls serious or critical."""
    it.evaluate("for (const each of document.querySelectorAll('details:not(.raw)')) each.open = true")
    # By the browser's own protocol: the page's policy lets no other script in.
    it.evaluate(read(AXE) + ";0")
    found = it.evaluate("axe.run(document, {resultTypes: ['violations']}).then(r => r.violations.map(v => [v.impact, v.id, v.nodes.length, v.nodes[0].html.slice(0, 160)]))")
    for each in found:
        tap.note(each)
    return [each for each in found if each[0] in ("serious", "critical")]


def look_for_barriers(it, title):
    if not os.path.exists(AXE):
        tap.skip(f"{title}: barriers", "axe-core was not fetched: tools/get axe")
        return
    tap.equal(barriers(it), [], f"{title}: axe-core finds no serious barrier")


with browser.Browser() as it:
    for title, path in PAGES.items():
        it.emulate(1280, 800)
        it.open(path)
        tap.equal(it.said, [], f"{title}: nothing is on the console")
        tap.equal([url for url in it.asked if not url.endswith(os.path.basename(path))], [], f"{title}: nothing is asked for beside the page")
        tap.equal(it.evaluate("typeof window.hit"), "undefined", f"{title}: no text was run")
        it.emulate(375, 1600)
        tap.equal([it.evaluate("document.documentElement.scrollWidth <= 375"), it.evaluate(WIDE)], [True, []], f"{title}: it fits a phone")
        it.picture(os.path.join(FOLDER, os.path.basename(path) + ".phone.png"))

    lap("opened")
    it.open(many_page)
    nodes, size = it.evaluate("document.getElementsByTagName('*').length"), os.path.getsize(many_page)
    took = it.evaluate("(t => t.domComplete - t.responseEnd)(performance.getEntriesByType('navigation')[0])")
    tap.ok(nodes < 20000 and size < 8 << 20, "10 000 kinds of events: fewer than 20 000 elements, and less than 8 MiB", [nodes, size])
    tap.note(f"10 000 kinds of events: {nodes} elements, {size} bytes, opened in {took:.0f} ms behind the last byte")
    tap.ok(it.evaluate("document.querySelector('details.raw pre').textContent.includes('\"sid\": \"0x270f\"')"), "and the last one is among the raw records")

    it.emulate(1280, 800)
    it.open(fail_page)
    it.key("Tab", 9)
    tap.equal(it.evaluate("document.activeElement.className"), "skip-link", "the first stop of the keyboard leads past the head")
    tap.ok(it.evaluate("document.activeElement.getBoundingClientRect().left >= 0"), "and is seen once it has the focus")
    stops, seen = [], set()
    for _ in range(400):
        it.key("Tab", 9)
        facts = it.evaluate("(e => [e.tagName, [...document.querySelectorAll('*')].indexOf(e), getComputedStyle(e).outlineStyle])(document.activeElement)")
        if facts[1] in seen or facts[0] == "BODY":
            break
        seen.add(facts[1])
        stops.append(facts)
    reachable = "[...document.querySelectorAll('a[href], summary, [tabindex=\"0\"]')].filter(e => e.checkVisibility() && !e.classList.contains('skip-link')).length"
    tap.equal(len(stops), it.evaluate(reachable), "a keyboard comes to every link, fold and region that scrolls")
    tap.equal([stop for stop in stops if stop[2] == "none"], [], "and each shows that it has the focus")
    it.evaluate("document.querySelector('details.raw summary').focus()")
    it.key(" ", 32)
    closed = it.evaluate("document.querySelector('details.raw').open")
    it.evaluate("document.querySelector('details.raw summary').click()")
    tap.ok(closed or it.evaluate("document.querySelector('details.raw').open"), "what is folded away opens")
    it.open(fail_page)
    it.evaluate("dispatchEvent(new Event('beforeprint'))")
    tap.equal(it.evaluate("document.querySelectorAll('details:not(.raw):not([open])').length"), 0, "what is folded away is printed, but for raw records")
    it.evaluate("dispatchEvent(new Event('afterprint'))")
    tap.equal(it.evaluate("document.querySelectorAll('details:not(.raw)[open]').length"), 0, "and is folded away again")
    it.emulate(800, 1100, media="print")
    tap.equal(it.evaluate("[getComputedStyle(document.querySelector('nav')).display, getComputedStyle(document.querySelector('.scroll')).overflowX]"), ["none", "visible"], "printed, it has no navigation, and nothing is cut off")
    for title, path in PAGES.items():
        it.emulate(720, 1100, media="print")
        it.open(path)
        it.evaluate("dispatchEvent(new Event('beforeprint'))")
        tap.equal(it.evaluate("document.documentElement.scrollWidth"), 720, f"{title}: printed, it is as wide as A4 is within its margins")
    it.emulate(800, 1100, media="print")
    it.open(fail_page)
    it.picture(os.path.join(FOLDER, "fail.print.png"))

    lap("keys")
    for scheme in ("light", "dark"):
        for title, path in PAGES.items():
            it.emulate(1280, 2400, prefers_color_scheme=scheme)
            it.open(path)
            ground = it.evaluate("getComputedStyle(document.body).backgroundColor")
            tap.ok((sum(map(int, ground[4:-1].split(","))) < 200) == (scheme == "dark"), f"{title}: in {scheme} the ground is {ground}")
            it.picture(os.path.join(FOLDER, f"{os.path.basename(path)}.{scheme}.png"))
            if path in LOOKED_AT[scheme]:
                look_for_barriers(it, f"{title}, {scheme}")
    if os.path.exists(AXE):
        it.emulate(1280, 800)
        it.open(pass_page)
        it.evaluate("document.documentElement.removeAttribute('lang'); document.querySelector('.soft').style.color = '#ddd'")
        tap.equal({each[1] for each in barriers(it)}, {"html-has-lang", "color-contrast"}, "a page with barriers: axe-core finds them")
    lap("barriers")
if "--keep" in sys.argv:
    tap.note(FOLDER)
tap.done()
