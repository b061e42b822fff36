# SPDX-License-Identifier: BSD-2-Clause
"""The T32 instructions that a debugger issues through EDITR to an ARMv8-A core in AArch32 state."""

from aarch32 import A32, HYP, MODE, SVC, USR, rn_of, rt_of
from instruction import InstructionSet

MON = 0x16
MODE_OF_LEVEL = {1: SVC, 2: HYP, 3: MON}
A32_MSR_SPSR_R0, A32_MRS_SPSR_R0 = 0xE16FF000, 0xE14F0000


def swap_halfwords(opcode):
    """EDITR has the first halfword of a T32 instruction at the bottom."""
    return (opcode << 16 | opcode >> 16) & 0xFFFFFFFF


def exception_level(status):
    return {USR: 0, HYP: 2, MON: 3}.get(status & MODE, 1)


def read_dspsr(unit, opcode):
    unit.core.write(rt_of(opcode), unit.dspsr)


def write_dspsr(unit, opcode):
    unit.dspsr = unit.core.values[rt_of(opcode)]


def read_dlr(unit, opcode):
    unit.core.write(rt_of(opcode), unit.dlr)


def write_dlr(unit, opcode):
    unit.dlr = unit.core.values[rt_of(opcode)]


def nothing(_unit, _opcode):
    """DSB and ISB."""


def switch_level(unit, opcode):
    """DCPS1 to DCPS3."""
    unit.core.set_status(unit.core.status & ~MODE | MODE_OF_LEVEL[opcode & 3])


def write_spsr(unit, opcode):
    """MSR SPSR, Rn: kept until it is known whether DRPS follows, to which it only is the mode to go to."""
    unit.spsr = unit.core.values[rn_of(opcode)]


def return_to_mode(unit, _opcode):
    """DRPS, encoded as ERET."""
    status, unit.spsr = (unit.dspsr if unit.spsr is None else unit.spsr), None
    unit.core.set_status(status)


def read_spsr(unit, opcode):
    kept = unit.core.values[0]
    done = unit.core.execute(A32_MRS_SPSR_R0)
    value = unit.core.values[0]
    unit.core.write(0, kept)
    unit.core.write(opcode >> 8 & 15, value)
    return done


def commit_spsr(unit):
    """An MSR SPSR that no DRPS followed."""
    if unit.spsr is not None:
        value, unit.spsr = unit.spsr, None
        kept = unit.core.values[0]
        unit.core.write(0, value)
        unit.core.execute(A32_MSR_SPSR_R0)
        unit.core.write(0, kept)


# The coprocessor encodings are those of A32, and so is all that is not here.
T32 = InstructionSet(rt_of, rn_of, otherwise=A32.decode)
T32.instructions += [
    (0xFFFF0FFF, 0xEE740F15, read_dspsr),
    (0xFFFF0FFF, 0xEE740F35, read_dlr),
    (0xFFFF0FFF, 0xEE640F15, write_dspsr),
    (0xFFFF0FFF, 0xEE640F35, write_dlr),
    (0xFFFFFFDF, 0xF3BF8F4F, nothing),
    (0xFFFFFFFC, 0xF78F8000, switch_level),
    (0xFFF0FFFF, 0xF3908F00, write_spsr),
    (0xFFFFFFFF, 0xF3DE8F00, return_to_mode),
    (0xFFFFF0FF, 0xF3FF8000, read_spsr),
    (0xFFF00FFF, 0xF8000B01, T32.store(1)),
    (0xFFF00FFF, 0xF8200B02, T32.store(2)),
    (0xFFF00FFF, 0xF8400B04, T32.store(4)),
    (0xFFF00FFF, 0xF8100B01, T32.load(1)),
    (0xFFF00FFF, 0xF8300B02, T32.load(2)),
    (0xFFF00FFF, 0xF8500B04, T32.load(4)),
]
