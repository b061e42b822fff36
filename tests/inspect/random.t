# SPDX-License-Identifier: BSD-2-Clause
"""
Random tables, each read by smmu-inspect and by what is written here from the facts of Linux's functions alone: where the two
differ, one of them is wrong. Each function stands here a second time with a mistake in it, which the same tables must find.
RANDOM_SEED repeats a run, and RANDOM_TABLES makes it longer. The tables of a failure stay.
"""

import json
import os
import random
import shutil
import struct
import subprocess

import blob
import tool
from tool import tap

SEED = int(os.environ.get("RANDOM_SEED") or random.randrange(1 << 32))
TABLES = int(os.environ.get("RANDOM_TABLES", "1000"))
FLAVOURS = ("build/host/smmu-inspect", "build/host/tools/inspect/smmu-inspect")
SMMU_V3, ITS_GROUP, ROOT_COMPLEX, COMPONENT = 4, 0, 2, 1
STREAMS, MSIS = (SMMU_V3,), (ITS_GROUP,)
SINGLE = 1
U32 = 0xFFFFFFFF


# --- IORT: iort_id_map(), iort_get_id_mapping_index(), iort_node_map_id(), iort_nc_iommu_map(). ---


class Node:
    """What a table has, before it is bytes."""

    def __init__(self, kind, revision, data, maps):
        self.kind, self.revision, self.data, self.maps = kind, revision, data, maps
        self.at = 0
        self.gsivs = self.index = self.flags = 0
        self.segment = self.name = None

    def bytes(self, number):
        start = 16 + len(self.data)
        header = struct.pack("<BHBIII", self.kind, start + 20 * len(self.maps), self.revision, number, len(self.maps), start)
        maps = b"".join(struct.pack("<IIIII", first, count, out, target.at if target else 0, flags) for first, count, out, target, flags in self.maps)
        return header + self.data + maps


def smmu_node(rng, number):
    gsivs = [rng.choice((0, 64 + 4 * number + n)) for n in range(4)] if rng.random() < 0.7 else [64 + 4 * number + n for n in range(4)]
    flags = rng.choice((0, 16))
    index = rng.randrange(3)
    data = struct.pack("<QIIQI4III", 0x1000000 * (number + 1), flags, 0, 0, 0, *gsivs, 0, index)
    node = Node(SMMU_V3, rng.choice((0, 1, 4, 5)), data, [])
    node.gsivs, node.flags, node.index = gsivs, flags, index
    return node


def random_map(rng, edges, targets, single=0.05):
    first = rng.choice(edges) if rng.random() < 0.4 else rng.randrange(0x2000)
    count = rng.choice((0, 0, 1, 0xFF, rng.randrange(0x400)))
    edges += [first + count, first + count + 1, first]
    return (first, count, rng.randrange(0x2000), rng.choice(targets), SINGLE if rng.random() < single else 0)


def random_iort(rng):
    group = Node(ITS_GROUP, 1, struct.pack("<II", 1, 7), [])
    smmus = [smmu_node(rng, n) for n in range(rng.randrange(1, 4))]
    nodes = [group] + smmus
    edges = [0]
    for node in smmus:
        node.maps = [random_map(rng, edges, [group], 0.1) for _ in range(rng.randrange(4))]
    for segment in range(rng.randrange(1, 3)):
        node = Node(ROOT_COMPLEX, 1, struct.pack("<QIIB3x", 0, 0, segment, 64), [])
        node.segment = segment
        node.maps = [random_map(rng, edges, smmus + [group]) for _ in range(rng.randrange(6))]
        nodes.append(node)
    for number in range(rng.randrange(3)):
        name = f"\\_SB.D{number:03}".encode()
        node = Node(COMPONENT, 2, struct.pack("<IQB", 0, 0, 64) + name.ljust(11, b"\0"), [])
        node.name = name.decode()
        node.maps = [random_map(rng, edges, smmus, 1) for _ in range(rng.randrange(4))]
        nodes.append(node)
    at = 48
    for number, node in enumerate(nodes):
        node.at = at
        at += len(node.bytes(number))
    header = struct.pack("<4sIBB6s8sI4sI", b"IORT", at, 5, 0, b"BOARDS", b"DEN0049 ", 1, b"TEST", 1)
    table = bytearray(header + struct.pack("<III", len(nodes), 48, 0) + b"".join(node.bytes(n) for n, node in enumerate(nodes)))
    table[9] = -sum(table) & 0xFF
    return bytes(table), (nodes, sorted({n & 0xFFFF for e in edges for n in (e - 1, e, e + 1)}))


