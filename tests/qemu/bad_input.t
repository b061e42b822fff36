# SPDX-License-Identifier: BSD-2-Clause
"""
Bad input: device trees that are missing, cut, senseless or wrong, a fw_cfg that does not answer, an SMMU that does not
acknowledge, cores that do not come. Each ends in one verdict, says in plain words what is wrong, and passes only where
what is wrong is rightly left out. A loader hands every tree over as it is, so that QEMU repairs nothing.
"""

import os
import random
import re
import shutil
import struct

import firmware
import judge
import loader
import machine
import tap
import tree

if not firmware.has_instances():
    tap.skip("bad input", "this QEMU has one SMMUv3")
    tap.done()

NOWHERE = 0x0B000000  # Nothing answers there.
CUT = 0x5F000000  # From here on, RAM is not described, and holds what a test puts there.
SPAN = 0x10000

folder = firmware.work_folder("bad")
by_register = loader.assemble(folder, "register", loader.BY_REGISTER)
good = os.path.join(folder, "good.dtb")
edited = os.path.join(folder, "edited.dtb")


def one_verdict(run, title, result):
    verdicts = run.of("verdict")
    tap.equal([v["result"] for v in verdicts], [result], f"{title}: one verdict, a {result}")
    tap.ok(run.records and run.records[-1].get("record") == "verdict", f"{title}: it is the last record", run.tail)
    reason = run.verdict.get("reason")
    tap.ok((reason is None) == (result == "pass"), f"{title}: a reason to fail, and none to pass", run.verdict)
    tap.ok("unexpected" not in (reason or "").split(" ")[:1], f"{title}: no exception", reason)
    tap.ok(not run.broken, f"{title}: every record is JSON", run.broken)


def plain(run):
    """What a reader sees: the lines that are neither records nor the runner's, and the reason."""
    lines = [line for line in run.lines if not line.startswith(("{", "run: "))]
    return lines + [run.verdict.get("reason") or ""]


def says(run, title, *words):
    """One line with all of these words."""
    found = [line for line in plain(run) if all(word in line for word in words)]
    tap.ok(found, f"{title}: it says so: {' ... '.join(words)}", run.tail)


def start(title, edit, bootargs="tables=dt selftest=quick", base=good, extra="", **environment):
    """The whole machine, with this tree edited."""
    machine.say(title, **environment)
    shutil.copy(base, edited)
    tree.put_text(edited, "/chosen", "bootargs", bootargs)
    edit(edited)
    devices = f"{loader.put(edited, loader.TREE_AT)} {loader.start(by_register)} {extra}"
    return firmware.run(QEMU_EXTRA=devices, **environment)


def report(title, edit, result, *words, **more):
    """A run that gets as far as a whole report."""
    run = start(title, edit, **more)
    one_verdict(run, title, result)
    wrong = judge.violations(run.records)
    tap.ok(not wrong, f"{title}: the report keeps the interface and agrees with itself", lambda: wrong[:10] + run.tail())
    tap.equal(run.status, 0 if result == "pass" else 1, f"{title}: the process ends as the verdict says")
    tap.ok(not any("stopped after" in line for line in run.lines), f"{title}: it ended by itself", run.tail)
    if words:
        says(run, title, *words)
    return run


def refusal(title, edit, *words, **more):
    """A run that ends before there is anything to report."""
    run = start(title, edit, **more)
    one_verdict(run, title, "fail")
    tap.ok(not any("stopped after" in line for line in run.lines), f"{title}: it ended by itself", run.tail)
    says(run, title, *words)
    return run


def bare(title, blob, *words):
    """A small machine with these bytes as its tree and without ACPI. Firmware that finds no PSCI parks behind the verdict."""
    arguments = ["-M", "virt,iommu=smmuv3,acpi=off", *loader.start(by_register).split()]
    if blob is not None:
        path = os.path.join(folder, "blob.dtb")
        with open(path, "wb") as file:
            file.write(blob)
        arguments += loader.put(path, loader.TREE_AT).split()
    run = firmware.run_to_verdict(arguments)
    one_verdict(run, title, "fail")
    if words:
        says(run, title, *words)
    return run


