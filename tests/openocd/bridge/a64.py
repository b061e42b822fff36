# SPDX-License-Identifier: BSD-2-Clause
"""
A core in AArch64 state and the A64 instructions that a debugger issues.

Once such a core runs AArch32 code, QEMU's gdbstub goes on showing its AArch64 registers: what runs then can be loaded
and started here, but has to be debugged on a core without AArch64.
"""

from core import CACHE_OF_32_KIB, Core
from instruction import InstructionSet

PC, SP = 32, 31
ZERO_REGISTER = 31
SCTLR_M = 1
HIGH = 32

# System registers by their place in MRS and MSR, and the gdbstub's names of those that it shows. A core that is turned off executes
# neither, and OpenOCD reads these of every core that halts, and writes some of them back.
SYSTEM_REGISTER = 0x001FFFE0
SHOWN = {
    0x181000: ("SCTLR_EL1",), 0x184000: ("SPSR_EL1",), 0x184020: ("ELR_EL1",), 0x185200: ("ESR_EL1",), 0x190020: ("CLIDR",),
    0x1B0020: ("CTR_EL0", "CTR"), 0x1C1000: ("SCTLR_EL2",), 0x1C4000: ("SPSR_EL2",), 0x1C4020: ("ELR_EL2",), 0x1C5200: ("ESR_EL2",),
}
MPIDR_EL1, CCSIDR_EL1, CSSELR_EL1 = 0x1800A0, 0x190000, 0x1A0000


class Core64(Core):
    """x0 to x30, SP, PC and PSTATE."""

    COUNT, PC, WIDTH = 33, PC, 8

    @property
    def level(self):
        return self.status >> 2 & 3

    def set_status(self, value):
        self._status = value

    def leave(self):
        """Back to QEMU before the core runs."""
        if self._values is not None:
            self.write_back()
            self.write_status(self._status)

    def read(self, number):
        """As an instruction's source, where 31 is XZR."""
        return 0 if number == ZERO_REGISTER else self.values[number]

    def shown(self, register):
        """The value of a system register; None if only the core itself can tell."""
        fixed = {MPIDR_EL1: self.mpidr, CCSIDR_EL1: CACHE_OF_32_KIB, CSSELR_EL1: 0}
        return fixed[register] if register in fixed else self.system_register(*SHOWN.get(register, ()))

    def translates(self):
        names = {2: ("SCTLR_EL2",), 3: ("SCTLR_EL3",)}.get(self.level, ("SCTLR", "SCTLR_EL1"))
        return bool((self.system_register(*names) or 0) & SCTLR_M)

    def physical(self, address):
        """Reading SCTLR takes long, so within one halt the first value is kept."""
        if self._translating is None:
            self._translating = self.translates()
        return super().physical(address) if self._translating else address

    def forget(self):
        super().forget()
        self._translating = None

    def record_abort(self, abort):
        """OpenOCD looks at EDSCR.ERR alone."""

    def _resettle(self, status):
        super()._resettle(status)
        self._load()


def rt_of(opcode):
    return opcode & 31


def rn_of(opcode):
    return opcode >> 5 & 31


def read_dbgdtr(unit, opcode):
    """MRS Xt, DBGDTR_EL0: the high half is in DTRTX."""
    unit.core.write(rt_of(opcode), unit.take_whole_dtr())


def write_dbgdtr(unit, opcode):
    """MSR DBGDTR_EL0, Xt: the high half goes to DTRRX."""
    unit.give_whole_dtr(unit.core.read(rt_of(opcode)))


def read_dtrrx(unit, opcode):
    unit.core.write(rt_of(opcode), unit.take_dtrrx())


def write_dtrtx(unit, opcode):
    unit.give_dtrtx(unit.core.read(rt_of(opcode)))


def read_dspsr(unit, opcode):
    unit.core.write(rt_of(opcode), unit.dspsr)


def read_dlr(unit, opcode):
    unit.core.write(rt_of(opcode), unit.dlr)


def write_dspsr(unit, opcode):
    unit.dspsr = unit.core.read(rt_of(opcode)) & 0xFFFFFFFF


def write_dlr(unit, opcode):
    unit.dlr = unit.core.read(rt_of(opcode))


def move_from_sp(unit, opcode):
    unit.core.write(rt_of(opcode), unit.core.values[SP])


def move_to_sp(unit, opcode):
    unit.core.write(SP, unit.core.values[rn_of(opcode)])


def read_system_register(unit, opcode):
    """MRS Xt."""
    value = unit.core.shown(opcode & SYSTEM_REGISTER)
    if value is None:
        return unit.core.execute(opcode)
    unit.core.write(rt_of(opcode), value)
    return True


def write_system_register(unit, opcode):
    """MSR, Xt: a value that the core already has is not written again."""
    register = opcode & SYSTEM_REGISTER
    return register == CSSELR_EL1 or unit.core.shown(register) == unit.core.read(rt_of(opcode)) or unit.core.execute(opcode)


def nothing(_unit, _opcode):
    """Barriers and the maintenance of caches and TLBs: QEMU has nothing there that could be stale."""


A64 = InstructionSet(rt_of, rn_of)

# Mask, value, instruction: what OpenOCD issues. All else the core executes itself.
A64.instructions += [
    (0xFFFFFFE0, 0xD5330400, read_dbgdtr),
    (0xFFFFFFE0, 0xD5130400, write_dbgdtr),
    (0xFFFFFFE0, 0xD5330500, read_dtrrx),
    (0xFFFFFFE0, 0xD5130500, write_dtrtx),
    (0xFFFFFFE0, 0xD53B4500, read_dspsr),
    (0xFFFFFFE0, 0xD53B4520, read_dlr),
    (0xFFFFFFE0, 0xD51B4500, write_dspsr),
    (0xFFFFFFE0, 0xD51B4520, write_dlr),
    (0xFFF00000, 0xD5300000, read_system_register),
    (0xFFF00000, 0xD5100000, write_system_register),
    (0xFFFFFFE0, 0x910003E0, move_from_sp),
    (0xFFFFFC1F, 0x9100001F, move_to_sp),
    (0xFFFFFC00, 0x38001400, A64.store(1)),
    (0xFFFFFC00, 0x78002400, A64.store(2)),
    (0xFFFFFC00, 0xB8004400, A64.store(4)),
    (0xFFFFFC00, 0x38401400, A64.load(1)),
    (0xFFFFFC00, 0x78402400, A64.load(2)),
    (0xFFFFFC00, 0xB8404400, A64.load(4)),
    (0xFFFFFFBF, 0xD5033F9F, nothing),
    (0xFFF8F000, 0xD5087000, nothing),
    (0xFFF8F000, 0xD5088000, nothing),
]
