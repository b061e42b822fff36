# SPDX-License-Identifier: BSD-2-Clause
"""The parts of tools/load by themselves, without OpenOCD: whose verdict counts, what is written where, and what is refused."""

import contextlib
import importlib.machinery
import importlib.util
import io
import os
import select
import shutil
import struct
import types

import board  # First: it tells where the modules below are.
import firmware
import tap

loader = importlib.machinery.SourceFileLoader("tool", board.LOAD)
tool = importlib.util.module_from_spec(importlib.util.spec_from_loader("tool", loader))
exec(compile(loader.get_data(board.LOAD), board.LOAD, "exec"), tool.__dict__)  # pylint: disable=exec-used
folder = firmware.work_folder("tool")


def path_of(name):
    return os.path.join(folder, name)


def write(name, data, mode=0o644):
    with open(path_of(name), "wb") as file:
        file.write(data)
    os.chmod(path_of(name), mode)
    return path_of(name)


def quietly(call, *arguments):
    """What a call returns, or the words of its failure."""
    with contextlib.redirect_stdout(io.StringIO()):
        try:
            return call(*arguments)
        except tool.Failure as failure:
            return str(failure)


def refuses(title, words, call, *arguments):
    said = quietly(call, *arguments)
    tap.ok(isinstance(said, str) and words in said, f"{title}: is refused, and told why", said)


# --- Whose verdict it is. ---

PASSED = '{"record":"verdict","result":"pass","reason":null}\n'
FAILED = PASSED.replace("pass", "fail")


def report(name):
    return f'{{"record":"firmware","name":"smmu-bringup","id":{name}}}\n' + PASSED


def counts(title, wanted, name, *lines):
    """How a console with these lines ends, for a run of this name."""
    console = tool.Console(path_of("console.log"))
    console.id = name
    for line in lines:
        quietly(console.take, line.encode())
    tap.equal((console.judgement()[0], console.done.is_set()), (wanted, wanted != tool.NO_VERDICT), f"the console: {title}")
    return console


counts("a pass of this run counts", tool.PASS, "mine", report('"mine"'))
counts("so does one that comes in pieces", tool.PASS, "mine", *report('"mine"'))
counts("so does a failure", tool.NO_PASS, "mine", report('"mine"').replace("pass", "fail"))
other = counts("another run's pass does not", tool.NO_VERDICT, "mine", report('"other"'))
tap.equal(other.judgement()[1], "no verdict of this run (id=mine); there were reports of others: other", "the console: and is named")
counts("nor does one without a name", tool.NO_VERDICT, "mine", report("null"))
counts("nor one whose beginning was not heard", tool.NO_VERDICT, "mine", PASSED)
counts("nor another run's failure", tool.NO_VERDICT, "mine", report('"other"').replace("pass", "fail"))
counts("a failure before the report begins counts", tool.NO_PASS, "mine", FAILED)
counts("ours behind another's counts", tool.PASS, "mine", report('"other"'), report('"mine"'))
counts("another's behind ours that was cut off does not", tool.NO_VERDICT, "mine", report('"mine"').split("\n")[0] + "\n", report('"other"'))
counts("half a line is none", tool.NO_VERDICT, "mine", report('"mine"')[:-1])
counts("a report from flash has no name", tool.PASS, None, report("null"))
counts("a failure behind a pass of this run fails", tool.NO_PASS, "mine", report('"mine"') + FAILED)
counts("so does a record behind the verdict", tool.NO_PASS, "mine", report('"mine"') + '{"record":"event"}\n')

# --- Where the console is read. ---

LOG = path_of("serial.log")
write("serial.log", b"yesterday\n")
follower = tool.Follower(LOG)
write("more", b"")
with open(LOG, "ab") as file:
    file.write(b"today\n")
tap.equal(follower.read(), b"today\n", "a file that is followed: what comes behind its end of then")
write("serial.log", b"anew\n")
tap.equal(follower.read(), b"anew\n", "one that was cut off is read from its beginning")
os.rename(write("serial.new", b"another\n"), LOG)
tap.equal(follower.read(), b"another\n", "another one of that name is read in its place")

# What the old image reported until it was halted.
write("serial.log", b"the old image's\n")
follower.skip()
with open(LOG, "ab") as file:
    file.write(b"this run's\n")
