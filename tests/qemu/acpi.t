# SPDX-License-Identifier: BSD-2-Clause
"""
A machine without a device tree: cores, interrupt controller, timer, PSCI, console and PCI by ACPI, from QEMU's own tables and from
tables in memory. A few instructions wipe out the tree that QEMU leaves, and hand boot arguments over as U-Boot does.
"""

import os
import struct

import firmware
import loader
import machine
import tables
import tap

folder = firmware.work_folder("acpi")
RANGES = [(0, 0x5500, 0, 0), (0x5500, 0x5500, 0x5500, 1), (0xAA00, 0x5600, 0xAA00, 2)]


def run(arguments="", extra="", **environment):
    """A run without a device tree, and with these boot arguments."""
    words = ["go", *arguments.split()]
    text = "\n".join(
        ["ldr ptr3, =0x40000000", "mov r0, #0", "str r0, [ptr3]", f"mov r0, #{len(words)}", "ldr ptr1, =words", "mov r2, #0"]
        + [f"enter {loader.ENTRY}", ".align 3", "words:"]
        + [f"pointer word{n}" for n in range(len(words))]
        + [f'word{n}: .asciz "{word}"' for n, word in enumerate(words)]
        + [".align 2"]
    )
    binary = loader.assemble(folder, "none", text)
    return firmware.run(QEMU_EXTRA=f"{extra} {loader.start(binary)}", **environment)


def whole(title, **changes):
    """All tables that a machine needs; a keyword drops one (None) or replaces it."""
    found = {
        "spcr": tables.spcr(),
        "madt": tables.madt([tables.gicd(), *(tables.gicc(core) for core in range(4))]),
        "gtdt": tables.gtdt(),
        "fadt": tables.fadt(),
        "mcfg": tables.mcfg(),
        "iort": tables.iort(RANGES),
    }
    rsdt = changes.pop("rsdt", False)
    found.update(changes)
    path = os.path.join(folder, title.replace(" ", "-") + ".acpi")
    return tables.write(path, [table for table in found.values() if table], rsdt)


def by_tables(title, arguments="selftest=quick", instances=3, **changes):
    placed = loader.put(whole(title, **changes), tables.AT)
    machine.say(title)
    return run(f"acpi={tables.AT:#x} {arguments}", placed, INSTANCES=instances)


def describes(done, title, cores, gic):
    said = next((line for line in done.lines if line.startswith("describe ")), "")
    tap.ok("by the ACPI IORT" in said and f"{cores} cores, GICv{gic}" in said, f"{title}: describes by ACPI alone", said)
    tap.ok(any("no device tree: the machine is what ACPI says" in line for line in done.lines), f"{title}: and says so")


def warned(done, title, words):
    tap.ok(any("warning" in line and words in line for line in done.lines), f"{title}: {words!r} is told", done.tail)


def own_tables(program, title, gic, cores, extra=""):
    environment = {"INSTANCES": 1, "CORES": cores, "MACHINE": f"gic-version={gic}", **({"QEMU": program} if program else {})}
    done = run("selftest=quick", extra, **environment)
    machine.passes(done, title)
    describes(done, title, cores, gic)
    tap.equal(len(done.of("instance")), 1, f"{title}: one instance")
    tap.equal({m["client_state"] for m in done.of("master") if m["client"]}, {"bound"}, f"{title}: every client is bound")
    # QEMU before 8.1 writes the count of an ID mapping where the count minus one belongs.
    tap.equal([line for line in done.lines if "warning" in line and "iort@" not in line], [], f"{title}: without a warning of the machine")


own_tables(None, "QEMU's own tables", 2, 4)
own_tables(None, "QEMU's own tables, GICv3", 3, 3)
old = firmware.old_qemu()
if old:
    own_tables(old, "the distribution's QEMU's tables", 2, 2)
else:
    tap.skip("the distribution's QEMU's tables", "it is not installed")

