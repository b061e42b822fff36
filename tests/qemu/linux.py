# SPDX-License-Identifier: BSD-2-Clause
"""
A machine for Linux: Debian's kernel for arm64 with an initial RAM disk of busybox, and a device tree of three PCI host
bridges with an SMMUv3 each, of which QEMU's own device tree describes one.
"""

import contextlib
import functools
import glob
import gzip
import lzma
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
import threading

import firmware
import stream_tables
import tree

LINUX_AT, INITRD_AT = 0x50000000, 0x5A000000
AARCH32_AT = 0x40200000  # Where the image for AArch32 is linked.
# Each root's first bus, behind its SMMU; the last bus comes before the next root's first one.
FIRST_BUSES = (0, 85, 170)
BUSES_USED = (1, 2, 4)  # By QEMU's and EDK2's numbers.
BUSES = 256
ECAM_AT, BUS_SHIFT = 0x4010000000, 20
# Of each root: where its non-prefetchable window is and how large; the first has QEMU's I/O ports as well.
MEMORY = ((0x10000000, 0x10000000), (0x20000000, 0x10000000), (0x30000000, 0x0EFF0000))
MEMORY64_AT, MEMORY64_SIZE = 0x8000000000, 0x2000000000
IO_AT, IO_SIZE = 0x3EFF0000, 0x10000
IO_SPACE, MEMORY_SPACE, MEMORY64_SPACE = 0x1000000, 0x2000000, 0x3000000
SMMU_AT, SMMU_STEP, SMMU_SIZE = 0x0C000000, 0x20000, 0x20000
SMMU_IRQ, SMMU_IRQS = 112, 4
SMMU_PHANDLE = 0x9000
EDGE = 1
MODULES = ("nvme", "pci_stub")
DISK_SIZE, PAGE = 1 << 20, 4096
NEXT_SIZE = 2 << 20
# LINUX=all is what `make test-linux` asks for.
WHICH = ("oldest", "newest") if os.environ.get("LINUX") == "all" else ("oldest",)
BEGIN, LOOK, END = "=== linux ", "=== look", "=== end"


@functools.cache
def fetched(which):
    """The folder of the oldest or the newest kernel's files, or None where it cannot be had."""
    found = subprocess.run([os.path.join(firmware.ROOT, "tools/get"), f"{which}-linux"], capture_output=True, text=True, check=False)
    return found.stdout.strip() or None


@functools.cache
def starter_in_aarch32():
    """The raw image for AArch32 that starts other images, which the usual one has no room for; or what make said."""
    folder = os.path.join(firmware.BUILD, "plain")
    done = firmware.make(firmware.ROOT, "all", f"O={folder}", "ARCH=arm", "FEATURES=all next", "LTO=", "IMAGE_LIMIT=1000000")
    return os.path.join(folder, "qemu-virt-with-next/smmu-bringup.bin") if done.returncode == 0 else None, done.stderr


def read_file(path):
    with open(path, "rb") as file:
        return file.read()


def kernel(folder):
    """The arm64 Image: Debian's vmlinuz is one, or a gzip file of one."""
    data = read_file((glob.glob(f"{folder}/boot/vmlinuz-*") + glob.glob(f"{folder}/usr/lib/modules/*/vmlinuz"))[0])
    return gzip.decompress(data) if data[:2] == b"\x1f\x8b" else data


# --- The initial RAM disk. ---


def all_modules(folder):
    """Path of each module by its name in the kernel."""
    paths = glob.glob(f"{folder}/**/*.ko*", recursive=True)
    return {os.path.basename(path).split(".ko")[0].replace("-", "_"): path for path in paths}


def read_module(path):
    data = read_file(path)
    return lzma.decompress(data) if path.endswith(".xz") else data


