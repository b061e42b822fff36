# SPDX-License-Identifier: BSD-2-Clause
"""Masters that are no PCI functions: what Linux makes of a named component's ID mappings, and of streams of two SMMUs."""

import tool
from made import SINGLE, SMMU, Iort, board
from tool import tap

ITS, FIRST, SECOND = 0x30, 0x48, 0xA0
ONE, TWO, RANGE = (0, 0, 8, FIRST, SINGLE), (0, 0, 9, FIRST, SINGLE), (0, 3, 16, FIRST, 0)
OTHER, MSI = (0, 0, 9, SECOND, SINGLE), (0, 0, 10, ITS, SINGLE)


def check(title, components, *wanted):
    """`wanted`: id and words of each finding, and no other is there."""
    made = Iort()
    made.smmu(((0, 0x1FFFF, 0, ITS, 0),))
    made.smmu(((0, 0x1FFFF, 0x100000, ITS, 0),), base=0x51000000, gsivs=(116, 117, 118, 119))
    made.root(((0, 0xFFFF, 0x10000, FIRST, 0),))
    made.root(((0, 0xFFFF, 0x10000, SECOND, 0),), segment=1)
    for name, *maps in components:
        made.component(name, maps)
    judge(title, made.save(), *wanted)


def judge(title, path, *wanted):
    found = [(each["id"], each["detail"]) for each in tool.described(path)["findings"]]
    tap.ok(len(found) == len(wanted) and all(any(name == kind and words in text for kind, text in found) for name, words in wanted), title, found)


DMA = "\\_SB_.DMA0"
check("single mappings", [(DMA, ONE, TWO)])
check("a range alone", [(DMA, RANGE)], ("component_range", "a platform device has no SMMU in Linux without a single mapping"))
check("a range alone, of a bus with IDs", [("\\_SB_.MCE0", RANGE)])
check("single mappings before a range", [(DMA, ONE, TWO, RANGE)])
check("a range before a single mapping", [(DMA, RANGE, ONE)], ("component_order", "the first is a range"))
check("a range between single mappings", [(DMA, ONE, RANGE, TWO)], ("component_order", "1 single mappings to an SMMU stand behind one that Linux stops at: it takes the first 1"))
check("MSIs behind the SMMU", [(DMA, ONE, MSI)])
check("MSIs before the SMMU", [(DMA, MSI, ONE)], ("component_order", "leads to an ITS group"))
check("two SMMUs", [(DMA, ONE, OTHER)], ("smmus_of_one_master", "streams of iort@0x48 and of iort@0xa0: Linux takes all of them for the first one's"))
check("one name twice", [(DMA, ONE), (DMA, TWO)], ("component_twice", "two nodes have this name"))
check("no name, which is told once", [("", ONE)], ("no_name", "a named component without a name"))
check("two names", [(DMA, ONE), (DMA[:-1] + "1", TWO)])
check("a name below another", [(DMA + ".CH00", ONE)])
for title, name in (("a segment of two characters", "\\_SB.DMA0"), ("a segment of five characters", "\\_SB_.DMA10"), ("a name without its root", "/_SB_.DMA0"), ("a name with a dot at its end", "\\_SB_.DMA0.")):
    check(title, [(name, ONE)], ("component_name", "Linux finds no device of it"))
TWO_SMMUS = SMMU + SMMU.replace("smmu:", "other:").replace("@50000000", "@51000000").replace("0x50000000", "0x51000000").replace("<0 7", "<0 8")
judge("two SMMUs of a device tree", board("dma@60000000 { reg = <0 0x60000000 0 0x1000>; iommus = <&smmu 8>, <&other 9>; };", TWO_SMMUS),
      ("smmus_of_one_master", "streams of /iommu@50000000 and of /iommu@51000000"))
judge("one of them is disabled", board('dma@60000000 { reg = <0 0x60000000 0 0x1000>; iommus = <&smmu 8>; }; one { iommus = <&other 9>; };', TWO_SMMUS))
tap.done()
