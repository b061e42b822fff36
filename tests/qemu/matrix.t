# SPDX-License-Identifier: BSD-2-Clause
"""
The matrix of machines: instances, cores, interrupt controllers, where memory and ECAM are, how much memory, HYP, both
tables, every order of three instances, 1 to 40 masters, switches, bridges to conventional PCI, what something else left
on, and an old QEMU. What each run must show is known beforehand, and is looked for in its records. A spread has every value of every axis; MATRIX=all
has every pair of values.
"""

import os
import re
import shutil
import sys
import traceback
from concurrent.futures import ThreadPoolExecutor

import firmware
import inherited
import machine
import matrix
import tap

SPREAD = 25
TRIED_BY_GROUP = ("translate", "read_only", "unmap", "isolation")
ALL = os.environ.get("MATRIX") == "all"


def program(one):
    return firmware.old_qemu() if one.old else firmware.qemu()


def why_not(one):
    if not program(one):
        return "the distribution's QEMU cannot be had"
    if one.instances > 1 and not firmware.has_instances():
        return "this QEMU has one SMMUv3"
    return None


def start(one):
    if why_not(one):
        return None
    if one.masters.alone:
        return firmware.run_bare(one.arguments(), program=program(one))
    environment = {**one.environment(), "QEMU": program(one)}
    if one.left:
        # The tree that is dumped for one machine must not be another's.
        own = os.path.join(folder, str(machines.index(one)))
        os.mkdir(own)
        environment = inherited.environment(own, one.left, **environment)
    return firmware.run(**environment)


def say(one, title):
    if one.masters.alone:
        tap.note(f"{title}: just {' '.join(one.arguments())}")
    else:
        machine.say(title, **({"QEMU": "old"} if one.old else {}), **one.environment())


def ends(run, one, title):
    if not one.is_misdescribed:
        machine.passes(run, title)
        return
    machine.sound(run, title)
    result = run.verdict.get("result"), run.status, run.verdict.get("checks_failed")
    blocked = run.of("check", check="blocked_before_attach", result="fail")
    tap.equal(result, ("fail", 1, len(blocked)), f"{title}: fails, for what reached memory alone")


def is_there(run, one, title, testdev):
    head = (run.of("firmware") or [{}])[0]
    tap.equal((head.get("cores"), head.get("description")), (one.cores, one.tables), f"{title}: cores and description")
    states = [i["state"] for i in run.of("instance")]
    tap.equal(states, ["ready"] * one.described_instances, f"{title}: instances ready")
    found = {}
    for master in run.of("master", client_state="bound"):
        found[master["device"]] = found.get(master["device"], 0) + 1
    tap.equal(found, one.driven(testdev), f"{title}: every master with a driver is bound")
    tap.equal(run.verdict.get("mismatches"), one.mismatches(testdev), f"{title}: mismatches")


def is_described(one, name):
    """Whether a master is behind the SMMU that its description names."""
    return not one.is_misdescribed or one.root_of(name) == 0


def wrong_observation(run, one, record):
    """What is wrong with it by what QEMU is known to do, whatever the firmware was told."""
    name, seen = record["master"], record["observed"]
    if not is_described(one, name):
        return None if (seen, record["match"], record["reached_memory"]) == (None, False, True) else record
    if not seen or not record["match"] or record["reached_memory"] or int(seen["sid"], 16) != one.stream_of(name):
        return record
    bases = [int(i["base"], 16) for i in run.of("instance", instance=seen["instance"])]
    wanted = one.base_of(one.root_of(name), firmware.has_instances())
    return None if bases == [wanted] else (record, bases)


def observed(run, one, title):
    bound = sorted(m["master"] for m in run.of("master", client_state="bound"))
    tap.equal(sorted(o["master"] for o in run.of("observed")), bound, f"{title}: every bound master was observed")
    wrong = [wrong for wrong in (wrong_observation(run, one, o) for o in run.of("observed")) if wrong]
    tap.ok(bound and not wrong, f"{title}: every stream ID was seen where and as QEMU emits it", wrong)


def results_of(run, names, check):
    """Sorted: what came of a check for these masters, with the reason where it was skipped."""
    checks = [c for name in names for c in run.of("check", check=check, master=name)]
    return sorted((c["result"], c["detail"] if c["result"] == "skip" else None) for c in checks)


def wrong_group(run, one, names, groups):
    """One master is tried for all that share its stream; a misdescribed one must not be. `groups`: all groups."""
    described = is_described(one, names[0])
    blocked = results_of(run, names, "blocked_before_attach")
    if [result for result, _ in blocked] != ["pass" if described else "fail"] * len(names):
        return names, blocked
    for check in TRIED_BY_GROUP:
        results = results_of(run, names, check)
        tried = [] if not described or (check == "isolation" and groups == 1) else [("pass", None)]
        skips = results[len(tried) :]
        if results[: len(tried)] != tried or len(results) != len(names) or any(r != "skip" or not why for r, why in skips):
            return names, check, results
        if described and any("its stream" not in why and "no neighbour" not in why for _, why in skips):
            return names, check, results
    return None


