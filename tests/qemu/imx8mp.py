# SPDX-License-Identifier: BSD-2-Clause
"""
QEMU's i.MX 8M Plus: its PCI host is a DesignWare one, and no driver here knows its UART, so that the report is read out of memory,
where an RTT reader finds it.
"""

import contextlib
import glob
import json
import os
import re
import shutil
import socket
import struct
import subprocess
import time

import firmware
import linux
import loader
import tree

DBI, CONFIG, WINDOW, WINDOW_SIZE = 0x33800000, 0x1FF00000, 0x18000000, 0x7F00000
HOST = "/soc@0/pcie@33800000"
BUS = "dw-pcie"  # Behind the root port.
RAM, RAM_SIZE = 0x40000000, 1 << 30
ON_CHIP_RAM, NOTHING = 0x900000, 0x3DFF0000  # The second is in no memory map.
STUB_AT = RAM + 0x80000  # Where QEMU puts a -kernel that is no Image.
RTT = b"SEGGER RTT\0"


def device_tree(folder, of="oldest"):
    """A copy of Linux's tree for the board, to be edited; None without it."""
    found = glob.glob(f"{glob.escape(linux.fetched(of) or '')}/usr/lib/**/imx8mp-evk.dtb", recursive=True)
    return shutil.copy(found[0], os.path.join(folder, "imx8mp.dtb")) if found else None


LINUX_MODULES = ("reset_imx7", "phy_fsl_imx8m_pcie", "nvme")
LINUX_INIT = """
for second in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30; do
	[ $(ls /dev/nvme*n1 2>/dev/null | wc -l) -lt 2 ] || break
	sleep 1
done
for device in /sys/bus/pci/devices/*; do
	echo "pci $(basename $device) $(cat $device/vendor) $(cat $device/device)"
done
poweroff -f
"""


def linux_tree(folder):
    """
    The newest kernel's tree, without what QEMU has no device for, and Linux would wait for: interconnects, the slot's power and reset.
    """
    trees = subprocess.run([os.path.join(firmware.ROOT, "tools/get"), "dtbs"], capture_output=True, text=True, check=True).stdout.strip()
    found = glob.glob(f"{glob.escape(trees)}/usr/lib/**/imx8mp-evk-pcie.dtb", recursive=True)
    text = tree.fdt("dtc", "-q", "-I", "dtb", "-O", "dts", found[0])
    path = os.path.join(folder, "linux.dtb")
    subprocess.run(["dtc", "-q", "-O", "dtb", "-o", path], input=re.sub(r"\n\s+interconnect(s|-names) = [^;]*;", "", text), text=True, check=True)
    names = [*tree.fdt("fdtget", "-p", path, HOST).split()]
    tree.drop(path, HOST, *[name for name in names if name.endswith("-supply") or name.startswith("reset-gpio")])
    for name in tree.nodes(path, HOST):
        tree.drop(path, f"{HOST}/{name}")
    return path


def linux_functions(folder, arguments):
    """{(bus, device, function): "vendor:device"} as the newest kernel has them."""
    kernel = linux.fetched("newest")
    image_at, initrd_at = os.path.join(folder, "Image"), os.path.join(folder, "initrd")
    for path, data in ((image_at, linux.kernel(kernel)), (initrd_at, linux.initrd(kernel, LINUX_INIT, modules=LINUX_MODULES))):
        with open(path, "wb") as file:
            file.write(data)
    command = [firmware.qemu(), "-M", "imx8mp-evk", "-m", "1G", "-smp", "1", "-display", "none", "-monitor", "none", "-serial", "null", "-serial", "stdio"]
    command += ["-nic", "none", "-no-reboot", "-kernel", image_at, "-initrd", initrd_at, "-dtb", linux_tree(folder), "-append", "console=ttymxc1 quiet"]
    done = subprocess.run(command + arguments, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=firmware.LIMIT, check=False)
    pattern = r"pci 0000:(\w\w):(\w\w)\.(\d) 0x(\w{4}) 0x(\w{4})"
    return {(int(b, 16), int(d, 16), int(f)): f"{vendor}:{device}" for b, d, f, vendor, device in re.findall(pattern, done.stdout)}


class Monitor:
    """QEMU's monitor at a socket. `events`: the names of those that came so far; one may come before the answer to a command."""

    def __init__(self, path, process):
        self.events = []
        self.socket = socket.socket(socket.AF_UNIX)
        while process.poll() is None:
            with contextlib.suppress(OSError):
                self.socket.connect(path)
                break
            time.sleep(0.05)
        self.file = self.socket.makefile("rw", encoding="utf-8")
        self.file.readline()
        self.ask("qmp_capabilities")

    def next(self):
        """The next message; None: QEMU has ended."""
        line = self.file.readline()
        message = json.loads(line) if line else None
        self.events += [message["event"]] if message and "event" in message else []
        return message

    def wait(self, event):
        while event not in self.events:
            assert self.next() is not None, f"QEMU has ended before {event}"

    def ask(self, command, **arguments):
        self.file.write(json.dumps({"execute": command, "arguments": arguments}) + "\n")
        self.file.flush()
        answer = self.next()
        while "event" in answer:
            answer = self.next()
        return answer.get("return")

    def say(self, line):
        return self.ask("human-monitor-command", **{"command-line": line})


