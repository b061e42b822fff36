# SPDX-License-Identifier: BSD-2-Clause
"""A machine that starts with UEFI (EDK2), and a volume with files: the firmware as an application, a shell script, Linux."""

import os
import re
import shutil
import struct
import subprocess

import firmware
import linux

MIB = 1 << 20
PAGE = LINKED_AT = 0x1000  # Of packed() code, the header's page in front.
REPORT = "smmu-report.jsonl"
PASSWORD = "snakeoil"


def fetched(which="efi"):
    """The image of EDK2, or None where it cannot be had."""
    found = subprocess.run([os.path.join(firmware.ROOT, "tools/get"), which], capture_output=True, text=True, check=False)
    return found.stdout.strip() or None


class Volume:
    """A FAT volume in a file."""

    def __init__(self, machine, files, size=128 * MIB, readonly=False):
        self.path = os.path.join(machine.folder, "volume.img")
        self.readonly = readonly
        with open(self.path, "wb") as file:
            file.truncate(size)
        self.tool("mformat", "::")
        for name, data in files.items():
            folder = ""
            for part in name.split("/")[:-1]:
                folder += "/" + part
                self.tool("mmd", "-D", "s", "::" + folder, check=False)
            self.tool("mcopy", "-o", "-", "::/" + name, data=data if isinstance(data, bytes) else data.encode())

    def tool(self, name, *arguments, data=None, check=True):
        command = [name, "-i", self.path, *arguments]
        return subprocess.run(command, input=data, capture_output=True, check=check).stdout

    def fill(self):
        """To the last byte."""
        free = int(re.search(rb"([\d ]+) bytes free", self.tool("mdir", "::")).group(1).replace(b" ", b""))
        self.tool("mcopy", "-o", "-", "::/filler", data=bytes(free))

    def read(self, name):
        """Of a file that is not there: no bytes."""
        return self.tool("mtype", "::/" + name, check=False)

    def devices(self):
        drive = f"if=none,id=volume,format=raw,file={self.path}" + (",readonly=on" if self.readonly else "")
        return ["-drive", drive, "-device", "virtio-blk-pci,drive=volume,bus=pcie.0,addr=5,iommu_platform=on,disable-legacy=on"]


def application():
    with open(os.path.join(firmware.BUILD, "uefi-aarch64/smmu-bringup.efi"), "rb") as file:
        return file.read()


def packed(code):
    """An application of this code, which needs no relocations and has its entry first (PE format 3.3, 3.4, 4)."""
    size = -(-len(code) // PAGE) * PAGE
    dos = b"MZ".ljust(60, b"\0") + struct.pack("<I", 64)
    coff = b"PE\0\0" + struct.pack("<HHIIIHH", 0xAA64, 1, 0, 0, 0, 160, 0x206)
    optional = struct.pack("<HBBIIIII", 0x20B, 0, 0, size, 0, 0, PAGE, PAGE) + struct.pack("<QII6HIIII", 0, PAGE, PAGE, 0, 0, 0, 0, 0, 0, 0, size + PAGE, PAGE, 0)
    optional += struct.pack("<HH4QII", 10, 0x100, 0, 0, 0, 0, 0, 6) + bytes(48)
    section = b".text".ljust(8, b"\0") + struct.pack("<6I2HI", size, PAGE, size, PAGE, 0, 0, 0, 0, 0x60000020)
    return (dos + coff + optional + section).ljust(PAGE, b"\0") + code.ljust(size, b"\0")


def signed(machine, flash):
    """By the key that Debian's EDK2 for tests is enrolled with."""
    keys = os.path.dirname(flash)
    key, plain, done = (os.path.join(machine.folder, name) for name in ("key.pem", "plain.efi", "signed.efi"))
    opened = ["openssl", "rsa", "-in", f"{keys}/PkKek-1-snakeoil.key", "-passin", f"pass:{PASSWORD}", "-out", key]
    subprocess.run(opened, check=True, capture_output=True)
    with open(plain, "wb") as file:
        file.write(application())
    sign = ["sbsign", "--key", key, "--cert", f"{keys}/PkKek-1-snakeoil.pem", "--output", done, plain]
    subprocess.run(sign, check=True, capture_output=True)
    with open(done, "rb") as file:
        return file.read()


def script(*lines):
    """startup.nsh"""
    return "\r\n".join(("@echo -off", "fs0:") + lines) + "\r\n"


def chips(machine, flash, code, variables):
    """EDK2's code, and variables that stay, as Debian's EDK2 brings them."""
    folder = os.path.join(os.path.dirname(flash), "../AAVMF")
    copy = shutil.copyfile(f"{folder}/{variables}", os.path.join(machine.folder, "variables.fd"))
    first = f"if=pflash,unit=0,format=raw,readonly=on,file={folder}/{code}"
    return ["-drive", first, "-drive", f"if=pflash,unit=1,format=raw,file={copy}"]


def secure(machine, flash, code):
    """Secure Boot, with that key enrolled."""
    return chips(machine, flash, code, "AAVMF_VARS.snakeoil.fd")


def start(machine, volume, flash, more=(), **rest):
    """`flash`: EDK2's image, or arguments."""
    return machine.run([*(["-bios", flash] if isinstance(flash, str) else flash), *volume.devices(), *more], **rest)


def kernel_files(which):
    folder = linux.fetched(which)
    init = linux.init_for(len(linux.FIRST_BUSES))
    return {"vmlinuz.efi": linux.kernel(folder), "ird.gz": linux.initrd(folder, init)}
