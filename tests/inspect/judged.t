# SPDX-License-Identifier: BSD-2-Clause
"""What is wrong with what a table says beyond stream IDs, and what it lacks: each rule on a table that breaks it and on its neighbours
that do not. One cause is one finding, and nothing that follows from it is told."""

import tool
from made import HOST, MAPS, SINGLE, SMMU, Iort, board
from tool import tap

# What a test's small board has besides what is tested.
BESIDE = {"no_master"}
EVERY = ((0, 0xFFFF, 0, 0x48, 0),)
NAMES = 'interrupt-names = "eventq", "priq", "cmdq-sync", "gerror"'
LINES = "interrupts = <0 74 1>, <0 75 1>, <0 77 1>, <0 79 1>"
USER = "dma@60000000 { reg = <0 0x60000000 0 0x1000>; iommus = <&smmu 8>; };"


def case(title, path, *wanted):
    """`wanted`: (id, words of the place, words of the text[, count]); no other finding may be there."""
    said = tool.run("--json", path)
    if not tap.equal((said.status, said.err), (0, ""), f"{title}: is read"):
        return
    found = [each for each in said.json["findings"] if each["id"] not in BESIDE - {one[0] for one in wanted}]
    shown = [(each["id"], each["where"], each["text"], each["count"]) for each in found]
    if not tap.equal(sorted(each["id"] for each in found), sorted(each[0] for each in wanted), f"{title}: ids"):
        tap.ok(False, title, shown)
        return
    for want in wanted:
        fits = [each for each in shown if each[0] == want[0] and want[1] in each[1] and want[2] in each[2] and each[3] == (want[3] if len(want) > 3 else 1)]
        tap.ok(fits, f"{title}: {want}", shown)


# --- The SMMUs' interrupts. ---


def lines(specifiers, body=USER, names=NAMES, more=""):
    return board(body, SMMU.replace(f"{LINES}; {NAMES}", f"{specifiers}; {names}") + more)


