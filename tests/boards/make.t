# SPDX-License-Identifier: BSD-2-Clause
"""
make in a tree without its history, and with O=, elsewhere.
"""

import os
import re
import shutil
import sys

HERE = os.path.dirname(os.path.realpath(__file__))
sys.path.append(os.path.join(HERE, "..", "qemu"))

import firmware
import tap

# A tree without its history is looked at whole.
folder = firmware.work_folder("lint")
tree = os.path.join(folder, "tree")
shutil.copytree(firmware.ROOT, tree, ignore=shutil.ignore_patterns("build", ".git"), symlinks=True)
looked_at = re.search(r"LINT_C='([^']*)'", firmware.make(tree, "-n", "lint").stdout)
there = sorted(os.path.relpath(os.path.join(place, name), tree) for place, _, names in os.walk(tree) for name in names if name.endswith((".c", ".h")))
found = sorted(looked_at[1].split()) if looked_at else []
tap.ok(found == there, "without .git, every C file is looked at", [sorted(set(there) ^ set(found))[:9]])
with open(os.path.join(firmware.ROOT, "tools/lint"), encoding="utf-8") as file:
    text = file.read()
tap.ok(not re.search(r"\bgit ", text), "and nothing else asks git")
# Without files tools/lint-docs asks git for them.
tap.equal(re.findall(r"tools/lint-docs \w+$", text, re.M), [], "nor does what it calls")

# O= builds, fetches and runs elsewhere: nothing in the checkout is written. A path with a space is refused in one line.
def files_of(place):
    return {os.path.join(at, name): os.stat(os.path.join(at, name)).st_mtime_ns for at, _, names in os.walk(place) for name in names}


firmware.copy_objects(folder)
elsewhere = os.path.join(folder, "build")
os.symlink(os.path.join(firmware.BUILD, "tools"), os.path.join(elsewhere, "tools"))
before = files_of(tree)
done = firmware.make(tree, "run", f"O={elsewhere}", f"TIMEOUT={firmware.LIMIT}")
tap.ok(done.returncode == 0 and files_of(tree) == before, "O=: runs, and leaves the checkout as it was", done.stderr[-800:])
tap.ok(os.path.exists(os.path.join(elsewhere, "qemu-virt/run/report.jsonl")), "O=: the report is there")
for title, where, words in (("O=", tree, ("O=else where",)), ("the checkout", shutil.copytree(tree, os.path.join(folder, "a tree")), ())):
    done = firmware.make(where, "all", *words)
    said = [line for line in done.stderr.splitlines() if "***" in line]
    tap.ok(done.returncode == 2 and len(said) == 1 and "has a space" in said[0], f"{title} with a space in its path: one line", done.stderr)
shutil.rmtree(folder)
tap.done()
