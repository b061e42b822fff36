# SPDX-License-Identifier: BSD-2-Clause
"""
Tables with one wrong entry each: what the firmware says of it, and what Linux says that is started after it. `make linux-table`
prints them beside each other, and compares them with the rows of docs/linux.md. WRONG='words of a title' runs those alone.

A row has: what is wrong; what we say; our verdict; what Linux says; whether the disk behind that SMMU is read. Words in backquotes have to
be said in that run and not in that of the right table, and nothing may be said of either where a cell has **silent**.
"""

import os
import re
import sys

import firmware
import linux_judge
import wrong_iorts
import wrong_trees

PAGE = os.path.join(firmware.ROOT, "docs/linux.md")
SILENT, NO_END = "**silent**", "**does not come to its end**"
KINDS = (("By a device tree", wrong_trees), ("By ACPI", wrong_iorts))


def ours(found):
    """Warnings, differences and checks that failed, as the console has them, and findings."""
    lines = [line.strip() for line in found.lines if re.match(r"  (warning:|differs|fail )", line)]
    lines += [f"finding {r['id']} of {r['place']}: {r['text']}" for r in found.of("finding")]
    return lines + [f"{r['instance']} is not ready: {r['reason']}" for r in found.of("instance") if r["state"] != "ready"]


def linuxs(found):
    """What its log, or the console where it does not come to its end, has of IOMMUs, of disks that do not work, and of its own death."""
    log = linux_judge.Said(found).of("dmesg") or [line for line in found.lines if line.startswith("[")]
    log = [re.sub(r"^\[ *[0-9.]+\] ", "", line) for line in log]
    lines = [line for line in log if re.search(r"smmu|iommu|IORT|OF: |panic|Internal error|nvme.*(timeout|fail|error|disabl|Identify)", line, re.I)]
    return [line for line in lines if "Adding to iommu group" not in line]


def new_lines(of, right, wrong):
    """What is said of this table, and not of the right one."""
    before = of(right)
    return [line for line in dict.fromkeys(of(wrong)) if line not in before]


def disks(found):
    """Function and contents of each disk that Linux has read, in the order of the SMMUs."""
    return sorted(linux_judge.Said(found).of("disk"))


def is_read(right, wrong):
    """Whether the disk behind the second SMMU has the contents that it has with the right table."""
    return disks(right)[1] in disks(wrong)


def rows():
    """The cells of each row of the page's tables, by the first."""
    with open(PAGE, encoding="utf-8") as file:
        found = [[cell.strip() for cell in line.strip().strip("|").split(" | ")] for line in file if line.startswith("| ")]
    return {cells[0]: cells[1:] for cells in found if len(cells) == 5 and cells[0] != "wrong entry"}


def titles():
    """Of all that is tried, as the page has to have them."""
    return [title for _, tables in KINDS for title in tables.CASES]


def deny(cell, lines, who):
    """What is wrong with a cell about these lines."""
    quoted = re.findall(r"`([^`]+)`", cell)
    if SILENT in cell and lines:
        yield f"{who} is not silent"
    if not quoted and SILENT not in cell and NO_END not in cell:
        yield f"{who} is not quoted"
    for words in quoted:
        if not any(words in line for line in lines):
            yield f"{who} does not say: {words}"


def deny_row(cells, right, wrong):
    """What this run denies of its row."""
    our_cell, verdict, linux_cell, disk = cells
    yield from deny(our_cell, new_lines(ours, right, wrong), "the firmware")
    if verdict != wrong.verdict.get("result"):
        yield f"the verdict is {wrong.verdict.get('result')}"
    ended = bool(linux_judge.Said(wrong).lines)
    if ended == (NO_END in linux_cell):
        yield "Linux comes to its end" if ended else "Linux does not come to its end"
    yield from deny(linux_cell, new_lines(linuxs, right, wrong), "Linux")
    if disk != ("read" if is_read(right, wrong) else "lost"):
        yield "its disk is " + ("lost" if disk == "read" else "read")


def show(title, right, wrong):
    said = [f"   we    {line}" for line in new_lines(ours, right, wrong)] + [f"   we    verdict {wrong.verdict.get('result')}"]
    said += [f"   Linux {line}" for line in new_lines(linuxs, right, wrong)]
    said += [] if linux_judge.Said(wrong).lines else ["   Linux does not come to its end"]
    print(f"== {title}", *said, f"   disk  {'read' if is_read(right, wrong) else 'lost'}", sep="\n", flush=True)


def compare(which, only):
    """The number of rows that are denied, or are not there."""
    written, denied = rows(), 0
    for kind, tables in KINDS:
        wanted = [title for title in tables.CASES if only in title]
        right = tables.run(which) if wanted else None
        for title in wanted:
            wrong = tables.run(which, tables.CASES[title])
            show(f"{kind}: {title}", right, wrong)
            why = list(deny_row(written[title], right, wrong)) if title in written else ["the page has no such row"]
            print(*(f"   page  {line}" for line in why or ["says so"]), sep="\n", flush=True)
            denied += bool(why)
    return denied


if __name__ == "__main__":
    count = compare(sys.argv[1] if len(sys.argv) > 1 else "oldest", os.environ.get("WRONG", ""))
    sys.exit(f"linux-table: {count} rows of docs/linux.md are not what was said" if count else 0)