case("edges", lines(LINES))
case("levels", lines("interrupts = <0 74 4>, <0 75 4>, <0 77 4>, <0 79 4>"), ("interrupt_level", "/iommu@50000000", "eventq SPI 74, priq SPI 75, cmdq-sync SPI 77, gerror SPI 79"))
case("one level", lines("interrupts = <0 74 1>, <0 75 1>, <0 77 1>, <0 79 4>"), ("interrupt_level", "/iommu@50000000", "interrupts: gerror SPI 79: described as level"))
case("levels of extended SPIs", lines("interrupts = <2 4 4>, <2 0 1>, <2 1 1>, <2 2 4>"), ("interrupt_level", "/iommu@50000000", "eventq extended SPI 4, gerror extended SPI 2"))
case("a level of one for all", lines("interrupts = <0 74 4>", names='interrupt-names = "combined"'), ("interrupt_level", "/iommu@50000000", "combined SPI 74"))
case("levels of a disabled SMMU", board(USER, SMMU.replace(LINES, LINES.replace("1>", "4>")).replace("dma-coherent;", 'status = "disabled";')), ("smmu_disabled", "/dma@60000000", "which is disabled"))
case("no trigger", lines("interrupts = <0 74 0>, <0 75 1>, <0 77 1>, <0 79 8>"), ("interrupt_trigger", "/iommu@50000000", "eventq SPI 74, gerror SPI 79"))
case("an edge beside a mask of cores", lines("interrupts = <0 74 0xf01>, <0 75 1>, <0 77 1>, <0 79 1>"))
case("extended SPIs", lines("interrupts = <2 4 1>, <2 0 1>, <2 1 1>, <2 2 1>"))
case("PPIs", lines("interrupts = <1 5 1>, <1 6 1>, <1 7 1>, <3 8 1>"), ("interrupt_ppi", "/iommu@50000000", "eventq PPI 5, priq PPI 6, cmdq-sync PPI 7, gerror extended PPI 8"))
case("PPIs that are levels", lines("interrupts = <1 5 4>, <1 6 4>, <1 7 4>, <3 8 4>"), ("interrupt_ppi", "/iommu@50000000", "eventq PPI 5, priq PPI 6, cmdq-sync PPI 7, gerror extended PPI 8"))
case("SPIs beyond the last", lines("interrupts = <0 992 1>, <0 75 1>, <0 77 1>, <0 996 1>"), ("interrupt_beyond", "/iommu@50000000", "eventq SPI 992, gerror SPI 996"))
case("a PPI beyond the last", lines("interrupts = <1 27 1>, <0 75 1>, <0 77 1>, <0 79 1>"), ("interrupt_beyond", "/iommu@50000000", "eventq PPI 27"))
case("a type that is none", lines("interrupts = <9 7 1>, <0 75 1>, <0 77 1>, <0 79 1>"), ("interrupt_beyond", "/iommu@50000000", "eventq type 7"))
case("one line for two queues", lines("interrupts = <0 74 1>, <0 75 1>, <0 77 1>, <0 74 1>"), ("interrupt_shared", "/iommu@50000000", "eventq, gerror are both SPI 74"))
case("one line for all, by no name", lines("interrupts = <0 74 1>, <0 74 1>, <0 74 1>, <0 74 1>"), ("interrupt_shared", "/iommu@50000000", "eventq, priq, cmdq-sync, gerror are all SPI 74"))
case("one line for all, by name", lines("interrupts = <0 74 1>", names='interrupt-names = "combined"'))
SECOND = "smmu2: iommu@51000000 { compatible = \"arm,smmu-v3\"; reg = <0 0x51000000 0 0x20000>; #iommu-cells = <1>; interrupts = <0 90 1>, <0 79 1>; interrupt-names = \"eventq\", \"gerror\"; };"
case("one line for two SMMUs", lines(LINES, more=SECOND), ("interrupt_shared", "/iommu@51000000", "SPI 79 is an interrupt of /iommu@50000000, too"))
BOTH = SECOND.replace("<0 90 1>", "<0 74 1>")
case("two lines for three SMMUs", lines(LINES, more=BOTH + BOTH.replace("smmu2", "smmu3").replace("51000000", "52000000")), ("interrupt_shared", "/iommu@51000000", "SPI 74 is an interrupt of /iommu@50000000, too", 2))
case("not of a disabled one", lines(LINES, more=SECOND.replace("reg", 'status = "disabled"; reg')))
OTHERS = "".join(f"iommu@{base}000000 {{ {SECOND.split('{', 1)[1].replace('<0 0x51000000', '<0 0x' + base + '000000').replace('<0 90 1>, <0 79 1>', each)}" for base, each in (("51", "<0 95 1>, <0 90 1>"), ("52", "<0 100 1>, <0 105 1>")))
case("one of three the other way round", lines(LINES, more=OTHERS), ("interrupt_order", "/iommu@51000000", "from eventq to gerror it is -5, and of 2 other SMMUs 5"))
case("the first of three", lines("interrupts = <0 79 1>, <0 75 1>, <0 77 1>, <0 74 1>", more=OTHERS.replace("<0 95 1>, <0 90 1>", "<0 90 1>, <0 95 1>")), ("interrupt_order", "/iommu@50000000", "it is -5, and of 2 other SMMUs 5"))
case("another distance", lines(LINES, more=OTHERS.replace("<0 95 1>, <0 90 1>", "<0 94 1>, <0 90 1>")))
case("not beside a disabled one", lines(LINES, more=SECOND.replace("reg", 'status = "disabled"; reg').replace("<0 90 1>, <0 79 1>", "<0 95 1>, <0 90 1>")))
case("names that are none", lines(LINES, names='interrupt-names = "evtq", "priq", "cmdq-sync", "gerr"'), ("interrupt_names", "/iommu@50000000", 'interrupt-names: "evtq" is none of the binding'))
case("a name that is none of a disabled SMMU", board(USER, SMMU.replace("eventq", "evtq").replace("dma-coherent;", 'status = "disabled";')), ("smmu_disabled", "/dma@60000000", "which is disabled"))
MBI = 'mbi: mbigen@20000000 { compatible = "acme,mbi"; #interrupt-cells = <2>; interrupt-controller; part { #interrupt-cells = <2>; interrupt-controller; }; };'
case("a parent that is no GIC", lines("interrupts-extended = <&mbi 8 1>, <&mbi 9 1>, <&mbi 10 1>, <&mbi 11 1>", MBI + USER), ("interrupt_no_gic", "/iommu@50000000", "go to /mbigen@20000000 (acme,mbi), which is no GIC"))
PART = "interrupts-extended = <&{/mbigen@20000000/part} 8 1>, <&{/mbigen@20000000/part} 9 1>, <&{/mbigen@20000000/part} 10 1>, <&{/mbigen@20000000/part} 11 1>"
case("a part of one", lines(PART, MBI + USER), ("interrupt_no_gic", "/iommu@50000000", "go to /mbigen@20000000/part (acme,mbi)"))
NONE = SMMU.replace(f"{LINES}; {NAMES};", "")
case("no interrupts", board(USER, NONE), ("no_interrupt", "/iommu@50000000", "polling alone"))
case("no interrupts of a disabled SMMU", board(USER, NONE.replace("dma-coherent;", 'status = "disabled";')), ("smmu_disabled", "/dma@60000000", "which is disabled"))


def acpi(root=None, component=None, groups=True, at=0x48, **smmu):
    table = Iort(groups=groups)
    if groups or smmu.get("maps") is not None:
        table.smmu(**smmu)
    else:
        table.smmu(maps=(), **smmu)
        at = 0x30
    table.root(((0, 0xFFFF, 0, at, 0),), **(root or {}))
    if component is not None:
        table.component("\\_SB_.DMA0", ((0, 0, 0x10008, at, SINGLE),), **component)
    return table.save()


case("an IORT", acpi())
case("GSIVs that are none", acpi(gsivs=(5, 107, 0xFFFFFFFF, 109)), ("gsiv_none", "iort@0x48", "eventq GSIV 5, gerror GSIV 4294967295"))
case("GSIVs of PPIs", acpi(gsivs=(21, 107, 111, 109)), ("interrupt_ppi", "iort@0x48", "eventq PPI 5"))
case("GSIVs of extended SPIs", acpi(gsivs=(4100, 4101, 4102, 4103)))
case("one GSIV for two queues", acpi(gsivs=(106, 107, 106, 109)), ("interrupt_shared", "iort@0x48", "eventq, gerror are both SPI 74"))

# --- Their own MSIs. ---