UPSTREAM_PORT = "104c:8232"


def place_of(run, one, name):
    """
    Where a master meets others past its SMMU: in the outermost switch, for QEMU's have no ACS, or in its own device. The
    port above a switch is the last of its root here, so that every bus from the switch's on is below it.
    """
    root, bus = one.root_of(name), int(name[5:7], 16)
    switches = [int(m["master"][5:7], 16) for m in run.of("master", device=UPSTREAM_PORT) if one.root_of(m["master"]) == root]
    if switches and bus > min(switches):
        return "switch", root
    siblings = [m for m in run.of("master") if m["master"][:-1] == name[:-1]]
    return ("device", name[:-1]) if len(siblings) > 1 else ("stream", root, one.stream_of(name))


def checked(run, one, title):
    """Masters that cannot be told apart, or isolated, are one group, and each stream passes all that can be tried."""
    streams, places = {}, {}
    for master in run.of("master", client_state="bound"):
        name = master["master"]
        streams.setdefault((one.root_of(name), one.stream_of(name)), []).append(name)
        places.setdefault(place_of(run, one, name), set()).add(master["group"])
    single = all(len(ids) == 1 for ids in places.values()) and len(set().union(*places.values())) == len(places)
    tap.ok(places and single, f"{title}: one group for each place where masters meet", places)
    wrong = [wrong for wrong in (wrong_group(run, one, names, len(places)) for names in streams.values()) if wrong]
    tap.ok(streams and not wrong, f"{title}: every stream passes every check that it allows", wrong)


def provoked(run, one, title):
    """Without GBPA, which QEMU has since 8.0, nothing can abort while the SMMU is off."""
    without = "pass" if firmware.version(program(one)) >= (8, 0) else "skip"
    # A DMA that cannot reach any memory past the SMMU shows nothing: edu's usual 28 bits are too few.
    narrow = one.masters.alone and one.masters.here == 1
    for check, result in (("illegal_command", "pass"), ("abort_all", "skip" if narrow else without), ("handover", without)):
        results = [c["result"] for c in run.of("check", check=check)]
        tap.equal(results, [result] * one.described_instances, f"{title}: {check}")


def inherited_is_told(run, one, title):
    told = inherited.LEFT[one.left].told if one.left else ()
    wanted = [words for words in told if not any(re.match(f"inherit +{words}", line) for line in run.lines)]
    tap.equal(wanted, [], f"{title}: what was left is told")


def registered(run, one, title):
    """No record has the order: the words have it."""
    order = [line.split()[1] for line in run.lines if line.startswith("register   smmu")]
    wanted = one.order.split(",") if one.order else range(one.described_instances)
    tap.equal(order, [f"smmu{number}" for number in wanted], f"{title}: the order of registration")


def judge(run, one, title, maps):
    testdev = firmware.has_testdev(program(one))
    ends(run, one, title)
    is_there(run, one, title, testdev)
    observed(run, one, title)
    checked(run, one, title)
    provoked(run, one, title)
    registered(run, one, title)
    inherited_is_told(run, one, title)
    machine.deferred(run, title, one.cores)
    if one.instances > 2 and not one.is_misdescribed:
        machine.same_stream(run, title)
    first, found = maps.setdefault(one.same_map, (title, machine.described(run)))
    if first != title:
        tap.equal(machine.described(run), found, f"{title}: the same map as {first}")


machines = matrix.everything()
if not ALL:
    machines = matrix.spread(machines, SPREAD)
tap.equal(matrix.missing(machines), [], "every value of every axis is on some machine")
tap.equal(len(set(machines)), len(machines), "no machine is there twice")

tried, maps = 0, {}
folder = firmware.work_folder("matrix")
# The spread runs beside other tests; all of it has the machine for itself.
with ThreadPoolExecutor(2 if ALL else 1) as pool:
    for one, run in zip(machines, pool.map(start, machines)):
        title = one.title
        if run is None:
            tap.skip(title, why_not(one))
            continue
        say(one, title)
        try:
            judge(run, one, title, maps)
        except (AttributeError, IndexError, KeyError, TypeError, ValueError):
            # A broken report is that machine's failure; the others are still tried.
            tap.ok(False, f"{title}: the report can be judged", lambda: [traceback.format_exc()] + run.tail())
        tried += 1
shutil.rmtree(folder)
tap.note(f"machines tried: {tried}")
if not sys.stdout.isatty():
    print(f"# machines tried: {tried}", file=sys.stderr)  # `prove` shows nothing of a program's TAP.
tap.done()
