# SPDX-License-Identifier: BSD-2-Clause
"""smmu-inspect --diff: two versions of a table, as a review wants to see them."""

import os

import tool
from tool import tap

TREE = """/dts-v1/;
/ {
	#address-cells = <2>;
	#size-cells = <2>;
	compatible = "acme,board";
	interrupt-parent = <&gic>;

	gic: interrupt-controller@30000000 {
		compatible = "arm,gic-v3";
		#interrupt-cells = <3>;
		interrupt-controller;
		reg = <0 0x30000000 0 0x10000>, <0 0x30080000 0 0x200000>;
	};

	a: iommu@50000000 {
		compatible = "arm,smmu-v3";
		reg = <0 0x50000000 0 0x20000>;
		#iommu-cells = <1>;
		interrupts = <0 74 1>, <0 79 1>;
		interrupt-names = "eventq", "gerror";
	};

	b: iommu@60000000 {
		compatible = "arm,smmu-v3";
		reg = <0 0x60000000 0 0x20000>;
		#iommu-cells = <1>;
		interrupts = <0 84 1>, <0 89 1>;
		interrupt-names = "eventq", "gerror";
	};

	display: display@70000000 {
		compatible = "acme,display";
		reg = <0 0x70000000 0 0x1000>;
		iommus = <&a 0x8>, <&a 0x9>;
	};

	camera@71000000 {
		compatible = "acme,camera";
		reg = <0 0x71000000 0 0x1000>;
		iommus = <&b 0x20>;
	};

	pcie@80000000 {
		compatible = "pci-host-ecam-generic";
		device_type = "pci";
		#address-cells = <3>;
		#size-cells = <2>;
		reg = <0 0x80000000 0 0x1000000>;
		ranges = <0x2000000 0 0x10000000 0 0x10000000 0 0x1000000>;
		bus-range = <0 15>;
		iommu-map = <0x0 &a 0x10000 0x1000>;
	};

	reserved-memory {
		#address-cells = <2>;
		#size-cells = <2>;
		ranges;

		kept@90000000 {
			reg = <0 0x90000000 0 0x100000>;
			iommu-addresses = <&display 0x0 0x90000000 0x0 0x100000>;
		};
	};
};
"""
A, B, HOST, DISPLAY, CAMERA = "/iommu@50000000", "/iommu@60000000", "/pcie@80000000", "/display@70000000", "/camera@71000000"
place = tool.folder()
old = tool.dtb(TREE, place, "old")
number = 0


def changed(*replacements):
    global number
    text = TREE
    for before, after in replacements:
        assert before in text, before
        text = text.replace(before, after)
    number += 1
    return tool.dtb(text, place, f"new{number}")


def diff(new, before=old):
    said = tool.run("--json", "--diff", before, new)
    assert said.err == "", said.err
    return said


def lists(new, before=old):
    said = diff(new, before)
    return [[(each["node"], each["what"], each["old"], each["new"]) for each in said.json[kind]] for kind in ("added", "removed", "changed")]


def check(title, new, added=(), removed=(), altered=(), before=old):
    found = lists(new, before)
    for kind, got, wanted in zip(("added", "removed", "changed"), found, (added, removed, altered)):
        tap.equal(got, list(wanted), f"{title}: {kind}")
    tap.equal(diff(new, before).status, 3 if added or removed or altered else 0, f"{title}: the exit status")


check("itself", old)
tap.equal(tool.run("--diff", old, old).out, "No difference.\n", "itself: for people")

check("a stream's number", changed(("<&a 0x9>", "<&a 0xa>")), altered=[(DISPLAY, "stream", f"0x9 of {A}", f"0xa of {A}")])
check("a stream more", changed(("<&a 0x9>", "<&a 0x9>, <&b 0x9>")), added=[(DISPLAY, "stream", None, f"0x9 of {B}")])
check("a stream less", changed((", <&a 0x9>", "")), removed=[(DISPLAY, "stream", f"0x9 of {A}", None)])
check("a map that is split, and says the same", changed(("<0x0 &a 0x10000 0x1000>", "<0x0 &a 0x10000 0x100>, <0x100 &a 0x10100 0xf00>")))
check("a part of a map", changed(("<0x0 &a 0x10000 0x1000>", "<0x0 &a 0x10000 0x100>, <0x100 &a 0x20100 0x100>, <0x200 &a 0x20200 0xe00>")),
      altered=[(HOST, "IDs 0x100 to 0xfff", f"0x10100 to 0x10fff of {A}", f"0x20100 to 0x20fff of {A}")])
check("another SMMU for a part", changed(("<0x0 &a 0x10000 0x1000>", "<0x0 &a 0x10000 0x800>, <0x800 &b 0x10800 0x800>")),
      altered=[(HOST, "IDs 0x800 to 0xfff", f"0x10800 to 0x10fff of {A}", f"0x10800 to 0x10fff of {B}")])
check("a hole in a map", changed(("<0x0 &a 0x10000 0x1000>", "<0x0 &a 0x10000 0x100>, <0x102 &a 0x10102 0xefe>")),
      removed=[(HOST, "IDs 0x100 to 0x101", f"0x10100 to 0x10101 of {A}", None)])
