# SPDX-License-Identifier: BSD-2-Clause
"""Which facts each page is made of."""

import collections

from report_page import compare, explain, html, picture, shape, timeline, view
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
    return explain.with_those_they_name([name for name in dict.fromkeys(names) if name in explanations], explanations)


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
    drawn, no_picture = picture.draw(seen)
    steps = timeline.steps(seen)
    return html.render(
        "run.html",
        view=seen,
        explanations={name: explanations[name] for name in explained},
        explained_ids=explained,
        troubles=console.troubles + run.troubles,
        newer=interface is not None and interface > shape.INTERFACE,
        interface=shape.INTERFACE,
        picture=drawn,
        no_picture=no_picture,
        lanes=timeline.lanes(seen),
        kinds=timeline.KINDS,
        steps=steps,
        step_cores=timeline.cores(steps),
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


def _time(seen):
    return f"{seen.seconds:.2f} s" if seen.seconds is not None else None


def compare_page(before, after):
    """The page of what changed from one console's run to another's."""
    consoles = (before, after)
    seen = [view.View(console.chosen) for console in consoles]
    went, came, stayed = compare.findings(*seen)
    sources = [shortened(console.name, 120) for console in consoles]
    return html.render(
        "compare.html",
        views=seen,
        sources=sources,
        explanations={},
        went=went,
        came=came,
        stayed=stayed,
        changes=list(compare.changes(*seen).items()),
        events=compare.events(*seen),
        times=[_time(each) for each in seen],
        troubles=[(source, trouble) for source, console in zip(sources, consoles) for trouble in console.troubles + console.chosen.troubles],
        raws=[_raw(console.chosen) for console in consoles],
        interface=shape.INTERFACE,
        colours=COLOURS,
        shapes=SHAPES,
    )
