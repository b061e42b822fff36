# SPDX-License-Identifier: BSD-2-Clause
"""
Device trees with one wrong entry each, for linux_table.py: the firmware reads them, and Linux behind it.
"""

import re

import firmware
import linux

WORDS = f"next={linux.LINUX_AT:#x},always console=ttyAMA0 panic=1 quiet tables=dt selftest=quick"
# A disk that gets no answer is given up soon.
OPTIONS = {"nvme_core": "admin_timeout=4 io_timeout=4 max_retries=0"}
LIMIT = 300
DISKS = 2  # That Linux waits for: the third may be the one that is described wrongly.
HOST, SMMU = "pcie@20000000", "smmuv3@c020000"  # The second root, and what is in front of it.


def in_node(name, pattern, replacement):
    """An edit of one node's text, which has to change it."""

    def edit(text):
        start, end = linux.node_of(text, name)
        changed = re.sub(pattern, replacement, text[start:end])
        assert changed != text[start:end], (name, pattern)
        return text[:start] + changed + text[end:]

    return edit


# What is wrong, and the edit.
CASES = {
    "`iommu-map` begins one bus too late": in_node(HOST, r"iommu-map = <\S+ (\S+) \S+ \S+>", r"iommu-map = <0x5700 \1 0x5700 0x5300>"),
    "`iommu-map` names other stream IDs": in_node(HOST, r"iommu-map = <(\S+) (\S+) \S+ (\S+)>", r"iommu-map = <\1 \2 0x0 \3>"),
    "`iommu-map` leads to the first SMMU": in_node(HOST, r"iommu-map = <(\S+) \S+ ", r"iommu-map = <\1 0x9000 "),
    "`iommu-map` leads to no node": in_node(HOST, r"iommu-map = <(\S+) \S+ ", r"iommu-map = <\1 0x9999 "),
    "`iommu-map` is cut off": in_node(HOST, r"iommu-map = <(\S+) (\S+) (\S+) \S+>", r"iommu-map = <\1 \2 \3>"),
    "two entries of `iommu-map` overlap": in_node(HOST, r"iommu-map = <(\S+) (\S+) (\S+) (\S+)>", r"iommu-map = <\1 \2 \3 \4 0x5600 0x9000 0x5600 0x100>"),
    "`iommu-map` is missing": in_node(HOST, r"\t\tiommu-map = .*\n", ""),
    "`#iommu-cells` is missing": in_node(SMMU, r"\t\t#iommu-cells = .*\n", ""),
    "`#iommu-cells` is 2": in_node(SMMU, r"#iommu-cells = <\S+>", "#iommu-cells = <2>"),
    "`dma-coherent` of the SMMU is missing": in_node(SMMU, r"\t\tdma-coherent;\n", ""),
    "the SMMU's `reg` is elsewhere": in_node(SMMU, r"reg = <(\S+) \S+ ", r"reg = <\1 0xc080000 "),
    "the SMMU's `reg` is too short": in_node(SMMU, r"reg = <(\S+) (\S+) (\S+) \S+>", r"reg = <\1 \2 \3 0x1000>"),
    "the SMMU is disabled": in_node(SMMU, r"\t\t#iommu-cells", '\t\tstatus = "disabled";\n\t\t#iommu-cells'),
    "the event queue's interrupt is another device's": in_node(SMMU, r"interrupts = <(\S+) \S+ ", r"interrupts = <\1 0x1 "),
    "interrupts are level instead of edge": in_node(SMMU, r" 0x1>;|(?<= )0x1 (?=0x0 )", lambda match: match.group().replace("0x1", "0x4")),
}


def run(which, edit=str):
    """The run of a machine whose tree `edit` has changed."""
    machine, folder = linux.Machine(), linux.fetched(which)
    kernel = machine.path("Image", linux.kernel(folder))
    disk = machine.path("initrd", linux.initrd(folder, linux.init_for(DISKS), options=OPTIONS))
    found = machine.start(firmware.ELF, kernel, disk, WORDS, edit=edit, limit=LIMIT)
    machine.close()
    return found
