# SPDX-License-Identifier: BSD-2-Clause
"""Registration in another order gives the same map, and the wrong instance wakes no device."""

import firmware
import machine
import tap

if not firmware.has_instances():
    tap.skip("order of registration", "this QEMU has one SMMUv3")
    tap.done()

machine.say("in the order of description")
usual = firmware.run()
machine.passes(usual, "in the order of description")
for order in ("2,0,1", "1,2,0", "2"):
    title = f"order={order}"
    machine.say(title, APPEND=title)
    run = firmware.run(APPEND=title)
    machine.passes(run, title)
    machine.has(run, title, 3, 4)
    machine.deferred(run, title, 4)
    tap.equal(machine.described(run), machine.described(usual), f"{title}: the same map")
tap.done()
