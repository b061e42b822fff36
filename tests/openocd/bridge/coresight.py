# SPDX-License-Identifier: BSD-2-Clause
"""CoreSight: the identification of components, the ROM table that lists them, and the bus of the APB-AP they are on."""

from bus import BusFault

PAGE = 0x1000
ROM_TABLE, DEBUG_COMPONENT = 0x1, 0x9  # Component classes.
DEVTYPE_DEBUG_LOGIC, DEVTYPE_CTI = 0x15, 0x14
DEVARCH_CTI = 0x47711A14
ARM = 0x4BB  # JEP106 with its "is used" flag and continuation code.
PRESENT = 0x3


def identification(kind, part, device_type=0):
    """DEVTYPE, PIDR and CIDR by their offsets."""
    return {
        0xFCC: device_type,
        0xFD0: ARM >> 8,
        0xFE0: part & 0xFF,
        0xFE4: ARM << 4 & 0xF0 | part >> 8,
        0xFE8: 0x8 | ARM >> 4 & 0x7,
        0xFF0: 0x0D,
        0xFF4: kind << 4,
        0xFF8: 0x05,
        0xFFC: 0xB1,
    }


class RomTable:
    """Lists the components by their distance from the table."""

    PART = 0x4A1

    def __init__(self, base, components):
        self._words = identification(ROM_TABLE, self.PART)
        self._words.update({4 * i: (at - base) & 0xFFFFF000 | PRESENT for i, at in enumerate(components)})

    def read(self, offset):
        return self._words.get(offset, 0)

    def write(self, offset, value):
        """A ROM takes no writes, and reports none."""


class DebugBus:
    """What the APB-AP reaches: components of a page each, with read(offset) and write(offset, value)."""

    def __init__(self, components):
        self._components = components

    def read(self, address, size):
        return self._component(address, size).read(address % PAGE)

    def write(self, address, size, value):
        self._component(address, size).write(address % PAGE, value)

    def _component(self, address, size):
        """APB knows words only."""
        component = self._components.get(address - address % PAGE)
        if component is None or size != 4:
            raise BusFault(f"no component at {address:#x}")
        return component