OWN = {"maps": ((0, 0xFFFF, 0, 0x30, 0), (0, 0, 0x5000F, 0x30, SINGLE)), "gsivs": (0, 0, 0, 0), "index": 1, "revision": 5}
case("own MSIs", acpi(**{**OWN, "flags": 0x11}))
case("without the flag", acpi(**OWN), ("own_msi_no_flag", "iort@0x48", "index is 1, and the flag"))
case("without the flag, and wired", acpi(**{**OWN, "gsivs": (106, 107, 111, 109)}))
case("an index of a range", acpi(**{**OWN, "flags": 0x11, "index": 0}), ("own_msi_range", "iort@0x48", "index 0 is of a mapping of 0x10000 IDs, not of a single one"))
case("an index of a range, of a machine that is wired", acpi(**{**OWN, "gsivs": (106, 0, 111, 0), "revision": 1, "index": 0}), ("own_msi_range", "iort@0x48", "for no master's MSIs either"))
case("an index beyond", acpi(**{**OWN, "flags": 0x11, "index": 2}), ("own_msi_index", "iort@0x48", "beyond its mappings"))
case("own MSIs by a missing GSIV", acpi(**{**OWN, "revision": 4}))
NOWHERE = {**OWN, "maps": ((0, 0xFFFF, 0, 0x30, 0), (0, 0, 0x5000F, 0x48, SINGLE)), "flags": 0x11}
case("own MSIs that lead to no ITS", acpi(**NOWHERE), ("own_msi_nowhere", "iort@0x48", "lead to no MSI controller"))
BY_MSI = SMMU.replace(f"{LINES}; {NAMES};", "msi-parent = <&its 0x42>;")
OFF = 'status = "disabled";'
case("own MSIs of a tree", board(USER, BY_MSI))
case("own MSIs by a disabled controller", board(USER, BY_MSI, its=OFF), ("own_msi_disabled", "/iommu@50000000", "msi-controller@30040000 is disabled"))
case("wired as well", board(USER, SMMU.replace(NAMES + ";", NAMES + "; msi-parent = <&its 0x42>;"), its=OFF))
case("wired, and by what is no controller", board(USER, SMMU.replace(NAMES + ";", NAMES + "; msi-parent = <&smmu>;")), ("phandle_nowhere", "/iommu@50000000", "no msi-controller"))
case("own MSIs by what is no controller", board(USER, BY_MSI.replace("&its 0x42", "&smmu")),
     ("own_msi_nowhere", "/iommu@50000000", "lead to no MSI controller"), ("phandle_nowhere", "/iommu@50000000", "no msi-controller"))

# --- Places. ---

case("a unit address that is another", board(USER, SMMU.replace("iommu@50000000", "iommu@51000000")), ("unit_address", "/iommu@51000000", "0x50000000, and its unit address is 0x51000000"))
case("no unit address", board(USER, SMMU.replace("iommu@50000000", "iommu")))
case("an upper-case unit address", board(USER, SMMU.replace("iommu@50000000", "iommu@5E000000").replace("0x50000000", "0x5e000000")))
EXCHANGED = SMMU.replace("iommu@50000000", "iommu@51000000") + SECOND.replace("iommu@51000000", "iommu@50000000").replace("0 79 1", "0 91 1")
case("exchanged", board(USER, EXCHANGED), ("reg_exchanged", "/iommu@51000000", "it and /iommu@50000000 have each other's address", 2))
HALF = SMMU.replace("iommu@50000000", "iommu@51000000") + SECOND.replace("iommu@51000000", "iommu@53000000").replace("0 79 1", "0 91 1")
case("one has the other's address", board(USER, HALF), ("unit_address", "/iommu@51000000", "0x50000000, and its unit"), ("unit_address", "/iommu@53000000", "0x51000000, and its unit"))
BELOW = "bus { #address-cells = <1>; #size-cells = <1>; ranges = <0x1000 0 0x50000000 0x100000>; smmu: iommu@1000 { compatible = \"arm,smmu-v3\"; reg = <0x1000 0x20000>; #iommu-cells = <1>; " + f"{LINES}; {NAMES}; }}; }};"
case("an address on its bus", board(USER, BELOW))

# --- Masters. ---

case("coherent, by all three", acpi({"cca": 1, "access": 3}))
case("coherent by its SMMU's attributes", acpi({"cca": 0, "access": 1}))
case("coherent, without DACS", acpi({"cca": 1, "access": 1}))
case("not coherent, with all flags", acpi({"cca": 0, "access": 3}), ("coherency", "segment:0", "CCA is 0"))
case("two that are not", acpi({"cca": 0, "access": 3}, {"cca": 0, "access": 3}), ("coherency", "segment:0", "CCA is 0", 2))
case("coherent, without a path", acpi({"cca": 1, "access": 2}), ("coherency_path", "segment:0", "no coherent path"))
case("a limit of 0", acpi({"limit": 0}), ("limit_zero", "segment:0", "limit is 0 bits"))
case("revision 0 has no limit", acpi({"limit": 0, "revision": 0}))
case("a component's limit of 0", acpi(component={"limit": 0}), ("limit_zero", "\\_SB_.DMA0", "limit is 0 bits"))


def bus(ranges, body=USER):
    return board(f"bus {{ #address-cells = <2>; #size-cells = <2>; ranges; dma-ranges = {ranges}; {body} }};")


