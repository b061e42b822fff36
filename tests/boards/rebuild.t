# SPDX-License-Identifier: BSD-2-Clause
"""
What make builds again: a source that has gone is in no program and no archive any more, and other flags are another object.
The project's Makefile, on a house of stubs that has a source of each kind to lose.
"""

import os
import shutil
import subprocess
import sys

HERE = os.path.dirname(os.path.realpath(__file__))
sys.path.append(os.path.join(HERE, "..", "qemu"))

import firmware
import tap

MAIN = "int main(void);\nint main(void) { return 0; }\n"
START = ".global _start\n_start: b _start\n"
SCRIPT = "SECTIONS { .text : { KEEP(*(.text*)) KEEP(*(.rodata*)) } }\n"
FUZZ = "int LLVMFuzzerTestOneInput(void);\nint LLVMFuzzerTestOneInput(void) { return 0; }\n"
STUBS = {
    "linker/ram.ld": SCRIPT,
    "linker/nor.ld": SCRIPT,
    "boot/main.c": MAIN,
    "boot/acpi_tables.c": "",
    "boot/fatal.c": "",
    "boot/monitor/editor.c": "",
    "boot/options/options.c": "",
    "boot/population.c": "",
    "boot/tables.c": "",
    "boot/uefi/application.c": "",
    "boot/uefi/volume.c": "",
    "boot/uefi/windows.c": "",
    "boot/aarch32/start.S": START,
    "boot/aarch32/leave_aarch64.S": "nop\n",
    "boot/cpu/early_uart.h": "",
    "boot/cpu/returned.inc": "",
    "boot/aarch32/system.h": "",
    "boot/aarch32/nor/nor.S": START,
    "drivers/base/arena.c": "",
    "drivers/base/fatal.c": "",
    "drivers/base/sync.c": "",
    "drivers/base/deadline.c": "",
    "drivers/report/format.c": "",
    "drivers/smmuv3/event.c": "",
    "drivers/smmuv3/event_cause.c": "",
    "tests/host/absent.c": "",
    "tests/host/arch.c": "",
    "tests/host/coherent.c": "",
    "tests/host/device.c": "",
    "tests/unit/bench.c": "",
    "tests/unit/printed.c": "",
    "tests/unit/recorder.c": "",
    "tests/unit/fakes.c": "",
    "tests/model/walk.c": "",
    "tests/bench/target.c": MAIN,
    "tests/smmuv3/host.c": MAIN,
    "tests/schedule/main.c": MAIN,
    "tests/threads/threads.c": MAIN,
    "tests/threads/queue.c": MAIN,
    "tests/threads/shim.c": "",
    "tests/pgtable/random.c": MAIN,
    "tests/fuzz/fuzz.c": "",
    "tests/fuzz/dt.c": FUZZ,
    "tools/inspect/main.c": MAIN,
}
# What is built, and a source whose going it must notice.
KINDS = (
    ("build/qemu-virt/smmu-bringup.elf", "drivers/base/lost.c"),
    ("build/qemu-virt/smmu-bringup.elf", "boot/aarch32/lost.S"),
    ("build/qemu-virt/smmu-test.elf", "tests/smmuv3/lost.c"),
    ("build/qemu-virt/smmu-bench.elf", "drivers/base/lost.c"),
    ("build/host/libdrivers.a", "drivers/base/lost.c"),
    ("build/host/libmodel.a", "tests/model/lost.c"),
    ("build/host/model/test_smmuv3", "tests/smmuv3/lost.c"),
    ("build/host/smmu-inspect", "tools/inspect/lost.c"),
    ("build/host/tools/inspect/smmu-inspect", "tools/inspect/lost.c"),
    ("build/pgtable/random", "drivers/pgtable/lost.c"),
    ("build/fuzz/fuzz-dt", "drivers/firmware/lost.c"),
    ("build/schedule/test_schedule", "tests/schedule/lost.c"),
    ("build/threads/test_threads", "drivers/iommu/lost.c"),
    ("build/threads/test_queue", "drivers/smmuv3/lost.c"),
)
# Flags that a caller changes, and a program that has them.
FLAGS = (
    ("build/qemu-virt/smmu-bringup.elf", "CFLAGS=-march=armv7ve+simd -mfloat-abi=hard -mthumb -flto {}", "drivers/base/flags.c"),
    ("build/host/libdrivers.a", "HOST_MODE={}", "drivers/base/flags.c"),
    ("build/host/smmu-inspect", "WARNINGS={}", "tools/inspect/flags.c"),
    ("build/schedule/test_schedule", "SCHEDULE_FLAGS={}", "tests/schedule/flags.c"),
    ("build/threads/test_threads", "THREADS_FLAGS={}", "drivers/base/flags.c"),
    ("build/pgtable/random", "PGTABLE_FLAGS={}", "drivers/pgtable/flags.c"),
    ("build/fuzz/fuzz-dt", "FUZZ_FLAGS=-fsanitize=fuzzer {}", "drivers/firmware/flags.c"),
)


