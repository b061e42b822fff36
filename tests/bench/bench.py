# SPDX-License-Identifier: BSD-2-Clause
"""
What operations cost, beside what peers take: instructions on QEMU under -icount, commands and register writes on the host model, bytes
of the image. Fails where a "must" is missed. Nothing is timed: each figure repeats to the digit.

    QEMU=... python3 tests/bench/bench.py OUT      writes OUT/bench.json, OUT/table.md and a plot of each series

With UPDATE=1 in the environment the table is put into tests/bench/README.md, too.
"""

import datetime
import json
import os
import re
import subprocess
import sys

ROOT = os.path.realpath(os.path.join(os.path.dirname(__file__), "..", ".."))
ELF = os.path.join(ROOT, "build/qemu-virt/smmu-bringup.elf")
BENCH_ELF = os.path.join(ROOT, "build/qemu-virt/smmu-bench.elf")
HOST = os.path.join(ROOT, "build/host/bench")
INSTANCES = 16

# What, of which judge, how it is found; what Linux 6.12 and the best firmware peer take (instructions on AArch32 but where A64
# is said); what must be met, and what is aimed at. Peers were measured once, outside this project.
ROWS = [
    ("map 1 page, table present", "QEMU", "instructions", "399", "291 (A64)", 190, 150),
    ("map 512 pages", "QEMU", "instructions", "13 172", "124 003 (A64)", 5000, 3500),
    ("map 1 GiB as 2 MiB blocks", "QEMU", "instructions", "15 181", "-", 5000, 3500),
    ("unmap 1 page", "QEMU", "instructions", "368", "269 (A64)", 170, 130),
    ("unmap 512 pages", "QEMU", "instructions", "11 618", "9 272 (A64)", 4200, 2500),
    ("iova_to_phys, page", "QEMU", "instructions", "220", "180 (A64)", 120, 100),
    ("one command and SYNC", "QEMU", "instructions", "578", "-", 160, 100),
    ("each further command of a batch", "QEMU", "instructions", "111", "-", 20, 13),
    ("unmap 512 without range invalidation", "model", "commands / PROD writes", "515 / 9", "-", (2, 1), (2, 1)),
    ("live STE: V=0 to valid", "model", "commands / PROD writes", "5 / 3", "4 / 4", (2, 1), (2, 1)),
    ("live STE: one stage 1 to another", "model", "commands / PROD writes", "5 / 3", "4 / 4", (2, 1), (2, 1)),
    ("live STE: abort to stage 1", "model", "commands / PROD writes", "-", "-", (4, 2), (4, 2)),
    ("live STE: stage 1 to abort", "model", "commands / PROD writes", "-", "-", (4, 2), (4, 2)),
    ("live STE: stage 1 to stage 2", "model", "commands / PROD writes", "-", "-", (6, 3), (6, 3)),
    ("live STE: stage 2 to stage 1", "model", "commands / PROD writes", "-", "-", (6, 3), (6, 3)),
    ("cold start of an instance", "model", "commands / register writes", "4 / 20", "7 / 20", (3, 20), (3, 19)),
    ("cold start: each master", "model", "commands / register writes", "11 / 6", "4 / 4", (0, 0), (0, 0)),
    ("start, register, replay: 3 instances, 3 masters", "QEMU", "instructions", "2.15 M", "107 k", 20000, 12000),
    ("start, register, replay: 3 instances, 30 masters", "QEMU", "instructions", "4.40 M", "129 k", 29000, 17000),
    ("each further master in a replay, 30 to 512", "QEMU", "instructions", "grows", "828", 300, 150),
    ("image, text and data", "size", "bytes", "58.6 KB, driver alone", "19.9 KB", 128 << 10, 96 << 10),
]


def lines(text):
    return [json.loads(line) for line in text.splitlines() if line.startswith('{"bench":')]


