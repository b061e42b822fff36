# SPDX-License-Identifier: BSD-2-Clause
"""
Halting, restarting, stepping and resetting the cores, and their breakpoints, by QEMU's gdbstub.

QEMU stops all cores together. That is what cores do whose cross-trigger interfaces pass halt events to each other, so
that is what this models: when one core halts, all do, and each knows why. Cores are restarted one by one.

The gdbstub answers only while the machine stands still. What has to be done there while cores run is done within
`with stopped()`, which only the clock notices.
"""

import contextlib
import re
import time
from collections import namedtuple

from link import QemuSilent

# Why a core is halted: the method of entry of DDI 0406C, DBGDSCR.MOE.
HALT_REQUEST, BREAKPOINT, BKPT_INSTRUCTION, EXTERNAL, VECTOR_CATCH, WATCHPOINT = 0, 1, 3, 4, 5, 10

# A hardware breakpoint (kind 1) or a watchpoint (2: write, 3: read, 4: both), numbered as gdb's Z packets are.
Point = namedtuple("Point", "kind address size")
IS_BREAKPOINT = 1

WAKE_EVERY = 0.05  # Seconds.
STOP_LIMIT = 1200  # Seconds until a machine that was told to stop must have.
SIGTRAP = 5
SIGQUIT = 3  # How the gdbstub tells that the machine was turned off, with QEMU told to stay (-no-shutdown).


