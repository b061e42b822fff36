# SPDX-License-Identifier: BSD-2-Clause
"""What smmu-inspect makes of what the devicetree bindings and DEN0049 (the IORT's specification) describe, case by case. Each
table is as small as its case, and its author typed all expected numbers after reading it."""

import os
import struct

import tool
from expect import check, instance, reserved, single, span, window
from tool import tap

GIC = """
	gic: interrupt-controller@8000000 {
		compatible = "arm,gic-v3";
		reg = <0x0 0x8000000 0x0 0x10000>, <0x0 0x80a0000 0x0 0xf60000>;
		interrupt-controller;
		#interrupt-cells = <3>;
		#address-cells = <2>;
		#size-cells = <2>;
		ranges;

		its: msi-controller@8080000 {
			compatible = "arm,gic-v3-its";
			reg = <0x0 0x8080000 0x0 0x20000>;
			msi-controller;
			#msi-cells = <1>;
		};
	};
"""
INTERRUPTS = 'interrupts = <0 74 1>, <0 77 1>; interrupt-names = "eventq", "gerror";'


def tree(body):
    return tool.dtb(f"""/dts-v1/;
/ {{
	compatible = "acme,board";
	interrupt-parent = <&gic>;
	#address-cells = <2>;
	#size-cells = <2>;

	memory@80000000 {{
		device_type = "memory";
		reg = <0x0 0x80000000 0x0 0x40000000>;
	}};
{GIC}
{body}
}};
""")


def smmu(label, more="", address="10000000", reg=None, interrupts=INTERRUPTS, cells="#iommu-cells = <1>;"):
    return f"""
	{label}: iommu@{address} {{
		compatible = "arm,smmu-v3";
		reg = <{reg or '0x0 0x' + address + ' 0x0 0x20000'}>;
		{interrupts}
		{cells}
		{more}
	}};
"""


def foreign(label, cells, address):
    """An IOMMU that is no SMMUv3."""
    return f"""
	{label}: iommu@{address} {{
		compatible = "acme,iommu";
		reg = <0x0 0x{address} 0x0 0x1000>;
		#iommu-cells = <{cells}>;
	}};
"""


def host(more, address="40000000"):
    return f"""
	pcie@{address} {{
		compatible = "pci-host-ecam-generic";
		device_type = "pci";
		reg = <0x0 0x{address} 0x0 0x10000000>;
		#address-cells = <3>;
		#size-cells = <2>;
		ranges = <0x2000000 0x0 0x50000000 0x0 0x50000000 0x0 0x10000000>;
		bus-range = <0x0 0xff>;
		{more}
	}};
"""


def device(name, address, more, reg=None):
    return f"""
	{name}: {name}@{address} {{
		compatible = "acme,{name}";
		reg = <{reg or '0x0 0x' + address + ' 0x0 0x1000'}>;
		{more}
	}};
"""


def bus(address, more, child, cells=2):
    return f"""
	bus@{address} {{
		compatible = "simple-bus";
		#address-cells = <{cells}>;
		#size-cells = <{cells}>;
		{more}
{child}
	}};
"""


ONE = [instance("/iommu@10000000", "0x10000000", "0x20000")]
TWO = [*ONE, instance("/iommu@11000000", "0x11000000", "0x20000")]
A = "/iommu@10000000"
B = "/iommu@11000000"
PCIE = "/pcie@40000000"



def starts(table):
    """Where windows begin, for masks that leave two ways to say where they end."""
    return [(each["input_first"], each["sid"], each["mask"]) for each in table["windows"]]


# --- Requester IDs of a PCI host -------------------------------------------------------------------------------------------

