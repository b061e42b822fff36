# SPDX-License-Identifier: BSD-2-Clause
"""
Is the description true? QEMU's own device tree is wrong on several instances: what the run advises is put into it, word
for word, by dtc, and the next run passes. A second table, ID registers, PCI and interrupts that disagree with the
description are named, and fail nothing; an IORT whose ranges or stream IDs are swapped is found by DMA.
"""

import os
import re
import subprocess

import firmware
import loader
import machine
import tables
import tap
import tree

if not firmware.has_instances():
    tap.skip("several instances", "this QEMU has one SMMUv3")
    tap.done()

folder = firmware.work_folder("described")
QUICK = "tables=dt selftest=quick"


def differences(run, other):
    return [(r["subject"], r["detail"]) for r in run.of("difference") if r["between"][1] == other]


def compiled(source, path):
    done = subprocess.run(["dtc", "-q", "-I", "dts", "-O", "dtb", "-o", path, "-"], input=source, capture_output=True, text=True, check=False)
    return done.returncode == 0, done.stderr


# --- QEMU's own tree, and what is advised. ---


def left_out_of(map_now, entries):
    """The map's entries that are left without the requester IDs of the advised ones."""
    taken = sorted((int(e.split()[0], 0), int(e.split()[0], 0) + int(e.split()[-1], 0)) for e in entries)
    left = []
    for first, phandle, sid, count in zip(*[iter(map_now)] * 4):
        end, at = first + count, first
        for begin, after in [(b, a) for b, a in taken if b < end and a > first] + [(end, end)]:
            if begin > at:
                left.append(f"{at:#x} {phandle:#x} {sid + at - first:#x} {begin - at:#x}")
            at = max(at, after)
    return left


def corrected(dtb, run):
    """The tree's source with the advised nodes and entries, each as it stands in the records."""
    source = tree.fdt("dtc", "-q", "-I", "dtb", "-O", "dts", dtb)
    nodes = [re.search(r"lacks (\S+ \{ .* \};)", detail).group(1) for _, detail in differences(run, "iort") if " lacks " in detail]
    entries = [re.search(r"needs the entry <(.*?)>, and the entry that has them now must leave them out", r["advice"]).group(1) for r in run.of("observed", match=False)]
    entries = sorted(set(entries))
    host = tree.host(dtb)
    line = "iommu-map = " + ", ".join(f"<{entry}>" for entry in entries + left_out_of(tree.get(dtb, host, "iommu-map"), entries)) + ";"
    overlay = "&{/} {\n" + "\n".join(nodes) + "\n};\n&{" + host + "} {\n" + line + "\n};\n"
    return source + overlay, len(nodes), len(entries)


for instances in (3, 5):
    title = f"QEMU's device tree, {instances} instances"
    dtb, mended = os.path.join(folder, f"{instances}.dtb"), os.path.join(folder, f"{instances}-mended.dtb")
    tap.ok(firmware.dump_device_tree(dtb, INSTANCES=instances), f"{title}: can be had")
    wrong = firmware.run(INSTANCES=instances, APPEND=QUICK)
    machine.sound(wrong, title)
    tap.equal(wrong.verdict.get("result"), "fail", f"{title}: is found to be wrong")
    text, nodes, entries = corrected(dtb, wrong)
    tap.equal(nodes, instances - 1, f"{title}: each missing SMMU is advised")
    tap.equal(entries, instances - 1, f"{title}: and an entry for each range of requester IDs that the IORT has there")
    built, said = compiled(text, mended)
    if tap.ok(built, f"{title}: dtc takes what is advised", said):
        run = firmware.run(INSTANCES=instances, APPEND=QUICK, QEMU_EXTRA=f"-dtb {mended}")
        machine.passes(run, f"{title}, with the advice")
        tap.equal(run.verdict.get("ready"), instances, f"{title}, with the advice: every SMMU is there")
        tap.ok(not [s for s, d in differences(run, "iort") if "only" in d], f"{title}, with the advice: the tables have the same SMMUs")
        wrong_still = [s for s, d in differences(run, "iort") if "the IORT sends them to the SMMU" in d]
        tap.equal(wrong_still, [], f"{title}, with the advice: neighbours that no driver has tried are right, too")
        tap.ok(not any("overlap" in line for line in run.lines), f"{title}, with the advice: no entry overlaps another", run.tail())

# --- A master that no SMMU is described for. ---

