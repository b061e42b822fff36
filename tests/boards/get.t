# SPDX-License-Identifier: BSD-2-Clause
"""
tools/get where another program has apt's lock: it waits, and says so; and where a user may only read what was got. With an apt and
a dpkg that do as they are told.
"""

import os
import shutil
import subprocess
import sys

HERE = os.path.dirname(os.path.realpath(__file__))
sys.path.append(os.path.join(HERE, "..", "qemu"))

import firmware
import tap

LISTS = "E: Could not get lock /var/lib/apt/lists/lock. It is held by process 7 (apt-get)\nE: Unable to lock directory /var/lib/apt/lists/"
FRONTEND = "E: Could not get lock /var/lib/dpkg/lock-frontend. It is held by process 8 (unattended-upgr)"
ARCHIVES = "E: Could not get lock /var/cache/apt/archives/lock. It is held by process 9 (apt-get)"
# dpkg's own, where another program took it behind apt's back.
DPKG_OWN = "dpkg: error: dpkg frontend lock was locked by another process with pid 10\nE: Sub-process /usr/bin/dpkg returned an error code (2)"
DPKG_DATABASE = "dpkg: error: dpkg status database is locked by another process"
# Its first calls of each kind are refused; what is asked of it is kept.
APT = """#!/bin/sh
case " $* " in *' update '*) kind=update ;; *) kind=install ;; esac
echo "$*" >>"$0.calls"
if [ -s "$0.$kind" ]; then
	cat "$0.$kind" >&2
	rm "$0.$kind"
	exit 100
fi
[ "$kind" = update ] || echo >"$0.installed"
"""
DPKG = """#!/bin/sh
[ ! -e "${0%/*}/apt-get.installed" ] || printf 'install ok installed'
"""
folder = firmware.work_folder("get")
tools = os.path.join(folder, "tools")
os.mkdir(tools)
for name in ("get", "versions.sh"):
    shutil.copy2(os.path.join(firmware.ROOT, "tools", name), tools)
fakes = os.path.join(folder, "fakes")
apt = os.path.join(fakes, "apt-get")


def write(path, text, mode=0o644):
    with open(path, "w", encoding="ascii") as file:
        file.write(text)
    os.chmod(path, mode)


def get(what="build", **refusals):
    """Calls it on a machine where nothing is installed, and apt refuses once with these words."""
    shutil.rmtree(fakes, ignore_errors=True)
    shutil.rmtree(os.path.join(folder, "build"), ignore_errors=True)
    os.mkdir(fakes)
    write(apt, APT, 0o755)
    write(os.path.join(fakes, "dpkg-query"), DPKG, 0o755)
    write(os.path.join(fakes, "id"), "#!/bin/sh\necho 0\n", 0o755)
    seconds = refusals.pop("seconds", "600")
    for kind, text in refusals.items():
        write(f"{apt}.{kind}", text + "\n")
    variables = {"PATH": f"{fakes}:{os.environ['PATH']}", "LOCK_SECONDS": seconds}
    return subprocess.run([os.path.join(tools, "get"), what], env=variables, capture_output=True, text=True, check=False)


def calls():
    with open(apt + ".calls", encoding="ascii") as file:
        return [line.split()[1] for line in file]


for title, refusals, wanted in (
    ("no lock is held", {}, ["update", "-y"]),
    ("the lists' lock", {"update": LISTS}, ["update", "update", "-y"]),
    ("dpkg's lock", {"install": FRONTEND}, ["update", "-y", "-y"]),
    ("the archives' lock", {"install": ARCHIVES}, ["update", "-y", "-y"]),
    ("dpkg's lock, in dpkg's words", {"install": DPKG_OWN}, ["update", "-y", "-y"]),
    ("dpkg's database, in dpkg's words", {"install": DPKG_DATABASE}, ["update", "-y", "-y"]),
):
    done = get(**refusals)
    tap.ok(done.returncode == 0, f"{title}: it succeeds", done.stderr)
    tap.equal(calls(), wanted, f"{title}: apt is called until it is free")
    tap.equal(done.stderr.count("waiting up to 600 seconds"), len(refusals), f"{title}: one line says that it waits")
    for text in refusals.values():
        waits = [line for line in done.stderr.splitlines() if "waiting up to" in line]
        tap.ok(waits and text.splitlines()[0] in waits[0], f"{title}: and for whom", done.stderr)

done = get(update="E: Failed to fetch http://example.org  404  Not Found")
tap.ok(done.returncode == 1 and "404" in done.stderr, "another failure of apt is one at once, with its words", done.stderr)
tap.equal(calls(), ["update"], "and is not tried again")
done = get(update=LISTS, seconds="0")
tap.ok(done.returncode == 1 and "Could not get lock" in done.stderr, "the wait has an end", done.stderr)

done = get("everything", install=FRONTEND)
tap.equal(calls()[:3], ["update", "-y", "-y"], "what all tests need is installed by one call")
with open(apt + ".calls", encoding="ascii") as file:
    words = set(file.read().split())
with open(os.path.join(tools, "versions.sh"), encoding="ascii") as file:
    needed = {word for line in file if line.startswith("packages_") for word in line.split("=")[1].strip().strip('"').split()}
missing = needed - words - {"apt", "dpkg", "debian-archive-keyring"}
tap.equal(missing, set(), "and that is all of tools/versions.sh")
shutil.rmtree(folder)
tap.done()