def own_index(node, mistake=None):
    """The mapping that an SMMU keeps for its own MSIs; -1: none."""
    if node.kind != SMMU_V3 or node.revision < 1 or mistake == "index":
        return -1
    if node.revision < 5 and all(node.gsivs) or node.revision >= 5 and not node.flags & 16:
        return -1
    return node.index if node.index < len(node.maps) else -1


def id_map(entry, kind, number, seen, mistake):
    """(the ID that comes out, whether another entry may take it)."""
    first, count, out, _, flags = entry
    if flags & SINGLE:
        return (out, False) if kind in (COMPONENT, ROOT_COMPLEX) else None
    if not first <= number <= first + count or (seen and number != first and mistake != "start"):
        return None
    return (out + number - first) & U32, count > 0 and number == first + count and mistake != "end"


def node_map_id(node, number, wanted, mistake=None):
    """iort_node_map_id(): (the node of a wanted kind, the ID there), or None."""
    while node.kind not in wanted:
        taken = None
        for place, entry in enumerate(node.maps):
            got = id_map(entry, node.kind, number, taken, mistake) if place != own_index(node, mistake) else None
            if got:
                taken = got[0], entry[3]
                if not got[1]:
                    break
        if not taken:
            return None
        number, node = taken
    return node.at, number


def component_streams(node, mistake=None):
    """iort_nc_iommu_map(): one mapping after the other, until one leads to no SMMU."""
    streams = []
    for first, _, out, target, flags in node.maps[:1] if mistake == "component" else node.maps:
        if not flags & SINGLE:
            break
        streams.append((target.at, out if mistake != "input" else first))
    return streams


def iort_expected(facts, mistake=None):
    nodes, numbers = facts
    said = {}
    for node in nodes:
        if node.kind == ROOT_COMPLEX:
            for number in numbers:
                said[f"segment:{node.segment}", number] = node_map_id(node, number, STREAMS, mistake)
                its = node_map_id(node, number, MSIS, mistake)
                said[f"MSIs of segment:{node.segment}", number] = its and its[1]
        elif node.kind == COMPONENT:
            said[node.name] = sorted(set(component_streams(node, mistake)))
    return said


def at_of(name):
    return int(name.split("@")[1], 16)


def of_windows(entries, master, number, first):
    for entry in entries:
        masked = number & int(entry["mask"] or "0xffffffff", 16)
        if entry["master"] == master and int(entry["input_first"], 16) <= masked <= int(entry["input_last"], 16):
            base = int(entry[first], 16)
            return entry, base if entry["constant"] else base + masked - int(entry["input_first"], 16)
    return None


def iort_said(out, facts):
    said = {}
    for node in facts[0]:
        if node.kind == ROOT_COMPLEX:
            name = f"segment:{node.segment}"
            for number in facts[1]:
                stream = of_windows(out["windows"], name, number, "sid")
                said[name, number] = stream and (at_of(stream[0]["instance"]), stream[1])
                device = of_windows(out["msis"], name, number, "device")
                said[f"MSIs of {name}", number] = device and device[1]
        elif node.kind == COMPONENT:
            said[node.name] = sorted({(at_of(e["instance"]), int(e["first"], 16)) for e in out["fixed"] if e["master"] == node.name})
    return said


# --- Device trees: of_translate_address(), of_map_id(), of_iommu_get_resv_regions(). ---


