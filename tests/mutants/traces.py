# SPDX-License-Identifier: BSD-2-Clause
"""The decoder of traces (tools/trace) without one of its rules: decoder.t must find each mutant out."""

from mutant import of

PROGRAMS = ()


MUTANTS = of("tests/qemu/decoder.t", "tools/trace", (
    # --- Fields. ---
    ("TRACE_FIELD_ONE_BIT_TOO_WIDE", "a field has its bits", "return value >> low & (1 << width) - 1", "return value >> low & (1 << width + 1) - 1"),
    ("TRACE_FIELD_0_LEFT_OUT", "what says something as 0", "if found or name in ALWAYS:", "if found:"),
    ("TRACE_BIT_WITH_A_NUMBER", "a bit is its name", "if width == 1 and name not in ALWAYS:", "if width == 0:"),
    ("TRACE_WORDS_AS_NUMBERS", "words for values", "if words is not None:", "if words is None and name is None:"),
    ("TRACE_UNKNOWN_BITS_HIDDEN", "bits of no field", "        left &= ~((1 << width) - 1 << low)\n", "        left &= ~((1 << 64) - 1 << low)\n"),
    ("TRACE_ADDRESS_UNSHIFTED", "an address is one", "{value << SHIFTED.get(name, 0):#x}", "{value:#x}"),
    ("TRACE_MSI_ADDRESS_OF_PAGES", "an MSI's address is of words", 'SHIFTED = {"ADDR": 12, "MSIADDR": 2}', 'SHIFTED = {"ADDR": 12, "MSIADDR": 12}'),
    # --- Commands. ---
    ("TRACE_DWORD_1_LOST", "the second half of a command", "(dword0 & ~0xFF) | dword1 << 64", "(dword0 & ~0xFF) | dword1 << 32"),
    ("TRACE_CFGI_ALL_IS_A_RANGE", "CFGI_ALL", "bits(dword1, 0, 5) == RANGE_ALL", "bits(dword1, 0, 5) > RANGE_ALL"),
    ("TRACE_ANY_RANGE_IS_ALL", "CFGI_STE_RANGE", "bits(dword1, 0, 5) == RANGE_ALL", "bits(dword1, 0, 5) <= RANGE_ALL"),
    ("TRACE_OPCODES_SWAPPED", "names of commands", '0x11: ("TLBI_NH_ASID", (VMID, ASID))', '0x11: ("TLBI_NH_ASID", (ASID, VMID))'),
    ("TRACE_UNKNOWN_COMMAND_DROPPED", "an unknown command is shown whole", '"unknown", [f"{dword0:016x}", f"{dword1:016x}"]', '"unknown", []'),
    ("TRACE_RESUME_AS_PRI", "answers to a stall", '("RESP", 12, 2, RESUME)', '("RESP", 12, 2, {0: "deny", 1: "fail", 2: "success"})'),
    # --- Registers. ---
    ("TRACE_INDEX_OF_ANOTHERS_QUEUE", "an index is read by its own instance's size", "if (of, base) in sizes:\n        log2 = sizes[of, base]", "if any(at == base for _, at in sizes):\n        log2 = next(log2 for (_, at), log2 in sizes.items() if at == base)"),
    ("TRACE_WRAP_IN_THE_INDEX", "the wrap bit", 'f"index={bits(value, 0, log2)}"', 'f"index={bits(value, 0, log2 + 1)}"'),
    ("TRACE_SIZE_OF_THE_BASE", "a queue's size", "self.sizes[instance, offset] = value & 0x1F", "self.sizes[instance, offset] = value & 0xF0"),
    ("TRACE_OVERFLOW_UNTOLD", "an overflow flag", "if flag and value >> 31:", "if flag and value >> 32:"),
    ("TRACE_ERROR_OF_ANY_INDEX", "CMDQ_CONS.ERR", "if offset == CMDQ_CONS and bits(value, 24, 7):", "if bits(value, 24, 7):"),
    ("TRACE_COMMAND_ERROR_UNTOLD", "CMDQ_CONS.ERR", "if offset == CMDQ_CONS and bits(value, 24, 7):", "if offset == CMDQ_CONS and bits(value, 24, 7) > 3:"),
    ("TRACE_ADDRESS_OF_ONE_HALF", "both halves of an address", "(up << 32 | low) & 0x000FFFFFFFFFFFE0", "low & 0x000FFFFFFFFFFFE0"),
    ("TRACE_ADDRESS_OF_ANOTHERS_HALF", "both halves of an address", "low, up = high.get((of, offset & ~4, False))", "low, up = next((value for (_, at, up), value in high.items() if at == offset & ~4 and not up), None)"),
    ("TRACE_REFUSED_IS_WRITTEN", "a write that was refused", '"write" if kind == "W" else "REFUSED"', '"write"'),
    ("TRACE_ERROR_WITHOUT_ITS_REST", "a global error's other bits", 'texts + ([f"other bits {left:#x}"] if left else [])\n        return "unknown"', 'texts\n        return "unknown"'),
    # --- Entries. ---
    ("TRACE_TIME_OF_THE_START", "times count from the first entry", "delta = ticks - self.first", "delta = ticks"),
    ("TRACE_TIME_GOES_ON", "each trace has its first entry", "self.decoder, self.hz, self.first, self.started = Decoder(), hz, None, True", "self.decoder, self.hz, self.first, self.started = Decoder(), hz, getattr(self, 'first', None), True"),
    ("TRACE_LOST_UNTOLD", "entries that were overwritten", 'f", {lost} older ones were overwritten" if lost else ""', '""'),
    ("TRACE_CORE_OF_THE_INSTANCE", "which core it was", "core{core} {what:7}", "core{instance} {what:7}"),
    ("TRACE_CUT_UNTOLD", "a log that is cut off", "    if not whole:\n", "    if not found:\n"),
    ("TRACE_NONE_IS_EMPTY", "a log without a trace", "    if not found:\n        raise Failure", "    if found is None:\n        raise Failure"),
    ("TRACE_UNREADABLE_DROPPED", "a line that cannot be read", 'elif found and line.startswith("trace "):', 'elif not found and line.startswith("trace "):'),
    ("TRACE_CR_IN_THE_LINE", "CR LF", 'line = line.rstrip("\\r")', 'line = line.rstrip(" ")'),
    ("TRACE_TORN_UNTOLD", "an entry that was not completed", '        elif line == "trace torn":\n            found = True\n            printer.torn()', '        elif line == "trace torn":\n            found = True'),
    # --- The ring. ---
    ("TRACE_FIRST_MAGIC_COUNTS", "the image has the magic, too", "if version == VERSION and size >= ENTRY.size", "if size >= ENTRY.size"),
    ("TRACE_RING_OF_ANY_SIZE", "a ring has entries", " and 0 < capacity <= 1 << 24:", ":"),
    ("TRACE_RING_OF_SHORT_ENTRIES", "an entry's size", "size >= ENTRY.size and header >= HEADER.size and", "header >= HEADER.size and"),
    ("TRACE_NEWEST_FIRST", "oldest first", "for number in range(lost, count):", "for number in reversed(range(lost, count)):"),
    ("TRACE_RING_NEVER_WRAPS", "a ring that has wrapped", "number % capacity * size", "number * size"),
    ("TRACE_ENTRIES_OF_32_BYTES", "entries may grow", "number % capacity * size", "number % capacity * 32"),
    ("TRACE_HEADER_OF_32_BYTES", "the header may grow", "place = at + header + number", "place = at + 32 + number"),
    ("TRACE_TORN_ENTRY_DECODED", "an entry's number is written last", "if sequence == (number + 1) & 0xFFFFFFFF:", "if sequence <= (number + 1) & 0xFFFFFFFF:"),
    ("TRACE_DUMP_CUT_UNTOLD", "a dump that is cut off", "    if missing:\n", "    if missing > 1:\n"),
    ("TRACE_DUMP_READ_BEYOND", "a dump that is cut off", "if place + ENTRY.size > len(data):", "if place > len(data):"),
    # --- The symbol, and the end. ---
    ("TRACE_SYMBOL_BEGINS_SO", "the symbol's whole name", 'len(SYMBOL) + 1] == SYMBOL + b"\\0":', 'len(SYMBOL) + 1].startswith(SYMBOL):'),
    ("TRACE_SYMBOL_OF_ANY_ELF", "a little-endian ELF of either width", 'if data[:4] != b"\\x7fELF" or data[4:6] not in (b"\\1\\1", b"\\2\\1"):', 'if data[:4] != b"\\x7fELF":'),
    ("TRACE_CUT_ELF_CRASHES", "an ELF that is cut off", "except (struct.error, IndexError) as error:", "except IndexError as error:"),
    ("TRACE_STATUS_0_WITHOUT_A_TRACE", "the exit status", "        return failure.status\n", "        return 0\n"),
    ("TRACE_USAGE_IS_NO_ERROR", "wrong usage", "        print(__doc__.strip(), file=sys.stderr)\n        return 1\n", "        print(__doc__.strip(), file=sys.stderr)\n        return 0\n"),
))
