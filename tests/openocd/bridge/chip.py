# SPDX-License-Identifier: BSD-2-Clause
"""QEMU as a chip with a JTAG port: everything put together."""

import contextlib
import re

from a64 import Core64
from aarch32 import Core32
from aarch64 import Aarch64
from bitbang import Bitbang
from bus import Bus, parse_memory_map
from coresight import DebugBus, RomTable
from cortex_a import CortexA
from crosstrigger import CrossTrigger
from gdbstub import GdbStub
from jtag import Tap
from jtagdp import JtagDp
from memap import APB_IDR, AXI_IDR, ROM_PRESENT, MemAp
from qtest import QTest
from runcontrol import RunControl

AXI_AP, APB_AP = 0, 1
ROM_DISTANCE = 0x10000  # The ROM table is that far below the first debug unit.
IDENTITY = ("DBGDIDR", "MIDR")
UNITS = {"cortex-a": CortexA, "aarch64": Aarch64}


class Chip:
    """`options` are the command line's."""

    def __init__(self, options):
        self.qtest = QTest(options.qtest)
        self.stub = GdbStub(options.gdb)
        options.unit = options.unit or ("aarch64" if self._has_aarch64 else "cortex-a")
        self._check_cores(options)
        self.control = RunControl(self.stub, options.cores, self.qtest, self._interrupt_core)
        self._cpu_paths = self._list_cpus()
        self._bus = Bus(self.qtest, self._read_memory_map, self.control.stillness)
        self._units = [self._build_unit(options, core) for core in range(options.cores)]
        self.control.entered = lambda core: self._units[core].entered()
        self.bitbang = self._build_jtag(options)

    def reset_debug_logic(self):
        """
        The effect of pulling the cable: the debug domain loses its power. An OpenOCD that was killed in a transfer leaves a
        mode behind that the next one does not expect.
        """
        for unit in self._units:
            unit.reset_logic()

    def _check_cores(self, options):
        if options.cores > len(self.stub.threads):
            raise ValueError(f"--cores {options.cores}: QEMU has {len(self.stub.threads)}")
        if options.unit == "cortex-a" and self._has_aarch64:
            raise ValueError("--unit cortex-a: QEMU's cores are in AArch64 state")

    @property
    def _has_aarch64(self):
        return "x0" in self.stub.numbers

    def _read_memory_map(self):
        with self.control.stopped():
            return parse_memory_map(self.stub.monitor("info mtree -f"))

    def _build_unit(self, options, number):
        state = Core64 if self._has_aarch64 else Core32
        core = state(number, self.stub, self.control, self._bus, options.scratch)
        return UNITS[options.unit](core, self.control, {name: core.system_register(name) or 0 for name in IDENTITY})

    def _build_jtag(self, options):
        components = self._place_components(options)
        rom = options.debug_base - ROM_DISTANCE
        components[rom] = RomTable(rom, sorted(components))
        aps = {
            AXI_AP: MemAp(self._bus, AXI_IDR),
            APB_AP: MemAp(DebugBus(components), APB_IDR, rom | ROM_PRESENT),
        }
        return Bitbang(Tap(JtagDp(aps), options.idcode), self.control.set_reset)

    def _place_components(self, options):
        """Debug units by their addresses; on ARMv8-A each has a CTI."""
        distances = [core * options.debug_stride for core in range(options.cores)]
        components = {options.debug_base + distance: unit for distance, unit in zip(distances, self._units)}
        if options.unit == "aarch64":
            matrix = []
            for distance, unit in zip(distances, self._units):
                components[options.cti_base + distance] = CrossTrigger(unit, matrix)
        return components

    @contextlib.contextmanager
    def _interrupt_core(self, core):
        """The core's IRQ input is high within. It was low, since only a core in WFI needs this."""
        self.qtest.ask(f"set_irq_in {self._cpu_paths[core]} unnamed-gpio-in 0 1")
        try:
            yield
        finally:
            self.qtest.ask(f"set_irq_in {self._cpu_paths[core]} unnamed-gpio-in 0 0")

    def _list_cpus(self):
        """The cores in QEMU's object tree, where they stand in their order beside other devices."""
        listing = self.stub.monitor("qom-list /machine/unattached")
        numbers = sorted(int(number) for number in re.findall(r"device\[(\d+)\] \(child<[^>]*-arm-cpu>\)", listing))
        return [f"/machine/unattached/device[{number}]" for number in numbers]
