# SPDX-License-Identifier: BSD-2-Clause
"""Text of a record made safe to show: what has no shape of its own, or turns its neighbours round, is named."""

import unicodedata

# Controls, formats (bidi overrides, zero width), surrogates, private use, unassigned, line and paragraph separators.
HIDDEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
KEPT_CONTROLS = {"\n", "\t"}


def _named(character):
    return f"\u27e8U+{ord(character):04X}\u27e9"


def visible(text):
    """The text with every hidden character as its number: \u27e8U+202E\u27e9."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(_named(c) if unicodedata.category(c) in HIDDEN and c not in KEPT_CONTROLS else c for c in text)


def visible_line(text):
    """The same where a line has to stay one."""
    return visible(text).replace("\n", _named("\n")).replace("\t", _named("\t"))


def shortened(text, most):
    return text if len(text) <= most else text[: most - 1] + "\u2026"
