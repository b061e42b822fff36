# SPDX-License-Identifier: BSD-2-Clause
"""
Linux that puts the firmware in its own place by kexec, as a user would: what its initial RAM disk holds, and what it does.
"""

import glob
import os
import re
import struct
import subprocess

import firmware
import linux

PIECE = 2 << 20  # Where an Image may begin.
SIZE_AT = 16  # image_size, of an Image's header.
READY = "=== kexec"

# kexec says where it puts an image; behind the firmware, at a multiple of PIECE, lies what is started next. KIND is -l, or -p
# for the time after a crash. The disks are read all the while.
INIT = f"""
ls /dev/nvme*n1 >/dev/null
for disk in /dev/nvme*n1; do
	while dd if=$disk of=/dev/null bs=65536 iflag=direct 2>/dev/null; do :; done &
done
load() {{
	kexec -d KIND /both --initrd=/second --command-line="$1" 2>&1
}}
at=$(load "" | sed -n 's/.*kernel_segment: *\\([0-9a-f]*\\).*/0x\\1/p' | head -n 1)
at=$(printf 0x%x $((at + OFFSET)))
load "next=$at WORDS" >/log || cat /log
echo "{READY} $at"
echo "{linux.LOOK}"
read line
GO
"""
GO = {"-l": "kexec -e", "-p": "taskset 4 sh -c 'echo c >/proc/sysrq-trigger'"}


def needed_libraries(program, folder):
    """Paths of the shared libraries that a program needs, and those need; its dynamic loader is one."""
    paths = {os.path.basename(path): path for path in glob.glob(f"{folder}/**/*.so*", recursive=True)}
    found, todo = {}, [program]
    while todo:
        text = subprocess.run(["aarch64-linux-gnu-readelf", "-d", todo.pop()], capture_output=True, text=True, check=True).stdout
        for name in re.findall(r"NEEDED.*\[(.*)\]", text):
            if name not in found:
                found[name] = paths[name]
                todo.append(paths[name])
    return found


def programs(folder):
    """Names in a RAM disk and contents of kexec, and of all that it needs."""
    program = f"{folder}/sbin/kexec"
    libraries = needed_libraries(program, folder)
    return {"bin/kexec": linux.read_file(program)} | {f"lib/{name}": linux.read_file(path) for name, path in libraries.items()}


def joined(image, following):
    """The firmware's Image and another behind it, as one Image, and how far behind."""
    (size,) = struct.unpack_from("<Q", image, SIZE_AT)
    (following_size,) = struct.unpack_from("<Q", following, SIZE_AT)
    offset = -(-size // PIECE) * PIECE
    whole = bytearray(image.ljust(offset, b"\0") + following)
    struct.pack_into("<Q", whole, SIZE_AT, offset + following_size)
    return bytes(whole), offset


def fetched():
    """The folder of kexec's files, or None where it cannot be had."""
    found = subprocess.run([os.path.join(firmware.ROOT, "tools/get"), "kexec"], capture_output=True, text=True, check=False)
    return found.stdout.strip() or None


def initrd(folder, kexec_folder, image, kind, words):
    """Of the first Linux: it has the firmware with a kernel behind it, and the RAM disk for that."""
    both, offset = joined(image, linux.kernel(folder))
    second = linux.initrd(folder, linux.init_for(len(linux.FIRST_BUSES), waits=True))
    init = INIT.replace("KIND", kind).replace("OFFSET", str(offset)).replace("WORDS", words).replace("GO", GO[kind])
    return linux.initrd(folder, init, programs(kexec_folder) | {"both": both, "second": second})