class Place:
    """A node of a tree, as Linux has it: properties by name, and its parent."""

    def __init__(self, name, parent=None, **props):
        self.name, self.parent, self.children = name, parent, []
        self.props = {key.replace("_", "-"): value for key, value in props.items()}
        if parent:
            parent.children.append(self)

    def path(self):
        return (self.parent.path() if self.parent else "") + ("/" + self.name if self.parent else "")

    def cells(self, name):
        """Of this bus; a bus without has those of the bus above."""
        node = self
        while node:
            if name in node.props:
                return node.props[name][0]
            node = node.parent
        return 1

    def add_to(self, tree):
        tree.begin(self.name)
        for name, value in self.props.items():
            tree.prop(name, value)
        for child in self.children:
            child.add_to(tree)
        tree.end()


def number_of(cells):
    value = 0
    for cell in cells:
        value = (value << 32 | cell) & (1 << 64) - 1
    return value


def cells_of(value, count):
    return [value >> 32 * n & U32 for n in reversed(range(count))]


def translated(node, address, prop="ranges", mistake=None):
    """of_translate_address() and of_translate_dma_address(); None: cores or memory are not reached."""
    bus = node.parent
    while bus.parent:
        own, size, above = bus.cells("#address-cells"), bus.cells("#size-cells"), bus.parent.cells("#address-cells")
        ranges = bus.props.get(prop)
        if ranges is None and prop == "ranges" and mistake != "no ranges":
            return None
        entry = own + above + size
        for at in range(0, len(ranges or []) - entry + 1, entry):
            first, to = number_of(ranges[at : at + own]), number_of(ranges[at + own : at + own + above])
            if first <= address < first + number_of(ranges[at + own + above : at + entry]) + (mistake == "end"):
                address = to + address - first
                break
        else:
            if ranges:
                return None
        address &= (1 << 32 * above) - 1
        bus = bus.parent
    return address


def map_id(node, name, number, mistake=None):
    """of_map_id(): (phandle, ID), or None."""
    mask = node.props.get(f"{name}-mask", [U32])[0] if mistake != "mask" else U32
    entries = [node.props[name][at : at + 4] for at in range(0, len(node.props[name]), 4)]
    for first, phandle, out, length in reversed(entries) if mistake == "last" else entries:
        if first & ~mask & U32:
            return None
        if first <= number & mask < first + length:
            return phandle, (number & mask) - first + out
    return None


def resv_regions(device, by_phandle, mistake=None):
    """of_iommu_get_resv_regions(): the regions of its memory-region that name it."""
    found = set()
    for handle in device.props.get("memory-region", []):
        region = by_phandle[handle]
        if "reg" in region.props and translated(region, 0) is None:
            continue
        maps = region.props.get("iommu-addresses", [])
        at = 0
        while at < len(maps):
            at += 1
            if by_phandle.get(maps[at - 1]) is device:
                own, size = device.parent.cells("#address-cells"), device.parent.cells("#size-cells")
                base, length = number_of(maps[at : at + own]), number_of(maps[at + own : at + own + size])
                base = translated(device, base, "dma-ranges") if mistake != "dma-ranges" else base
                at += own + size
                if base is not None:
                    found.add((base, length))
        if mistake == "first":
            break
    return found


def random_ranges(rng, bus, above):
    """Some places of the bus, a MiB each, one after the other."""
    own, size = bus.props["#address-cells"][0], bus.props["#size-cells"][0]
    ranges = []
    for n in range(rng.randrange(1, 4)):
        first = rng.randrange(16) << 20
        ranges += cells_of(first, own) + cells_of((rng.randrange(1, 64) << 24) + (n << 20), above) + cells_of(rng.choice((1, 1, 4)) << 20, size)
    return ranges


def random_bus(rng, number, parent):
    bus = Place(f"bus-{number}", parent, compatible="simple-bus")
    bus.props["#address-cells"], bus.props["#size-cells"] = [rng.choice((1, 2))], [rng.choice((1, 2))]
    how = rng.random()
    if how < 0.5:
        bus.props["ranges"] = random_ranges(rng, bus, parent.cells("#address-cells"))
    elif how < 0.9:
        bus.props["ranges"] = []
    return bus