check(
    "identity map",
    tree(smmu("a") + host("iommu-map = <0x0 &a 0x0 0x10000>;")),
    instances=ONE,
    windows=[window(PCIE, A, "0x0", "0xffff", "0x0")],
)
check(
    "identity map on top of a base",
    tree(smmu("a") + host("iommu-map = <0x0 &a 0x480000 0x10000>;")),
    instances=ONE,
    windows=[window(PCIE, A, "0x0", "0xffff", "0x480000")],
)
# The functions of a device have one stream ID. The last requester ID that the mask lets exist is 0xfff8.
said = check(
    "mask of the function number",
    tree(smmu("a") + host("iommu-map = <0x0 &a 0x0 0x10000>; iommu-map-mask = <0xfff8>;")),
    instances=ONE,
    windows=None,
)
tap.equal(starts(said), [("0x0", "0x0", "0xfff8")], "mask of the function number: one window")
tap.ok(said["windows"][0]["input_last"] in ("0xfff8", "0xffff"), "mask of the function number: to the last", said["windows"])
check(
    "inverted bus numbers",
    tree(smmu("a") + host("iommu-map = <0x0 &a 0x8000 0x8000>, <0x8000 &a 0x0 0x8000>;")),
    instances=ONE,
    windows=[window(PCIE, A, "0x0", "0x7fff", "0x8000"), window(PCIE, A, "0x8000", "0xffff", "0x0")],
)
check(
    "two SMMUs, entries in no order",
    tree(
        smmu("a")
        + smmu("b", address="11000000")
        + host("iommu-map = <0x8000 &b 0x0 0x4000>, <0x0 &a 0x0 0x4000>, <0x4000 &a 0x4000 0x2000>;")
    ),
    instances=TWO,
    windows=[
        window(PCIE, A, "0x0", "0x5fff", "0x0"),
        window(PCIE, B, "0x8000", "0xbfff", "0x0"),
    ],
)
check(
    "entries that follow each other at one side alone",
    tree(smmu("a") + host("iommu-map = <0x0 &a 0x0 0x4000>, <0x4000 &a 0x8000 0x2000>, <0x7000 &a 0xa000 0x1000>;")),
    instances=ONE,
    windows=[window(PCIE, A, "0x0", "0x3fff", "0x0"), window(PCIE, A, "0x4000", "0x5fff", "0x8000"), window(PCIE, A, "0x7000", "0x7fff", "0xa000")],
)
check(
    "the first entry that matches wins",
    tree(smmu("a") + smmu("b", address="11000000") + host("iommu-map = <0x100 &b 0x1000 0x10>, <0x0 &a 0x0 0x200>;")),
    warned=None,
    instances=TWO,
    windows=[
        window(PCIE, A, "0x0", "0xff", "0x0"),
        window(PCIE, B, "0x100", "0x10f", "0x1000"),
        window(PCIE, A, "0x110", "0x1ff", "0x110"),
    ],
)
check(
    "an entry wins for an IOMMU that is no SMMUv3, too",
    tree(
        smmu("a")
        + foreign("foreign", 1, "12000000")
        + host("iommu-map = <0x80 &foreign 0x0 0x80>, <0x0 &a 0x0 0x200>;")
    ),
    warned=None,
    instances=ONE,
    windows=[window(PCIE, A, "0x0", "0x7f", "0x0"), window(PCIE, A, "0x100", "0x1ff", "0x100")],
)
check(
    "an entry is as long as its IOMMU's #iommu-cells says",
    tree(
        smmu("a")
        + foreign("none", 0, "12000000")
        + foreign("two", 2, "13000000")
        + host("iommu-map = <0x0 &two 0x7 0x0 0x1>, <0x100 &a 0x1100 0x100>, <0x200 &none 0x100>, <0x300 &a 0x1300 0x100>;")
    ),
    warned=None,
    instances=ONE,
    windows=[window(PCIE, A, "0x100", "0x1ff", "0x1100"), window(PCIE, A, "0x300", "0x3ff", "0x1300")],
)
# Linux gives up on a requester ID when it comes to an entry whose base the mask would change: what matched before stays.
said = check(
    "an entry that the mask contradicts ends the map",
    tree(
        smmu("a")
        + host("iommu-map = <0x0 &a 0x0 0x100>, <0x101 &a 0x4000 0x1>, <0x200 &a 0x200 0x100>; iommu-map-mask = <0xff00>;")
    ),
    warned=True,
    instances=ONE,
    # Of the 256 requester IDs in the entry only the first is left by the mask, so that either end is true.
    windows=None,
)
tap.equal(starts(said), [("0x0", "0x0", "0xff00")], "an entry that the mask contradicts ends the map: what is before it")
# How long an entry is that two cells are the output of is known, which stream IDs its length stands for is not.
check(
    "a range with two output cells",
    tree(
        smmu("a")
        + foreign("two", 2, "13000000")
        + host("iommu-map = <0x0 &a 0x1000 0x100>, <0x100 &two 0x7 0x0 0x100>;")
    ),
    warned=True,
    instances=ONE,
    windows=[window(PCIE, A, "0x0", "0xff", "0x1000")],
)
check(
    "several hosts, a mask of one is none of the other's",
    tree(
        smmu("a")
        + host("linux,pci-domain = <0>; iommu-map = <0x0 &a 0x0 0x100>; iommu-map-mask = <0xff>;")
        + host("linux,pci-domain = <1>; iommu-map = <0x0 &a 0x1000 0x100>;", "60000000")
    ),
    instances=ONE,
    windows=[
        window(PCIE, A, "0x0", "0xff", "0x0", mask="0xff"),
        window("/pcie@60000000", A, "0x0", "0xff", "0x1000"),
    ],
)
check(
    "a map of a node that is no PCI host",
    tree(smmu("a") + device("complex", "20000000", "iommu-map = <0x17 &a 0x4017 0x10>; iommus = <&a 0x3>;")),
    warned=None,
    instances=ONE,
    fixed=[single("/complex@20000000", A, "0x3")],
    windows=[window("/complex@20000000", A, "0x17", "0x26", "0x4017")],
)

# --- Stream IDs of platform devices ----------------------------------------------------------------------------------------

check(
    "streams at two instances",
    tree(smmu("a") + smmu("b", address="11000000") + device("dma", "20000000", "iommus = <&b 0x1>, <&a 0x100>, <&b 0x2>;")),
    instances=TWO,
    fixed=[single("/dma@20000000", A, "0x100"), single("/dma@20000000", B, "0x1"), single("/dma@20000000", B, "0x2")],
)
check(
    "specifiers of other IOMMUs between, none and two cells long",
    tree(
        smmu("a")
        + foreign("none", 0, "12000000")
        + foreign("two", 2, "13000000")
        + device("dma", "20000000", "iommus = <&none>, <&a 0x8>, <&two 0x1 0x2>, <&a 0x9>;")
    ),
    warned=None,
    instances=ONE,
    fixed=[single("/dma@20000000", A, "0x8"), single("/dma@20000000", A, "0x9")],
)
# An SMMUv3 has one cell. What a table with another number means by the rest is its secret, but where its specifier ends is not.
said = check(
    "SMMUv3s with another #iommu-cells",
    tree(
        smmu("a")
        + smmu("none", address="11000000", cells="#iommu-cells = <0>;")
        + smmu("two", address="12000000", cells="#iommu-cells = <2>;")
        + device("dma", "20000000", "iommus = <&none>, <&a 0x8>, <&two 0x1 0x2>, <&a 0x9>;")
    ),
    warned=True,
    instances=[*TWO, instance("/iommu@12000000", "0x12000000", "0x20000")],
    fixed=None,
)
found = [each["first"] for each in said["fixed"] if each["instance"] == A]
tap.equal(found, ["0x8", "0x9"], "SMMUv3s with another #iommu-cells: what the others have")
check(
    "the highest stream ID",
    tree(smmu("a") + device("dma", "20000000", "iommus = <&a 0xffffffff>;")),
    warned=None,
    instances=ONE,
    fixed=[single("/dma@20000000", A, "0xffffffff")],
)

# --- Enabled or not --------------------------------------------------------------------------------------------------------

