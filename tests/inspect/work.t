# SPDX-License-Identifier: BSD-2-Clause
"""
What large tables cost, in steps of a build that counts them (work.c): a table of four times the size costs about four times as
much, and none of 4 MiB costs more than what a machine does in two seconds. And the memory of the program that is installed.
"""

import os
import subprocess

import blob
import tool
from tool import tap

COUNTED = os.path.join(tool.BUILD, "counted/smmu-inspect")
SMALL, LARGE = 1 << 18, 1 << 20
# A step takes a nanosecond or two.
STEPS_OF_4_MIB = 1200000000
GROWTH = 5.5


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


TABLES = (missing_phandles, long_property_name, root_complexes, root_of_many_properties, long_device_type, msi_parents, one_map)


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
