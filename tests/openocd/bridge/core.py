# SPDX-License-Identifier: BSD-2-Clause
"""
One halted core: its registers, read when first asked for and written back before it runs, its view of memory, and a
way to make it execute an instruction.
"""

import re

from bus import BusFault

PAGE = 0x1000
CACHE_OF_32_KIB = 0x701FE00A  # CCSIDR: OpenOCD asks for it when it identifies the caches, and QEMU has none.


class DataAbort(Exception):
    """A load or store of the debugger's faulted. `translated` is False where the MMU found no translation."""

    def __init__(self, address, translated):
        super().__init__(f"data abort at {address:#x}")
        self.address = address
        self.translated = translated


class Core:
    """What AArch32 and AArch64 share. A state says which registers there are and how an instruction is made."""

    COUNT = PC = WIDTH = None  # General registers including the PC, its number, bytes of each.
    STATUS = "cpsr"

    def __init__(self, number, stub, control, bus, scratch):
        self.number = number
        self._stub = stub
        self._control = control
        self._bus = bus
        self._scratch = scratch
        self._asleep_at = None  # The PC of a core that is turned off: it stays there until it is turned on.
        self.forget()

    def forget(self):
        """The core has run: nothing that was read holds."""
        self._values = None
        self._status = 0
        self._dirty = set()
        self._translations = {}

    @property
    def values(self):
        if self._values is None:
            self._load()
        return self._values

    @property
    def status(self):
        """CPSR or PSTATE."""
        return self.values and self._status

    def _load(self):
        with self._control.stopped():
            raw = self._stub.general_registers(self.number)
            self._status = self._stub.read_register(self.number, self.STATUS)
        self._values = [
            int.from_bytes(raw[self.WIDTH * i : self.WIDTH * (i + 1)], "little") for i in range(self.COUNT)
        ]

    @property
    def mpidr(self):
        return 1 << 31 | self.number // 8 << 8 | self.number % 8

    def read(self, number):
        """A register as an instruction's source."""
        return self.values[number]

    def write(self, number, value):
        self.values[number] = value & (1 << 8 * self.WIDTH) - 1
        self._dirty.add(number)

    @property
    def pc(self):
        return self.values[self.PC]

    def write_back(self):
        """General registers and PC. What is not dirty is as QEMU has it."""
        for number in self._dirty:
            self._stub.write_register(self.number, number, self._values[number], self.WIDTH)
        self._dirty.clear()

    def write_status(self, value):
        self._status = value
        self._stub.write_register(self.number, self._stub.numbers[self.STATUS], value, 4)

    def system_register(self, *names):
        """One that the gdbstub shows under the first of these names that it knows; None if it knows none."""
        name = next((name for name in names if name in self._stub.numbers), None)
        if name is None:
            return None
        with self._control.stopped():
            return self._stub.read_register(self.number, name)

    def load(self, address, size):
        try:
            return self._bus.read(self.physical(address), size)
        except BusFault:
            raise DataAbort(address, translated=True) from None

    def store(self, address, size, value):
        try:
            self._bus.write(self.physical(address), size, value & (1 << 8 * size) - 1)
        except BusFault:
            raise DataAbort(address, translated=True) from None

    def translates(self):
        """Whether the MMU is on."""
        raise NotImplementedError

    def physical(self, address):
        if not self.translates():
            return address
        page = address & ~(PAGE - 1)
        if page not in self._translations:
            self._translations[page] = self._translate(page)
        if self._translations[page] is None:
            raise DataAbort(address, translated=False)
        return self._translations[page] | address & PAGE - 1

    def _translate(self, page):
        with self._control.stopped():
            self._stub.monitor(f"cpu {self.number}")
            found = re.search(r"gpa: 0x([0-9a-f]+)", self._stub.monitor(f"gva2gpa {page:#x}"))
        return int(found[1], 16) if found else None

    def translation_changed(self):
        self._translations = {}

    def execute(self, opcode):
        """
        Makes the core itself execute an instruction: it is put where the core may fetch it, stepped over and taken away
        again. All else stands still meanwhile. False if it raised an exception or the core cannot be woken.
        """
        if self.pc == self._asleep_at:
            return False
        place = self.pc & ~3 if self.translates() else self._scratch
        kept_pc, kept_status = self.pc, self.status
        with self._control.stopped():
            self._start_at(place)
            stepped = self._step_over(place, opcode)
            self._values = None
            done = stepped and self.pc == place + 4
            self._resettle(kept_status)
        self._asleep_at = None if stepped else kept_pc
        self.write(self.PC, kept_pc)
        return done

    def _start_at(self, place):
        self.write(self.PC, place)
        self.write_back()

    def _step_over(self, place, opcode):
        kept = self._stub.read_memory(self.number, place, 4)
        self._stub.write_memory(self.number, place, opcode.to_bytes(4, "little").hex())
        done = self._control.step_alone(self.number)
        self._stub.write_memory(self.number, place, kept)
        return done

    def _resettle(self, status):
        """The status as it was before, flags included: the debugger's instructions leave them alone."""
        self.write_status(status)
