# SPDX-License-Identifier: BSD-2-Clause
"""Where MSIs are to go, and as which device: `msi-map` and `msi-parent`, and an IORT's mappings to ITS groups, straight or by way of an
SMMUv3. The author typed all expected numbers after reading the tables."""

import os
import struct

import tool
from tool import tap

BOARDS = os.path.join(tool.HERE, "boards")


def msi(master, controller, first=None, last=None, device=None, mask=None, constant=False, enabled=True):
    return {"master": master, "controller": controller, "input_first": first, "input_last": last, "device": device, "mask": mask,
            "constant": constant, "enabled": enabled}


def ordered(entries):
    return sorted(entries, key=lambda each: (each["master"], str(each["input_first"]), each["controller"]))


def check(title, path, *wanted, warned=(), found=()):
    """`warned`: words of every warning there is; `found`: words of findings that people are told."""
    table = tool.described(path)
    tap.equal(ordered(table["msis"]), ordered(wanted), title)
    texts = [warning["text"] for warning in table["warnings"]]
    tap.ok(len(texts) == len(warned) and all(any(word in text for text in texts) for word in warned), f"{title}: warnings", texts)
    told = [line for line in tool.run(path).out.splitlines() if "MSIs: devices" in line or "controller for their MSIs" in line]
    tap.ok(len(told) == len(found) and all(any(word in line for line in told) for word in found), f"{title}: findings", told)
    as_json = [each["detail"] for each in table["findings"] if "MSIs: devices" in each["detail"] or "controller for their MSIs" in each["detail"]]
    tap.ok(len(as_json) == len(told) and all(any(each in line for line in told) for each in as_json), f"{title}: programs are told the same", as_json)


# --- Boards. ---

ITS = "/bus@100000/interrupt-controller@1800000/msi-controller@1820000"
check("TI J721E", tool.dtb(os.path.join(BOARDS, "j721e.dts")),
      msi("/bus@100000/pcie@2900000", ITS, "0x0", "0xffff", "0x0"),
      msi("/bus@100000/pcie@2910000", ITS, "0x0", "0xffff", "0x10000"))
FVP = "/interrupt-controller@2f000000/msi-controller@2f020000"
check("FVP Base RevC", tool.dtb(os.path.join(BOARDS, "fvp-base-revc.dts")),
      msi("/iommu@2b400000", FVP, device="0x10000"),
      msi("/pci@40000000", FVP, "0x0", "0xffff", "0x0"))
check("Morello", tool.iort(os.path.join(BOARDS, "morello.iort")),
      msi("segment:0", "its:0", "0x0", "0xffff", "0x0"),
      msi("segment:1", "its:0", "0x0", "0xffff", "0x10000"))

# --- Device trees. ---


def tree(body, its="msi-controller; #msi-cells = <1>;", mapped=True):
    streams = "iommu-map = <0x0 &smmu 0x0 0x10000>;" if mapped else ""
    return tool.dtb(f"""/dts-v1/;
/ {{
	#address-cells = <1>;
	#size-cells = <1>;

	its: its@8080000 {{ reg = <0x8080000 0x20000>; {its} }};
	v2m: v2m@8020000 {{ reg = <0x8020000 0x1000>; msi-controller; }};
	other: msi@9000000 {{ reg = <0x9000000 0x1000>; msi-controller; #msi-cells = <1>; }};
	smmu: iommu@10000000 {{ compatible = "arm,smmu-v3"; reg = <0x10000000 0x20000>; #iommu-cells = <1>; interrupts = <0 74 1>; }};
	pcie@40000000 {{
		compatible = "pci-host-ecam-generic";
		device_type = "pci";
		reg = <0x40000000 0x10000000>;
		#address-cells = <3>;
		#size-cells = <2>;
		linux,pci-domain = <0>;
		{streams}
		{body}
	}};
}};
""")


PCIE, AT_ITS, OTHER = "/pcie@40000000", "/its@8080000", "/msi@9000000"
INTERRUPTS = ["no interrupt-parent"]


