# SPDX-License-Identifier: BSD-2-Clause
"""Which facts each page is made of."""

import collections

from report_page import explain, html, shape, view
from report_page.visible import shortened

COLOURS = {view.PASS: "good", view.FAIL: "bad", view.DOUBTFUL: "warn", view.NONE: "bad", view.DESCRIBED: "quiet"}
SHAPES = {view.PASS: "\u2713", view.FAIL: "\u2717", view.DOUBTFUL: "\u25b2", view.NONE: "\u2717", view.DESCRIBED: "\u25cb"}
WORDS_MOST = 400


def _raw(run):
    return "\n".join(record.raw for record in run.records)


def _unknown(run):
    return sorted(collections.Counter(record.kind for record in run.unknown()).items())


def _explained_ids(seen, explanations):
    """Those that the page links to, findings first."""
    names = [finding.id for finding in seen.findings] + [group.name for group in seen.events] + [check["check"] for check in seen.checks]
    names += [what for what, _, _ in seen.skipped()]
    return [name for name in dict.fromkeys(names) if name in explanations]


def _others(console):
    others = [view.View(run) for run in console.runs if run is not console.chosen]
    for other in others:
        other.raw = _raw(other.run)
    return others


def run_page(console, again=None):
    """The page of the run that was chosen in this console."""
    run = console.chosen
    seen = view.View(run)
    explanations = explain.read()
    explained = _explained_ids(seen, explanations)
    words = [line for line in run.words if line.strip()]
    interface = seen.firmware["interface"]
    return html.render(
        "run.html",
        view=seen,
        explanations={name: explanations[name] for name in explained},
        explained_ids=explained,
        troubles=console.troubles + run.troubles,
        newer=interface is not None and interface > shape.INTERFACE,
        interface=shape.INTERFACE,
        colours=COLOURS,
        shapes=SHAPES,
        again=again or seen.again(),
        source=shortened(console.name, 200),
        unknown=_unknown(run),
        raw=_raw(run),
        words="\n".join(words[-WORDS_MOST:]),
        words_cut=len(words) > WORDS_MOST,
        others=_others(console),
    )
