# SPDX-License-Identifier: BSD-2-Clause
"""
An AArch64 image runs wherever it was put: as an arm64 Image by QEMU's -kernel, raw at other addresses than it is linked for, and above
4 GiB, entered in EL1 and in EL2; with its tree anywhere, and all of its RAM, or a BAR, above 4 GiB. In EL3 with nothing behind it that
knows PSCI it passes all the same, and parks; a caller there may have its MMU on. SHORT=yes: there, the newest core alone.
"""

import os
import shutil

import firmware
import loader
import linux
import machine
import tap
import tree as trees

BIN = os.path.splitext(firmware.ELF)[0] + ".bin"
HIGH, HIGH_TREE = 0x1_4000_0000, 0x1_C000_0000
MIB, GIB = 1 << 20, 1 << 30
BAR_SIZE = MIB  # Of edu.
SPACE_32 = 0x02000000  # In the first cell of an entry of `ranges`.
folder = firmware.work_folder("anywhere")
tree = os.path.join(folder, "tree.dtb")


def at(place, tree_at=None, image=BIN, ram=None, **environment):
    """Puts the image there and sends core 0 to it; what QEMU's -kernel loads is not executed. `ram`: all that is described."""
    firmware.dump_device_tree(tree, APPEND="handover=bypass selftest=quick", **environment)
    if ram:
        trees.put(tree, trees.node(tree, "memory@"), "reg", *trees.wide(*ram))
    go = f"tree {tree_at or loader.TREE_AT:#x}\nenter {place:#x}"
    extra = f"{loader.put(image, place)} {loader.put(tree, tree_at or loader.TREE_AT)} {loader.start(loader.assemble(folder, 'go', go))}"
    machine.say(f"at {place:#x}", **environment, QEMU_EXTRA=extra)
    return firmware.run(QEMU_EXTRA=extra, **environment)


def ran_there(run, title):
    machine.passes(run, title)
    tap.equal({h["policy"] for h in run.of("handover")}, {"bypass"}, f"{title}: it is that tree that was read")


for level, properties in (("EL1", ""), ("EL2", "virtualization=on")):
    for place in (0x42000000, 0x4A201000):
        ran_there(at(place, INSTANCES=1, MACHINE=properties), f"at {place:#x}, in {level}")
    # QEMU has RAM at the lower halves of these addresses, too, where nothing may be put.
    title = f"above 4 GiB, its tree and all RAM as well, in {level}"
    ran_there(at(HIGH, HIGH_TREE, ram=(HIGH, 4 * GIB), MEMORY="8G", MACHINE=properties), title)

def called_at(place):
    """As a boot loader's `go` calls it, which says on the UART what it got back."""
    go = f"""
	ldr x0, =0x5f000000
	mov sp, x0
	mov x0, #2
	ldr x16, ={place:#x}
	blr x16
	ldr x4, =0x09000000
	add w0, w0, #'0'
	str w0, [x4]
	mov w0, #10
	str w0, [x4]
	ldr w0, =0x84000008
	hvc #0"""
    extra = f"{loader.put(BIN, place)} {loader.start(loader.assemble(folder, 'call', go))}"
    machine.say(f"called at {place:#x}", QEMU_EXTRA=extra)
    return firmware.run(INSTANCES=1, QEMU_EXTRA=extra)


title = "called where no page begins"
run = called_at(0x42000800)
told = [line for line in run.lines if "was loaded at 0x0000000042000800: it cannot run there. Load it at a multiple of 4 KiB" in line]
tap.equal(len(told), 1, f"{title}: is told")
tap.ok("1" in run.lines and not run.records, f"{title}: and its caller goes on", run.tail())

# Without optimisation across files no section is merged with another: the linker's script alone says what lies where.
plain = os.path.join(firmware.built_plainly(), firmware.BOARD, os.path.basename(BIN))
ran_there(at(0x4A201000, image=plain, INSTANCES=1), "linked file by file")

EDU = ["-device", "edu,dma_mask=0xffffffff"]


def as_image(title, properties, *arguments):
    run = firmware.run_bare(["-M", properties, *EDU, "-append", "selftest=quick", *arguments], elf=BIN)
    machine.sound_records(run, title)
    tap.equal((run.verdict.get("result"), run.status), ("pass", 0), f"{title}: passes, and turns the machine off")
    return run


