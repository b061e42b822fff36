# SPDX-License-Identifier: BSD-2-Clause
"""
PCI without ECAM: behind the DesignWare host of QEMU's i.MX 8M Plus, the firmware finds the functions that QEMU says are there, drives
an NVMe controller, and leaves the host's registers as it found them. A host whose clock is off, or whose link is down, is named.
"""

import re
import shutil

import firmware
import imx8mp
import tap
import tree

MEMORY, CONFIG0 = 0, 4
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

name = "one NVMe, and back"
ended = imx8mp.call(folder, blob, "log=debug exit=return", MEMORY_REGION, imx8mp.nvme())
nvme = ended.report.of("master", master="0000:01:00.0")
tap.equal([(record["client"], record["unfit"]) for record in nvme], [("nvme", None)], f"{name}: is driven")
tap.equal([record["reached_memory"] for record in ended.report.of("observed", master="0000:01:00.0")], [True], f"{name}: its DMA reached memory")
tap.equal(imx8mp.noted(ended, imx8mp.AFTER), imx8mp.noted(ended, imx8mp.BEFORE), f"{name}: the host's registers are put back")
shutil.rmtree(folder)
tap.done()