case("dma-ranges that take nothing", bus("<0 0 0 0 0 0>"), ("limit_zero", "/bus/dma@60000000", "dma-ranges: every entry is empty"))
case("one that takes something", bus("<0 0 0 0 0 0>, <0 0 0 0 0 0x1000>"))

# --- PCI. ---

NO_MAP = "msi-map = <0 &its 0 0x10000>;"


def host(maps=MAPS, more="", **how):
    return board(f"pcie@70000000 {{ {HOST} {maps} {more} }};", **how)


AT = "/pcie@70000000"
case("a host", host())
case("iommus on a host", host(NO_MAP, "iommus = <&smmu 0x100>;"), ("iommus_on_pci", AT, "names the bridge's own device: functions below it want iommu-map"))
case("a host without device_type", board("pcie@70000000 { " + HOST.replace('device_type = "pci";', "") + NO_MAP + " iommus = <&smmu 0x100>; };"), ("iommus_on_pci", AT, "functions below it want iommu-map"))
case("iommus beside a map", host(MAPS, "iommus = <&smmu 0x10100>;"))
case("iommus on a function", host(MAPS, "wifi@0,0 { reg = <0 0 0 0 0>; iommus = <&smmu 0x10101>; };"), ("iommus_on_function", AT + "/wifi@0,0", "Linux does not look at it"))
PORT = "port@0,0 { device_type = \"pci\"; reg = <0 0 0 0 0>; #address-cells = <3>; #size-cells = <2>; ranges; wifi@0 { reg = <0x10000 0 0 0 0>; iommus = <&smmu 0x10101>; }; };"
case("behind a port", host(MAPS, PORT), ("iommus_on_function", AT + "/port@0,0/wifi@0", "Linux does not look at it"))
case("two functions of one host", host(MAPS, PORT + "nic@1,0 { reg = <0x800 0 0 0 0>; iommus = <&smmu 0x10102>; };"), ("iommus_on_function", AT, "Linux does not look at it", 2))
ENDPOINT = 'pcie-ep@fe150000 { compatible = "acme,soc-pcie-ep", "acme,pcie-ep"; reg = <0 0xfe150000 0 0x10000>; iommus = STREAMS; };'
case("endpoint mode, one stream", board(ENDPOINT.replace("STREAMS", "<&smmu 3>")), ("endpoint_stream", "/pcie-ep@fe150000", "one stream, 0x3"))
case("endpoint mode, two streams", board(ENDPOINT.replace("STREAMS", "<&smmu 3>, <&smmu 4>")))
case("-ep within a name", board(ENDPOINT.replace("STREAMS", "<&smmu 3>").replace("-ep\"", "-epsilon\"")))


def masked(streams, msis, mask="", msi_mask="", buses="0 0xff"):
    mask = f"iommu-map-mask = <{mask}>;" if mask else ""
    msi_mask = f"msi-map-mask = <{msi_mask}>;" if msi_mask else ""
    return board(f"pcie@70000000 {{ {HOST.replace('0 0xff', buses)} iommu-map = {streams}; msi-map = {msis}; {mask} {msi_mask} }};")


TWO = ("<0 &smmu 0x10 0x200>", "<0 &its 0x10 0x200>")
case("one of two masks", masked(*TWO, "0x1ff"), ("one_mask", AT, "iommu-map-mask: 0x1ff, msi-map-mask: no mask: requester IDs 0x200 to 0xffff have a stream, and no entry"))
case("the other of two masks", masked(*TWO, "", "0x1ff"), ("one_mask", AT, "iommu-map-mask: no mask, msi-map-mask: 0x1ff: requester IDs 0x200 to 0xffff have an entry for MSIs, and no stream"))
case("two masks", masked(*TWO, "0x1ff", "0x1ff"))
case("different masks", masked(*TWO, "0x1ff", "0x3ff"), ("one_mask", AT, "0x200 to 0x3ff have a stream"))
case("one mask that changes nothing", masked("<0 &smmu 0 0x10000>", "<0 &its 0 0x10000>", "0xffff"))
case("one mask, on the buses that it has", masked(*TWO, "0x1ff", buses="0 1"))
case("a mask of the function", masked("<0 &smmu 0 0x10000>", "<0 &its 0 0x10000>", "0xfff8"), ("coarse_mask", AT, "the functions of a device share one stream"))
case("a mask of the bus", masked("<0 &smmu 0 0x10000>", "<0 &its 0 0x10000>", "0xff00"), ("coarse_mask", AT, "0xff00: the functions of a bus share one stream"))
case("a mask with a hole", masked("<0 &smmu 0 0x10000>", "<0 &its 0 0x10000>", "0xffef"), ("coarse_mask", AT, "differ only in 0x10"))
HOLE = "<0 &its 0 0x10000>"
case("a hole", masked("<0 &smmu 0 0x100>, <0x200 &smmu 0x200 0xfe00>", HOLE), ("requester_hole", AT, "requester IDs 0x100 to 0x1ff of its buses"))
case("holes", masked("<0x10 &smmu 0x10 0xf0>, <0x201 &smmu 0x201 0xfdff>", HOLE), ("requester_hole", AT, "requester IDs 0x0 to 0xf, 0x100 to 0x200 of"))
case("one ID", masked("<0 &smmu 0 0xffff>", HOLE), ("requester_hole", AT, "requester ID 0xffff alone, the last of a bus"))
case("one ID within a bus", masked("<0 &smmu 0 0xfffe>, <0xffff &smmu 0xffff 1>", HOLE), ("requester_hole", AT, "requester IDs 0xfffe of"))
case("a hole beyond its buses", masked("<0 &smmu 0 0x1000>", HOLE, buses="0 0xf"))
case("a hole of masked IDs", masked("<0 &smmu 0 0x80>", "<0 &its 0 0x80>", "0xff", "0xff"), ("requester_hole", AT, "requester IDs 0x80 to 0xff of its buses (iommu-map-mask: 0xff)"))
OFF_SMMU = SMMU.replace("dma-coherent;", OFF)
case("a hole behind a disabled SMMU", host("iommu-map = <0 &smmu 0 0x100>; msi-map = <0 &its 0 0x10000>;", smmu=OFF_SMMU), ("smmu_disabled", AT, "which is disabled"))
OTHER_KIND = 'other: iommu@52000000 { compatible = "acme,iommu"; #iommu-cells = <1>; };'
case("behind a reserved SMMU", host(smmu=SMMU.replace("dma-coherent;", 'status = "reserved";')), ("smmu_disabled", AT, "which is reserved: another firmware's"))
case("another kind of IOMMU has the rest", host("iommu-map = <0 &smmu 0 0x100>, <0x100 &other 0x100 0xff00>; msi-map = <0 &its 0 0x10000>;", smmu=SMMU + OTHER_KIND))

