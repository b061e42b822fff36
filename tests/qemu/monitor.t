# SPDX-License-Identifier: BSD-2-Clause
"""The monitor: over a pseudo-terminal as a person types, with random lines, by a debugger into the console in memory, and from run= without a person."""

import os
import pty
import random
import re
import select
import subprocess
import sys
import time

sys.path[:0] = [os.path.dirname(__file__), os.path.join(os.path.dirname(__file__), "../look")]
import debugger
import firmware
import tap

PROMPT = "smmu> "
LIMIT = 600
RUNNER = os.path.join(firmware.ROOT, "platform/qemu-virt/run")
EDU = "0000:00:01.0"
HELD = 0x3000000  # Mapped while random lines are obeyed.
COMMANDS = (
    "help instances masters pending regs streams ste cd walk events commands map unmap dma bind unbind register unregister gerror "
    "inject listen soak trace handover report off"
).split()
COLOUR = re.compile(r"\033\[[0-9;]*[A-Za-z]")


class Terminal:
    """A run whose console is a pseudo-terminal, as a person has it."""

    def __init__(self, arguments):
        self.ours, theirs = pty.openpty()
        environment = {**os.environ, "QEMU": firmware.qemu(), "APPEND": arguments, "TIMEOUT": str(LIMIT), "CPU": firmware.CPU, "NO_COLOR": "1"}
        self.child = subprocess.Popen([RUNNER, firmware.ELF], stdin=theirs, stdout=theirs, stderr=theirs, env=environment, start_new_session=True)
        os.close(theirs)
        self.said = ""

    def read(self, seconds):
        """False: nothing came, or all has come."""
        if not select.select([self.ours], [], [], seconds)[0]:
            return False
        try:
            some = os.read(self.ours, 65536)
        except OSError:
            return False
        self.said += some.decode("utf-8", "replace").replace("\r", "")
        return bool(some)

    def wait_for(self, text):
        """What was said until then; None if it never is."""
        end = time.monotonic() + LIMIT
        while text not in self.said and time.monotonic() < end:
            if not self.read(1) and self.child.poll() is not None:
                break
        before, found, self.said = self.said.partition(text)
        return before if found else None

    def type(self, keys):
        os.write(self.ours, keys.encode())

    def obey(self, line):
        """What a command says, without the echo of its line."""
        self.type(line + "\r")
        answer = self.wait_for("\n" + PROMPT)
        return None if answer is None else COLOUR.sub("", answer).partition("\n")[2]

    def end(self):
        """The exit status, once the run has ended."""
        while self.read(5) or self.child.poll() is None:
            pass
        os.close(self.ours)
        return self.child.wait()


def says(terminal, line, pattern, title):
    answer = terminal.obey(line)
    tap.ok(answer is not None and re.search(pattern, answer), f"{line}: {title}", answer)
    return answer