tap.equal(follower.read(), b"this run's\n", "a file: what came until it is skipped is not read")
os.mkfifo(path_of("pipe"))
adapter, (terminal, line) = os.open(path_of("pipe"), os.O_RDWR), os.openpty()
for title, path, end in (("a device", path_of("pipe"), adapter), ("a terminal", os.ttyname(line), terminal)):
    follower = tool.Follower(path)
    os.write(end, b"the old image's\nhalf a li")
    select.select([follower.file], [], [], firmware.LIMIT)
    follower.skip()
    os.write(end, b"this run's\n")
    tap.equal(follower.read(), b"this run's\n", f"{title}: nor from there, and no half of a line")


def flashes(where):
    """
    With a log to which the old image writes until it is overwritten, and the new one from its start on, both without a name: (where in it
    the run begins to listen, what it hears, the commands of the start).
    """
    write("serial.log", b"")
    it = types.SimpleNamespace(
        name="a board", nor=write("nor.bin", b"new"), emulated=False, where=where, power_on=lambda: None, checks=lambda: [], started=lambda: None,
        image=types.SimpleNamespace(symbol=lambda name: (START, ROOM)), follower=tool.Follower(LOG) if where == LOG else None,
    )
    commands, begins = [], []

    def openocd(words):
        commands.append(words)
        with open(LOG, "ab") as log:
            log.write(b"new\n" if "reset run" in words else b"old\n")

    it.openocd = types.SimpleNamespace(run=openocd, check_verified=lambda size: None)
    it.console = types.SimpleNamespace(read_from=lambda read: begins.append(os.lseek(it.follower.file, 0, os.SEEK_CUR)))
    it.forget, it.listen = (lambda: tool.Board.forget(it)), (lambda: tool.Board.listen(it))
    quietly(tool.flash, it)
    return begins, it.follower and it.follower.read(), commands[-1]


START, ROOM = 0x40200000, 0x1000
tap.equal(flashes(LOG), ([len(b"old\n")], b"new\n", ["reset run"]), "flash: what the old image reports while it is overwritten is not heard")
tap.equal(flashes("rtt"), ([], None, [f"bringup_forget {START:#x}", "reset run"]), "flash: nor what it has left in memory, which outlives the reset")

with contextlib.redirect_stdout(io.StringIO()) as told:
    first, second = tool.own_folder(path_of("run")), tool.own_folder(path_of("run"))
tap.equal((first[0], second[0]), (path_of("run"), path_of("run-2")), "two loads at once have a folder each")
tap.ok(f"another load has {path_of('run')}" in told.getvalue(), "and the second says so", told.getvalue())


def console_in_memory(title, block, wanted):
    """What a board reads of the console in memory."""
    image = types.SimpleNamespace(symbol=lambda name: (START, ROOM))
    it = types.SimpleNamespace(image=image, read_memory=lambda address, size: block)
    tap.equal(tool.Board.memory_console(it), wanted, f"the console in memory, {title}")


def block(name=b"SEGGER RTT\0", buffer=START + 0x100, size=256, offset=7):
    return name.ljust(16, b"\0") + struct.pack("<8I", 1, 0, 0, buffer, size, offset, 0, 0)


console_in_memory("as it should be", block(), (START + 0x100, 256, 7))
console_in_memory("without its name", block(name=b"SEGGER"), None)
console_in_memory("of another address", block(buffer=START + ROOM), None)
console_in_memory("before the image's", block(buffer=START - 1), None)
console_in_memory("with an offset behind its end", block(offset=256), None)
console_in_memory("larger than there is room", block(size=ROOM + 1), None)


def rest(title, ring, read, offset, wanted):
    """What is taken from a ring of 8 bytes of which some were read already."""
    taken = []
    it = types.SimpleNamespace(
        openocd=types.SimpleNamespace(stop=lambda: None),
        console=types.SimpleNamespace(reader=None, bytes=read, take=taken.append),
        memory_console=lambda: (0, 8, offset),
        read_memory=lambda address, size: ring[address : address + size],
    )
    tool.Board.read_rest(it)
    tap.equal(b"".join(taken), wanted, f"the rest of the console in memory, {title}")


rest("nothing read", b"abcdefgh", 0, 5, b"abcde")
rest("some read", b"abcdefgh", 3, 5, b"de")
rest("all read", b"abcdefgh", 5, 5, b"")
rest("around its end", b"abcdefgh", 14, 3, b"ghabc")


