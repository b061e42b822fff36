# SPDX-License-Identifier: BSD-2-Clause
"""
What operations cost, beside what peers take: instructions on QEMU under -icount, commands and register writes on the host model,
instructions on the host under callgrind, bytes. Fails where a "must" is missed, and where what has to grow in a straight line does
not. Nothing is timed: each figure repeats to the digit, but for the whole run's, whose disks answer when they like.

    QEMU=... python3 tests/bench/bench.py OUT      writes OUT/bench.json, OUT/table.md and a plot of each series

With UPDATE=1 in the environment the tables are put into tests/bench/README.md, too.
"""

import datetime
import glob
import json
import os
import re
import subprocess
import sys

import series

ROOT = os.path.realpath(os.path.join(os.path.dirname(__file__), "..", ".."))
BUILD = os.environ.get("BUILD_DIR") or os.path.join(ROOT, "build")
# For each width. A "must" holds for AArch32, which was compared with Linux.
ARM, AARCH64 = "qemu-virt", "qemu-virt-aarch64"
INSTANCES = 16
CORES = range(1, 9)

# What, of which judge, in which unit; what Linux 6.12 and the best firmware peer take (instructions on AArch32 but where A64 is
# said); what must be met, and what is aimed at: None where nothing is asked. Peers were measured once, outside this project.
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
    ("cold start of an instance with IDR0.HYP", "model", "commands / register writes", "-", "-", (4, 20), (4, 19)),
    ("cold start of an instance with IDR0.MSI", "model", "commands / register writes", "-", "-", None, None),
    ("cold start: each master", "model", "commands / register writes", "11 / 6", "4 / 4", (0, 0), (0, 0)),
    ("start, register, replay: 3 instances, 3 masters", "QEMU", "instructions", "2.15 M", "107 k", 20000, 12000),
    ("start, register, replay: 3 instances, 30 masters", "QEMU", "instructions", "4.40 M", "129 k", 29000, 17000),
    ("each further master in a replay, 30 to 4096", "QEMU", "instructions", "grows", "828", 300, 150),
    ("each second level of the stream table that it needs", "QEMU", "instructions", "-", "2517", None, None),
    ("before that, each master made known: streams, group", "QEMU", "instructions", "-", "-", None, None),
    ("reset to verdict, quick, 3 instances, 4 cores", "QEMU", "instructions", "51.8 M, no DMA", "-", 6000000, 2000000),
    ("image with FEATURES=basic, text and data", "size", "bytes", "58.6 KB, driver alone", "19.9 KB", 140 << 10, 96 << 10),
    ("image with what came later", "size", "bytes", "-", "-", None, None),
    ("image with FEATURES=minimal", "size", "bytes", "-", "-", None, None),
]

# The same on the host (x86-64): what Linux 6.12 takes, and a limit: a twentieth above the last value.
HOST_ROWS = [
    ("map 1 page, table present", "406", 227),
    ("map 512 pages", "12 662", 6822),
    ("map 1 GiB as 2 MiB blocks", "14 661", 6772),
    ("unmap 1 page", "309", 148),
    ("unmap 512 pages", "9 223", 1405),
    ("unmap 1 GiB of 2 MiB blocks", "9 186", 6805),
    ("iova_to_phys, page", "193", 149),
]


# --- Counting. ---


def lines(text):
    return [json.loads(line) for line in text.splitlines() if line.startswith('{"bench":')]