def typed():
    terminal = Terminal("monitor=on selftest=quick")
    tap.ok(terminal.wait_for(PROMPT) is not None, "monitor=on: a prompt before the hand-over", terminal.said[-500:])
    helped = terminal.obey("help") or ""
    commands = re.findall(r"^  (\w+) ", helped, re.M)
    tap.equal(sorted(commands), sorted(COMMANDS), "help lists each command there has to be, and no other")
    for command in COMMANDS:
        use = terminal.obey(f"help {command}") or ""
        tap.ok(re.fullmatch(rf"  {command} .*\S", use, re.S), f"help {command}: a line says what it does", use)
    says(terminal, "instances", r"smmu2 at 0xc040000 ready", "each instance with its state")
    says(terminal, f"masters {EDU}", r"edu bound(.|\n)*stream 0x8 of smmu0", "a master, its client, its streams")
    says(terminal, "pending", "no client waits", "nothing is pending")
    says(terminal, "regs smmu1", r"CR0\s+0x", "registers")
    says(terminal, "gerror smmu0", "no error is active", "errors")
    says(terminal, "streams smmu0", r"0x8: stage 1", "streams that have an entry")
    says(terminal, "ste smmu0 0x8", r"STE at 0x\w+: .*stage 1", "a stream table entry")
    says(terminal, "cd smmu0 8", r"CD at 0x\w+: .*ASID", "a context descriptor")
    says(terminal, "walk smmu0 8 0x2000000", r"faulted: nothing is mapped", "an address that is not mapped")
    says(terminal, f"dma {EDU} 0x2000000", r"F_TRANSLATION at 0x2000000", "the SMMU stops a DMA to it")
    tap.equal(terminal.obey(f"map {EDU} 0x2000000 1 rw"), "", "map: it is mapped without a word")
    says(terminal, "walk smmu0 8 0x2000000 write", r"level 3 .*page(.|\n)*translated", "the walk gives the page")
    says(terminal, f"dma {EDU} 0x2000000", r"no SMMU reported anything\n  the device: done", "the DMA passes")
    tap.equal(terminal.obey(f"unmap {EDU} 0x2000000"), "", "unmap: without a word")
    says(terminal, f"dma {EDU} 0x2000000", "F_TRANSLATION", "behind the unmap it is stopped")
    says(terminal, "commands smmu0", "CMD_TLBI", "the commands that were issued")
    says(terminal, f"unbind {EDU}", f"{EDU} is none", "a client is unbound")
    says(terminal, f"dma {EDU} 0x2000000", "its client is not bound", "then it does no DMA")
    says(terminal, f"bind {EDU}", f"{EDU} is bound", "and bound again")
    says(terminal, "inject smmu1 illegal_command", "CERROR_ILL was reported", "an error on purpose")
    tap.equal(terminal.obey("unregister smmu0"), "", "unregister: without a word")
    says(terminal, f"bind {EDU}", f"{EDU} is deferred", "a client whose instance has gone waits")
    says(terminal, "pending", rf"{EDU} \(edu\) waits for smmu0, since ", "and pending says for what")
    tap.equal(terminal.obey("register smmu0"), "", "register: without a word")
    says(terminal, f"masters {EDU}", "edu bound", "the client is bound by it")
    says(terminal, "events", "no event since", "events that the monitor's own DMA made are told with it")
    wrong(terminal)
    keys(terminal)
    garbage(terminal)
    terminal.type("off\r")
    tap.equal(terminal.end(), 0, "off: the run goes on, and passes")
    tap.ok("PASS: 3 of 3 SMMUs ready" in terminal.said, "with its verdict", terminal.said[-400:])


def wrong(terminal):
    for line, why in (
        ("nonsense", "there is no command nonsense; help lists all"),
        ("walk smmu0", "use: walk INSTANCE SID IOVA"),
        ("regs smmu9", "there is no instance of that name"),
        ("masters 0000:ff:00.0", "there is no master of that name"),
        ("walk smmu0 8 0x10000000000000000", "that is no address"),
        ("ste smmu0 0x1ffffffff", "that is no stream ID"),
        (f"map {EDU} 0x2000000 7", "PAGE is the number"),
        (f"map {EDU} 0x2000001 1", "does not allow it"),
        (f"map {EDU} 0x2000000 1 x", "access is r, w or rw"),
        (f"unmap {EDU} 0x2000000", "nothing is mapped there"),
        ("map 0000:00:00.0 0x2000000 1", "no driver here drives it"),
        ("register smmu0", "it is not in a state for that"),
        ("inject smmu0 everything", "the error that can be injected"),
        ("handover live", "a policy is abort or bypass"),
        ("a b c d e f g h i", "a command has at most 8 words"),
    ):
        answer = terminal.obey(line) or ""
        tap.ok(why in answer and answer.count("\n") == 0, f"{line}: one line says why it is wrong", answer)


def keys(terminal):
    terminal.type("inst\t\r")
    tap.ok("smmu0 at" in (terminal.wait_for("\n" + PROMPT) or ""), "a tab completes a command")
    terminal.type("masters 0000:00:01\t\r")
    tap.ok("stream 0x8" in (terminal.wait_for("\n" + PROMPT) or ""), "a tab completes a master's name")
    terminal.type("\x1b[A\r")
    tap.ok("stream 0x8" in (terminal.wait_for("\n" + PROMPT) or ""), "the arrow up fetches the line before")
    terminal.type("ending\x7f\x7f\x7f\x7f\x7f\x7fpnding\x01\x1b[C\x05\x1b[D\x1b[D\x1b[D\x1b[D\x1b[De\r")
    tap.ok("no client waits" in (terminal.wait_for("\n" + PROMPT) or ""), "a line is changed in its middle")
    terminal.type("off\x15\r")
    tap.ok(terminal.wait_for("\n" + PROMPT) is not None, "control-U throws a line away")