for status, enabled in (
    ("", True),
    ('status = "okay";', True),
    ('status = "ok";', True),
    ('status = "disabled";', False),
    ('status = "reserved";', False),
    ('status = "fail";', False),
    ('status = "fail-clock";', False),
    ('status = "OKAY";', False),
    ('status = "okay-ish";', False),
    ('status = "";', False),
    ("status;", False),
):
    check(
        f"{status or 'no status'}: of the SMMU",
        tree(smmu("a", status) + device("dma", "20000000", "iommus = <&a 0x8>;")),
        warned=None,
        instances=[instance(A, "0x10000000", "0x20000", enabled=enabled)],
        fixed=[single("/dma@20000000", A, "0x8")],
    )
    check(
        f"{status or 'no status'}: of a bus, of a device and of a host",
        tree(
            bus("0", f"ranges; {status}", smmu("a"))
            + device("dma", "20000000", f"iommus = <&a 0x8>; {status}")
            + host(f"iommu-map = <0x0 &a 0x0 0x100>; {status}")
        ),
        warned=None,
        instances=[instance("/bus@0/iommu@10000000", "0x10000000", "0x20000", enabled=enabled)],
        fixed=[single("/dma@20000000", "/bus@0/iommu@10000000", "0x8", enabled=enabled)],
        windows=[window(PCIE, "/bus@0/iommu@10000000", "0x0", "0xff", "0x0", enabled=enabled)],
    )
check(
    "enabled below a disabled grandparent",
    tree(
        smmu("a")
        + bus("0", 'ranges; status = "disabled";',
              bus("1", 'ranges; status = "okay";', device("dma", "20000000", "iommus = <&a 0x8>;")))
    ),
    warned=None,
    instances=ONE,
    fixed=[single("/bus@0/bus@1/dma@20000000", A, "0x8", enabled=False)],
)

# --- Coherency -------------------------------------------------------------------------------------------------------------

FABRIC = "#interconnect-cells = <1>;"
for title, body, path, coherent in (
    ("said nowhere", smmu("a"), A, False),
    ("on the node", smmu("a", "dma-coherent;"), A, True),
    ("dma-noncoherent on the node", smmu("a", "dma-noncoherent;"), A, False),
    ("both on the node, where Linux looks for coherency first", smmu("a", "dma-noncoherent; dma-coherent;"), A, True),
    ("from the bus", bus("0", "ranges; dma-coherent;", smmu("a")), "/bus@0" + A, True),
    ("from the bus of the bus", bus("0", "ranges; dma-coherent;", bus("1", "ranges;", smmu("a"))), "/bus@0/bus@1" + A, True),
    ("not across a bus without", bus("0", "ranges; dma-coherent;", bus("1", "ranges; dma-noncoherent;", smmu("a"))),
     "/bus@0/bus@1" + A, False),
    ("again below a bus without", bus("0", "ranges; dma-noncoherent;", bus("1", "ranges; dma-coherent;", smmu("a"))),
     "/bus@0/bus@1" + A, True),
    ("the node has the last word", bus("0", "ranges; dma-coherent;", smmu("a", "dma-noncoherent;")), "/bus@0" + A, False),
    ("not from a sibling", smmu("a") + bus("0", "ranges; dma-coherent;", ""), A, False),
    ("by way of memory", device("fabric", "30000000", FABRIC + "dma-coherent;")
     + smmu("a", 'interconnects = <&fabric 0x1>; interconnect-names = "dma-mem";'), A, True),
    ("by way of memory, the second of two",
     device("fabric", "30000000", FABRIC + "dma-coherent;") + device("other", "31000000", FABRIC)
     + smmu("a", 'interconnects = <&other 0x2>, <&fabric 0x1>; interconnect-names = "read", "dma-mem";'), A, True),
    ("not by another way", device("fabric", "30000000", FABRIC + "dma-coherent;")
     + smmu("a", 'interconnects = <&fabric 0x1>; interconnect-names = "write";'), A, False),
    ("the way to memory in the place of the bus", device("fabric", "30000000", FABRIC)
     + bus("0", "ranges; dma-coherent;", smmu("a", 'interconnects = <&fabric 0x1>; interconnect-names = "dma-mem";')),
     "/bus@0" + A, False),
):
    check(f"coherent: {title}", tree(body), instances=[instance(path, "0x10000000", "0x20000", coherent=coherent)])

# --- Where an SMMUv3 is ----------------------------------------------------------------------------------------------------

for title, body, path, base in (
    ("above 4 GiB", smmu("a", reg="0x8 0x10000000 0x0 0x20000"), A, "0x810000000"),
    ("empty ranges", bus("0", "ranges;", smmu("a")), "/bus@0" + A, "0x10000000"),
    ("a bus that begins above 4 GiB", bus("0", "ranges = <0x0 0x0 0x81 0x0 0x1 0x0>;", smmu("a")), "/bus@0" + A, "0x8110000000"),
    ("one cell on the bus, two above", bus("0", "ranges = <0x10000000 0x2 0x40000000 0x100000>;",
                                           smmu("a", reg="0x10000000 0x20000"), cells=1), "/bus@0" + A, "0x240000000"),
    ("the second range",
     bus("0", "ranges = <0x0 0x0 0x0 0x20000000 0x0 0x1000000>, <0x0 0x10000000 0x9 0x0 0x0 0x1000000>;", smmu("a")),
     "/bus@0" + A, "0x900000000"),
    ("two buses, both of which move it",
     bus("0", "ranges = <0x0 0x0 0x10 0x0 0x1 0x0>;",
         bus("1", "ranges = <0x0 0x10000000 0x0 0x40000000 0x0 0x1000000>;", smmu("a"))),
     "/bus@0/bus@1" + A, "0x1040000000"),
    ("in the middle of a range", bus("0", "ranges = <0x0 0xf000000 0x0 0x20000000 0x0 0x2000000>;", smmu("a")),
     "/bus@0" + A, "0x21000000"),
):
    check(f"address: {title}", tree(body), instances=[instance(path, base, "0x20000")])
for title, body, path in (
    ("a bus without ranges", bus("0", "", smmu("a")), "/bus@0" + A),
    ("a bus without ranges above one with", bus("0", "", bus("1", "ranges;", smmu("a"))), "/bus@0/bus@1" + A),
    ("outside all ranges", bus("0", "ranges = <0x0 0x0 0x0 0x0 0x0 0x10000000>;", smmu("a")), "/bus@0" + A),
    ("a bus without #address-cells", bus("0", "ranges;", smmu("a")).replace("#address-cells = <2>;", "", 1), "/bus@0" + A),
):
    body += device("dma", "20000000", "iommus = <&a 0x8>;")
    said = check(f"no address: {title}", tree(body), warned=True, instances=None, fixed=[single("/dma@20000000", path, "0x8")])
    found = [(each["name"], each["base"], each["enabled"]) for each in said["instances"]]
    tap.equal(found, [(path, None, True)], f"no address: {title}: the instance is listed")

