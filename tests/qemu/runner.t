# SPDX-License-Identifier: BSD-2-Clause
"""`make run` exits 0 exactly when the verdict is a pass: the runner with a QEMU that only prints what it is told to."""

import os
import shutil
import signal
import stat
import subprocess
import tempfile
import time

import firmware
import tap

VERDICT = '{"record":"verdict","result":"pass","reason":null}'
HEAD = '{"record":"firmware","name":"smmu-bringup","id":"@ID@"}'
OTHER = HEAD.replace("@ID@", "yesterday")
NAMELESS = '{"record":"firmware","name":"smmu-bringup","id":null}'
PASS = f"{HEAD}\n{VERDICT}"
FAIL = '{"record":"verdict","result":"fail","reason":"so"}'
DESCRIBED = VERDICT.replace('"pass"', '"described"')
FAKE = """#!/bin/sh
case $1 in
--version) echo "QEMU emulator version 10.2.0 (fake)"; exit ;;
-device) echo 'name "iommu-testdev", bus PCI'; exit ;;
esac
printf '%s\\n' "$@" >"$0.arguments"
while [ $# -gt 0 ]; do
	[ "$1" != -pidfile ] || echo $$ >"$2"
	shift
done
sed "s/@ID@/$(sed -n 's/^id=\\([^ ]*\\).*/\\1/p' "$0.arguments")/" "$0.console"
{then}
"""

folder = firmware.work_folder("runner")
fake = os.path.join(folder, "qemu")


def make_fake(console, then="exit 0", path=fake):
    write(path + ".console", console)
    write(path, FAKE.format(then=then))
    os.chmod(path, os.stat(path).st_mode | stat.S_IXUSR)
    return path


def run(console, then="exit 0", **environment):
    return firmware.run(QEMU=make_fake(console, then), **environment)


