# SPDX-License-Identifier: BSD-2-Clause
"""
A core in AArch32 state: its modes, its CP15, and the A32 instructions that a debugger issues.

QEMU's gdbstub cannot take a core out of USR mode, as MSR cannot there. SYS has the same registers and stands in for
USR where the debugger comes from a privileged mode. A core that was halted in USR mode shows the registers of USR
mode for every mode, and executes nothing that the bridge does not know: this needs an exception, which would overwrite
the LR and SPSR of another mode. Out of HYP mode the gdbstub takes a core, and not back: the registers of HYP mode stand for those of all
modes there, too.
"""

from core import CACHE_OF_32_KIB, Core
from instruction import InstructionSet

USR, FIQ, IRQ, SVC, ABT, HYP, UND, SYS = 0x10, 0x11, 0x12, 0x13, 0x17, 0x1A, 0x1B, 0x1F
MODE, THUMB = 0x1F, 0x20
PC = 15

SCTLR, TTBCR, DACR = (1, 0, 0, 0), (2, 0, 0, 2), (3, 0, 0, 0)
DFSR, IFSR, DFAR, IFAR = (5, 0, 0, 0), (5, 0, 0, 1), (6, 0, 0, 0), (6, 0, 0, 2)
MPIDR, CCSIDR, CSSELR = (0, 0, 0, 5), (0, 1, 0, 0), (0, 2, 0, 0)

# CP15 registers as (CRn, opc1, CRm, opc2), and the gdbstub's names, which vary, for those that it shows.
SHOWN = {
    (0, 0, 0, 0): ("MIDR",), (0, 0, 0, 1): ("CTR",), (0, 1, 0, 1): ("CLIDR",), (2, 0, 0, 0): ("TTBR0",),
    (2, 0, 0, 1): ("TTBR1",), SCTLR: ("SCTLR", "SCTLR_EL1"), TTBCR: ("TTBCR",), DACR: ("DACR",), DFSR: ("DFSR",),
    IFSR: ("IFSR",), DFAR: ("DFAR",), IFAR: ("IFAR",),
}
# OpenOCD changes these and restores them around its own accesses, which QEMU's core has no part in. They are written
# for real when the core restarts and they are still changed.
POSTPONED = (SCTLR, DACR, DFSR, DFAR)
CACHE_OPERATIONS, TLB_OPERATIONS, ADDRESS_TRANSLATION = 7, 8, 8

SCTLR_M, TTBCR_EAE = 1, 1 << 31
STATUS_EXTERNAL, STATUS_TRANSLATION = 0x08, 0x05  # DFSR in the short format, and
LPAE_EXTERNAL, LPAE_TRANSLATION = 0x210, 0x205  # in the long.

MCR_P15_R0 = 0xEE000F10


def mcr_p15(register, rt):
    crn, opc1, crm, opc2 = register
    return MCR_P15_R0 | opc1 << 21 | crn << 16 | rt << 12 | opc2 << 5 | crm


class Core32(Core):
    """r0 to r15 of the current mode, CPSR, CP15."""

    COUNT, PC, WIDTH = 16, PC, 4

    def forget(self):
        super().forget()
        self._cp15 = {}
        self._changed = {}

    @property
    def has_hyp(self):
        return "SCTLR_EL2" in self._stub.numbers or "HSCTLR" in self._stub.numbers

    @property
    def is_thumb(self):
        return bool(self.status & THUMB)

    def _load(self):
        super()._load()
        self._bank = self._status & MODE

    def set_status(self, value):
        """MSR CPSR in debug state. Another mode shows its own registers."""
        bank = SYS if value & MODE == USR else value & MODE
        if bank != self._bank_now() and self._bank_now() not in (USR, HYP):
            self._change_bank(value & ~MODE | bank)
        self._status = value

    def _bank_now(self):
        return self.values and self._bank

    def _change_bank(self, status):
        with self._control.stopped():
            self.write_back()
            self.write_status(status)
            self._load()

    def set_thumb(self, thumb):
        self._status = self.status & ~THUMB | (THUMB if thumb else 0)

    def leave(self):
        """Back to QEMU before the core runs."""
        if self._values is None:
            return
        for register in [each for each in POSTPONED if each in self._changed]:
            self._write_for_real(register, self._changed.pop(register))
        self.write_back()
        self.write_status(self._status)

    def _start_at(self, place):
        self._kept_bank = self._bank
        self.write_status(self._status & ~(MODE | THUMB) | self._bank)
        super()._start_at(place)

    def _resettle(self, status):
        """Into the bank the debugger looks at, whatever an exception made of the mode."""
        self.write_status(status & ~MODE | self._kept_bank)
        self._load()
        self._status = status

    def execute(self, opcode):
        return self._bank_now() != USR and super().execute(opcode)

    def translates(self):
        return bool(self.read_cp15(SCTLR) & SCTLR_M)

    def read_cp15(self, register):
        """None if only the core itself can tell."""
        if register in self._changed:
            return self._changed[register]
        if register not in self._cp15:
            self._cp15[register] = self._ask_cp15(register)
        return self._cp15[register]

    def _ask_cp15(self, register):
        if register == MPIDR:
            return self.mpidr
        if register == CCSIDR:
            return CACHE_OF_32_KIB
        return self.system_register(*SHOWN.get(register, ()))

    def write_cp15(self, register, rt):
        """False if the core did not take it."""
        self.translation_changed()
        if register not in POSTPONED:
            self._cp15.pop(register, None)
            return self.execute(mcr_p15(register, rt))
        self.change_cp15(register, self.values[rt])
        return True

    def change_cp15(self, register, value):
        """The debugger's own view until the core restarts."""
        self._changed[register] = value
        if value == self._ask_cp15(register):
            del self._changed[register]

    def _write_for_real(self, register, value):
        kept = self.values[0]
        self.write(0, value)
        self.execute(mcr_p15(register, 0))
        self.write(0, kept)

    def record_abort(self, abort):
        """DFSR and DFAR, as an exception would leave them."""
        if self.read_cp15(TTBCR) & TTBCR_EAE:
            status = LPAE_EXTERNAL if abort.translated else LPAE_TRANSLATION
        else:
            status = STATUS_EXTERNAL if abort.translated else STATUS_TRANSLATION
        self.change_cp15(DFSR, status)
        self.change_cp15(DFAR, abort.address)


