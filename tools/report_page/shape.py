# SPDX-License-Identifier: BSD-2-Clause
"""What this version knows of records: their keys, and what a value may be. Other values are left out, and named."""

import re

INTERFACE = 1
HEX = re.compile(r"0x[0-9a-fA-F]{1,16}\Z")


def is_text(value):
    return isinstance(value, str)


def is_hex(value):
    return isinstance(value, str) and bool(HEX.match(value))


def is_count(value):
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 1 << 64


def is_bool(value):
    return isinstance(value, bool)


def list_of(rule):
    def is_list(value):
        return isinstance(value, list) and all(rule(item) for item in value)

    is_list.filled = lambda value: [filled(rule, item) for item in value]
    return is_list


def with_keys(**rules):
    def has_keys(value):
        return isinstance(value, dict) and all(value.get(key) is None or rule(value[key]) for key, rule in rules.items())

    has_keys.filled = lambda value: {key: value.get(key) for key in rules}
    return has_keys


def filled(rule, value):
    """A value that the rule allows, with None for each key that an object in it lacks."""
    return rule.filled(value) if hasattr(rule, "filled") and value is not None else value


def is_table(value):
    return isinstance(value, dict) and all(is_text(item) or is_count(item) or item is None for item in value.values())


is_stream = with_keys(instance=is_text, sid=is_hex)
INTERRUPTS = list_of(with_keys(line=is_text, intid=is_count, trigger=is_text, proven=is_bool, came=is_count))
WALK = list_of(with_keys(what=is_text, address=is_hex, value=is_hex, meaning=is_text))

WORDS = {
    is_text: "a text",
    is_hex: "an address or number in hexadecimal",
    is_count: "a count",
    is_bool: "true or false",
}

# Null stands everywhere for a fact that is not there.
RECORDS = {
    "firmware": {
        "name": is_text, "version": is_text, "platform": is_text, "arch": is_text, "cores": is_count, "description": is_text,
        "interface": is_count, "build": is_text, "id": is_text, "without": is_text, "entered_secure": is_bool,
        "arguments": list_of(is_text), "ignored": list_of(with_keys(word=is_text, why=is_text)),
        "arguments_left_out": is_count, "ignored_count": is_count,
    },
    "instance": {
        "instance": is_text, "name": is_text, "base": is_hex, "state": is_text, "reason": is_text, "architecture": is_text,
        "stages": list_of(is_count), "sid_bits": is_count, "stream_table": is_text, "cmdq_entries": is_count,
        "evtq_entries": is_count, "coherent": is_bool, "errata": list_of(is_count), "inherited": is_table, "masters": is_count,
        "kind": is_text, "idr": is_table,
        "interrupts": INTERRUPTS,
    },
    "steps": {
        "core": is_count, "what": is_text, "ticks": is_count, "of": list_of(is_text), "last_ticks": is_count, "count": is_count,
    },
    "interrupts": {"instance": is_text, "interrupts": INTERRUPTS},
    "master": {
        "master": is_text, "device": is_text, "instance": is_text, "streams": list_of(is_stream), "group": is_count,
        "state": is_text, "reason": is_text, "client": is_text, "client_state": is_text, "unfit": is_text, "core": is_count,
        "deferrals": is_count, "waited_for": list_of(is_text),
    },
    "observed": {
        "master": is_text, "described": is_stream, "observed": is_stream, "reached_memory": is_bool, "match": is_bool,
        "advice": is_text, "told_with": is_text,
    },
    "difference": {"between": list_of(is_text), "subject": is_text, "detail": is_text},
    "check": {"check": is_text, "master": is_text, "instance": is_text, "result": is_text, "detail": is_text, "walk": WALK},
    "event": {
        "instance": is_text, "code": is_hex, "name": is_text, "sid": is_hex, "master": is_text, "address": is_hex,
        "access": is_text, "expected": is_bool, "count": is_count, "stage": is_count, "fetch_address": is_hex,
        "cause": is_text, "walk": WALK,
    },
    "soak": {
        "seconds": is_count, "registrations": is_count, "unregistrations": is_count, "binds": is_count, "unbinds": is_count,
        "deferrals": is_count, "dmas": is_count, "bytes": is_count, "violations": is_count, "unexpected_events": is_count,
        "result": is_text, "reason": is_text, "removals": is_count, "additions": is_count,
        "denials": is_count, "returns": is_count,
    },
    "handover": {
        "instance": is_text, "policy": is_text, "smmuen": is_count, "gbpa": is_hex, "gerror_active": is_hex,
        "queues_empty": is_bool, "events": is_count, "event_interrupts": is_count, "commands": is_count, "restored": is_bool,
        "result": is_text,
    },
    "finding": {
        "id": is_text, "severity": is_text, "place": is_text, "text": is_text, "advice": is_text, "count": is_count,
    },
    "pending": {
        "master": is_text, "client": is_text, "waits_for": is_text, "state": is_text, "since_ticks": is_count, "since_ms": is_count,
        "at_ticks": is_count, "deferrals": is_count, "why": is_text,
    },
    "listen": {
        "instance": is_text, "sid": is_hex, "master": is_text, "count": is_count, "address": is_hex, "access": is_text,
        "lowest": is_hex, "highest": is_hex, "per_second": is_count, "silenced": is_bool, "passed": is_bool,
    },
    "plan": {"what": is_text, "name": is_text, "base": is_hex, "enabled": is_bool, "impossible": is_text},
    "inherited": {"object": is_text, "found": list_of(is_text)},
    "next": {"address": is_hex, "size": is_hex, "refused": is_text},
    "lost": {},
    "verdict": {
        "result": is_text, "instances": is_count, "masters": is_count, "ready": is_count, "quarantined": is_count,
        "bound": is_count, "deferred": is_count, "checks_passed": is_count, "checks_failed": is_count,
        "checks_skipped": is_count, "mismatches": is_count, "differences": is_count, "unexpected_events": is_count,
        "reason": is_text, "ticks": is_count, "tick_hz": is_count,
    },
}

# Without these a record says nothing that could be shown in a table.
NEEDED = {
    "instance": ("instance",),
    "master": ("master",),
    "observed": ("master",),
    "check": ("check", "result"),
    "event": ("instance",),
    "handover": ("instance",),
    "finding": ("id",),
    "verdict": ("result",),
}


def known(record):
    return record.get("record") in RECORDS


def normal(record):
    """(the record with each key that is known, None where it has no value that it may have; what is wrong with it)."""
    kind = record["record"]
    clean, wrong = {"record": kind}, []
    for key, rule in RECORDS[kind].items():
        value = record.get(key)
        if value is not None and not rule(value):
            wrong.append(f"{kind}: {key} is not {WORDS.get(rule, 'of the shape that the interface gives it')}")
            value = None
        clean[key] = filled(rule, value)
    wrong += [f"{kind}: it has no {key}" for key in NEEDED.get(kind, ()) if record.get(key) is None]
    return clean, wrong
