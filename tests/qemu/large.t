# SPDX-License-Identifier: BSD-2-Clause
"""
A machine as large as servers are: 16 cores, eight PCI hosts, more than 256 functions below one of them, more than 512
masters. Its hosts are one of QEMU's: each takes two of its buses, under a segment of its own.
"""

import os
import shutil

import firmware
import machine
import tap
import tree

HOSTS, BUSES, MASTERS, CORES = 8, 2, 512, 16
folder = firmware.work_folder("large")
large = os.path.join(folder, "large.dtb")


def split_host(dtb):
    """In place of the host: HOSTS of them; the first one has the host's windows."""
    one = tree.host(dtb)
    base = tree.get(dtb, one, "reg")
    ecam = base[0] << 32 | base[1]
    smmu = tree.get(dtb, one, "iommu-map")[1]
    ranges = tree.get(dtb, one, "ranges")
    tree.drop(dtb, one)
    for number in range(HOSTS):
        path, first = f"/pcie@{number:x}", number * BUSES
        tree.fdt("fdtput", "-c", dtb, path)
        tree.put_text(dtb, path, "compatible", "pci-host-ecam-generic")
        tree.put_text(dtb, path, "device_type", "pci")
        tree.put(dtb, path, "#address-cells", 3)
        tree.put(dtb, path, "#size-cells", 2)
        tree.put(dtb, path, "linux,pci-domain", number)
        tree.put(dtb, path, "bus-range", first, first + BUSES - 1)
        tree.put(dtb, path, "reg", *tree.wide(ecam + (first << 20), BUSES << 20))
        tree.put(dtb, path, "iommu-map", 0, smmu, 0, 0x10000)
        if number == 0:
            tree.put(dtb, path, "ranges", *ranges)


# Host 0 has a conventional bridge with 256 functions behind it; a root bus of QEMU's is in each of the others.
crowd = " ".join(f"-device pvpanic-pci,bus=crowd,addr={slot:#x}.{at},multifunction=on" for slot in range(32) for at in range(8))
roots = " ".join(f"-device pxb-pcie,bus=pcie.0,id=root{number},bus_nr={number * BUSES} -device pcie-root-port,bus=root{number},id=port{number},chassis={number}" for number in range(1, HOSTS))
extra = f"-device pci-bridge,id=crowd,chassis_nr=99,addr=8,shpc=off {crowd} {roots} -device edu,bus=port7"
environment = {"INSTANCES": 1, "CORES": CORES, "MACHINE": "gic-version=3", "QEMU_EXTRA": extra}
title = "16 cores, eight hosts, 256 functions behind a bridge, 512 masters of the platform"
tap.ok(firmware.dump_device_tree(large, **environment), "there is a tree")
split_host(large)
tree.add_masters(large, MASTERS)
environment.update(APPEND="tables=dt selftest=quick", QEMU_EXTRA=f"{extra} -dtb {large}")
machine.say(title, **environment)
run = firmware.run(**environment)
machine.passes(run, title)
tap.equal((run.of("firmware") or [{}])[0].get("cores"), CORES, f"{title}: every core runs")
names = {m["master"] for m in run.of("master")}
segments = {name[:4] for name in names if name[4:5] == ":"}
tap.equal(segments, {f"{number:04x}" for number in range(HOSTS)}, f"{title}: something of every host is known")
tap.equal(sum(m["device"] == "1b36:0011" for m in run.of("master")), 256, f"{title}: the functions behind the bridge are known")
platform = sum(name.startswith("/master-") for name in names)
tap.equal(platform, MASTERS, f"{title}: so are the masters of the platform")
left = [line for line in run.lines if "left out" in line or "could not be mapped" in line]
tap.equal(left, [], f"{title}: nothing is left out")


def shrink(copy):
    """A thousandth of the memory for masters."""
    path = os.path.join(copy, "boot/population.c")
    with open(path, encoding="utf-8") as file:
        text = file.read()
    assert text.count("arena_left() / 2 /") == 1
    with open(path, "w", encoding="utf-8") as file:
        file.write(text.replace("arena_left() / 2 /", "arena_left() / 2000 /"))


title = "masters for which memory ends"
copy = os.path.join(folder, "copy")
os.mkdir(copy)
elf, said = firmware.build_copy(copy, shrink)
tap.ok(elf, f"{title}: is built", said)
run = firmware.run(elf=elf, **environment)
machine.passes(run, title)
count = run.verdict.get("masters")
left = [line for line in run.lines if "left out" in line]
tap.ok(len(left) == 1 and f"memory ended at {count} masters" in left[0] and f" {len(names) - count} PCI" in left[0], f"{title}: the others are counted, once", left)
shutil.rmtree(folder)
tap.done()