def case(title, body, *wanted, warned=(), found=(), **how):
    check(title, tree(body, **how), *wanted, warned=[*warned, "interrupt"], found=found)


case("every requester ID as it is", "msi-map = <0x0 &its 0x0 0x10000>;", msi(PCIE, AT_ITS, "0x0", "0xffff", "0x0"))
case("the function's number masked off", "msi-map-mask = <0xfff8>; msi-map = <0x0 &its 0x0 0x10000>;",
     msi(PCIE, AT_ITS, "0x0", "0xffff", "0x0", mask="0xfff8"))
case("the highest bit turned round", "msi-map = <0x0 &its 0x8000 0x8000>, <0x8000 &its 0x0 0x8000>;",
     msi(PCIE, AT_ITS, "0x0", "0x7fff", "0x8000"), msi(PCIE, AT_ITS, "0x8000", "0xffff", "0x0"))
case("two controllers", "msi-map = <0x0 &its 0x0 0x100>, <0x100 &other 0x7 0xff00>;",
     msi(PCIE, AT_ITS, "0x0", "0xff", "0x0"), msi(PCIE, OTHER, "0x100", "0xffff", "0x7"))
case("one entry within another", "msi-map = <0x0 &its 0x0 0x10000>, <0x100 &other 0x7 0x10>;",
     msi(PCIE, AT_ITS, "0x0", "0xffff", "0x0"), warned=["entries overlap"])
case("a controller that says no number of cells", "msi-map = <0x0 &v2m 0x0 0x10000>;",
     msi(PCIE, "/v2m@8020000", "0x0", "0xffff", "0x0"))
case("a parent of no cell", "msi-parent = <&v2m>;", msi(PCIE, "/v2m@8020000"))
case("a parent of one cell, and another", "msi-parent = <&its 0x55>, <&v2m>;", msi(PCIE, AT_ITS, device="0x55"), msi(PCIE, "/v2m@8020000"))
case("a parent beside a map", "msi-parent = <&other 0x1>; msi-map = <0x0 &its 0x0 0x10000>;", msi(PCIE, AT_ITS, "0x0", "0xffff", "0x0"))
case("IDs with a stream and without a controller", "msi-map = <0x100 &its 0x100 0x100>, <0x300 &its 0x300 0x100>;",
     msi(PCIE, AT_ITS, "0x100", "0x1ff", "0x100"), msi(PCIE, AT_ITS, "0x300", "0x3ff", "0x300"),
     found=["0x0 to 0xff have a stream", "0x200 to 0x2ff have a stream", "0x400 to 0xffff have a stream"])
case("two pieces of one master as one device", "msi-map = <0x0 &its 0x0 0x8000>, <0x8000 &its 0x0 0x8000>;",
     msi(PCIE, AT_ITS, "0x0", "0x7fff", "0x0"), msi(PCIE, AT_ITS, "0x8000", "0xffff", "0x0"))
case("a hole in what is masked, which no requester ID may reach", "msi-map-mask = <0xf8ff>; msi-map = <0x0 &its 0x0 0x100>;",
     msi(PCIE, AT_ITS, "0x0", "0xff", "0x0", mask="0xf8ff"))
case("no master's streams", "msi-map = <0x100 &its 0x100 0x100>;", msi(PCIE, AT_ITS, "0x100", "0x1ff", "0x100"), mapped=False)
case("what is no controller", "msi-map = <0x0 &its 0x0 0x10000>;", msi(PCIE, AT_ITS, "0x0", "0xffff", "0x0"),
     its="#msi-cells = <1>;", warned=["no msi-controller"])
case("a phandle of no node", "msi-map = <0x0 0x77 0x0 0x10000>;", warned=["leads to no node"])
case("a parent of no node", "msi-parent = <0x77>;", warned=["leads to no node"])
case("a parent whose cell is missing", "msi-parent = <&its>;", warned=["cut off"])
case("a map that is cut off", "msi-map = <0x0 &its 0x0 0x100>, <0x100 &its 0x100>;", msi(PCIE, AT_ITS, "0x0", "0xff", "0x0"),
     warned=["cut off"], found=["0x100 to 0xffff have a stream"])
