# SPDX-License-Identifier: BSD-2-Clause
"""JUnit XML, as CI reads it: a test case for each check, each observation, each hand-over and soak, and the verdict."""

import xml.etree.ElementTree as ElementTree

from report_page import view as views
from report_page.visible import visible


def _text(value):
    return visible(str(value))


class _Suite:
    def __init__(self, name):
        self.element = ElementTree.Element("testsuite", {"name": _text(name)})
        self.counts = {"failure": 0, "error": 0, "skipped": 0}
        self.cases = 0

    def case(self, subject, name, outcome=None, message=None, text=None):
        """`outcome` is None for a pass, or failure, error or skipped."""
        case = ElementTree.SubElement(self.element, "testcase", {"classname": _text(subject), "name": _text(name), "time": "0"})
        self.cases += 1
        if outcome:
            self.counts[outcome] += 1
            attributes = {"message": _text(message or "no reason is told")}
            if outcome != "skipped":
                attributes["type"] = _text(name)
            ElementTree.SubElement(case, outcome, attributes).text = _text(text) if text else None

    def closed(self, seconds):
        counts = {"failures": self.counts["failure"], "errors": self.counts["error"], "skipped": self.counts["skipped"]}
        for key, value in {"tests": self.cases, **counts, "time": f"{seconds or 0:.3f}"}.items():
            self.element.set(key, str(value))
        return self.element


OUTCOMES = {"pass": None, "skip": "skipped"}


def _subject(record):
    return record["master"] or record["instance"] or "the run"


def _add_checks(suite, view):
    for record in view.checks:
        message = record["detail"] or f"the check's result is {record['result']!r}"
        suite.case(_subject(record), record["check"], OUTCOMES.get(record["result"], "failure"), message)
    for record in view.observed:
        outcome = None if record["match"] else "failure" if record["match"] is False else "error"
        suite.case(record["master"], "stream_id", outcome, views.seen_words(record), record["advice"])
    for record in view.soaks:
        suite.case("the run", "soak", OUTCOMES.get(record["result"], "failure"), record["reason"])
    for group in view.events:
        if not group.expected:
            suite.case(group.master or group.instance, group.name, "failure", group.cause, f"{group.count} times, stream {group.sid}")


def _add_verdict(suite, view, troubles):
    kind = view.verdict.kind
    words = "; ".join(filter(None, [view.verdict.reason, *view.verdict.doubts]))
    outcome = {views.PASS: None, views.DESCRIBED: "skipped", views.FAIL: "failure"}.get(kind, "error")
    suite.case("the run", "verdict", outcome, words or view.verdict.words, "\n".join(trouble.words for trouble in troubles[:50]) or None)


def report(view, troubles):
    """The document's text."""
    suite = _Suite(f"smmu-bringup on {view.firmware['platform'] or 'a machine that is not named'}")
    _add_checks(suite, view)
    _add_verdict(suite, view, troubles)
    properties = ElementTree.Element("properties")
    for key in ("version", "build", "platform", "arch", "description", "id"):
        if view.firmware[key] is not None:
            ElementTree.SubElement(properties, "property", {"name": key, "value": _text(view.firmware[key])})
    if len(properties):
        suite.element.insert(0, properties)
    root = ElementTree.Element("testsuites")
    root.append(suite.closed(view.seconds))
    ElementTree.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ElementTree.tostring(root, encoding="unicode") + "\n"
