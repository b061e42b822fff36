# SPDX-License-Identifier: BSD-2-Clause
"""
An AArch64 image runs wherever it was put: as an arm64 Image by QEMU's -kernel, raw at other addresses than it is linked for, and above
4 GiB, entered in EL1 and in EL2; with its tree anywhere. In EL3 with nothing behind it that knows PSCI it passes all the same, and parks.
"""

import os
import shutil

import firmware
import loader
import machine
import tap

BIN = os.path.splitext(firmware.ELF)[0] + ".bin"
HIGH, HIGH_TREE = 0x1_4000_0000, 0x1_C000_0000
folder = firmware.work_folder("anywhere")
tree = os.path.join(folder, "tree.dtb")


def at(place, tree_at=None, image=BIN, **environment):
    """Puts the image there and sends core 0 to it; what QEMU's -kernel loads is not executed."""
    firmware.dump_device_tree(tree, APPEND="handover=bypass selftest=quick", **environment)
    go = f"tree {tree_at or loader.TREE_AT:#x}\nenter {place:#x}"
    extra = f"{loader.put(image, place)} {loader.put(tree, tree_at or loader.TREE_AT)} {loader.start(loader.assemble(folder, 'go', go))}"
    machine.say(f"at {place:#x}", **environment, QEMU_EXTRA=extra)
    return firmware.run(QEMU_EXTRA=extra, **environment)


def ran_there(run, title):
    machine.passes(run, title)
    tap.equal({h["policy"] for h in run.of("handover")}, {"bypass"}, f"{title}: it is that tree that was read")


for level, properties in (("EL1", ""), ("EL2", "virtualization=on")):
    for place in (0x42000000, 0x4A201000):
        ran_there(at(place, INSTANCES=1, MACHINE=properties), f"at {place:#x}, in {level}")
    title = f"above 4 GiB, its tree as well, in {level}"
    ran_there(at(HIGH, HIGH_TREE, MEMORY="8G", MACHINE=properties), title)

# Without optimisation across files no section is merged with another: the linker's script alone says what lies where.
plain = os.path.join(firmware.built_plainly(), firmware.BOARD, os.path.basename(BIN))
ran_there(at(0x4A201000, image=plain, INSTANCES=1), "linked file by file")

for level, properties in (("EL1", "virt,iommu=smmuv3"), ("EL2", "virt,iommu=smmuv3,virtualization=on,gic-version=3")):
    title = f"an arm64 Image, in {level}"
    run = firmware.run_bare(["-M", properties, "-device", "edu,dma_mask=0xffffffff", "-append", "selftest=quick"], elf=BIN)
    machine.sound_records(run, title)
    tap.equal((run.verdict.get("result"), run.status), ("pass", 0), f"{title}: passes, and turns the machine off")

for properties in ("secure=on", "secure=on,virtualization=on", "secure=on,gic-version=3", "secure=on,virtualization=on,gic-version=3"):
    for cpu in ("cortex-a76", "max"):
        title = f"EL3, {properties}, {cpu}"
        arguments = ["-M", f"virt,iommu=smmuv3,{properties}", "-cpu", cpu, "-device", "edu,dma_mask=0xffffffff", "-append", "selftest=quick"]
        run = firmware.run_to_verdict(arguments)
        machine.sound_records(run, title)
        tap.equal([v["result"] for v in run.of("verdict")], ["pass"], f"{title}: one verdict, a pass")
shutil.rmtree(folder)
tap.done()