case("an empty map", "msi-map;", warned=["empty"])
case("a base outside the mask", "msi-map-mask = <0xff>; msi-map = <0x100 &its 0x0 0x10>;", warned=["outside msi-map-mask"])
case("as many cells as there can be", "msi-map = <0x0 &its 0x0 0x10000>;", its="msi-controller; #msi-cells = <0xffffffff>;", warned=["cut off"])
case("a disabled controller", "msi-map = <0x0 &its 0x0 0x10000>;", msi(PCIE, AT_ITS, "0x0", "0xffff", "0x0", enabled=False),
     its='msi-controller; #msi-cells = <1>; status = "disabled";')
case("a device that two claim", "msi-map = <0x0 &its 0x0 0x10000>; dma@1 { reg = <0x1 0 0 0 0>; msi-parent = <&its 0x42>; };",
     msi(PCIE, AT_ITS, "0x0", "0xffff", "0x0"), msi(PCIE + "/dma@1", AT_ITS, device="0x42"), found=["devices 0x42 to 0x42"])

# --- IORTs. ---

SMMU_AT, SINGLE = 0x48, 1


class Table:
    def __init__(self, group=struct.pack("<II", 1, 5)):
        self.body, self.count = b"", 0
        self.node(0, group)

    def node(self, kind, data, maps=(), revision=1):
        offset = 16 + len(data)
        head = struct.pack("<BHBIII", kind, offset + 20 * len(maps), revision, self.count, len(maps), offset if maps else 0)
        self.body += head + data + b"".join(struct.pack("<IIIII", *each) for each in maps)
        self.count += 1

    def smmu(self, maps, index=0, gsivs=(106, 107, 108, 109), flags=0, revision=1):
        self.node(4, struct.pack("<QIIQIIIIIII", 0x10000000, flags, 0, 0, 0, *gsivs, 0, index), maps, revision)

    def root(self, maps):
        self.node(2, struct.pack("<QIIB3x", 0, 0, 0, 64), maps)

    def component(self, maps):
        self.node(1, struct.pack("<IQB", 0, 0, 64) + b"\\_SB.DMA0\0\0\0\0", maps)

    def save(self):
        table = struct.pack("<4sIBB6s8sI4sI", b"IORT", 0x30 + len(self.body), 5, 0, b"BOARDS", b"MSI     ", 1, b"TEST", 1)
        table += struct.pack("<III", self.count, 0x30, 0) + self.body
        path = os.path.join(tool.folder(), "msi.aml")
        with open(path, "wb") as file:
            file.write(table[:9] + bytes([-sum(table) % 256]) + table[10:])
        return path


def acpi(title, smmu, root, *wanted, component=(), warned=(), found=(), **how):
    table = Table(**how)
    table.smmu(smmu)
    table.root(root)
    table.component(component)
    check(title, table.save(), *wanted, warned=warned, found=found)


DMA = "\\_SB.DMA0"
acpi("by way of an SMMUv3", [(0, 0xFFFF, 0x30000, 0x30, 0)], [(0, 0xFFFF, 0, SMMU_AT, 0)], msi("segment:0", "its:5", "0x0", "0xffff", "0x30000"))
acpi("straight", [], [(0, 0xFFFF, 0x20000, 0x30, 0)], msi("segment:0", "its:5", "0x0", "0xffff", "0x20000"))
acpi("a component of one ID, and the SMMU's own MSIs", [(0, 0xFFFF, 0x30000, 0x30, 0), (0, 0, 0x99, 0x30, SINGLE)], [],
     msi(DMA, "its:5", device="0x30007"), component=[(0, 0, 7, SMMU_AT, SINGLE)])