# --- Interrupts of an SMMUv3 -----------------------------------------------------------------------------------------------
# They are no part of the JSON that readers may rely on, but the people's output names the event queue's: INTID 32 is SPI 0.

for title, interrupts, intid in (
    ("in the binding's order", 'interrupts = <0 74 1>, <0 75 1>, <0 76 1>, <0 77 1>; '
     'interrupt-names = "eventq", "priq", "cmdq-sync", "gerror";', 106),
    ("in another order", 'interrupts = <0 74 1>, <0 75 1>, <0 76 1>, <0 77 1>; '
     'interrupt-names = "gerror", "cmdq-sync", "eventq", "priq";', 108),
    ("extended", 'interrupts-extended = <&gic 0 80 1>, <&gic 0 81 1>; interrupt-names = "gerror", "eventq";', 113),
    ("of a parent of its own", 'interrupt-parent = <&gic>; interrupts = <0 90 4>, <0 91 4>; '
     'interrupt-names = "eventq", "gerror";', 122),
    ("with MSIs beside them", INTERRUPTS + "msi-parent = <&its 0x10000>;", 106),
):
    path = tree(smmu("a", interrupts=interrupts))
    check(f"interrupts {title}", path, instances=ONE)
    said = tool.run(path)
    tap.ok(f"INTID {intid}" in said.out, f"interrupts {title}: the event queue's is {intid}", said.out)
check("interrupts: all in one", tree(smmu("a", interrupts='interrupts = <0 74 1>; interrupt-names = "combined";')), instances=ONE)
check("interrupts: MSIs alone", tree(smmu("a", interrupts="msi-parent = <&its 0x10000>;")), instances=ONE)

# --- Reserved I/O addresses ------------------------------------------------------------------------------------------------


FB = "fb: framebuffer@90000000 { reg = <0x0 0x90000000 0x0 0x800000>; iommu-addresses = "


def memory(nodes):
    return f"""
	reserved-memory {{
		#address-cells = <2>;
		#size-cells = <2>;
		ranges;
{nodes}
	}};
"""


check(
    "reserved: a hole in a device's addresses",
    tree(
        smmu("a")
        + memory("hole: hole { iommu-addresses = <&gpu 0x1 0x0 0x0 0x10000000>; };\n")
        + device("gpu", "20000000", "iommus = <&a 0x8>; memory-region = <&hole>;")
    ),
    instances=ONE,
    fixed=[single("/gpu@20000000", A, "0x8")],
    reserved=[reserved("/gpu@20000000", "0x100000000", "0x10000000")],
)
check(
    "reserved: memory at its own address",
    tree(
        smmu("a")
        + memory(FB + "<&dc 0x0 0x90000000 0x0 0x800000>; };\n")
        + device("dc", "20000000", "iommus = <&a 0x8>; memory-region = <&fb>;")
    ),
    instances=ONE,
    fixed=[single("/dc@20000000", A, "0x8")],
    reserved=[reserved("/dc@20000000", "0x90000000", "0x800000")],
)
check(
    "reserved: one region of two devices, at another address each",
    tree(
        smmu("a")
        + memory(
            FB + "<&dca 0x0 0x90000000 0x0 0x800000>, <&dcb 0x10 0x0 0x0 0x800000>; };\n"
        )
        + device("dca", "20000000", "iommus = <&a 0x8>; memory-region = <&fb>;")
        + device("dcb", "21000000", "iommus = <&a 0x9>; memory-region = <&fb>;")
    ),
    instances=ONE,
    fixed=[single("/dca@20000000", A, "0x8"), single("/dcb@21000000", A, "0x9")],
    reserved=[reserved("/dca@20000000", "0x90000000", "0x800000"), reserved("/dcb@21000000", "0x1000000000", "0x800000")],
)
check(
    "reserved: two regions of one device, and two pieces of one",
    tree(
        smmu("a")
        + memory(
            FB + "<&dc 0x0 0x90000000 0x0 0x800000>; };\n"
            "low: low { iommu-addresses = <&dc 0x0 0x0 0x0 0x1000>, <&dc 0x0 0x8000000 0x0 0x20000>; };\n"
        )
        + device("dc", "20000000", "iommus = <&a 0x8>; memory-region = <&fb>, <&low>;")
    ),
    instances=ONE,
    fixed=[single("/dc@20000000", A, "0x8")],
    reserved=[
        reserved("/dc@20000000", "0x0", "0x1000"),
        reserved("/dc@20000000", "0x8000000", "0x20000"),
        reserved("/dc@20000000", "0x90000000", "0x800000"),
    ],
)
# The cells are those of the bus that the device is on, not those of the memory.
check(
    "reserved: a device on a bus of one cell",
    tree(
        smmu("a")
        + memory(FB + "<&dc 0x90000000 0x800000>; };\n")
        + bus("0", "ranges = <0x0 0x0 0x0 0x80000000>;",
              device("dc", "20000000", "iommus = <&a 0x8>; memory-region = <&fb>;", reg="0x20000000 0x1000"), cells=1)
    ),
    instances=ONE,
    fixed=[single("/bus@0/dc@20000000", A, "0x8")],
    reserved=[reserved("/bus@0/dc@20000000", "0x90000000", "0x800000")],
)
# A host's own node is no function of its, and has no stream: Linux reserves nothing by it.
check(
    "reserved: of a PCI host",
    tree(
        smmu("a")
        + memory("low: low { iommu-addresses = <&pci 0x0 0x8000000 0x0 0x20000>; };\n")
        + host("iommu-map = <0x0 &a 0x0 0x10000>; memory-region = <&low>;").replace("pcie@", "pci: pcie@")
    ),
    warned=True,
    instances=ONE,
    windows=[window(PCIE, A, "0x0", "0xffff", "0x0")],
)
check(
    "reserved: memory without I/O addresses",
    tree(
        smmu("a")
        + memory("pool: pool@91000000 { reg = <0x0 0x91000000 0x0 0x100000>; };\n")
        + device("dma", "20000000", "iommus = <&a 0x8>; memory-region = <&pool>;")
    ),
    instances=ONE,
    fixed=[single("/dma@20000000", A, "0x8")],
)
# The table is right, and none of it is an SMMUv3's business.
check(
    "reserved: of a device behind another IOMMU",
    tree(
        smmu("a")
        + foreign("foreign", 1, "12000000")
        + memory("low: low { iommu-addresses = <&dma 0x0 0x8000000 0x0 0x20000>; };\n")
        + device("dma", "20000000", "iommus = <&foreign 0x8>; memory-region = <&low>;")
    ),
    instances=ONE,
)
check(
    "reserved: of a device behind nothing",
    tree(
        smmu("a")
        + memory("low: low { iommu-addresses = <&dma 0x0 0x8000000 0x0 0x20000>; };\n")
        + device("dma", "20000000", "memory-region = <&low>;")
    ),
    warned=None,
    instances=ONE,
)
check(
    "reserved: of a device that does not name the region in turn, where Linux looks",
    tree(
        smmu("a")
        + memory("low: low { iommu-addresses = <&dma 0x0 0x8000000 0x0 0x20000>; };\n")
        + device("dma", "20000000", "iommus = <&a 0x8>;")
    ),
    warned=True,
    instances=ONE,
    fixed=[single("/dma@20000000", A, "0x8")],
    reserved=None,
)