def putting(path, name, *numbers):
    return lambda dtb: tree.put(dtb, path(dtb) if callable(path) else path, name, *numbers)


def dropping(path, *names):
    return lambda dtb: tree.drop(dtb, path(dtb) if callable(path) else path, *names)


def texting(path, name, text):
    return lambda dtb: tree.put_text(dtb, path, name, text)


def all_of(*edits):
    return lambda dtb: [edit(dtb) for edit in edits]


def mapping(entries):
    """An iommu-map made of the three SMMUs' phandles."""

    def edit(dtb):
        handles = [tree.get(dtb, tree.smmu(number), "phandle")[0] for number in range(3)]
        tree.put(dtb, tree.host(dtb), "iommu-map", *entries(*handles))

    return edit


tap.ok(tree.make(good), "QEMU's device tree can be had and edited")
report("the tree as it should be", lambda dtb: None, "pass")

# --- No tree, and what is none. ---

with open(good, "rb") as source:
    whole = source.read()
FIELDS = ("magic", "totalsize", "structure", "strings", "reservations", "version", "compatible", "core", "strings_size", "size")
header = dict(zip(FIELDS, struct.unpack(">10I", whole[:40])))


def with_header(**changes):
    return struct.pack(">10I", *({**header, **changes}[field] for field in FIELDS)) + whole[40:]


