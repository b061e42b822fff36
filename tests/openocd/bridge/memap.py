# SPDX-License-Identifier: BSD-2-Clause
"""ADIv5: a memory access port (MEM-AP) with 32-bit addresses and transfers of 8, 16 and 32 bits."""

CSW, TAR, DRW, BD0, BD3, CFG, BASE, IDR = 0x00, 0x04, 0x0C, 0x10, 0x1C, 0xF4, 0xF8, 0xFC

CSW_SIZE, SIZE_WORD = 0x7, 2
CSW_ADDRINC, ADDRINC_SINGLE = 0x30, 0x10
CSW_DEVICE_EN = 0x40
WRAP = 0x3FF  # The address is incremented within 1 KiB, as ADIv5 guarantees no more.

AXI_IDR, APB_IDR = 0x44770004, 0x44770002
NO_DEBUG_BASE = 0x00000002  # "Not present" in BASE.
ROM_PRESENT = 0x3


class MemAp:
    """`bus` has read(address, size) and write(address, size, value), and raises BusFault."""

    def __init__(self, bus, idr, base=NO_DEBUG_BASE):
        self._bus = bus
        self._idr = idr
        self._base = base
        self._csw = CSW_DEVICE_EN | SIZE_WORD
        self._tar = 0

    def read(self, register):
        if register == DRW:
            return self._read_data()
        if BD0 <= register <= BD3:
            return self._bus.read(self._banked(register), 4)
        return {CSW: self._csw, TAR: self._tar, BASE: self._base, IDR: self._idr}.get(register, 0)

    def write(self, register, value):
        if register == DRW:
            self._write_data(value)
        elif BD0 <= register <= BD3:
            self._bus.write(self._banked(register), 4, value)
        elif register == CSW:
            self._write_csw(value)
        elif register == TAR:
            self._tar = value

    def _write_csw(self, value):
        """What is not implemented, packed transfers and those above 32 bits, reads back as something else."""
        size = min(value & CSW_SIZE, SIZE_WORD)
        increment = value & CSW_ADDRINC if value & CSW_ADDRINC == ADDRINC_SINGLE else 0
        self._csw = value & ~(CSW_SIZE | CSW_ADDRINC) & 0xFFFFFFFF | CSW_DEVICE_EN | size | increment

    def _lane(self):
        """(Size, address, bit position in DRW): bytes and halfwords stand in the lane of their address."""
        size = 1 << (self._csw & CSW_SIZE)
        address = self._tar & ~(size - 1)
        return size, address, 8 * (address & 3)

    def _read_data(self):
        size, address, position = self._lane()
        value = self._bus.read(address, size) << position
        self._advance(size)
        return value

    def _write_data(self, value):
        size, address, position = self._lane()
        self._bus.write(address, size, value >> position & (1 << 8 * size) - 1)
        self._advance(size)

    def _advance(self, size):
        if self._csw & CSW_ADDRINC:
            self._tar = self._tar & ~WRAP | self._tar + size & WRAP

    def _banked(self, register):
        return self._tar & ~0xF | register & 0xF