# --- DEN0049 ---------------------------------------------------------------------------------------------------------------

ITS, COMPONENT, ROOT, SMMUV2, SMMUV3, PMCG, RMR = range(7)
SINGLE = 1


class Iort:
    """An IORT, node by node, with any length and any alignment."""

    def __init__(self, revision=0):
        self.revision = revision
        self.count = 0
        self.body = b""

    def node(self, kind, revision, data, maps=(), at=None):
        """`maps`: input base, number of IDs as it is stored, output base, the node's offset and flags. `at` is where the test
        believes the node to be."""
        here = 0x30 + len(self.body)
        assert at in (None, here), f"the node is at {here:#x}"
        offset = 16 + len(data)
        self.body += struct.pack("<BHBIII", kind, offset + 20 * len(maps), revision, self.count, len(maps), offset if maps else 0)
        self.body += data + b"".join(struct.pack("<IIIII", *each) for each in maps)
        self.count += 1
        return here

    def its(self):
        return self.node(ITS, 0, struct.pack("<II", 1, 0), at=0x30)

    def smmu(self, base, maps=(), revision=1, flags=0, model=0, gsivs=(106, 107, 108, 109), index=0, at=None):
        return self.node(SMMUV3, revision, struct.pack("<QIIQIIIIIII", base, flags, 0, 0, model, *gsivs, 0, index), maps, at)

    def root(self, segment, maps, at=None):
        return self.node(ROOT, 1, struct.pack("<QIIB3x", 0, 0, segment, 64), maps, at)

    def component(self, name, maps, padding=None, at=None):
        text = name.encode() + b"\0"
        text += bytes(-(29 + len(text)) % 4 if padding is None else padding)
        return self.node(COMPONENT, 2, struct.pack("<IQB", 0, 0, 64) + text, maps, at)

    def reserved(self, regions, maps):
        """The regions are between the node's own fields and its mappings."""
        data = struct.pack("<III", 0, len(regions), 16 + 12) + b"".join(struct.pack("<QQI", *each, 0) for each in regions)
        return self.node(RMR, 3, data, maps)

    def save(self):
        length = 0x30 + len(self.body)
        table = struct.pack("<4sIBB6s8sI4sI", b"IORT", length, self.revision, 0, b"BOARDS", b"DEN0049 ", 1, b"TEST", 1)
        table += struct.pack("<III", self.count, 0x30, 0) + self.body
        table = table[:9] + bytes([-sum(table) % 256]) + table[10:]
        path = os.path.join(tool.folder(), "iort.aml")
        with open(path, "wb") as file:
            file.write(table)
        return path


def start(revision=0, **smmu_b):
    """The ITS at 0x30, an SMMUv3 at 0x48, and perhaps another at 0xa0."""
    table = Iort(revision)
    table.its()
    table.smmu(0x10000000, [(0, 0xFFFF, 0, 0x30, 0)], at=0x48)
    if smmu_b:
        table.smmu(maps=[(0, 0xFFFF, 0x10000, 0x30, 0)], at=0xA0, **smmu_b)
    return table


ACPI_ONE = [instance("iort@0x48", "0x10000000", "0x20000")]
ACPI_TWO = [*ACPI_ONE, instance("iort@0xa0", "0x11000000", "0x20000")]

iort = start()
iort.root(0, [(0, 0xFFFF, 0, 0x48, 0)])
iort.node(PMCG, 1, struct.pack("<QIIQ", 0x10020000, 0, 0x48, 0x10022000), [(0, 0, 0x55, 0x30, SINGLE)])
check("root complex, SMMUv3, ITS, and a PMCG with an MSI", iort.save(), instances=ACPI_ONE,
      windows=[window("segment:0", "iort@0x48", "0x0", "0xffff", "0x0")])

iort = start(base=0x11000000)
iort.root(0, [(0x8000, 0x3FFF, 0, 0xA0, 0), (0, 0x3FFF, 0x8000, 0x48, 0), (0x5000, 0, 0x70000, 0x48, 0)])
iort.root(7, [(0, 0xFF, 0x20000, 0xA0, 0)])
check(
    "two segments at two SMMUv3s, mappings in no order and one of a single ID",
    iort.save(),
    instances=ACPI_TWO,
    windows=[
        window("segment:0", "iort@0x48", "0x0", "0x3fff", "0x8000"),
        window("segment:0", "iort@0x48", "0x5000", "0x5000", "0x70000"),
        window("segment:0", "iort@0xa0", "0x8000", "0xbfff", "0x0"),
        window("segment:7", "iort@0xa0", "0x0", "0xff", "0x20000"),
    ],
)

