# SPDX-License-Identifier: BSD-2-Clause
"""What a table says beyond stream IDs: coherency, ATS, PRI, PASIDs, stalls, address limits, interrupts with their triggers, the
SMMUs' own MSIs, what powers and clocks them; that it is shown, and compared."""

import tool
from made import HOST, MAPS, SINGLE, SMMU, Iort, board
from tool import tap

EVERY = ((0, 0xFFFF, 0, 0x48, 0),)


def acpi(root=None, component=None, smmu=None):
    table = Iort()
    table.smmu(**(smmu or {}))
    if root is not None:
        table.root(EVERY, **root)
    if component is not None:
        table.component("\\_SB.DMA0", ((0, 0, 8, 0x48, SINGLE),), **component)
    return table.save()


def master(path):
    return tool.described(path)["masters"][0]


def told(title, path, **wanted):
    found = master(path)
    tap.equal({key: found[key] for key in wanted}, wanted, title)


# --- Masters of an IORT. ---

told("a root complex", acpi({}), name="segment:0", segment=0, coherent=True, cpm=True, dacs=True, ats=False, pri=False, pasid_bits=0,
     reaches="0xffffffffffff", stall=None, supply=None)
told("not coherent", acpi({"cca": 0, "access": 1}), coherent=False, cpm=True, dacs=False)
told("ATS and PRI", acpi({"ats": 3}), ats=True, pri=True)
told("PRI alone", acpi({"ats": 2}), ats=False, pri=True)
told("PASIDs", acpi({"pasid": 20}), pasid_bits=20)
told("an address limit", acpi({"limit": 32}), reaches="0xffffffff", reaches_nothing=False)
told("a limit of 0", acpi({"limit": 0}), reaches=None, reaches_nothing=True)
told("revision 0 has no limit, and no PASIDs", acpi({"limit": 0, "revision": 0}), reaches=None, reaches_nothing=False, pasid_bits=None)
told("a component", acpi(component={}), name="\\_SB.DMA0", segment=None, coherent=True, ats=None, pri=None, stall=False, pasid_bits=0)
told("a component that stalls, with PASIDs", acpi(component={"flags": 1 | 16 << 1}), stall=True, pasid_bits=16)

# --- Masters of a device tree. ---

HOST_AT, DMA_AT = "/pcie@70000000", "/dma@60000000"


def host(more=""):
    return board(f"pcie@70000000 {{ {HOST} {MAPS} {more} }};")


def device(more="", bus=""):
    inner = f"dma@60000000 {{ reg = <0 0x60000000 0 0x1000>; iommus = <&smmu 8>; {more} }};"
    return board(f"bus {{ #address-cells = <2>; #size-cells = <2>; ranges; {bus} {inner} }};" if bus else inner)


told("a host", host(), name=HOST_AT, segment=0, coherent=False, ats=False, pri=None, pasid_bits=None, reaches=None, supply=None)
told("dma-coherent", host("dma-coherent;"), coherent=True)
told("ats-supported", host("ats-supported;"), ats=True)
told("dma-ranges of a host", host("dma-ranges = <0x2000000 0 0 0 0 0 0x80000000>, <0x3000000 1 0 1 0 1 0>;"), reaches="0x1ffffffff")
told("a device", device(), name=DMA_AT, segment=None, coherent=False, ats=None, stall=False, pasid_bits=0, reaches=None)
told("a device that stalls, with PASIDs", device("dma-can-stall; pasid-num-bits = <5>;"), stall=True, pasid_bits=5)
told("dma-ranges of a bus", device(bus="dma-ranges = <0 0 0 0x80000000 0 0x40000000>;"), reaches="0x3fffffff")
told("dma-ranges that take nothing", device(bus="dma-ranges = <0 0 0 0 0 0>;"), reaches=None, reaches_nothing=True)
told("coherent by its bus", device(bus="dma-coherent;"), coherent=True)
POWER = 'pd: power { #power-domain-cells = <1>; }; clk: clock { #clock-cells = <0>; }; rst: reset { #reset-cells = <2>; };'
told("what it is supplied by",
     board(POWER + "dma@60000000 { reg = <0 0x60000000 0 0x1000>; iommus = <&smmu 8>; power-domains = <&pd 3>; clocks = <&clk>, <&clk>; resets = <&rst 1 2>; };"),
     supply="power-domains <power 0x3>, clocks <clock>, <clock>, resets <reset 0x1 0x2>")
