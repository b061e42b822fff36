# SPDX-License-Identifier: BSD-2-Clause
"""What the instruction sets of a debugger share: loads and stores that step on, and telling an opcode's meaning."""

import functools


def execute_for_real(unit, opcode):
    """What the bridge does not know, the core executes itself."""
    return unit.core.execute(opcode)


class InstructionSet:
    """`rt_of` and `rn_of` take an opcode's register numbers out of it; `otherwise` decodes what `instructions` lacks."""

    def __init__(self, rt_of, rn_of, otherwise=lambda opcode: execute_for_real):
        self.rt_of, self.rn_of, self.otherwise = rt_of, rn_of, otherwise
        self.instructions = []
        self.decode = functools.lru_cache(maxsize=256)(self._decode)

    def store(self, size):
        """STR, STRH, STRB Rt, [Rn], #size."""

        def execute(unit, opcode):
            rn = self.rn_of(opcode)
            address = unit.core.values[rn]
            unit.store(address, size, unit.core.read(self.rt_of(opcode)))
            unit.core.write(rn, address + size)

        return execute

    def load(self, size):
        """LDR, LDRH, LDRB Rt, [Rn], #size."""

        def execute(unit, opcode):
            rn = self.rn_of(opcode)
            address = unit.core.values[rn]
            unit.core.write(self.rt_of(opcode), unit.core.load(address, size))
            unit.core.write(rn, address + size)

        return execute

    def _decode(self, opcode):
        known = (execute for mask, value, execute in self.instructions if opcode & mask == value)
        return next(known, None) or self.otherwise(opcode)