iort = start()
iort.root(0, [(0, 0xFFF, 0, 0x30, 0), (0x1000, 0xFFF, 0x1000, 0x48, 0)])
iort.root(1, [(0, 0xFFFF, 0x10000, 0x30, 0)])
iort.component("\\_SB.MSI0", [(0, 0, 0x9, 0x30, SINGLE)])
check("what goes to the ITS past the SMMUv3", iort.save(), instances=ACPI_ONE,
      windows=[window("segment:0", "iort@0x48", "0x1000", "0x1fff", "0x1000")])

iort = start()
old = iort.node(SMMUV2, 1, struct.pack("<QQ7I4I", 0x12000000, 0x10000, 0, 0, 0x3C, 0, 0x4C, 0, 0x4C, 0, 0, 0, 0), at=0xA0)
iort.root(0, [(0, 0xFF, 0, old, 0), (0x100, 0xFF, 0x100, 0x48, 0)])
iort.component("\\_SB.OLD0", [(0, 0, 1, old, SINGLE)])
check("an SMMUv2 is not listed, nor what is behind it", iort.save(), warned=None, instances=ACPI_ONE,
      windows=[window("segment:0", "iort@0x48", "0x100", "0x1ff", "0x100")])

# A root complex with a single mapping has one stream ID for all of its functions: the input base and the number mean nothing.
iort = start()
iort.root(0, [(0x300, 7, 0x42, 0x48, SINGLE)])
check("a single mapping of a root complex", iort.save(), warned=None, instances=ACPI_ONE,
      windows=[window("segment:0", "iort@0x48", "0x0", "0xffff", "0x42", constant=True)])

# The ID that ends the first mapping may not be meant by it, and the second takes any: Linux gives it to the second.
iort = start()
iort.root(0, [(0, 0xFF, 0x1000, 0x48, 0), (0, 0, 0x42, 0x48, SINGLE)])
check(
    "a single mapping of a root complex behind another mapping",
    iort.save(),
    warned=None,
    instances=ACPI_ONE,
    windows=[
        window("segment:0", "iort@0x48", "0x0", "0xfe", "0x1000"),
        window("segment:0", "iort@0x48", "0xff", "0xffff", "0x42", constant=True),
    ],
)

iort = start()
iort.root(0, [(0, 0xFF, 0x1000, 0x48, 0), (0x80, 0x17F, 0x5000, 0x48, 0)])
check(
    "mappings that overlap: the first wins, for its last ID as well",
    iort.save(),
    warned=None,
    instances=ACPI_ONE,
    windows=[
        window("segment:0", "iort@0x48", "0x0", "0xff", "0x1000"),
        window("segment:0", "iort@0x48", "0x100", "0x1ff", "0x5080"),
    ],
)

# 0x100 IDs each, by the writer's belief. The ID that ends the first mapping is the one that starts the second; the one that ends
# the second starts nothing, so it stays.
for order in (0, 1):
    iort = start()
    maps = [(0, 0x100, 0, 0x48, 0), (0x100, 0x100, 0x5000, 0x48, 0)]
    iort.root(0, maps[::-1] if order else maps)
    check(
        f"the number of IDs, written as it is{', in reverse' if order else ''}",
        iort.save(),
        warned=None if order else True,
        instances=ACPI_ONE,
        windows=[
            window("segment:0", "iort@0x48", "0x0", "0xff", "0x0"),
            window("segment:0", "iort@0x48", "0x100", "0x200", "0x5000"),
        ],
    )

iort = start(base=0x11000000)
iort.component("\\_SB.DSP0", [(0, 0, 0x11, 0x48, SINGLE), (1, 0, 0x12, 0x48, SINGLE)])
iort.component("\\_SB.DMA0", [(9, 5, 0x21, 0xA0, SINGLE)])
iort.component("\\_SB.DMA1", [(0, 0xF, 0x30, 0xA0, 0), (0x10, 0x1, 0x50, 0x48, 0)])
check(
    "several named components",
    iort.save(),
    instances=ACPI_TWO,
    fixed=[
        single("\\_SB.DSP0", "iort@0x48", "0x11"),
        single("\\_SB.DSP0", "iort@0x48", "0x12"),
        single("\\_SB.DMA0", "iort@0xa0", "0x21"),
        span("\\_SB.DMA1", "iort@0xa0", "0x30", "0x3f"),
        span("\\_SB.DMA1", "iort@0x48", "0x50", "0x51"),
    ],
    warned=None,
)

# What the root complex and the single component say of it is input for the mappings of the component between.
iort = start(base=0x11000000)
middle = iort.component("\\_SB.MC00", [(0x200, 0x7F, 0x5000, 0x48, 0), (0x280, 0x7F, 0x100, 0xA0, 0)], at=0xF8)
iort.root(0, [(0, 0xFF, 0x200, middle, 0)])
iort.component("\\_SB.LOW0", [(0, 0, 0x220, middle, SINGLE)])
check(
    "mappings through a node between",
    iort.save(),
    warned=None,
    instances=ACPI_TWO,
    fixed=[
        span("\\_SB.MC00", "iort@0x48", "0x5000", "0x507f"),
        span("\\_SB.MC00", "iort@0xa0", "0x100", "0x17f"),
        single("\\_SB.LOW0", "iort@0x48", "0x5020"),
    ],
    windows=[
        window("segment:0", "iort@0x48", "0x0", "0x7f", "0x5000"),
        window("segment:0", "iort@0xa0", "0x80", "0xff", "0x100"),
    ],
)