told("a supplier that is not there", device("clocks = <0x77 1>;"), supply="clocks <?>")

# --- SMMUs. ---


def smmu(path):
    return tool.described(path)["smmus"][0]


def line(kind, number, intid, trigger="edge", parent=None, compatible=None):
    return {"kind": kind, "number": number, "intid": intid, "trigger": trigger, "parent": parent, "parent_compatible": compatible}


found = smmu(board(""))
tap.equal(found["interrupts"], {"eventq": line("SPI", 74, 106), "priq": line("SPI", 75, 107), "cmdq-sync": line("SPI", 77, 109),
                                "gerror": line("SPI", 79, 111)}, "four interrupts of a device tree")
found = smmu(acpi({}))
tap.equal(found["interrupts"]["gerror"], line("SPI", 79, 111, None), "an IORT tells no trigger")
for specifier, wanted in (
    ("<0 74 4>", line("SPI", 74, 106, "level")), ("<1 5 1>", line("PPI", 5, 21)), ("<2 4 4>", line("extended SPI", 4, 4100, "level")),
    ("<3 2 1>", line("extended PPI", 2, 1058)), ("<0 988 1>", line("beyond", 988, None)), ("<7 1 0>", line("beyond", 1, None, "no trigger")),
):
    found = smmu(board("", SMMU.replace("<0 74 1>", specifier)))
    tap.equal(found["interrupts"]["eventq"], wanted, f"the event queue's interrupt is {specifier}")
MBI = 'mbi: mbigen@20000000 { compatible = "acme,mbi"; #interrupt-cells = <2>; interrupt-controller; };'
found = smmu(board(MBI, SMMU.replace("interrupts = <0 74 1>, <0 75 1>, <0 77 1>, <0 79 1>", "interrupts-extended = <&mbi 8 1>, <&gic 0 75 1>, <&gic 0 77 1>, <&mbi 9 1>")))
tap.equal((found["interrupts"]["eventq"], found["interrupts"]["priq"]),
          (line("foreign", None, None, None, "/mbigen@20000000", "acme,mbi"), line("SPI", 75, 107)), "an interrupt parent that is no GIC")
found = smmu(board("", SMMU.replace('interrupts = <0 74 1>, <0 75 1>, <0 77 1>, <0 79 1>; interrupt-names = "eventq", "priq", "cmdq-sync", "gerror"',
                                    'interrupts = <0 74 1>; interrupt-names = "combined"')))
tap.equal((found["combined"], found["interrupts"]["gerror"]), (True, line("SPI", 74, 106)), "one for all")

WIRELESS = SMMU.replace('interrupts = <0 74 1>, <0 75 1>, <0 77 1>, <0 79 1>; interrupt-names = "eventq", "priq", "cmdq-sync", "gerror"', "msi-parent = <&its 0x42>")
ITS = "/interrupt-controller@30000000/msi-controller@30040000"
tap.equal(smmu(board("", WIRELESS))["own_msi"], {"controller": ITS, "device": "0x42"}, "own MSIs by msi-parent")
tap.equal(smmu(board("", WIRELESS, its='status = "disabled";'))["own_msi"], None, "not by a disabled controller")
OWN = {"maps": ((0, 0xFFFF, 0, 0x30, 0), (0, 0, 0x5000F, 0x30, SINGLE)), "gsivs": (0, 0, 0, 0), "index": 1}
for title, revision, more, wanted in (
    ("revision 4, by a missing GSIV", 4, {}, "0x5000f"), ("revision 4, with all GSIVs", 4, {"gsivs": (1, 2, 3, 4)}, None),
    ("revision 0 has none", 0, {}, None), ("revision 5, with the flag", 5, {"flags": 0x11}, "0x5000f"),
    ("revision 5, without the flag", 5, {}, None), ("revision 5, with all GSIVs and the flag", 5, {"flags": 0x11, "gsivs": (40, 41, 42, 43)}, "0x5000f"),
    ("an index of a range", 4, {"index": 0}, None), ("an index beyond", 4, {"index": 2}, None),
):
    found = smmu(acpi({}, smmu={**OWN, "revision": revision, **more}))["own_msi"]
    tap.equal(found, {"controller": "its:0", "device": wanted} if wanted else None, f"own MSIs of an IORT: {title}")

