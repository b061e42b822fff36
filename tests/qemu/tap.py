# SPDX-License-Identifier: BSD-2-Clause
"""
TAP, as `prove` reads it: one line per check, the plan at the end, no plan when the program dies half-way. TAP_STOPS=yes ends a
program behind the first check that fails: a mutant is found by one.
"""

import os
import sys

_count = 0
_failed = 0


def note(text):
    for line in str(text).splitlines():
        print(f"# {line}", flush=True)


def ok(condition, name, why=None):
    """One check. `why` (a text, a list, or a function giving one) is shown when it fails."""
    global _count, _failed
    _count += 1
    print(f"{'ok' if condition else 'not ok'} {_count} - {name}", flush=True)
    if not condition:
        _failed += 1
        reasons = why() if callable(why) else why
        for reason in reasons if isinstance(reasons, (list, tuple)) else [reasons]:
            if reason is not None:
                note(reason)
        if os.environ.get("TAP_STOPS") == "yes":
            done()
    return bool(condition)


def equal(found, wanted, name):
    return ok(found == wanted, name, f"found {found!r}, wanted {wanted!r}")


def skip(name, reason):
    global _count
    _count += 1
    print(f"ok {_count} - {name} # SKIP {reason}", flush=True)


def done():
    print(f"1..{_count}", flush=True)
    sys.exit(1 if _failed or not _count else 0)