def random_reg(rng, bus, size):
    return cells_of(rng.randrange(16 << 4) << 16, bus.cells("#address-cells")) + cells_of(size, bus.cells("#size-cells"))


def random_id_map(rng, targets, mask):
    entries = []
    for _ in range(rng.randrange(1, 6)):
        first = rng.randrange(0x2000)
        entries += [first & mask if rng.random() < 0.97 else first, rng.choice(targets), rng.randrange(0x10000), rng.randrange(1, 0x800)]
    return entries


def random_host(rng, number, root, smmus, its):
    host = Place(f"pcie@{number:x}", root, device_type="pci")
    host.props["linux,pci-domain"] = [number]
    for name, targets in (("iommu-map", smmus), ("msi-map", [its])):
        mask = rng.choice((U32, U32, 0xFFFF, 0x1FFF, 0xFF00, 0xFFF))
        host.props[name] = random_id_map(rng, targets, mask)
        if mask != U32:
            host.props[f"{name}-mask"] = [mask]
    return host


def random_regions(rng, root, devices, handles):
    memory = Place("reserved-memory", root)
    memory.props.update({"#address-cells": [2], "#size-cells": [2], "ranges": []})
    for n in range(rng.randrange(4)):
        region = Place(f"region-{n}", memory, phandle=[next(handles)])
        if rng.random() < 0.7:
            region.props["reg"] = cells_of(rng.randrange(1, 16) << 20, 2) + cells_of(0x10000, 2)
        entries = []
        for device in rng.sample(devices, rng.randrange(1, len(devices) + 1)):
            bus = device.parent
            base = rng.randrange(16) << 20
            # Outside of dma-ranges Linux reads on from nowhere.
            if translated(device, base, "dma-ranges") is None:
                continue
            entries += device.props["phandle"] + cells_of(base, bus.cells("#address-cells")) + cells_of(0x10000, bus.cells("#size-cells"))
            # Without it smmu-inspect lists the region, and warns that Linux does not.
            device.props.setdefault("memory-region", []).append(region.props["phandle"][0])
        if entries:
            region.props["iommu-addresses"] = entries


def random_tree(rng):
    root = Place("", None, compatible="acme,board")
    root.props["#address-cells"], root.props["#size-cells"] = [rng.choice((1, 2))], [rng.choice((1, 2))]
    handles = iter(range(0x80000001, 0x80001000))
    buses, smmus, devices = [root], [], []
    for n in range(rng.randrange(1, 5)):
        buses.append(random_bus(rng, n, rng.choice(buses)))
    for n in range(rng.randrange(1, 4)):
        bus = rng.choice(buses)
        smmus.append(Place(f"iommu-{n}", bus, compatible="arm,smmu-v3", reg=random_reg(rng, bus, 0x20000), phandle=[next(handles)]))
        smmus[-1].props["#iommu-cells"] = [1]
    for n in range(rng.randrange(1, 4)):
        bus = rng.choice(buses)
        devices.append(Place(f"dma-{n}", bus, iommus=[rng.choice(smmus).props["phandle"][0], n], phandle=[next(handles)]))
    for bus in buses[1:]:
        if rng.random() < 0.3:
            bus.props["dma-ranges"] = random_ranges(rng, bus, bus.parent.cells("#address-cells")) if rng.random() < 0.7 else []
    its = Place("its", root, compatible="arm,gic-v3-its", phandle=[next(handles)])
    its.props.update({"msi-controller": [], "#msi-cells": [1]})
    hosts = [random_host(rng, n, root, [smmu.props["phandle"][0] for smmu in smmus], its.props["phandle"][0]) for n in range(rng.randrange(1, 3))]
    random_regions(rng, root, devices, handles)
    tree = blob.Tree()
    root.add_to(tree)
    numbers = {n & 0xFFFF for host in hosts for name in ("iommu-map", "msi-map") for at in range(0, len(host.props[name]), 4)
               for edge in (host.props[name][at], host.props[name][at] + host.props[name][at + 3]) for n in (edge - 1, edge, edge + 0x2000)}
    return tree.blob(), (smmus, devices, hosts, sorted(numbers))


