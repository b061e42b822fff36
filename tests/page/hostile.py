# SPDX-License-Identifier: BSD-2-Clause
"""Texts that try to be more than text, and reports that are full of them."""

import json

TEXTS = (
    "<script>window.hit = 1; alert(1)</script>",
    "\"><img src=x onerror=\"window.hit=1\">",
    "</pre></code></title></style><svg onload=\"window.hit=1\">",
    "'-(window.hit=1)-'",
    "{{ 7 * 191 }}{% include 'page.js' %}{# x #}",
    "javascript:alert(1)",
    "&lt;script&gt;&#60;b&#62;",
    "\u202egnp.exe\u202c \u2066isolated\u2069",
    "zero\u200bwidth \ufeff\u00ad",
    "a\x00b\x01c\x1b[31mred\x7f\x85",
    "line\nfeed\r\ttab\u2028separator",
    "two\n### lines\n* x",
    "lone \ud800 surrogate \udfff",
    "\\N \\G \\l \"]; evil [label=\"x\"]; //",
    "]]> <!-- --> <![CDATA[",
    "`` ``` `code` [a](http://evil.example) www.evil.example @maintainers #1 | ~~x~~ ![x](y)",
    "http://evil.example/",
    "A" * 3000,
    "\u5c0f\u3055\u3044 caf\u00e9 \U0001f600 \ufffe",
)
# Keys whose values say what a record is about: with any other text there, a record would not be looked at.
KEPT = {"record", "result", "state", "client_state", "severity", "interface"}


def _replaced(value, texts, key=None):
    if isinstance(value, dict):
        return {each: _replaced(inner, texts, each) for each, inner in value.items()}
    if isinstance(value, list):
        return [_replaced(inner, texts, key) for inner in value]
    return next(texts) if isinstance(value, str) and key not in KEPT and not value.startswith("0x") else value


def _texts(first):
    number = first
    while True:
        yield TEXTS[number % len(TEXTS)]
        number += 1


def report(records):
    """The same report, with a hostile text for every text: which, goes with the record's number."""
    return [_replaced(record, _texts(number)) for number, record in enumerate(records)]


FINDING = {"record": "finding", "id": "x", "severity": "error", "place": "p", "text": "t", "advice": "a", "count": 1}
OTHERS = (
    {"record": "difference", "between": ["iort", "dt"], "subject": "s", "detail": "d"},
    {"record": "event", "instance": "i", "code": "0x10", "name": "n", "sid": "0x8", "master": "m", "address": "0x1000", "access": "read", "expected": False, "count": 1,
     "stage": 1, "fetch_address": None, "cause": "c", "walk": [{"what": "w", "address": "0x0", "value": "0x0", "meaning": "m"}]},
    {"record": "check", "check": "c", "master": "m", "result": "skip", "detail": "d"},
    {"record": "pending", "master": "m", "client": "c", "waits_for": "w", "since_ticks": 1, "why": "w"},
    {"record": "listen", "instance": "i", "sid": "0x8", "master": "m", "count": 1, "address": "0x0", "access": "a"},
    {"record": "plan", "what": "w", "name": "n", "base": "0x0", "impossible": "i"},
    {"record": "inherited", "object": "o", "found": ["f"]},
    {"record": "soak", "seconds": 1, "result": "fail", "reason": "r"},
    {"record": "next", "address": "0x0", "refused": "r"},
)


def lines(records):
    """Every text in every place of every kind of record."""
    more = [record for _ in TEXTS for record in (FINDING, *OTHERS)]
    made = report([*records[:-1], *more, records[-1]])
    return "".join(json.dumps(record) + "\n" for record in made)