class Ended:
    """What a run left: `report`, a firmware.Run; `pci`, QEMU's own words; memory by read()."""

    def __init__(self, folder, monitor):
        path = os.path.join(folder, "memory")
        monitor.ask("pmemsave", val=RAM, size=0x10000000, filename=path)
        with open(path, "rb") as file:
            self.memory = file.read()
        self.pci = monitor.say("info pci").replace("\r", "")
        self.report = firmware.Run(None, self.console())

    def read(self, at, size):
        return self.memory[at - RAM :][:size]

    def console(self):
        """The first up-channel of SEGGER's layout: behind the name and two counts, name, buffer, size and how far it is written."""
        for found in re.finditer(re.escape(RTT), self.memory):
            _, buffer, size, written = struct.unpack_from("<4I", self.memory, found.start() + 24)
            if RAM <= buffer < RAM + len(self.memory) and written < size:
                return self.read(buffer, written).decode(errors="replace").replace("\r", "")
        return ""

    def functions(self):
        """{(bus, device, function): "vendor:device"} as QEMU has them."""
        pattern = r"Bus +(\d+), device +(\d+), function (\d+):\n[^\n]*PCI device (\w+:\w+)"
        return {tuple(map(int, match[:3])): match[3] for match in re.findall(pattern, self.pci)}


def run(folder, arguments):
    """The machine with these arguments, until it turns itself off."""
    path = os.path.join(folder, "qmp")
    command = [firmware.qemu(), "-M", "imx8mp-evk", "-m", "1G", "-display", "none", "-serial", "null", "-monitor", "none", "-nic", "none"]
    # It starts when it is told to: no event is lost.
    command += ["-S", "-no-reboot", "-no-shutdown", "-qmp", f"unix:{path},server=on,wait=off", *arguments]
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            monitor = Monitor(path, process)
            monitor.socket.settimeout(firmware.LIMIT)
            monitor.ask("cont")
            monitor.wait("SHUTDOWN")
            return Ended(folder, monitor)
        finally:
            process.kill()


def image():
    return os.path.splitext(firmware.ELF)[0] + ".bin"


def nvme(bus=BUS, name="disk"):
    disk = f"if=none,id={name},format=raw,file.driver=null-co,file.read-zeroes=on,file.size=1M"
    return ["-drive", disk, "-device", f"nvme,serial={name},drive={name},bus={bus}"]


# A boot loader: writes registers, notes how the host is, calls the image with these words, and notes it again.
TREE_AT, NOTES = 0x48000000, 0x47000000
RESULT, BEFORE, AFTER = NOTES, NOTES + 0x1000, NOTES + 0x2000
REGIONS, REGION_WORDS, PORT_WORDS = 4, 7, 16
NOTED = 4 * (1 + REGIONS * REGION_WORDS + PORT_WORDS)
CALLER = """
	ldr x19, ={dbi}
	ldr x20, =writes
1:	ldp w1, w2, [x20], #8
	cbz w1, 2f
	str w2, [x19, x1]
	b 1b
2:	ldr x20, ={before}
	bl note
	ldr x1, ={stack}
	mov sp, x1
	mov x0, #2
	ldr x1, =list
	ldr x3, ={entry}
	blr x3
	ldr x19, ={dbi}
	ldr x20, ={result}
	str w0, [x20]
	ldr x20, ={after}
	bl note
	ldr x0, =0x84000008
	smc #0

note:	ldr w21, [x19, #0x900]
	str w21, [x20], #4
	mov w22, #0
3:	str w22, [x19, #0x900]
	add x23, x19, #0x904
	mov w24, #{words}
4:	ldr w25, [x23], #4
	str w25, [x20], #4
	subs w24, w24, #1
	b.ne 4b
	add w22, w22, #1
	cmp w22, #{regions}
	b.ne 3b
	str w21, [x19, #0x900]
	mov x23, x19
	mov w24, #{port}
5:	ldr w25, [x23], #4
	str w25, [x20], #4
	subs w24, w24, #1
	b.ne 5b
	ret

	.pool
	.balign 8
writes:	.word {writes}, 0, 0
list:	.quad name, words
name:	.asciz "{entry:#x}"
words:	.asciz "{arguments}"
	.balign 4
"""


def region(index, kind, base, size, target, enabled=True):
    """The registers of an outbound region, as a boot loader writes them: offset in DBI and value."""
    last = base + size - 1
    values = ((0x900, index), (0x90C, base), (0x910, 0), (0x914, last), (0x918, target), (0x91C, 0), (0x904, kind), (0x908, enabled << 31))
    return [*values]


def call(folder, blob, words, writes, arguments):
    """The image as it is called by a boot loader that wrote those registers; words are its arguments."""
    text = CALLER.format(
        dbi=DBI, before=BEFORE, after=AFTER, result=RESULT, stack=NOTES, entry=loader.ENTRY, words=REGION_WORDS, regions=REGIONS, port=PORT_WORDS,
        writes=", ".join(f"{number:#x}" for pair in writes for number in pair), arguments=f"dtb={TREE_AT:#x} {words}",
    )  # fmt: skip
    stub = loader.assemble(folder, "caller", text, STUB_AT)
    placed = loader.put(image(), loader.ENTRY).split() + loader.put(blob, TREE_AT).split()
    return run(folder, ["-kernel", stub, *placed, *arguments])


def noted(ended, at):
    return struct.unpack(f"<{NOTED // 4}I", ended.read(at, NOTED))


def set_memory(blob):
    """What a boot loader writes into the tree: where RAM is, but for the caller's own part."""
    (memory,) = [name for name in tree.nodes(blob) if name.startswith("memory")]
    tree.put(blob, "/" + memory, "reg", *tree.wide(RAM, RAM_SIZE))