acpi("a component of several IDs", [(0, 0xFFFF, 0x30000, 0x30, 0)], [], msi(DMA, "its:5", "0x0", "0xf", "0x30010"),
     component=[(0, 15, 16, SMMU_AT, 0)])
acpi("an SMMUv3 that maps a part", [(0x100, 0xFF, 0x500, 0x30, 0)], [(0, 0xFFFF, 0, SMMU_AT, 0)],
     msi("segment:0", "its:5", "0x100", "0x1ff", "0x500"), found=["0x0 to 0xff have a stream", "0x200 to 0xffff have a stream"])
acpi("an SMMUv3 that maps nothing", [], [(0, 0xFFFF, 0, SMMU_AT, 0)])
acpi("every ID as one", [(0, 0xFFFF, 0x30000, 0x30, 0)], [(0, 0, 9, SMMU_AT, SINGLE)],
     msi("segment:0", "its:5", "0x0", "0xffff", "0x30009", constant=True))
older = Table()
older.node(3, struct.pack("<QQII", 0x10000000, 0x10000, 1, 0) + bytes(40), [(0, 0xFFFF, 0x70000, 0x30, 0)])
older.root([(0, 0xFFFF, 0, SMMU_AT, 0)])
check("by way of an SMMUv2", older.save(), msi("segment:0", "its:5", "0x0", "0xffff", "0x70000"))
acpi("an SMMUv3 that leads to itself", [(0, 0xFFFF, 0, SMMU_AT, 0)], [(0, 0xFFFF, 0, SMMU_AT, 0)], warned=["circle"])
acpi("an ITS group without an ITS", [(0, 0xFFFF, 0, 0x30, 0)], [(0, 0xFFFF, 0, SMMU_AT, 0)], warned=["no ITS"], group=b"\0\0\0\0" * 2)

# The mapping of the SMMU's own MSIs is no master's, whatever it is. Which one that is depends on the node's revision: Linux's
# iort_get_id_mapping_index().
OWN = [(0, 0xFFFF, 0x50000, 0x30, 0), (0, 0xFFFF, 0x30000, 0x30, 0)]
first, second = (msi("segment:0", "its:5", "0x0", "0xffff", device) for device in ("0x50000", "0x30000"))
for title, skips, smmu in (
    ("revision 0, without GSIVs", False, {"revision": 0, "gsivs": (0, 0, 0, 0)}),
    ("revision 1, with all GSIVs", False, {}),
    ("revision 1, without one of PRI", True, {"gsivs": (106, 0, 108, 109)}),
    ("revision 4, without one of CMD_SYNC", True, {"revision": 4, "gsivs": (106, 107, 108, 0)}),
    ("revision 5, without GSIVs and without the flag", False, {"revision": 5, "gsivs": (0, 0, 0, 0)}),
    ("revision 5, with all GSIVs and with the flag", True, {"revision": 5, "flags": 1 << 4}),
):
    own = Table()
    own.smmu(OWN, **smmu)
    own.root([(0, 0xFFFF, 0, SMMU_AT, 0)])
    check(f"the SMMU's own mapping: {title}", own.save(), second if skips else first)
alone = Table()
alone.smmu([(0, 0xFFFF, 0x50000, 0x30, 0)], gsivs=(106, 0, 108, 0))
alone.root([(0, 0xFFFF, 0, SMMU_AT, 0)])
check("no mapping but the SMMU's own", alone.save())
acpi("a first mapping without reference, which Linux goes no further than", [], [(0, 0xFF, 0, 0, 0), (0x100, 0xFEFF, 0x20000, 0x30, 0)],
     warned=["ID mappings of which the first has no reference"])
acpi("a device that two claim", [(0, 0xFFFF, 0, 0x30, 0)], [(0, 0xFFFF, 0, SMMU_AT, 0)], msi("segment:0", "its:5", "0x0", "0xffff", "0x0"),
     msi(DMA, "its:5", device="0x8"), component=[(0, 0, 8, 0x30, SINGLE)], found=["devices 0x8 to 0x8"])
tap.done()
