# SPDX-License-Identifier: BSD-2-Clause
"""
What large tables cost, in steps of a build that counts them (work.c): a table of four times the size costs about four times as
much, and none of 4 MiB costs more than what a machine does in two seconds. And the memory of the program that is installed.
"""

import os
import struct
import subprocess

import blob
import tool
from tool import tap

COUNTED = os.path.join(tool.BUILD, "counted/smmu-inspect")
SMALL, LARGE = 1 << 18, 1 << 20
# A step takes a nanosecond or two.
STEPS_OF_4_MIB = 1200000000
GROWTH = 5.5
IORT_HEADER = 48


def started(smmus=1):
    tree = blob.Tree()
    tree.begin("").prop("#address-cells", [2]).prop("#size-cells", [2])
    for number in range(smmus):
        smmu(tree, number)
    return tree


def smmu(tree, number):
    tree.begin(f"iommu@{number:x}").prop("compatible", "arm,smmu-v3").prop("reg", [number + 1, 0, 0, 0x20000])
    tree.prop("phandle", [number + 1]).prop("#iommu-cells", [1]).end()


def nodes(tree, size, fill, name="m{:x}"):
    """As many nodes as `size` bytes hold."""
    number = 0
    while len(tree) < size:
        tree.begin(name.format(number))
        fill(tree, number)
        tree.end()
        number += 1
    return tree


def missing_phandles(size):
    return nodes(started(), size, lambda tree, n: tree.prop("iommus", [0x100000 + n, 1])).end()