def start(qemu, run_dir, elf="an.elf", **environment):
    """The runner itself, with a folder that is looked at afterwards."""
    variables = {"PATH": os.environ["PATH"], "QEMU": qemu, "RUN_DIR": run_dir, "PAGE": "off", **environment}
    return subprocess.Popen([firmware.RUNNER, elf], env=variables, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def end(process):
    """(exit status, what it said)"""
    said = process.communicate()[0]
    return process.returncode, said


def write(path, text):
    with open(path, "w", encoding="ascii") as file:
        file.write(text)


def read(path):
    if not os.path.exists(path):
        return None
    with open(path, encoding="ascii") as file:
        return file.read()


def wait_until(condition):
    """What is waited for ends the wait; a test that waits for ever has been found out, too."""
    while not condition():
        time.sleep(0.05)


def arguments():
    with open(fake + ".arguments", encoding="ascii") as file:
        return file.read().splitlines()


ENDS = (
    ("a pass", f"words\n{PASS}\n", {}, 0),
    ("a pass with CR LF", f"words\r\n{PASS}\r\n", {}, 0),
    ("words after the pass", f"{PASS}\ngoodbye\n", {}, 0),
    ("a fail", f"{FAIL}\n", {}, 1),
    ("a pass, then a fail", f"{PASS}\n{FAIL}\n", {}, 1),
    ("a fail, and then a pass", f"{HEAD}\n{FAIL}\n{VERDICT}\n", {}, 1),
    ("a report that fails, and then one that passes", f"{HEAD}\n{FAIL}\n{PASS}\n", {}, 1),
    ("two passes in one report", f"{PASS}\n{VERDICT}\n", {}, 1),
    ("a pass, and a report that begins anew", f"{PASS}\n{HEAD}\n", {}, 1),
    ("a pass, and a report that begins anew and passes", f"{PASS}\n{PASS}\n", {}, 0),
    ("a record after the pass", f'{PASS}\n{{"record":"event"}}\n', {}, 1),
    ("a pass that is only spoken of", f"{HEAD}\nthe verdict was {VERDICT}\n", {}, 1),
    ("another run's report", f"{OTHER}\n{VERDICT}\n", {}, 1),
    ("another run's, and then ours", f"{OTHER}\n{VERDICT}\n{PASS}\n", {}, 0),
    ("ours, and then another run's", f"{PASS}\n{OTHER}\n{VERDICT}\n", {}, 1),
    ("the end of a report alone", f"{VERDICT}\n", {}, 1),
    ("a firmware that was given no name", f"{NAMELESS}\n{VERDICT}\n", {}, 0),
    ("another name than the caller's", f"{PASS}\n", {"APPEND": "log=quiet id=mine-1"}, 1),
    ("the caller's own name", f"{PASS.replace('@ID@', 'mine-1')}\n", {"APPEND": "log=quiet id=mine-1"}, 0),
    ("a pass of another kind than a verdict", f'{HEAD}\n{FAIL}\n{{"record":"check","check":"unmap","result":"pass"}}\n', {}, 1),
    ("a verdict whose pass is not its result", HEAD + '\n{"record":"verdict","result":"fail","detail":{"record":"verdict","result":"pass"}}\n', {}, 1),
    ("a pass in the reason of a fail", f'{HEAD}\n{{"record":"verdict","result":"fail","reason":"\\"result\\":\\"pass\\","}}\n', {}, 1),
    ("a pass cut short", PASS[:-9] + "\n", {}, 1),
    ("a pass whose line has no end", PASS, {}, 1),
    ("another run's fail, and then our pass", f"{OTHER}\n{FAIL}\n{PASS}\n", {}, 0),
    ("no verdict", "words\n", {}, 1),
    ("nothing", "", {}, 1),
    ("a pass, and QEMU dies", f"{PASS}\n", {"then": "kill -SEGV $$"}, 1),
    ("a pass, and QEMU fails", f"{PASS}\n", {"then": "exit 3"}, 1),
    ("a pass, and QEMU stays on", f"{PASS}\n", {"then": "exec sleep 1000", "TIMEOUT": 1}, 1),
)
for title, console, environment, status in ENDS:
    tap.equal(run(console, **environment).status, status, f"{title}: exit status")

# A word that is no file's name is none to dirname, either.
with tempfile.TemporaryDirectory() as empty:
    for command in ("platform/qemu-virt/run", "platform/fvp-base-revc/run", "platform/uefi/run", "tools/alone", "tools/fuzz", "tools/again", "tools/picture", "tools/pointers"):
        asked = subprocess.run([os.path.join(firmware.ROOT, command), "--help"], cwd=empty, capture_output=True, text=True, check=False)
        tap.ok(asked.returncode and asked.stderr.startswith(f"usage: {command} ") and not os.listdir(empty), f"{command} --help: its use, and no file", asked.stderr)

# The judge of consoles by itself, as other runners call it.
console = os.path.join(folder, "console")
for title, text, names, status in (
    ("a pass", f"{OTHER}\n{VERDICT}\n", ["yesterday"], 0),
    ("lines that end in CR LF", f"{OTHER}\r\n{VERDICT}\r\n", ["yesterday"], 0),
    ("a pass of any name", f"{OTHER}\n{VERDICT}\n", [], 0),
    ("a line that has no end", f"{OTHER}\n{VERDICT}", ["yesterday"], 2),
    ("a report without a name", f"{NAMELESS}\n{VERDICT}\n", ["yesterday"], 2),
    ("a name that could not be given", f"{NAMELESS}\n{VERDICT}\n", ["null"], 0),
    ("a fail", f"{OTHER}\n{FAIL}\n", ["yesterday"], 1),
    ("a fail of another run", f"{OTHER}\n{FAIL}\n", ["today"], 2),
    ("what is described alone", f"{OTHER}\n{DESCRIBED}\n", ["yesterday"], 1),
    ("what is described, as was asked for", f"{OTHER}\n{DESCRIBED}\n", ["--described", "yesterday"], 0),
    ("a fail where a description was asked for", f"{OTHER}\n{FAIL}\n", ["--described", "yesterday"], 1),
    ("nothing", "", ["today"], 2),
):
    write(console, text)
    done = subprocess.run([os.path.join(firmware.ROOT, "tools/judge"), *names[:-1], console, *names[-1:]], capture_output=True, text=True, check=False)
    tap.equal(done.returncode, status, f"the judge of consoles, {title}: status {status}")
os.remove(console)
done = subprocess.run([os.path.join(firmware.ROOT, "tools/judge"), console], capture_output=True, text=True, check=False)
tap.equal(done.returncode, 3, "the judge of consoles, a console that is not there: status 3")

# Nothing but a line feed begins a line: a record that stands in a name is none.
for code in (0x0B, 0x0C, 0x1C, 0x1D, 0x1E, 0x85, 0x2028, 0x2029):
    tap.equal(firmware.Run(0, f"a name{chr(code)}{VERDICT}\n").records, [], f"U+{code:04X} begins no record")

# What the caller asks for is what QEMU is told.
run(f"{PASS}\n", INSTANCES=5, CORES=2, MACHINE="gic-version=3", MEMORY="1G", APPEND="log=quiet a=b", QEMU_EXTRA="-device edu,addr=1c")
told = arguments()
tap.equal(sum(a.startswith("arm-smmuv3,") for a in told), 5, "INSTANCES=5: five SMMUs")
tap.equal(told[told.index("-smp") + 1], "2", "CORES=2")
tap.equal(told[told.index("-M") + 1], "virt,gic-version=3", "MACHINE=gic-version=3")
tap.equal(told[told.index("-m") + 1], "1G", "MEMORY=1G")
words = told[told.index("-append") + 1].split()
tap.ok(words[0].startswith("id=") and words[1:] == ["log=quiet", "a=b"], "APPEND is one argument, behind the run's name", words)
run(f"{PASS}\n", APPEND="log=quiet a=b")
again = arguments()[arguments().index("-append") + 1].split()
tap.ok(again[0].startswith("id=") and again[0] != words[0], "each run has a name of its own", [again, words])
run(f"{PASS}\n", QEMU_EXTRA="-dtb own.dtb")
tap.ok("-append" not in arguments(), "a tree of the caller's keeps its boot arguments", arguments())
tap.ok("edu,addr=1c" in told, "QEMU_EXTRA is handed on")

# What the last run reported is no report of one that is refused, or of one that fails before it says anything.
def new_place(name):
    place = os.path.join(folder, name)
    os.mkdir(place)
    return place, os.path.join(place, "report.jsonl"), os.path.join(place, "console.log")


place, records, console = new_place("refused")
quick = make_fake(f"{PASS}\n")
wide = os.path.join(folder, "wide.elf")
write(wide, "\x7fELF\2")
REFUSED = (
    ("INSTANCES=99", {"INSTANCES": "99"}, "is no number from"),
    ("TIMEOUT=soon", {"TIMEOUT": "soon"}, "is no number of seconds"),
    ("a QEMU that is not there", {"QEMU": "/nonexistent"}, "does not say its version"),
    ("console=rtt", {"APPEND": 'log=quiet console="rtt"'}, "is in memory alone"),
    ("an image of 64 bits on a core of 32", {"elf": wide, "CPU": "cortex-a15"}, "has no AArch64"),
)
for title, environment, words in REFUSED:
    for path in (records, console):
        write(path, f"{PASS}\n")
    status, said = end(start(environment.pop("QEMU", quick), place, **environment))
    tap.ok(status == 1 and words in said, f"{title}: is refused, and told why", said)
    tap.equal((read(records), read(console)), (None, None), f"{title}: leaves no report of an earlier run")
status, said = end(start(quick, place, APPEND="console=rtt console=uart"))
tap.equal(status, 0, "console=uart behind console=rtt counts")
tap.ok(PASS.split("\n")[1] in (read(records) or ""), "a run that passes leaves its report")

# Two at once: each has a folder, and its own report. The first does not end for the runner, which ends a machine behind its verdict.
place, records, console = new_place("two")
slow = make_fake(f"{PASS}\n", f'trap "" TERM; while ! [ -e "{folder}/go" ]; do sleep 0.05; done; exit 0', fake + "-slow")
first = start(slow, place)
wait_until(lambda: VERDICT in (read(console) or ""))
status, said = end(start(make_fake(f"{HEAD}\n{FAIL}\n", path=fake + "-fails"), place))
tap.ok(status == 1 and f"another run has {place}" in said, "two at once: the second says that its folder is another", said)
tap.ok(FAIL in (read(f"{place}-2/report.jsonl") or ""), "two at once: and has its report there")
write(os.path.join(folder, "go"), "")
status, said = end(first)
tap.equal(status, 0, "two at once: the first passes")
tap.ok(VERDICT in (read(records) or ""), "two at once: with its own report", read(records))
tap.equal(end(start(quick, place))[1].count("another run"), 0, "the folder is free again at once")

# A signal to the runner ends QEMU. The test may have been started with signals ignored, the runner is not.
for number in (signal.SIGTERM, signal.SIGHUP):
    signal.signal(number, signal.SIG_DFL)
    place, records, console = new_place(number.name)
    stays = start(make_fake(f"{PASS}\n", "exec sleep 1000"), place, TIMEOUT="900")
    wait_until(lambda: VERDICT in (read(console) or "") and read(f"{place}/qemu.pid"))
    pid = int(read(f"{place}/qemu.pid"))
    stays.send_signal(number)
    status, said = end(stays)
    tap.ok(status == 1 and "stopped by a signal" in said, f"{number.name}: is no pass, though the verdict had come", said)
    gone = subprocess.run(["kill", "-0", str(pid)], stderr=subprocess.DEVNULL, check=False).returncode
    tap.ok(gone, f"{number.name}: QEMU is ended with the runner")

# What ends a machine that parks waits for it, and not the runner for that.
place, records, console = new_place("parked")
quick = make_fake(f"{PASS}\n")
tools = os.path.join(folder, "tools-sleep")
os.mkdir(tools)
write(os.path.join(tools, "sleep"), f'#!/bin/sh\n[ "$1" = 2 ] || exec {shutil.which("sleep")} "$@"\necho $$ >"{place}/sleeps"\nexec {shutil.which("sleep")} 900\n')
os.chmod(os.path.join(tools, "sleep"), 0o755)
began = time.monotonic()
status, said = end(start(quick, place, PATH=f"{tools}:{os.environ['PATH']}"))
wait_until(lambda: read(f"{place}/sleeps"))
tap.ok(status == 0 and time.monotonic() - began < 600, "the runner ends with QEMU", said)
os.kill(int(read(f"{place}/sleeps")), signal.SIGKILL)

# A disk that is full.
for program, wrapper in (("tee", 'shift; exec {real} /dev/full "$@"'), ("truncate", "{real} \"$@\" && echo full >/dev/full")):
    tools = os.path.join(folder, "tools-" + program)
    os.mkdir(tools)
    write(os.path.join(tools, program), "#!/bin/sh\n" + wrapper.format(real=shutil.which(program)) + "\n")
    os.chmod(os.path.join(tools, program), 0o755)
    status, said = end(start(quick, place, PATH=f"{tools}:{os.environ['PATH']}"))
    told = [line for line in said.splitlines() if line.startswith("run:")]
    tap.ok(status == 1 and told and "is the disk full?" in told[-1] and "are free on" in told[-1], f"a full disk is told as one ({program})", said)

for wrong in ("0", "-1", "three", "1x", "17", "99999999999999999999"):
    tap.ok(run(f"{PASS}\n", INSTANCES=wrong).status != 0, f"INSTANCES={wrong} is refused, whatever QEMU would say")
tap.ok(run(f"{PASS}\n", MACHINE="gic-version=3,secure=on").status != 0, "secure=on with four cores is refused")
tap.equal(run(f"{PASS}\n", MACHINE="secure=on", CORES=1).status, 0, "secure=on with one core is not")
for seconds in ("abc", "-1", "1.5"):
    refused = run(f"{PASS}\n", TIMEOUT=seconds)
    tap.ok(refused.status == 1 and "is no number of seconds" in refused.lines[0], f"TIMEOUT={seconds} is refused", refused.lines)
shutil.rmtree(folder)
tap.done()