if not firmware.has_instances():
    tap.skip("tables in memory", "this QEMU has one SMMUv3")
    tap.done()
    raise SystemExit

title = "tables in memory"
done = by_tables(title, "")
machine.passes(done, title)
describes(done, title, 4, 2)
tap.equal(len(done.of("instance")), 3, f"{title}: three instances")
tap.equal({len(m["streams"]) for m in done.of("master") if m["client"]}, {1}, f"{title}: every client has its stream")
tap.equal(done.of("difference"), [], f"{title}: there is no other table to differ from")

title = "an RSDP of ACPI 1.0"
done = by_tables(title, rsdt=True)
machine.passes(done, title)
describes(done, title, 4, 2)

title = "a core that is off and one that may come"
cores = [tables.gicc(0), tables.gicc(1, enabled=0), tables.gicc(2, enabled=8)]
done = by_tables(title, madt=tables.madt([tables.gicd(), *cores]))
machine.passes(done, title)
tap.ok(any(line.startswith("start      2 cores") for line in done.lines), f"{title}: two run", done.tail)

title = "a version that is not told"
done = by_tables(title, madt=tables.madt([tables.gicd(0), *(tables.gicc(core) for core in range(4))]))
machine.passes(done, title)
describes(done, title, 4, 2)

title = "no SPCR"
done = by_tables(title, spcr=None)
machine.passes(done, title)
warned(done, title, "no console is described that can be used")

title = "a console of another kind"
done = by_tables(title, spcr=tables.spcr(interface=5))
machine.passes(done, title)
warned(done, title, "a console of unknown kind")

title = "no GTDT"
done = by_tables(title, gtdt=None)
machine.passes(done, title)
warned(done, title, "no timer is described")

title = "no MCFG"
done = by_tables(title, mcfg=None)
warned(done, title, "no PCI host is described")
tap.equal(done.verdict.get("masters"), 0, f"{title}: no master is found")

title = "an MADT of wrong checksum"
broken = bytearray(whole(title) and tables.madt([tables.gicd(), tables.gicc(0)]))
broken[50] ^= 1
done = by_tables(title, madt=bytes(broken))
warned(done, title, "a table of wrong checksum")
machine.passes(done, f"{title}, which is read as Linux reads it")

title = "no IORT"
done = by_tables(title, iort=None)
tap.ok(any("no device tree says who emits which stream, but no such table" in line for line in done.lines), f"{title}: is told", done.tail)
tap.equal(done.verdict.get("result"), "fail", f"{title}: fails")

title = "tables=dt"
done = by_tables(title, "selftest=quick tables=dt")
tap.ok(any("no device tree says who emits which stream, but tables=dt was asked for" in line for line in done.lines), f"{title}: is told", done.tail)
tap.equal(done.verdict.get("result"), "fail", f"{title}: fails, for only ACPI describes the machine")

title = "no tables at all"
done = run("", MACHINE="acpi=off", INSTANCES=1)
tap.ok(any("no device tree, and no ACPI tables" in line for line in done.lines), f"{title}: is told", done.tail)
tap.equal(done.verdict.get("result"), "fail", f"{title}: fails")

title = "acpi= that names no place"
done = run("acpi=0x10", INSTANCES=1)
tap.ok(any("acpi= names no place in memory" in line for line in done.lines), f"{title}: is told", done.tail)
tap.equal(done.verdict.get("result"), "fail", f"{title}: fails")

title = "a refused IORT beside a device tree"
placed = loader.put(whole(title, iort=tables.table(b"IORT", struct.pack("<III", 4, 48, 0))), tables.AT)
word = f"acpi={tables.AT:#x}"
done = firmware.run(INSTANCES=1, APPEND=f"selftest=quick {word}", QEMU_EXTRA=placed)
machine.passes(done, title)
ignored = done.of("firmware")[0]["ignored"]
tap.equal(ignored, [{"word": word, "why": "the IORT was refused"}], f"{title}: the word is ignored, and the record says why")
tap.done()
