# SPDX-License-Identifier: BSD-2-Clause
"""DDI 0487: the external debug registers of an ARMv8-A core, as OpenOCD's target type aarch64 uses them."""

import a64
import runcontrol
import thumb
from debugunit import FIRST_WATCHPOINT, WORD, DebugUnit

PART, CORTEX_A72 = 0xD08, 0x410FD083  # Its MIDR stands in for one that the gdbstub does not show.
EDESR, EDECR, EDWARL, EDWARH, DBGDTRRX, EDITR, EDSCR, DBGDTRTX, EDRCR = 0x20, 0x24, 0x30, 0x34, 0x80, 0x84, 0x88, 0x8C, 0x90
EDPRSR, DBGBVR, DBGWVR, MIDR, EDDFR = 0x314, 0x400, 0x800, 0xD00, 0xD28
POINT_SPAN = 0x100  # 16 breakpoints from DBGBVR, 16 watchpoints from DBGWVR, 16 bytes each.

# EDSCR. STATUS is why the core is halted.
RUNNING, HALTING_STEP = 0x02, 0x3B
STATUS = {
    runcontrol.HALT_REQUEST: 0x13,
    runcontrol.BREAKPOINT: 0x07,
    runcontrol.BKPT_INSTRUCTION: 0x2F,
    runcontrol.EXTERNAL: 0x13,
    runcontrol.VECTOR_CATCH: 0x27,
    runcontrol.WATCHPOINT: 0x2B,
}
ERR, EL_SHIFT, RW_ALL_AARCH64, MEMORY_ACCESS, ITE = 1 << 6, 8, 0xF << 10, 1 << 20, 1 << 24
TXFULL, RXFULL = 1 << 29, 1 << 30
WRITABLE = 0x00D04000

CLEAR_STICKY = 1 << 2  # EDRCR.CSE.
RESET_CATCH, STEP_ENABLE = 1 << 1, 1 << 2  # EDECR.RCE and SS; EDESR.RC is where RCE is.
POWERED_UP, IN_RESET, STICKY_RESET, PRSR_HALTED, STICKY_RESTART = 1 << 0, 1 << 2, 1 << 3, 1 << 4, 1 << 11
SIX_BREAKPOINTS = 0x10305106  # ID_AA64DFR0_EL1: 6 breakpoints, 2 of them for contexts, 4 watchpoints, ARMv8 debug.