def state_of(terminal):
    """All that a command may change, but for what is in memory behind the tables."""
    lines = ["instances", "masters", "pending", "report", "events", f"walk smmu0 8 {HELD:#x}"]
    lines += [f"{command} {smmu}" for command in ("regs", "streams", "commands", "gerror") for smmu in ("smmu0", "smmu1", "smmu2")]
    return [terminal.obey(line) for line in lines]


def garbage(terminal):
    """What changes nothing, what is refused, and what means nothing: no hang, no crash, no change."""
    seed = int(os.environ.get("SEED", "1"))
    chance = random.Random(seed)
    # No argument here is a number of a page, or of so few seconds that a soak would begin.
    words = ["help", "instances", "masters", "pending", "report", "regs", "streams", "walk", "ste", "cd", "events", "commands", "gerror", "trace"]
    words += ["map", "unmap", "bind", "register", "inject", "handover", "smmu0", "smmu1", "0x8", "0xffffffffffffffff", "-1", EDU, ";", '"', "{", "%s%n"]
    terminal.obey(f"map {EDU} {HELD:#x} 2 r")
    terminal.obey("events")
    before = state_of(terminal)
    count = int(os.environ.get("LINES", "10000"))
    for _ in range(count):
        line = " ".join(chance.choice(words) for _ in range(chance.randrange(6)))
        line += "".join(chr(chance.randrange(0x20, 0x7f)) for _ in range(chance.randrange(4)))
        if terminal.obey(line) is None:
            break
    after = state_of(terminal)
    changed = [(b, a) for b, a in zip(before, after) if a != b]
    tap.ok(None not in before and not changed, f"{count} random lines (SEED={seed}) leave everything as it was", changed[:1])
    terminal.obey(f"unmap {EDU} {HELD:#x}")


class Debugger:
    """Reads the console in memory and types into it, as every reader of RTT does: the machine stands meanwhile."""

    UP, DOWN = 24, 48
    BUFFER, SIZE, WRITE, READ = 4, 8, 12, 16

    def __init__(self, arguments):
        self.machine = debugger.Machine("rtt", APPEND=arguments)
        self.stub = debugger.Stub(self.machine.stub)
        self.stub.ask("qSupported")
        self.stub.ask("Qqemu.PhyMemMode:1")
        self.block = firmware.symbols(firmware.ELF)["_SEGGER_RTT"]
        self.said = ""

    def word(self, offset):
        return int.from_bytes(bytes.fromhex(self.stub.ask(f"m{self.block + offset:x},4")), "little")

    def put(self, offset, value):
        self.stub.ask(f"M{self.block + offset:x},4:{value.to_bytes(4, 'little').hex()}")

    def go(self, seconds):
        self.stub.socket.sendall(b"$c#63")
        time.sleep(seconds)
        self.stub.socket.sendall(b"\x03")
        return self.stub.next().startswith("T")

    def take(self):
        """What came since the last look; the ring is freed of it."""
        read, write, size = self.word(self.UP + self.READ), self.word(self.UP + self.WRITE), self.word(self.UP + self.SIZE)
        start = self.word(self.UP + self.BUFFER)
        while read != write:
            count = min(1024, (write if write > read else size) - read)
            self.said += bytes.fromhex(self.stub.ask(f"m{start + read:x},{count:x}")).decode("utf-8", "replace")
            read = (read + count) % size
        self.put(self.UP + self.READ, read)

    def wait_for(self, text):
        end = time.monotonic() + LIMIT
        while text not in self.said and time.monotonic() < end and self.go(0.2):
            if bytes.fromhex(self.stub.ask(f"m{self.block:x},a")) == b"SEGGER RTT":
                self.take()
        before, found, self.said = self.said.partition(text)
        return before if found else None

    def type(self, keys):
        start, size, write = self.word(self.DOWN + self.BUFFER), self.word(self.DOWN + self.SIZE), self.word(self.DOWN + self.WRITE)
        for key in keys.encode():
            self.stub.ask(f"M{start + write:x},1:{key:02x}")
            write = (write + 1) % size
        self.put(self.DOWN + self.WRITE, write)


