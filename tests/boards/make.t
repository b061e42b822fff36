# SPDX-License-Identifier: BSD-2-Clause
"""
What is given to make and is nothing that it can be: it is refused, and not taken for something else.
"""

import os
import re
import shutil
import subprocess
import sys

HERE = os.path.dirname(os.path.realpath(__file__))
sys.path.append(os.path.join(HERE, "..", "qemu"))

import firmware
import tap

for seconds in ("abc", "0", "-3", "5x", ""):
    done = firmware.make(firmware.ROOT, "soak", f"SOAK={seconds}")
    tap.ok(done.returncode and "is no number of seconds" in done.stderr, f"SOAK={seconds} is refused", done.stderr)
for name in ("FUZZ_SECONDS", "RANDOM_OPERATIONS", "SEEDS", "PREEMPTIONS", "OPERATIONS", "ISSUES", "MUTANT_EVERY"):
    for wrong in ("abc", "", "-1", "2x", "1 2"):
        done = firmware.make(firmware.ROOT, "print-qemu", f"{name}={wrong}")
        tap.ok(done.returncode and "a number is wanted" in done.stderr, f"{name}={wrong} is refused", done.stderr)
for wrong in ("nosuch", "", "openocd.tcl"):
    done = firmware.make(firmware.ROOT, "all", f"BOARD={wrong}")
    tap.ok(done.returncode and "no such board" in done.stderr, f"BOARD={wrong} is refused", done.stderr)

for wrong in ("arm64", "", "arm aarch64", "x86"):
    done = firmware.make(firmware.ROOT, "print-qemu", f"ARCH={wrong}")
    tap.ok(done.returncode and "no such architecture, but arm aarch64" in done.stderr, f"ARCH={wrong} is refused", done.stderr)

REFUSED = (
    (("all", "CPU=cortex-a76"), "make all takes no CPU=: it is for make run"),
    (("run", "INSTANCE=2"), "INSTANCE= is no variable here; the nearest is INSTANCES="),
    (("run", "cores=2"), "the nearest is CORES="),
    (("lint", "JOB=1"), "the nearest is JOBS="),
    (("all", "FEATURE=minimal"), "the nearest is FEATURES="),
    (("all", "FEATURES="), "FEATURES= is empty: all, minimal, or some of"),
    (("all", "FEATURES= "), "FEATURES= is empty"),
    (("run", "DTB=board.dtb"), "make run takes no DTB=: it is for make load flash"),
    (("run", "DTB="), "make run takes no DTB="),
    (("run", "CONSOLE=/dev/null"), "make run takes no CONSOLE="),
    (("all", "INSTANCES=2"), "make all takes no INSTANCES=: it is for make run"),
    (("run", "BOARD=fvp-base-revc", "INSTANCES=2"), "make run takes no INSTANCES= for BOARD=fvp-base-revc"),
    (("run", "BOARD=fvp-base-revc", "FEATURES="), "FEATURES= is empty"),
    (("run", "BOARD=fvp-base-revc", "FEATURES=minmal"), "FEATURES= knows no minmal"),
    (("run", "BOARD=fvp-base-revc", "JOBS=many"), "a number is wanted"),
    (("soak", "BOARD=fvp-base-revc", "SOAK=0"), "is no number of seconds"),
)
report = os.path.join(firmware.BUILD, "fvp-base-revc/run/report.jsonl")
for words, why in REFUSED:
    if "BOARD=fvp-base-revc" in words:
        os.makedirs(os.path.dirname(report), exist_ok=True)
        with open(report, "w", encoding="ascii") as file:
            file.write('{"record":"verdict","result":"pass"}\n')
    done = firmware.make(firmware.ROOT, *words)
    tap.ok(done.returncode and why in done.stderr, f"{' '.join(words)}: is refused, and told why", done.stderr)
    tap.ok(not os.path.exists(report), f"{' '.join(words)}: leaves no report of an earlier run")
TAKEN = (
    ("run", "INSTANCES=2", "CORES=2", "APPEND=log=quiet", "TIMEOUT=9", "RECORDS=show", "V=1"),
    ("run", "BOARD=fvp-base-revc", "FVP=model", "DTB=board.dtb"),
    ("load", "DTB=board.dtb", "DTB_AT=0x88000000", "CONSOLE=none", "OPENOCD_EXTRA=x"),
    ("flash", "FLASH=chip.img"),
    ("soak", "SOAK=5", "CORES=4"),
    ("test-unit", "HOST_CC=gcc", "QEMU=/usr/bin/qemu", "JOBS=1"),
    ("all", "FEATURES=acpi words", "BUILD=build"),
)
for words in TAKEN:
    done = firmware.make(firmware.ROOT, "-n", *words)
    tap.ok("no variable" not in done.stderr and "takes no" not in done.stderr, f"{' '.join(words)}: is taken", done.stderr)
