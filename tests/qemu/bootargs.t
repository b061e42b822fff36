# SPDX-License-Identifier: BSD-2-Clause
"""Boot arguments: an unknown or malformed one is ignored, and what is not ignored is obeyed."""

import firmware
import machine
import tap

GARBAGE = (
    "nonsense",
    "order=0,0,1",
    "order=,",
    "order=99999999999999999999",
    "tables=xml",
    "tables=",
    "handover=",
    "=",
    "=value",
    'run="two words"',
    "exit=return",
    'open="quote',
    "x" * 300 + "=1",
    "\u00e9=\u00e9",
)

for word in GARBAGE:
    title = f"APPEND={word[:24]!r}"
    environment = {"INSTANCES": 1, "APPEND": word}
    machine.say(title, **environment)
    run = firmware.run(**environment)
    machine.passes(run, title)
    machine.has(run, title, 1, 4)

# One that names an instance that is not there is obeyed for the others.
title = "order=1,7,0"
environment = {"APPEND": title, "INSTANCES": 2}
if firmware.has_instances():
    machine.say(title, **environment)
    run = firmware.run(**environment)
    machine.passes(run, title)
    machine.has(run, title, 2, 4)
else:
    tap.skip(title, "this QEMU has one SMMUv3")

# log=quiet leaves the records, and nothing but the records and the verdict's words.
title = "log=quiet"
machine.say(title, APPEND=title)
quiet = firmware.run(APPEND=title)
machine.passes(quiet, title)
usual = firmware.run()
tap.equal(machine.described(quiet), machine.described(usual), f"{title}: the same records")
plain = [len([line for line in r.lines if line and not line.startswith("{")]) for r in (quiet, usual)]
tap.ok(plain[0] < plain[1] / 4, f"{title}: is quiet", f"{plain[0]} plain lines, {plain[1]} usually")


# log=debug says more, and nothing else.
title = "log=debug"
machine.say(title, APPEND=title)
debug = firmware.run(APPEND=title)
machine.passes(debug, title)
tap.equal(machine.described(debug), machine.described(usual), f"{title}: the same records")
said = [len([line for line in r.lines if line and not line.startswith("{")]) for r in (debug, usual)]
tap.ok(said[0] > said[1] + 10, f"{title}: says more", f"{said[0]} plain lines, {said[1]} usually")
tap.done()
