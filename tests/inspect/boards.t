# SPDX-License-Identifier: BSD-2-Clause
"""What smmu-inspect says of real boards' tables, the device tree and the IORT of each. The
authors typed all numbers after reading the tables in boards/; nothing here comes out of a parser."""

import os

import tool
from expect import check, instance, single, span, window
from tool import tap

BOARDS = os.path.join(tool.HERE, "boards")
tables = []


def differences(title, dtb, iort, wanted, count):
    """The IORT against the device tree, either way round. `wanted` has words that one and the same difference must have, `count`
    says how many there are."""
    for first, second, way in ((iort, dtb, "the IORT against the tree"), (dtb, iort, "the tree against the IORT")):
        said = tool.run("--json", "--compare", second, first)
        tap.equal(said.status, 3 if wanted else 0, f"{title}: {way}: exit status")
        found = [str(each).lower() for each in said.json.get("differences", [])]
        tap.ok(len(found) == count, f"{title}: {way}: differences: {count}", [len(found), *found[:8]])
        for words in wanted:
            tap.ok(any(all(word in each for word in words) for each in found), f"{title}: {way}: {', '.join(words)}", found[:8])


def board(name, tree, acpi, differ=(), count=None):
    dtb = tool.dtb(os.path.join(BOARDS, name + ".dts"))
    iort = tool.iort(os.path.join(BOARDS, name + ".iort"))
    check(f"{name} by device tree", dtb, **tree)
    check(f"{name} by IORT", iort, **acpi)
    differences(name, dtb, iort, differ, len(differ) if count is None else count)
    tables.append((name, dtb, iort))


board(
    "rk3588",
    {
        "instances": [
            instance("/iommu@fc900000", "0xfc900000", "0x200000"),
            instance("/iommu@fcb00000", "0xfcb00000", "0x200000", enabled=False),
        ],
        "fixed": [single("/usb@fcd00000", "/iommu@fcb00000", "0x6")],
        "windows": [
            window("/pcie@fe150000", "/iommu@fc900000", "0x0", "0xfff", "0x0"),
            window("/pcie@fe160000", "/iommu@fc900000", "0x1000", "0x1fff", "0x1000", enabled=False),
            window("/pcie@fe190000", "/iommu@fc900000", "0x4000", "0x4fff", "0x4000"),
        ],
    },
    {
        "instances": [instance("iort@0x48", "0xfc900000", "0x20000")],
        "windows": [
            window("segment:0", "iort@0x48", "0x0", "0xfff", "0x0"),
            window("segment:4", "iort@0x48", "0x4000", "0x4fff", "0x4000"),
        ],
    },
    # An IORT has no word for what is disabled, and a master whose SMMU is disabled has none in either table.
)

board(
    "hip07",
    {
        "instances": [
            instance("/soc/iommu@a0040000", "0xa0040000", "0x20000", coherent=True),
            instance("/soc/iommu@c0040000", "0xc0040000", "0x20000", coherent=True),
            instance("/soc/iommu@8a0040000", "0x8a0040000", "0x20000", coherent=True),
        ],
        "fixed": [
            single("/soc/ethernet@c5000000", "/soc/iommu@c0040000", "0x40b"),
            single("/soc/ethernet@c5000000", "/soc/iommu@c0040000", "0x40c"),
        ],
        "windows": [
            window("/soc/pcie@a00a0000", "/soc/iommu@a0040000", "0xf800", "0xffff", "0xf800"),
            window("/soc/pcie@8a0090000", "/soc/iommu@8a0040000", "0x0", "0x1fff", "0x0"),
            window("/soc/pcie@8a0090000", "/soc/iommu@c0040000", "0x2000", "0x27ff", "0x12000"),
            window("/soc/pcie@8a0090000", "/soc/iommu@8a0040000", "0x4000", "0x40ff", "0x24000"),
        ],
    },
    {
        "instances": [
            instance("iort@0xe0", "0xa0040000", "0x20000", coherent=True),
            instance("iort@0x138", "0xc0040000", "0x20000", coherent=True),
            instance("iort@0x190", "0x8a0040000", "0x20000", coherent=True),
        ],
        "fixed": [
            single("\\_SB.DSF0", "iort@0x138", "0x40b"),
            single("\\_SB.DSF0", "iort@0x138", "0x40c"),
        ],
        "windows": [
            window("segment:2", "iort@0xe0", "0xf800", "0xffff", "0xf800"),
            window("segment:4", "iort@0x190", "0x0", "0x1fff", "0x0"),
            window("segment:4", "iort@0x138", "0x2000", "0x27ff", "0x12000"),
            window("segment:4", "iort@0x190", "0x4000", "0x40ff", "0x24000"),
        ],
    },
)

