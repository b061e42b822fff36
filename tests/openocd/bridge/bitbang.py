# SPDX-License-Identifier: BSD-2-Clause
"""OpenOCD's remote_bitbang protocol: one character per change of the pins, one per sample of TDO."""

import re

# TDO is sampled before TCK rises, and all that matters of TMS and TDI is what they are then: characters with TCK low
# say nothing. Without them a bit within Shift-DR or Shift-IR is two characters and a step to another state is one.
# Scans are nearly nothing else, so that runs of them are taken in one piece.
WITH_TCK_LOW = b"0123"
SHIFT_RUN = re.compile(rb"(?:R[45])+")
CLOCK_RUN = re.compile(rb"[4-7]+")
PINS_TO_BITS = bytes.maketrans(b"45", b"01")
SAMPLE, QUIT, ZERO = b"RQ0"
RESETS = {ord("r"): (0, 0), ord("s"): (0, 1), ord("t"): (1, 0), ord("u"): (1, 1)}  # (TRST, SRST)


class Bitbang:
    """The pins of one TAP; `set_reset(asserted)` is told of SRST."""

    def __init__(self, tap, set_reset):
        self._tap = tap
        self._set_reset = set_reset
        self.has_quit = False

    def exchange(self, request):
        """Takes what OpenOCD sent, gives what is to be sent back."""
        reply, at = bytearray(), 0
        request = request.translate(None, WITH_TCK_LOW)
        while at < len(request):
            if self._tap.shifts and (run := SHIFT_RUN.match(request, at)):
                reply += self._shift(run[0])
                at = run.end()
            elif run := CLOCK_RUN.match(request, at):
                self._clock(run[0])
                at = run.end()
            else:
                self._take(request[at], reply)
                at += 1
        return bytes(reply)

    def _clock(self, characters):
        for pins in characters:
            self._tap.clock(pins >> 1 & 1, pins & 1)

    def _shift(self, characters):
        pins = characters[1::2]
        count = len(pins)
        shifted = self._tap.shift(int(pins[::-1].translate(PINS_TO_BITS), 2), count)
        return f"{shifted:0{count}b}"[::-1].encode()

    def _take(self, character, reply):
        if character == SAMPLE:
            reply.append(ZERO + self._tap.tdo)
        elif character in RESETS:
            self._set_resets(*RESETS[character])
        elif character == QUIT:
            self.has_quit = True

    def _set_resets(self, trst, srst):
        if trst:
            self._tap.reset()
        self._set_reset(bool(srst))