def on_qemu(out, image, instances, cores, arguments="", images=ARM):
    environment = {
        **os.environ,
        "INSTANCES": str(instances),
        "CORES": str(cores),
        "APPEND": arguments,
        "QEMU_EXTRA": "-icount shift=0,sleep=off",
        "RUN_DIR": os.path.join(out, "run"),
        "TIMEOUT": "1200",
    }
    command = [os.path.join(ROOT, "platform/qemu-virt/run"), os.path.join(BUILD, images, image)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    found = lines(done.stdout)
    if not found or found[-1]["bench"] not in ("done", "reset to verdict"):
        sys.exit(f"bench: {image} on {cores} cores did not come to its end:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
    return found, done.stdout


def several_cores(out, count):
    found = next(each for each in on_qemu(out, "smmu-bench.elf", 1, count)[0] if each["bench"] == "cores")
    if found["cores"] != count:
        sys.exit(f"bench: {found['cores']} cores run, and not {count}")
    return found


def whole_run(out, images, turns):
    """The least of some runs: the host decides how often a core looks at what another one does."""
    counts = []
    for _ in range(turns):
        found, text = on_qemu(out, "smmu-bench-verdict.elf", 3, 4, "selftest=quick", images)
        if '{"record":"verdict","result":"pass"' not in text:
            sys.exit(f"bench: the run does not pass:\n{text[-2000:]}")
        counts.append(found[-1]["instructions"])
    return min(counts)


def on_model(out):
    done = subprocess.run([os.path.join(out, "host/bench-commands")], capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"bench: the host model complains:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
    return {each["bench"]: each for each in lines(done.stdout)}


def on_valgrind(out, program):
    """The program's output, and its counts by the names that it prints."""
    place = os.path.join(out, f"{program}.callgrind")
    for old in glob.glob(place + "*"):
        os.remove(old)
    command = ["valgrind", "--tool=callgrind", "--collect-atstart=no", f"--callgrind-out-file={place}", os.path.join(out, "host", program)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"bench: {program} under callgrind:\n{done.stdout[-1000:]}{done.stderr[-2000:]}")
    counts = {}
    for dump in glob.glob(place + ".*"):
        with open(dump, encoding="utf-8") as file:
            text = file.read()
        name = re.search(r"^desc: Trigger: Client Request: (.*)$", text, re.M)
        if name:
            counts[name[1]] = int(re.search(r"^totals: (\d+)$", text, re.M)[1])
    return lines(done.stdout), counts


def size_of(image):
    tool = "aarch64-linux-gnu-size" if image.startswith(AARCH64) else "arm-none-eabi-size"
    text = subprocess.run([tool, os.path.join(BUILD, image)], capture_output=True, text=True, check=True).stdout
    return sum(int(word) for word in text.splitlines()[1].split()[:2])


def room_of(source):
    """drivers/pci, boot/aarch32: a file's folder below this project's root, from the debugger's name of the file."""
    found = re.search(r"(?:^|/)((?:drivers/\w+|boot/aarch32|boot/checks|boot/cpu|boot|platform))/[^:]*$", source)
    return found[1] if found else "libraries"


def rooms_of(image):
    """Bytes of code by the folder of the line that each comes from, wherever it was inlined; and constants and data."""
    path = os.path.join(BUILD, image)
    sections = subprocess.run(["arm-none-eabi-objdump", "-h", "-w", path], capture_output=True, text=True, check=True).stdout
    sizes = {name: (int(size, 16), int(start, 16)) for name, size, start in re.findall(r" (\.\w+) +(\w{8})  (\w{8})", sections)}
    size, start = sizes[".text"]
    addresses = "".join(f"{address:#x}\n" for address in range(start, start + size, 2))
    places = subprocess.run(["arm-none-eabi-addr2line", "-e", path], input=addresses, capture_output=True, text=True, check=True).stdout
    rooms = {}
    for place in places.splitlines():
        room = room_of(os.path.normpath(place.rsplit(":", 1)[0]))
        rooms[room] = rooms.get(room, 0) + 2
    rooms["constants and data"] = sizes[".rodata"][0] + sizes[".data"][0]
    return rooms


def pairs_of(model):
    """Commands and writes. None at all would be a broken counter, or a change that the driver does not tell the SMMU of."""
    for name, each in model.items():
        if not each["commands"] or not each["prod_writes"]:
            sys.exit(f"bench: {name}: {each['commands']} commands by {each['prod_writes']} writes of CMDQ_PROD")
        second = "register_writes" if name.startswith("cold") else "prod_writes"
        yield name, (each["commands"], each[second])


def on_target(out, images, turns):
    """By the names of ROWS, what is counted on QEMU; and what each bring-up took, by instances, masters and the distance of their stream IDs."""
    target, _ = on_qemu(out, "smmu-bench.elf", INSTANCES, 1, images=images)
    runs = {(each["instances"], each["masters"], each["spacing"]): each for each in target if each["bench"] == "bring-up"}
    bring_up, described = ({key: each[what] for key, each in runs.items()} for what in ("instructions", "described"))
    found = {each["bench"]: each["instructions"] for each in target if "instructions" in each and each["bench"] not in ("bring-up", "cores")}
    found["start, register, replay: 3 instances, 3 masters"] = bring_up[3, 3, 8]
    found["start, register, replay: 3 instances, 30 masters"] = bring_up[3, 30, 8]
    found["each further master in a replay, 30 to 4096"] = round((bring_up[1, 4096, 1] - bring_up[1, 30, 1]) / (4096 - 30))
    # 64 streams are in one: 8 masters in neighbouring slots, or 64 functions.
    found["each second level of the stream table that it needs"] = round((bring_up[1, 4096, 8] - bring_up[1, 4096, 1]) / (4096 / 8 - 4096 / 64))
    found["before that, each master made known: streams, group"] = round((described[1, 4096, 1] - described[1, 30, 1]) / (4096 - 30))
    found["reset to verdict, quick, 3 instances, 4 cores"] = whole_run(out, images, turns)
    # In AArch32 `all` is `basic`.
    basic, whole = (f"{images}-basic", images) if images == AARCH64 else (images, None)
    found["image with FEATURES=basic, text and data"] = size_of(f"{basic}/smmu-bringup.elf")
    found["image with what came later"] = size_of(f"{whole}/smmu-bringup.elf") if whole else None
    return found, bring_up, described


def measured(out):
    """All of ROWS, and the bring-ups."""
    found, bring_up, described = on_target(out, ARM, 3)
    found.update(pairs_of(on_model(out)))
    alone, some = (found[f"cold start of an instance{rest}"] for rest in ("", " and 16 masters"))
    # Rounded up: one command for all of them is one too many.
    found["cold start: each master"] = tuple(-((one - many) // 16) for one, many in zip(alone, some))
    found["image with FEATURES=minimal"] = size_of("qemu-virt-without-all/smmu-bringup.elf")
    return found, bring_up, described


# --- Tables. ---


def words(value):
    return "-" if value is None else " / ".join(str(each) for each in value) if isinstance(value, tuple) else str(value)


def meets(value, limit):
    pairs = zip(value, limit) if isinstance(value, tuple) else [(value, limit)]
    return all(one <= most for one, most in pairs)


def times(peer, value):
    """A peer's figure by ours; None if the peer has none, or ours is 0."""
    number = re.match(r"([\d ]+(?:\.\d+)?) ?([Mk]?)", peer)
    if not number or not value or not number[1].strip() or "KB" in peer:
        return None
    scale = {"M": 1e6, "k": 1e3}.get(number[2], 1)
    return round(float(number[1].replace(" ", "")) * scale / value, 1)


def ratios(peer, value):
    """One, or one of each of a pair."""
    if isinstance(value, tuple):
        return [times(*each) for each in zip(peer.split(" / "), value)]
    return [times(peer, value)]


def ratio(peer, value):
    found = ratios(peer, value)
    return "-" if None in found else " / ".join(f"{each:.1f}x" for each in found)


def grid(head, rows):
    return "\n".join("| " + " | ".join(row) + " |" for row in [head, ["---"] * len(head), *rows]) + "\n"


def state_of(value, must, aim):
    if must is None:
        return ""
    return "aim" if meets(value, aim) else "must" if meets(value, must) else "**missed**"


def main_table(found, wide):
    rows = []
    for name, judge, unit, linux, peer, must, aim in ROWS:
        value = found[name]
        rows.append([name, judge, unit, linux, peer, words(must), words(aim), words(value), words(wide.get(name)), ratio(linux, value), ratio(peer, value), state_of(value, must, aim)])
    head = ["what", "judge", "unit", "Linux 6.12", "best firmware peer", "must", "aim", "here", "here, AArch64", "Linux / here", "peer / here", ""]
    return grid(head, rows), [row[0] for row in rows if row[-1] == "**missed**"]


def host_table(counts):
    rows = [[name, linux, str(limit), str(counts[name]), ratio(linux, counts[name]), "" if counts[name] <= limit else "**missed**"] for name, linux, limit in HOST_ROWS]
    head = ["on the host (x86-64, callgrind)", "Linux 6.12", "at most", "here", "Linux / here", ""]
    return grid(head, rows), [f"{row[0]}, on the host" for row in rows if row[-1]]


def memory_table(memory):
    keys = ("masters", "stream_table", "queues", "descriptors", "domains", "core")
    rows = [[str(each[key]) for key in keys] for each in sorted(memory, key=lambda each: each["masters"])]
    head = ["masters of one instance", "stream table, bytes", "queues", "context descriptors", "domains (64-bit host)", "groups, slots, streams, with room for 65 536 (64-bit host)"]
    return grid(head, rows)


def page_tables_table(tables):
    return grid(["page tables of a domain: 4 KiB granule, 48 bits", "bytes"], [[each["what"], str(each["bytes"])] for each in tables])


def cores_table(cores):
    rows = [[str(each["cores"]), str(each["commands"]), f"{each['instructions'] / each['commands']:.1f}", f"{each['least']} to {each['most']}"] for each in cores]
    head = ["cores that issue at once", "commands completed, each with a SYNC", "instructions per command, all cores'", "completed by each core"]
    return grid(head, rows)


def series_table(found):
    rows = [
        [each["what"], f"{each['along']}, {each['where']}", f"{min(each['points'])} to {max(each['points'])}", *(f"{slope:.0f}" for slope in each["slopes"]),
         "straight" if each["straight"] else "**bent**"]
        for each in found
    ]
    return grid(["what grows", "with", "from, to", "instructions for each, first half", "second half", ""], rows)


def rooms_table(rooms):
    rows = [[room, str(size), f"{100 * size / sum(rooms.values()):.0f} %"] for room, size in sorted(rooms.items(), key=lambda each: -each[1])]
    return grid(["what the minimal image consists of", "bytes", ""], rows)


def kept_out(cores):
    """Complaints: a core completed less than half of another one's, or a command costs over half as much again as alone."""
    alone = cores[0]["instructions"] / cores[0]["commands"]
    unfair = [f"{each['cores']} cores: one completed {each['least']}, another {each['most']}" for each in cores if 2 * each["least"] < each["most"]]
    dear = [f"{each['cores']} cores: a command costs too much" for each in cores if each["instructions"] / each["commands"] > 1.5 * alone]
    return unfair + dear


# --- The report. ---

MARK = "<!-- The tables: UPDATE=1 make bench writes what is below. -->\n"


def update(text):
    """What is measured, with which tools and when, behind the mark."""
    path = os.path.join(ROOT, "tests/bench/README.md")
    with open(path, encoding="utf-8") as file:
        before = file.read().split(MARK)[0]
    qemu = subprocess.run([os.environ["QEMU"], "--version"], capture_output=True, text=True, check=True).stdout.split("\n")[0]
    compilers = [subprocess.run([each, "-dumpfullversion"], capture_output=True, text=True, check=True).stdout.strip() for each in ("arm-none-eabi-gcc", "gcc")]
    with open(path, "w", encoding="utf-8") as file:
        file.write(f"{before}{MARK}\nMeasured on {datetime.date.today()} with {qemu}, GCC {compilers[0]} for Arm and {compilers[1]} for the host.\n\n{text}")


def row_of(found, name, judge, unit, linux, peer, must, aim):
    value = found[name]
    row = {"what": name, "judge": judge, "unit": unit, "linux": linux, "peer": peer, "must": must, "aim": aim, "here": value}
    row["linux_by_here"], row["peer_by_here"] = ratios(linux, value), ratios(peer, value)
    return {**row, "met": must is None or meets(value, must)}


def write_json(out, report):
    with open(os.path.join(out, "bench.json"), "w", encoding="utf-8") as file:
        json.dump(report, file, indent=1)


def forget(out):
    """Deletes the last run's results, so that they cannot pass for the results of this run if it does not end."""
    os.makedirs(out, exist_ok=True)
    for name in ("bench.json", "table.md", *(os.path.basename(path) for path in glob.glob(os.path.join(out, "*.svg")))):
        if os.path.exists(os.path.join(out, name)):
            os.remove(os.path.join(out, name))


def main():
    out = os.path.realpath(sys.argv[1])
    forget(out)
    found, bring_up, described = measured(out)
    wide = on_target(out, AARCH64, 1)[0]
    cores = [several_cores(out, count) for count in CORES]
    tables, counts = on_valgrind(out, "bench-tables")
    memory, scale = on_valgrind(out, "bench-scale")
    rooms = rooms_of("qemu-virt-without-all/smmu-bringup.elf")
    main_text, missed = main_table(found, wide)
    host_text, host_missed = host_table(counts)
    grown = series.judged(bring_up, described, scale)
    series.draw(out, grown, cores, memory)
    text = "\n".join([main_text, host_text, series_table(grown), cores_table(cores), memory_table(memory), page_tables_table(tables), rooms_table(rooms)])
    with open(os.path.join(out, "table.md"), "w", encoding="utf-8") as file:
        file.write(text)
    print(text)
    if os.environ.get("UPDATE"):
        update(text)
    failures = [f"missed: {name}" for name in missed + host_missed] + kept_out(cores)
    failures += [f"no straight line: {each['what']}: {each['along']}, {each['where']}" for each in grown if not each["straight"]]
    write_json(out, {
        "rows": [{**row_of(found, *row), "aarch64": wide.get(row[0])} for row in ROWS],
        "host": [{"what": name, "linux": linux, "must": limit, "here": counts[name], "met": counts[name] <= limit} for name, linux, limit in HOST_ROWS],
        "bring_up": [{"instances": k[0], "masters": k[1], "spacing": k[2], "instructions": v, "described": described[k]} for k, v in bring_up.items()],
        "series": grown,
        "cores": cores,
        "memory": memory,
        "page_tables": tables,
        "minimal": rooms,
        "failures": failures,
    })
    print("\n".join(failures) or "every must is met")
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
