# SPDX-License-Identifier: BSD-2-Clause
"""
Every device tree of Debian's newest kernel that names an SMMUv3, through the firmware with describe=only: one QEMU calls the image
once for each, as U-Boot's `go` does. None of these boards' devices is there, and QEMU tells each access to what is not. What the
firmware would do is what smmu-inspect reads from the same file, and PCI hosts and memory are what a reader of this test finds.
"""

import collections
import glob
import json
import os
import re
import shutil
import struct
import subprocess
import sys

HERE = os.path.dirname(os.path.realpath(__file__))
sys.path.append(os.path.join(HERE, "..", "qemu"))

import firmware
import tap

IMAGE_AT, BLOB_AT, CALLS = 0x40200000, 0x48000000, 0x1000
SMMU, ECAM = b"arm,smmu-v3", b"pci-host-ecam-generic"
INSPECT = os.path.join(firmware.BUILD, "host/smmu-inspect")
WORDS = "describe=only exit=return log=quiet"


def is_there(path):
    with open(path, "rb") as file:
        return SMMU + b"\0" in file.read()


def is_host(nodes):
    """Whether the last of these nodes, each below the one before, is enabled, and no other is PCI's."""
    enabled = all(node.get(b"status", b"okay\0") in (b"okay\0", b"ok\0") for node in nodes)
    return enabled and all(node.get(b"device_type") != b"pci\0" for node in nodes[:-1])


def hosts_of(path):
    """
    {path: (whether it has generic ECAM, whether it names a DesignWare host's registers)} of the PCI hosts that are enabled with all
    above them. No more of the format (Devicetree Specification 0.4, 5) is read than that takes.
    """
    with open(path, "rb") as file:
        blob = file.read()
    at, strings = struct.unpack_from(">2I", blob, 8)
    wanted = {blob.find(b"\0" + name + b"\0", strings - 1) + 1 - strings: name for name in (b"device_type", b"status", b"compatible", b"reg-names")}
    found, above = {}, []
    while at < strings:
        (token,) = struct.unpack_from(">I", blob, at)
        at += 4
        if token == 3:
            size, name = struct.unpack_from(">2I", blob, at)
            if name in wanted:
                above[-1][wanted[name]] = blob[at + 8 : at + 8 + size]
            at += 8 + size + 3 & ~3
        elif token == 1:
            end = blob.index(b"\0", at)
            above.append({b"name": blob[at:end].decode()})
            at = end + 4 & ~3
        elif token == 2:
            if above[-1].get(b"device_type") == b"pci\0" and is_host(above):
                is_ecam = ECAM in above[-1].get(b"compatible", b"").split(b"\0")
                named = {b"dbi", b"config"} <= {*above[-1].get(b"reg-names", b"").split(b"\0")}
                found["/".join(each[b"name"] for each in above)] = (is_ecam, named and not is_ecam)
            above.pop()
    return found


def blob_of(trees):
    """The stub, its list of calls, and the trees."""
    folder = firmware.work_folder("go")
    stub = os.path.join(folder, "go")
    firmware.tool("as", os.path.join(HERE, "go.S"), "-o", stub + ".o")
    firmware.tool("objcopy", "-O", "binary", "-j", ".text", stub + ".o", stub)
    with open(stub, "rb") as file:
        blob = bytearray(file.read().ljust(CALLS + 16 * (len(trees) + 2), b"\0"))
    shutil.rmtree(folder)
    struct.pack_into("<2Q", blob, CALLS, IMAGE_AT, 0)

    def add(data):
        at = BLOB_AT + len(blob)
        blob.extend(data + bytes(-len(data) % 8))
        return at

    for number, path in enumerate(trees):
        with open(path, "rb") as file:
            tree = add(file.read())
        words = [b"0x40200000", *f"dtb={tree:#x} id=tree-{number} {WORDS}".encode().split()]
        argv = add(struct.pack(f"<{len(words)}Q", *[add(word + b"\0") for word in words]))
        struct.pack_into("<2Q", blob, CALLS + 16 * (number + 1), len(words), argv)
    return blob


def run(trees):
    """{number of a tree: its records}, the end of the console, and accesses to what is not there."""
    folder = firmware.work_folder("dtbs")
    blob = os.path.join(folder, "blob")
    with open(blob, "wb") as file:
        file.write(blob_of(trees))
    command = [firmware.qemu(), "-M", "virt", "-cpu", firmware.CPU, "-m", "1G", "-nic", "none", "-display", "none", "-monitor", "none", "-serial", "stdio"]
    command += ["-device", f"loader,file={os.path.splitext(firmware.ELF)[0]}.bin,addr={IMAGE_AT:#x},force-raw=on"]
    command += ["-device", f"loader,file={blob},addr={BLOB_AT:#x},force-raw=on", "-device", f"loader,addr={BLOB_AT:#x},cpu-num=0"]
    log = os.path.join(folder, "log")
    command += ["-d", "guest_errors,invalid_mem", "-D", log]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=firmware.LIMIT, check=False)
    with open(log, encoding="utf-8") as file:
        strayed = file.read().splitlines()
    shutil.rmtree(folder)
    told = firmware.Run(done.returncode, done.stdout.decode(errors="replace").replace("\r", ""))
    reports, current = collections.defaultdict(list), None
    for record in told.records:
        if record["record"] == "firmware":
            named = re.fullmatch(r"tree-(\d+)", record["id"] or "")
            current = int(named[1]) if named else -1
        reports[current].append(record)
    return reports, [*told.tail(), *done.stderr.decode(errors="replace").splitlines()], strayed


