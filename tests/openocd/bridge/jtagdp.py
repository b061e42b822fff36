# SPDX-License-Identifier: BSD-2-Clause
"""ADIv5: the JTAG debug port. DPACC reaches its own registers, APACC those of the selected access port."""

from bus import BusFault

ABORT, DPACC, APACC = 0b1000, 0b1010, 0b1011
LENGTH = 35  # Data, two bits of address, RnW; captured: data and the acknowledge.
ACK_OK = 0b010
READ = 1

CTRL_STAT, SELECT = 0x4, 0x8  # Reading 0xC, RDBUFF, gives 0 by itself: results stand in every capture already.

STICKYORUN, STICKYCMP, STICKYERR = 1 << 1, 1 << 4, 1 << 5
STICKY = STICKYORUN | STICKYCMP | STICKYERR
ORUNDETECT = 1 << 0
CDBGRSTREQ, CDBGPWRUPREQ, CSYSPWRUPREQ = 1 << 26, 1 << 28, 1 << 30
REQUESTS = CDBGRSTREQ | CDBGPWRUPREQ | CSYSPWRUPREQ  # Each is acknowledged by the bit above it.


class JtagDp:
    """The port of a TAP. `aps` are the access ports by number, with read(register) and write(register, value)."""

    def __init__(self, aps):
        self._aps = aps
        self._control = 0
        self._select = 0
        self._result = 0

    @staticmethod
    def _is_access(instruction):
        return instruction in (DPACC, APACC)

    def capture(self, instruction):
        if self._is_access(instruction) or instruction == ABORT:
            return self._result << 3 | ACK_OK, LENGTH
        return None

    def update(self, instruction, value):
        if self._is_access(instruction):
            access = self._access_dp if instruction == DPACC else self._access_ap
            self._result = access((value & 6) << 1, value >> 3, value & READ)

    def _access_dp(self, register, value, reads):
        if reads:
            return {CTRL_STAT: self._status(), SELECT: self._select}.get(register, 0)
        if register == CTRL_STAT:
            self._write_control(value)
        elif register == SELECT:
            self._select = value
        return self._result

    def _status(self):
        return self._control | (self._control & REQUESTS) << 1

    def _write_control(self, value):
        """On a JTAG-DP the sticky flags are cleared by writing 1 to them; on an SW-DP they would be by ABORT."""
        kept = self._control & STICKY & ~value
        self._control = kept | value & (REQUESTS | ORUNDETECT)

    def _access_ap(self, register, value, reads):
        """While STICKYERR is set, nothing reaches an access port. One that is not there reads as 0."""
        ap = self._aps.get(self._select >> 24)
        if self._control & STICKYERR or ap is None:
            return 0
        register |= self._select & 0xF0
        try:
            if reads:
                return ap.read(register)
            ap.write(register, value)
        except BusFault:
            self._control |= STICKYERR
        return 0
