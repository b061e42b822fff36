# SPDX-License-Identifier: BSD-2-Clause
"""
What make's recipes call: tools/alone, by which one build goes on at a time, tools/tap, which says why a test failed, and tools/again, which
repeats tests.
"""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.realpath(__file__))
sys.path.append(os.path.join(HERE, "..", "qemu"))

import firmware
import tap

folder = firmware.work_folder("alone")


def waits(number):
    """Whether a process has a child that waits for a lock."""
    try:
        with open(f"/proc/{number}/task/{number}/children", encoding="ascii") as file:
            children = file.read().split()
        return any(open(f"/proc/{child}/cmdline", encoding="ascii").read() == "flock\0009\0" for child in children)
    except (FileNotFoundError, ProcessLookupError):
        return False


# One build at a time: another waits, and says so; what the holder calls does not.
alone, lock = os.path.join(firmware.ROOT, "tools/alone"), os.path.join(folder, "lock")
with subprocess.Popen([alone, lock, "cat"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as first:
    first.stdin.write("holds\n")
    first.stdin.flush()
    first.stdout.readline()
    second = subprocess.Popen([alone, lock, "echo", "free"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    while second.poll() is None and not waits(second.pid):
        time.sleep(0.05)
    tap.ok(second.poll() is None, "a second build waits")
    first.stdin.close()
out, said = second.communicate()
tap.ok("waiting for another build" in said, "and says so", said)
tap.equal((out, second.returncode), ("free\n", 0), "and goes on when the first has ended")
done = subprocess.run([alone, lock, alone, lock, "sh", "-c", "exit 3"], check=False)
tap.equal(done.returncode, 3, "a build that the holder calls does not wait, and its status is passed on")
done = subprocess.run([alone, os.path.join(folder, "made/lock"), "sh", "-c", "exit 4"], check=False)
tap.equal(done.returncode, 4, "the lock's folder is made where it is missing")
done = subprocess.run([alone, lock, "sh", "-c", "sleep 100000 >/dev/null 2>&1 & echo $!"], capture_output=True, text=True, check=True)
third = subprocess.Popen([alone, lock, "true"], stderr=subprocess.PIPE, text=True)
said = third.stderr.readline()
os.kill(int(done.stdout), signal.SIGKILL)
tap.equal((said, third.wait()), ("", 0), "what a build leaves behind holds no lock")

# What a failed check says is said behind the test, too: prove hides it.
program = os.path.join(folder, "sample.t")
SAMPLES = (
    ('echo "ok 1 - a"; echo "not ok 2 - b"; echo "# because of c"; echo "ok 3 - d"; echo "# no reason"; exit 3', 3, ["not ok 2 - b", "  # because of c"]),
    ('echo "ok 1 - a"; echo "# fine"; echo 1..1', 0, []),
    ('echo "ok 1 - a"; echo half; kill -SEGV $$', 139, ["it ended with status -11, and these lines last:", "ok 1 - a", "half"]),
)
for script, status, wanted in SAMPLES:
    with open(program, "w", encoding="ascii") as file:
        file.write(script + "\n")
    done = subprocess.run([os.path.join(firmware.ROOT, "tools/tap"), "sh", program], capture_output=True, text=True, check=False)
    tap.equal((done.returncode, done.stderr.splitlines()[2:]), (status, wanted), f"the reasons of {status}")

# Again and again, in every condition each time; the sample fails in one of them. Where another user finds it, too.
place = tempfile.mkdtemp()
tree, seen = os.path.join(place, "tree"), os.path.join(place, "seen")
os.makedirs(os.path.join(tree, "tools"))
os.makedirs(os.path.join(tree, "build/host"))
for name in ("again", "tap"):
    shutil.copy2(os.path.join(firmware.ROOT, "tools", name), os.path.join(tree, "tools"))
for path in (seen, os.path.join(tree, "build/host/built")):
    open(path, "w", encoding="ascii").close()
    os.chmod(path, 0o666)
os.chmod(place, 0o755)
with open(os.path.join(tree, "sample.t"), "w", encoding="ascii") as file:
    file.write("""import glob, os, signal
try:
    has_stdin = bool(os.fstat(0))
except OSError:
    has_stdin = False
again = 0
for path in glob.glob("/proc/[0-9]*/cmdline"):
    try:
        again += os.environ["AGAIN"] in open(path).read().split(chr(0))
    except OSError:
        pass
ignores = signal.getsignal(signal.SIGHUP) == signal.SIG_IGN
found = again > 4, len(os.sched_getaffinity(0)) == 1, ignores, has_stdin, os.getuid() == 0, os.path.exists("build/host/built")
print(*map(int, found), file=open(os.environ["SEEN"], "a"))
print("ok 1 - sample" if has_stdin else "not ok 1 - sample")
print("1..1")
""")
again = os.path.join(tree, "tools/again")
done = subprocess.run([again, "1", "sample.t"], cwd=tree, env={"PATH": os.environ["PATH"], "SEEN": seen, "AGAIN": again}, capture_output=True, text=True, check=False)
alike = len(os.sched_getaffinity(0)) == 1, signal.getsignal(signal.SIGHUP) == signal.SIG_IGN
one, ignored, root = *map(int, alike), int(os.getuid() == 0)
with open(seen, encoding="ascii") as file:
    found = file.read().splitlines()
wanted = [f"1 {one} {ignored} 1 {root} 1", f"0 1 {ignored} 1 {root} 1", f"0 {one} 1 0 {root} 1", f"0 {one} {ignored} 1 0 1"]
tap.equal(found, wanted, "again: each time beside loops, on one core, under nohup without stdin, and not as root")
tap.ok(done.returncode == 1 and "4 runs, 1 failed" in done.stdout and "not ok - sample.t, nohup, 1 of 1" in done.stdout, "again: a failure is told, and in which of them", done.stdout + done.stderr)
shutil.rmtree(place)
shutil.rmtree(folder)
tap.done()
