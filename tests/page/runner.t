# SPDX-License-Identifier: BSD-2-Clause
"""`make run` leaves a page beside the records, and a run is what it is without one: the runner with a QEMU that only prints a report."""

import os
import re
import stat
import subprocess

from page_tool import FOLDER, Page, read, sample, tap, write

import firmware

FAKE = """#!/bin/sh
case $1 in
--version) echo "QEMU emulator version 10.2.0 (fake)"; exit ;;
-device) echo 'name "iommu-testdev", bus PCI'; exit ;;
esac
id=$(printf '%s\\n' "$@" | sed -n 's/^id=\\([^ ]*\\).*/\\1/p')
sed "s/\\"interface\\":1/\\"interface\\":1,\\"id\\":\\"$id\\"/" "$0.console"
"""
LINES = sample()
PLACE = os.path.join(FOLDER, "run")
REPORT = os.path.join(PLACE, "report.html")


def run(lines, **environment):
    """(exit status, what the runner said beside the console)"""
    qemu = write("qemu", FAKE)
    os.chmod(qemu, os.stat(qemu).st_mode | stat.S_IXUSR)
    write("qemu.console", "".join(line + "\n" for line in lines))
    variables = {"PATH": os.environ["PATH"], "QEMU": qemu, "RUN_DIR": PLACE, **environment}
    done = subprocess.run([firmware.RUNNER, "an.elf"], env=variables, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    return done.returncode, [line for line in done.stdout.splitlines() if line not in lines and not line.startswith("{")]


def again():
    return re.search(r'<h2 id="again">.*?<code>(.*?)</code>', read(REPORT), re.S)[1]


status, said = run(LINES)
tap.equal((status, said), (0, []), "a run that passes: status 0, and nothing is said of its page")
tap.ok("PASS" in Page(read(REPORT)).text.split("Findings")[0], "its page says so")
tap.equal(again(), "make run", "and how to run it again")
run(LINES, INSTANCES="2", CORES="4", MEMORY="1G", APPEND="tables=dt log=quiet", CPU="cortex-a15")
tap.equal(again(), "make run CPU=cortex-a15 INSTANCES=2 MEMORY=1G &#39;APPEND=tables=dt log=quiet&#39;", "with what it was given, and not what is given anyway")
status, said = run([*LINES[:-1], LINES[-1].replace('"pass"', '"fail"')])
tap.ok(status == 1 and "FAIL" in Page(read(REPORT)).text.split("Findings")[0], "a run that fails has a page, too", said)
status, said = run(LINES[:5])
tap.ok(status == 1 and "NO VERDICT" in Page(read(REPORT)).text, "one without a verdict, too", said)
status, said = run(["words alone"])
tap.ok(status == 1 and "words alone" in Page(read(REPORT)).text, "and one without a record", said)

without = os.path.join(FOLDER, "without")
os.mkdir(without)
write("without/jinja2.py", "raise ModuleNotFoundError(\"No module named 'jinja2'\", name='jinja2')\n")
status, said = run(LINES, PYTHONPATH=without)
tap.equal((status, len(said), os.path.exists(REPORT)), (0, 1, False), "without Jinja2: status 0, one line, and no page of an earlier run")
tap.ok("apt install python3-jinja2" in said[0], "which says how to get it", said)
status, said = run([*LINES[:-1], LINES[-1].replace('"pass"', '"fail"')], PYTHONPATH=without)
tap.equal(status, 1, "without Jinja2: a run that fails fails")
status, said = run(LINES, PAGE="off")
tap.equal((status, said, os.path.exists(REPORT)), (0, [], False), "PAGE=off: no page, and no word of it")
tap.done()