FREE = (
    "-device pxb-pcie,id=free,bus=pcie.0,bus_nr=240 -device pcie-root-port,id=freeport,bus=free,chassis=77,slot=77"
    " -device edu,bus=freeport,dma_mask={}"
)
for mask, reached in (("0xfffffff", False), ("0xffffffff", True)):
    title = f"no SMMU is described for a master of mask {mask}, and none is in its way"
    run = firmware.run(INSTANCES=2, APPEND="selftest=quick", QEMU_EXTRA=FREE.format(mask))
    machine.passes(run, title)
    seen = [r for r in run.of("observed") if r["described"] is None]
    tap.equal([(r["observed"], r["reached_memory"], r["match"]) for r in seen], [(None, reached, True)], f"{title}: is no wrong description")

# --- What disagrees with the hardware. ---

good = os.path.join(folder, "good.dtb")
tap.ok(tree.make(good), "QEMU's device tree can be had and edited")


def edited(name, edit):
    path = os.path.join(folder, name + ".dtb")
    with open(good, "rb") as source, open(path, "wb") as copy:
        copy.write(source.read())
    edit(path)
    return firmware.run(APPEND=QUICK, QEMU_EXTRA=f"-dtb {path}")


def handles(dtb):
    return [tree.get(dtb, tree.smmu(number), "phandle")[0] for number in range(3)]


run = edited("true", lambda dtb: None)
machine.passes(run, "a true tree")
tap.equal(differences(run, "idr") + differences(run, "hardware") + differences(run, "pci") + differences(run, "dt"), [],
          "a true tree: no difference from the hardware, or from itself")

title = "interrupts of no device"


def mute(dtb):
    spis = [0x70, 0x71, 0x72, 0x73]
    spis[0], spis[3] = 0xC0, 0xC3
    tree.put(dtb, tree.smmu(0), "interrupts", *(cell for spi in spis for cell in (0, spi, 1)))


run = edited("mute", mute)
machine.passes(run, title)
found = differences(run, "hardware")
tap.equal([subject for subject, _ in found], [tree.smmu(0)] * 2, f"{title}: the instance is named, twice")
tap.ok(any(re.search(rf"INTID {0xC0 + 32}\b", detail) and "event queue" in detail for _, detail in found), f"{title}: the event queue's", found)
tap.ok(any(re.search(rf"INTID {0xC3 + 32}\b", detail) and "global error" in detail for _, detail in found), f"{title}: the global error's", found)

title = "not coherent, says the tree"


def noncoherent(dtb):
    # The root is coherent, and so is everything that does not say otherwise.
    tree.drop(dtb, tree.smmu(1), "dma-coherent")
    tree.fdt("fdtput", dtb, tree.smmu(1), "dma-noncoherent")


run = edited("noncoherent", noncoherent)
machine.passes(run, title)
found = differences(run, "idr")
tap.ok(len(found) == 1 and found[0][0] == tree.smmu(1) and "COHACC is 1" in found[0][1], f"{title}: IDR0 disagrees", found)
tap.ok(any("coherent" in detail for _, detail in differences(run, "iort")), f"{title}: and so does the IORT")

title = "a window beyond SIDSIZE"


def beyond(dtb):
    a, b, c = handles(dtb)
    tree.put(dtb, tree.host(dtb), "iommu-map", 0, a, 0, 0x5500, 0x5500, b, 0x5500, 0x5500, 0xAA00, c, 0xAA00, 0x55FF, 0xFFFF, a, 0x12345, 1)


run = edited("beyond", beyond)
machine.passes(run, title)
found = differences(run, "idr")
tap.ok(len(found) == 1 and "stream 0x12345" in found[0][1] and "16 bits" in found[0][1], f"{title}: is named", found)

title = "functions in no window"


def uncovered(dtb):
    a, _, c = handles(dtb)
    tree.put(dtb, tree.host(dtb), "iommu-map", 0, a, 0, 0x5500, 0xAA00, c, 0xAA00, 0x5600)


run = edited("uncovered", uncovered)
machine.sound(run, title)
tap.equal(run.verdict.get("result"), "fail", f"{title}: their DMA shows that there is an SMMU")
named = {subject for subject, _ in differences(run, "pci")}
described = {m["master"] for m in run.of("master") if m["instance"] is None}
tap.ok("0000:56:00.0" in named, f"{title}: the master is named", named)
tap.ok(named <= described, f"{title}: none that has a window is", named - described)
unnamed = [r["place"] for r in run.of("finding", id="no_master")]
tap.equal(unnamed, loader.of_width([], [tree.smmu(1)]), f"{title}: nor does a master name their SMMU, which AArch32 leaves to smmu-inspect")

title = "one stream claimed twice"


def twice(dtb):
    tree.fdt("fdtput", "-c", dtb, "/dma@1")
    tree.put(dtb, "/dma@1", "iommus", handles(dtb)[0], 8)