def needed_modules(folder, names):
    """Names and contents, each behind those that it depends on."""
    paths, found = all_modules(folder), {}

    def add(name):
        if name in found or name not in paths:
            return
        data = read_module(paths[name])
        depends = re.search(rb"\0depends=([^\0]*)\0", data)
        for other in depends.group(1).decode().split(",") if depends else []:
            add(other.replace("-", "_"))
        found[name] = data

    for name in names:
        add(name)
    return found


class Cpio:
    """An archive of the kind `newc`, as Linux unpacks it."""

    def __init__(self):
        self.bytes, self.count = b"", 0

    def add(self, name, mode, data=b""):
        self.count += 1
        name = name.encode() + b"\0"
        fields = (self.count, mode, 0, 0, 1, 0, len(data), 0, 0, 0, 0, len(name), 0)
        head = b"070701" + b"".join(b"%08X" % field for field in fields) + name
        for part in (head, data):
            self.bytes += part + bytes(-len(part) % 4)

    def end(self):
        self.add("TRAILER!!!", 0)
        return gzip.compress(self.bytes, 1)


def initrd(folder, init, files=None, options=None, modules=MODULES):
    """
    Busybox, what the disks need, /init, a script, programs or data by their names in the root folder, and modules' options.
    """
    archive = Cpio()
    for name in ("bin", "lib", "proc", "sys", "dev", "modules"):
        archive.add(name, 0o040755)
    archive.add("bin/busybox", 0o100755, read_file(glob.glob(f"{folder}/**/bin/busybox", recursive=True)[0]))
    modules = needed_modules(folder, modules)
    for name, data in modules.items():
        archive.add(f"modules/{name}.ko", 0o100644, data)
    for name, data in (files or {}).items():
        archive.add(name, 0o100755, data)
    loads = "".join(f"insmod /modules/{name}.ko {(options or {}).get(name, '')}\n" for name in modules)
    archive.add("init", 0o100755, ("#!/bin/busybox sh\n" + PROLOGUE + loads + init).encode())
    return archive.end()


PROLOGUE = """
/bin/busybox --install -s /bin
export PATH=/bin
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs devtmpfs /dev
"""

# What the tests read. A disk comes to be read by DMA alone: iflag=direct. Kernels before 6.15 give a function an IOMMU when it
# gets a driver, so that those without one of their own get pci-stub.
INIT = f"""
for second in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30; do
	[ $(ls /dev/nvme*n1 2>/dev/null | wc -l) -lt DISKS ] || break
	sleep 1
done
for device in /sys/bus/pci/devices/*; do
	[ ! -e $device/driver ] || continue
	echo pci-stub > $device/driver_override
	basename $device > /sys/bus/pci/drivers_probe
done
echo "{BEGIN}$(uname -r)"
echo "cores $(grep -c ^processor /proc/cpuinfo)"
for device in /sys/bus/pci/devices/*; do
	[ -e $device/iommu_group ] || continue
	group=$(basename $(readlink $device/iommu_group))
	iommu=$(readlink -f $device/iommu)
	echo "group $group $(basename $device) $(basename $iommu) $(cat /sys/kernel/iommu_groups/$group/type)"
done
for disk in /dev/nvme*n1; do
	controller=$(basename ${{disk%n1}})
	function=$(basename $(readlink -f /sys/class/nvme/$controller/device))
	echo "disk $function $(dd if=$disk bs=65536 iflag=direct 2>/dev/null | md5sum | cut -c 1-32)"
done
grep smmu /proc/interrupts | sed 's/^/interrupt /'
ls -l /dev/kvm | sed 's/^/kvm /'
ls -l /proc/vmcore 2>/dev/null | sed 's/^/vmcore /'
dmesg | sed 's/^/dmesg /'
WAIT
echo "{END}"
poweroff -f
"""


def init_for(disks, waits=False):
    """Where it waits, a line on the console lets it go on behind LOOK."""
    return INIT.replace("DISKS", str(disks)).replace("WAIT", f'echo "{LOOK}"\nread line' if waits else "")


# --- The machine. ---


def last_bus(root):
    return (FIRST_BUSES + (BUSES,))[root + 1] - 1