os.environ["INSTANCE"] = os.environ["DTB"] = "of another program"
done = firmware.make(firmware.ROOT, "print-qemu")
tap.equal(done.returncode, 0, "what the environment has for other programs is no mistake")

# A tree without its history is looked at whole.
folder = firmware.work_folder("lint")
tree = os.path.join(folder, "tree")
shutil.copytree(firmware.ROOT, tree, ignore=shutil.ignore_patterns("build", ".git"), symlinks=True)
looked_at = re.search(r"LINT_C='([^']*)'", firmware.make(tree, "-n", "lint").stdout)
there = sorted(os.path.relpath(os.path.join(place, name), tree) for place, _, names in os.walk(tree) for name in names if name.endswith((".c", ".h")))
found = sorted(looked_at[1].split()) if looked_at else []
tap.ok(found == there, "without .git, every C file is looked at", [sorted(set(there) ^ set(found))[:9]])
with open(os.path.join(firmware.ROOT, "tools/lint"), encoding="utf-8") as file:
    text = file.read()
tap.ok(not re.search(r"\bgit ", text), "and nothing else asks git")
# Without files tools/lint-docs asks git for them.
tap.equal(re.findall(r"tools/lint-docs \w+$", text, re.M), [], "nor does what it calls")

# O= builds, fetches and runs elsewhere: nothing in the checkout is written. A path with a space is refused in one line.
def files_of(place):
    return {os.path.join(at, name): os.stat(os.path.join(at, name)).st_mtime_ns for at, _, names in os.walk(place) for name in names}


firmware.copy_objects(folder)
elsewhere = os.path.join(folder, "build")
os.symlink(os.path.join(firmware.BUILD, "tools"), os.path.join(elsewhere, "tools"))
before = files_of(tree)
done = firmware.make(tree, "run", f"O={elsewhere}")
tap.ok(done.returncode == 0 and files_of(tree) == before, "O=: runs, and leaves the checkout as it was", done.stderr[-800:])
tap.ok(os.path.exists(os.path.join(elsewhere, "qemu-virt/run/report.jsonl")), "O=: the report is there")
for title, where, words in (("O=", tree, ("O=else where",)), ("the checkout", shutil.copytree(tree, os.path.join(folder, "a tree")), ())):
    done = firmware.make(where, "all", *words)
    said = [line for line in done.stderr.splitlines() if "***" in line]
    tap.ok(done.returncode == 2 and len(said) == 1 and "has a space" in said[0], f"{title} with a space in its path: one line", done.stderr)

# One build at a time: another waits, and says so; what the holder calls does not.
alone, lock = os.path.join(firmware.ROOT, "tools/alone"), os.path.join(folder, "lock")
with subprocess.Popen([alone, lock, "cat"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as first:
    first.stdin.write("holds\n")
    first.stdin.flush()
    first.stdout.readline()
    second = subprocess.Popen([alone, lock, "echo", "free"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    said = second.stderr.readline()
    tap.ok("waiting for another build" in said and second.poll() is None, "a second build waits, and says so", said)
    first.stdin.close()
tap.equal((second.communicate()[0], second.returncode), ("free\n", 0), "and goes on when the first has ended")
done = subprocess.run([alone, lock, alone, lock, "sh", "-c", "exit 3"], check=False)
tap.equal(done.returncode, 3, "a build that the holder calls does not wait, and its status is passed on")

# What a failed check says is said behind the test, too: prove hides it.
program = os.path.join(folder, "sample.t")
SAMPLES = (
    ('echo "ok 1 - a"; echo "not ok 2 - b"; echo "# because of c"; echo "ok 3 - d"; echo "# no reason"; exit 3', 3, ["not ok 2 - b", "  # because of c"]),
    ('echo "ok 1 - a"; echo "# fine"; echo 1..1', 0, []),
    ('echo "ok 1 - a"; echo half; kill -SEGV $$', 139, ["it ended with status -11, and these lines last:", "ok 1 - a", "half"]),
)
for script, status, wanted in SAMPLES:
    with open(program, "w", encoding="ascii") as file:
        file.write(script + "\n")
    done = subprocess.run([os.path.join(firmware.ROOT, "tools/tap"), "sh", program], capture_output=True, text=True, check=False)
    tap.equal((done.returncode, done.stderr.splitlines()[2:]), (status, wanted), f"the reasons of {status}")
shutil.rmtree(folder)
tap.done()