def write(path, text):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="ascii") as file:
        file.write(text)


def house():
    folder = firmware.work_folder("rebuild")
    for name in ("Makefile", "mk", "platform"):
        source, copy = os.path.join(firmware.ROOT, name), os.path.join(folder, name)
        (shutil.copytree if os.path.isdir(source) else shutil.copy2)(source, copy)
    shutil.copytree(os.path.join(firmware.ROOT, "tools"), os.path.join(folder, "tools"), ignore=shutil.ignore_patterns("inspect"))
    for name, text in STUBS.items():
        write(os.path.join(folder, name), text)
    return folder


def has(folder, program, name):
    """Whether the program has a symbol of this name."""
    with open(os.path.join(folder, program), "rb") as file:
        return name.encode() in file.read()


def symbol(path, name):
    """Something that the linker keeps, and its symbol with it."""
    if path.endswith(".S"):
        return f'.section .text.keep, "ax"\n.global {name}\n{name}: nop\n'
    return f"extern const char {name}[];\n__attribute__((used)) const char {name}[] = {{1}};\n"


def goes(folder, program, source):
    name = "lost_" + source.replace("/", "_").replace(".", "_")
    path, title = os.path.join(folder, source), f"{program}: {source}"
    write(path, symbol(source, name))
    done = firmware.make(folder, program)
    tap.ok(done.returncode == 0 and has(folder, program, name), f"{title} is in it", done.stderr[-1500:])
    os.remove(path)
    done = firmware.make(folder, program)
    tap.ok(done.returncode == 0 and not has(folder, program, name), f"{title} goes out of it when it goes", done.stderr[-1500:])


def follows(folder, program, flags, source):
    path, title = os.path.join(folder, source), f"{program}: {flags.split('=')[0]}"
    write(path, symbol(source, "MEANT"))
    for name in ("first_flags", "second_flags"):
        done = firmware.make(folder, program, flags.format(f"-DMEANT={name}"))
        tap.ok(done.returncode == 0 and has(folder, program, name), f"{title} of {name} is what is built", done.stderr[-1500:])
    os.remove(path)


folder = house()
for program, source in KINDS:
    goes(folder, program, source)
for program, flags, source in FLAGS:
    follows(folder, program, flags, source)

firmware.make(folder, "all")
again = firmware.make(folder, "all")
tap.equal([line for line in again.stdout.splitlines() if line.startswith("  ")], [], "what has not changed is not built again")
other = firmware.make(folder, "BOARD=ti-j721e", "all")
compiled = [line for line in other.stdout.splitlines() if line.startswith("  CC ")]
tap.ok(other.returncode == 0 and compiled and not any(" drivers/" in line for line in compiled), "another board compiles nothing of drivers/", [*compiled, other.stderr[-800:]])
other = firmware.make(folder, "BOARD=ti-j721e", "FEATURES=minimal", "-n", "build/ti-j721e-without-all/smmu-bringup.elf")
tap.ok("build/shared/arm-without-speed/drivers/base/sync.c.o" in other.stdout, "objects of other flags lie elsewhere", other.stderr[-800:])
shutil.rmtree(folder)
tap.done()
