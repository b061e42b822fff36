# SPDX-License-Identifier: BSD-2-Clause
"""
Where a table can be read in two ways, smmu-inspect reads it as Linux does: reserved addresses of a device tree
(of_iommu_get_resv_regions()), and who emits which stream.
"""

import os
import struct
import subprocess

import tool
from tool import tap

DISPLAY, WIFI = "/dc@20000000", "/pcie@40000000/pcie@0,0/wifi@0"


def tree(body, reserved="", ranges="ranges;"):
    return tool.dtb(f"""/dts-v1/;
/ {{
	interrupt-parent = <&gic>;
	#address-cells = <2>;
	#size-cells = <2>;
	gic: interrupt-controller@8000000 {{ compatible = "arm,gic-v3"; reg = <0 0x8000000 0 0x10000>; interrupt-controller; #interrupt-cells = <3>; }};
	smmu: iommu@10000000 {{
		compatible = "arm,smmu-v3";
		reg = <0 0x10000000 0 0x20000>;
		interrupts = <0 74 1>, <0 77 1>;
		interrupt-names = "eventq", "gerror";
		#iommu-cells = <1>;
	}};
	reserved-memory {{ #address-cells = <2>; #size-cells = <2>; {ranges} {reserved} }};
	{body}
}};
""")


def display(more="", at="20000000"):
    return f'dc: dc@{at} {{ compatible = "acme,dc"; reg = <0 0x{at} 0 0x1000>; iommus = <&smmu 8>; memory-region = <&fb>; {more} }};'


def framebuffer(addresses, reg="reg = <0 0x90000000 0 0x100000>;", more=""):
    return f"fb: fb@90000000 {{ {reg} iommu-addresses = <{addresses}>; {more} }};"


def region(master, base, size, mapped=True):
    return {"master": master, "base": base, "size": size, "mapped": mapped}


def check(title, path, *wanted, warned=None):
    """`warned`: words of the one warning there is; None: there is none."""
    table = tool.described(path)
    tap.equal(table["reserved"], list(wanted), title)
    texts = [warning["text"] for warning in table["warnings"]]
    tap.ok(len(texts) == bool(warned) and all((warned or "") in text for text in texts), f"{title}: {'a warning' if warned else 'no warning'}", texts)


# --- Reserved addresses of a device tree. ---

OWN = framebuffer("&dc 0 0x90000000 0 0x100000")
check("memory at its own address", tree(display(), OWN), region(DISPLAY, "0x90000000", "0x100000"))
check("a second reg: only the first is mapped",
      tree(display(), framebuffer("&dc 0 0x98000000 0 0x800000", "reg = <0 0x90000000 0 0x100000>, <0 0x98000000 0 0x800000>;")),
      region(DISPLAY, "0x98000000", "0x800000", mapped=False), warned="is its reg, but not the first")
check("reserved-memory without ranges: nothing", tree(display(), OWN, ranges=""), warned="no address")
check("a region that is disabled: Linux does not look", tree(display(), framebuffer("&dc 0 0x90000000 0 0x100000", more='status = "disabled";')),
      region(DISPLAY, "0x90000000", "0x100000"))
check("a device that is disabled: nothing", tree(display('status = "disabled";'), OWN))
check("a device that is disabled by its bus: nothing",
      tree(f'soc {{ compatible = "simple-bus"; status = "disabled"; #address-cells = <2>; #size-cells = <2>; ranges; {display()} }};', OWN))
check("elsewhere than in reserved-memory", tree(display() + OWN), region(DISPLAY, "0x90000000", "0x100000"))

# --- The device's addresses are memory's by dma-ranges. ---


def bus(more, name="soc", child=None):
    return f'{name} {{ compatible = "simple-bus"; #address-cells = <2>; #size-cells = <2>; ranges; {more} {child or display()} }};'


LOW = framebuffer("&dc 0 0x10000000 0 0x100000")
check("dma-ranges", tree(bus("dma-ranges = <0 0 0 0x80000000 0 0x40000000>;"), LOW), region("/soc" + DISPLAY, "0x90000000", "0x100000"))
check("dma-ranges that are empty: the same address", tree(bus("dma-ranges;"), OWN), region("/soc" + DISPLAY, "0x90000000", "0x100000"))
check("dma-ranges of two buses",
      tree(bus("dma-ranges = <0 0 0 0x80000000 0 0x40000000>;", child=bus("dma-ranges = <0 0x40000000 0 0x8000000 0 0x20000000>;", "inner")),
           framebuffer("&dc 0 0x48000000 0 0x100000")),
      region("/soc/inner" + DISPLAY, "0x90000000", "0x100000"))