# --- For people. ---

out = tool.run(host("ats-supported; dma-coherent;")).out
for words in ("eventq INTID 106 (SPI 74, edge)", "gerror INTID 111 (SPI 79, edge)", "/pcie@70000000: coherent, ATS supported"):
    tap.ok(words in out, f"people are told: {words}", out)
out = tool.run(board("", SMMU.replace("dma-coherent;", 'status = "reserved";'))).out
tap.ok('disabled (status "reserved": it is there, and another firmware\'s)' in out, "people are told: reserved", out)

# --- Compared. ---


def differs(title, one, two, *wanted):
    """`wanted`: words of each difference there must be."""
    for first, second in ((one, two), (two, one)):
        said = tool.run("--json", "--compare", second, first)
        details = [f"{each['subject']}: {each['detail']}" for each in said.json["differences"]]
        tap.ok(len(details) == len(wanted) and all(any(words in each for each in details) for words in wanted), title, details)
        tap.equal(said.status, 3 if wanted else 0, f"{title}: exit status")


differs("ATS", acpi({"ats": 1}), acpi({}), "segment 0: ATS: supported")
differs("PRI", acpi({"ats": 2}), acpi({}), "segment 0: PRI: supported")
differs("coherency", acpi({"cca": 0, "access": 0}), acpi({}), "segment 0: its DMA is coherent")
differs("PASIDs", acpi({"pasid": 20}), acpi({}), "it has PASIDs of")
differs("an address limit", acpi({"limit": 32}), acpi({}), "addresses of")
differs("limits that limit nothing", acpi({"limit": 52}), acpi({"limit": 64}))
differs("a component's stalls", acpi(component={"flags": 1}), acpi(component={}), "stalls: supported")
differs("a component's coherency", acpi(component={"cca": 0, "access": 0}), acpi(component={}), "its DMA is coherent")
differs("a tree's ATS against an IORT's", host("dma-coherent;"), acpi({"ats": 1}), "segment 0: ATS: supported by the IORT")
differs("a tree's coherency against an IORT's", host(), acpi({}), "segment 0: its DMA is coherent by the IORT")
differs("a device's coherency against a component's", device(), acpi(component={}), ": its DMA is coherent by the IORT")
differs("a trigger", board("", SMMU.replace("<0 74 1>", "<0 74 4>")), board(""), "event queue interrupt has trigger")
differs("eventq and gerror exchanged", board("", SMMU.replace('"eventq", "priq", "cmdq-sync", "gerror"', '"gerror", "priq", "cmdq-sync", "eventq"')), board(""),
        "its event queue and global error interrupts are exchanged: INTID")
differs("the PRI queue's interrupt", board("", SMMU.replace("<0 75 1>", "<0 76 1>")), board(""), "PRI queue interrupt is INTID")
differs("own MSIs", board("", WIRELESS), board("", WIRELESS.replace("0x42", "0x43")), "its own MSIs are device")
differs("the same", host("dma-coherent;"), acpi({}))

out = tool.run("--compare", host("dma-coherent;"), acpi({})).out
for words in ("Compared: 1 SMMU ", "Compared of masters: coherency, ATS.", "Only the IORT tells: PRI, PASIDs, address limits.", "Neither table tells: stalls."):
    tap.ok(words in out, f"what was compared: {words}", out)
tap.ok(out.endswith("\n0 differences\n"), "the count is the last line", out)
off = board("", SMMU.replace("dma-coherent;", 'status = "disabled";'))
out = tool.run("--compare", off, board("")).out
tap.ok("Not compared: 1 disabled SMMU." in out, "a disabled SMMU is not compared, and that is said", out)
said = tool.run("--json", "--compare", host("dma-coherent;"), acpi({})).json["compared"]
tap.equal(said, {"smmus": 1, "disabled": 0, "masters": 1, "traits": ["coherency", "ATS"], "only_first": ["PRI", "PASIDs", "address limits"], "only_other": []},
          "programs are told what was compared")
tap.done()