board(
    "j721e",
    {
        "instances": [instance("/bus@100000/bus@30000000/iommu@36600000", "0x36600000", "0x100000")],
        "windows": [
            window("/bus@100000/pcie@2900000", "/bus@100000/bus@30000000/iommu@36600000", "0x0", "0xffff", "0x0"),
            window("/bus@100000/pcie@2910000", "/bus@100000/bus@30000000/iommu@36600000", "0x0", "0xffff", "0x10000"),
        ],
    },
    {
        "instances": [instance("iort@0x48", "0x36600000", "0x20000")],
        "windows": [
            window("segment:0", "iort@0x48", "0x0", "0xffff", "0x0"),
            window("segment:1", "iort@0x48", "0x0", "0xffff", "0x10000"),
        ],
    },
)

TEGRA_1 = "/bus@8100000000/iommu@5000000"
TEGRA_2 = "/bus@8100000000/iommu@6000000"
TEGRA_3 = "/bus@8800000000/iommu@6000000"
TEGRA_0 = "/bus@a800000000/iommu@a000000"
board(
    "tegra264",
    {
        "instances": [
            instance(TEGRA_1, "0x8105000000", "0x200000", coherent=True),
            instance(TEGRA_2, "0x8106000000", "0x200000", coherent=True, enabled=False),
            instance(TEGRA_3, "0x8806000000", "0x200000", coherent=True, enabled=False),
            instance(TEGRA_0, "0xa80a000000", "0x200000", coherent=True),
        ],
        "fixed": [
            single("/bus@0/dma@8400000", TEGRA_1, "0x800"),
            single("/bus@8100000000/host1x@81200000", TEGRA_1, "0x1400"),
            single("/bus@8100000000/host1x@81200000/vic@88050000", TEGRA_1, "0x1500"),
            single("/bus@8100000000/host1x@81200000/vic@88050000", TEGRA_2, "0x34"),
            # The display is as disabled as the bus that it is on.
            single("/bus@8800000000/display@8c00000", TEGRA_3, "0x100", enabled=False),
        ],
        "windows": [window("/bus@a800000000/pcie@8400000", TEGRA_0, "0x0", "0xffff", "0x10000")],
    },
    {
        "instances": [
            instance("iort@0x48", "0x8105000000", "0x20000", coherent=True),
            instance("iort@0xa0", "0xa80a000000", "0x20000", coherent=True),
        ],
        "fixed": [
            single("\\_SB.DMA0", "iort@0x48", "0x800"),
            single("\\_SB.HX1X", "iort@0x48", "0x1400"),
            single("\\_SB.HX1X.VIC0", "iort@0x48", "0x1500"),
        ],
        "windows": [window("segment:1", "iort@0xa0", "0x0", "0xffff", "0x10000")],
    },
    # What is disabled, or names what is, has no SMMU in either table.
)

IMX95 = "/soc/iommu@490d0000"
board(
    "imx95",
    {
        "instances": [instance(IMX95, "0x490d0000", "0x100000")],
        "fixed": [single("/soc/usb@4c100000", IMX95, "0xe")],
        "windows": [
            window("/soc/pcie@4c300000", IMX95, "0x0", "0x0", "0x10", mask="0x1ff"),
            window("/soc/pcie@4c300000", IMX95, "0x100", "0x106", "0x11", mask="0x1ff"),
            window("/soc/pcie@4c380000", IMX95, "0x0", "0x0", "0x18", mask="0x1ff"),
            window("/soc/pcie@4c380000", IMX95, "0x100", "0x106", "0x19", mask="0x1ff"),
            window("/soc/pcie@4ca00000", IMX95, "0x0", "0x0", "0x20"),
            window("/soc/pcie@4ca00000", IMX95, "0x10", "0x10", "0x21"),
            window("/soc/pcie@4ca00000", IMX95, "0x20", "0x20", "0x22"),
            window("/soc/pcie@4ca00000", IMX95, "0x40", "0x40", "0x23"),
            window("/soc/pcie@4ca00000", IMX95, "0x80", "0x80", "0x28"),
            window("/soc/pcie@4ca00000", IMX95, "0x90", "0x90", "0x24"),
            window("/soc/pcie@4ca00000", IMX95, "0xc0", "0xc0", "0x2a"),
        ],
    },
    {
        "instances": [instance("iort@0x48", "0x490d0000", "0x20000")],
        "fixed": [single("\\_SB.USB1", "iort@0x48", "0xe")],
        "windows": [
            window("segment:0", "iort@0x48", "0x0", "0x0", "0x10"),
            window("segment:0", "iort@0x48", "0x100", "0x106", "0x11"),
            window("segment:1", "iort@0x48", "0x0", "0x0", "0x18"),
            window("segment:1", "iort@0x48", "0x100", "0x106", "0x19"),
            window("segment:2", "iort@0x48", "0x0", "0x0", "0x20"),
            window("segment:2", "iort@0x48", "0x10", "0x10", "0x21"),
            window("segment:2", "iort@0x48", "0x20", "0x20", "0x22"),
            window("segment:2", "iort@0x48", "0x40", "0x40", "0x23"),
            window("segment:2", "iort@0x48", "0x80", "0x80", "0x28"),
            window("segment:2", "iort@0x48", "0x90", "0x90", "0x24"),
            window("segment:2", "iort@0x48", "0xc0", "0xc0", "0x2a"),
        ],
    },
    # The tree's mask repeats the two windows of a host every two buses, beyond those that the IORT knows: one cause for each host.
    (
        ("segment 0", "the iort", "0xffff", "0x1ff"),
        ("segment 1", "the iort", "0xffff", "0x1ff"),
    ),
)