tap.ok(bare("that tree on a smaller machine", whole).of("instance"), "that tree on a smaller machine: it is read")
bare("no tree at all", None, "no device tree")
bare("wrong magic", b"\xd0\x0d\xfe\xee" + whole[4:], "no device tree")
NO_TREES = (
    ("totalsize 0", with_header(totalsize=0)),
    ("totalsize smaller than a header", with_header(totalsize=39)),
    ("totalsize beyond 2 MiB", with_header(totalsize=(2 << 20) + 1)),
    ("totalsize of 4 GiB", with_header(totalsize=0xFFFFFFFF)),
    ("totalsize cut", with_header(totalsize=len(whole) // 2)),
    ("structure outside", with_header(structure=0xFFFFFFF0)),
    ("structure at an odd place", with_header(structure=header["structure"] + 1)),
    ("structure cut", with_header(size=0x40)),
    ("structure of 4 GiB", with_header(size=0xFFFFFFFF)),
    ("strings outside", with_header(strings=0xFFFFFFF0)),
    ("strings of 4 GiB", with_header(strings_size=0xFFFFFFFF)),
    ("reservations outside", with_header(reservations=0xFFFFFFF8)),
    ("reservations at an odd place", with_header(reservations=header["reservations"] + 1)),
    ("version 99", with_header(version=99, compatible=99)),
    ("a file cut in the middle", whole[: len(whole) // 2]),
    ("a header and nothing else", whole[:40]),
)
DAMAGED = re.compile(r"the device tree at 0x48000000 is damaged at byte 0x[0-9a-f]+(, in node [^:]*)?: \S")


def damaged(title, blob):
    run = bare(title, blob, "description cannot be used")
    tap.ok(any(DAMAGED.match(line) for line in run.lines), f"{title}: which table, where and what is said", run.lines[:5])


for title, blob in NO_TREES:
    damaged(title, blob)
for seed in range(10):
    noise = random.Random(seed).randbytes(len(whole) - 40)
    damaged(f"noise {seed} behind a good header", whole[:40] + noise)
tap.ok(
    not any("stopped after" in line for line in firmware.run(MACHINE="acpi=off", QEMU_EXTRA=loader.start(by_register)).lines),
    "no tree at all: the runner is not kept waiting behind the verdict",
)


def properties(dtb):
    """Where each property's value is: (node, name, offset, length)."""
    at, path, found = header["structure"], [], []
    while True:
        (token,) = struct.unpack_from(">I", dtb, at)
        at += 4
        if token == 1:
            end = dtb.index(0, at)
            path.append(dtb[at:end].decode())
            at = end + 4 & ~3
        elif token == 2:
            path.pop()
        elif token == 3:
            length, name = struct.unpack_from(">2I", dtb, at)
            name += header["strings"]
            found.append(("/".join(path), dtb[name : dtb.index(0, name)].decode(), at + 8, length))
            at = at + 8 + length + 3 & ~3
        elif token == 9:
            return found


# A sound tree with three senseless values. The result is open, but the end is not.
VALUES = [p for p in properties(whole) if p[3] and "virtio_mmio" not in p[0]]
for seed in range(60, 75):
    chance, blob = random.Random(seed), bytearray(whole)
    hit = chance.sample(VALUES, 3)
    for _, _, at, length in hit:
        blob[at : at + length] = chance.randbytes(length)
    bare(f"senseless {', '.join(node + ':' + name for node, name, _, _ in hit)}", bytes(blob))

# --- Trees without something, or with it elsewhere. ---

MEMORY, GIC, UART = "/memory@40000000", "/intc@8000000", "/pl011@9000000"
refusal("no memory", dropping(MEMORY), "memory is described")
refusal("memory for the image alone", putting(MEMORY, "reg", *tree.wide(0x40000000, 0x400000)), "RAM is free")

# Reservations up to the end of all addresses, and beyond: the firmware leaves all of them alone.
HELD = 0x41000000


def reserving(*ranges):
    return lambda dtb: tree.reserve(dtb, *ranges)


def reserving_node(dtb):
    tree.fdt("fdtput", "-p", "-c", dtb, "/reserved-memory/all")
    for name in ("#address-cells", "#size-cells"):
        tree.put(dtb, "/reserved-memory", name, 2)
    tree.fdt("fdtput", dtb, "/reserved-memory", "ranges")
    tree.put(dtb, "/reserved-memory/all", "reg", *tree.wide(HELD, 2**64 - HELD))


for title, edit in (
    ("a reservation to the end", reserving((HELD, 2**64 - HELD))),
    ("a reservation that wraps", reserving((HELD, 2**64 - 1))),
    ("a reservation that ends in the last page", reserving((HELD, 2**64 - HELD - 0x1000001))),
    ("a reserved node to the end", reserving_node),
):
    run = report(title, edit, "pass", "its tables and buffers are at", bootargs="tables=dt selftest=quick log=debug")
    found = re.search(r"its tables and buffers are at 0x\w+ to 0x(\w+)", "\n".join(run.lines))
    tap.ok(found and int(found[1], 16) <= HELD, f"{title}: nothing of it is used", found and found[0])
refusal("reservations of everything", reserving((0, HELD), (HELD, 2**64 - HELD - 0x1000001)), "RAM is free")
refusal("memory where none is", putting(MEMORY, "reg", *tree.wide(0x80000000, 0x20000000)), "0x80")
refusal("no interrupt controller", dropping(GIC), "interrupt controller")
refusal("a distributor where none is", putting(GIC, "reg", *tree.wide(NOWHERE, SPAN, NOWHERE + SPAN, SPAN)), "interrupt")
refusal("a CPU interface where none is", putting(GIC, "reg", *tree.wide(0x08000000, SPAN, NOWHERE, SPAN)), "interrupt")
report("no core", dropping("/cpus"), "pass", "0 cores")
report("no timer", dropping("/timer"), "pass", "timer")
report("no console", dropping("/chosen", "stdout-path"), "pass", "console")
report("a console where none is", putting(UART, "reg", *tree.wide(NOWHERE, 0x1000)), "pass", "console")
report("no PSCI", dropping("/psci"), "pass", "affinity 0x3", "PSCI says")
report("PSCI by no known way", texting("/psci", "method", "magic"), "pass", "/psci", "method")
start_smc = start("PSCI by a way that is not there", texting("/psci", "method", "smc"))
one_verdict(start_smc, "PSCI by a way that is not there", start_smc.verdict.get("result", "fail"))
says(start_smc, "PSCI by a way that is not there", "PSCI")

# --- PCI. ---

run = report("no PCI host", dropping(tree.host), "fail", "0 masters")
tap.equal(run.verdict.get("masters"), 0, "no PCI host: no master")
report("an ECAM where nothing is", putting(tree.host, "reg", *tree.wide(NOWHERE, 1 << 20)), "fail", "/pcie@", "ECAM at 0x")
report("a bus-range backwards", putting(tree.host, "bus-range", 5, 2), "fail", "/pcie@", "bus-range")
report("a bus-range beyond 255", putting(tree.host, "bus-range", 0, 511), "fail", "/pcie@", "bus-range")
run = report("no ranges", dropping(tree.host, "ranges"), "fail", "a BAR found no room")
tap.equal(run.verdict.get("bound"), 0, "no ranges: no master can be driven")
report("ranges cut", putting(tree.host, "ranges", 0x2000000, 0, 0x10000000), "fail", "/pcie@", "ranges")

# --- Who emits which stream where. Bus 0 is behind SMMU 0, 0x55 and up behind 1, 0xaa and up behind 2. ---


def is_behind(record, number):
    """By its name: is this master behind that SMMU?"""
    return int(record["master"].split(":")[1], 16) // 0x55 == number


def masters(run, number):
    return [m for m in run.of("master") if is_behind(m, number)]


def only_these_wrong(run, title, number):
    """The description of this SMMU's masters is wrong, and the run finds that; the others are as good as ever."""
    wrong = {o["master"] for o in run.of("observed", match=False)}
    tap.equal(wrong, {o["master"] for o in run.of("observed") if is_behind(o, number)}, f"{title}: whose stream is wrong")
    translated = {c["master"] for c in run.of("check", check="translate", result="pass")}
    bound = {m["master"] for m in run.of("master", client_state="bound")}
    tap.equal(translated, bound - wrong, f"{title}: the others are translated")


def usual(*middle):
    """The true map, with another entry for bus 0x55 and up."""
    return mapping(lambda a, b, c: (0, a, 0, 0x5500, *(b if cell == "b" else cell for cell in middle), 0xAA00, c, 0xAA00, 0x5600))


title = "stream IDs beyond SIDSIZE"
run = report(title, usual(0x5500, "b", 0x15500, 0x5500), "fail", "0000:56:00.0", "beyond what the instance implements")
tap.ok(masters(run, 1), f"{title}: they are there")
tap.ok(
    all(m["state"] == "quarantined" and "beyond" in m["reason"] and m["client_state"] != "bound" for m in masters(run, 1)),
    f"{title}: these masters are quarantined",
    masters(run, 1),
)
tap.equal(run.verdict.get("quarantined"), len(masters(run, 1)), f"{title}: and no other")
tap.equal(len(run.of("instance", state="ready")), 3, f"{title}: their SMMU works all the same")

title = "a range that iommu-map leaves out"
run = report(title, usual(), "fail", "0000:56:00.0", "iommu-map needs the entry <0x5500 ")
only_these_wrong(run, title, 1)

add_iommu = all_of(
    lambda dtb: tree.fdt("fdtput", "-c", dtb, "/iommu@7"), putting("/iommu@7", "phandle", 7), putting("/iommu@7", "#iommu-cells", 1)
)
title = "an iommu-map to an IOMMU of another kind"
run = report(title, all_of(add_iommu, usual(0x5500, 7, 0x5500, 0x5500)), "fail", "0000:56:00.0", "smmu1 saw")
only_these_wrong(run, title, 1)
for title, handle, words in (
    ("an iommu-map to a missing SMMU", 0x7777, "leads to no node"),
    ("an iommu-map to the interrupt controller", 0x8005, "leads to no #iommu-cells"),
):
    run = report(title, usual(0x5500, handle, 0x5500, 0x5500), "fail", "/pcie@", "iommu-map", words)
    tap.ok(run.of("observed", match=False), f"{title}: whose stream is wrong is seen")
    tap.ok(all(o["match"] == is_behind(o, 0) for o in run.of("observed")), f"{title}: what came before holds")

title = "an iommu-map with its last entry cut"
run = report(title, mapping(lambda a, b, c: (0, a, 0, 0x5500, 0x5500, b, 0x5500, 0x5500, 0xAA00, c, 0xAA00)), "fail", "cut off")
only_these_wrong(run, title, 2)

PAST = "passes the last 32-bit ID"
title = "an iommu-map whose length passes 32 bits"
report(title, mapping(lambda a, b, c: (0, a, 0, 0x5500, 0x5500, b, 0x5500, 0x5500, 0xAA00, c, 0xAA00, ~0 & 0xFFFFFFFF)), "pass", PAST)
title = "an iommu-map whose output passes 32 bits"
report(title, usual(0x5500, "b", 0xFFFFFFF0, 0x5500), "fail", "/pcie@", PAST)

title = "an iommu-map-mask that makes masters one stream"
run = report(title, putting(tree.host, "iommu-map-mask", 0xFF00), "fail", "iommu-map-mask, which is 0xff00, lets 0x8 through")
only_these_wrong(run, title, 0)
tap.equal(len({m["group"] for m in masters(run, 0) if m["streams"]}), 1, f"{title}: they are one group")

# Two masters are described with one stream; the second one's is another in truth.
title = "two masters with one stream"
run = report(
    title,
    mapping(lambda a, b, c: (0x10, a, 8, 1, 0, a, 0, 0x5500, 0x5500, b, 0x5500, 0x5500, 0xAA00, c, 0xAA00, 0x5600)),
    "fail",
    "0000:00:02.0",
    "stream 0x10",
)
pair = [m["group"] for m in run.of("master") if m["master"] in ("0000:00:01.0", "0000:00:02.0")]
tap.ok(len(pair) == 2 and pair[0] == pair[1], f"{title}: they are one group", pair)
seen = {o["master"]: (o["observed"] or {}).get("sid") for o in run.of("observed")}
tap.equal((seen.get("0000:00:01.0"), seen.get("0000:00:02.0")), ("0x8", "0x10"), f"{title}: what each emits is seen")

# --- Memory that firmware told a device to use. ---

KEPT, KEPT_SIZE = 0x5E000000, 0x20000


def keeping(base, at):
    """Reserved memory at `at`; the first edu is told to reach it at `base`."""

    def edit(dtb):
        device = tree.host(dtb) + "/edu@1,0"
        tree.fdt("fdtput", "-c", dtb, device)
        tree.put(dtb, device, "reg", 0x800, 0, 0, 0, 0)
        tree.put(dtb, device, "phandle", 0x6600)
        tree.fdt("fdtput", "-p", "-c", dtb, "/reserved-memory/kept")
        for name in ("#address-cells", "#size-cells"):
            tree.put(dtb, "/reserved-memory", name, 2)
        tree.fdt("fdtput", dtb, "/reserved-memory", "ranges")
        tree.put(dtb, "/reserved-memory/kept", "reg", *tree.wide(at, KEPT_SIZE))
        tree.put(dtb, "/reserved-memory/kept", "iommu-addresses", 0x6600, 0, *tree.wide(base, KEPT_SIZE))

    return edit


title = "a direct region"
run = report(title, keeping(KEPT, KEPT), "pass", f"0000:00:01.0 keeps {KEPT:#x} to {KEPT + KEPT_SIZE - 1:#x}, as")
results = {c["check"]: c["result"] for c in run.of("check", master="0000:00:01.0")}
tap.equal(set(results.values()), {"pass"}, f"{title}: its master passes every check")
report("a direct region, and a soak", keeping(KEPT, KEPT), "pass", bootargs="tables=dt soak=2")
# The image and its working memory are somewhere behind 0x40200000.
report("a direct region where the firmware is", keeping(0x40200000, 0x40200000), "pass", "is where this firmware is: not mapped")
title = "an IOVA that is not where its memory is"
run = report(title, keeping(KEPT + KEPT_SIZE, KEPT), "pass")
tap.ok(not any(" keeps 0x" in line for line in run.lines), f"{title}: nothing is mapped for it")

title = "a disabled SMMU with enabled masters"
run = report(title, texting(tree.smmu(1), "status", "disabled"), "pass", tree.smmu(1), "disabled")
tap.equal(run.verdict.get("instances"), 2, f"{title}: it is no instance")
tap.ok(
    masters(run, 1) and all(not m["streams"] and m["reason"] for m in masters(run, 1)),
    f"{title}: its masters have no stream, and it is said why",
    masters(run, 1),
)
tap.ok(
    all(o["reached_memory"] and o["observed"] is None for o in run.of("observed") if is_behind(o, 1)),
    f"{title}: nothing is in their way",
)
skipped = {c["master"] for c in run.of("check", check="translate", result="skip")}
tap.equal(skipped, {m["master"] for m in masters(run, 1) if m["client"]}, f"{title}: nothing is claimed of them")

title = "every SMMU disabled"
run = report(title, all_of(*(texting(tree.smmu(i), "status", "disabled") for i in range(3))), "fail", tree.smmu(2), "disabled")
tap.equal((run.verdict.get("instances"), run.verdict.get("checks_passed")), (0, 0), f"{title}: nothing is claimed")

# --- fw_cfg. ---

FW_CFG = "/fw-cfg@9020000"
cut_memory = putting(MEMORY, "reg", *tree.wide(0x40000000, CUT - 0x40000000))
pretender = os.path.join(folder, "fw_cfg.bin")
with open(pretender, "wb") as image:
    image.write(bytes(16) + b"QEMU CFG" + bytes(4096 - 24))
FW_CFGS = (
    ("no fw_cfg", dropping(FW_CFG), "no fw_cfg is described", ""),
    ("a fw_cfg where nothing is", putting(FW_CFG, "reg", *tree.wide(NOWHERE, 0x18)), "fw_cfg does not answer", ""),
    ("a fw_cfg that is a UART", putting(FW_CFG, "reg", *tree.wide(0x09000000, 0x18)), "fw_cfg does not answer", ""),
    (
        "a fw_cfg whose DMA never ends",
        all_of(cut_memory, putting(FW_CFG, "reg", *tree.wide(CUT, 0x18))),
        "fw_cfg does not answer",
        loader.put(pretender, CUT),
    ),
)
for title, edit, words, extra in FW_CFGS:
    refusal(f"{title}, tables=iort", edit, "tables=iort was asked for", words, bootargs="tables=iort", extra=extra)
    run = report(title, edit, "pass", "IORT is not used", words, bootargs="log=normal", extra=extra)
    tap.equal([f["description"] for f in run.of("firmware")], ["dt"], f"{title}: the device tree is used")

# --- An SMMU that does not acknowledge: registers in RAM, which keep what is written and do nothing. ---

IDR0, IDR1, IDR5, AIDR, CR0, CR0ACK, GBPA, IRQ_CTRLACK, GERROR = 0x0, 0x4, 0x14, 0x1C, 0x20, 0x24, 0x44, 0x54, 0x60
USUAL = {IDR0: 0x0D44101A, IDR1: 0x02730010, IDR5: 0x74, AIDR: 1, GBPA: 1 << 20}
stub = os.path.join(folder, "smmu.bin")
STUBS = (
    ("CR0ACK that never comes", {}, "did not acknowledge being turned on or off"),
    ("CR0ACK that never goes", {CR0: 0xD, CR0ACK: 0xD}, "did not acknowledge being turned off"),
    ("GBPA.UPDATE that never goes", {GBPA: 0}, "did not acknowledge being turned off"),
    ("IRQ_CTRLACK that never goes", {IRQ_CTRLACK: 5}, "did not acknowledge being turned off"),
    ("service failure mode", {GERROR: 0x100}, "service failure mode"),
    ("SIDSIZE 63", {IDR1: 0x0273003F}, "SIDSIZE"),
    ("no command queue", {IDR1: 0x10}, "command queue"),
    ("registers that are zero", {IDR0: 0}, "do not read as an SMMUv3's"),
)
for title, registers, words in STUBS:
    image = bytearray(tree.BASE_STEP)
    for offset, value in {**USUAL, **registers}.items():
        struct.pack_into("<I", image, offset, value)
    with open(stub, "wb") as file:
        file.write(image)
    edit = all_of(cut_memory, lambda dtb: tree.set_base(dtb, tree.smmu(1), CUT))
    run = report(title, edit, "fail", "smmu", f"{CUT:#x}", words, extra=loader.put(stub, CUT))
    failed = run.of("instance", state="failed")
    tap.ok(len(failed) == 1 and failed[0]["base"] == f"{CUT:#x}" and words in failed[0]["reason"], f"{title}: that one fails", failed)
    tap.equal(len(run.of("instance", state="ready")), 2, f"{title}: the others are ready")
    waits = {m["master"] for m in run.of("master", client_state="deferred")}
    tap.equal(waits, {m["master"] for m in masters(run, 1) if m["client"]}, f"{title}: its clients wait")
    tap.equal(run.verdict.get("deferred"), len(waits), f"{title}: the verdict counts them")
    rest = {c["master"] for c in run.of("check", check="translate", result="pass")}
    tap.equal(rest, {m["master"] for m in run.of("master", client_state="bound")}, f"{title}: every other master is translated")

# --- Cores. ---


def core(number):
    return f"/cpus/cpu@{number:x}"


def running(run, title, count):
    tap.equal([f["cores"] for f in run.of("firmware")], [count], f"{title}: {count} cores run")


for number in (1, 3):
    title = f"core {number} that PSCI does not know"
    running(report(title, putting(core(number), "reg", 0x77), "pass", "affinity 0x77", "PSCI says"), title, 3)
title = "a core twice"
running(report(title, putting(core(3), "reg", 1), "pass", "affinity 0x1", "already on"), title, 3)
title = "a disabled core"
running(report(title, texting(core(3), "status", "disabled"), "pass", "core", "disabled"), title, 3)
title = "a boot core that is not described"
running(report(title, putting(core(0), "reg", 0x77), "pass", "affinity 0x77", "PSCI says"), title, 4)


def add_cores(dtb):
    for number in range(0x10, 0x19):
        tree.fdt("fdtput", "-c", dtb, core(number))
        tree.put_text(dtb, core(number), "device_type", "cpu")
        tree.put(dtb, core(number), "reg", number)


title = "nine cores more than there are"
running(report(title, add_cores, "pass", "affinity 0x10", "PSCI says"), title, 4)

many = {"MACHINE": "gic-version=3", "CORES": 10}
more = os.path.join(folder, "more.dtb")
tap.ok(tree.make(more, **many), "there is a tree of ten cores")
title = "ten cores"
running(report(title, lambda dtb: None, "pass", "start      10 cores", base=more, **many), title, 10)
title = "a redistributor where none is"
refusal(title, putting(GIC, "reg", *tree.wide(0x08000000, SPAN, NOWHERE, 0xF60000)), "interrupt", base=more, **many)
title = "no redistributor"
refusal(title, putting(GIC, "reg", *tree.wide(0x08000000, SPAN)), "interrupt", base=more, **many)
tap.done()
