# SPDX-License-Identifier: BSD-2-Clause
"""What is handed over: every instance off, and GBPA as asked with its other fields as they were."""

import firmware
import machine
import tap

GBPA_ABORT = 1 << 20

for policy, arguments in (("abort", ""), ("abort", "handover=abort"), ("bypass", "handover=bypass")):
    title = f"policy {policy} by '{arguments}'"
    machine.say(title, APPEND=arguments)
    run = firmware.run(APPEND=arguments)
    machine.passes(run, title)
    handovers = run.of("handover")
    tap.equal({h["policy"] for h in handovers}, {policy}, f"{title}: it is the policy asked for")
    if any(h["gbpa"] is None for h in handovers):
        tap.skip(f"{title}: GBPA", "this QEMU's SMMUv3 has no GBPA")
        continue
    inherited = {i["instance"]: int(i["inherited"]["gbpa"], 16) for i in run.of("instance")}
    for h in handovers:
        wanted = inherited[h["instance"]] & ~GBPA_ABORT | (GBPA_ABORT if policy == "abort" else 0)
        tap.equal(int(h["gbpa"], 16), wanted, f"{title}: GBPA of {h['instance']} keeps its other fields")
tap.done()
