# SPDX-License-Identifier: BSD-2-Clause
"""libfdt as a second opinion on the firmware's own reader (second.c): real boards' device trees, and random ones of two versions."""

import glob
import os
import random
import subprocess

import blob
import tool
from tool import tap

SECOND = os.path.join(tool.BUILD, "host/tests/inspect/second")
SEED = int(os.environ.get("SEED", random.randrange(1 << 32)))
TREES = 200


def compare(title, paths):
    done = subprocess.run([SECOND, *paths], capture_output=True, text=True, check=False)
    lines = done.stdout.splitlines()
    tap.ok(done.returncode == 0 and len(lines) == len(paths), title, [done.stderr[:300]])
    counts = [[int(part.split()[0]) for part in line.split(":")[0].split(", ")] for line in lines]
    total = [sum(column) for column in zip(*counts)] or [0]
    print(f"# {title}: {len(paths)} trees; nodes, properties, phandles and addresses: {total}", flush=True)
    tap.ok(all(total), f"{title}: something was compared of each kind", total)


def boards():
    got = subprocess.run([os.path.join(tool.ROOT, "tools/get"), "dtbs"], capture_output=True, text=True, check=False)
    paths = glob.glob(os.path.join(glob.escape(got.stdout.strip()), "usr/lib/**/*.dtb"), recursive=True) if got.returncode == 0 else []
    return sorted({os.path.realpath(path) for path in paths if has_smmu(path)})


def has_smmu(path):
    with open(path, "rb") as file:
        return b"arm,smmu-v3\0" in file.read()


def random_node(rng, tree, name, depth):
    tree.begin(name)
    cells = [rng.randrange(1, 3), rng.randrange(1, 3)]
    if rng.random() < 0.7:
        tree.prop("#address-cells", [cells[0]]).prop("#size-cells", [cells[1]])
    if rng.random() < 0.7:
        tree.prop("ranges", [] if rng.random() < 0.4 else [rng.choice((0, 0, 1, 0x1000, 0x80000000)) for _ in range(rng.randrange(3, 13))])
    if rng.random() < 0.8:
        tree.prop("reg", [rng.choice((0, 0, 1, 0x1000, 0x1800, 0x80001000)) for _ in range(rng.randrange(9))])
    if rng.random() < 0.5:
        tree.prop(rng.choice(("phandle", "linux,phandle")), [rng.randrange(1, 40)])
    for _ in range(rng.randrange(3)):
        tree.prop(rng.choice("abcd") * rng.randrange(1, 4), bytes(rng.randrange(256) for _ in range(rng.randrange(9))))
    for number in range(rng.randrange(4) if depth < 6 else 0):
        random_node(rng, tree, f"n@{number:x}", depth + 1)
    tree.end()


def random_trees(rng, version):
    place = tool.folder()
    paths = [os.path.join(place, f"{number}.dtb") for number in range(TREES)]
    for path in paths:
        tree = blob.Tree()
        random_node(rng, tree, "", 0)
        with open(path, "wb") as file:
            file.write(tree.blob(version))
    return paths


rng = random.Random(SEED)
print(f"# seed {SEED}", flush=True)
for version in (17, 16):
    compare(f"random trees of version {version}", random_trees(rng, version))
found = boards()
if found:
    compare("real boards", found)
else:
    tap.skip("real boards", "tools/get dtbs has no device trees")
tap.done()