def debugged():
    run = Debugger("monitor=on selftest=quick")
    tap.ok(run.wait_for(PROMPT) is not None, "a debugger reads the prompt in memory", run.said[-500:])
    tap.equal([run.word(16), run.word(20), run.word(run.DOWN + run.SIZE)], [1, 1, 256], "one ring up, one down")
    run.type("inst\t\r")
    tap.ok("smmu2 at 0xc040000 ready" in (run.wait_for("\n" + PROMPT) or ""), "what it types is completed, and obeyed")
    run.put(run.DOWN + run.WRITE, 0xFFFFFFFF)
    run.go(0.2)
    run.put(run.DOWN + run.WRITE, run.word(run.DOWN + run.READ))
    for _ in range(4):
        run.type("help " * 20 + "\x15")
        run.go(0.2)
    run.type("pending\r")
    tap.ok("no client waits" in (run.wait_for("waits\n" + PROMPT) or "").rpartition("pending")[2] + "waits", "behind a wild offset and a ring that wrapped it goes on")
    run.type("off\r")
    run.stub.ask("D")
    tap.equal(run.machine.end().verdict.get("result"), "pass", "off: the run goes on, and passes")


def unattended():
    run = firmware.run(APPEND='run="instances;walk smmu0 0x8 0x1000000" selftest=quick')
    tap.equal(run.verdict.get("result"), "pass", "run=: the run passes")
    tap.ok(any("faulted: nothing is mapped" in line for line in run.lines), "run=: its commands are obeyed", run.lines[-20:])
    run = firmware.run(APPEND='run="instances;nonsense;masters" selftest=quick')
    tap.equal((run.verdict.get("result"), run.verdict.get("reason")), ("fail", "a command of run= is wrong"), "run=: a wrong command fails the run")
    tap.ok(not any(line.startswith("    stream ") for line in run.lines), "run=: what stands behind it is not obeyed")
    run = firmware.run(APPEND="run= selftest=quick")
    tap.equal([ignored["word"] for ignored in run.of("firmware")[0]["ignored"]], ["run="], "run= without commands is ignored, and named")


def of_a_run_that_fails():
    terminal = Terminal("monitor=fail tables=dt selftest=quick")
    said = terminal.wait_for(PROMPT) or ""
    tap.ok("the run fails by now: the description of a stream ID is wrong" in said, "monitor=fail: a run that fails is left running, and says why", said[-500:])
    says(terminal, "report", r"1\. error (.|\n)*stream_id(.|\n)*by now the run fails: the description of a stream ID is wrong", "the findings so far, and the verdict")
    says(terminal, "instances", "smmu0 at 0xc000000 ready", "its SMMUs are in service")
    terminal.type("off\r")
    tap.equal(terminal.end(), 1, "off: the verdict is as it was")


def by_a_key():
    terminal = Terminal("monitor=fail selftest=quick")
    terminal.wait_for("on qemu-virt\n")
    terminal.type("k")
    tap.ok(terminal.wait_for(PROMPT) is not None, "a key that is pressed in the first second opens it", terminal.said[-500:])
    says(terminal, "report", r" checks passed, 0 failed(.|\n)*by now the run passes$", "a run that passes")
    says(terminal, "soak 1", r"soak +\d+ registrations", "the soak, on all cores")
    says(terminal, "listen 1", "nothing was emitted in 1 s", "nothing is emitted unasked")
    for line, why in (("soak 0", "1 to 86400 seconds"), ("soak x", "1 to 86400 seconds"), ("listen", "use: listen SECONDS"), ("listen 3601", "1 to 3600 seconds"), ("report all", "use: report")):
        answer = terminal.obey(line) or ""
        tap.ok(why in answer and "\n" not in answer, f"{line}: one line says why it is wrong", answer)
    terminal.type("off\r")
    tap.equal(terminal.end(), 0, "and the run passes")


def not_asked():
    for words, title in (("monitor=fail selftest=quick", "monitor=fail: for a run that passes"), ("selftest=quick", "without a word")):
        run = firmware.run(APPEND=words)
        tap.ok(not any(line.startswith("monitor ") for line in run.lines), f"{title} and without a key there is no monitor")


typed()
debugged()
of_a_run_that_fails()
by_a_key()
unattended()
not_asked()
tap.done()
