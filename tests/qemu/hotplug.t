# SPDX-License-Identifier: BSD-2-Clause
"""
Devices that are unplugged, lost and plugged in while the soak runs: in order by the slot's button (device_del), by surprise (power is taken away behind
the firmware), and of another kind than before (CON-10). AArch64 alone: AArch32's image has no room for it.
"""

import os
import shutil
import threading
import time

import firmware
import machine
import qmp
import tap

SECONDS = (45, 90, 180, 360)  # Of the soak: on a busy machine all of it takes longer.
ECAM = 0x4010000000  # Of `virt`, above 4 GiB.
PORTS = {"slot0": ("pcie.0", 6), "slot1": ("pcie.1", 6)}
SLOT_CONTROL = 0x18
POWER_OFF = 0x700  # Power Controller Control, and an indicator that is off.


class TooShort(Exception):
    """The soak has ended before all was done."""


class Hotplug:
    """A run with two slots of its own, and QEMU's ends of it."""

    def __init__(self, seconds):
        self.seconds = seconds
        self.folder = firmware.work_folder("hotplug")
        self.console = os.path.join(self.folder, "console.log")
        self.run = None
        options = [f"-qmp unix:{self.folder}/qmp,server=on,wait=off -accel tcg -qtest unix:{self.folder}/qtest,server=on,wait=off -qtest-log none"]
        for chassis, (port, (bus, addr)) in enumerate(PORTS.items(), 90):
            options.append(f"-device pcie-root-port,id={port},bus={bus},chassis={chassis},slot={chassis},addr={addr}")
            options.append(f"-device edu,id=first-{port},bus={port},dma_mask=0xffffffff")
        self.thread = threading.Thread(target=self.go, args=(" ".join(options),))
        self.thread.start()
        self.monitor = qmp.Monitor(os.path.join(self.folder, "qmp"), firmware.LIMIT)
        self.bus = qmp.Bus(os.path.join(self.folder, "qtest"), firmware.LIMIT)

    def go(self, options):
        self.run = firmware.run(CORES=4, APPEND=f"soak={self.seconds}", QEMU_EXTRA=options, RUN_DIR=self.folder)

    def said(self):
        try:
            with open(self.console, encoding="utf-8", errors="replace") as file:
                return file.read()
        except FileNotFoundError:
            return ""

    def says(self, words, count=1):
        """Whether the console says it so often, before the run ends."""
        while True:
            ended = not self.thread.is_alive()
            if self.said().count(words) >= count:
                return True
            if ended:
                return False
            time.sleep(0.1)

    def ok(self, condition, name):
        if not condition and '{"record":"soak"' in self.said():
            raise TooShort
        tap.ok(condition, name)

    def add(self, port, driver, name, **properties):
        return self.monitor.do("device_add", driver=driver, id=name, bus=port, **properties) == {"return": {}}

    def remove(self, name):
        return self.monitor.do("device_del", id=name) == {"return": {}} and self.monitor.await_event("DEVICE_DELETED", name)

    def take_power(self, port):
        """As if the card was pulled out: QEMU removes it, and the firmware is not asked."""
        config = ECAM + (PORTS[port][1] << 15)
        at = self.bus.read(config + 0x34) & 0xFC
        while at and self.bus.read(config + at) & 0xFF != 0x10:
            at = self.bus.read(config + at) >> 8 & 0xFC
        self.bus.write(config + at + SLOT_CONTROL, POWER_OFF)

    def end(self):
        self.thread.join()
        shutil.rmtree(self.folder)
        return self.run


def in_order(run):
    run.ok(run.remove("first-slot1"), "in order: the button is pressed, and the device is given back")
    run.ok(run.says("its slot's button was pressed: it is unplugged"), "in order: the firmware says so")
    run.ok(run.add("slot1", "edu", "second-slot1", dma_mask=0xFFFFFFFF), "in order: the same kind comes again")
    run.ok(run.says("1234:11e8 edu came"), "in order: it is bound")


def another_kind(run):
    run.ok(run.remove("first-slot0"), "another kind: the first leaves")
    run.ok(run.add("slot0", "pci-testdev", "large", membar=1 << 26), "another kind: one with a large BAR comes")
    run.ok(run.says("its BARs do not fit into the window of its port"), "another kind: and is refused")
    run.ok(run.monitor.await_event("DEVICE_DELETED", "large"), "another kind: its slot is off")
    run.ok(run.add("slot0", "virtio-rng-pci", "unknown"), "another kind: one without a driver comes")
    run.ok(run.says("no driver here is for it"), "another kind: and is refused")
    run.ok(run.monitor.await_event("DEVICE_DELETED", "unknown"), "another kind: its slot is off, too")
    run.ok(run.add("slot0", "nvme", "disk", serial="came"), "another kind: a disk comes")
    run.ok(run.says("1b36:0010 nvme came"), "another kind: and is bound")


def lost(run):
    time.sleep(2)  # So that it works meanwhile.
    run.take_power("slot0")
    run.ok(run.says("its device is gone: the slot is off"), "lost: the firmware says so")
    run.ok(run.add("slot0", "edu", "third", dma_mask=0xFFFFFFFF), "lost: another device comes")
    run.ok(run.says("1234:11e8 edu came", 2), "lost: and is bound")
    run.take_power("slot0")
    run.ok(run.says("its device is gone: the slot is off", 2), "lost: a second time, and the slot stays empty")


def judge(run):
    machine.passes(run, "hot-plug")
    soak = (run.of("soak") or [{}])[0]
    tap.equal((soak.get("unplugged"), soak.get("lost"), soak.get("plugged")), (2, 2, 3), "hot-plug: what came and went is counted")
    tap.equal((soak.get("violations"), soak.get("unexpected_events")), (0, 0), "hot-plug: nothing was violated")
    tap.ok(soak.get("slots", 0) >= 2, "hot-plug: slots were found", soak)
    tap.equal((run.verdict.get("ready"), run.verdict.get("bound")), (3, 12), "hot-plug: no SMMU has failed, and all are bound but the one that is gone")


if not firmware.WIDE:
    tap.skip("hot-plug", "AArch32's image has no room for it")
    tap.done()
if not firmware.has_instances():
    tap.skip("hot-plug", "this QEMU has one SMMUv3")
    tap.done()
for length in SECONDS:
    going = Hotplug(length)
    began = time.monotonic()
    try:
        if tap.ok(going.says(f"soak       {length} seconds"), "the soak begins"):
            in_order(going)
            another_kind(going)
            lost(going)
    except (TooShort, EOFError, ConnectionError):  # QEMU ends with the run.
        if length != SECONDS[-1]:
            tap.note(f"not done in {length} seconds of soak: again, in more")
            machine.passes(going.end(), f"hot-plug, {length} seconds")
            continue
        tap.ok(False, f"hot-plug: done in {length} seconds of soak")
    tap.note(f"{time.monotonic() - began:.0f} seconds")
    judge(going.end())
    break
tap.done()