def on_qemu(out):
    environment = {
        **os.environ,
        "INSTANCES": str(INSTANCES),
        "CORES": "1",
        "QEMU_EXTRA": "-icount shift=0,sleep=off",
        "RUN_DIR": os.path.join(out, "run"),
        "TIMEOUT": "120",
    }
    done = subprocess.run([os.path.join(ROOT, "platform/qemu-virt/run"), BENCH_ELF], env=environment, capture_output=True, text=True, check=False)
    found = lines(done.stdout)
    if not any(each["bench"] == "done" for each in found):
        sys.exit(f"bench: the image did not come to its end:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
    return found


def on_model():
    done = subprocess.run([HOST], capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"bench: the host model complains:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
    return {each["bench"]: each for each in lines(done.stdout)}


def size_of(elf):
    text = subprocess.run(["arm-none-eabi-size", elf], capture_output=True, text=True, check=True).stdout
    return sum(int(word) for word in text.splitlines()[1].split()[:2])


def measured(target, model):
    """By the names of ROWS."""
    found = {each["bench"]: each["instructions"] for each in target if "instructions" in each and each["bench"] != "bring-up"}
    bring_up = {(each["instances"], each["masters"]): each["instructions"] for each in target if each["bench"] == "bring-up"}
    found["start, register, replay: 3 instances, 3 masters"] = bring_up[3, 3]
    found["start, register, replay: 3 instances, 30 masters"] = bring_up[3, 30]
    found["each further master in a replay, 30 to 512"] = round((bring_up[1, 512] - bring_up[1, 30]) / 482)
    for name, each in model.items():
        second = "register_writes" if name.startswith("cold") else "prod_writes"
        found[name] = (each["commands"], each[second])
    alone, some = (found[f"cold start of an instance{rest}"] for rest in ("", " and 16 masters"))
    found["cold start: each master"] = tuple((many - one) // 16 for one, many in zip(alone, some))
    found["image, text and data"] = size_of(ELF)
    return found, bring_up


def words(value):
    return " / ".join(str(each) for each in value) if isinstance(value, tuple) else str(value)


def meets(value, limit):
    pairs = zip(value, limit) if isinstance(value, tuple) else [(value, limit)]
    return all(one <= most for one, most in pairs)


def ratio(peer, value):
    number = re.match(r"([\d ]+(?:\.\d+)?) ?([Mk]?)", peer)
    if isinstance(value, tuple) or not number or not value or not number[1].strip():
        return "-"
    scale = {"M": 1e6, "k": 1e3}.get(number[2], 1)
    return f"{float(number[1].replace(' ', '')) * scale / value:.1f}x" if "KB" not in peer else "-"


def table(found):
    head = "| what | judge | unit | Linux 6.12 | best firmware peer | must | aim | here | Linux / here | |"
    rows = [head, "|---|---|---|---|---|---|---|---|---|---|"]
    missed = []
    for name, judge, unit, linux, peer, must, aim in ROWS:
        value = found[name]
        state = "aim" if meets(value, aim) else "must" if meets(value, must) else "**missed**"
        if not meets(value, must):
            missed.append(name)
        cells = [name, judge, unit, linux, peer, words(must), words(aim), words(value), ratio(linux, value), state]
        rows.append("| " + " | ".join(cells) + " |")
    return "\n".join(rows) + "\n", missed


def is_straight(points, tolerance=0.1):
    """Whether the slope of the second half is that of the first, within what the growth of tables costs now and then."""
    points = sorted(points.items())
    middle = len(points) // 2
    slopes = [(part[-1][1] - part[0][1]) / (part[-1][0] - part[0][0]) for part in (points[: middle + 1], points[middle:])]
    return abs(slopes[1] - slopes[0]) <= tolerance * max(slopes), slopes


def plot(path, title, points, unit):
    """A line through the points, in SVG."""
    width, height, edge = 640, 360, 60
    most_x, most_y = max(points), max(points.values())
    place = lambda x, y: f"{edge + (width - 2 * edge) * x / most_x:.1f},{height - edge - (height - 2 * edge) * y / most_y:.1f}"
    line = " ".join(place(x, y) for x, y in sorted(points.items()))
    with open(path, "w", encoding="utf-8") as file:
        file.write(
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" font-family="sans-serif" font-size="12">'
            f'<rect width="100%" height="100%" fill="white"/><text x="{edge}" y="24">{title}</text>'
            f'<path d="M{place(0, most_y)} L{place(0, 0)} L{place(most_x, 0)}" fill="none" stroke="black"/>'
            f'<text x="4" y="{edge}">{most_y} {unit}</text><text x="{width - edge}" y="{height - edge + 18}">{most_x}</text>'
            f'<polyline points="{line}" fill="none" stroke="steelblue" stroke-width="2"/></svg>\n'
        )


def series(bring_up, out):
    """Of instances, and of masters; each has to be a straight line."""
    by_instances = {instances: count for (instances, masters), count in bring_up.items() if masters == 2 * instances}
    by_masters = {masters: count for (instances, masters), count in bring_up.items() if instances == 3 and masters <= 60 and masters % 3 == 0}
    bent = []
    for name, points in (("instances", by_instances), ("masters", by_masters)):
        straight, slopes = is_straight(points)
        plot(os.path.join(out, f"{name}.svg"), f"start, register, replay by {name}", points, "instructions")
        print(f"{name}: {min(points)} to {max(points)}, {slopes[0]:.0f} instructions each in the first half, {slopes[1]:.0f} in the second")
        if not straight:
            bent.append(name)
    return bent


MARK = "<!-- The table: UPDATE=1 make bench writes what is below. -->\n"


def update(text):
    """What is measured, with what and when, behind the mark."""
    path = os.path.join(ROOT, "tests/bench/README.md")
    with open(path, encoding="utf-8") as file:
        before = file.read().split(MARK)[0]
    qemu = subprocess.run([os.environ["QEMU"], "--version"], capture_output=True, text=True, check=True).stdout.split("\n")[0]
    compiler = subprocess.run(["arm-none-eabi-gcc", "-dumpversion"], capture_output=True, text=True, check=True).stdout.strip()
    with open(path, "w", encoding="utf-8") as file:
        file.write(f"{before}{MARK}\nMeasured on {datetime.date.today()} with {qemu} and GCC {compiler}.\n\n{text}")


def main():
    out = sys.argv[1]
    os.makedirs(out, exist_ok=True)
    found, bring_up = measured(on_qemu(out), on_model())
    text, missed = table(found)
    with open(os.path.join(out, "table.md"), "w", encoding="utf-8") as file:
        file.write(text)
    with open(os.path.join(out, "bench.json"), "w", encoding="utf-8") as file:
        rows = [{"what": row[0], "judge": row[1], "unit": row[2], "must": row[5], "aim": row[6], "here": found[row[0]]} for row in ROWS]
        json.dump({"rows": rows, "bring_up": [{"instances": k[0], "masters": k[1], "instructions": v} for k, v in bring_up.items()]}, file, indent=1)
    print(text)
    if os.environ.get("UPDATE"):
        update(text)
    bent = series(bring_up, out)
    for name in missed:
        print(f"missed: {name}")
    for name in bent:
        print(f"no straight line: {name}")
    sys.exit(1 if missed or bent else 0)


main()
