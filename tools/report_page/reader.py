# SPDX-License-Identifier: BSD-2-Clause
"""
Reads a report, or a console with one in it: records are lines that begin with `{`, among other words. Noise, what is cut off and
what is damaged is named and kept; it takes nothing else along.
"""

import json
import re

from report_page import shape
from report_page.visible import shortened

START = re.compile(r'\{\s*"record"')
ANSI = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]")
LINE_MOST = 65536
STARTS_MOST = 16
JOINED_MOST = 24
CUT_OFF = "it is cut off"


class Trouble:
    """What could not be read as it should be: a sentence, where, and the text itself."""

    def __init__(self, words, line=None, text=None):
        self.words, self.line, self.text = words, line, text


class Record:
    """One record: `facts` has each key that is known, `raw` its text, `line` its place in the file."""

    def __init__(self, value, raw, line, is_whole):
        self.value, self.raw, self.line, self.is_whole = value, raw, line, is_whole
        self.kind = value["record"]
        self.facts, self.wrong = shape.normal(value) if shape.known(value) else (dict(value), [])


class Run:
    """The records from one `firmware` to the next."""

    def __init__(self, source):
        self.source = source
        self.records, self.troubles, self.words = [], [], []

    def of(self, kind):
        return [record.facts for record in self.records if record.kind == kind]

    def unknown(self):
        return [record for record in self.records if record.kind not in shape.RECORDS]


def _refused(word):
    raise ValueError(f"{word} is no number of JSON's")


_DECODER = json.JSONDecoder(parse_constant=_refused, strict=False)


def _text(data, troubles):
    """The console as text, without what only a terminal or a wire adds."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        text = data.decode("utf-16", "replace")
    else:
        text = data.removeprefix(b"\xef\xbb\xbf").decode("utf-8", "replace")
    if "\ufffd" in text:
        troubles.append(Trouble("some bytes are not UTF-8: each stands here as \ufffd"))
    nuls = text.count("\0")
    if nuls:
        troubles.append(Trouble(f"{nuls} NUL bytes were left out"))
    text = text.replace("\0", "")
    if "\n" not in text.rstrip("\r\n"):
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    return text.replace("\r", "")


def _why(error, text):
    """Why a text is no record."""
    if isinstance(error, RecursionError):
        return "it is nested too deeply"
    if isinstance(error, json.JSONDecodeError):
        rest = text[error.pos :].strip()
        is_cut = error.msg.startswith("Unterminated string") or any(word.startswith(rest) for word in ("true", "false", "null"))
        return CUT_OFF if is_cut else f"it is damaged at character {error.pos + 1}"
    return f"it is damaged: {shortened(str(error), 80)}"


def _decoded(text, start):
    """(record, end, None), or (None, 0, why)."""
    try:
        value, end = _DECODER.raw_decode(text, start)
    except (ValueError, RecursionError) as error:
        return None, 0, _why(error, text)
    if not isinstance(value, dict) or not isinstance(value.get("record"), str):
        return None, 0, "it does not say which record it is"
    return value, end, None


class _Reader:
    def __init__(self, source):
        self.source = source
        self.runs, self.troubles = [], []
        self.displaced, self.joined = 0, 0

    def run(self):
        if not self.runs:
            self.runs.append(Run(self.source))
        return self.runs[-1]

    def take(self, value, raw, line, is_whole):
        if value["record"] == "firmware" and (not self.runs or self.runs[-1].records):
            before = self.runs[-1].words if self.runs and not self.runs[-1].records else []
            self.runs.append(Run(self.source))
            self.runs[-1].words += before
        record = Record(value, raw, line, is_whole)
        self.run().records.append(record)
        for wrong in record.wrong:
            self.run().troubles.append(Trouble(wrong, line, raw))

    def unreadable(self, words, line, text):
        self.run().troubles.append(Trouble(words, line, text))

    def line(self, lines, number):
        """Takes the line, and returns how many it took."""
        text = lines[number]
        if "{" not in text:
            self.run().words.append(text)
            return 1
        if len(text) > LINE_MOST:
            self.unreadable(f"a line of {len(text)} characters is no record", number + 1, shortened(text, 400))
            return 1
        plain = ANSI.sub("", text) if "\x1b" in text else text
        starts = [match.start() for match in START.finditer(plain)][:STARTS_MOST]
        if not starts:
            return self.no_start(plain, number)
        return self.from_starts(lines, number, plain, starts)

    def no_start(self, text, number):
        if text.startswith("{"):
            value, end, why = _decoded(text, 0)
            if value is not None and not text[end:].strip():
                self.take(value, text, number + 1, True)
            else:
                self.unreadable(f"a line begins with {{ and is no record: {why or 'something stands behind it'}", number + 1, text)
        else:
            self.run().words.append(text)
        return 1

    def from_starts(self, lines, number, text, starts):
        end, taken, noise = 0, 1, text[: starts[0]]
        for start in starts:
            if start < end:
                continue
            value, stop, why = _decoded(text, start)
            if value is None and why == CUT_OFF and start == starts[-1]:
                value, stop, taken = self.from_more_lines(lines, number, text[start:])
                if value is not None:
                    self.joined += 1
                    self.take(value, "".join([text[start:], *lines[number + 1 : number + taken]]), number + 1, False)
                    return taken
            if value is None:
                why = why if start == starts[-1] else "another one begins before its end"
                self.unreadable(f"a record cannot be read: {why}", number + 1, text[start:])
                continue
            raw, behind = text[start:stop], text[stop:].lstrip()
            is_whole = start == 0 and not behind
            self.displaced += not is_whole
            self.take(value, raw, number + 1, is_whole)
            noise = (noise + " " + text[end:start] if end else noise)
            end = stop
        rest = (noise + " " + text[end:] if end else noise).strip()
        if rest:
            self.run().words.append(rest)
        return taken

    def from_more_lines(self, lines, number, begun):
        """A record that a terminal broke into several lines."""
        for more in range(1, JOINED_MOST):
            if number + more >= len(lines) or lines[number + more].startswith("{"):
                break
            begun += lines[number + more]
            if len(begun) > LINE_MOST:
                break
            value, end, _ = _decoded(begun, 0)
            if value is not None:
                return (value, end, more + 1) if not begun[end:].strip() else (None, 0, 1)
        return None, 0, 1

    def read(self, data):
        lines = _text(data, self.troubles).split("\n")
        number = 0
        while number < len(lines):
            number += self.line(lines, number)
        if self.displaced:
            self.troubles.append(
                Trouble(f"{self.displaced} records did not stand alone in their lines (a time stamp, or another's words): they count here, and not for tools/judge")
            )
        if self.joined:
            self.troubles.append(Trouble(f"{self.joined} records were broken over several lines, and put together"))


class Console:
    """All runs of a file. `chosen` is the one that the page is about: the last that has a verdict, or else the last."""

    def __init__(self, name, data):
        reader = _Reader(name)
        reader.read(data)
        self.name, self.troubles = name, reader.troubles
        self.runs = [run for run in reader.runs if run.records or run.troubles] or reader.runs[:1] or [Run(name)]
        ended = [run for run in self.runs if run.of("verdict")]
        self.chosen = (ended or self.runs)[-1]

    def choose(self, number):
        self.chosen = self.runs[number - 1]
