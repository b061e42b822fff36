# SPDX-License-Identifier: BSD-2-Clause
"""Cross-trigger interfaces (CTI): on ARMv8-A the way to halt and restart cores, alone or together."""

import coresight

PART = 0x906
CTIINTACK, CTIAPPPULSE, CTIOUTEN, CTIGATE = 0x010, 0x01C, 0x0A0, 0x140
CTIAPPSET = 0x014
HALT_OUTPUT, RESTART_OUTPUT = 0, 1  # Trigger outputs to the core.
CHANNELS = 4


class CrossTrigger:
    """The CTI of one core. `matrix` lists those of all cores: a channel that both gates let through joins them."""

    def __init__(self, unit, matrix):
        self._unit = unit
        self._matrix = matrix
        self._words = {CTIGATE: (1 << CHANNELS) - 1}
        self._constants = coresight.identification(coresight.DEBUG_COMPONENT, PART, coresight.DEVTYPE_CTI)
        self._constants[0xFBC] = coresight.DEVARCH_CTI
        matrix.append(self)

    def read(self, offset):
        return self._words.get(offset, self._constants.get(offset, 0))

    def write(self, offset, value):
        if offset in (CTIAPPPULSE, CTIAPPSET):
            self._pulse(value)
        elif offset != CTIINTACK:
            self._words[offset] = value

    def _pulse(self, channels):
        passed = channels & self._words[CTIGATE]
        for each in self._matrix:
            each.receive(channels if each is self else passed & each.read(CTIGATE))

    def receive(self, channels):
        """Events that have come as far as the trigger outputs."""
        if channels & self.read(CTIOUTEN + 4 * HALT_OUTPUT):
            self._unit.halt()
        if channels & self.read(CTIOUTEN + 4 * RESTART_OUTPUT):
            self._unit.restart()
