# SPDX-License-Identifier: BSD-2-Clause
"""Boot arguments: an unknown or malformed one is ignored, in a record too, and what is not ignored is obeyed."""

import firmware
import machine
import tap

GARBAGE = (
    "nonsense",
    "order=0,0,1",
    "order=,",
    "order=99999999999999999999",
    "tables=xml",
    "tables=DT",
    "dtb=zzz",
    "tables=",
    "handover=",
    "=",
    "=value",
    'walk="two words"',
    "exit=return",
    'open="quote',
    "x" * 300 + "=1",
    "\u00e9=\u00e9",
)



def words_of(run):
    return [ignored["word"] for ignored in run.of("firmware")[0]["ignored"]]


def says_why(run, title, word, why):
    found = [ignored["why"] for ignored in run.of("firmware")[0]["ignored"] if ignored["word"] == word]
    tap.ok(len(found) == 1 and why in found[0], f"{title}: the record says why", found)
    tap.ok(any(f"'{word}' is ignored" in line and why in line for line in run.lines), f"{title}: and so does a line", run.lines[:9])


for word in GARBAGE:
    title = f"APPEND={word[:24]!r}"
    environment = {"INSTANCES": 1, "APPEND": word}
    machine.say(title, **environment)
    run = firmware.run(**environment)
    machine.passes(run, title)
    machine.has(run, title, 1, 4)
    tap.equal(run.of("firmware")[0]["ignored_count"], 1, f"{title}: a word is ignored")

title = "what this machine cannot do"
run = firmware.run(INSTANCES=1, APPEND="exit=return acpi=0x40100000")
machine.passes(run, title)
tap.equal(words_of(run), ["exit=return", "acpi=0x40100000"], f"{title}: is in the record")

title = "what was asked for"
run = firmware.run(INSTANCES=1, APPEND="tabels=dt selftest=quick soak=5s tables=DT dtb=0x48000000")
machine.passes(run, title)
tap.equal(run.of("firmware")[0]["arguments"][1:], ["tabels=dt", "selftest=quick", "soak=5s", "tables=DT", "dtb=0x48000000"], f"{title}: all of it is in the record")
tap.equal(words_of(run), ["tabels=dt", "soak=5s", "tables=DT", "dtb=0x48000000"], f"{title}: and what of it is ignored")
says_why(run, title, "tabels=dt", "there is no such word in this image, but ")
says_why(run, title, "soak=5s", "soak= takes seconds, 1 to 86400")
says_why(run, title, "tables=DT", "tables= takes dt or iort")
says_why(run, title, "dtb=0x48000000", "dtb= is for a boot loader's")

title = "strict=on"
run = firmware.run(INSTANCES=1, APPEND="strict=on selftest=quick tables=DT")
tap.equal((run.verdict["result"], run.verdict["reason"]), ("fail", "a boot argument is ignored, and strict=on was asked for"), f"{title}: fails")
machine.passes(firmware.run(INSTANCES=1, APPEND="strict=on selftest=quick"), f"{title}, with nothing ignored")

title = "more words than a record holds"
run = firmware.run(INSTANCES=1, APPEND=" ".join(f"word{i}=é" for i in range(100)))
machine.passes(run, title)
said = run.of("firmware")[0]
tap.equal(len(said["arguments"]) + said["arguments_left_out"], 101, f"{title}: what is left out is counted")
tap.equal((said["ignored_count"], len(said["ignored"]) > 2), (100, True), f"{title}: and so are those ignored")

# An argument that names a missing instance still counts for the others.
title = "order=1,7,0"
environment = {"APPEND": title, "INSTANCES": 2}
if firmware.has_instances():
    machine.say(title, **environment)
    run = firmware.run(**environment)
    machine.passes(run, title)
    machine.has(run, title, 2, 4)
    tap.equal(words_of(run), ["order=1,7,0"], f"{title}: it is ignored in part, and the record says so")
else:
    tap.skip(title, "this QEMU has one SMMUv3")

# log=quiet leaves the records and the verdict's words, and nothing else.
title = "log=quiet"
machine.say(title, APPEND=title)
quiet = firmware.run(APPEND=title)
machine.passes(quiet, title)
usual = firmware.run()
tap.equal(machine.described(quiet), machine.described(usual), f"{title}: the same records")
plain = [len([line for line in r.lines if line and not line.startswith("{")]) for r in (quiet, usual)]
tap.ok(plain[0] < plain[1] / 4, f"{title}: is quiet", f"{plain[0]} plain lines, {plain[1]} usually")


tap.ok(any(line.startswith("PASS: ") for line in quiet.lines), f"{title}: the verdict is said", quiet.tail())

# Records can be kept from the console: it has words alone then, and the verdict's among them. `make run` cannot judge that.
MACHINE = ["-M", "virt" if firmware.has_instances() else "virt,iommu=smmuv3", "-device", "edu,bus=pcie.0,addr=1,dma_mask=0xffffffff"]
MACHINE += ["-device", "arm-smmuv3,primary-bus=pcie.0,id=smmuv3.0"] if firmware.has_instances() else []
for title in ("records=memory", "records=off"):
    run = firmware.run_bare([*MACHINE, "-append", f"selftest=quick {title}"])
    tap.equal([line for line in run.lines if line.startswith("{")], [], f"{title}: no record is on the console")
    tap.ok(any(line.startswith("PASS: ") for line in run.lines), f"{title}: the verdict's words are", run.tail())
    refused = firmware.run(INSTANCES=1, APPEND=title)
    tap.ok(refused.status and title in refused.lines[0], f"{title}: `make run` says that it could not see a verdict", refused.lines)

# log=debug says more, and nothing else.
title = "log=debug"
machine.say(title, APPEND=title)
debug = firmware.run(APPEND=title)
machine.passes(debug, title)
tap.equal(machine.described(debug), machine.described(usual), f"{title}: the same records")
said = [len([line for line in r.lines if line and not line.startswith("{")]) for r in (debug, usual)]
tap.ok(said[0] > said[1] + 10, f"{title}: says more", f"{said[0]} plain lines, {said[1]} usually")
tap.done()