# --- MSI controllers. ---

STREAMS = "iommu-map = <0 &smmu 0 0x10000>;"
case("no MSI controller", host(STREAMS), ("msi_none", AT, "no MSI controller is described"))
case("a controller of its own", host(STREAMS, 'interrupts = <0 50 4>, <0 51 4>; interrupt-names = "sys", "msi0";'))
case("it is one", host(STREAMS, "msi-controller;"))
case("one below it", host(STREAMS, "msi-ctrl { msi-controller; };"))
case("msi-parent", host(STREAMS, "msi-parent = <&its 0>;"))
case("a disabled controller", host(its=OFF), ("msi_disabled", AT, "msi-map: leads to /interrupt-controller@30000000/msi-controller@30040000, which is disabled"))
case("a disabled msi-parent", host(STREAMS, "msi-parent = <&its 0>;", its=OFF), ("msi_disabled", AT, "msi-parent: leads to"))
TWO_HOSTS = f"pcie@70000000 {{ {HOST} {MAPS} }}; pcie@90000000 {{ {HOST.replace('pci-domain = <0>', 'pci-domain = <1>').replace('0x70000000', '0x90000000')} iommu-map = <0 &smmu 0x10000 0x10000>; msi-map = <0 &its 0x10000 0x10000>; }};"
case("a disabled controller of two hosts", board(TWO_HOSTS, its=OFF), ("msi_disabled", AT, "which is disabled", 2))
case("a disabled host", host(MAPS, OFF, its=OFF))
case("a root complex without MSIs", acpi(maps=((0x20000, 0xFF, 0, 0x30, 0),)), ("msi_none", "segment:0", "no MSI controller is described"))
case("a machine without an ITS", acpi(groups=False))

# --- Specifiers. ---


def user(streams, more="", smmu=SMMU):
    return board(f"usb@61000000 {{ reg = <0 0x61000000 0 0x1000>; iommus = {streams}; }}; {more}", smmu)


case("one cell", user("<&smmu 0x800>, <&smmu 0x801>"))
case("two cells", user("<&smmu 0x800 0x0>"), ("two_cells", "/usb@61000000", "a second cell (0x0) behind /iommu@50000000"))
case("two cells twice", user("<&smmu 0x820 0x40>, <&smmu 0x900 0>"), ("two_cells", "/usb@61000000", "a second cell (0x40)"))
case("of two masters", user("<&smmu 0x820 0x40>", "sd@62000000 { reg = <0 0x62000000 0 0x1000>; iommus = <&smmu 0x900 0>; };"), ("two_cells", "/usb@61000000", "a second cell", 2))
case("a mask that is a node's phandle", user("<&smmu 0x820 0x40>, <&smmu 0x900 0>", "clock { phandle = <0x40>; };"), ("two_cells", "/usb@61000000", "a second cell (0x40)"))
case("a phandle of nothing", user("<&smmu 0x820>, <0x777 0 0>"), ("phandle_nowhere", "/usb@61000000", "leads to no node"))
case("five cells in a map", host("iommu-map = <0 &smmu 0 0 0x8000>, <0x8000 &smmu 0x8000 0 0x8000>; msi-map = <0 &its 0 0x10000>;"), ("two_cells", AT, "iommu-map: a second cell"))
CELLS = SMMU.replace("#iommu-cells = <1>", "#iommu-cells = <2>")
case("#iommu-cells of 2", user("<&smmu 0x800 0>", smmu=CELLS), ("specifier_cells", "/iommu@50000000", "#iommu-cells: 2: an SMMUv3 takes one"))
case("and a map of four cells", host(smmu=CELLS), ("specifier_cells", "/iommu@50000000", "an SMMUv3 takes one", 2))

# --- SoCs. ---

IMX = 'compatible = "fsl,imx95-pcie";'


