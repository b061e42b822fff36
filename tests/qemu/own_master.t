# SPDX-License-Identifier: BSD-2-Clause
"""
The page that shows a SoC team how to add its own master, word for word: its driver takes the place of edu's in a copy of
the sources, which is built and run. The driver is a memory-to-memory engine, the one kind that no device of QEMU's is.
"""

import os
import re
import shutil
import subprocess

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
for name in ("Makefile", "boot", "drivers", "linker", "platform", "tools"):
    source, copy = os.path.join(firmware.ROOT, name), os.path.join(folder, name)
    (shutil.copytree if os.path.isdir(source) else shutil.copy2)(source, copy)
os.mkdir(os.path.join(folder, "build"))
os.symlink(os.path.join(firmware.ROOT, "build/tools"), os.path.join(folder, "build/tools"))
os.unlink(os.path.join(folder, "drivers/masters/edu.c"))
with open(os.path.join(folder, "drivers/masters/acme_dma.c"), "w", encoding="utf-8") as file:
    file.write(blocks[0])

environment = {key: value for key, value in os.environ.items() if key not in ("MAKEFLAGS", "MFLAGS", "MAKELEVEL")}
build = subprocess.run(["make", "-C", folder, "all"], env=environment, capture_output=True, text=True, check=False)
tap.ok(build.returncode == 0, "a tree with it instead of edu.c builds", build.stderr[-2000:])

machine.say("with the driver of the page")
run = firmware.run(elf=os.path.join(folder, "build/qemu-virt/smmu-bringup.elf"))
machine.passes(run, "the page's driver")
bound = run.of("master", client="acme-dma", client_state="bound")
tap.equal(len(bound), machine.drivable(3 if firmware.has_instances() else 1)[machine.EDU], "every device of its kind is bound")
for master in bound:
    results = {c["check"]: c["result"] for c in run.of("check", master=master["master"])}
    tap.equal(set(results.values()), {"pass"}, f"{master['master']} passes every check")
    tap.equal(len(results), 5, f"{master['master']} is put through five")
shutil.rmtree(folder)
tap.done()
