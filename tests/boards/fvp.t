# SPDX-License-Identifier: BSD-2-Clause
"""
The runner of Arm's FVP, with a stand-in for the model, which cannot be had here: the verdict decides, once it is whole, and
the model is ended behind it.
"""

import os
import shutil
import signal
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.realpath(__file__))
sys.path.append(os.path.join(HERE, "..", "qemu"))

import firmware
import tap

# The FVP's runner, with a model that prints this, in pieces, and then does nothing more, as one whose firmware has parked.
FVP = """#!/bin/sh
exec >/dev/null 2>&1
for word; do
	case $word in
	bp.pl011_uart0.out_file=*) console=${{word#*=}} ;;
	cluster0.cpu0=*@0x82000000) tree=${{word#*=}} ;;
	esac
done
echo $$ >"$RUN_DIR/pid"
fdtget "${{tree%@*}}" /chosen bootargs >"$RUN_DIR/arguments"
id=$(tr ' ' '\\n' <"$RUN_DIR/arguments" | sed -n 's/^id=//p')
say() {{ printf '%s' "$1" | sed "s/@ID@/$id/" >>"$console"; }}
say 'smmu-bringup\r
{head}\r
'
printf '\\000' >>"$console"
say '{first}'
{between}
say '{rest}
'
{then}
"""
FOR_EVER = "exec sleep 100000"
HEAD = '{"record":"firmware","id":"@ID@"}'
VERDICT = '{"record":"verdict",'
PASS = VERDICT + '"result":"pass",'
# The runner is the parent of `timeout`, which is the model's.
HANGUP = "kill -HUP $(cut -d ' ' -f 4 /proc/$PPID/stat)"


def is_there(number):
    try:
        os.kill(number, 0)
    except ProcessLookupError:
        return False
    return True


def read(path):
    if not os.path.exists(path):
        return ""
    with open(path, encoding="ascii") as file:
        return file.read()


class Case:
    """A run of the runner, which goes on beside the others; and what must come of it."""

    def __init__(self, title, status, words, first, rest, head=HEAD, then=FOR_EVER, between="sleep 0.2", hangup=False, tree="", full=False, told="", **settings):
        self.title, self.status, self.words, self.hangup, self.told = title, status, words, hangup, told
        self.reportless = full or head == "words"
        self.folder = firmware.work_folder("fvp")
        path = self.path("fvp")
        with open(path, "w", encoding="ascii") as file:
            file.write(FVP.format(head=head, first=first, rest=rest, then=then, between=between))
        os.chmod(path, 0o755)
        source = f'/dts-v1/; / {{ chosen {{ bootargs = "{tree}"; }}; }};' if tree else "/dts-v1/; / { };"
        subprocess.run(["dtc", "-q", "-O", "dtb", "-o", self.path("own.dtb")], input=source, text=True, check=True)
        if full:
            os.symlink("/dev/full", self.path("report.jsonl.new"))
        variables = {"PATH": os.environ["PATH"], "FVP": path, "DTB": self.path("own.dtb"), "RUN_DIR": self.folder, **settings}
        self.process = subprocess.Popen(
            [os.path.join(firmware.ROOT, "platform/fvp-base-revc/run"), "elf"], env=variables, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_DFL)  # Under nohup it would be ignored, and a shell keeps that.
        )

    def path(self, name):
        return os.path.join(self.folder, name)

    def finish(self):
        while self.hangup and not read(self.path("pid")) and self.process.poll() is None:
            time.sleep(0.1)
        if self.hangup:
            self.process.send_signal(signal.SIGHUP)
        said, _ = self.process.communicate()
        # A short TIMEOUT may end before the stand-in has told its number.
        number = read(self.path("pid")).strip()
        right = tap.ok(not number or not is_there(int(number)), f"FVP, {self.title}: the model has gone")
        right &= tap.equal(self.process.returncode, self.status, f"FVP, {self.title}: the exit status is the verdict's")
        right &= tap.ok(self.words in said, f"FVP, {self.title}: {self.words!r} is shown", said)
        right &= tap.ok(read(self.path("arguments")).strip().endswith(self.told), f"FVP, {self.title}: the firmware is told {self.told!r}", read(self.path("arguments")))
        if self.status == 0 or self.reportless:
            right &= tap.equal(os.path.exists(self.path("report.jsonl")), not self.reportless, f"FVP, {self.title}: a report is left where there is one")
        shutil.rmtree(self.folder)
        return right


NAMELESS = HEAD.replace('"@ID@"', "null")
OTHER = HEAD.replace("@ID@", "yesterday")
# Models that end; then, if the runner is right about those, models that stay: one that it does not end goes on for ten minutes.
ENDS = [
    Case("a failure", 1, "the verdict is no pass", PASS.replace("pass", "fail"), '"checks":1}', then=""),
    Case("a model that ends behind its verdict", 0, "smmu-bringup\n", PASS, '"checks":1}', then=""),
    Case("a hang-up", 1, "stopped by a signal", PASS, "", hangup=True, between=FOR_EVER),
    Case("a hang-up as soon as there is a model", 1, "stopped by a signal", PASS, '"checks":1}', between=HANGUP),
    Case("a failure before a pass", 1, "the verdict is no pass", PASS.replace("pass", "fail") + "}\n" + PASS, '"checks":1}', then=""),
    Case("a record behind the verdict", 1, "behind the verdict", PASS + '"checks":1}\n{"record":"event"', "}", then="", between=""),
    Case("a model that ends", 1, "smmu-bringup\n", '{"record":"firm', 'ware"}', then=""),
    Case("no record", 1, "without a verdict", "words", "", head="words", then=""),
    Case("words behind the verdict", 0, "PASS: 1", PASS, '"checks":1}\nPASS: 1', then=""),
    Case("another run's report", 1, "there were reports of others: yesterday", PASS, '"checks":1}', head=OTHER, then=""),
    Case("another run's report, and then ours", 0, "smmu-bringup\n", PASS + '"checks":1}\n' + HEAD + "\n" + PASS, '"checks":1}', head=OTHER, then=""),
    Case("a report without a name", 1, "there were reports of others: without a name", PASS, '"checks":1}', head=NAMELESS, then=""),
    Case("a tree with boot arguments", 0, "smmu-bringup\n", PASS, '"checks":1}', tree="log=quiet a=b", told=" log=quiet a=b", then=""),
    Case("a tree with a name", 0, "smmu-bringup\n", PASS, '"checks":1}', head=HEAD.replace("@ID@", "mine"), tree="id=mine a=b", told="id=mine a=b", then=""),
    Case("a full disk", 1, "is the disk full?", PASS, '"checks":1}', full=True, then=""),
]
if not all([case.finish() for case in ENDS]):
    tap.done()
STAYS = [
    Case("a pass", 0, "smmu-bringup\n", PASS, '"checks":1}', between="sleep 1.5"),
    Case("a failure of a model that stays", 1, "the verdict is no pass", PASS.replace("pass", "fail"), '"checks":1}'),
    Case("a brace where the line is cut", 1, "without a verdict", PASS + '"reason":"}', "", TIMEOUT="4", between=FOR_EVER),
    Case("no verdict", 1, "stopped after 4 seconds, without a verdict", PASS, "", TIMEOUT="4"),
]
for case in STAYS:
    case.finish()
tap.done()
