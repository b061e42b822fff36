# SPDX-License-Identifier: BSD-2-Clause
"""
The page that shows a SoC team how to add its own master, word for word: its driver takes the place of edu's in a copy of
the sources, which is built and run. The driver is a memory-to-memory engine, the one kind that no device of QEMU's is.
"""

import os
import re
import shutil

import firmware
import machine
import tap

PAGE = "drivers/masters/README.md"
LINES_MAX = 100

with open(os.path.join(firmware.ROOT, PAGE), encoding="utf-8") as file:
    blocks = re.findall(r"^```c\n(.*?)^```$", file.read(), re.MULTILINE | re.DOTALL)
tap.equal(len(blocks), 1, f"{PAGE} shows one driver")
tap.ok(blocks and blocks[0].count("\n") < LINES_MAX, f"it has fewer than {LINES_MAX} lines", lambda: blocks[0].count("\n"))

folder = firmware.work_folder("own_master")


def replace_edu(copy):
    os.unlink(os.path.join(copy, "drivers/masters/edu.c"))
    with open(os.path.join(copy, "drivers/masters/acme_dma.c"), "w", encoding="utf-8") as driver:
        driver.write(blocks[0])


elf, said = firmware.build_copy(folder, replace_edu)
if not tap.ok(elf, "a tree with it instead of edu.c builds", said[-2000:]):
    tap.done()

machine.say("with the driver of the page")
run = firmware.run(elf=elf)
machine.passes(run, "the page's driver")
bound = run.of("master", client="acme-dma", client_state="bound")
tap.equal(len(bound), machine.drivable(3 if firmware.has_instances() else 1)[machine.EDU], "every device of its kind is bound")
for master in bound:
    results = {c["check"]: c["result"] for c in run.of("check", master=master["master"])}
    tap.equal(set(results.values()), {"pass"}, f"{master['master']} passes every check")
    tap.equal(len(results), 5, f"{master['master']} is put through five")
shutil.rmtree(folder)
tap.done()
