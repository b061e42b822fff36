# SPDX-License-Identifier: BSD-2-Clause
"""
smmu-look on SMMUs that Debian's Linux has programmed, without this firmware: three of them, a disk behind each. The streams are
those of /sys, walks end where QEMU's SMMUs went, and entries that a debugger has damaged are found. LINUX=all: the newest kernel, too.
"""

import os
import re

import look  # First: it tells where the modules below are.
import debugger
import firmware
import linux
import tap

BASES = linux.smmu_bases()
CONFIG_S1 = 5
SUCCESS = debugger.SUCCESS


def translated(path):
    found = {}
    with open(path, encoding="ascii", errors="replace") as file:
        for sid, iova, pa in SUCCESS.findall(file.read()):
            found.setdefault((int(sid, 0), int(iova, 0) & ~0xFFF), set()).add(int(pa, 0) & ~0xFFF)
    return found


class Looked:
    """What smmu-look says while Linux stands still."""

    def __init__(self, machine, stub, trace, tree):
        self.machine, self.stub, self.trace = machine, stub, trace
        self.words = ("--gdb", stub, "--tables", tree, "--json")
        self.streams, self.walks, self.unmapped, self.sound, self.damaged = [], [], [], [], []

    def smmus(self, *command):
        return look.run(*self.words, "--halted", *command).json["smmus"]

    def walk(self, base, sid, iova):
        return look.run(*self.words, "--halted", "--at", hex(base), "walk", hex(sid), hex(iova)).smmu["walk"]

    def damage(self, stream):
        """The entry of a stream, with a rule broken, checked, and put back."""
        ste = int(stream["ste"][0], 0)
        stub, address = debugger.Stub(self.stub), int(stream["address"], 0)
        stub.write(address, (ste | 0xF << 52).to_bytes(8, "little"))
        stub.close()
        self.damaged = self.smmus("check")
        stub = debugger.Stub(self.stub)
        stub.write(address, ste.to_bytes(8, "little"))
        stub.close()

    def __call__(self, monitor):
        self.streams = self.smmus("streams")
        self.sound = self.smmus("check")
        for (sid, iova), pages in translated(self.trace).items():
            for base, smmu in zip(BASES, self.streams):
                if any(stream["first"] == hex(sid) for stream in own(smmu)):
                    self.walks.append((base, pages, self.walk(base, sid, iova | 0x40)))
        for base, smmu in zip(BASES, self.streams):
            self.unmapped += [self.walk(base, int(stream["first"], 0), 0x123456789000) for stream in own(smmu)[:1]]
        self.damage(own(self.streams[0])[0])
        look.run("--gdb", self.stub, "--at", hex(BASES[0]))  # Linux goes on.


def own(smmu):
    """Streams that translate."""
    return [stream for stream in smmu["streams"] if stream["cd"]]


def groups(run):
    """{SMMU's base: streams} by /sys: each function of a root's buses emits its requester ID."""
    found = {base: set() for base in BASES}
    for line in run.lines:
        match = re.fullmatch(r"group \d+ (\w+):(\w+):(\w+)\.(\d) (\S+) DMA\S*", line)
        if match:
            sid = int(match[2], 16) << 8 | int(match[3], 16) << 3 | int(match[4])
            found[BASES[int(match[1], 16)]].add(sid)
    return found


def follow(which):
    title = f"the {which} kernel"
    folder = linux.fetched(which)
    if not folder:
        tap.skip(title, f"the {which} kernel could not be fetched")
        return
    machine = linux.Machine(cores=2)
    stub, trace = os.path.join(machine.sockets, "gdb"), os.path.join(machine.folder, "trace")
    tree = machine.tree(str)
    looked = Looked(machine, stub, trace, tree)
    disk = machine.path("initrd", linux.initrd(folder, linux.init_for(len(linux.FIRST_BUSES), waits=True)))
    extra = ["-chardev", f"socket,id=look,path={stub},server=on,wait=off", "-gdb", "chardev:look", "-trace", "smmuv3_translate_success", "-D", trace]
    run = machine.run(["-kernel", machine.path("Image", linux.kernel(folder)), "-initrd", disk, "-dtb", tree, "-append", "console=ttyAMA0 panic=1 quiet", *extra], look=looked)
    tap.ok(linux.END in run.lines, f"{title}: goes on and comes to its end: nothing was changed", run.tail)
    by_sys = groups(run)
    for base, smmu in zip(BASES, looked.streams):
        wanted, found = by_sys[base], {int(stream["first"], 0) for stream in own(smmu)}
        # What is behind a bridge to conventional PCI may come as the bridge's own stream, too: device 0 of its bus.
        aliases = {sid & 0xFF00 for sid in wanted if sid >> 8 == 0xAD}
        tap.ok(wanted and found - aliases == wanted - aliases, f"{title}, SMMU at {base:#x}: the streams are those of /sys/kernel/iommu_groups", (sorted(map(hex, found)), sorted(map(hex, wanted))))
        tap.ok(all(stream["master"] for stream in own(smmu)), f"{title}, SMMU at {base:#x}: each has its master's name")
        mapped = [(pages, walk) for of, pages, walk in looked.walks if of == base and walk["end"] == "translated"]
        tap.ok(mapped, f"{title}, SMMU at {base:#x}: what Linux has mapped gives a page", looked.walks[:3])
        tap.equal([walk for pages, walk in mapped if int(walk["output"], 0) - 0x40 not in pages], [], f"{title}, SMMU at {base:#x}: the page that QEMU's SMMU went to")
    others = [walk for _, _, walk in looked.walks if walk["end"] != "translated" and (walk["event"], walk["stage"]) != ("F_TRANSLATION", 1)]
    tap.equal(others, [], f"{title}: what was unmapped since stops with F_TRANSLATION")
    tap.equal([(walk["event"], walk["level"]) for walk in looked.unmapped], [("F_TRANSLATION", 0)] * len(BASES), f"{title}: what was never mapped stops at level 0")
    tap.equal([smmu["check"] for smmu in looked.sound], [[]] * len(BASES), f"{title}: nothing is wrong")
    damaged = [step["meaning"] for step in looked.damaged[0]["check"]] if looked.damaged else []
    tap.ok(any("S1ContextPtr is beyond the address size" in text for text in damaged), f"{title}: an entry that a debugger has damaged is found", damaged)
    tap.equal([smmu["check"] for smmu in looked.damaged[1:]], [[]] * (len(BASES) - 1), f"{title}: on its SMMU alone")
    machine.close()


if not firmware.has_instances():
    tap.skip("three SMMUs under Linux", "this QEMU has one SMMUv3")
else:
    for kernel in linux.WHICH:
        follow(kernel)
tap.done()