run = edited("twice", twice)
machine.sound(run, title)
found = [r for r in run.of("finding", id="stream_twice") if "0x8" in r["text"]]
tap.equal(len(found), loader.of_width(0, 1), f"{title}: is named, where smmu-inspect is not left to say it")
with open(firmware.ELF, "rb") as file:
    tap.equal(b"is claimed by" in file.read(), firmware.WIDE, f"{title}: nor has an image for AArch32 the words")

title = "two masters of one stream"
BRIDGE = "-device pcie-pci-bridge,id=pci,bus=pcie.0,addr=18"
EDUS = " ".join(f"-device edu,bus=pci,addr={slot},dma_mask=0xffffffff" for slot in (1, 2))
run = firmware.run(INSTANCES=1, APPEND="selftest=quick", QEMU_EXTRA=f"{BRIDGE} {EDUS}")
machine.passes(run, title)
told = [line.split()[0].rstrip(":") for line in run.lines if "emits the same stream" in line]
shared = [m["master"] for m in run.of("master") if m["client"] == "edu" and not m["master"].startswith("0000:00:")]
tap.equal(sorted(told), sorted(shared), f"{title}: each is told of, and no other")

# --- Another IORT. ---

def at_acpi(name, ranges, arguments=""):
    """A run with these tables in memory, and none of QEMU's own."""
    path = tables.write(os.path.join(folder, name + ".acpi"), [tables.iort(ranges)])
    return firmware.run(APPEND=f"acpi={tables.AT:#x} selftest=quick {arguments}", QEMU_EXTRA=loader.put(path, tables.AT))


TRUE = [(0, 0x5500, 0, 0), (0x5500, 0x5500, 0x5500, 1), (0xAA00, 0x5600, 0xAA00, 2)]
title = "acpi="
run = at_acpi("true", TRUE)
machine.passes(run, title)
tap.equal([r["name"] for r in run.of("instance")], [f"iort@{hex(48 + tables.SMMU_SIZE * n)}" for n in range(3)], f"{title}: this table is read")

title = "an IORT with two ranges swapped"
run = at_acpi("ranges", [TRUE[0], TRUE[1][:3] + (2,), TRUE[2][:3] + (1,)])
machine.sound(run, title)
tap.equal(run.verdict.get("result"), "fail", f"{title}: fails")
wrong = run.of("observed", match=False)
tap.ok(wrong and all(not r["master"].startswith("0000:00:") for r in wrong), f"{title}: who is behind them is found", wrong)
for r in wrong:
    bus = int(r["master"].split(":")[1], 16)
    there = 1 if bus < 0xAA else 2
    tap.equal(r["observed"], {"instance": f"smmu{there}", "sid": hex(bus << 8)}, f"{title}: {r['master']} is seen where it is")
    advice = f"input base {bus << 8:#x}, number of IDs 0x0, output base {bus << 8:#x}, and a reference to iort@{hex(48 + tables.SMMU_SIZE * there)}"
    tap.ok(advice in r["advice"], f"{title}: {r['master']}: the mapping that would be right", r["advice"])

title = "an IORT with two stream IDs of one instance swapped"
run = at_acpi("pair", [(0x5500, 0x100, 0x5500, 1), (0x5600, 0x100, 0x5700, 1), (0x5700, 0x100, 0x5600, 1), (0x5800, 0x5200, 0x5800, 1),
                       TRUE[0], TRUE[2]])
machine.sound(run, title)
tap.equal(run.verdict.get("result"), "fail", f"{title}: fails")
seen = {r["master"]: (r["described"]["sid"], (r["observed"] or {}).get("sid")) for r in run.of("observed", match=False)}
wanted = {f"0000:{bus:x}:00.0": (hex(other << 8), hex(bus << 8)) for bus, other in ((0x56, 0x57), (0x57, 0x56))}
tap.equal(seen, wanted, f"{title}: the two are found, and no other")
found = differences(run, "dt")
tap.ok(any("requester IDs 0x5600 to 0x56ff" in subject for subject, _ in found), f"{title}: the device tree differs there", found)

title = "acpi= that names no place"
run = firmware.run(APPEND="acpi=0x10 selftest=quick", INSTANCES=1)
machine.passes(run, title)
tap.ok(any("acpi= names no place in memory" in line for line in run.lines), f"{title}: is told, and the device tree used")
run = firmware.run(APPEND="acpi=0x10 tables=iort selftest=quick", INSTANCES=1)
tap.equal(run.verdict.get("result"), "fail", f"{title}: with tables=iort there is nothing else to use")
tap.done()
