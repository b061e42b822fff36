# SPDX-License-Identifier: BSD-2-Clause
"""`make run` exits 0 exactly when the verdict is a pass: the runner with a QEMU that only prints what it is told to."""

import os
import stat

import firmware
import tap

PASS = '{"record":"verdict","result":"pass","reason":null}'
FAIL = '{"record":"verdict","result":"fail","reason":"so"}'
FAKE = """#!/bin/sh
case $1 in
--version) echo "QEMU emulator version 10.2.0 (fake)"; exit ;;
-device) echo 'name "iommu-testdev", bus PCI'; exit ;;
esac
printf '%s\\n' "$@" >"$0.arguments"
cat "$0.console"
{then}
"""

folder = firmware.work_folder("runner")
fake = os.path.join(folder, "qemu")


def run(console, then="exit 0", **environment):
    with open(fake + ".console", "w", encoding="ascii") as file:
        file.write(console)
    with open(fake, "w", encoding="ascii") as file:
        file.write(FAKE.format(then=then))
    os.chmod(fake, os.stat(fake).st_mode | stat.S_IXUSR)
    return firmware.run(QEMU=fake, **environment)


def arguments():
    with open(fake + ".arguments", encoding="ascii") as file:
        return file.read().splitlines()


ENDS = (
    ("a pass", f"words\n{PASS}\n", {}, 0),
    ("a pass with CR LF", f"words\r\n{PASS}\r\n", {}, 0),
    ("words after the pass", f"{PASS}\ngoodbye\n", {}, 0),
    ("a fail", f"{FAIL}\n", {}, 1),
    ("a pass, then a fail", f"{PASS}\n{FAIL}\n", {}, 1),
    ("a record after the pass", f'{PASS}\n{{"record":"event"}}\n', {}, 1),
    ("a pass that is only spoken of", f"the verdict was {PASS}\n", {}, 1),
    ("a pass cut short", PASS[:-9] + "\n", {}, 1),
    ("no verdict", "words\n", {}, 1),
    ("nothing", "", {}, 1),
    ("a pass, and QEMU dies", f"{PASS}\n", {"then": "kill -SEGV $$"}, 1),
    ("a pass, and QEMU fails", f"{PASS}\n", {"then": "exit 3"}, 1),
    ("a pass, and QEMU stays on", f"{PASS}\n", {"then": "exec sleep 30", "TIMEOUT": 1}, 1),
)
for title, console, environment, status in ENDS:
    tap.equal(run(console, **environment).status, status, f"{title}: exit status")

# What the caller asks for is what QEMU is told.
run(f"{PASS}\n", INSTANCES=5, CORES=2, MACHINE="gic-version=3", MEMORY="1G", APPEND="log=quiet a=b", QEMU_EXTRA="-device edu,addr=1c")
told = arguments()
tap.equal(sum(a.startswith("arm-smmuv3,") for a in told), 5, "INSTANCES=5: five SMMUs")
tap.equal(told[told.index("-smp") + 1], "2", "CORES=2")
tap.equal(told[told.index("-M") + 1], "virt,gic-version=3", "MACHINE=gic-version=3")
tap.equal(told[told.index("-m") + 1], "1G", "MEMORY=1G")
tap.equal(told[told.index("-append") + 1], "log=quiet a=b", "APPEND is one argument")
tap.ok("edu,addr=1c" in told, "QEMU_EXTRA is handed on")

for wrong in ("0", "-1", "three", "1x", "17", "99999999999999999999"):
    tap.ok(run(f"{PASS}\n", INSTANCES=wrong).status != 0, f"INSTANCES={wrong} is refused, whatever QEMU would say")
tap.ok(run(f"{PASS}\n", MACHINE="gic-version=3,secure=on").status != 0, "secure=on with four cores is refused")
tap.equal(run(f"{PASS}\n", MACHINE="secure=on", CORES=1).status, 0, "secure=on with one core is not")
for seconds in ("abc", "-1", "1.5"):
    refused = run(f"{PASS}\n", TIMEOUT=seconds)
    tap.ok(refused.status == 1 and "is no number of seconds" in refused.lines[0], f"TIMEOUT={seconds} is refused", refused.lines)
tap.ok(firmware.run(QEMU="/nonexistent").status != 0, "a QEMU that is not there is no pass")
tap.done()