def cp15_register(opcode):
    """(CRn, opc1, CRm, opc2) of an MCR or MRC."""
    return opcode >> 16 & 15, opcode >> 21 & 7, opcode & 15, opcode >> 5 & 7


def rt_of(opcode):
    return opcode >> 12 & 15


def rn_of(opcode):
    return opcode >> 16 & 15


# Each instruction takes the unit it was issued to and its opcode, and gives False if it is undefined.


def read_dtr(unit, opcode):
    """MRC p14, 0, Rt, c0, c5, 0."""
    unit.core.write(rt_of(opcode), unit.take_dtrrx())


def write_dtr(unit, opcode):
    """MCR p14, 0, Rt, c0, c5, 0."""
    unit.give_dtrtx(unit.core.values[rt_of(opcode)])


def store_dtr(unit, opcode):
    """STC p14, c5, [Rn], #4."""
    rn = rn_of(opcode)
    address = unit.core.values[rn]
    unit.store(address, 4, unit.take_dtrrx())
    unit.core.write(rn, address + 4)


def load_dtr(unit, opcode):
    """LDC p14, c5, [Rn], #4."""
    rn = rn_of(opcode)
    address = unit.core.values[rn]
    unit.give_dtrtx(unit.core.load(address, 4))
    unit.core.write(rn, address + 4)


def read_cpsr(unit, opcode):
    unit.core.write(rt_of(opcode), unit.core.status)


def write_cpsr(unit, opcode):
    unit.core.set_status(unit.core.values[opcode & 15])


def read_pc(unit, opcode):
    """MOV Rt, PC: the PC is ahead, by two instructions of the state."""
    unit.core.write(rt_of(opcode), unit.core.pc + (4 if unit.core.is_thumb else 8))


def branch(unit, opcode):
    """BX Rm, or MOV PC, Rm: bit 0 selects Thumb."""
    target = unit.core.values[opcode & 15]
    unit.core.set_thumb(target & 1)
    unit.core.write(PC, target & ~1)


def read_cp15(unit, opcode):
    value = unit.core.read_cp15(cp15_register(opcode))
    if value is None:
        return unit.core.execute(opcode)
    unit.core.write(rt_of(opcode), value)
    return True


def write_cp15(unit, opcode):
    register = cp15_register(opcode)
    if register == CSSELR or is_maintenance(register):
        return True
    return unit.core.write_cp15(register, rt_of(opcode))


def is_maintenance(register):
    """Of caches and TLBs: QEMU has nothing there that could be stale."""
    crn, _, crm, _ = register
    return crn == TLB_OPERATIONS or crn == CACHE_OPERATIONS and crm != ADDRESS_TRANSLATION


A32 = InstructionSet(rt_of, rn_of)

# Mask, value, instruction: what OpenOCD issues. All else the core executes itself.
A32.instructions += [
    (0xFFFF0FFF, 0xEE100E15, read_dtr),
    (0xFFFF0FFF, 0xEE000E15, write_dtr),
    (0xFFF0FFFF, 0xECA05E01, store_dtr),
    (0xFFF0FFFF, 0xECB05E01, load_dtr),
    (0xFFF00FFF, 0xE4800004, A32.store(4)),
    (0xFFF00FFF, 0xE0C000B2, A32.store(2)),
    (0xFFF00FFF, 0xE4C00001, A32.store(1)),
    (0xFFF00FFF, 0xE4900004, A32.load(4)),
    (0xFFF00FFF, 0xE0D000B2, A32.load(2)),
    (0xFFF00FFF, 0xE4D00001, A32.load(1)),
    (0xFFFF0FFF, 0xE10F0000, read_cpsr),
    (0xFFF0FFF0, 0xE120F000, write_cpsr),
    (0xFFFF0FFF, 0xE1A0000F, read_pc),
    (0xFFFFFFF0, 0xE1A0F000, branch),
    (0xFFFFFFF0, 0xE12FFF10, branch),
    (0xFF100F10, 0xEE100F10, read_cp15),
    (0xFF100F10, 0xEE000F10, write_cp15),
]
