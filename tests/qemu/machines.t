# SPDX-License-Identifier: BSD-2-Clause
"""Other machines than the usual one: interrupt controllers, exception levels, where ECAM is, cores, memory, masters."""

import firmware
import machine
import tap

several = 3 if firmware.has_instances() else 1
MACHINES = (
    ("GICv3", {"MACHINE": "gic-version=3"}, 4),
    ("entered in HYP", {"MACHINE": "virtualization=on"}, 4),
    ("entered in HYP, GICv3", {"MACHINE": "virtualization=on,gic-version=3"}, 4),
    ("everything below 4 GiB", {"MACHINE": "highmem=off"}, 4),
    ("ECAM below 4 GiB", {"MACHINE": "highmem-ecam=off"}, 4),
    ("8 cores", {"CORES": 8, "MACHINE": "gic-version=3"}, 8),
    ("16 cores", {"CORES": 16, "MACHINE": "gic-version=3"}, 16),
    ("8 cores, GICv2", {"CORES": 8}, 8),
    ("2 cores", {"CORES": 2}, 2),
    ("128 MiB", {"MEMORY": "128M"}, 4),
    ("4 GiB", {"MEMORY": "4G"}, 4),
)
for title, environment, cores in MACHINES:
    if "highmem-ecam" in environment.get("MACHINE", "") and not firmware.has_instances():
        tap.skip(title, "this QEMU does not offer it")
        continue
    machine.say(title, **environment)
    run = firmware.run(**environment)
    machine.passes(run, title)
    machine.has(run, title, several, cores)
    machine.deferred(run, title, cores)

# Masters that the caller adds are found, bound and proven like the others; one that no driver drives is only described.
title = "more masters"
extra = "-device edu,addr=1c -device edu,addr=1d.0,multifunction=on -device edu,addr=1d.1 -device virtio-rng-pci,addr=1e"
environment = {"INSTANCES": 1, "QEMU_EXTRA": extra}
machine.say(title, **environment)
run = firmware.run(**environment)
machine.passes(run, title)
for name in ("0000:00:1c.0", "0000:00:1d.0", "0000:00:1d.1"):
    found = run.of("master", master=name, device=machine.EDU, client_state="bound")
    tap.ok(found, f"{title}: {name} is bound")
    tap.equal(len(run.of("check", master=name, result="pass")), 5, f"{title}: {name} passes five checks")
found = run.of("master", master="0000:00:1e.0")
tap.equal([m["client_state"] for m in found], ["none"], f"{title}: 0000:00:1e.0 has no driver, and no client")

# So many masters that the queues, of as many entries as QEMU allows for or fewer, go round more than once.
title = "masters for more than a queue's length"
extra = " ".join(f"-device edu,addr={slot:x}.{f},multifunction=on" for slot in range(0x18, 0x1F) for f in range(8))
nothing = (
    "-drive if=none,id=null{0},driver=null-co,size=1M,read-zeroes=on"
    " -device virtio-blk-pci,iommu_platform=on,disable-legacy=on,drive=null{0},addr={0}"
)
extra += "".join(" " + nothing.format(slot) for slot in (10, 11, 12))
environment = {"INSTANCES": 1, "QEMU_EXTRA": extra}
machine.say(title, **environment)
run = firmware.run(**environment)
machine.passes(run, title)
instance, handover = (run.of("instance") or [{}])[0], (run.of("handover") or [{}])[0]
for count, entries in (("commands", "cmdq_entries"), ("events", "evtq_entries")):
    tap.ok(handover.get(count, 0) > instance.get(entries, 0), f"{title}: {count} went round their queue", (handover, instance))

# A switch: bridges below bridges, and a stream ID of a bus that only enumeration gave its number.
title = "behind a switch"
extra = (
    "-device pcie-root-port,id=up,bus=pcie.0,chassis=90,addr=1c -device x3130-upstream,id=switch,bus=up"
    " -device xio3130-downstream,id=down0,bus=switch,chassis=91,slot=0 -device edu,bus=down0,dma_mask=0xffffffff"
    " -device xio3130-downstream,id=down1,bus=switch,chassis=92,slot=1 -device edu,bus=down1,dma_mask=0xffffffff"
)
environment = {"INSTANCES": 1, "QEMU_EXTRA": extra}
machine.say(title, **environment)
run = firmware.run(**environment)
machine.passes(run, title)
behind = [m for m in run.of("master", device=machine.EDU, client_state="bound") if not m["master"].startswith("0000:00:")]
tap.equal(len(behind), 2, f"{title}: both masters are bound")
tap.ok(len({m["streams"][0]["sid"] for m in behind}) == 2, f"{title}: each has a stream ID of its own", behind)

# Behind a bridge to conventional PCI the bridge's requester ID counts, and everything behind it is one stream and one group.
title = "behind bridges to conventional PCI"
extra = (
    "-device pcie-pci-bridge,id=topci,bus=pcie.0,addr=1c -device edu,bus=topci,addr=1 -device edu,bus=topci,addr=2"
    " -device i82801b11-bridge,id=conventional,bus=pcie.0,addr=1d -device edu,bus=conventional,addr=3"
    " -device pci-bridge,id=below,bus=conventional,addr=4,chassis_nr=93 -device edu,bus=below,addr=5"
)
for tables in ("iort", "dt"):
    environment = {"INSTANCES": 1, "QEMU_EXTRA": extra, "APPEND": f"tables={tables}"}
    machine.say(title, **environment)
    run = firmware.run(**environment)
    machine.passes(run, f"{title}, {tables}")
    groups = {}
    for m in run.of("master", device=machine.EDU, client_state="bound"):
        if not m["master"].startswith("0000:00:"):
            groups.setdefault((m["streams"][0]["sid"], m["group"]), []).append(m["master"])
    tap.equal(sorted(len(g) for g in groups.values()), [2, 2], f"{title}, {tables}: two groups of two, a stream each")
    tap.ok(("0xe8" in {sid for sid, _ in groups}), f"{title}, {tables}: a conventional bridge emits its own requester ID", groups)
    for members in groups.values():
        results = sorted(run.of("check", check="translate", master=m)[0]["result"] for m in members)
        tap.equal(results, ["pass", "skip"], f"{title}, {tables}: one of {members} was tried for both")

# Many registers to map: what is left out is so for want of memory that masters work on.
title = "180 masters"
extra = " ".join(f"-device edu,addr={slot:#x}.{function},multifunction=on" for slot in range(8, 30) for function in range(8))
environment = {"INSTANCES": 1, "QEMU_EXTRA": extra, "APPEND": "selftest=quick"}
machine.say(title, **environment)
run = firmware.run(**environment)
machine.passes(run, title)
left = [m for m in run.of("master") if m["unfit"]]
tap.ok(all("no memory is left" in m["unfit"] for m in left), f"{title}: every instance's registers are mapped", left[:2])
tap.ok(run.verdict.get("bound", 0) > 128, f"{title}: more than 128 are driven", run.verdict)

# RAM in several banks, the last of them above 4 GiB.
title = "RAM in three banks"
banks = (("256M", 0), ("512M", 1), ("4G", 2))
extra = " ".join(f"-object memory-backend-ram,id=bank{n},size={size} -numa node,memdev=bank{n}" for size, n in banks)
environment = {"INSTANCES": 1, "MEMORY": "4864M", "QEMU_EXTRA": extra}
machine.say(title, **environment)
run = firmware.run(**environment)
machine.passes(run, title)
machine.has(run, title, 1, 4)
tap.done()