def with_a_high_bar(title, properties):
    """Below 4 GiB there is room for the BAR of the edu alone: the disk's goes above."""
    disk = os.path.join(folder, "disk.img")
    with open(disk, "wb") as file:
        file.write(linux.disk_of(0))
    devices = ["-drive", f"if=none,id=disk,format=raw,readonly=on,file={disk}", "-device", "nvme,serial=high,drive=disk"]
    firmware.run_bare(["-M", f"{properties},dumpdtb={tree}", *EDU, *devices])
    ranges = trees.get(tree, trees.host(tree), "ranges")
    (at,) = [i for i in range(0, len(ranges), 7) if ranges[i] == SPACE_32]
    ranges[at + 5 : at + 7] = trees.wide(BAR_SIZE)
    trees.put(tree, trees.host(tree), "ranges", *ranges)
    run = as_image(title, properties, "-dtb", tree, *devices)
    bound = {m["device"] for m in run.of("master", client_state="bound")}
    tap.equal(bound, {machine.EDU, machine.NVME}, f"{title}: both are driven")


as_image("an arm64 Image, in EL1", "virt,iommu=smmuv3")
with_a_high_bar("an arm64 Image, in EL2, a BAR above 4 GiB", "virt,iommu=smmuv3,virtualization=on,gic-version=3")

# A caller in EL3 with MMU and caches on, whose table lies where the image has its bss.
WITH_MMU_IN_EL3 = """
	ldr x0, =TABLE
	ldr x1, =0x701 | 4 | 1 << 54			/* 1 GiB of devices, */
	str x1, [x0]
	ldr x1, =0x40000701				/* 1 GiB of RAM. */
	str x1, [x0, #8]
	msr ttbr0_el3, x0
	ldr x0, =0x04ff
	msr mair_el3, x0
	ldr x0, =0x80823519				/* 39 bits, 4 KiB, write-back, inner shareable. */
	msr tcr_el3, x0
	dsb sy
	isb
	ldr x0, =0x30c51835				/* M, C, I. */
	msr sctlr_el3, x0
	isb
	mov x0, #0
	enter ENTRY
"""


def from_el3_with_its_mmu(properties):
    """Two cores are described, and PSCI by SMC: the call is answered in EL3, by this image's vectors."""
    title = f"EL3, {properties}, its MMU on"
    symbols = firmware.symbols(firmware.ELF)
    table = symbols["__bss_start"] + 0xFFF & ~0xFFF
    caller = WITH_MMU_IN_EL3.replace("TABLE", hex(table)).replace("ENTRY", hex(loader.ENTRY))
    firmware.run_bare(["-M", f"virt,iommu=smmuv3,{properties},dumpdtb={tree}", "-smp", "2", *EDU])
    trees.fdt("fdtput", "-c", tree, "/psci")
    trees.put_text(tree, "/psci", "compatible", "arm,psci-1.0")
    trees.put_text(tree, "/psci", "method", "smc")
    trees.put_text(tree, "/chosen", "bootargs", "selftest=quick")
    start = loader.start(loader.assemble(folder, "caller", caller)).split()
    run = firmware.run_to_verdict(["-M", f"virt,iommu=smmuv3,{properties}", "-dtb", tree, *EDU, *start])
    machine.sound_records(run, title)
    tap.equal([v["result"] for v in run.of("verdict")], ["pass"], f"{title}: one verdict, a pass")
    told = [r["count"] for r in run.of("finding", id="core") if "was not turned on: PSCI says not supported" in r["text"]]
    tap.ok(told == [1], f"{title}: its vectors are those of this image", run.lines[:20])


from_el3_with_its_mmu("secure=on,virtualization=on,gic-version=3")

for properties in ("secure=on", "secure=on,virtualization=on", "secure=on,gic-version=3", "secure=on,virtualization=on,gic-version=3"):
    for cpu in ("max",) if firmware.SHORT else ("cortex-a76", "max"):
        title = f"EL3, {properties}, {cpu}"
        arguments = ["-M", f"virt,iommu=smmuv3,{properties}", "-cpu", cpu, "-device", "edu,dma_mask=0xffffffff", "-append", "selftest=quick"]
        run = firmware.run_to_verdict(arguments)
        machine.sound_records(run, title)
        tap.equal([v["result"] for v in run.of("verdict")], ["pass"], f"{title}: one verdict, a pass")
shutil.rmtree(folder)
tap.done()
