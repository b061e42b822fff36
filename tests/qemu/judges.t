# SPDX-License-Identifier: BSD-2-Clause
"""
The tests of tests/smmuv3 by every judge: the model on the host, and the second firmware image on the distribution's QEMU and
on the newest one with stage 1, stage 2 and both. What came of each is compared with the table of tests/README.md; UPDATE=1
writes it. SHORT=yes: both stages by the newest QEMU, or its one by an older.
"""

import concurrent.futures
import os
import re
import subprocess

import firmware
import tap

HOST = os.path.join(firmware.BUILD, "host/model/test_smmuv3")
ELF = os.path.join(firmware.ROOT, os.environ.get("TEST_ELF") or os.path.join(firmware.BUILD, firmware.BOARD, "smmu-test.elf"))
PAGE = os.path.join(firmware.ROOT, "tests/README.md")
BEGIN, END = "<!-- judges: begin -->\n", "<!-- judges: end -->\n"
LIMIT = firmware.LIMIT
KINDS = {"stage 1": "1", "stage 2": "2", "nested": "n"}
NO_STAGE = "this SMMU does not have the stage"
LINE = re.compile(r"(not )?ok (\d+) - (.*?)(?: # SKIP (.*))?$")

EDU = "edu,dma_mask=0xffffffff"
# In the machine's own time: what sleeps takes no time of ours.
TIME = ["-icount", "shift=1,sleep=off"]
# The stream IDs are in two parts of a 2-level table.
DEVICES = ["-device", f"{EDU},bus=pcie.0,addr=1", "-device", f"{EDU},bus=pcie.0,addr=11"]


def old_machine():
    return ["-M", "virt,iommu=smmuv3"] + TIME + DEVICES


def new_machine(stage):
    """Two SMMUv3s, the second with one device behind it."""
    arguments = ["-M", "virt"] + TIME + ["-device", f"arm-smmuv3,primary-bus=pcie.0,id=smmuv3.0,stage={stage}"] + DEVICES
    arguments += ["-device", "pxb-pcie,id=pcie.1,bus=pcie.0,bus_nr=128,addr=9"]
    arguments += ["-device", f"arm-smmuv3,primary-bus=pcie.1,id=smmuv3.1,stage={stage}"]
    arguments += ["-device", "pcie-root-port,id=behind,bus=pcie.1,chassis=8,slot=0,addr=0", "-device", f"{EDU},bus=behind"]
    return arguments


def name_of(program):
    return "QEMU {}.{}".format(*firmware.version(program))


class Judge:
    """What one judge says of each title: True, False, or why it was skipped."""

    def __init__(self, name, lines):
        self.name = name
        self.lines = lines
        self.result = {}
        self.why = {}
        title = None
        for line in lines:
            found = LINE.match(line)
            if found:
                title = found.group(3)
                self.result[title] = found.group(4) or not found.group(1)
            elif line.startswith("#") and title:
                self.why.setdefault(title, []).append(line[2:])
        plans = [line for line in lines if line.startswith("1..")]
        self.whole = plans == [f"1..{len(self.result)}"] and bool(self.result)

    def pass_on(self):
        tap.ok(self.whole, f"{self.name}: ran to its end", self.lines[-15:])
        for title, result in self.result.items():
            if isinstance(result, str):
                tap.skip(f"{self.name}: {title}", result)
            else:
                tap.ok(result, f"{self.name}: {title}", self.why.get(title))


def by_model():
    try:
        console = subprocess.run(
            [HOST], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, timeout=LIMIT, check=False
        ).stdout
    except subprocess.TimeoutExpired as expired:
        console = expired.stdout or b""
    return Judge("model", console.decode().splitlines())


def by_qemu(name, arguments, program=None):
    return Judge(name, firmware.run_bare(arguments, elf=ELF, limit=LIMIT, program=program).lines)


VARIANTS = ("slow", "stage 1 only", "stage 2 only", "minimal", "minimal and slow", "as QEMU's")


def is_variant(title):
    return title.rpartition(": ")[2] in VARIANTS


def row_and_variant(title):
    variant = ""
    if is_variant(title):
        title, _, variant = title.rpartition(": ")
    head, _, kind = title.rpartition(", ")
    return (head, KINDS[kind], variant) if kind in KINDS else (title, None, variant)


def cell(results, letters):
    """What one judge says of one row: the kinds that passed, and letters for why others were not tried."""
    words, reasons = [], []
    for kind, result in results:
        if result is True:
            words.append(kind or "ok")
        elif result is False:
            words.append(f"**fails{' ' + kind if kind else ''}**")
        elif result != NO_STAGE:
            letter = letters.setdefault(result, f"r{len(letters) + 1}")
            if letter not in reasons:
                reasons.append(letter)
    return " ".join(words + [f"*{letter}*" for letter in reasons]) or "-"


def table(judges):
    rows, letters = {}, {}
    for judge in judges:
        for title, result in judge.result.items():
            row, kind, variant = row_and_variant(title)
            if not variant:
                rows.setdefault(row, {}).setdefault(judge.name, []).append((kind, result))
    text = "| test | " + " | ".join(judge.name for judge in judges) + " |\n"
    text += "|---|" + "---|" * len(judges) + "\n"
    for row, said in rows.items():
        text += f"| {row} | " + " | ".join(cell(said.get(judge.name, []), letters) for judge in judges) + " |\n"
    text += "\n" + "".join(f"- *{letter}*: {reason}\n" for reason, letter in letters.items())
    return text + "\n" + variants(judges[0])


def variants(model):
    text = "| the model as | passed | skipped |\n|---|---|---|\n"
    for name in VARIANTS:
        results = [result for title, result in model.result.items() if row_and_variant(title)[2] == name]
        text += f"| {name} | {results.count(True)} | {sum(isinstance(result, str) for result in results)} |\n"
    return text


def compare(measured):
    with open(PAGE, encoding="utf-8") as file:
        page = file.read()
    before, _, rest = page.partition(BEGIN)
    kept, _, after = rest.partition(END)
    if os.environ.get("UPDATE"):
        with open(PAGE, "w", encoding="utf-8") as file:
            file.write(before + BEGIN + measured + END + after)
        kept = measured
    lines, found = kept.splitlines(), measured.splitlines()
    different = [f"measured: {line}" for line in found if line not in lines]
    different += [f"kept:     {line}" for line in lines if line not in found]
    tap.ok(kept == measured, "the table of tests/README.md is what was measured (UPDATE=1 writes it)", different[:20])


runs = [] if firmware.SHORT else [(by_model,)]
if firmware.old_qemu() and not (firmware.SHORT and firmware.has_instances()):
    runs.append((by_qemu, name_of(firmware.old_qemu()), old_machine(), firmware.old_qemu()))
if firmware.has_instances():
    for stage, words in (("1", "stage 1"), ("2", "stage 2"), ("nested", "nested"))[2 if firmware.SHORT else 0 :]:
        runs.append((by_qemu, f"{name_of(None)} {words}", new_machine(stage)))
with concurrent.futures.ThreadPoolExecutor(2) as pool:
    judges = list(pool.map(lambda run: run[0](*run[1:]), runs))
for judge in judges:
    judge.pass_on()
# No judge may have tests of its own.
for judge in judges[1:]:
    titles = {title for title in judges[0].result if not is_variant(title)}
    others = sorted(titles.symmetric_difference(judge.result))
    tap.ok(not others, f"{judge.name} runs what the model runs", others[:10])
if len(judges) == 5:
    compare(table(judges))
else:
    tap.skip("the table of tests/README.md", "not every judge is here")
tap.done()