class Aarch64(DebugUnit):
    """The unit of one core, in AArch64 state or, where QEMU's core has no other, in AArch32 state."""

    def __init__(self, core, control, identity):
        super().__init__(core, control)
        self._is_64 = isinstance(core, a64.Core64)
        self._has_restarted = False
        self._stepped = False
        self._known = False
        self._constants = {EDDFR: SIX_BREAKPOINTS, MIDR: identity["MIDR"] or CORTEX_A72, **self.identify(PART)}

    def reset_logic(self):
        super().reset_logic()
        self._edscr = 0
        self._edecr = 0

    def entered(self):
        super().entered()
        self._known = False

    def _know(self):
        """DLR and DSPSR as they are on entry to debug state."""
        if not self._known:
            self._known = True
            self._dlr, self._dspsr, self.spsr = self.core.pc, self.core.status, None

    @property
    def dlr(self):
        self._know()
        return self._dlr

    @dlr.setter
    def dlr(self, value):
        self._know()
        self._dlr = value

    @property
    def dspsr(self):
        self._know()
        return self._dspsr

    @dspsr.setter
    def dspsr(self, value):
        self._know()
        self._dspsr = value

    def is_compare(self, offset):
        return offset - DBGBVR in range(POINT_SPAN) or offset - DBGWVR in range(POINT_SPAN)

    def halt(self):
        """The CTI's trigger."""
        self.control.halt(self.number)

    def restart(self):
        """The CTI's other trigger."""
        if self.is_halted:
            self._has_restarted = True
            self._stepped = bool(self._edecr & STEP_ENABLE)
            self.control.restart(self.number, self._leave, self._stepped)

    def _leave(self):
        """DSPSR and DLR are where a restarted core goes on."""
        self._know()
        if not self._is_64:
            thumb.commit_spsr(self)
        self.core.set_status(self._dspsr)
        self.core.write(self.core.PC, self._dlr & ~1)
        self.core.leave()

    def take_whole_dtr(self):
        self._rx_full = False
        return self._dtrtx << a64.HIGH | self._dtrrx

    def give_whole_dtr(self, value):
        self.give_dtrtx(value)
        self._dtrrx = value >> a64.HIGH

    def _read_edscr(self):
        return (
            self._status() | self._edscr & WRITABLE | ITE | self._level() << EL_SHIFT
            | (RW_ALL_AARCH64 if self._is_64 else 0) | (ERR if self._aborted or self._undefined else 0)
            | (TXFULL if self._tx_full else 0) | (RXFULL if self._rx_full else 0)
        )

    def _status(self):
        if not self.is_halted:
            return RUNNING
        cause = self.control.cause[self.number]
        return HALTING_STEP if self._stepped and cause == runcontrol.BREAKPOINT else STATUS[cause]

    def _level(self):
        if not self.is_halted:
            return 0
        return self.core.level if self._is_64 else thumb.exception_level(self.core.status)

    def _write_edscr(self, value):
        self._edscr = value

    @property
    def _in_memory_mode(self):
        return self._edscr & MEMORY_ACCESS and self.is_halted

    def _read_dtrtx(self):
        """In memory access mode a read also loads the next word from [X0] or [R0]."""
        value = self._dtrtx
        self._tx_full = False
        if self._in_memory_mode:
            self.issue(load_next_word, 0)
        return value

    def _write_dtrtx(self, value):
        self._dtrtx = value

    def _read_dtrrx(self):
        self._rx_full = False
        return self._dtrrx

    def _write_dtrrx(self, value):
        """In memory access mode a write also stores the word at [X0] or [R0]."""
        self._dtrrx, self._rx_full = value, True
        if self._in_memory_mode:
            self.issue(store_next_word, 0)

    def _write_editr(self, value):
        if self._is_64:
            self.issue(a64.A64.decode(value), value)
        else:
            self._issue_t32(thumb.swap_halfwords(value))

    def _issue_t32(self, opcode):
        self._know()
        execute = thumb.T32.decode(opcode)
        if execute is not thumb.return_to_mode and self.is_halted:
            thumb.commit_spsr(self)
        self.issue(execute, opcode)

    def _write_edrcr(self, value):
        if value & CLEAR_STICKY:
            self.clear_sticky()

    def _read_edecr(self):
        return self._edecr

    def _write_edecr(self, value):
        self._edecr = value
        self.control.catch_reset(self.number, bool(value & RESET_CATCH))

    def _read_edesr(self):
        """A reset that was caught is pending until the core runs again."""
        return RESET_CATCH if self.is_halted and self.control.cause[self.number] == runcontrol.VECTOR_CATCH else 0

    def _read_edprsr(self):
        reset = STICKY_RESET if self.control.was_reset[self.number] else 0
        restarted = STICKY_RESTART if self._has_restarted else 0
        self.control.was_reset[self.number] = self._has_restarted = False
        held = IN_RESET if self.control.in_reset else 0
        return POWERED_UP | reset | restarted | held | (PRSR_HALTED if self.is_halted else 0)

    def _read_edwarl(self):
        return self.control.watched[self.number]

    def _read_edwarh(self):
        return self.control.watched[self.number] >> a64.HIGH

    def _write_compare(self, offset, value):
        slot = offset >> 4 & 15
        if offset >= DBGWVR:
            slot += FIRST_WATCHPOINT
        if offset & 15 == 0:
            self.set_compare_value(slot, self._high_half(slot) | value)
        elif offset & 15 == 4:
            self.set_compare_value(slot, value << a64.HIGH | self._compare_value.get(slot, 0) & WORD)
        elif offset & 15 == 8:
            self.set_compare_control(slot, value)

    def _high_half(self, slot):
        return self._compare_value.get(slot, 0) & ~WORD

    READERS = {
        EDSCR: _read_edscr,
        DBGDTRTX: _read_dtrtx,
        DBGDTRRX: _read_dtrrx,
        EDESR: _read_edesr,
        EDECR: _read_edecr,
        EDPRSR: _read_edprsr,
        EDWARL: _read_edwarl,
        EDWARH: _read_edwarh,
    }
    WRITERS = {
        DBGDTRRX: _write_dtrrx,
        EDITR: _write_editr,
        EDSCR: _write_edscr,
        DBGDTRTX: _write_dtrtx,
        EDRCR: _write_edrcr,
        EDECR: _write_edecr,
    }


def load_next_word(unit, _opcode):
    """What memory access mode does for a read of DTRTX."""
    address = unit.core.values[0]
    unit.give_dtrtx(unit.core.load(address, 4))
    unit.core.write(0, address + 4)


def store_next_word(unit, _opcode):
    """What memory access mode does for a write of DTRRX."""
    address = unit.core.values[0]
    unit.store(address, 4, unit.take_dtrrx())
    unit.core.write(0, address + 4)