# The index names the mapping of the SMMUv3's own MSIs: from revision 1 on, unless all interrupts are wires, and from revision 5
# on where a flag says so. No master has that as a stream.
for title, revision, gsivs, flags, index, maps in (
    ("revision 0 has none", 0, (0, 0, 0, 0), 0, 0, [(0, 0xFFFF, 0, 0x30, 0)]),
    ("revision 1 without wires", 1, (0, 0, 0, 0), 0, 0, [(0, 0, 0x99, 0x30, SINGLE), (0, 0xFFFF, 0, 0x30, 0)]),
    ("revision 1, the second mapping", 1, (106, 0, 0, 0), 0, 1, [(0, 0xFFFF, 0, 0x30, 0), (0, 0, 0x99, 0x30, SINGLE)]),
    ("revision 2 with all wires", 2, (106, 107, 108, 109), 0, 5, [(0, 0xFFFF, 0, 0x30, 0)]),
    ("revision 4 without wires", 4, (0, 0, 0, 0), 0, 0, [(0, 0, 0x99, 0x30, SINGLE), (0, 0xFFFF, 0, 0x30, 0)]),
    ("revision 5 with the flag", 5, (106, 107, 108, 109), 0x10, 0, [(0, 0, 0x99, 0x30, SINGLE), (0, 0xFFFF, 0, 0x30, 0)]),
    ("revision 5 without the flag", 5, (0, 0, 0, 0), 0, 7, [(0, 0xFFFF, 0, 0x30, 0)]),
):
    iort = Iort(5 if revision == 5 else 0)
    iort.its()
    iort.smmu(0x10000000, maps, revision=revision, gsivs=gsivs, flags=flags, index=index, at=0x48)
    iort.root(0, [(0, 0xFFFF, 0, 0x48, 0)])
    iort.component("\\_SB.DSP0", [(0, 0, 0x10011, 0x48, SINGLE)])
    check(
        f"device ID mapping index: {title}",
        iort.save(),
        instances=ACPI_ONE,
        fixed=[single("\\_SB.DSP0", "iort@0x48", "0x10011")],
        windows=[window("segment:0", "iort@0x48", "0x0", "0xffff", "0x0")],
    )

# A name of ten bytes, its zero included, and no padding: 29 + 10 + 20 bytes from 0x30 + 0x18.
iort = Iort()
iort.its()
iort.component("\\_SB.DSP0", [(0, 0, 0x11, 0x83, SINGLE)], padding=0, at=0x48)
iort.smmu(0x10000000, [(0, 0xFFFF, 0, 0x30, 0)], at=0x83)
iort.component("\\_SB.D0", [(0, 0, 0x12, 0x83, SINGLE)], padding=1, at=0xDB)
iort.root(0, [(0, 0xFFFF, 0x100, 0x83, 0)], at=0x115)
check(
    "nodes where no word begins",
    iort.save(),
    warned=None,
    instances=[instance("iort@0x83", "0x10000000", "0x20000")],
    fixed=[single("\\_SB.DSP0", "iort@0x83", "0x11"), single("\\_SB.D0", "iort@0x83", "0x12")],
    windows=[window("segment:0", "iort@0x83", "0x0", "0xffff", "0x100")],
)

iort = Iort()
iort.its()
iort.smmu(0x10000000, flags=1, at=0x48)
iort.smmu(0x11000000, model=1, at=0x8C)
iort.smmu(0x402300000000, model=2, at=0xD0)
iort.smmu(0x12000000, flags=6, at=0x114)
check(
    "models and coherency",
    iort.save(),
    warned=None,
    instances=[
        instance("iort@0x48", "0x10000000", "0x20000", coherent=True),
        instance("iort@0x8c", "0x11000000", "0x20000"),
        instance("iort@0xd0", "0x402300000000", "0x10000"),
        instance("iort@0x114", "0x12000000", "0x20000"),
    ],
)

iort = start(revision=5)
iort.component("\\_SB.DSP0", [(0, 0, 0x11, 0x48, SINGLE)])
iort.component("\\_SB.DSP1", [(0, 0, 0x12, 0x48, SINGLE)])
iort.root(0, [(0, 0xFFF, 0x1000, 0x48, 0)])
iort.reserved([(0x90000000, 0x800000), (0x9F000000, 0x10000)], [(0, 0, 0x11, 0x48, SINGLE)])
iort.reserved([(0xA0000000, 0x20000)], [(0, 0, 0x1100, 0x48, SINGLE)])
check(
    "reserved memory of two regions, and that of a PCI function",
    iort.save(),
    instances=ACPI_ONE,
    fixed=[single("\\_SB.DSP0", "iort@0x48", "0x11"), single("\\_SB.DSP1", "iort@0x48", "0x12")],
    windows=[window("segment:0", "iort@0x48", "0x0", "0xfff", "0x1000")],
    reserved=[
        reserved("\\_SB.DSP0", "0x90000000", "0x800000"),
        reserved("\\_SB.DSP0", "0x9f000000", "0x10000"),
        reserved("segment:0", "0xa0000000", "0x20000"),
    ],
)
# A device has a region when any of its streams is in the mapping, and a region may have several mappings.
for title, maps in (
    ("a range of streams", [(0, 1, 0x11, 0x48, 0)]),
    ("a mapping each", [(0, 0, 0x11, 0x48, SINGLE), (0, 0, 0x12, 0x48, SINGLE)]),
):
    iort = start(revision=5)
    iort.component("\\_SB.DSP0", [(0, 0, 0x11, 0x48, SINGLE)])
    iort.component("\\_SB.DSP1", [(0, 0, 0x12, 0x48, SINGLE), (1, 0, 0x13, 0x48, SINGLE)])
    iort.component("\\_SB.DSP2", [(0, 0, 0x14, 0x48, SINGLE)])
    iort.reserved([(0x90000000, 0x800000)], maps)
    check(
        f"reserved memory of two components, {title}",
        iort.save(),
        instances=ACPI_ONE,
        fixed=[
            single("\\_SB.DSP0", "iort@0x48", "0x11"),
            single("\\_SB.DSP1", "iort@0x48", "0x12"),
            single("\\_SB.DSP1", "iort@0x48", "0x13"),
            single("\\_SB.DSP2", "iort@0x48", "0x14"),
        ],
        reserved=[reserved("\\_SB.DSP0", "0x90000000", "0x800000"), reserved("\\_SB.DSP1", "0x90000000", "0x800000")],
    )

# Another instance's stream of the same number is another stream.
iort = start(revision=5, base=0x11000000)
iort.component("\\_SB.DSP0", [(0, 0, 0x11, 0x48, SINGLE)])
iort.component("\\_SB.DSP1", [(0, 0, 0x11, 0xA0, SINGLE)])
iort.reserved([(0x90000000, 0x800000)], [(0, 0, 0x11, 0xA0, SINGLE)])
check(
    "reserved memory behind the second instance",
    iort.save(),
    instances=ACPI_TWO,
    fixed=[single("\\_SB.DSP0", "iort@0x48", "0x11"), single("\\_SB.DSP1", "iort@0xa0", "0x11")],
    reserved=[reserved("\\_SB.DSP1", "0x90000000", "0x800000")],
)

