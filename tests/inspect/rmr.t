# SPDX-License-Identifier: BSD-2-Clause
"""Memory that an IORT reserves (RMR nodes), and its performance monitor groups: that they are shown, and what is wrong with them."""

import tool
from made import SINGLE, Iort
from tool import tap

SMMU, BASE, OTHER_BASE = 0x48, 0x50000000, 0x51000000
EVERY = ((0, 0xFFFF, 0, SMMU, 0),)
OWN = ((0, 0, 0x10080, SMMU, SINGLE),)


def table(fill, **smmu):
    """Two SMMUs, a root complex behind the first and a component, and what `fill` adds."""
    made = Iort()
    made.smmu(**smmu)
    other = made.smmu(base=OTHER_BASE, gsivs=(116, 117, 118, 119), maps=())
    made.root(EVERY)
    made.component("\\_SB_.DPU0", OWN)
    made.component("\\_SB_.DPU1", ((0, 0, 8, other, SINGLE),))
    fill(made, other)
    return made.save()


def check(title, fill, *wanted):
    """`wanted`: id and words of each finding, and no other is there."""
    path = table(fill)
    found = [(each["id"], each["detail"]) for each in tool.described(path)["findings"]]
    tap.ok(len(found) == len(wanted) and all(any(name == kind and words in text for kind, text in found) for name, words in wanted), title, found)
    return path


# --- Reserved memory. ---

GOOD = (0x9C000000, 0x1900000)
path = check("a good range", lambda made, _: made.rmr(OWN, GOOD, flags=1 | 5 << 2))
region = tool.described(path)["regions"]
tap.equal([{key: each[key] for key in each if key != "where"} for each in region],
          [{"base": "0x9c000000", "size": "0x1900000", "attributes": 5, "privileged": False, "may_move": True}], "its flags")
tap.ok("normal cached, may be mapped elsewhere" in tool.run(path).out, "its flags are shown")
check("a base within 64 KiB", lambda made, _: made.rmr(OWN, (0x9C000800, 0x10000)), ("rmr_unaligned", "keeps 0x9c000000 to 0x9c010fff"))
check("a length within 64 KiB", lambda made, _: made.rmr(OWN, (0x9C000000, 0x11000)), ("rmr_unaligned", "0x9c000000 to 0x9c010fff is not"))
check("two of one node overlap", lambda made, _: made.rmr(OWN, GOOD, (0x9D800000, 0x200000)), ("rmr_overlap", "of the same node"))
check("they only touch", lambda made, _: made.rmr(OWN, GOOD, (0x9D900000, 0x200000)))


def two_nodes(second):
    def fill(made, other):
        made.rmr(OWN, GOOD)
        made.rmr(((0, 0, 8, other, SINGLE),), second)
    return fill


check("two of two nodes overlap in part", two_nodes((0x9B000000, 0x1010000)), ("rmr_overlap", "overlaps 0x9c000000 to 0x9d8fffff of iort@"))
check("one range for streams of two nodes", two_nodes(GOOD))
check("no ID mapping", lambda made, _: made.rmr((), GOOD), ("rmr_unused", "without an ID mapping"))
check("streams to an ITS group", lambda made, _: made.rmr(((0, 0, 0x10080, 0x30, SINGLE),), GOOD), ("rmr_unused", "lead to an ITS group"))
check("streams of no master", lambda made, _: made.rmr(((0, 3, 0x20000, SMMU, 0),), GOOD), ("rmr_unused", "streams 0x20000 to 0x20003 of iort@0x48 are no master's"))
check("a range without its end, which the reader tells", lambda made, _: made.rmr(OWN, (0xFFFFFFFFFFFF0000, 0x20000)), ("addresses_empty", "ends nowhere"))

# --- Performance monitors. ---

path = check("a good group beside the SMMU", lambda made, _: made.pmcg(0x60000000, 120, page1=0x60010000))
tap.equal([{key: each[key] for key in each if key != "name"} for each in tool.described(path)["pmcgs"]],
          [{"counts": "iort@0x48", "page_0": "0x60000000", "page_1": "0x60010000", "gsiv": 120, "msi": False}], "its pages, reference and interrupt")
tap.ok("counts for iort@0x48, page 0 at 0x60000000, page 1 at 0x60010000, overflow INTID 120" in tool.run(path).out, "they are shown")
path = check("a group of revision 0, by MSI", lambda made, _: made.pmcg(0x60000000, maps=((0, 0, 0x9000, 0x30, SINGLE),), revision=0))
tap.equal([(each["page_1"], each["msi"]) for each in tool.described(path)["pmcgs"]], [(None, True)], "it has one page, and an MSI")
check("an MMU-600's own, among its pages", lambda made, _: made.pmcg(BASE + 0x2000, 120, page1=BASE + 0x12000))
check("neither interrupt nor mapping", lambda made, _: made.pmcg(0x60000000), ("pmcg_no_interrupt", "neither an interrupt"))
check("over the SMMU's own registers", lambda made, _: made.pmcg(BASE, 120, page1=0x60010000), ("pmcg_overlap", "its page 0, 0x50000000, lies over"))
for offset in (0xC00, 0x7400, 0x8000, 0xFC00, 0x10C00):
    check(f"page 1 over the SMMU's own registers, at {offset:#x}", lambda made, _, at=offset: made.pmcg(0x60000000, 120, page1=BASE + at), ("pmcg_overlap", "its page 1"))
check("within another SMMU", lambda made, _: made.pmcg(OTHER_BASE + 0x2000, 120, page1=0x60010000), ("pmcg_overlap", "registers of iort@0xa0"))
check("two at one place", lambda made, _: (made.pmcg(0x60000000, 120, page1=0x60010000), made.pmcg(0x60000000, 121, page1=0x60020000)), ("pmcg_overlap", "is that of iort@"))
check("of an ITS group: its pages are no second finding", lambda made, _: made.pmcg(BASE + 0x2000, 120, 0x30), ("pmcg_reference", "iort@0x30 is an ITS group"))
check("of no node", lambda made, _: made.pmcg(0x60000000, 120, 0x4C), ("pmcg_reference", "no node begins at 0x4c"))
check("of itself", lambda made, _: made.pmcg(0x60000000, 120, 0x30 + len(made.body)), ("pmcg_reference", "is a PMCG"))
tap.done()
