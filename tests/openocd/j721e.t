# SPDX-License-Identifier: BSD-2-Clause
"""
TI's J721E as far as QEMU goes: `make load` with OpenOCD's unmodified target/ti_k3.cfg on an emulated Cortex-A72 that
stands in AArch64 EL2, as U-Boot leaves it; the board's own image of either width, at its own address. (In EL3, which tests/a64 shows, QEMU's
flash is the secure world's, and lies where the board has its UART.)
"""

import os
import shutil
import subprocess
import sys

import board  # First: it tells where the modules below are.
import firmware
import machine
import tap

sys.path.append(os.path.join(board.HERE, "..", "a64"))
import el3

board.need()
BOARD = "ti-j721e"
ELF = os.path.join(firmware.BUILD, BOARD + ("-aarch64" if firmware.WIDE else ""), "smmu-bringup.elf")
TREE_AT = 0x88000000
IDCODE, DEBUG, CTI = "0x4bb6402f", "0x90410000", "0x90420000"
EDUS = [word for place in (1, 2) for word in ("-device", f"edu,addr={place},dma_mask=0xffffffff")]

if not el3.qemu():
    tap.skip("TI's J721E", "qemu-system-aarch64 is missing")
    tap.done()
built = subprocess.run(["make", "-C", firmware.ROOT, f"BOARD={BOARD}", f"ARCH={firmware.ARCH}", "all"], capture_output=True, text=True, check=False)
tap.ok(built.returncode == 0, "the board's image builds", built.stderr[-1000:])


class Stand:
    """An A72 of QEMU's, halted at an address of its own, behind the bridge with TI's IDCODE and debug bases."""

    def __init__(self, properties, idcode=IDCODE):
        self.folder = firmware.work_folder("j721e")
        path = {name: os.path.join(self.folder, name) for name in ("qtest", "gdb", "rbb", "console", "bridge.log", "tree.dtb")}
        self.path = path
        virt = f"virt,iommu=smmuv3,gic-version=3,{properties}"
        fixed = ["-cpu", "cortex-a72", "-smp", "2", "-m", "2G", "-nic", "none", "-display", "none", "-monitor", "none", *EDUS]
        dump = [*el3.qemu(), "-M", f"{virt},dumpdtb={path['tree.dtb']}", *fixed]
        subprocess.run(dump, capture_output=True, timeout=firmware.LIMIT, check=False)
        # QEMU leaves room for a MiB, which takes JTAG a minute.
        pack = ["dtc", "-q", "-I", "dtb", "-O", "dtb", "-o", path["tree.dtb"], path["tree.dtb"]]
        subprocess.run(pack, timeout=firmware.LIMIT, check=False)
        # A pipe is a serial device: it is there before the first word, and ends with the machine.
        os.mkfifo(path["console"] + ".in")
        os.mkfifo(path["console"] + ".out")
        self.keep = [os.open(path["console"] + end, os.O_RDWR) for end in (".in", ".out")]
        start = [*el3.qemu(), "-M", virt, *fixed, "-S", "-accel", "tcg", "-qtest-log", "none"]
        start += ["-qtest", f"unix:{path['qtest']},server=on,wait=off", "-gdb", "chardev:g"]
        start += ["-chardev", f"socket,id=g,path={path['gdb']},server=on,wait=off", "-serial", f"pipe:{path['console']}"]
        self.qemu = subprocess.Popen(start, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        board.wait_until(lambda: os.path.exists(path["gdb"]))
        words = [sys.executable, os.path.join(board.HERE, "bridge"), "--qtest", path["qtest"], "--gdb", path["gdb"]]
        words += ["--listen", path["rbb"], "--unit", "aarch64", "--idcode", idcode, "--debug-base", DEBUG]
        # The second core is off until PSCI turns it on: a debug unit that stood halted from the start would hold it.
        words += ["--cti-base", CTI, "--cores", "1"]
        with open(path["bridge.log"], "wb") as log:
            self.bridge = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        board.wait_until(lambda: "bridge ready" in board.read(path["bridge.log"]))

    def load(self, **settings):
        tree = {"DTB": self.path["tree.dtb"], "DTB_AT": hex(TREE_AT)}
        adapter = os.path.join(board.HERE, "adapter.cfg")
        console = self.path["console"] + ".out"
        found = {"ELF": ELF, "BRINGUP_ADAPTER": adapter, "CONSOLE": console, **tree, **settings}
        return board.finish(board.start("load", BOARD, self.folder, **found), self.folder)

    def close(self):
        for process in (self.qemu, self.bridge):
            process.kill()
            process.wait()
        for each in self.keep:
            os.close(each)
        shutil.rmtree(self.folder)


def passes(title, properties, cores):
    stand = Stand(properties)
    loaded = stand.load()
    stand.close()
    tap.ok(loaded.status == 0 and not loaded.failure, f"{title}: passes", loaded.tail)
    tap.ok("j721e.cpu.a72.0" in loaded.log, f"{title}: by TI's own script", loaded.log.splitlines()[-8:])
    machine.sound_records(loaded.run, title)
    head = (loaded.run.of("firmware") or [{}])[0]
    wanted = (BOARD, firmware.ARCH_NAME, cores)
    tap.equal((head.get("platform"), head.get("arch"), head.get("cores")), wanted, f"{title}: it is the board's image, on {cores} cores")
    tap.equal(len(loaded.run.of("check", check="translate", result="pass")), 2, f"{title}: both masters are translated")


passes("from EL2, as U-Boot is left", "virtualization=on", 2)
if board.SHORT:
    tap.done()
title = "the console in memory"
stand = Stand("virtualization=on")
loaded = stand.load(CONSOLE="rtt")
board.refused(loaded, "reads memory while its cores run", title)
tap.ok("bringup_load" in loaded.log and "downloaded" not in loaded.log, f"{title}: before anything is written", loaded.tail)
stand.close()
title = "another chip on the chain"
stand = Stand("virtualization=on", idcode="0x4ba00477")
board.refused(stand.load(), r"another one \(IDCODE\)", title)
stand.close()
tap.done()