# Linux reads these nodes from table revision 5 on.
iort = start(revision=3)
iort.component("\\_SB.DSP0", [(0, 0, 0x11, 0x48, SINGLE)])
iort.reserved([(0x90000000, 0x800000)], [(0, 0, 0x11, 0x48, SINGLE)])
check("reserved memory of a table that is too old for it", iort.save(), warned=True, instances=ACPI_ONE,
      fixed=[single("\\_SB.DSP0", "iort@0x48", "0x11")], reserved=None)

iort = start()
iort.component("\\_SB.DMA0", [(0, 0x10, 0x30, 0x48, 0), (0x10, 0x10, 0x80, 0x48, 0)])
check("the number of IDs, written as it is, of a component", iort.save(), warned=True, instances=ACPI_ONE,
      fixed=[span("\\_SB.DMA0", "iort@0x48", "0x30", "0x3f"), span("\\_SB.DMA0", "iort@0x48", "0x80", "0x90")])

# Linux takes the first root complex of a segment.
iort = start()
iort.root(0, [(0, 0xFF, 0, 0x48, 0)])
iort.root(0, [(0x100, 0xFF, 0x100, 0x48, 0)])
check("two root complexes of one segment", iort.save(), warned=True, instances=ACPI_ONE,
      windows=[window("segment:0", "iort@0x48", "0x0", "0xff", "0x0")])

for title, revision, flags in (("without wires", 1, 0), ("with the flag", 5, 0x10)):
    iort = Iort(revision)
    iort.its()
    iort.smmu(0x10000000, [(0, 0xFFFF, 0, 0x30, 0)], revision=revision, flags=flags, gsivs=(0, 0, 0, 0), index=1, at=0x48)
    iort.root(0, [(0, 0xFFFF, 0, 0x48, 0)])
    check(f"device ID mapping index of no mapping, revision {revision} {title}", iort.save(), warned=True, instances=ACPI_ONE,
          windows=[window("segment:0", "iort@0x48", "0x0", "0xffff", "0x0")])

# --- Two tables ------------------------------------------------------------------------------------------------------------

TWO_HOSTS = (host("linux,pci-domain = <3>; iommu-map = <0x0 &a 0x0 0x100>;")
             + host("linux,pci-domain = <4>; iommu-map = <0x0 &a 0x1000 0x100>;", "60000000"))
HOSTS_TURNED = (host("linux,pci-domain = <4>; iommu-map = <0x0 &a 0x1000 0x100>;", "60000000")
                + host("linux,pci-domain = <3>; iommu-map = <0x0 &a 0x0 0x100>;"))
for title, one, other, differ in (
    ("other names, the same addresses", smmu("a") + device("dma", "20000000", "iommus = <&a 0x8>;"),
     smmu("a").replace("iommu@", "smmu@") + device("engine", "20000000", "iommus = <&a 0x8>;"), False),
    ("other names, below a bus", smmu("a") + device("dma", "20000000", "iommus = <&a 0x8>;"),
     bus("0", "ranges;", smmu("a")) + bus("1", "ranges;", device("dma", "20000000", "iommus = <&a 0x8>;")), False),
    ("one window or two", smmu("a") + host("iommu-map = <0x0 &a 0x0 0x10000>;"),
     smmu("a") + host("iommu-map = <0x0 &a 0x0 0x4000>, <0x4000 &a 0x4000 0xc000>;"), False),
    ("a mask that takes nothing away", smmu("a") + host("iommu-map = <0x0 &a 0x0 0x10000>;"),
     smmu("a") + host("iommu-map = <0x0 &a 0x0 0x10000>; iommu-map-mask = <0xffff>;"), False),
    ("the other order of instances and hosts", smmu("a") + smmu("b", address="11000000") + TWO_HOSTS,
     smmu("b", address="11000000") + smmu("a") + HOSTS_TURNED, False),
    ("an instance in one alone", smmu("a"), smmu("a") + smmu("b", address="11000000"), True),
    ("an instance elsewhere", smmu("a"), smmu("a", address="11000000"), True),
    ("a stream in one alone", smmu("a") + device("dma", "20000000", "iommus = <&a 0x8>;"),
     smmu("a") + device("dma", "20000000", "iommus = <&a 0x8>, <&a 0x9>;"), True),
    ("streams of two masters, swapped",
     smmu("a") + device("dma", "20000000", "iommus = <&a 0x8>;") + device("gpu", "21000000", "iommus = <&a 0x9>;"),
     smmu("a") + device("dma", "20000000", "iommus = <&a 0x9>;") + device("gpu", "21000000", "iommus = <&a 0x8>;"), True),
    ("a stream at another instance", smmu("a") + smmu("b", address="11000000") + device("dma", "20000000", "iommus = <&a 0x8>;"),
     smmu("a") + smmu("b", address="11000000") + device("dma", "20000000", "iommus = <&b 0x8>;"), True),
    ("one requester ID", smmu("a") + host("iommu-map = <0x0 &a 0x0 0x10000>;"),
     smmu("a") + host("iommu-map = <0x0 &a 0x0 0xffff>;"), True),
    ("a mask that folds", smmu("a") + host("iommu-map = <0x0 &a 0x0 0x10000>;"),
     smmu("a") + host("iommu-map = <0x0 &a 0x0 0x10000>; iommu-map-mask = <0xfff8>;"), True),
    ("hosts of swapped segments", smmu("a") + TWO_HOSTS,
     smmu("a") + TWO_HOSTS.replace("<3>", "<5>").replace("<4>", "<3>").replace("<5>", "<4>"), True),
):
    paths = (tree(one), tree(other))
    for way, (first, second) in (("", paths), (", the other way", paths[::-1])):
        said = tool.run("--compare", second, first)
        tap.equal(said.status, 3 if differ else 0, f"compared: {title}{way}")
tap.done()