def verdict(title, where, results, failure):
    """How a load ends whose console is judged so, one time after the other."""
    it = types.SimpleNamespace(
        console=types.SimpleNamespace(wait=lambda end, ended: None, judgement=lambda: results.pop(0)),
        end=0, ended=None, where=where, read_rest=lambda: None, why_none=lambda words: words,
    )
    try:
        quietly_failed = tool.Board.verdict(it)
    except tool.Failure as raised:
        quietly_failed = type(raised)
    tap.equal((quietly_failed, results), (failure, []), f"the verdict: {title}")


verdict("a pass", "uart", [(tool.PASS, "")], None)
verdict("a failure", "uart", [(tool.NO_PASS, "")], tool.Failure)
verdict("none", "uart", [(tool.NO_VERDICT, "")], tool.Silent)
verdict("none but in memory", "rtt", [(tool.NO_VERDICT, ""), (tool.PASS, "")], None)
verdict("none in memory", "rtt", [(tool.NO_VERDICT, ""), (tool.NO_VERDICT, "")], tool.Silent)

# --- What is written. ---

tap.equal(
    tool.patched([(0x100, b"abcdef"), (0x200, b"ghijkl")], 0x202, b"XY"), [(0x100, b"abcdef"), (0x200, b"ghXYkl")], "bytes are put into their segment"
)
tap.equal(tool.patched([(0x100, b"abcdef")], 0x104, b"XY"), [(0x100, b"abcdXY")], "to its last byte")
tap.equal(tool.patched([(0x100, b"abcdef")], 0x105, b"XY"), [(0x100, b"abcdef")], "and not beyond")


def arguments(asked, where="uart", size=512):
    """(The words, the run's name)"""
    os.environ["APPEND"] = asked
    it = types.SimpleNamespace(console=types.SimpleNamespace(id=None), where=where)
    found = quietly(tool.boot_arguments, it, types.SimpleNamespace(symbol=lambda name: (START, size)))
    return found if isinstance(found, str) else found[1].rstrip(b"\0").decode(), it.console.id


words, name = arguments("")
tap.equal(words, f"id={name}", "the run is named")
tap.ok(name and name != arguments("")[1], "each by a name of its own", name)
words, name = arguments("log=quiet a=b")
tap.equal(words, f"log=quiet a=b id={name}", "behind the caller's boot arguments")
tap.equal(arguments("id=one id=two"), ("id=one id=two", "two"), "the caller's own name is the run's")
words, name = arguments("", "rtt")
tap.equal(words, f"id={name} console=rtt", "a console in memory is asked for")
longest = 512 - 1 - len(" id=") - 16
tap.ok(arguments("x" * longest)[0].startswith("x" * longest + " id="), "boot arguments that just fit are taken", arguments("x" * longest)[0])
refuses("one byte more", f"more than the {longest}", lambda: arguments("x" * (longest + 1))[0])
os.environ["APPEND"] = ""

TREE = write("tree.dtb", tool.DTB_MAGIC + bytes(0x100 - 4))
IMAGE_END = START + 0x100000
symbols = {"__image_start": (START, 0), "__image_end": (IMAGE_END, 0)}


def tree(at, path=TREE, end=1 << 32, inspect="#!/bin/sh\n"):
    os.environ.update(DTB=path, DTB_AT=at, INSPECT=write("inspect", inspect.encode(), 0o755))
    image = types.SimpleNamespace(width=types.SimpleNamespace(address_end=end), symbol=lambda name: symbols[name])
    found = quietly(tool.device_tree, image)
    return found if isinstance(found, str) else found and found[0]


for title, at in (("behind the image", IMAGE_END), ("before the image", START - 0x100), ("at the end of what can be addressed", (1 << 32) - 0x100)):
    tap.equal(tree(hex(at)), at, f"a device tree {title} is loaded")
for title, at in (
    ("no address", ""), ("0", "0"), ("a word", "somewhere"), ("a multiple of 4", "0x48000004"), ("below 0", "-8"),
    ("beyond what can be addressed", hex((1 << 32) - 0xF8)), ("over the image's first bytes", hex(START - 0xF8)), ("over its last", hex(IMAGE_END - 8)),
):
    refuses(f"a device tree, {title}", "DTB_AT", tree, at)
