# SPDX-License-Identifier: BSD-2-Clause
"""
PCI without ECAM: behind the DesignWare host of QEMU's i.MX 8M Plus, the firmware finds the functions that QEMU says are there, drives
an NVMe controller, and leaves the host's registers as it found them. A host whose clock is off, or whose link is down, is named.
"""

import os
import re
import shutil

import firmware
import imx8mp
import tap
import tree

MEMORY, CONFIG0 = 0, 4
VIEWPORT = (0x900, 0x80000002)  # As it is left: an inbound one.
MEMORY_REGION = imx8mp.region(0, MEMORY, imx8mp.WINDOW, imx8mp.WINDOW_SIZE, imx8mp.WINDOW)
SWITCH = ["-device", f"x3130-upstream,id=up,bus={imx8mp.BUS}"]
for port in range(2):
    SWITCH += ["-device", f"xio3130-downstream,id=down{port},bus=up,chassis={port + 1}", *imx8mp.nvme(f"down{port}", f"disk{port}")]


def functions(report):
    """As the firmware lists them."""
    found = {}
    for record in report.of("master"):
        name = re.fullmatch(r"0000:(\w\w):(\w\w)\.(\d)", record["master"])
        if name:
            found[int(name[1], 16), int(name[2], 16), int(name[3])] = record["device"]
    return found


def without_buses(found):
    """Linux keeps buses free below each port."""
    return sorted((place[1:], device) for place, device in found.items())


def finds(name, ended, count):
    tap.equal(functions(ended.report), ended.functions(), f"{name}: the functions are those that QEMU has") or tap.note("\n".join(ended.report.tail()))
    tap.equal(len(ended.functions()), count, f"{name}: as many as there are")


folder = firmware.work_folder("designware")
blob = imx8mp.device_tree(folder)
if not blob:
    tap.skip("functions behind a DesignWare host", "Linux's device tree for i.MX 8M Plus could not be had")
    tap.done()
imx8mp.set_memory(blob)

name = "two NVMes behind a switch"
ended = imx8mp.call(folder, blob, "log=debug", MEMORY_REGION, SWITCH)
finds(name, ended, 6)

def is_left_alone(name, ended):
    before = imx8mp.noted(ended, imx8mp.BEFORE)
    tap.ok(any(before), f"{name}: a boot loader had set the host up")
    tap.equal(imx8mp.noted(ended, imx8mp.AFTER), before, f"{name}: the host's registers are as they were")


def refused(name, ended, words):
    tap.equal(ended.report.of("master"), [], f"{name}: nothing is found")
    tap.ok(f"  warning: {imx8mp.HOST}: {words}; nothing behind it is looked at" in ended.report.lines, f"{name}: is told", ended.report.lines[:8])
    is_left_alone(name, ended)


def moved(dbi):
    """The tree with the host's registers elsewhere."""
    copy = shutil.copy(blob, os.path.join(folder, "moved.dtb"))
    tree.put(copy, imx8mp.HOST, "reg", dbi, *tree.get(blob, imx8mp.HOST, "reg")[1:])
    return copy


name = "one NVMe, and back"
writes = [*MEMORY_REGION, *imx8mp.region(1, CONFIG0, imx8mp.CONFIG, 0x80000, 0x01000000), (0x18, 0x00010100), VIEWPORT]
ended = imx8mp.call(folder, blob, "log=debug exit=return", writes, imx8mp.nvme())
nvme = ended.report.of("master", master="0000:01:00.0")
tap.equal([(record["client"], record["unfit"]) for record in nvme], [("nvme", None)], f"{name}: is driven")
tap.equal([record["reached_memory"] for record in ended.report.of("observed", master="0000:01:00.0")], [True], f"{name}: its DMA reached memory")
is_left_alone(name, ended)

name = "no window for memory"
ended = imx8mp.call(folder, blob, "log=debug exit=return", [VIEWPORT], imx8mp.nvme())
tap.equal([record["device"] for record in ended.report.of("master")], ["16c3:abcd", "1b36:0010"], f"{name}: the functions are found")
wanted = f"  warning: {imx8mp.HOST}: no BAR is placed at {imx8mp.WINDOW:#x}: no outbound region passes that on"
tap.ok(wanted in ended.report.lines, f"{name}: is told", ended.report.lines[:8])
is_left_alone(name, ended)

full = [write for index in range(imx8mp.REGIONS) for write in imx8mp.region(index, MEMORY, 0x18000000 + (index << 24), 1 << 24, 0)]
refused("every region in use", imx8mp.call(folder, blob, "exit=return", full, imx8mp.nvme()), "it has no outbound region for configuration")
# Memory instead of registers: 0 everywhere, but for an ID.
on_chip = ["-device", f"loader,addr={imx8mp.ON_CHIP_RAM:#x},data=0xabcd16c3,data-len=4"]
ended = imx8mp.call(folder, moved(imx8mp.ON_CHIP_RAM), "exit=return", MEMORY_REGION, [*imx8mp.nvme(), *on_chip])
refused("a link that is down", ended, "its link is down")
ended = imx8mp.call(folder, moved(imx8mp.NOTHING), "exit=return", MEMORY_REGION, imx8mp.nvme())
refused("a clock that is off", ended, "its registers do not answer: its clock is off")

if os.environ.get("LINUX") == "all":
    name = "Linux behind the same host"
    told = imx8mp.linux_functions(folder, SWITCH)
    ended = imx8mp.call(folder, blob, "log=debug", MEMORY_REGION, SWITCH)
    tap.equal(*map(without_buses, (functions(ended.report), told)), f"{name}: finds the same functions")
shutil.rmtree(folder)
tap.done()