def imx(streams, msis, kind=IMX):
    return board(f"pcie@70000000 {{ {HOST.replace('0 0xff', '0 1')} {kind} iommu-map = {streams}; msi-map = {msis}; iommu-map-mask = <0x1ff>; msi-map-mask = <0x1ff>; }};")


case("one table for both", imx("<0 &smmu 0x10 0x20>, <0x100 &smmu 0x30 0x8>", "<0 &its 0x90 0x20>, <0x100 &its 0xb0 0x8>"), ("requester_hole", AT, ""))
case("they differ", imx("<0 &smmu 0x10 1>, <0x100 &smmu 0x11 7>", "<0 &its 0x10 1>, <0x100 &its 0x12 7>"),
     ("lut_mismatch", AT, "requester ID 0x100: stream 0x11, MSI device 0x12"), ("requester_hole", AT, ""))
case("beyond the table's width", imx("<0 &smmu 0x3d 8>", "<0 &its 0xbd 8>"), ("lut_width", AT, "streams 0x40 to 0x44"), ("requester_hole", AT, ""))
case("one beyond the table's width", imx("<0 &smmu 0x3d 4>", "<0 &its 0xbd 4>"), ("lut_width", AT, "streams 0x40 to 0x40"), ("requester_hole", AT, ""))
case("another SoC", imx("<0 &smmu 0x10 1>", "<0 &its 0x12 1>", ""), ("requester_hole", AT, ""))


def memory(root, base):
    return tool.dtb(
        f'/dts-v1/;\n/ {{ #address-cells = <2>; #size-cells = <2>; compatible = "{root}"; interrupt-parent = <&gic>;\n'
        f'gic: gic {{ compatible = "arm,gic-v3"; #interrupt-cells = <3>; interrupt-controller; }}; {SMMU} {USER}\n'
        f'memory@{base:x} {{ device_type = "memory"; reg = <{base >> 32:#x} {base & 0xffffffff:#x} 0 0x10000000>; }};\n}};\n')


case("RAM below the output size", memory("linux,dummy-virt", (1 << 44) - 0x10000000))
case("RAM that ends above it", memory("linux,dummy-virt", (1 << 44) - 0x8000000), ("ram_above_output", f"/memory@{(1 << 44) - 0x8000000:x}", "emit addresses of 44 bits"))
case("RAM above the output size", memory("linux,dummy-virt", 1 << 44), ("ram_above_output", f"/memory@{1 << 44:x}", "emit addresses of 44 bits"))
case("of an unknown machine", memory("acme,board", 1 << 44))

# --- ID mappings that are well formed. ---


def mapped(*maps, base=0x50000000, component=None, **root):
    """`maps` of the root complex: input, count less one, output, flags[, reference]."""
    table = Iort()
    smmu = table.smmu(base=base)
    table.root([(*each[:3], each[4] if len(each) > 4 else smmu, each[3]) for each in maps], **root)
    if component:
        table.component("\\_SB_.DMA0", [(*each[:3], smmu, each[3]) for each in component])
    return table.save()


case("whole buses", mapped((0, 0xFFFF, 0, 0)))
case("one ID more than all", mapped((0, 0x10000, 0, 0)), ("map_count_is_number", "iort@0xa0", "takes requester ID 0x10000 along, too"))
case("one ID more than a bus", mapped((0x200, 0x100, 0x200, 0)), ("map_count_is_number", "iort@0xa0", "takes requester ID 0x300 along, too"))
case("one ID more than a device", mapped((0, 8, 0, 0)))
case("one ID more, where another starts", mapped((0, 0x100, 0, 0), (0x100, 0xFF, 0x100, 0)), ("map_count_is_number", "iort@0xa0", "as if it had the count of its IDs"))
case("a single mapping of a root complex", mapped((0, 0, 0x20, SINGLE)), ("coarse_mask", "segment:0", "ID mapping: a single one: all functions of the segment share stream 0x20"))
case("a root complex around the SMMU", mapped((0, 0xFFFF, 0, 0, Iort.GROUP)), ("dma_without_iommu", "segment:0", "its requester IDs lead to none of the table's SMMUs"))
case("an SMMU at 0", mapped((0, 0xFFFF, 0, 0), base=0), ("no_address", "iort@0x48", "base address: 0: the firmware has not filled it in"))
case("a component's range", mapped((0, 0xFFFF, 0, 0), component=[(0, 0x1F, 0x10000, 0)]), ("component_range", "\\_SB_.DMA0", "ID mapping: a range"))
case("a component's single mapping, then a range", mapped((0, 0xFFFF, 0, 0), component=[(0, 0, 0x10000, SINGLE), (0, 0x1F, 0x10001, 0)]))

# --- Names that are almost right. ---


def named(spelt, at="dma@66000000"):
    return board(USER + f"{at} {{ reg = <0 0x66000000 0 0x1000>; {spelt} }};")


for wrong, right in (("iommu", "iommus"), ("imomus", "iommus"), ("iomnus", "iommus"), ("iommmus", "iommus"), ("iommu_map", "iommu-map"),
                     ("iommu-maps", "iommu-map"), ("msi-parents", "msi-parent"), ("interrupt-name", "interrupt-names"), ("dma-coherant", "dma-coherent")):
    case(f"{wrong} for {right}", named(f"{wrong} = <&smmu 9>;"), ("misspelt", "/dma@66000000", f"{wrong}: Linux reads no property of that name: is {right} meant?"))