check("outside of dma-ranges: not read", tree(bus("dma-ranges = <0 0 0 0x80000000 0 0x8000000>;"), LOW), warned="outside of dma-ranges: the list ends here")
MEMORY = "mc: mc@30000000 { reg = <0 0x30000000 0 0x1000>; #interconnect-cells = <0>; #address-cells = <2>; #size-cells = <2>; ranges; %s };"
NAMED = 'interconnects = <&mc>; interconnect-names = "dma-mem";'
check("the bus above is no DMA parent where an interconnect is",
      tree(bus("dma-ranges = <0 0 0 0x40000000 0 0x40000000>;", child=display(NAMED)) + MEMORY % "dma-ranges = <0 0 0 0x80000000 0 0x40000000>;", LOW),
      region("/soc" + DISPLAY, "0x90000000", "0x100000"))
check("an interconnect of other cells",
      tree(display(NAMED) + (MEMORY % "dma-ranges = <0 0 0x80000000 0x40000000>;").replace("#address-cells = <2>; #size-cells = <2>", "#address-cells = <1>; #size-cells = <1>"),
           framebuffer("&dc 0x10000000 0x100000")),
      region(DISPLAY, "0x90000000", "0x100000"))
CIRCLE = "one: one { #interconnect-cells = <0>; #address-cells = <2>; #size-cells = <2>; interconnects = <&one>; interconnect-names = \"dma-mem\"; };"
check("DMA parents that form a circle end", tree(display('interconnects = <&one>; interconnect-names = "dma-mem";') + CIRCLE, OWN), region(DISPLAY, "0x90000000", "0x100000"),
      warned="form a circle")

# --- Functions of PCI. ---


def pci(function, host="", port=""):
    return f"""
	pcie@40000000 {{
		compatible = "pci-host-ecam-generic";
		device_type = "pci";
		reg = <0 0x40000000 0 0x10000000>;
		#address-cells = <3>;
		#size-cells = <2>;
		bus-range = <0 0xff>;
		iommu-map = <0 &smmu 0x5000 0x10000>;
		{host}
		pcie@0,0 {{ device_type = "pci"; reg = <0 0 0 0 0>; #address-cells = <3>; #size-cells = <2>; bus-range = <1 1>; {port} {function} }};
	}};
"""


FUNCTION = "wifi: wifi@0 { reg = <0x10000 0 0 0 0>; memory-region = <&fb>; };"
FOR_WIFI = framebuffer("&wifi 0 0 0x90000000 0 0x100000")
check("a function behind a port", tree(pci(FUNCTION), FOR_WIFI), region(WIFI, "0x90000000", "0x100000"))
check("a function behind a port, by the host's dma-ranges", tree(pci(FUNCTION, "dma-ranges = <0 0 0x10000000 0 0x90000000 0 0x1000000>;", "dma-ranges;"),
                                                                 framebuffer("&wifi 0 0 0x10000000 0 0x100000")), region(WIFI, "0x90000000", "0x100000"))
check("a function of a host that is disabled: nothing", tree(pci(FUNCTION, 'status = "disabled";'), FOR_WIFI))

# --- Streams that a map's mask lets through. ---


def masked(name, at, mask, base):
    return f"""
	{name}: pcie@{at} {{
		compatible = "pci-host-ecam-generic"; device_type = "pci"; reg = <0 0x{at} 0 0x10000000>; #address-cells = <3>; #size-cells = <2>;
		bus-range = <0 0xff>; iommu-map = <0 &smmu {base:#x} 0x10000>; iommu-map-mask = <{mask:#x}>;
	}};"""


def beside(mask, sid):
    return masked("a", "40000000", mask, 0) + f"gpu@20000000 {{ reg = <0 0x20000000 0 0x1000>; iommus = <&smmu {sid:#x}>; }};"


