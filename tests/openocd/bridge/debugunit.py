# SPDX-License-Identifier: BSD-2-Clause
"""What the debug units of ARMv7-A and ARMv8-A share: the DTR, issuing instructions, break- and watchpoints."""

import coresight
from core import DataAbort
from runcontrol import IS_BREAKPOINT, Point

WORD = 0xFFFFFFFF
FIRST_WATCHPOINT = 16  # Slots below are breakpoints.
SECOND_HALFWORDS = 32  # And those from here on, of whole words.
WRITES, READS, READS_OR_WRITES = 2, 3, 4
ACCESSES = {1: READS, 2: WRITES, 3: READS_OR_WRITES}  # DBGWCR.LSC to the kind of a point.
ENABLED = 1

# What OpenOCD plants as a software breakpoint: BKPT, and HLT on ARMv8.
A32_BREAKPOINTS, A32_MASK = (0xE1200070, 0xE1000070), 0xFFF000F0
T32_BKPT, T32_BKPT_MASK, T32_HLT, T32_HLT_MASK = 0xBE00, 0xFF00, 0xBA80, 0xFFC0
A64_BREAKPOINT, A64_MASK = 0xD4400000, 0xFFE0001F


def is_breakpoint_instruction(size, value):
    """A halfword, a word, or the two equal halfwords that OpenOCD puts over a 32-bit Thumb instruction."""
    if size == 2:
        return value & T32_BKPT_MASK == T32_BKPT or value & T32_HLT_MASK == T32_HLT
    if size != 4:
        return False
    twice = value >> 16 == value & 0xFFFF and is_breakpoint_instruction(2, value & 0xFFFF)
    return value & A32_MASK in A32_BREAKPOINTS or value & A64_MASK == A64_BREAKPOINT or twice


class DebugUnit:
    """
    The unit of one core. Registers are told apart by their offset within the unit's page: READERS and WRITERS have the
    functions of those that do something, `_constants` the others; `is_compare` tells the break- and watchpoints'.
    """

    def __init__(self, core, control):
        self.core = core
        self.control = control
        self.number = core.number
        self._compare_value = {}
        self._compare_control = {}
        self.reset_logic()

    def reset_logic(self):
        """All registers as they are after power-up of the debug domain. A halted core stays halted."""
        self._dtrtx = self._dtrrx = 0
        self._tx_full = self._rx_full = False
        self._aborted = self._undefined = False
        self.control.catch_reset(self.number, False)
        for slot in self._compare_control:
            self.set_compare_control(slot, 0)

    @staticmethod
    def identify(part):
        return coresight.identification(coresight.DEBUG_COMPONENT, part, coresight.DEVTYPE_DEBUG_LOGIC)

    def entered(self):
        """The core has just halted."""
        self.core.forget()

    @property
    def is_halted(self):
        return self.control.is_halted(self.number)

    def read(self, offset):
        reader = self.READERS.get(offset)
        return reader(self) & WORD if reader else self._constants.get(offset, 0)

    def write(self, offset, value):
        writer = self.WRITERS.get(offset)
        if writer:
            writer(self, value)
        elif self.is_compare(offset):
            self._write_compare(offset, value)

    def take_dtrrx(self):
        self._rx_full = False
        return self._dtrrx

    def give_dtrtx(self, value):
        self._dtrtx = value & WORD
        self._tx_full = True

    def store(self, address, size, value):
        """A store of the core's. It may plant or remove a software breakpoint."""
        self.core.store(address, size, value)
        if is_breakpoint_instruction(size, value & WORD):
            self.control.plant(address, size)
        elif self.control.has_planted(address):
            self.control.pull(address)

    def issue(self, execute, opcode):
        """An instruction in debug state. After an abort none is executed until the sticky flag has been cleared."""
        if self._aborted or not self.is_halted:
            return
        try:
            if execute(self, opcode) is False:
                self._undefined = True
        except DataAbort as abort:
            self._aborted = True
            self.core.record_abort(abort)

    def clear_sticky(self):
        self._aborted = self._undefined = False

    def set_compare_value(self, slot, value):
        self._compare_value[slot] = value

    def set_compare_control(self, slot, value):
        """Writing the control register is what makes a breakpoint or watchpoint effective."""
        self._compare_control[slot] = value
        point = self._point(slot)
        self.control.set_point(self.number, slot, point)
        self.control.set_point(self.number, slot + SECOND_HALFWORDS, self._second(slot, point))

    def _point(self, slot):
        control, address = self._compare_control[slot], self._compare_value.get(slot, 0)
        if not control & ENABLED:
            return None
        return self._watchpoint(control, address) if slot >= FIRST_WATCHPOINT else self._breakpoint(control, address)

    def _breakpoint(self, control, address):
        """An address match (type 0). Its byte address select says which halfword of the word."""
        if control >> 20 & 7:
            return None
        return Point(IS_BREAKPOINT, address if control >> 5 & 3 else address + 2, 4 if control >> 5 & 15 == 15 else 2)

    def _second(self, slot, point):
        """Of a whole word: a Thumb instruction may begin at its second halfword. No other instruction begins there."""
        if slot >= FIRST_WATCHPOINT or not point or point.size != 4:
            return None
        return Point(IS_BREAKPOINT, point.address + 2, 2)

    def _watchpoint(self, control, address):
        """Some bytes within a (double)word, or an aligned power of two of them."""
        selected, mask = control >> 5 & 0xFF, control >> 24 & 0x1F
        first = (selected & -selected).bit_length() - 1
        size = 1 << mask if mask else selected.bit_count()
        return Point(ACCESSES[control >> 3 & 3], address + (0 if mask else first), size) if selected else None
