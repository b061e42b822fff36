# SPDX-License-Identifier: BSD-2-Clause
"""
Each implementation of the processor's contract (drivers/base/arch.h) has every function that it promises: both widths of the
target, the host, the scheduler and the threads. The symbols of their objects say so; a promise that none keeps is told of each.
"""

import glob
import os
import re
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.realpath(__file__))
sys.path.append(os.path.join(HERE, "..", "qemu"))

import firmware
import tap

ARCH = "drivers/base/arch.h"
TARGET = ['-DFIRMWARE_VERSION="0"', '-DFIRMWARE_WITHOUT=""']
HOST = ["gcc", "-D_DEFAULT_SOURCE", "-Itests", "-Itests/host"]


def architectures():
    """[name, folder of boot/, compiler...] of each that the Makefile knows."""
    found = [line.split() for line in firmware.make(firmware.ROOT, "-s", "architectures").stdout.splitlines()]
    tap.ok(len(found) >= 2, f"architectures: {' '.join(words[0] for words in found)}")
    return found


# The compiler, and the sources.
IMPLEMENTATIONS = {
    **{name: ([*compiler, *TARGET], ["boot/cpu/*.c", f"boot/{folder}/*.[cS]"]) for name, folder, *compiler in architectures()},
    "host": (HOST, ["tests/host/arch.c"]),
    "scheduler": (HOST, ["tests/schedule/arch.c", "tests/host/coherent.c", "tests/host/absent.c"]),
    "threads": (HOST, ["tests/threads/shim.c", "tests/threads/queue.c", "tests/host/coherent.c", "tests/host/absent.c"]),
}
MADE_UP = "\nvoid arch_made_up(void);\nARCH_INLINE void arch_made_up_inline(void);\n\n#endif"


def read(path):
    with open(os.path.join(firmware.ROOT, path), encoding="utf-8") as file:
        return file.read()


def promised(text):
    return sorted(set(re.findall(r"\b(arch_\w+)\(", re.sub(r"/\*.*?\*/", "", text, flags=re.S))))


def may_implement(path):
    """A C source that names no function of the contract has none, nor has assembly that exports none."""
    return re.search(r"^\s*\.global\s+arch_" if path.endswith(".S") else r"\barch_\w+\(", read(path), re.M)


def sources(patterns):
    paths = [os.path.relpath(path, firmware.ROOT) for pattern in patterns for path in sorted(glob.glob(os.path.join(firmware.ROOT, pattern)))]
    return [path for path in paths if may_implement(path)]


def symbols(compiler, folder, paths):
    """[what the objects of these sources define, what they need]"""
    found = ([], [])
    for number, path in enumerate(paths):
        made = os.path.join(folder, f"{number}.o")
        subprocess.run([*compiler, "-std=c11", "-w", "-I" + folder, "-Idrivers", "-c", path, "-o", made], cwd=firmware.ROOT, check=True)
        nm = compiler[0].replace("gcc", "nm")
        for kind, name in re.findall(r"\b([A-Za-z]) (arch_\w+)$", subprocess.run([nm, made], capture_output=True, text=True, check=True).stdout, re.M):
            found[kind == "U"].append(name)
    return found


def lacking(implementation, text):
    """What the contract, as this text, promises, and the implementation has not."""
    compiler, patterns = IMPLEMENTATIONS[implementation]
    names = promised(text)
    with tempfile.TemporaryDirectory() as folder:
        os.makedirs(os.path.join(folder, "base"))
        shutil.copy2(os.path.join(firmware.ROOT, "drivers/base/arch_icc.h"), os.path.join(folder, "base"))
        asks = os.path.join(folder, "asks.c")
        for path, content in ((os.path.join(folder, "base/arch.h"), text),
                              (asks, '#include "base/arch.h"\nvoid (*const asked[])(void) = {\n' + "".join(f"\t(void (*)(void)){name},\n" for name in names) + "};\n")):
            with open(path, "w", encoding="utf-8") as file:
                file.write(content)
        defined, _ = symbols(compiler, folder, sources(patterns))
        inline, asked = symbols(compiler, folder, [asks])
    assert set(inline) | set(asked) == set(names), (inline, asked)
    return sorted(set(asked) - set(defined))


contract = read(ARCH)
tap.ok(len(promised(contract)) > 30, f"the contract has functions: {len(promised(contract))}")
for each in IMPLEMENTATIONS:
    tap.equal(lacking(each, contract), [], f"{each}: every function of {ARCH}")
    tap.equal(lacking(each, contract.replace("\n#endif", MADE_UP)), ["arch_made_up", "arch_made_up_inline"], f"{each}: lacks what is made up")
tap.done()