case("beside the right one", named("iommus = <&smmu 9>; iommu = <&smmu 9>;"))
case("two letters away", named("iommusss = <&smmu 9>; iammux = <1>; acme,iommu = <1>; msi = <1>; iommu-names = \"a\";"))
case("twice", board(USER + "a { iommu = <&smmu 9>; }; b { iommu = <&smmu 10>; };"), ("misspelt", "/a", "is iommus meant?", 2))
IOMMU = "iommu@67000000 { #iommu-cells = <1>; reg = <0 0x67000000 0 0x20000>; compatible = COMPATIBLE; };"
for wrong in ("arm,smmuv3", "arm,smmu_v3", "arm,smmu-v3.2", "arm,smmu3", "arm,mmu-600", '"acme,smmu", "arm,smmuv3"'):
    case(f"compatible {wrong}", board(USER + IOMMU.replace("COMPATIBLE", wrong if '"' in wrong else f'"{wrong}"')),
         ("misspelt", "/iommu@67000000", f'compatible: "{wrong.split(chr(34))[-2] if chr(34) in wrong else wrong}" is no driver\'s: is "arm,smmu-v3" meant?'))
for right in ('"arm,smmu-v2"', '"arm,mmu-500"', '"acme,mmu-600", "arm,smmu-v3"', '"arm,mmu-600", "arm,smmu-v3"', '"arm,smmu-v3-pmcg"'):
    case(f"compatible {right}", board(USER + IOMMU.replace("COMPATIBLE", right).replace("reg =", "interrupts = <0 80 1>; interrupt-names = \"combined\"; reg =")))
case("an SMMUv2's list of masters", board(USER, SMMU.replace("dma-coherent;", "dma-coherent; mmu-masters = <&gic 1>;")), ("mmu_masters", "/iommu@50000000", "mmu-masters: the old binding"))

# --- DMA without an IOMMU. ---

USB = 'usb@63000000 { compatible = "snps,dwc3"; reg = <0 0x63000000 0 0x1000>; MORE };'
case("beside a sibling", board(USER + USB.replace("MORE", "")), ("dma_without_iommu", "/usb@63000000", "does DMA (snps,dwc3) and names no IOMMU, beside /dma@60000000"))
case("with one", board(USER + USB.replace("MORE", "iommus = <&smmu 9>;")))
case("with one below", board(USER + USB.replace("MORE", "part { iommus = <&smmu 9>; };")))
case("disabled", board(USER + USB.replace("MORE", OFF)))
case("beside a sibling that nothing translates", board(USER + USB.replace("MORE", ""), OFF_SMMU), ("smmu_disabled", "/dma@60000000", "which is disabled"))
case("on another bus", board(USER + "bus { " + USB.replace("MORE", "").replace("reg = <0 0x63000000 0 0x1000>;", "") + " };"))
case("beside a PCI host alone", board(f"pcie@70000000 {{ {HOST} {MAPS} }}; " + USB.replace("MORE", "")))
case("a PCI host beside one", board(f"pcie@70000000 {{ {HOST} {MAPS} }}; pcie@90000000 {{ compatible = \"pci-host-ecam-generic\"; {HOST.replace('pci-domain = <0>', 'pci-domain = <1>').replace('0x70000000', '0x90000000')} {NO_MAP.replace('&its 0', '&its 0x10000')} }};"),
     ("dma_without_iommu", "/pcie@90000000", "does DMA (pci-host-ecam-generic)"))
case("two of a kind", board(USER + USB.replace("MORE", "") + USB.replace("MORE", "").replace("63000000", "64000000")), ("dma_without_iommu", "/usb@63000000", "does DMA", 2))

# --- What is shown at boot. ---


def shown(region="", framebuffer="memory-region = <&fb>;", display='display@65000000 { reg = <0 0x65000000 0 0x1000>; iommus = <&smmu 9>; MORE };', more="", smmu=SMMU):
    return board(
        "reserved-memory { #address-cells = <2>; #size-cells = <2>; ranges; fb: fb@90000000 { reg = <0 0x90000000 0 0x800000>; %s }; };"
        " chosen { #address-cells = <2>; #size-cells = <2>; ranges; %s };"
        " %s" % (region, f'framebuffer@90000000 {{ compatible = "simple-framebuffer"; {framebuffer} }};' if framebuffer else "", display.replace("MORE", more)), smmu)


case("a framebuffer that nothing keeps", shown(), ("scanout_without_addresses", "/display@65000000", "it shows the buffer at 0x90000000, 0x800000 bytes (/chosen/framebuffer@90000000)"))
case("a framebuffer behind a disabled SMMU", shown(smmu=OFF_SMMU), ("smmu_disabled", "/display@65000000", "which is disabled"))
case("by its own reg", shown(framebuffer="reg = <0 0x90000000 0 0x800000>;"), ("scanout_without_addresses", "/display@65000000", "0x90000000"))
KEPT = "iommu-addresses = <&{/display@65000000} 0 0x90000000 0 0x800000>;"
case("kept", shown(KEPT, more="memory-region = <&fb>;"))
case("kept by another node", shown(KEPT, "reg = <0 0x90000000 0 0x800000>;", more="memory-region = <&fb>;"))
case("a region that a display names", shown(framebuffer="", more="memory-region = <&fb>;"), ("scanout_without_addresses", "/display@65000000", "/reserved-memory/fb@90000000"))
case("a pool that it names", shown('compatible = "shared-dma-pool"; reusable;', "", more="memory-region = <&fb>;"))
case("a pool that is no CMA's", shown('compatible = "shared-dma-pool";', "", more="memory-region = <&fb>;"))
case("a region of another device", shown(framebuffer="", display="dsp@65000000 { reg = <0 0x65000000 0 0x1000>; iommus = <&smmu 9>; memory-region = <&fb>; };"))
case("the device that display names", shown(framebuffer="memory-region = <&fb>; display = <&{/panel@65000000}>;", display="panel@65000000 { reg = <0 0x65000000 0 0x1000>; iommus = <&smmu 9>; };"),
     ("scanout_without_addresses", "/panel@65000000", "0x90000000"))
