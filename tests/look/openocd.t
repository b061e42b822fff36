# SPDX-License-Identifier: BSD-2-Clause
"""smmu-look by the real OpenOCD's Tcl port, on this firmware, halted in the middle of `prove`: through the bus, and through the core."""

import os
import socket
import subprocess
import sys

import look  # First: it tells where the modules below are.
import firmware

sys.path.append(os.path.join(look.ROOT, "tests/openocd"))
import board  # noqa: E402
import tap  # noqa: E402

BASE = 0x0C000000 if firmware.has_instances() else 0x09050000


def free_port():
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


class Tcl:
    def __init__(self, port):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=firmware.LIMIT)

    def ask(self, command):
        self.socket.sendall(command.encode() + b"\x1a")
        said = b""
        while not said.endswith(b"\x1a"):
            more = self.socket.recv(65536)
            if not more:
                break
            said += more
        return said[:-1].decode(errors="replace")


board.need()
probe = board.Probe(INSTANCES=1, CORES=1)
tap.ok(probe.ready, "the machine is there", probe.said())
port, log = free_port(), os.path.join(probe.folder, "openocd.log")
process = subprocess.Popen(
    ["openocd", "-f", os.path.join(look.ROOT, "platform/qemu-virt/openocd.cfg"), "-c", "init", "-c", "reset halt"],
    env=probe.openocd_environment(TCL_PORT=port), stdin=subprocess.DEVNULL, stdout=open(log, "wb"), stderr=subprocess.STDOUT, cwd=probe.folder,
)
board.wait_until(lambda: f"port {port}" in board.read(log) or process.poll() is not None)
tcl = Tcl(port)
stop, entry = board.symbol("prove_unmap_pages"), board.symbol("_start")
thumb = 0 if firmware.WIDE else 1
said = [tcl.ask(f"load_image {firmware.ELF}"), tcl.ask(f"bp {stop & ~thumb:#x} {2 if thumb else 4} hw"), tcl.ask(f"resume {entry:#x}"), tcl.ask("wait_halt 600000")]
tap.equal(tcl.ask("virt.cpu0 curstate"), "halted", "the core stands still where its masters have done their DMA") or tap.note(str(said) + board.read(log)[-1500:])
place = ("--openocd", f"127.0.0.1:{port}")
for title, where in (("through the bus", place), ("through the bus, by name", (*place[:1], place[1] + ",virt.axi")), ("through the core", (*place[:1], place[1] + ",virt.cpu0"))):
    look.says(f"{title}: summary", (*where, "--at", hex(BASE)), 0, "SMMUv3.", "translation on, command queue on, event queue on")
streams = look.run(*place, "--at", hex(BASE), "--json", "streams").smmu["streams"]
tap.ok(streams and all(stream["cd"] for stream in streams), "each stream has a CD", streams)
look.says("a walk through the core", (*place[:1], place[1] + ",virt.cpu0", "--at", hex(BASE), "walk", streams[0]["first"], "0x7ffffffff000"), 0, "F_TRANSLATION at stage 1 level 0")
look.says("nothing is wrong", (*place, "--at", hex(BASE), "check"), 0, "0 wrong")
look.says("a base where nothing answers", (*place, "--at", "0xd000000"), 2, "none of its registers can be read")
tcl.ask(f"rbp {stop & ~thumb:#x}")
tcl.ask("resume")
board.wait_until(lambda: firmware.has_verdict(probe.said()) or probe.process.poll() is not None)
tap.ok('"record":"verdict","result":"pass"' in probe.said(), "the machine goes on and passes: nothing was changed", probe.said().splitlines()[-8:])
process.kill()
process.wait()
probe.close()
tap.done()