board(
    "fsl-mc",
    {
        "instances": [instance("/soc/iommu@5000000", "0x5000000", "0x20000", coherent=True)],
        "fixed": [single("/soc/usb@3100000", "/soc/iommu@5000000", "0x1")],
        "windows": [
            window("/soc/pcie@3400000", "/soc/iommu@5000000", "0x0", "0x0", "0x5"),
            window("/soc/pcie@3400000", "/soc/iommu@5000000", "0x100", "0x100", "0x6"),
            window("/soc/pcie@3400000", "/soc/iommu@5000000", "0x101", "0x101", "0x9"),
            window("/soc/fsl-mc@80c000000", "/soc/iommu@5000000", "0x17", "0x3f", "0x17"),
        ],
    },
    {
        "instances": [instance("iort@0x48", "0x5000000", "0x20000", coherent=True)],
        "fixed": [
            single("\\_SB.USB0", "iort@0x48", "0x1"),
            # A named component's mapping is listed by its stream IDs, whatever its input IDs are.
            span("\\_SB.MCE0", "iort@0x48", "0x17", "0x3f"),
        ],
        "windows": [
            window("segment:0", "iort@0x48", "0x0", "0x0", "0x5"),
            window("segment:0", "iort@0x48", "0x100", "0x100", "0x6"),
            window("segment:0", "iort@0x48", "0x101", "0x101", "0x9"),
        ],
    },
)

board(
    "qemu-virt",
    {
        "instances": [instance("/smmuv3@9050000", "0x9050000", "0x20000", coherent=True)],
        "windows": [window("/pcie@10000000", "/smmuv3@9050000", "0x0", "0xffff", "0x0")],
    },
    {
        "instances": [instance("iort@0x48", "0x9050000", "0x20000", coherent=True)],
        "windows": [window("segment:0", "iort@0x48", "0x0", "0xffff", "0x0")],
    },
)

VIRTIO = "/bus@8000000/iofpga-bus@300000000/virtio@140000"
board(
    "fvp-base-revc",
    {
        "instances": [instance("/iommu@2b400000", "0x2b400000", "0x100000", coherent=True)],
        "fixed": [
            single("/dma-controller@7ff00000", "/iommu@2b400000", "0x20000"),
            single("/dma-controller@7ff00000", "/iommu@2b400000", "0x20008"),
            single(VIRTIO, "/iommu@2b400000", "0x10010"),
        ],
        "windows": [window("/pci@40000000", "/iommu@2b400000", "0x0", "0xffff", "0x0")],
    },
    {
        "instances": [instance("iort@0x48", "0x2b400000", "0x20000", coherent=True)],
        "fixed": [
            single("\\_SB.DMA0", "iort@0x48", "0x20000"),
            single("\\_SB.DMA0", "iort@0x48", "0x20008"),
            single("\\_SB.VR00", "iort@0x48", "0x10010"),
        ],
        "windows": [window("segment:0", "iort@0x48", "0x0", "0xffff", "0x0")],
    },
)

board(
    "morello",
    {
        "instances": [
            instance("/iommu@2ce00000", "0x2ce00000", "0x40000"),
            instance("/iommu@4f000000", "0x4f000000", "0x40000", coherent=True),
            instance("/iommu@4f400000", "0x4f400000", "0x40000", coherent=True),
        ],
        "fixed": [single("/display@2cc00000", "/iommu@2ce00000", sid) for sid in ("0x0", "0x1", "0x2", "0x3", "0x8")],
        "windows": [
            window("/pcie@28c0000000", "/iommu@4f400000", "0x0", "0xffff", "0x0"),
            window("/pcie@4fc0000000", "/iommu@4f000000", "0x0", "0xffff", "0x0", mask="0xffff"),
        ],
    },
    {
        "instances": [
            instance("iort@0x50", "0x4f400000", "0x20000", coherent=True),
            instance("iort@0xa8", "0x4f000000", "0x20000", coherent=True),
            instance("iort@0x100", "0x2ce00000", "0x20000"),
        ],
        "fixed": [single("\\_SB.DP00", "iort@0x100", sid) for sid in ("0x0", "0x1", "0x2", "0x3", "0x8")],
        "windows": [
            window("segment:0", "iort@0x50", "0x0", "0xffff", "0x0"),
            window("segment:1", "iort@0xa8", "0x0", "0xffff", "0x0"),
        ],
    },
)
# Lest a comparison that never finds anything pass for one that does.
for (name, dtb, _), (neighbour, _, iort) in zip(tables, tables[1:] + tables[:1]):
    tap.equal(tool.run("--compare", dtb, iort).status, 3, f"{name}: differs from {neighbour}")
names = {each.partition(".")[0] for each in os.listdir(BOARDS)}
tap.equal({name for name, _, _ in tables}, names, "every board is here")
tap.done()