check("a longer map", changed(("0x10000 0x1000>", "0x10000 0x1800>")), added=[(HOST, "IDs 0x1000 to 0x17ff", None, f"0x11000 to 0x117ff of {A}")])
check("a mask", changed(("<0x0 &a 0x10000 0x1000>;", "<0x0 &a 0x10000 0x1000>; iommu-map-mask = <0xfff>;")),
      altered=[(HOST, "IDs 0x0 to 0xfff", f"0x10000 to 0x10fff of {A}", f"0x10000 to 0x10fff of {A}, mask 0xfff")])
masked = changed(("<0x0 &a 0x10000 0x1000>;", "<0x0 &a 0x10000 0x1000>; iommu-map-mask = <0xfff>;"))
check("another mask", changed(("<0x0 &a 0x10000 0x1000>;", "<0x0 &a 0x10000 0x1000>; iommu-map-mask = <0x1fff>;")), before=masked,
      altered=[(HOST, "IDs 0x0 to 0xfff", f"0x10000 to 0x10fff of {A}, mask 0xfff", f"0x10000 to 0x10fff of {A}, mask 0x1fff")])
check("coherency", changed(("reg = <0 0x60000000 0 0x20000>;", "reg = <0 0x60000000 0 0x20000>; dma-coherent;"),
                           ("reg = <0 0x71000000 0 0x1000>;", "reg = <0 0x71000000 0 0x1000>; dma-coherent;")),
      altered=[(B, "coherent", False, True), (CAMERA, "coherent", False, True)])
found = lists(changed(("<0 84 1>", "<0 85 4>")))
tap.ok((B, "interrupts eventq number", 84, 85) in found[2] and [each for each in found[2] if each[1] == "interrupts eventq trigger"], "an interrupt: changed", found)
check("an SMMU that moves, with its node", changed(("iommu@60000000", "iommu@61000000"), ("0x60000000", "0x61000000")),
      added=[("/iommu@61000000", "SMMU", None, "0x61000000")], removed=[(B, "SMMU", "0x60000000", None)],
      altered=[(CAMERA, "stream", f"0x20 of {B}", "0x20 of /iommu@61000000")])
check("an SMMU that moves, and keeps its name", changed(("reg = <0 0x60000000", "reg = <0 0x61000000")), altered=[(B, "address", "0x60000000", "0x61000000")])
check("an SMMU that has another name", changed(("iommu@60000000", "smmu@60000000")), altered=[("/smmu@60000000", "name", B, "/smmu@60000000")])
check("a master that has another name", changed(("camera@71000000", "isp@71000000")), altered=[("/isp@71000000", "name", CAMERA, "/isp@71000000")])
check("a master that is gone", changed(("iommus = <&b 0x20>;", "")), removed=[(CAMERA, "master", "0x71000000", None), (CAMERA, "stream", f"0x20 of {B}", None)])
found = lists(changed(('compatible = "acme,camera";', 'compatible = "acme,camera"; status = "disabled";')))
tap.equal(found, [[], [], [(CAMERA, "enabled", True, False)]], "a disabled master: is said once")
check("a region", changed(("0x0 0x90000000 0x0 0x100000>", "0x0 0x90000000 0x0 0x200000>"), ("reg = <0 0x90000000 0 0x100000>", "reg = <0 0x90000000 0 0x200000>")),
      altered=[(DISPLAY, "region", "0x90000000 to 0x900fffff, mapped one to one", "0x90000000 to 0x901fffff, mapped one to one")])

title = "findings"
new = changed(("<&b 0x20>", "<&a 0x9>"))
said = diff(new).json
tap.ok(any("0x9" in each for each in said["findings_new"]), f"{title}: a new one", said["findings_new"])
tap.ok(any(B in each and "no enabled master" in each for each in said["findings_new"]), f"{title}: and its consequence", said["findings_new"])
back = diff(old, new).json
tap.equal((back["findings_new"], back["findings_gone"]), (said["findings_gone"], said["findings_new"]), f"{title}: the other way round they go")
said = tool.run("--diff", old, new)
for words in ("Changed", f"  {CAMERA}\n    stream  0x20 of {B} -> 0x9 of {A}", "New findings", "\n0 added, 0 removed, 1 changed\n"):
    tap.ok(words in said.out, f"{title}: for people: {words!r}", said.out)

title = "IORTs"
boards = os.path.join(tool.HERE, "boards")
tables = sorted(name for name in os.listdir(boards) if name.endswith(".iort"))
for name in tables:
    path = tool.iort(os.path.join(boards, name), place, name.removesuffix(".iort"))
    tap.equal(tool.run("--diff", path, path).status, 0, f"{title}: {name} against itself")
tap.ok(tables, f"{title}: there are some")

title = "wrong usage"
for arguments in (("--diff", old), ("--diff", "-", "-"), ("--diff", old, "--compare", old, old), ("--diff", old, "--dot", old), ("--diff", old, place)):
    tap.equal(tool.run(*arguments).status, 1, f"{title}: {len(arguments)} {arguments[-2][:9]}")
tap.equal(tool.run("--diff", os.path.join(place, "absent"), old).status, 2, f"{title}: an old table that is not there")
tap.done()
