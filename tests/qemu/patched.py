# SPDX-License-Identifier: BSD-2-Clause
"""The firmware's ELF with a few bytes of its code replaced."""

import os
import struct

import firmware


def segments(image):
    """Of an ELF of the width that is tested: the type, offset, address and size in the file of each."""
    if firmware.WIDE:
        offset, (size, count) = struct.unpack_from("<Q", image, 32)[0], struct.unpack_from("<HH", image, 54)
        for i in range(count):
            kind, _, at, virtual, _, length = struct.unpack_from("<IIQQQQ", image, offset + size * i)
            yield kind, at, virtual, length
        return
    offset, (size, count) = struct.unpack_from("<I", image, 28)[0], struct.unpack_from("<HH", image, 42)
    for i in range(count):
        kind, at, virtual, _, length = struct.unpack_from("<IIIII", image, offset + size * i)
        yield kind, at, virtual, length


def broken_elf(folder, symbol, code, behind=b"", elf=None):
    """The firmware with this code at the start of a function, or instead of the first `behind` that follows it."""
    with open(elf or firmware.ELF, "rb") as file:
        image = bytearray(file.read())
    address = firmware.symbols(firmware.ELF)[symbol] & ~1
    for kind, at, virtual, size in segments(image):
        if kind == 1 and virtual <= address < virtual + size:
            place = image.index(behind, at + address - virtual)
            image[place : place + len(code)] = code
    path = os.path.join(folder, symbol + ".elf")
    with open(path, "wb") as file:
        file.write(image)
    return path


def with_e2h_always(folder):
    """As on a core whose HCR_EL2.E2H is always one: E2H, and CD and ID that QEMU has nothing for, come with RW."""
    rw, with_e2h = a64(0xD2B00000), a64(0xB2610FE0)  # mov x0, #0x80000000; mov x0, #0x780000000.
    return broken_elf(folder, "from_el2", with_e2h, behind=rw)


def thumb(*halfwords):
    return struct.pack(f"<{len(halfwords)}H", *halfwords)


def a64(*words):
    return struct.pack(f"<{len(words)}I", *words)
