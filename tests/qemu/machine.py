# SPDX-License-Identifier: BSD-2-Clause
"""What a run on a machine of the runner's must show, whichever options it was given: checks that several tests share."""

import firmware
import judge
import tap

EDU = "1234:11e8"
TESTDEV = "1b36:0005"
NVME = "1b36:0010"
VIRTIO_BLK = "1af4:1042"


def say(title, **environment):
    tap.note(title + ": " + (" ".join(f"{key}={value!r}" for key, value in environment.items()) or "as `make run`"))


def drivable(instances):
    """The masters with a driver that platform/qemu-virt/run puts on its machine."""
    each = {EDU: 2, **({TESTDEV: 1} if firmware.has_testdev() else {})}
    return {**{device: count * instances for device, count in each.items()}, NVME: 1, VIRTIO_BLK: 1}


def sound_records(run, title):
    """The report is whole, of the width that was built, and agrees with itself."""
    tap.equal({r.get("arch") for r in run.of("firmware")}, {firmware.ARCH_NAME}, f"{title}: the architecture is the image's")
    tap.ok(not run.broken, f"{title}: every record is JSON", run.broken)
    wrong = judge.violations(run.records)
    tap.ok(not wrong, f"{title}: the report keeps the interface and agrees with itself", lambda: wrong[:10] + run.tail())


def sound(run, title):
    """And the process says what the verdict says."""
    sound_records(run, title)
    tap.ok(
        (run.status == 0) == (run.verdict.get("result") == "pass"),
        f"{title}: the exit status is the verdict's",
        f"status {run.status}, verdict {run.verdict}",
    )


def passes(run, title):
    sound(run, title)
    tap.ok(run.verdict.get("result") == "pass", f"{title}: passes", lambda: [run.verdict] + run.tail())


def has(run, title, instances, cores, description="iort"):
    """The machine that was asked for is the one that was brought up, with every driven master bound and observed."""
    head = (run.of("firmware") or [{}])[0]
    tap.equal((head.get("cores"), head.get("description")), (cores, description), f"{title}: cores and description")
    tap.equal(len(run.of("instance", state="ready")), instances, f"{title}: instances ready")
    found = {}
    for master in run.of("master", client_state="bound"):
        found[master["device"]] = found.get(master["device"], 0) + 1
    tap.equal(found, drivable(instances), f"{title}: every master with a driver is bound")
    tap.equal(len(run.of("observed", match=True)), sum(found.values()), f"{title}: every bound master's stream ID was seen")


def deferred(run, title, cores):
    """Clients came before their instances: deferred, waiting for the instance of their stream, and woken by it."""
    bound = run.of("master", client_state="bound")
    late = [m["master"] for m in bound if not m["deferrals"] or m["waited_for"] != [m["instance"]]]
    tap.ok(bound and not late, f"{title}: every client was deferred for its own instance", late)
    wanted = range(1, cores) if cores > 1 else range(1)
    tap.ok(
        bound and all(m["core"] in wanted for m in bound),
        f"{title}: clients are bound on {'the other cores' if cores > 1 else 'the only core'}",
        [(m["master"], m["core"]) for m in bound],
    )


def same_stream(run, title):
    """
    One stream ID on two instances: a master emits the number that its neighbour's instance lets through for another, and
    its own instance stops it.
    """
    let_through = {(s["instance"], s["sid"]) for m in run.of("master", client_state="bound") for s in m["streams"]}
    stopped = [
        e
        for e in run.of("event", expected=True)
        if (e["instance"], e["sid"]) not in let_through and any(sid == e["sid"] for _, sid in let_through)
    ]
    tap.ok(stopped, f"{title}: a stream ID that one instance lets through is stopped by another")


def described(run):
    """The map that was found: every master's streams, group and device."""
    return sorted((m["master"], m["device"], m["group"], str(m["streams"])) for m in run.of("master"))