def long_property_name(size):
    """One name of half the tree, which all the properties of the other half share."""
    tree = blob.Tree()
    tree.begin("")
    name = tree.name("x" * (size // 2))
    while len(tree) < size // 2:
        tree.raw(name, b"")
    tree.prop("#address-cells", [2]).prop("#size-cells", [2])
    smmu(tree, 0)
    return tree.end()


def root_complexes(size):
    return nodes(started(), size, lambda tree, n: tree.prop("linux,pci-domain", [n]) if n % 2 else None, "pcie@{:x}").end()


def root_of_many_properties(size):
    """All nodes ask their ancestors for some of theirs."""
    tree = blob.Tree()
    tree.begin("")
    while len(tree) < size // 2:
        tree.prop("x", b"")
    tree.prop("#address-cells", [2]).prop("#size-cells", [2])
    smmu(tree, 0)
    return nodes(tree, size, lambda tree, n: tree.prop("iommus", [1, n]).prop("status", "disabled")).end()


def long_device_type(size):
    tree = blob.Tree()
    tree.begin("").prop("device_type", b"x" * (size // 2))
    smmu(tree, 0)
    return nodes(tree, size, lambda tree, n: None, "pcie@{:x}").end()


def msi_parents(size):
    """The controller stands behind its masters."""
    tree = nodes(started(), size, lambda tree, n: tree.prop("msi-parent", [0x900000, n]).prop("status", "disabled"))
    tree.begin("its").prop("msi-controller", b"").prop("#msi-cells", [1]).prop("phandle", [0x900000]).end()
    return tree.end()


def one_map(size):
    """Each entry lies over the next, and the last ones come first. Of a disabled host: its streams are not compared."""
    tree = started()
    entries = [cell for n in reversed(range(size // 16)) for cell in (n * 2, 1, n * 3, 3)]
    tree.begin("pcie@0").prop("linux,pci-domain", [0]).prop("iommu-map", entries).prop("status", "disabled").end()
    return tree.end()


def masters_of_one_stream(size):
    return nodes(started(), size, lambda tree, n: tree.prop("iommus", [1, 7])).end()


def hosts_with_maps(size):
    """Half of each host's requester IDs have MSIs."""
    return nodes(started(), size, lambda tree, n: tree.prop("iommu-map", [0, 1, n * 16, 16]).prop("msi-map", [8, 1, n, 8]), "pcie@{:x}").end()


def hosts_of_one_range(size):
    return nodes(started(), size, lambda tree, n: tree.prop("iommu-map", [0, 1, n, 65536]), "pcie@{:x}").end()


def hosts_masked(size):
    """Masks with holes, of which no two let the same ID through."""
    return nodes(started(), size, lambda tree, n: tree.prop("iommu-map", [1, 1, n % 7, 65535]).prop("iommu-map-mask", [(0x5555, 0xAAAA)[n % 2]]),
                 "pcie@{:x}").end()


def one_map_enabled(size):
    """As one_map(), and enabled, with MSIs."""
    tree = started()
    entries = [cell for n in reversed(range(size // 32)) for cell in (n * 2, 1, n * 3, 3)]
    tree.begin("pcie@0").prop("linux,pci-domain", [0]).prop("iommu-map", entries).prop("msi-map", entries).end()
    return tree.end()


def one_list(size):
    tree = started()
    return tree.begin("m").prop("iommus", [cell for n in range(size // 8) for cell in (1, n)]).end().end()


def many_smmus(size):
    count = size // 180
    return nodes(started(count), size, lambda tree, n: tree.prop("iommus", [n * 7919 % count + 1, n])).end()


def component(number, to):
    return (struct.pack("<BHBIII", 1, 60, 2, number, 1, 40) + struct.pack("<IQB", 0, 0, 64) + f"\\_SB.D{number % 100000:05}".encode()
            + struct.pack("<IIIII", 0, 0, number, to, 1))


def components(size):
    """The SMMU is the last node, to which all others lead."""
    count = size // 60
    return iort([*(component(number, IORT_HEADER + 60 * count) for number in range(count)), smmu_node(count)])


def iort_root_complexes(size):
    count = size // 56
    return iort([smmu_node(count), *(struct.pack("<BHBIII", 2, 56, 1, n, 1, 36) + struct.pack("<QIIB3x", 0, 0, n, 64)
                                     + struct.pack("<IIIII", 0, 255, n * 256, IORT_HEADER, 0) for n in range(count))])


def smmu_node(number):
    return struct.pack("<BHBIII", 4, 68, 4, number, 0, 0) + struct.pack("<QIIQIIIIIII", 0x100000000, 0, 0, 0, 0, 64, 65, 66, 67, 0, 0)


def dma_beside_masters(size):
    """DMA without an IOMMU on one bus, masters on another: none has a sibling."""
    tree = nodes(started().begin("bus"), size // 2, lambda tree, n: tree.prop("compatible", "snps,dwc3")).end()
    return nodes(tree.begin("bus2"), size, lambda tree, n: tree.prop("iommus", [1, n])).end().end()


def buffers_and_displays(size):
    """Each display shows a buffer of its own."""
    tree = started().begin("reserved-memory").prop("#address-cells", [2]).prop("#size-cells", [2]).prop("ranges", b"")
    nodes(tree, size // 2, lambda tree, n: tree.prop("reg", [0, n << 12, 0, 4096]).prop("phandle", [n + 2]), "fb@{:x}").end()
    return nodes(tree, size, lambda tree, n: tree.prop("iommus", [1, n]).prop("memory-region", [n + 2]), "display@{:x}").end()


def host_with_a_look_up_table(size):
    """An i.MX95's host, whose two maps agree in each of their many entries."""
    tree = started().begin("its").prop("msi-controller", b"").prop("#msi-cells", [1]).prop("phandle", [0x900000]).end()
    count = min(size // 40, 65536)
    tree.begin("pcie@0").prop("compatible", "fsl,imx95-pcie").prop("linux,pci-domain", [0])
    for name, to in (("iommu-map", 1), ("msi-map", 0x900000)):
        tree.prop(name, [cell for n in range(count) for cell in (n, to, n * 7 % 64, 1)])
    return tree.end().end()


def iort(parts):
    body = b"".join(parts)
    table = bytearray(struct.pack("<4sIBB6s8sI4sI", b"IORT", IORT_HEADER + len(body), 5, 0, b"BOARDS", b"DEN0049 ", 1, b"TEST", 1))
    table += struct.pack("<III", len(parts), IORT_HEADER, 0) + body
    table[9] = -sum(table) & 0xFF
    return bytes(table)


TABLES = (missing_phandles, long_property_name, root_complexes, root_of_many_properties, long_device_type, msi_parents, one_map,
          masters_of_one_stream, hosts_with_maps, hosts_of_one_range, hosts_masked, one_map_enabled, one_list, many_smmus, components,
          iort_root_complexes, dma_beside_masters, buffers_and_displays, host_with_a_look_up_table)


def steps(path, most):
    """None: more than `most`."""
    done = subprocess.run([COUNTED, path], capture_output=True, check=False, env={**os.environ, "STEPS_MAX": str(most)})
    words = done.stderr.split()
    return int(words[-1]) if done.returncode == 0 and words[-2:-1] == [b"steps"] else None


def written(table, place, name):
    path = os.path.join(place, name)
    with open(path, "wb") as file:
        file.write(table if isinstance(table, bytes) else table.blob())
    return path


place = tool.folder()
bound = STEPS_OF_4_MIB * LARGE // (4 << 20)
for make in TABLES:
    words = make.__name__.replace("_", " ")
    few = steps(written(make(SMALL), place, "small"), bound)
    many = steps(written(make(LARGE), place, "large"), bound)
    tap.ok(many is not None, f"{words}: a table of 1 MiB costs no more than {bound} steps", [f"a quarter of it: {few}"])
    tap.ok(few and many and many < GROWTH * few, f"{words}: four times the size, about four times the steps", [f"{few}, {many}"])
    print(f"# {words}: {few}, {many} steps", flush=True)
tap.done()