for mask, sid, meets in ((0xFF00, 0x8, False), (0xFF00, 0x1100, True), (0xFF00, 0xFF00, True), (0xFF00, 0xFFFF, False), (0xF8FF, 0x10FF, True),
                         (0xF8FF, 0x11FF, False), (0xF8FF, 0xF8FF, True), (0x00FF, 0x100, False), (0x00FF, 0xFF, True), (0xFFFF, 0xFFFF, True)):
    found = [each["detail"] for each in tool.described(tree(beside(mask, sid)))["findings"] if each["id"] == "stream_twice"]
    tap.equal(len(found), int(meets), f"a mask of {mask:#x}, and stream {sid:#x} of another")
    tap.ok(all(f"stream {sid:#x} of" in text for text in found), f"a mask of {mask:#x}: it is named", found)
for other, base, sid in ((0x00FF, 0x100, "0x100"), (0x00FF, 0x101, "0x200"), (0x00FF, 0x281, "0x300"), (0x000F, 0x101, None), (0xFF00, 0x80, None), (0xF0F0, 0x1010, "0x1100")):
    path = tree(masked("a", "40000000", 0xFF00, 0) + masked("b", "60000000", other, base))
    found = [each["detail"] for each in tool.described(path)["findings"] if each["id"] == "stream_twice"]
    tap.equal([text.split(" stream ")[1].split()[0] for text in found], [sid] if sid else [], f"masks of 0xff00 and {other:#x} from {base:#x}")

# --- Segments: what a tree says, then the lowest that is free (of_pci_bus_find_domain_nr()). ---


def two_hosts(first, second):
    hosts = "".join(f"""
	pcie@{at} {{
		compatible = "pci-host-ecam-generic"; device_type = "pci"; reg = <0 0x{at} 0 0x10000000>; #address-cells = <3>; #size-cells = <2>;
		bus-range = <0 0xff>; iommu-map = <0 &smmu {base:#x} 0x10000>; {more}
	}};""" for at, base, more in (("40000000", 0, first), ("60000000", 0x10000, second)))
    return tree(hosts)


SAYS_0, SAYS_1, SAYS_7 = ("linux,pci-domain = <%d>;" % number for number in (0, 1, 7))
for title, first, second, segments in (("none is said", "", "", [0, 1]), ("the second says 0", "", SAYS_0, [1, 0]), ("the second says 1", "", SAYS_1, [0, 1]),
                                       ("both are said", SAYS_7, SAYS_0, [7, 0])):
    path = two_hosts(first, second)
    tap.equal([each["segment"] for each in tool.described(path)["masters"]], segments, f"segments: {title}")
    tap.ok(all(f", segment {number}" in tool.run(path).out for number in segments), f"segments: {title}: shown")
said = tool.run("--compare", two_hosts("", SAYS_0), two_hosts("", ""))
tap.ok(said.status == 3 and all(f"/pcie@{at}: it is segment " in said.out for at in ("40000000", "60000000")), "segments that differ are compared", said.out)
said = tool.run("--compare", two_hosts("", SAYS_1), two_hosts("", ""))
tap.equal((said.status, "it is segment" in said.out), (0, False), "segments that are the same, said or not, differ in nothing")

# --- A blob that others wrote. ---

first = tree(display(), OWN)
wanted = tool.described(first)


def same(title, path):
    said = tool.described(path)
    tap.equal([said[key] for key in ("instances", "fixed", "reserved", "warnings")], [wanted[key] for key in ("instances", "fixed", "reserved", "warnings")], title)


def recompiled(name, *options):
    path = os.path.join(tool.folder(), name)
    subprocess.run(["dtc", "-q", "-I", "dtb", "-O", "dtb", "-o", path, *options, first], check=True)
    return path


same("version 16, without a size of the structure", recompiled("old.dtb", "-V", "16"))
same("slack at its end", recompiled("slack.dtb", "-p", "4096"))
with open(first, "rb") as file:
    blob = file.read()
at = blob.index(b"acme,dc\0") - 12
tap.equal(struct.unpack_from(">II", blob, at), (3, 8), "a property that is taken away by NOPs")
path = os.path.join(tool.folder(), "nops.dtb")
with open(path, "wb") as file:
    file.write(blob[:at] + struct.pack(">I", 4) * 5 + blob[at + 20 :])
same("NOPs for a property", path)
tap.done()
