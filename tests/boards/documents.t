# SPDX-License-Identifier: BSD-2-Clause
"""
What holds the pages to the code (tools/lint-docs) finds what is wrong in a small repository, each alone, and nothing where nothing
is; so does tools/lint-comments in sources; and the picture of a run (tools/picture) is of a whole one.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import xml.etree.ElementTree

HERE = os.path.dirname(os.path.realpath(__file__))
sys.path.append(os.path.join(HERE, "..", "qemu"))

import firmware
import linux_table
import tap

GOOD = {
    "README.md": "# Top\n\n[page](docs/page.md#two-words) [web](https://example.org/x) `drivers/base/a.h` `docs/NAME.md` `a_function()` `struct widget` `THE_LIMIT`\n",
    "docs/page.md": "# Page\n\n## Two words\n\n[up](../README.md) [here](#page) CMQ-01\n",
    "docs/hazards.md": "| A4 | Too early. | schedule/scenarios.c |\n| A31 | Lost. | mutants/core.py |\n"
    "| CMQ-01 | Round. | unit/test_queue.c |\n",
    "docs/architecture.md": "| `platform` | facts | |\n| `drivers/base` `boot/half.h` | ground | |\n| `drivers/pci` | bus | `drivers/base` |\n| `drivers/findings` `drivers/firmware` | tables | |\n| `drivers/iommu` | core | `drivers/base` |\n"
    "| `drivers/smmuv3` | SMMU | `drivers/base` |\n"
    "| `boot/checks` | checks | `drivers/base` `drivers/smmuv3` |\n| `boot` | all | all of `drivers`, `platform` |\n",
    "docs/findings.md": "| `F_ACCESS` | x |\n| `odd_one` | x |\n| `a mapping that is odd`, `an SMMUv1 or SMMUv2`, `it is left out` | x |\n| `failed` | x |\n| `translate`, `bad_ste` | x |\n| `it has … commands of …` | x |\n| `warning: a thing … is odd` | x |\n| `acpi= takes an address`, `log= takes quiet or debug` | x |\n",
    "drivers/firmware/iort.c": 'warn("a mapping that is odd"); note("an SMMUv1 or SMMUv2"); add(": it is left out");\n',
    "drivers/findings/warnings.def": 'WARNING(ODD, "mapping that is")\n',
    "drivers/findings/ids.def": 'FINDING(ODD, "odd_one", NOTE)\n',
    "docs/dependencies.md": "| `gcc`, `perl` | x |\n| `linux-image` | x |\n",
    "tools/versions.sh": 'packages_build="gcc perl"\nlinux_package="linux-image"\nlinux_suite="bookworm"\n',
    "docs/using.md": "| `log=quiet`, `log=debug` | x |\n| `acpi=0x40` | x |\n| `CPU=` | x |\n| `RECORDS=show` | x |\n",
    "boot/options/run.c": 'OPTION(acpi, "acpi= takes an address", acpi_parse, NULL);\nOPTION(log, "log= takes quiet or debug", NULL, log_choose);\n',
    "platform/qemu-virt/run": "#!/bin/bash\n# Takes: CPU RECORDS\n",
    "boot/half.h": "/* H. */\n",
    "drivers/base/a.h": "/* A. */\n#include \"half.h\"\nvoid a_function(struct widget *it, THE_LIMIT);\n",
    "drivers/pci/b.c": '#include "base/a.h"\n#include "c.h"\n',
    "drivers/pci/c.h": "/* C. */\n\n/* 0, or -EINVAL. */\nint c_reads(void);\nint c_writes(int x,\n\t     int y);\n\n/*\n * Return: 0\n * Context: boot core\n */\nint c_opens(void);\n",
    "drivers/pci/top.h": "/* Context: any core. */\n#ifndef TOP_H\n\n/* Return: 0 */\nint top(void);\n",
    "drivers/smmuv3/private.h": "/* Fields. */\n",
    "tests/smmuv3/cmdq.c": '#include "smmuv3/private.h"\n',
    "tests/model/model.c": "/* M. */\n",
    "drivers/smmuv3/event.c": '[1] = "F_ACCESS",\n',
    "boot/checks/prove.c": 'char checks[][10] = {"translate"};\nf("it has %" PRIu32 " commands of %s", 1);\n'
    '/* "no sentence at all" */\nprint("so much for the phase\\n");\n',
    "boot/checks/provoke.c": '{.check = "bad_ste"}\nfinding_add("failed", x);\nprint("  warning: a thing %s is "\n\t"odd\\n");\n',
    "boot/main.c": '#include "pci/c.h"\n#include "platform.h"\n',
    "platform/qemu-virt/platform.h": "/* P. */\n",
    "drivers/iommu/README.md": "<!-- steps -->\n| word | from | to | who makes the step | lock |\n|---|---|---|---|---|\n| link | A | B | x | none |\n| client | A | B | x | none |\n<!-- end of steps -->\n",
    "drivers/iommu/steps.h": '#define LINK_STEPS(ROW, a, b) \\\n\tROW(a, b, LINK_A, LINK_B, "x", \\\n\t    "none")\n\n#endif\n',
    "drivers/base/steps.h": '#define CLIENT_STEPS(ROW, a, b) \\\n\tROW(a, b, CLIENT_A, CLIENT_B, "x", "none")\n\n#endif\n',
    "drivers/base/sync.h": "enum meeting {\n\tMEET_GO, /* MEET_NOT */\n};\n",
    "drivers/iommu/link.c": "static void go(struct link *link)\n{\n\tword_meet(MEET_GO);\n\tSTEP_IF(LINK_STEPS, &link->state, LINK_A, LINK_B);\n}\n",
    "drivers/base/client.c": "static int\ngo(struct device *device)\n{\n\tword_meet(MEET_GO);\n\tSTEP(CLIENT_STEPS, CLIENT_A, CLIENT_B);\n\tword_store(&device->client, B);\n}\n",
    "tests/schedule/scenarios.c": '{"A4: a client", "A1 B1", {"R0", "A0"}}\n',
    "tests/mutants/core.py": '("NAME", "A31", TEXT)\n',
    "tests/a64/payload.c": "/* An A32 instruction. */\n",
    "tests/unit/test_queue.c": "void test_cmq_01_wrap(void)\n",
}

# What is looked at, the file, what is in it, what stands there instead, and words of the complaint.
WRONG = (
    ("links", "README.md", "docs/page.md#two", "docs/gone.md#two", "README.md:3: the link to docs/gone.md#two-words is dead"),
    ("links", "README.md", "#two-words", "#three-words", "the link to docs/page.md#three-words is dead"),
    ("links", "docs/page.md", "(#page)", "(#pages)", "the link to #pages is dead"),
    ("links", "docs/page.md", "../README.md", "README.md", "docs/page.md:5: the link to README.md is dead"),
    ("links", "README.md", "`drivers/base/a.h`", "`drivers/base/b.h`", "README.md:3: there is no drivers/base/b.h"),
    ("links", "drivers/base/a.h", "a_function", "b_function", "README.md:3: no source has a_function"),
    ("links", "drivers/base/a.h", "struct widget", "struct widgets", "README.md:3: no source has widget"),
    ("links", "drivers/base/a.h", "THE_LIMIT", "NO_LIMIT", "README.md:3: no source has THE_LIMIT"),
    ("hazards", "tests/unit/test_queue.c", "cmq_01", "cmq_02", "CMQ-02 is named in tests/unit/test_queue.c and not defined"),
    ("hazards", "tests/unit/test_queue.c", "cmq_01", "cmq_02", "CMQ-01 is named by no code"),
    ("hazards", "tests/schedule/scenarios.c", "A4: a", "A5: a", "A5 is named"),
    ("hazards", "tests/mutants/core.py", '"A31"', '"A33"', "A33 is named"),
    ("hazards", "docs/hazards.md", "schedule/scenarios.c", "schedule/world.c", "schedule/world.c does not name A4"),
    ("hazards", "docs/hazards.md", "unit/test_queue.c", "", "the row of CMQ-01 names no file"),
    ("hazards", "docs/page.md", "CMQ-01", "CMQ-07", "docs/page.md names CMQ-07"),
    ("floors", "drivers/base/a.h", "/* A. */", '#include "pci/c.h"', 'drivers/base/a.h:1: drivers/base may not include "pci/c.h"'),
    ("floors", "boot/half.h", "/* H. */", '#include "pci/c.h"', 'boot/half.h:1: boot/half.h may not include "pci/c.h"'),
    ("floors", "docs/architecture.md", " `boot/half.h`", "", 'drivers/base/a.h:2: drivers/base may not include "half.h"'),
    ("floors", "boot/checks/prove.c", 'char', '#include "smmuv3/private.h"\nchar', 'boot/checks/prove.c:1: "smmuv3/private.h" is for drivers/smmuv3 alone'),
    ("floors", "tests/model/model.c", "/* M. */", '#include "smmuv3/private.h"', 'tests/model/model.c:1: "smmuv3/private.h" is for drivers/smmuv3 alone'),
    ("floors", "drivers/pci/c.h", "/* C. */", '\n# include "platform.h"', "drivers/pci/c.h:2: drivers/pci may not include"),
    ("floors", "drivers/pci/b.c", '"c.h"', '"d.h"', "which is nowhere"),
    ("floors", "docs/architecture.md", "| ground | |", "| ground | `drivers/pci` |", "drivers/base may not include drivers/pci: it is no row above"),
    ("floors", "docs/architecture.md", "| `drivers/smmuv3` | SMMU | `drivers/base` |\n", "", "has no row for its folder"),
    ("steps", "drivers/iommu/README.md", "| A | B | x | none |", "| A | B | y | none |", "drivers/iommu/README.md does not print the steps"),
    ("steps", "drivers/iommu/steps.h", '"none")', '"none") \\\n\tROW(a, b, LINK_B, LINK_A, "x", "none")', "no code makes the step of a link from B to A"),
    ("steps", "drivers/base/steps.h", "ROW(a, b, CLIENT_A", "ROW_(a, b, CLIENT_A", "drivers/base/steps.h: no row was read"),
    ("steps", "drivers/iommu/link.c", "STEP_IF(LINK_STEPS, &link->state, LINK_A, LINK_B)", "word_store(&link->state, LINK_B)", "drivers/iommu/link.c: go() changes a state and names no step"),
    ("steps", "drivers/iommu/link.c", "STEP_IF(LINK_STEPS, &link->state, LINK_A, LINK_B)", "word_store(&link->state, LINK_B)", "no code makes the step of a link from A to B"),
    ("steps", "drivers/base/client.c", "\tword_meet(MEET_GO);\n", "", "MEET_GO has not two sides"),
    ("arguments", "boot/options/run.c", "quiet or debug", "quiet or all", "has no row for the boot argument log=all"),
    ("arguments", "boot/options/run.c", "acpi= takes", "next= takes", "has no row for the boot argument next="),
    ("arguments", "platform/qemu-virt/run", "CPU RECORDS", "CPU CORES RECORDS", "has no row for the variable CORES="),
    ("packages", "tools/versions.sh", "gcc perl", "gcc make perl", "has no row for make of tools/versions.sh"),
    ("packages", "tools/versions.sh", '="linux-image"', '="linux"', "has no row for linux of"),
    ("packages", "tools/versions.sh", "gcc perl", "gcc", "docs/dependencies.md: perl is not in tools/versions.sh"),
    ("headers", "drivers/pci/c.h", "0, or -EINVAL", "It reads", "drivers/pci/c.h: c_reads() returns an int, and its comment does not say which"),
    ("headers", "drivers/pci/c.h", "int c_writes", "\nint c_writes", "drivers/pci/c.h: c_writes() returns an int, and its comment"),
    ("headers", "drivers/pci/c.h", "Context:", "Called on", "drivers/pci/c.h: c_opens: Return: without Context:"),
    ("headers", "drivers/pci/top.h", "Context:", "Called on", "drivers/pci/top.h: top: Return: without Context:"),
    ("findings", "boot/checks/prove.c", "commands of", "orders of", "lacks: it has … orders of …"),
    ("findings", "boot/checks/prove.c", "commands of", "orders of", "nothing prints: it has … commands of …"),
    ("findings", "boot/checks/prove.c", '"translate"', '"transfer"', "lacks the id transfer"),
    ("findings", "boot/checks/prove.c", '"translate"', '"translated"', "nothing prints: translate"),
    ("findings", "drivers/findings/warnings.def", "that is", "that was", "warnings.def: no reader warns: mapping that was"),
    ("findings", "drivers/firmware/iort.c", "a mapping", "a map", "drivers/firmware/iort.c: drivers/findings/warnings.def has no id for: a map that is odd"),
    ("findings", "drivers/findings/ids.def", "odd_one", "even_one", "lacks the id even_one"),
    ("findings", "drivers/findings/ids.def", "odd_one", "even_one", "nothing prints: odd_one"),
    ("findings", "boot/checks/provoke.c", "bad_ste", "bad_cd", "lacks the id bad_cd"),
    ("findings", "boot/checks/provoke.c", '"failed"', '"lost"', "lacks the id lost"),
    ("findings", "boot/checks/provoke.c", '"odd', '"even', "lacks:   warning: a thing … is even"),
    ("findings", "drivers/smmuv3/event.c", "F_ACCESS", "F_WALK", "lacks the id F_WALK"),
)

# Sources that call only what is below them, and each with a call that is not.
CALLERS = {
    "docs/architecture.md": "| `drivers/base` | ground | |\n| `drivers/pci` | bus | `drivers/base` |\n| `boot/checks` | checks | `drivers/base` |\n| `boot/aarch32` `boot/cpu` | reset | `drivers/base` |\n"
    "| `boot` | run | all of `drivers`, `boot/aarch32` `boot/cpu` |\n",
    "drivers/base/arch.h": "void arch_go(void);\n",
    "drivers/base/low.c": "/* Not bus(). */\nvoid arch_go(void);\nvoid low(void);\nvoid low(void)\n{\n\tarch_go();\n}\n",
    "drivers/pci/bus.c": "void low(void);\nvoid bus(void);\nvoid bus(void)\n{\n\tlow();\n}\n",
    "boot/checks/soak.c": "void low(void);\nvoid soak(void);\nvoid soak(void)\n{\n\tlow();\n}\n",
    "boot/run.c": "void bus(void);\nint main(void)\n{\n\tbus();\n}\nvoid dies(void)\n{\n}\n",
    "boot/cpu/go.c": "int main(void);\nvoid go(void);\nvoid low(void);\nvoid arch_go(void)\n{\n\tlow();\n}\nvoid go(void)\n{\n\tmain();\n}\n",
    "boot/aarch32/start.S": "\t.global reset\nreset:\t/* And dies() not. */\n\tb\tgo\n",
}
WRONG_CALLS = (
    ("drivers/base/low.c", "\tarch_go();", "\tvoid bus(void);\n\tbus();", "drivers/base/low.c:6: drivers/base may not call or name bus (drivers/pci/bus.c)"),
    ("drivers/base/low.c", "\tarch_go();", "\tvoid arch_dies(void);\n\tarch_dies();", "may not call or name arch_dies (which no source defines)"),
    ("drivers/base/low.c", "\tarch_go();", "\textern int run;\n\trun = 1;", "may not call or name run (which no source defines)"),
    ("drivers/pci/bus.c", "\tlow();", "\tvoid dies(void);\n\tdies();", "drivers/pci may not call or name dies (boot/run.c)"),
    ("boot/checks/soak.c", "\tlow();", "\tvoid dies(void);\n\tdies();", "boot/checks may not call or name dies (boot/run.c)"),
    ("boot/checks/soak.c", "\tlow();", "\textern int image_end;\n\timage_end = 1;", "boot/checks/soak.c:5: boot/checks may not call or name image_end (which no source defines)"),
    ("boot/cpu/go.c", "\tmain();", "\tvoid dies(void);\n\tdies();", "boot/cpu may not call or name dies (boot/run.c)"),
    ("boot/aarch32/start.S", "\tgo\n", "\tdies\n", "boot/aarch32/start.S:3: boot/aarch32 may not call or name dies (boot/run.c)"),
)

WHOLE = "smmu-bringup 0.1.0 on here\ndescribe   3 & more\n  pass smmu0: bad_ste\n  pass smmu1: bad_ste\n" + '{"record":"check"}\n' + "\nPASS: 3 of 3\n"

# A file's name, its text, and the lines in it that do not name who acts. `@` stands for such a word, which this file must not have.
NAMELESS = "No" + "body"
UNNAMED = (
    ("a.c", '/* One core.\n * @. */\nvoid test_@_waits(void);\nchar text[] = "@s"; // @\n', [2, 3, 4]),
    ("a.h", "int anybodies, a@, @s;\n/* It is no body. */\n", []),
    ("a.S", 'mov x0, #1 // @\n.ascii "One core."\n', [1]),
    ("a.py", 'x = "# One core."\n\n\ndef f():\n    """One.\n\n    @."""\n    return x  # @\n', [7, 8]),
    ("a.t", '#!/usr/bin/env python3\ntap.ok(x, "@")  # One core.\n', [2]),
    ("run", "#!/bin/sh\n#@.\necho one core # @\n", [2, 3]),
    ("tool", "#!/usr/bin/env python3\n# @.\n", [2]),
    ("a.mk", "x := One core.\n\n# @.\n", [3]),
    ("a.md", "# @\n", []),
    *((f"{index}.c", f"/* {word}. */\n", [1]) for index, word in enumerate(
        [f"{some}{body}" for some in ("any", "every", "No", "some") for body in ("body", "one")] + ["who" + "ever", "who" + "soever", "no" + " one"]))
)


def lay_out(folder, files):
    for name, text in files.items():
        os.makedirs(os.path.join(folder, os.path.dirname(name)), exist_ok=True)
        write(os.path.join(folder, name), text)
    os.makedirs(os.path.join(folder, "tools"), exist_ok=True)
    shutil.copy2(os.path.join(firmware.ROOT, "tools/lint-docs"), os.path.join(folder, "tools/lint-docs"))


def write(path, text):
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)


def lint(folder, what):
    """[whether all is well, what it says]"""
    done = subprocess.run([os.path.join(folder, "tools/lint-docs"), what, *GOOD], capture_output=True, text=True, check=False)
    return done.returncode == 0 and not done.stdout.strip(), done.stdout + done.stderr


def pages():
    with tempfile.TemporaryDirectory() as folder:
        lay_out(folder, GOOD)
        for what in ("links", "hazards", "floors", "steps", "packages", "arguments", "findings", "headers"):
            is_well, said = lint(folder, what)
            tap.ok(is_well, f"{what}: nothing is wrong where nothing is", said)
        for what, name, there, instead, words in WRONG:
            assert there in GOOD[name], (name, there)
            write(os.path.join(folder, name), GOOD[name].replace(there, instead))
            is_well, said = lint(folder, what)
            tap.ok(not is_well and words in said, f"{what}: {words}", said)
            write(os.path.join(folder, name), GOOD[name])


def calls_of(folder):
    """As lint(), of what is compiled."""
    objects = os.path.join(folder, "objects")
    for name in (name for name in CALLERS if name.endswith(".c")):
        made = os.path.join(objects, name + ".o")
        os.makedirs(os.path.dirname(made), exist_ok=True)
        subprocess.run(["gcc", "-w", "-c", name, "-o", made], cwd=folder, check=True)
    done = subprocess.run([os.path.join(folder, "tools/lint-docs"), "calls", objects, *CALLERS], capture_output=True, text=True, check=False)
    return done.returncode == 0 and not done.stdout.strip(), done.stdout + done.stderr


def linux_rows():
    """docs/linux.md has a row for each table that `make linux-table` tries, and no other; that compares what is in them."""
    rows = linux_table.rows()
    tap.equal(sorted(rows), sorted(linux_table.titles()), "docs/linux.md: a row for each wrong entry that is tried")
    odd = [title for title, cells in rows.items() if cells[1] not in ("pass", "fail") or cells[3] not in ("read", "lost")]
    tap.equal(odd, [], "docs/linux.md: each has a verdict, and says what becomes of the disk")


def calls():
    with tempfile.TemporaryDirectory() as folder:
        lay_out(folder, CALLERS)
        is_well, said = calls_of(folder)
        tap.ok(is_well, "calls: nothing is wrong where nothing is", said)
        for name, there, instead, words in WRONG_CALLS:
            assert there in CALLERS[name], (name, there)
            write(os.path.join(folder, name), CALLERS[name].replace(there, instead))
            is_well, said = calls_of(folder)
            tap.ok(not is_well and words in said and said.count("\n") == 1, f"calls: {words}", said)
            write(os.path.join(folder, name), CALLERS[name])
        shutil.rmtree(os.path.join(folder, "objects"))
        done = subprocess.run([os.path.join(folder, "tools/lint-docs"), "calls", folder, *CALLERS], capture_output=True, text=True, check=False)
        tap.ok(done.returncode != 0, "calls: without an object nothing passes", done.stdout)


def draw(*consoles):
    with tempfile.TemporaryDirectory() as folder:
        picture, logs = os.path.join(folder, "run.svg"), [os.path.join(folder, f"{number}.log") for number in range(len(consoles))]
        for log, console in zip(logs, consoles):
            write(log, console)
        done = subprocess.run([os.path.join(firmware.ROOT, "tools/picture"), *logs, picture], capture_output=True, text=True, check=False)
        if not os.path.exists(picture):
            return done, None
        return done, "\n".join(xml.etree.ElementTree.parse(picture).getroot().itertext())


def pictures():
    done, said = draw(WHOLE)
    tap.ok(done.returncode == 0 and said and "3 & more" in said and "PASS: 3 of 3" in said, "picture: a whole run is drawn", done.stderr)
    tap.ok(said and said.count("bad_ste") == 1 and "(2 such lines)" in said, "picture: lines of one kind are one, and are counted", said)
    tap.ok(said and "record" not in said, "picture: without the records", said)
    done, said = draw(WHOLE.replace("PASS: 3 of 3\n", ""))
    tap.ok(done.returncode != 0 and said is None, "picture: half a run is not drawn", done.stderr)
    first, second = (f'{{"record":"firmware","arch":"{width}"}}\n{WHOLE}' for width in ("aarch32", "aarch64"))
    done, said = draw(first, second)
    tap.ok(said and "AArch32, and in the same words AArch64" in said, "picture: of both widths", done.stderr)
    for title, other in (("another line", second.replace("bad_ste", "bad_cd")), ("a line less", second.replace("describe   3 & more\n", ""))):
        done, said = draw(first, other)
        tap.ok(done.returncode != 0 and said is None, f"picture: {title} in the other width is no picture of both", done.stderr)


def comments():
    with tempfile.TemporaryDirectory() as folder:
        for name, text, lines in UNNAMED:
            write(os.path.join(folder, name), text.replace("@", NAMELESS))
            done = subprocess.run([os.path.join(firmware.ROOT, "tools/lint-comments"), name], cwd=folder, capture_output=True, text=True,
                                  check=False)
            found = sorted(int(line.split(":")[1]) for line in done.stdout.split("\n") if line.startswith(f"{name}:"))
            tap.equal((found, done.returncode), (lines, 1 if lines else 0), f"who acts: {name}: lines {lines}")


pages()
calls()
comments()
pictures()
linux_rows()
tap.done()
