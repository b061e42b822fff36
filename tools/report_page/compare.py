# SPDX-License-Identifier: BSD-2-Clause
"""
What changed from one report to another. An SMMU is the same where its base is, whatever its number; a master by its name; a check
by its name and whose it is; a finding by id, place and sentence.
"""

from report_page import view as views

# Of each run another, though nothing changed.
NO_CHANGE = ("id", "arguments", "ignored", "ignored_count", "arguments_left_out")


class Change:
    """One fact: what it was and what it is, None where it is not there. `kind` is better, worse or other."""

    def __init__(self, what, before, after, kind="other"):
        self.what, self.before, self.after, self.kind = what, before, after, kind


def _names(view):
    """What an SMMU of this report is called by both. Of two at one base each has its number, too."""
    bases = [record["base"] for record in view.instances]
    return {
        record["instance"]: f"{record['base']} ({record['instance']})" if bases.count(record["base"]) > 1 and record["base"] else record["base"] or record["instance"]
        for record in view.instances
    }


def _stream(names, stream):
    return f"{stream.get('sid')} of {names.get(stream.get('instance'), stream.get('instance'))}" if stream else "none"


def _instance(view, record):
    facts = {key: record[key] for key in record if key not in ("record", "instance", "idr", "inherited", "interrupts")}
    for group in ("idr", "inherited"):
        facts.update({f"{group}.{key}": value for key, value in (record[group] or {}).items()})
    left = view.handovers.get(record["instance"]) or {}
    facts.update({f"left.{key}": left.get(key) for key in ("policy", "smmuen", "gbpa", "gerror_active", "result")})
    return facts


def _master(view, names, record):
    facts = {key: record[key] for key in ("device", "state", "reason", "client", "client_state", "unfit")}
    facts["streams"] = ", ".join(_stream(names, stream) for stream in record["streams"] or [])
    facts["seen"] = "; ".join(_stream(names, each["observed"]) for each in view.observed_of(record["master"])) or None
    facts["waited for"] = ", ".join(names.get(each, each) for each in record["waited_for"] or []) or None
    return facts


WORSE = {"pass": 0, "ready": 0, "bound": 0, "skip": 1, "described": 1, "none": 1, None: 1, "deferred": 2, "quarantined": 2, "failed": 2, "fail": 2}


def _kind(before, after):
    first, second = (WORSE.get(each) if isinstance(each, (str, type(None))) else None for each in (before, after))
    if first is None or second is None or first == second:
        return "other"
    return "worse" if second > first else "better"


def _facts_of(view):
    """{subject: {key: value}} of all that is compared."""
    names = _names(view)
    facts = {"the run": {"verdict": view.verdict.words, "why": view.verdict.reason, **view.counted()}}
    facts["the firmware"] = {key: value for key, value in view.firmware.items() if key not in ("record", *NO_CHANGE)}
    facts["the firmware"]["arguments"] = " ".join(word for word in view.firmware["arguments"] or [] if not word.startswith("id=")) or None
    for record in view.instances:
        facts[f"the SMMU at {names[record['instance']]}"] = _instance(view, record)
    for record in view.masters:
        facts[f"the master {record['master']}"] = _master(view, names, record)
    for record in view.checks:
        subject = record["master"] or names.get(record["instance"], record["instance"])
        facts.setdefault(f"checks of {subject}", {})[record["check"]] = record["result"]
    for record in view.soaks:
        facts["the soak"] = {key: record[key] for key in record if key != "record"}
    return facts


def _verdict_kind(before, after):
    order = [views.VERDICTS[kind] for kind in (views.PASS, views.DOUBTFUL, views.DESCRIBED, views.NONE, views.FAIL)]
    return "worse" if order.index(after) > order.index(before) else "better"


def changes(before, after):
    """{subject: [Change]} of all that is not the same, in the order of the reports."""
    first, second = _facts_of(before), _facts_of(after)
    found = {}
    for subject in dict.fromkeys([*first, *second]):
        if subject not in second or subject not in first:
            is_new = subject in second
            found[subject] = [Change("it", None if is_new else "there", "there" if is_new else None)]
            continue
        one, other = first[subject], second[subject]
        differing = [key for key in dict.fromkeys([*one, *other]) if one.get(key) != other.get(key)]
        made = [
            Change(key, one.get(key), other.get(key), _verdict_kind(one[key], other[key]) if key == "verdict" else _kind(one.get(key), other.get(key)))
            for key in differing
        ]
        if made:
            found[subject] = made
    return found


def _findings(view):
    return {(finding.id, finding.place, finding.text): finding for finding in view.findings}


def findings(before, after):
    """(those that went, those that came, those that stayed)"""
    first, second = _findings(before), _findings(after)
    return (
        [finding for key, finding in first.items() if key not in second],
        [finding for key, finding in second.items() if key not in first],
        [finding for key, finding in second.items() if key in first],
    )


def _events(view):
    names = _names(view)
    counts = {}
    for group in view.events:
        key = (group.name, names.get(group.instance, group.instance), group.sid, group.access, "expected" if group.expected else "not expected")
        counts[key] = counts.get(key, 0) + group.count
    return counts


def events(before, after):
    """[(what, count before, count after)] of those that only one of both has."""
    first, second = _events(before), _events(after)
    keys = [key for key in dict.fromkeys([*first, *second]) if (key in first) != (key in second)]
    return [(f"{name} of stream {sid} at {smmu}, {access or 'no access'}, {expected}", first.get(key, 0), second.get(key, 0)) for key in keys for name, smmu, sid, access, expected in [key]]
