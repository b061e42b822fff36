# SPDX-License-Identifier: BSD-2-Clause
"""IEEE 1149.1: the state machine of a test access port with a 4-bit instruction register."""

TEST_LOGIC_RESET, RUN_TEST_IDLE = "Test-Logic-Reset", "Run-Test/Idle"
SELECT_DR, CAPTURE_DR, SHIFT_DR, EXIT1_DR = "Select-DR-Scan", "Capture-DR", "Shift-DR", "Exit1-DR"
PAUSE_DR, EXIT2_DR, UPDATE_DR = "Pause-DR", "Exit2-DR", "Update-DR"
SELECT_IR, CAPTURE_IR, SHIFT_IR, EXIT1_IR = "Select-IR-Scan", "Capture-IR", "Shift-IR", "Exit1-IR"
PAUSE_IR, EXIT2_IR, UPDATE_IR = "Pause-IR", "Exit2-IR", "Update-IR"

# Where TMS = 0 and TMS = 1 lead.
NEXT = {
    TEST_LOGIC_RESET: (RUN_TEST_IDLE, TEST_LOGIC_RESET),
    RUN_TEST_IDLE: (RUN_TEST_IDLE, SELECT_DR),
    SELECT_DR: (CAPTURE_DR, SELECT_IR),
    CAPTURE_DR: (SHIFT_DR, EXIT1_DR),
    SHIFT_DR: (SHIFT_DR, EXIT1_DR),
    EXIT1_DR: (PAUSE_DR, UPDATE_DR),
    PAUSE_DR: (PAUSE_DR, EXIT2_DR),
    EXIT2_DR: (SHIFT_DR, UPDATE_DR),
    UPDATE_DR: (RUN_TEST_IDLE, SELECT_DR),
    SELECT_IR: (CAPTURE_IR, TEST_LOGIC_RESET),
    CAPTURE_IR: (SHIFT_IR, EXIT1_IR),
    SHIFT_IR: (SHIFT_IR, EXIT1_IR),
    EXIT1_IR: (PAUSE_IR, UPDATE_IR),
    PAUSE_IR: (PAUSE_IR, EXIT2_IR),
    EXIT2_IR: (SHIFT_IR, UPDATE_IR),
    UPDATE_IR: (RUN_TEST_IDLE, SELECT_DR),
}

SHIFTING = (SHIFT_DR, SHIFT_IR)
IR_LENGTH, IR_CAPTURED = 4, 0b0001
IDCODE, BYPASS = 0b1110, 0b1111
IDCODE_LENGTH = 32


class Tap:
    """
    One TAP, the only one of its chain. IDCODE and BYPASS are its own; all other instructions are those of `port`:
    port.capture(instruction) gives (value, length) or None, port.update(instruction, value) takes what was shifted in.
    """

    def __init__(self, port, idcode):
        self._port = port
        self._idcode = idcode
        self._value, self._length = 0, 1
        self.reset()

    def reset(self):
        self.state = TEST_LOGIC_RESET
        self.instruction = IDCODE

    @property
    def shifts(self):
        return self.state in SHIFTING

    @property
    def tdo(self):
        return self._value & 1

    def clock(self, tms, tdi):
        """A rising edge of TCK."""
        state = self.state
        if state in SHIFTING:
            self.shift(tdi, 1)
        self.state = state = NEXT[state][tms]
        if state in self.ACTIONS:
            self.ACTIONS[state](self)

    def shift(self, bits, count):
        """`count` edges within Shift-DR or Shift-IR at once, the first in bit 0; the bits that came out."""
        whole = self._value | bits << self._length
        self._value = whole >> count
        return whole & ((1 << count) - 1)

    def _capture_dr(self):
        captured = (self._idcode, IDCODE_LENGTH) if self.instruction == IDCODE else self._port.capture(self.instruction)
        self._value, self._length = captured or (0, 1)

    def _update_dr(self):
        self._port.update(self.instruction, self._value)

    def _capture_ir(self):
        self._value, self._length = IR_CAPTURED, IR_LENGTH

    def _update_ir(self):
        self.instruction = self._value

    ACTIONS = {
        TEST_LOGIC_RESET: reset,
        CAPTURE_DR: _capture_dr,
        UPDATE_DR: _update_dr,
        CAPTURE_IR: _capture_ir,
        UPDATE_IR: _update_ir,
    }