refuses("what is no device tree", "is no device tree", tree, hex(IMAGE_END), write("no.dtb", bytes(64)))
refuses("a device tree that smmu-inspect finds damaged", "damaged at byte 0x4", tree, hex(IMAGE_END), TREE, 1 << 32, "#!/bin/sh\necho it is damaged at byte 0x4: cut\n")
tap.equal(tree("", path=""), None, "none is asked for, and none is loaded")

it = types.SimpleNamespace(folder=folder)
for title, back, words in (("the same", b"abcdef", None), ("the last byte", b"abcdeX", "from 0x205 differs"), ("cut off", b"abcde", "from 0x205 differs"), ("more", b"abcdefg", "from 0x206 differs")):
    write("back.0", b"first")
    write("back.1", back)
    said = quietly(tool.compare_back, it, [(0x100, b"first"), (0x200, b"abcdef")])
    tap.ok(said is None if words is None else words in (said or ""), f"what was read back, {title}", said)

# --- What OpenOCD said. ---


def judged(log, status=0):
    return quietly(tool.OpenOCD.judge, types.SimpleNamespace(path="its.log"), status, log)


tap.equal(judged("Info : all is well\n"), None, "OpenOCD: nothing is wrong")
for log, words in (
    ("Info : JTAG tap: virt.cpu UNEXPECTED: 0x1\n", "another one (IDCODE)"),
    ("Error: JTAG scan chain interrogation failed: all zeroes\n", "nothing answers"),
    ("Error: timed out\n", "timed out"),
    ("checksum mismatch - attempting binary compare\n", "differs from the image"),
    ("diff 0 address 0x40200000. Was 0x0 instead of 0x1\n", "differs from the image"),
    ("contents differ\n", "differs from the image"),
):
    tap.ok(words in (judged(log) or ""), f"OpenOCD: {log.strip()!r} with status 0 is a failure", judged(log))
tap.ok("signal 11" in judged("", -11), "OpenOCD: one that dies is a failure")
tap.ok("status 1: why where" in judged("$ openocd\nInfo : so\nwhy\nwhere\n", 1), "OpenOCD: one that fails says why", judged("$ openocd\nInfo : so\nwhy\nwhere\n", 1))


def verified(log):
    return quietly(tool.OpenOCD.check_verified, types.SimpleNamespace(path="its.log", log=lambda: log), 4096)


tap.equal(verified("verified 4096 bytes in 0.1s\n"), None, "all bytes are verified")
for log in ("", "verified 4095 bytes in 0.1s\n", "not verified 4096 bytes\n"):
    tap.ok("of 4096 bytes" in (verified(log) or ""), f"{log.strip()!r}: not all bytes are", verified(log))
config = write("openocd.cfg", b"# CHANGE-ME is a comment\nset CPU CHANGE-ME\n")
refuses("a board as it was laid out", "line 2: set CPU CHANGE-ME)", tool.OpenOCD.check_filled_in, types.SimpleNamespace(config=config))
config = write("openocd.cfg", b"# CHANGE-ME is a comment\nset CPU virt.cpu0\n")
tap.equal(quietly(tool.OpenOCD.check_filled_in, types.SimpleNamespace(config=config)), None, "one that is filled in is taken")

# --- What is said of a silent machine. ---

tap.equal([tool.mode_of(cpsr) for cpsr in (0x1D3, 0x1DA, 0x3C5, 0x3C9)], ["AArch32 SVC mode", "AArch32 HYP mode", "AArch64 EL1", "AArch64 EL2"], "modes by CPSR")
MEANINGS = (
    ("in main()", True, 0, "nothing of it comes on this console"),
    ("in main()", True, 9, "has begun"),
    (None, False, 0, "ended without a word"),
    ("not in the image", False, 0, "has left the image"),
    ("in _start()", False, 0, "has not come to its first word"),
)
for place, in_memory, heard, words in MEANINGS:
    tap.ok(words in tool.meaning(place, in_memory, heard)[0], f"a silent machine: {words}", tool.meaning(place, in_memory, heard))
for text in ("abc", "-1", "0", "", "1.5"):
    refuses(f"TIMEOUT={text}", "is no number of seconds", tool.seconds_of, text)
tap.equal(tool.seconds_of("120"), 120, "TIMEOUT=120 is taken")
shutil.rmtree(folder)
tap.done()
