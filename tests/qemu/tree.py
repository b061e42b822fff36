# SPDX-License-Identifier: BSD-2-Clause
"""
Device trees: QEMU's own, edited. Everything goes through the tools of device-tree-compiler; a change that they refuse
ends the test.
"""

import subprocess

import firmware

FIRST_BASE, BASE_STEP, FIRST_SPI = 0x0C000000, 0x20000, 0x70


def fdt(tool, *arguments):
    return subprocess.run([tool, *arguments], capture_output=True, text=True, check=True).stdout


def cells(*numbers):
    """Numbers as fdtput -t x wants them."""
    return [f"{number:x}" for number in numbers]


def wide(*numbers):
    """Numbers of two cells each."""
    return [half for number in numbers for half in (number >> 32, number & 0xFFFFFFFF)]


def nodes(tree, path="/"):
    return fdt("fdtget", "-l", tree, path).split()


def node(tree, start):
    """The path of the only node below the root whose name begins so."""
    (found,) = [name for name in nodes(tree) if name.startswith(start)]
    return "/" + found


def get(tree, path, name):
    return [int(cell, 16) for cell in fdt("fdtget", "-t", "x", tree, path, name).split()]


def put(tree, path, name, *numbers):
    fdt("fdtput", "-t", "x", tree, path, name, *cells(*numbers))


def put_text(tree, path, name, *texts):
    fdt("fdtput", "-t", "s", tree, path, name, *texts)


def drop(tree, path, *names):
    """These properties, or the whole node where none is named."""
    if names:
        fdt("fdtput", "-d", tree, path, *names)
    else:
        fdt("fdtput", "-r", tree, path)


def reserve(tree, *ranges):
    """(base, size) each, as /memreserve/ entries."""
    text = fdt("dtc", "-q", "-I", "dtb", "-O", "dts", tree)
    entries = "".join(f"/memreserve/ {base:#x} {size:#x};\n" for base, size in ranges)
    text = text.replace("/dts-v1/;\n", f"/dts-v1/;\n{entries}", 1)
    subprocess.run(["dtc", "-q", "-I", "dts", "-O", "dtb", "-p", "4096", "-o", tree], input=text, text=True, check=True)


def add_masters(tree, count):
    """Platform devices behind the only SMMU, with a stream each."""
    text = fdt("dtc", "-q", "-I", "dtb", "-O", "dts", tree)
    (handle,) = get(tree, node(tree, "smmuv3@"), "phandle")
    added = "".join(f"\tmaster-{number} {{ iommus = <{handle} {0x4000 + number}>; }};\n" for number in range(count))
    end = text.rindex("};")
    subprocess.run(["dtc", "-q", "-I", "dts", "-O", "dtb", "-o", tree], input=text[:end] + added + text[end:], text=True, check=True)


def host(tree):
    return node(tree, "pcie@")


def smmu(number=0):
    return f"/smmuv3@{FIRST_BASE + number * BASE_STEP:x}"


def add_smmu(tree, number):
    base, spi = FIRST_BASE + number * BASE_STEP, FIRST_SPI + 4 * number
    path, phandle = smmu(number), 0x5500 + number
    fdt("fdtput", "-c", tree, path)
    put_text(tree, path, "compatible", "arm,smmu-v3")
    set_base(tree, path, base)
    put(tree, path, "interrupts", *(word for i in range(4) for word in (0, spi + i, 1)))
    put_text(tree, path, "interrupt-names", "eventq", "priq", "cmdq-sync", "gerror")
    fdt("fdtput", tree, path, "dma-coherent")
    put(tree, path, "#iommu-cells", 1)
    put(tree, path, "phandle", phandle)
    return phandle


def set_base(tree, path, base):
    put(tree, path, "reg", *wide(base, BASE_STEP))


def make(path, order=(0, 1, 2), **environment):
    """QEMU's tree with two more SMMUs, bus 0x55 and up mapped to the order[1]th, 0xaa and up to the order[2]th."""
    if not firmware.dump_device_tree(path, **environment):
        return False
    smmus = [get(path, host(path), "iommu-map")[1], add_smmu(path, 1), add_smmu(path, 2)]
    of = [smmus[i] for i in order]
    entries = (0, of[0], 0, 0x5500, 0x5500, of[1], 0x5500, 0x5500, 0xAA00, of[2], 0xAA00, 0x5600)
    put(path, host(path), "iommu-map", *entries)
    return True
