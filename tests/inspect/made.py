# SPDX-License-Identifier: BSD-2-Clause
"""Tables that a test makes itself: an IORT node by node (DEN0049), a small board's device tree."""

import os
import struct

import tool

SINGLE = 1


class Iort:
    """Node 0x30 is an ITS group with identifier 0."""

    GROUP = 0x30

    def __init__(self, revision=6, groups=True):
        self.revision, self.body, self.count = revision, b"", 0
        if groups:
            self.node(0, 1, struct.pack("<II", 1, 0))

    def node(self, kind, revision, data, maps=(), count=None):
        """Returns its offset. A map: input, count less one, output, reference, flags."""
        place, offset = 0x30 + len(self.body), 16 + len(data)
        number = len(maps) if count is None else count
        head = struct.pack("<BHBIII", kind, offset + 20 * len(maps), revision, self.count, number, offset if maps else 0)
        self.body += head + data + b"".join(struct.pack("<IIIII", *each) for each in maps)
        self.count += 1
        return place

    def smmu(self, maps=((0, 0xFFFF, 0, 0x30, 0),), base=0x50000000, flags=1, gsivs=(106, 107, 111, 109), index=0, revision=4):
        """`gsivs`: event, PRI, GERR, SYNC."""
        return self.node(4, revision, struct.pack("<QIIQIIIIIII", base, flags, 0, 0, 0, *gsivs, 0, index), maps)

    def root(self, maps, cca=1, access=3, ats=0, segment=0, limit=48, pasid=0, revision=4):
        data = struct.pack("<IBHBIIBHBI", cca, 0, 0, access, ats, segment, limit, pasid, 0, 1 if pasid else 0)
        return self.node(2, revision, data, maps)

    def component(self, name, maps, flags=0, cca=1, access=3, limit=48, revision=4):
        text = name.encode() + b"\0" * (4 - len(name) % 4)
        return self.node(1, revision, struct.pack("<IIBHBB", flags, cca, 0, 0, access, limit) + text, maps)

    def rmr(self, maps, *ranges, flags=0, revision=3):
        """A range: base, size."""
        data = struct.pack("<III", flags, len(ranges), 28) + b"".join(struct.pack("<QQI", *each, 0) for each in ranges)
        return self.node(6, revision, data, maps)

    def pmcg(self, page0, gsiv=0, reference=0x48, page1=0, maps=(), revision=2):
        return self.node(5, revision, struct.pack("<QIIQ", page0, gsiv, reference, page1), maps)

    def save(self, name="made"):
        table = struct.pack("<4sIBB6s8sI4sI", b"IORT", 0x30 + len(self.body), self.revision, 0, b"BOARDS", b"MADE    ", 1, b"TEST", 1)
        table += struct.pack("<III", self.count, 0x30, 0) + self.body
        path = os.path.join(tool.folder(), name + ".aml")
        with open(path, "wb") as file:
            file.write(table[:9] + bytes([-sum(table) % 256]) + table[10:])
        return path


SMMU = """
	smmu: iommu@50000000 {
		compatible = "arm,smmu-v3"; reg = <0 0x50000000 0 0x100000>; #iommu-cells = <1>; dma-coherent;
		interrupts = <0 74 1>, <0 75 1>, <0 77 1>, <0 79 1>; interrupt-names = "eventq", "priq", "cmdq-sync", "gerror";
	};
"""
HOST = 'device_type = "pci"; #address-cells = <3>; #size-cells = <2>; bus-range = <0 0xff>; linux,pci-domain = <0>; reg = <0 0x70000000 0 0x10000000>;'
MAPS = "iommu-map = <0 &smmu 0 0x10000>; msi-map = <0 &its 0 0x10000>;"


def board(body, smmu=SMMU, its="", gic=""):
    """A GICv3 with an ITS, one SMMUv3, and `body`; `its`, `gic`: more of their properties."""
    return tool.dtb(f"""/dts-v1/;
/ {{
	#address-cells = <2>; #size-cells = <2>; interrupt-parent = <&gic>; compatible = "acme,board";
	memory@80000000 {{ device_type = "memory"; reg = <0 0x80000000 0 0x80000000>; }};
	gic: interrupt-controller@30000000 {{
		compatible = "arm,gic-v3"; #interrupt-cells = <3>; interrupt-controller; {gic}
		#address-cells = <2>; #size-cells = <2>; ranges;
		reg = <0 0x30000000 0 0x10000>, <0 0x30080000 0 0x200000>;
		its: msi-controller@30040000 {{ compatible = "arm,gic-v3-its"; msi-controller; #msi-cells = <1>; reg = <0 0x30040000 0 0x20000>; {its} }};
	}};
	{smmu}
	{body}
}};
""")


# Nodes of a board without an interrupt controller, as tests of one option have it; `more`: further lines.
def iommu(label, base, more=""):
    return f"""
	{label}: iommu@{base:x} {{
		compatible = "arm,smmu-v3";
		reg = <0 {base:#x} 0 0x20000>;
		#iommu-cells = <1>;{more}
	}};
"""


def device(name, base, more):
    return f"""
	{name}: {name}@{base:x} {{
		compatible = "acme,{name}";
		reg = <0 {base:#x} 0 0x1000>;
		{more}
	}};
"""


def ecam(base, more):
    return f"""
	pcie@{base:x} {{
		compatible = "pci-host-ecam-generic";
		device_type = "pci";
		#address-cells = <3>;
		#size-cells = <2>;
		reg = <0 {base:#x} 0 0x1000000>;
		ranges = <0x2000000 0 0x10000000 0 0x10000000 0 0x1000000>;
		bus-range = <0 15>;
		{more}
	}};
"""


def tree(*nodes):
    """The source of one."""
    head = '/dts-v1/;\n/ {\n\t#address-cells = <2>;\n\t#size-cells = <2>;\n\tcompatible = "acme,board";\n'
    return head + "".join(nodes) + "};\n"
