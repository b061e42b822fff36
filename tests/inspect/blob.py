# SPDX-License-Identifier: BSD-2-Clause
"""Device tree blobs and IORTs, token by token: what no compiler would write, and as large as is wanted."""

import struct

BEGIN_NODE, END_NODE, PROP, END = 1, 2, 3, 9
HEADER_SIZE, RESERVATIONS = 40, bytes(16)


def padded(data):
    return data + bytes(-len(data) % 4)


class Tree:
    """Each call adds a token; `end()` of the root is the last."""

    def __init__(self):
        self.block = bytearray()
        self.names = bytearray()
        self.known = {}

    def __len__(self):
        return len(self.block)

    def name(self, text):
        """The offset of a property's name."""
        if text not in self.known:
            self.known[text] = len(self.names)
            self.names += text.encode() + b"\0"
        return self.known[text]

    def begin(self, name):
        self.block += struct.pack(">I", BEGIN_NODE) + padded(name.encode() + b"\0")
        return self

    def end(self):
        self.block += struct.pack(">I", END_NODE)
        return self

    def raw(self, name, value):
        self.block += struct.pack(">III", PROP, len(value), name) + padded(value)
        return self

    def prop(self, name, value):
        """A string, a list of cells, or bytes."""
        if isinstance(value, str):
            value = value.encode() + b"\0"
        elif not isinstance(value, bytes):
            value = struct.pack(f">{len(value)}I", *value)
        return self.raw(self.name(name), value)

    def blob(self, version=17):
        block = bytes(self.block) + struct.pack(">I", END)
        at = HEADER_SIZE + len(RESERVATIONS)
        header = struct.pack(">10I", 0xD00DFEED, at + len(block) + len(self.names), at, at + len(block), HEADER_SIZE, version, 16, 0,
                             len(self.names), len(block))
        return header + RESERVATIONS + block + bytes(self.names)