def inspected(path):
    done = subprocess.run([INSPECT, "--json", path], capture_output=True, text=True, check=False)
    return json.loads(done.stdout)


def planned(records, what, *keys):
    return [tuple(record[key] for key in keys) for record in records if record.get("record") == "plan" and record["what"] == what]


def listed(entries, *keys):
    return [tuple(entry[key] for key in keys) for entry in entries]


def differences(records, path):
    """What the plan and the readers of the host say differently."""
    wanted = inspected(path)
    hosts = planned(records, "host", "name", "compatible", "ecam")
    designware = [record["name"] for record in records if record.get("what") == "host" and record.get("dbi")]
    window = ("master", "input_first", "input_last", "sid", "enabled")
    pairs = {
        "SMMUs": [planned(records, "smmu", *keys) == listed(wanted["instances"], *keys) for keys in [("name", "base", "size", "enabled", "coherent")]],
        "streams": [planned(records, "stream", "smmu", "master", "first", "last", "enabled") == listed(wanted["fixed"], "instance", "master", "first", "last", "enabled")],
        "windows": [planned(records, "window", "smmu", *window) == listed(wanted["windows"], "instance", *window)],
        "hosts": [{name: (compatible is None and ecam is not None, name in designware) for name, compatible, ecam in hosts} == hosts_of(path)],
    }
    pairs["findings"] = [findings_of(records) == counted(wanted["findings"])]
    return [name for name, same in pairs.items() if not all(same)]


# Of the rest of the machine, and of words; smmu-inspect reads neither.
NOT_THE_TABLES = {"machine", "argument"}


def counted(findings):
    sums = collections.Counter()
    for each in findings:
        sums[each["id"]] += each["count"]
    return {name: count for name, count in sums.items() if name not in NOT_THE_TABLES}


def findings_of(records):
    return counted(record for record in records if record["record"] == "finding")


def is_usable(records):
    return any(enabled and not impossible for enabled, impossible in planned(records, "smmu", "enabled", "impossible"))


def is_judged(records):
    """One verdict, the last record: described exactly where an SMMU can be brought up."""
    verdicts = [record for record in records if record["record"] == "verdict"]
    wanted = ("described", None) if is_usable(records) else ("fail", "every SMMUv3 that is described is disabled")
    return len(verdicts) == 1 and records[-1] is verdicts[0] and (verdicts[0]["result"], verdicts[0]["reason"]) == wanted


def is_obeyed(records):
    """What is ignored is the tree's own."""
    own = {word.split("=")[0] for word in WORDS.split()} | {"dtb", "id"}
    return not any(each["word"].split("=")[0] in own for record in records if record["record"] == "firmware" for each in record["ignored"])


def touched():
    """(status, the names of what a run with describe=only accesses on QEMU's own machine, with an SMMU, an edu and fw_cfg)"""
    folder = firmware.work_folder("touched")
    log = os.path.join(folder, "log")
    machine = ["-M", "virt,iommu=smmuv3", "-device", "edu", "-append", "describe=only", "-D", log]
    done = firmware.run_bare([*machine, "-trace", "memory_region_ops_read", "-trace", "memory_region_ops_write"])
    with open(log, encoding="utf-8") as file:
        names = set(re.findall(r"memory_region_ops_\w+ .* name '([^']*)'", file.read()))
    shutil.rmtree(folder)
    return done, names


def family_of(path):
    """The vendor's folder, the SoC, and whether the tree is for a kernel in EL2."""
    name = os.path.splitext(os.path.basename(path))[0]
    return os.path.basename(os.path.dirname(path)), name.split("-")[0], name.endswith("-el2")


folder = subprocess.run([os.path.join(firmware.ROOT, "tools/get"), "dtbs"], capture_output=True, text=True, check=True).stdout.strip()
trees = sorted({os.path.realpath(path) for path in glob.glob(os.path.join(glob.escape(folder), "usr/lib/**/*.dtb"), recursive=True) if is_there(path)})
tap.ok(trees, "Debian's newest kernel has device trees with an SMMUv3", folder)
tap.note(f"{len(trees)} trees name an SMMUv3")
reports, tail, strayed = run(trees)
tap.equal(sorted(reports), list(range(len(trees))), f"each of {len(trees)} trees has a report, and QEMU was called back by each") or tap.note("\n".join(tail))
tap.equal(strayed, [], "nothing was accessed that is not there")
families = collections.defaultdict(collections.Counter)
for number, path in enumerate(trees):
    name, records = os.path.basename(path), reports[number]
    differing = differences(records, path)
    right = not differing and is_judged(records) and is_obeyed(records)
    tap.ok(right, f"{name}: planned as smmu-inspect reads it", [f"differ: {differing}", *map(json.dumps, records[-3:])])
    families[family_of(path)][records[-1].get("reason") or records[-1]["result"] if records else "no report"] += 1
for (vendor, soc, is_el2), counted in sorted(families.items()):
    tap.note(f"{vendor} {soc}{' (el2)' if is_el2 else ''}: " + ", ".join(f"{count} {what}" for what, count in counted.items()))
done, names = touched()
tap.equal((done.status, done.verdict.get("result"), names), (0, "described", {"pl011"}), "on QEMU's own machine nothing but the platform's UART is accessed")
done = firmware.run(APPEND="describe=only tables=iort next=0x50000000")
tap.equal((done.status, done.verdict.get("result")), (0, "described"), "a run that was asked to describe succeeds, and is no pass")
tap.equal([each["word"] for each in done.of("firmware")[0]["ignored"]], ["tables=iort", "next=0x50000000"], "words that mean nothing then are ignored, and told")
tap.done()