def everything(node):
    yield node
    for child in node.children:
        yield from everything(child)


def tree_expected(facts, mistake=None):
    smmus, devices, hosts, numbers = facts
    root = hosts[0].parent
    by_phandle = {node.props["phandle"][0]: node for node in everything(root) if "phandle" in node.props}
    said = {}
    for smmu in smmus:
        reg = smmu.props["reg"]
        said[smmu.path(), "base"] = translated(smmu, number_of(reg[: smmu.parent.cells("#address-cells")]), "ranges", mistake)
    for host in hosts:
        for name in ("iommu-map", "msi-map"):
            for number in numbers:
                got = map_id(host, name, number, mistake)
                said[host.path(), name, number] = got and (by_phandle[got[0]].path(), got[1])
    for device in devices:
        said[device.path(), "reserved"] = resv_regions(device, by_phandle, mistake)
    return said


def tree_said(out, facts):
    smmus, devices, hosts, numbers = facts
    said = {}
    bases = {each["name"]: each["base"] and int(each["base"], 16) for each in out["instances"]}
    for smmu in smmus:
        said[smmu.path(), "base"] = bases.get(smmu.path())
    for host in hosts:
        for name, key, first, to in (("iommu-map", "windows", "sid", "instance"), ("msi-map", "msis", "device", "controller")):
            for number in numbers:
                got = of_windows(out[key], host.path(), number, first)
                said[host.path(), name, number] = got and (got[0][to], got[1])
    for device in devices:
        said[device.path(), "reserved"] = {(int(e["base"], 16), int(e["size"], 16)) for e in out["reserved"] if e["master"] == device.path()}
    return said


# --- The runs. ---


def run_flavour(flavour, place):
    """What --json says of each file of the folder."""
    done = subprocess.run([os.path.join(tool.ROOT, flavour), "--json", place], capture_output=True, check=False, timeout=3600)
    said = [json.loads(line) for line in done.stdout.decode().splitlines()]
    return {os.path.basename(each["file"]): each for each in said}, done.stderr.decode()


def differences(tables, outs, expected, said, mistake=None):
    """The first of each table that has one; of a mistake, the first table's."""
    found = []
    for name, (_, facts) in tables.items():
        wanted, got = expected(facts, mistake), said(outs[name], facts)
        wrong = [key for key in wanted if wanted[key] != got[key]]
        if wrong:
            found.append(f"{name}: {wrong[0]}: Linux {wanted[wrong[0]]}, smmu-inspect {got[wrong[0]]}")
        if wrong and mistake:
            break
    return found


def keep(place):
    kept = os.path.join(tool.BUILD, "random-tables")
    shutil.rmtree(kept, ignore_errors=True)
    shutil.copytree(place, kept)
    return kept


def try_kind(title, make, suffix, expected, said, mistakes):
    rng = random.Random(f"{SEED} {title}")
    place = tool.folder()
    tables = {f"{number:05}{suffix}": make(rng) for number in range(TABLES)}
    for name, (data, _) in tables.items():
        with open(os.path.join(place, name), "wb") as file:
            file.write(data)
    for flavour in FLAVOURS:
        outs, errors = run_flavour(flavour, place)
        found = differences(tables, outs, expected, said) if len(outs) == TABLES else [errors or f"{len(outs)} tables were read"]
        if found:
            found += [f"seed {SEED}; the tables are in {keep(place)}"]
        tap.ok(not found, f"{title}: {TABLES} random tables are read by {flavour} as Linux reads them", found[:5] + found[-1:])
    for mistake in mistakes:
        found = differences(tables, outs, expected, said, mistake)
        tap.ok(found, f"{title}: the mistake '{mistake}' is found", [f"seed {SEED}"])


print(f"# seed {SEED}", flush=True)
try_kind("IORT", random_iort, ".aml", iort_expected, iort_said, ("index", "start", "end", "component", "input"))
try_kind("device tree", random_tree, ".dtb", tree_expected, tree_said, ("no ranges", "end", "mask", "last", "dma-ranges", "first"))
tap.done()