case("a disabled framebuffer", shown(framebuffer=f"memory-region = <&fb>; {OFF}"))
case("two displays", shown(display='display@65000000 { reg = <0 0x65000000 0 0x1000>; iommus = <&smmu 9>; }; vop@66000000 { reg = <0 0x66000000 0 0x1000>; iommus = <&smmu 10>; };'),
     ("scanout_without_addresses", "/display@65000000", "0x90000000"))
case("a display that nothing translates", shown(display="display@65000000 { reg = <0 0x65000000 0 0x1000>; };"))

# --- Maps that are written otherwise than they are read. ---

ORDER = "cell 3 of each entry, and should be cell 2: <ID phandle output length>"
case("the phandle behind the stream", host("iommu-map = <0 0 &smmu 0x10000>; msi-map = <0 &its 0 0x10000>;"), ("map_order", AT, "iommu-map: the phandle is " + ORDER))
case("in the map of MSIs", host("iommu-map = <0 &smmu 0 0x10000>; msi-map = <0 0 &its 0x10000>;"), ("map_order", AT, "msi-map: the phandle is " + ORDER))
case("the phandle first", host("iommu-map = <&smmu 0 0 0x100>, <&smmu 0x100 0x100 0xff00>; msi-map = <0 &its 0 0x10000>;"), ("map_order", AT, "cell 1 of each entry"))
case("in one of two entries", host("iommu-map = <0 0 &smmu 0x100>, <0x100 &smmu 0x100 0xff00>; msi-map = <0 &its 0 0x10000>;"), ("phandle_nowhere", AT, "leads to no node"))
case("the stream before the phandle", board("dma@60000000 { reg = <0 0x60000000 0 0x1000>; iommus = <8 &smmu>; };"), ("map_order", "/dma@60000000", "iommus: the phandle is cell 2 of each entry, and should be cell 1: <phandle stream>"))

BEYOND = "IDs 0x10000 to 0x1ffff: a requester ID has 16 bits"
case("the segment in the requester ID", host("iommu-map = <0x10000 &smmu 0 0x10000>; msi-map = <0x10000 &its 0 0x10000>;"), ("map_beyond", AT, "iommu-map: " + BEYOND))
case("that of MSIs", host("iommu-map = <0 &smmu 0 0x10000>; msi-map = <0x10000 &its 0 0x10000>;"), ("map_beyond", AT, "msi-map: " + BEYOND), ("msi_hole", AT, "0x0 to 0xffff have a stream"))
case("longer than all buses", host("iommu-map = <0 &smmu 0 0x20000>; msi-map = <0 &its 0 0x10000>;"))
case("a bus that is no PCI", board("fsl-mc@60000000 { compatible = \"fsl,qoriq-mc\"; reg = <0 0x60000000 0 0x1000>; iommu-map = <0x10000 &smmu 0 0x100>; };"))


def segments(maps, **more):
    table = Iort()
    table.smmu()
    table.root(maps, **more)
    return table.save()


case("the segment in an IORT's input base", segments(((0x10000, 0xFFFF, 0, 0x48, 0),), segment=1), ("map_beyond", "segment:1", "ID mapping: " + BEYOND))
case("one requester ID in an IORT", segments(((0, 0, 0, 0x48, 0),)), ("requester_hole", "segment:0", "requester ID 0x0 alone has a stream"))
case("a limit of 64 bits", segments(EVERY, limit=64))
case("a limit of more", segments(EVERY, limit=200), ("limit_beyond", "segment:0", "is 200 bits"))


# --- Where reserved memory is. ---


def kept(base, size=0x100000):
    return board(f"""
	reserved-memory {{ #address-cells = <2>; #size-cells = <2>; ranges;
		fb: fb@{base:x} {{ reg = <0 {base:#x} 0 {size:#x}>; iommu-addresses = <&dma 0 {base:#x} 0 {size:#x}>; }}; }};
	dma: dma@60000000 {{ reg = <0 0x60000000 0 0x1000>; iommus = <&smmu 8>, <&smmu 9>; memory-region = <&fb>; }};""")


case("kept in RAM", kept(0x90000000))
case("kept where RAM ends", kept(0x7FF00000, 0x200000))
case("kept where none is", kept(0x48000000), ("region_no_ram", "/reserved-memory/fb@48000000", "0x48000000 to 0x480fffff, which is kept for /dma@60000000, is in no memory node"))
case("kept over an SMMU", kept(0x50010000), ("region_registers", "/reserved-memory/fb@50010000", "are registers of /iommu@50000000"))
tap.done()
