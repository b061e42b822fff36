# SPDX-License-Identifier: BSD-2-Clause
"""The words of docs/findings.md for an id: what it means, and what to do."""

import functools
import os
import re

PAGE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "docs", "findings.md")
ID = re.compile(r"`([A-Za-z0-9_]+)`")
LINK = re.compile(r"\[([^\]]*)\]\([^)]*\)")


class Explanation:
    def __init__(self, words, advice):
        self.words, self.advice = words, advice


def _cells(line):
    return [LINK.sub(r"\1", cell.strip()) for cell in re.split(r"(?<!\\)\|", line.strip().strip("|"))]


@functools.cache
def read(path=PAGE):
    """{id: Explanation} of each row whose first cell begins with ids; the first row of an id is the one that counts."""
    found = {}
    try:
        with open(path, encoding="utf-8") as page:
            lines = page.read().splitlines()
    except OSError:
        return found
    for line in lines:
        cells = _cells(line) if line.startswith("| `") else []
        if len(cells) < 2:
            continue
        ids, _, sentence = cells[0].partition(": ")
        if ID.sub("", ids).replace(",", "").strip():
            continue
        words = (sentence.strip("`") + ". " if sentence else "") + cells[1]
        for name in ID.findall(ids):
            found.setdefault(name, Explanation(words, cells[2] if len(cells) > 2 else ""))
    return found


def pieces(text):
    """[(is code, text)]: what stands between backquotes is code."""
    return [(bool(i % 2), part) for i, part in enumerate(text.split("`")) if part]


def with_those_they_name(names, explanations):
    """An explanation may say "as" another one: that is taken, too."""
    names = list(names)
    for name in names:
        told = ID.findall(explanations[name].words + explanations[name].advice)
        names += [other for other in dict.fromkeys(told) if other in explanations and other not in names]
    return names
