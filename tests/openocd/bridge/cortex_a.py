# SPDX-License-Identifier: BSD-2-Clause
"""DDI 0406C: the debug registers of an ARMv7-A core, as OpenOCD's target type cortex_a uses them."""

import aarch32
import runcontrol
from debugunit import FIRST_WATCHPOINT, DebugUnit

PART = 0xC0F  # Cortex-A15.
DBGDIDR, DBGWFAR, DBGVCR, DBGDTRRX, DBGITR, DBGDSCR, DBGDTRTX = 0x000, 0x018, 0x01C, 0x080, 0x084, 0x088, 0x08C
DBGDRCR, DBGBVR, DBGBCR, DBGWVR, DBGWCR = 0x090, 0x100, 0x140, 0x180, 0x1C0
DBGOSLSR, DBGPRSR, MIDR, ID_PFR1 = 0x304, 0x314, 0xD00, 0xD24

# DBGDSCR.
HALTED, RESTARTED, MOE_SHIFT = 1 << 0, 1 << 1, 2
SDABORT_L, UND_L, ITREN, EXTDCCMODE_SHIFT, INSTRCOMPL_L = 1 << 6, 1 << 8, 1 << 13, 20, 1 << 24
TXFULL_L, RXFULL_L, TXFULL, RXFULL = 1 << 26, 1 << 27, 1 << 29, 1 << 30
WRITABLE = 0x0030FC00
FAST_MODE = 2

# DBGDRCR, DBGVCR, DBGPRSR, DBGBCR.
HALT_REQUEST, RESTART_REQUEST, CLEAR_STICKY = 1 << 0, 1 << 1, 1 << 2
VCR_RESET = 1 << 0
POWERED_UP, IN_RESET, STICKY_RESET, PRSR_HALTED = 1 << 0, 1 << 2, 1 << 3, 1 << 4
ENABLED, TYPE_SHIFT, MISMATCH = 1, 20, 4

OSLM_NONE_LOCKED = 0x8  # DBGOSLSR: the OS lock is there and open.
# ID_PFR1. OpenOCD 0.12 ends by a segmentation fault where a core is in HYP mode and has no Virtualization Extensions.
PFR1_PLAIN, PFR1_VIRTUALIZATION = 0x00000001, 0x00001000


class CortexA(DebugUnit):
    """The unit of one core in AArch32 state."""

    def __init__(self, core, control, identity):
        super().__init__(core, control)
        extensions = PFR1_VIRTUALIZATION if core.has_hyp else 0
        self._constants = {DBGOSLSR: OSLM_NONE_LOCKED, ID_PFR1: PFR1_PLAIN | extensions, **self.identify(PART)}
        self._constants |= {DBGDIDR: identity["DBGDIDR"], MIDR: identity["MIDR"]}

    def reset_logic(self):
        super().reset_logic()
        self._dscr = 0
        self._itr = 0
        self._vcr = 0

    def is_compare(self, offset):
        return DBGBVR <= offset < DBGWCR + 0x40

    @property
    def _is_fast(self):
        return self._dscr >> EXTDCCMODE_SHIFT & 3 == FAST_MODE

    def _read_dscr(self):
        state = HALTED | RESTARTED if self.is_halted else RESTARTED
        return (
            state | self.control.cause[self.number] << MOE_SHIFT | self._dscr & WRITABLE | INSTRCOMPL_L
            | (SDABORT_L if self._aborted else 0) | (UND_L if self._undefined else 0)
            | (TXFULL | TXFULL_L if self._tx_full else 0) | (RXFULL | RXFULL_L if self._rx_full else 0)
        )

    def _write_dscr(self, value):
        self._dscr = value

    def _read_dtrtx(self):
        """In fast mode a read also issues the latched instruction, which loads the next word."""
        value = self._dtrtx
        self._tx_full = False
        if self._is_fast:
            self._issue(self._itr)
        return value

    def _write_dtrtx(self, value):
        self._dtrtx = value

    def _write_dtrrx(self, value):
        """In fast mode a write also issues the latched instruction, which stores the word."""
        self._dtrrx, self._rx_full = value, True
        if self._is_fast:
            self._issue(self._itr)

    def _write_itr(self, value):
        """In fast mode the instruction is latched, else executed."""
        if self._is_fast:
            self._itr = value
        else:
            self._issue(value)

    def _issue(self, opcode):
        if self._dscr & ITREN:
            self.issue(aarch32.A32.decode(opcode), opcode)

    def _write_drcr(self, value):
        if value & CLEAR_STICKY:
            self.clear_sticky()
        if value & HALT_REQUEST:
            self.control.halt(self.number)
        if value & RESTART_REQUEST and self.is_halted:
            self.control.restart(self.number, self.core.leave, self._steps)

    @property
    def _steps(self):
        """OpenOCD steps by a breakpoint on whatever is not the current address."""
        return any(c & ENABLED and c >> TYPE_SHIFT & 7 == MISMATCH for c in self._compare_control.values())

    def _read_wfar(self):
        """The instruction that hit the watchpoint, before which QEMU stops, with the PC's usual offset."""
        return self.core.pc + (4 if self.core.is_thumb else 8)

    def _read_vcr(self):
        return self._vcr

    def _write_vcr(self, value):
        """Of the vectors to catch, only that of reset is implemented."""
        self._vcr = value & VCR_RESET
        self.control.catch_reset(self.number, bool(self._vcr))

    def _read_prsr(self):
        reset = STICKY_RESET if self.control.was_reset[self.number] else 0
        self.control.was_reset[self.number] = False
        held = IN_RESET if self.control.in_reset else 0
        return POWERED_UP | reset | held | (PRSR_HALTED if self.is_halted else 0)

    def _write_compare(self, offset, value):
        slot = offset >> 2 & 15
        if offset >= DBGWVR:
            slot += FIRST_WATCHPOINT
        is_control = offset & DBGBCR & ~DBGBVR
        (self.set_compare_control if is_control else self.set_compare_value)(slot, value)

    READERS = {
        DBGDSCR: _read_dscr,
        DBGDTRTX: _read_dtrtx,
        DBGDTRRX: DebugUnit.take_dtrrx,
        DBGWFAR: _read_wfar,
        DBGVCR: _read_vcr,
        DBGPRSR: _read_prsr,
    }
    WRITERS = {
        DBGDTRRX: _write_dtrrx,
        DBGITR: _write_itr,
        DBGDSCR: _write_dscr,
        DBGDTRTX: _write_dtrtx,
        DBGDRCR: _write_drcr,
        DBGVCR: _write_vcr,
    }


assert runcontrol.HALT_REQUEST == 0  # The causes are those of DBGDSCR.MOE and need no translation.
