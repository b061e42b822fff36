# SPDX-License-Identifier: BSD-2-Clause
"""
Listening: USB controllers that the program before the firmware left running are heard before any SMMU is registered, are named with
address, direction and rate, and with `pass` go on after their first transactions. A UHCI reads its frame list every millisecond,
and what a denied read gives leads it on to address 0, hundreds of times; an EHCI gives up after some hundred accesses. QEMU's trace
tells what their SMMU let through.
"""

import os
import re
import shutil

import firmware
import inherited
import loader
import machine
import tap

SLOT = 0x1C
SID = SLOT << 3
MASTER = f"0000:00:{SLOT:02x}.0"
IO = 0x3EFF0000  # The CPU's window on I/O addresses.
FRAMES = inherited.SPARE

EHCI_SLOT, EHCI_WINDOW = 0x1B, 0x10000000
UHCI = f"piix3-usb-uhci,bus=pcie.0,addr={SLOT:x}"
EHCI_SID, EHCI = EHCI_SLOT << 3, f"0000:00:{EHCI_SLOT:02x}.0"

# 1024 entries that end at once.
FRAME_LIST = f"""
	ldr ptr0, ={FRAMES:#x}
	add ptr2, ptr0, #0x1000
	mov r3, #1
1:	str r3, [ptr0], #4
	cmp ptr0, ptr2
	bne 1b
"""

# BAR4, then I/O decoding and bus mastering; the frame list; run.
LEAVE_RUNNING = f"""
{FRAME_LIST}	ldr ptr0, ={inherited.ECAM + (SLOT << 15):#x}
	ldr ptr1, ={IO + 0x1000:#x}
	mov r2, #0x1000
	str r2, [ptr0, #0x20]
	mov r2, #5
	str r2, [ptr0, #4]
	ldr r2, ={FRAMES:#x}
	str r2, [ptr1, #8]
	mov r2, #1
	strh r2, [ptr1]
	mov r0, #0
	enter {loader.ENTRY}
"""

# Memory's BAR; frame list, then run with the periodic schedule.
EHCI_RUNNING = f"""{FRAME_LIST}{inherited.function(EHCI_SLOT, window=EHCI_WINDOW)}
	ldr r2, ={FRAMES:#x}
	str r2, [ptr1, #0x34]
	mov r2, #1
	str r2, [ptr1, #0x60]
	mov r2, #0x11
	str r2, [ptr1, #0x20]
	mov r0, #0
	enter {loader.ENTRY}
"""

folder = firmware.work_folder("listen")
trace = os.path.join(folder, "trace")


def listened(arguments, device, program):
    binary = loader.assemble(folder, "left", program)
    extra = f"-device {device} {loader.start(binary)} -trace enable=smmuv3_translate_bypass -D {trace}"
    environment = {"INSTANCES": 1, "MACHINE": "highmem=off", "APPEND": arguments, "QEMU_EXTRA": extra}
    machine.say(arguments, **environment)
    return firmware.run(**environment)


def let_through():
    """The addresses of its transactions that bypassed an SMMU that was on."""
    with open(trace, encoding="ascii", errors="replace") as file:
        return [int(address, 16) for address in re.findall(rf"smmuv3_translate_bypass .*sid={SID:#x} STE bypass iova:(0x[0-9a-f]+)", file.read())]


def heard(run, sid):
    found = run.of("listen", sid=hex(sid))
    return found[0] if len(found) == 1 else {}



def until(is_heard, words, *rest):
    """A busy machine gives a device less of a second than an idle one: as many seconds as it takes."""
    for seconds in (1, 4, 16, 64):
        run = listened(words.format(seconds), *rest)
        if is_heard(run):
            break
    return run, seconds


title = "listen=N"
run, seconds = until(lambda run: heard(run, SID).get("silenced"), "listen={} selftest=quick", UHCI, LEAVE_RUNNING)
machine.passes(run, title)
record = heard(run, SID)
tap.equal((record.get("instance"), record.get("sid"), record.get("master"), record.get("access")), ("smmu0", hex(SID), MASTER, "read"), f"{title}: who emits is in a record, with its direction")
tap.ok(FRAMES <= int(record.get("address") or "0", 16) < FRAMES + 4096, f"{title}: its address is the frame list's", record)
tap.ok(record.get("silenced") and record.get("count", 0) >= 8192 and record.get("per_second", 0) is None, f"{title}: its rate is beyond what is counted", record)
tap.ok(any(f"stream {SID:#x} ({MASTER}) reads " in line and "more than 8192 a second" in line for line in run.lines), f"{title}: a line says so", run.lines[:20])
tap.equal(sorted(found["place"] for found in run.of("finding", id="unasked")), [MASTER], f"{title}: it is a finding")
tap.equal(let_through(), [], f"{title}: nothing of it is let through")
tap.equal(run.of("event", sid=hex(SID)), [], f"{title}: behind it, the controller is off the bus, and no check hears of it")
tap.ok(run.of("handover")[0]["unsilenced_storms"] == 0, f"{title}: what was heard is not held against the run", run.of("handover"))

title = "listen=N,pass"
run, seconds = until(lambda run: len(let_through()) > 500, "listen={},pass selftest=quick", UHCI, LEAVE_RUNNING)
machine.passes(run, title)
record = heard(run, SID)
passed = let_through()
tap.equal((record.get("sid"), record.get("passed"), record.get("silenced")), (hex(SID), True, False), f"{title}: who was heard is let through")
tap.ok(len(passed) > 500 and all(FRAMES <= address < FRAMES + 4096 for address in passed), f"{title}: it reads on, each millisecond, and what it reads is its frame list", passed[:5])
tap.ok(any("denied, then let through" in line for line in run.lines), f"{title}: a line says so", run.lines[:20])
tap.equal(run.of("event", sid=hex(SID)), [], f"{title}: behind it, the controller is off the bus")

title = "listen=N, and in the monitor"
run, seconds = until(
    lambda run: heard(run, EHCI_SID).get("writes", 0) > 10 and heard(run, EHCI_SID).get("count", 0) > 100,
    'listen={} run="listen 1" selftest=quick', f"usb-ehci,bus=pcie.0,addr={EHCI_SLOT:x}", EHCI_RUNNING,
)
machine.passes(run, title)
other = heard(run, EHCI_SID)
counts = [other.get(key, 0) for key in ("count", "reads", "writes", "per_second")]
tap.ok(counts[0] > 100 and counts[0] == counts[1] + counts[2] and counts[3] == counts[0] // seconds and other.get("writes", 0) > 10, f"{title}: what reads and writes is heard, at a rate", other)
tap.equal((other.get("master"), other.get("silenced"), other.get("lowest")), (EHCI, False, "0x0"), f"{title}: and its addresses have a range")
tap.equal(sum("nothing was emitted in 1 s" in line for line in run.lines), 1, f"{title}: once it is off the bus there is nothing to hear")

for word, why in (("listen=0", "takes seconds"), ("listen=3601", "takes seconds"), ("listen=5,bypass", "takes seconds"), ("listen=", "takes seconds")):
    run = firmware.run(APPEND=f"{word} describe=only")
    ignored = run.of("firmware")[0]["ignored"]
    tap.ok([found["word"] for found in ignored] == [word] and why in ignored[0]["why"], f"{word}: is ignored, and named", ignored)
shutil.rmtree(folder)
tap.done()
