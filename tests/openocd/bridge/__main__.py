# SPDX-License-Identifier: BSD-2-Clause
"""
Lets the stock OpenOCD drive a QEMU machine by its remote_bitbang adapter, as if it were a chip with a JTAG port.

QEMU needs `-qtest unix:SOCK,server=on,wait=off -accel tcg` and a gdbstub on another socket. OpenOCD sees a TAP with an
ADIv5 JTAG-DP, an AXI-AP (0) on the machine's bus, and an APB-AP (1) with a ROM table and a debug unit for each core.
"""

import argparse
import signal
import sys

sys.dont_write_bytecode = True  # Nothing is left behind among the sources.

from chip import UNITS, Chip
from link import QemuGone, QemuSilent
from server import Server


def number(text):
    """Decimal or 0x."""
    return int(text, 0)


def parse_arguments():
    parser = argparse.ArgumentParser(prog="bridge", description=__doc__.split("\n\n")[0].strip())
    parser.add_argument("--qtest", required=True, metavar="SOCK", help="QEMU's qtest socket")
    parser.add_argument("--gdb", required=True, metavar="SOCK", help="QEMU's gdbstub socket")
    parser.add_argument("--listen", required=True, metavar="SOCK", help="made here, for OpenOCD")
    parser.add_argument("--cores", type=number, default=1, help="debug units to show (1)")
    parser.add_argument("--unit", choices=UNITS, help="OpenOCD's target type (the cores' own)")
    parser.add_argument("--idcode", type=number, default=0x4BA00477)
    parser.add_argument("--debug-base", type=number, default=0x80010000, help="the first core's debug unit")
    parser.add_argument("--cti-base", type=number, default=0x80020000, help="the first core's CTI (aarch64)")
    parser.add_argument("--debug-stride", type=number, default=0x100000, help="from one core to the next")
    parser.add_argument("--scratch", type=number, default=0x40000000, help="4 bytes of RAM for instructions")
    parser.add_argument("--run", action="store_true", help="let the cores run instead of leaving them halted")
    return parser.parse_args()


def end(_signal, _frame):
    sys.exit(0)


def run(options):
    chip = Chip(options)
    if options.run:
        chip.control.run_all()
    server = Server(options.listen, chip)
    try:
        print("bridge ready", flush=True)
        server.serve()
    finally:
        server.close()


def main():
    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, end)
    try:
        run(parse_arguments())
    except QemuGone as gone:
        print(f"bridge: QEMU went away: {gone}", flush=True)
    except (OSError, ValueError, QemuSilent) as error:
        sys.exit(f"bridge: {error}")
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)  # Or else it would kill an interpreter that is about to end.


if __name__ == "__main__":
    main()