def cells(*numbers):
    return " ".join(f"{number:#x}" for number in numbers)


def two(number):
    return (number >> 32, number & 0xFFFFFFFF)


def smmu_bases():
    return [SMMU_AT + i * SMMU_STEP for i in range(len(FIRST_BUSES))]


def smmu_node(i):
    base = smmu_bases()[i]
    interrupts = [(0, SMMU_IRQ + SMMU_IRQS * i + k, EDGE) for k in range(SMMU_IRQS)]
    return f"""
\tsmmuv3@{base:x} {{
\t\tcompatible = "arm,smmu-v3";
\t\treg = <{cells(*two(base), *two(SMMU_SIZE))}>;
\t\tinterrupts = <{cells(*[number for irq in interrupts for number in irq])}>;
\t\tinterrupt-names = "eventq", "priq", "cmdq-sync", "gerror";
\t\t#iommu-cells = <1>;
\t\tdma-coherent;
\t\tphandle = <{SMMU_PHANDLE + i:#x}>;
\t}};
"""


def host_node(i, msi):
    first, last = FIRST_BUSES[i], last_bus(i)
    base32, size32 = MEMORY[i]
    base64 = MEMORY64_AT + i * MEMORY64_SIZE
    ranges = [(IO_SPACE, *two(0), *two(IO_AT), *two(IO_SIZE))] if i == 0 else []
    ranges += [(MEMORY_SPACE, *two(base32), *two(base32), *two(size32))]
    ranges += [(MEMORY64_SPACE, *two(base64), *two(base64), *two(MEMORY64_SIZE))]
    ids, count = first << 8, (last - first + 1) << 8
    return f"""
\tpcie@{base32:x} {{
\t\tcompatible = "pci-host-ecam-generic";
\t\tdevice_type = "pci";
\t\t#address-cells = <3>;
\t\t#size-cells = <2>;
\t\tlinux,pci-domain = <{i}>;
\t\tbus-range = <{first} {last}>;
\t\treg = <{cells(*two(ECAM_AT + (first << BUS_SHIFT)), *two((last - first + 1) << BUS_SHIFT))}>;
\t\tranges = <{cells(*[number for one in ranges for number in one])}>;
\t\tmsi-map = <0 {msi} 0 0x10000>;
\t\tiommu-map = <{cells(ids, SMMU_PHANDLE + i, ids, count)}>;
\t\tdma-coherent;
\t}};
"""


def node_of(text, name):
    """Start and end of a node of the root, as dtc prints it."""
    start = text.index(f"\t{name} {{")
    return start, text.index("\n\t};\n", start) + len("\n\t};\n")


def three_smmus(text):
    """QEMU's one SMMU becomes three."""
    for name in re.findall(r"^\t(smmuv3@\w+) \{", text, re.M):
        start, end = node_of(text, name)
        text = text[:start] + text[end:]
    end = text.rindex("};")
    return text[:end] + "".join(smmu_node(i) for i in range(len(FIRST_BUSES))) + text[end:]


def three_hosts(text):
    """QEMU's one host bridge and one SMMU become three: the machine is the same."""
    start, end = node_of(text, "pcie@10000000")
    msi = re.search(r"msi-map = <\S+ (\S+) ", text[start:end]).group(1)
    return three_smmus(text[:start] + "".join(host_node(i, msi) for i in range(len(FIRST_BUSES))) + text[end:])


def one_host(text):
    """QEMU's one host bridge, whose functions are behind three SMMUs, as the IORT has them."""
    runs = [(first << 8, SMMU_PHANDLE + i, first << 8, BUSES_USED[i] << 8) for i, first in enumerate(FIRST_BUSES)]
    return three_smmus(re.sub("\tiommu-map = <[^>]*>", f"\tiommu-map = <{cells(*[number for run in runs for number in run])}>", text))