class RunControl:
    """
    The state of all cores. `qtest` carries posted writes, `nudge(core)` is a context in which WFI ends, and
    `entered(core)` is called for each core that halts, after it has.
    """

    def __init__(self, stub, count, qtest, nudge):
        self._stub = stub
        self._drain = qtest.drain
        self._wake = qtest.wake
        self._woken = 0.0
        self._nudge = nudge
        self._moving = False  # QEMU was told to go on, and has not yet reported a stop.
        self._departures = 0  # How often it was told to go on, or to reset.
        self._off = False  # Until the next reset no core moves; memory can be read.
        self._running = set()
        self._stepping = set()
        self._points = [{} for _ in range(count)]
        self._planted = {}
        self._catches_reset = set()
        self._halts_after_reset = False
        self.in_reset = False
        self.was_reset = [True] * count
        self.cause = [EXTERNAL] * count
        self.watched = [0] * count
        self.entered = lambda core: None

    @property
    def moves(self):
        """Whether QEMU runs, as far as it has said."""
        return self._moving

    def stillness(self):
        """A number that stays the same while the machine stands still; None in one that runs."""
        return None if self._moving else self._departures

    def is_halted(self, core):
        self.poll()
        return not self.in_reset and core not in self._running

    def poll(self):
        """
        Notes a stop. A core at its breakpoint only asks QEMU's main loop to stop the machine. A core that wrote to flash just
        before has sometimes swallowed the event that wakes that loop (QEMU 11.1): the loop slept until the next packet, and
        OpenOCD's wait for the end of its flash algorithm timed out.
        """
        if self._moving:
            if time.monotonic() - self._woken > WAKE_EVERY:
                self._wake()
                self._woken = time.monotonic()
            reply = self._stub.packet(0)
            if reply is not None:
                self._take_stop(reply)

    def look(self):
        """To be called when the gdbstub has something to say: also finds out that QEMU is gone."""
        if self._moving:
            self.poll()
        else:
            self._stub.packet(0)

    def run_all(self):
        self._running = set(range(len(self.cause)))
        self._continue()

    def halt(self, core):
        if self.in_reset:
            self._halts_after_reset = True
        elif self._pause() and core in self._running:
            self._enter(core, HALT_REQUEST)
        self._continue()

    def restart(self, core, prepare, steps):
        """Calls `prepare` first, while all cores stand still."""
        self._pause()
        prepare()
        self._running.add(core)
        if steps:
            self._stepping.add(core)
        self._continue()

    @contextlib.contextmanager
    def stopped(self):
        """All cores stand still within, and those that ran run again afterwards."""
        was_moving = self._moving
        self._pause()
        try:
            yield
        finally:
            if was_moving:
                self._continue()

    def step_alone(self, core):
        """One instruction of one core that stands still; whether it was executed. In a machine that is off none is."""
        if self._off:
            return False
        self._drain()
        self._departures += 1
        self._stub.resume(f"s:{self._stub.threads[core]:x}")
        done = self._stub.packet_or_rest() is not None or self._step_awake(core)
        self._stub.forget_selection()
        return done

    def _step_awake(self, core):
        """A core in WFI does not step. An interrupt ends that, and is not taken. A core that is turned off sleeps on."""
        with self._nudge(core):
            done = self._stub.packet_or_rest() is not None
        if not done:
            self._interrupt()
        return done

    def catch_reset(self, core, catches):
        """DBGVCR.R."""
        (self._catches_reset.add if catches else self._catches_reset.discard)(core)

    def set_reset(self, asserted):
        """SRST. Cores that catch their reset vector stand there afterwards, before their first instruction."""
        if asserted and not self.in_reset:
            self._assert_reset()
        elif not asserted and self.in_reset:
            self._release_reset()

    def _assert_reset(self):
        self._pause()
        self._drain()
        self._departures += 1
        self._stub.monitor("system_reset")
        self.in_reset = True
        self._off = False
        self.was_reset = [True] * len(self.cause)
        self._running = set(range(len(self.cause)))
        self._stepping.clear()

    def _release_reset(self):
        self.in_reset = False
        if self._catches_reset:
            self._enter(min(self._catches_reset), VECTOR_CATCH)
        elif self._halts_after_reset:
            self._enter(0, HALT_REQUEST)
        self._halts_after_reset = False
        self._continue()

    def set_point(self, core, slot, point):
        """A breakpoint or watchpoint of one core, or None. QEMU's are those of all cores: each is set there once."""
        with self.stopped():
            old = self._points[core].pop(slot, None)
            if old and not self._is_used(old):
                self._stub.command(f"z{old.kind},{old.address:x},{old.size:x}")
            if point and not self._is_used(point):
                self._stub.command(f"Z{point.kind},{point.address:x},{point.size:x}")
            if point:
                self._points[core][slot] = point

    def _is_used(self, point):
        return any(point in points.values() for points in self._points)

    def has_planted(self, address):
        return address in self._planted

    def plant(self, address, size):
        """A BKPT instruction was stored here. QEMU's cores do not halt on it, but on a breakpoint in its place."""
        if address not in self._planted:
            self._planted[address] = size
            with self.stopped():
                self._stub.command(f"Z0,{address:x},{size:x}")

    def pull(self, address):
        size = self._planted.pop(address)
        with self.stopped():
            self._stub.command(f"z0,{address:x},{size:x}")

    def _continue(self):
        if self._running and not self.in_reset and not self._moving and not self._off:
            self._drain()
            self._departures += 1
            self._stub.resume(";".join(self._actions()))
            self._moving = True

    def _actions(self):
        """What vCont is told. The default for all is named last, and includes cores that the bridge does not show."""
        actions = [f"s:{self._stub.threads[core]:x}" for core in sorted(self._stepping)]
        if len(self._running) == len(self.cause):
            return actions + ["c"]
        return actions + [f"c:{self._stub.threads[core]:x}" for core in sorted(self._running - self._stepping)]

    def _pause(self):
        """Stops the machine. False when a core has halted of itself meanwhile."""
        return not self._moving or not self._take_reason(self._interrupt())

    def _interrupt(self):
        self._stub.interrupt()
        reply = self._stub.packet(STOP_LIMIT)
        if reply is None:
            raise QemuSilent(f"the machine does not stop for {STOP_LIMIT} seconds")
        return reply

    def _take_stop(self, reply):
        if not self._take_reason(reply) and not self._off:
            # Another core's breakpoint, or a step that ended long ago: this core ignores it.
            core = self._core_of(reply)
            if core is not None:
                self.step_alone(core)
            self._continue()

    def _take_reason(self, reply):
        """Whether this stop has halted the cores."""
        self._moving = False
        self._off = int(reply[1:3], 16) == SIGQUIT
        self._stub.forget_selection()
        core, cause = self._core_of(reply), None
        if core is not None and int(reply[1:3], 16) == SIGTRAP:
            cause = self._cause(core, reply)
        if cause is not None:
            self._enter(core, cause)
        return cause is not None

    def _core_of(self, reply):
        thread = re.search(rb"thread:([0-9a-f]+);", reply)
        thread = int(thread[1], 16) if thread else None
        core = self._stub.threads.index(thread) if thread in self._stub.threads else None
        return core if core in self._running else None

    def _cause(self, core, reply):
        """Why the core itself must halt here, or None."""
        watch = re.search(rb"watch:([0-9a-f]+)", reply)
        if watch:
            self.watched[core] = int(watch[1], 16)
            return WATCHPOINT if self._watches(core, self.watched[core]) else None
        return BREAKPOINT if core in self._stepping else self._cause_at(core)

    def _cause_at(self, core):
        pc = self._stub.read_register(core, "pc")
        if pc in self._planted:
            return BKPT_INSTRUCTION
        here = (IS_BREAKPOINT, pc)
        return BREAKPOINT if any(point[:2] == here for point in self._points[core].values()) else None

    def _watches(self, core, address):
        points = self._points[core].values()
        return any(p.kind != IS_BREAKPOINT and p.address <= address < p.address + p.size for p in points)

    def _enter(self, core, cause):
        """Puts all cores that ran into debug state: one with its own cause, the others with that core's halt as the cause."""
        halted, self._running = self._running, set()
        self._stepping.clear()
        for each in sorted(halted):
            self.cause[each] = cause if each == core else self._cause_beside(each)
            self.entered(each)

    def _cause_beside(self, core):
        """Two cores may come to their breakpoints at once; QEMU names one."""
        own = self._cause_at(core)
        return EXTERNAL if own is None else own
