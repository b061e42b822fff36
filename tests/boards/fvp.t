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
	case $word in bp.pl011_uart0.out_file=*) console=${{word#*=}} ;; esac
done
echo $$ >"$RUN_DIR/pid"
printf 'smmu-bringup\\r\\n{{"record":"firmware","id":null}}\\r\\n\\000%s' '{first}' >>"$console"
{between}
printf '%s\\r\\n' '{rest}' >>"$console"
{then}
"""
FOR_EVER = "exec sleep 100000"


def is_there(number):
    try:
        os.kill(number, 0)
    except ProcessLookupError:
        return False
    return True


def fvp(title, status, words, first, rest, then=FOR_EVER, between="sleep 1.5", hangup=False, **settings):
    path = os.path.join(firmware.work_folder("fvp"), "fvp")
    with open(path, "w", encoding="ascii") as file:
        file.write(FVP.format(first=first, rest=rest, then=then, between=between))
    os.chmod(path, 0o755)
    variables = {"PATH": os.environ["PATH"], "FVP": path, "DTB": path, "RUN_DIR": os.path.dirname(path), **settings}
    with subprocess.Popen(
        [os.path.join(firmware.ROOT, "platform/fvp-base-revc/run"), "elf"], env=variables, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_DFL)  # Under nohup it would be ignored, and a shell keeps that.
    ) as process:
        number = os.path.join(os.path.dirname(path), "pid")
        while hangup and not (os.path.exists(number) and os.path.getsize(number)) and process.poll() is None:
            time.sleep(0.1)
        if hangup:
            process.send_signal(signal.SIGHUP)
        said, _ = process.communicate()
    # A short TIMEOUT may end before the stand-in has told its number.
    text = ""
    if os.path.exists(number):
        with open(number, encoding="ascii") as file:
            text = file.read()
    tap.ok(not text.strip() or not is_there(int(text)), f"FVP, {title}: the model has gone")
    shutil.rmtree(os.path.dirname(path))
    tap.equal(process.returncode, status, f"FVP, {title}: the exit status is the verdict's")
    tap.ok(words in said, f"FVP, {title}: {words!r} is shown", said)


VERDICT = '{"record":"verdict",'
fvp("a pass", 0, "smmu-bringup\n", VERDICT + '"result":"pass",', '"checks":1}')
fvp("a failure", 1, "smmu-bringup\n", VERDICT + '"result":"fail",', '"checks":1}')
fvp("a model that ends behind its verdict", 0, "smmu-bringup\n", VERDICT + '"result":"pass",', '"checks":1}', then="")
fvp("a brace where the line is cut", 1, "without a verdict", VERDICT + '"result":"pass","reason":"}', "", TIMEOUT="4", between=FOR_EVER)
fvp("a hang-up", 1, "stopped by a signal", VERDICT + '"result":"pass",', "", hangup=True, between=FOR_EVER)
# The runner is the parent of `timeout`, which is the model's.
HANGUP = "kill -HUP $(cut -d ' ' -f 4 /proc/$PPID/stat)"
fvp("a hang-up as soon as there is a model", 1, "stopped by a signal", VERDICT + '"result":"pass",', '"checks":1}', between=HANGUP)
fvp("a failure before a pass", 1, "the verdict is no pass", VERDICT + '"result":"fail"}\n' + VERDICT + '"result":"pass",', '"checks":1}')
fvp("a record behind the verdict", 1, "behind the verdict", VERDICT + '"result":"pass","checks":1}\n{"record":"event"', "}", then="", between="")
fvp("a model that ends", 1, "smmu-bringup\n", '{"record":"firm', 'ware"}', then="")
fvp("no verdict", 1, "stopped after 4 seconds, without a verdict", VERDICT + '"result":"pass",', "", TIMEOUT="4")
fvp("words behind the verdict", 0, "PASS: 1", VERDICT + '"result":"pass",', '"checks":1}\nPASS: 1')
tap.done()