def disk_of(number):
    """What a disk holds: in its first page what the runner's disk has there, then what no other disk has."""
    first_page = b"".join(b"smmu-bringup %03d" % i for i in range(PAGE // 16))
    return first_page + random.Random(number).randbytes(DISK_SIZE - PAGE)


def devices(disks):
    """An SMMU for each root, an NVMe behind each of them, and an edu, which proves more of the first."""
    found = ["-device", "arm-smmuv3,primary-bus=pcie.0,id=smmuv3.0", "-device", "edu,bus=pcie.0,addr=1,dma_mask=0xffffffff"]
    for i, first in enumerate(FIRST_BUSES):
        found += ["-drive", f"if=none,id=disk{i},format=raw,readonly=on,file={disks[i]}"]
        if i:
            found += ["-device", f"pxb-pcie,id=pcie.{i},bus=pcie.0,bus_nr={first},addr={8 + i:x}"]
            found += ["-device", f"arm-smmuv3,primary-bus=pcie.{i},id=smmuv3.{i}"]
            found += ["-device", f"pcie-root-port,id=port{i},bus=pcie.{i},chassis={8 * i + 1},slot=0,addr=0"]
        found += ["-device", f"nvme,serial=disk{i},drive=disk{i},bus=" + (f"port{i}" if i else "pcie.0,addr=4")]
    # What shares a group: functions of one device without ACS, and conventional PCI with its bridge. One function is behind
    # it: Linux lets no second master emit a stream.
    for place in ("pcie.0,addr=6.0,multifunction=on", "pcie.0,addr=6.1", "conventional,addr=1"):
        if place.startswith("conventional"):
            found += ["-device", "pcie-root-port,id=bridged,bus=pcie.2,chassis=25,slot=1,addr=1"]
            found += ["-device", "pcie-pci-bridge,id=conventional,bus=bridged"]
        found += ["-device", f"edu,bus={place},dma_mask=0xffffffff"]
    return found


class Machine:
    """Its files are in a folder of its own; `start()` runs it to its end."""

    def __init__(self, cores=4, el2=True, cpu="cortex-a76", memory="1G"):
        self.folder = firmware.work_folder("linux")
        self.contents = [disk_of(i) for i in range(len(FIRST_BUSES))]
        disks = [self.path(f"disk{i}.img", data) for i, data in enumerate(self.contents)]
        qemu = firmware.qemu()
        program = re.sub("-arm$", "-aarch64", qemu)
        self.options = f"virt,gic-version=3,virtualization={'on' if el2 else 'off'}"
        self.command = [program, "-cpu", cpu, "-smp", str(cores), "-m", memory, "-nic", "none", "-display", "none"]
        self.command += ["-monitor", "none", "-serial", "stdio", "-no-reboot", *devices(disks)]
        self.sockets = tempfile.mkdtemp()  # A socket's path is a short one.
        self.command += ["-qmp", f"unix:{self.sockets}/qmp,server=on,wait=off"]

    def path(self, name, data):
        path = os.path.join(self.folder, name)
        with open(path, "wb") as file:
            file.write(data)
        return path

    def run(self, arguments, options="", limit=firmware.LIMIT, echo=False, until=None, look=None, look_at=LOOK):
        """
        To its end, or to a line that matches `until`, behind which it is ended. At a line that begins with
        `look_at`, where Linux waits, `look` is called with QEMU's monitor.
        """
        command = self.command + ["-M", self.options + options] + arguments
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
            watchdog = threading.Timer(limit, process.kill)
            watchdog.start()
            console = b""
            for line in process.stdout:
                console += line
                if echo:
                    print(line.decode(errors="replace").rstrip("\r\n"), flush=True)
                if until and re.search(until, line):
                    process.kill()
                if look and line.startswith(look_at.encode()):
                    monitor = self.monitor()
                    look(monitor)
                    monitor.close()
                    with contextlib.suppress(OSError):  # `look` may have ended it: nothing may be left in a buffer.
                        os.write(process.stdin.fileno(), b"\n")
            process.wait()
            watchdog.cancel()
        return firmware.Run(process.returncode, console.decode(errors="replace").replace("\r", ""))

    def tree(self, edit, shape=three_hosts):
        """A device tree of three SMMUs, and hosts as `shape` has them, edited; QEMU adds boot arguments and where the initial RAM disk is."""
        dumped, built = os.path.join(self.folder, "qemu.dtb"), os.path.join(self.folder, "three.dtb")
        self.run([], f",dumpdtb={dumped}")
        source = subprocess.run(["dtc", "-q", "-I", "dtb", "-O", "dts", dumped], capture_output=True, text=True, check=True).stdout
        subprocess.run(
            ["dtc", "-q", "-I", "dts", "-O", "dtb", "-o", built], input=edit(shape(source)), text=True, check=True
        )
        return built

    def start(self, elf, image, disk, words, at=LINUX_AT, kernel=None, edit=str, **more):
        """The firmware's Image, or `kernel`, by QEMU's -kernel, and another image at `at`."""
        arguments = ["-kernel", kernel or elf.removesuffix(".elf") + ".bin", "-append", words, "-dtb", self.tree(edit)]
        arguments += ["-initrd", disk] if disk else []
        arguments += ["-device", f"loader,file={image},addr={at:#x},force-raw=on"] if image else []
        return self.run(arguments, **more)

    def start_from_aarch32(self, image, following, disk, words, **more):
        """The raw image for AArch32, entered in AArch64 as a board enters it: QEMU leaves the tree at the start of RAM, and no more."""
        path, loaded = self.tree(str), [(image, AARCH32_AT), (following, LINUX_AT)] + ([(disk, INITRD_AT)] if disk else [])
        tree.put_text(path, "/chosen", "bootargs", words)
        if disk:
            tree.put(path, "/chosen", "linux,initrd-start", *tree.wide(INITRD_AT))
            tree.put(path, "/chosen", "linux,initrd-end", *tree.wide(INITRD_AT + os.path.getsize(disk)))
        arguments = ["-dtb", path, "-device", f"loader,addr={AARCH32_AT:#x},cpu-num=0"]
        for name, at in loaded:
            arguments += ["-device", f"loader,file={name},addr={at:#x},force-raw=on"]
        return self.run(arguments, **more)

    def monitor(self):
        return stream_tables.Monitor(f"{self.sockets}/qmp")

    def close(self):
        shutil.rmtree(self.sockets)
        shutil.rmtree(self.folder)


def next_image(machine):
    """The image of next.S: it prints how it was started, and turns the machine off."""
    source = os.path.join(os.path.dirname(os.path.realpath(__file__)), "next.S")
    made, image = os.path.join(machine.folder, "next.o"), os.path.join(machine.folder, "next.bin")
    subprocess.run(["aarch64-linux-gnu-as", "--defsym", f"IMAGE_SIZE={NEXT_SIZE}", source, "-o", made], check=True)
    subprocess.run(["aarch64-linux-gnu-objcopy", "-O", "binary", made, image], check=True)
    return image


def show():
    """`make run-linux`: the machine's console as it comes; 0 where the firmware passes and Linux comes to its end."""
    which = os.environ.get("LINUX") or "oldest"
    folder = fetched(which)
    if not folder:
        sys.exit(f"run-linux: the {which} kernel could not be fetched")
    machine = Machine(cores=int(os.environ.get("CORES") or 4), cpu=os.environ.get("CPU") or "cortex-a76")
    image, disk = machine.path("Image", kernel(folder)), machine.path("initrd", initrd(folder, init_for(len(FIRST_BUSES))))
    words = f"next={LINUX_AT:#x} console=ttyAMA0 tables=dt {os.environ.get('APPEND', '')}"
    run = machine.start(firmware.ELF, image, disk, words.strip(), echo=True)
    machine.close()
    passed = run.verdict.get("result") == "pass"
    if not passed or END not in run.lines:
        sys.exit("run-linux: " + ("Linux did not come to its end" if passed else "the verdict is no pass"))


if __name__ == "__main__":
    show()
