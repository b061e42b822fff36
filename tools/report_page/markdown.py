# SPDX-License-Identifier: BSD-2-Clause
"""The text of a ticket, in Markdown as code forges read it: nothing of a record is taken for markup, a name of a person or a link."""

import re

from report_page.visible import shortened, visible_line

MARKUP = re.compile(r"([\\`*_\[\]<>#|~@&!]|:(?=//)|(?<=www)\.)", re.IGNORECASE)
FINDINGS_MOST, SKIPS_MOST, TEXT_MOST = 30, 12, 600


def prose(value):
    """As words: characters that could be markup are escaped, and @ and # are no mention."""
    return MARKUP.sub(r"\\\1", shortened(visible_line(str(value)), TEXT_MOST))


def code(value):
    """As code: the fence is longer than what stands in it."""
    text = shortened(visible_line(str(value)), TEXT_MOST)
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    fence = "`" * (longest + 1)
    padding = " " if text.startswith("`") or text.endswith("`") or not text.strip() else ""
    return f"{fence}{padding}{text or ' '}{padding}{fence}"


def _head(view, again):
    yield f"**{view.verdict.words}**: smmu-bringup {prose(view.firmware['version'] or '')} on {prose(view.firmware['platform'] or 'a machine that is not named')}"
    yield ""
    if view.verdict.reason:
        yield f"* Why: {prose(view.verdict.reason)}"
    yield from (f"* Doubt: {prose(doubt)}" for doubt in view.verdict.doubts)
    counted = view.counted()
    yield (
        f"* {counted['ready']} of {counted['instances']} SMMUs ready, {counted['bound']} clients bound, {counted['checks_passed']} checks passed, "
        f"{counted['checks_failed']} failed, {counted['checks_skipped']} skipped, {counted['mismatches']} stream IDs described wrongly, "
        f"{counted['unexpected_events']} unexpected events"
    )
    facts = [f"{key} {code(view.firmware[key])}" for key in ("build", "arch", "description", "id") if view.firmware[key]]
    if facts:
        yield "* " + ", ".join(facts)
    yield f"* Again: {code(again)}"


def _findings(view):
    yield ""
    yield "### Findings"
    yield ""
    for number, finding in enumerate(view.findings[:FINDINGS_MOST], 1):
        times = f" ({finding.count} times)" if finding.count > 1 else ""
        yield f"{number}. {finding.severity} {code(finding.place)}: {code(finding.id)}: {prose(finding.text or '')}{times}"
        if finding.advice:
            yield f"   Advice: {code(finding.advice)}"
    if len(view.findings) > FINDINGS_MOST:
        yield f"\n{len(view.findings) - FINDINGS_MOST} more are on the page."
    if not view.findings:
        yield "None."


def _skipped(view):
    skipped = view.skipped()
    if skipped:
        yield ""
        yield "### Not looked at"
        yield ""
    for what, why, subjects in skipped[:SKIPS_MOST]:
        yield f"* {code(what)}: {prose(why)} ({len(subjects)})"
    if len(skipped) > SKIPS_MOST:
        yield f"* {len(skipped) - SKIPS_MOST} more kinds"


def _troubles(troubles):
    if troubles:
        yield ""
        yield "### What could not be read as it should be"
        yield ""
    yield from (f"* {'line ' + str(trouble.line) + ': ' if trouble.line else ''}{prose(trouble.words)}" for trouble in troubles[:SKIPS_MOST])
    if len(troubles) > SKIPS_MOST:
        yield f"* {len(troubles) - SKIPS_MOST} more"


def report(view, troubles, again):
    return "\n".join([*_head(view, again), *_findings(view), *_skipped(view), *_troubles(troubles)]) + "\n"
