# SPDX-License-Identifier: BSD-2-Clause
"""
What is given to make and is nothing that it can be: it is refused, and not taken for something else; and no report of an earlier run
is left.
"""

import os
import re
import shutil
import sys

HERE = os.path.dirname(os.path.realpath(__file__))
sys.path.append(os.path.join(HERE, "..", "qemu"))

import firmware
import tap

for seconds in ("abc", "0", "-3", "5x", ""):
    done = firmware.make(firmware.ROOT, "soak", f"SOAK={seconds}")
    tap.ok(done.returncode and "is no number of seconds" in done.stderr, f"SOAK={seconds} is refused", done.stderr)
NUMBERS = (
    ("fuzz", "FUZZ_SECONDS"), ("test-pgtable", "RANDOM_OPERATIONS"), ("test-again", "TIMES"), ("test-schedule", "SEEDS"), ("test-threads", "OPERATIONS"),
    ("test-threads", "ISSUES"), ("mutants", "MUTANT_EVERY"), ("test-unit", "JOBS"),
)
for goal, name, wrong in (*((*number, "abc") for number in NUMBERS), *(("test-schedule", "PREEMPTIONS", wrong) for wrong in ("abc", "", "-1", "2x", "1 2"))):
    done = firmware.make(firmware.ROOT, "-n", goal, f"{name}={wrong}")
    tap.ok(done.returncode and "a number is wanted" in done.stderr, f"{name}={wrong} is refused", done.stderr)
for wrong in ("nosuch", "", "openocd.tcl"):
    done = firmware.make(firmware.ROOT, "-n", "all", f"BOARD={wrong}")
    tap.ok(done.returncode and "no such board" in done.stderr, f"BOARD={wrong} is refused", done.stderr)

for wrong in ("arm64", "", "arm aarch64", "x86"):
    done = firmware.make(firmware.ROOT, "print-qemu", f"ARCH={wrong}")
    tap.ok(done.returncode and "no such architecture, but arm aarch64" in done.stderr, f"ARCH={wrong} is refused", done.stderr)

# RUN_DIR= of a run that is refused: what an earlier one has left there.
elsewhere = os.path.join(firmware.work_folder("given"), "another's place")
ELSEWHERE = f"RUN_DIR={elsewhere}"
REFUSED = (
    (("all", "CPU=cortex-a76"), "make all takes no CPU=: it is for make run"),
    (("run", "INSTANCE=2"), "INSTANCE= is no variable here; the nearest is INSTANCES="),
    (("run", "cores=2"), "the nearest is CORES="),
    (("lint", "JOB=1"), "the nearest is JOBS="),
    (("all", "FEATURE=minimal"), "the nearest is FEATURES="),
    (("all", "FEATURES="), "FEATURES= is empty: all, basic, minimal, or some of"),
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
    (("run", "BOARD=fvp-base-revc", "ARCH=aarch46"), "no such architecture, but arm aarch64"),
    (("run", "BOARD=fvp-base-rvec"), "no such board, but"),
    (("run", "BOARD=fvp-base-revc qemu-virt"), "no such board, but"),
    (("run", "AGAIN=x"), "make run takes no AGAIN=: it is for make test-again"),
    (("run", "PREEMPTIONS=3"), "it is for make test-schedule"),
    (("run", "MUTANT=x"), "it is for make mutants mutants-judges"),
    (("run", "FUZZ_SECONDS=5"), "it is for make fuzz"),
    (("test", "FUZZ_SECONDS=5"), "it is for make fuzz"),
    (("test", "PREEMPTIONS=3"), "it is for make test-schedule"),
    (("all", "PREFIX=/opt"), "it is for make install"),
    (("run", "INSTANCE=2", ELSEWHERE), "the nearest is INSTANCES="),
    (("load", "INSTANCE=2", ELSEWHERE), "the nearest is INSTANCES="),
    (("run", "ARCH=aarch46", ELSEWHERE), "no such architecture"),
)
for words, why in REFUSED:
    report = os.path.join(elsewhere if ELSEWHERE in words else os.path.join(firmware.BUILD, "fvp-base-revc/run"), "report.jsonl")
    ran_before = ELSEWHERE in words or any(word.startswith("BOARD=fvp") for word in words)
    if ran_before:
        os.makedirs(os.path.dirname(report), exist_ok=True)
        with open(report, "w", encoding="ascii") as file:
            file.write('{"record":"verdict","result":"pass"}\n')
    # What is refused is refused before anything is built; soak looks in its recipe.
    done = firmware.make(firmware.ROOT, *(() if "soak" in words else ("-n",)), *words)
    tap.ok(done.returncode and why in done.stderr, f"{' '.join(words)}: is refused, and told why", done.stderr)
    if ran_before:
        tap.ok(not os.path.exists(report), f"{' '.join(words)}: leaves no report of an earlier run")
shutil.rmtree(os.path.dirname(elsewhere))
TAKEN = (
    ("run", "INSTANCES=2", "CORES=2", "APPEND=log=quiet", "TIMEOUT=9", "RECORDS=show", "V=1"),
    ("run", "BOARD=fvp-base-revc", "FVP=model", "DTB=board.dtb"),
    ("load", "DTB=board.dtb", "DTB_AT=0x88000000", "CONSOLE=none", "OPENOCD_EXTRA=x"),
    ("flash", "FLASH=chip.img"),
    ("soak", "SOAK=5", "CORES=4"),
    ("test-unit", "HOST_CC=gcc", "QEMU=/usr/bin/qemu", "JOBS=1"),
    ("test-pgtable", "RANDOM_OPERATIONS=5"),
    ("install", "PREFIX=/opt", "DESTDIR=image"),
    ("all", "FEATURES=acpi words", "BUILD=build"),
)
for words in TAKEN:
    done = firmware.make(firmware.ROOT, "-n", *words)
    tap.ok("no variable" not in done.stderr and "takes no" not in done.stderr, f"{' '.join(words)}: is taken", done.stderr)
# CPU= alone says which image is built, and that it is this one which is run.
fresh = firmware.work_folder("width")
for cpu, board, compiler in (("neoverse-n2", "qemu-virt-aarch64", "aarch64-linux-gnu-gcc"), ("cortex-a15", "qemu-virt", "arm-none-eabi-gcc"), ("", "qemu-virt", "arm-none-eabi-gcc")):
    done = firmware.make(firmware.ROOT, "-n", "run", *([f"CPU={cpu}"] if cpu else []), f"O={fresh}")
    elf = os.path.join(fresh, board, "smmu-bringup.elf")
    linked = re.findall(rf"^(\S+gcc) .* -o (\S+)\.new$", done.stdout, re.M)
    tap.equal([pair for pair in linked if pair[1].endswith(".elf")], [(compiler, elf)], f"make run CPU={cpu}: builds the image of its width")
    tap.equal(re.findall(r"platform/qemu-virt/run (\S+)$", done.stdout, re.M), [elf], f"make run CPU={cpu}: runs it")
shutil.rmtree(fresh)
os.environ["INSTANCE"] = os.environ["DTB"] = "of another program"
done = firmware.make(firmware.ROOT, "print-qemu")
tap.equal(done.returncode, 0, "what the environment has for other programs is no mistake")
tap.done()
