# SPDX-License-Identifier: BSD-2-Clause
"""
A core that executes the few instructions of boot/aarch64's way to C and back, and has what no emulator has: a cache that holds what
memory does not, MPAM, an HCR_EL2.E2H that is always one, and a complaint about what DDI 0487 leaves undefined. Registers that no
scenario sets hold what is in no register: an UNKNOWN value.
"""

import os
import re
import subprocess

CROSS = "aarch64-linux-gnu-"
ROOT = os.path.realpath(os.path.join(os.path.dirname(os.path.realpath(__file__)), "..", ".."))
FLAGS = ["-Iboot", "-Iboot/cpu", "-Iplatform/qemu-virt", '-DFIRMWARE_VERSION="0"', "-x", "assembler-with-cpp"]
AT, SIZE, LINE, MASK = 0x40200000, 0x3000, 64, (1 << 64) - 1
SYMBOLS = {"__image_start": AT, "__image_end": AT + SIZE, "__bss_start": AT + SIZE - 0x80, "__bss_end": AT + SIZE - 0x40, "__uncached_start": AT + SIZE - 0x40,
           "__data_start": AT + SIZE - 0x240, "__pointers_start": AT + SIZE - 0x40, "__pointers_end": AT + SIZE - 0x38, "__stacks_end": AT + SIZE,
           "boot_stacks": AT + SIZE - 0x100, "boot_vectors": AT, "boot_root_table": AT}
C_CODE = {name: 0x1000 * (n + 1) for n, name in enumerate(("boot_prepare", "boot_enter", "boot_secondary_enter"))}
LAYOUT = "SECTIONS { .text : { *(.text..start) . = ALIGN(2048); *(.text..vectors) *(.text .text.*) } .data : { *(.data .data.*) } }"
CALLER = 0x47000000
GCSEN_OF_HCRX, GCSEN_OF_SCR, SCTLR2EN_OF_SCR = 1 << 22, 1 << 39, 1 << 44
M, C, E2H, UNKNOWN = 1, 4, 1 << 34, 0x5A5A_0000_0000

NAMES = {
    "s3_0_c1_c0_0": "sctlr_el1", "s3_4_c1_c0_0": "sctlr_el2", "s3_6_c1_c0_0": "sctlr_el3", "s3_4_c1_c1_0": "hcr_el2", "s3_6_c1_c1_0": "scr_el3",
    "s3_0_c4_c2_2": "currentel", "s3_0_c4_c2_0": "spsel", "s3_3_c4_c2_1": "daif", "s3_0_c4_c1_0": "sp_el0", "s3_3_c0_c0_1": "ctr_el0",
    "s3_0_c2_c5_0": "gcscr_el1", "s3_4_c2_c5_0": "gcscr_el2", "s3_0_c1_c0_3": "sctlr2_el1", "s3_4_c1_c0_3": "sctlr2_el2", "s3_0_c2_c0_3": "tcr2_el1",
    "s3_4_c1_c2_2": "hcrx_el2", "s3_4_c10_c5_0": "mpam2_el2", "s3_4_c10_c4_0": "mpamhcr_el2", "s3_0_c10_c4_4": "mpamidr_el1", "s3_6_c10_c5_0": "mpam3_el3",
    "s3_0_c0_c4_0": "id_aa64pfr0_el1", "s3_0_c0_c4_1": "id_aa64pfr1_el1", "s3_0_c0_c7_0": "id_aa64mmfr0_el1", "s3_0_c0_c7_1": "id_aa64mmfr1_el1",
    "s3_0_c0_c7_3": "id_aa64mmfr3_el1", "s3_0_c0_c0_0": "midr_el1", "s3_0_c2_c0_0": "ttbr0_el1", "s3_0_c2_c0_2": "tcr_el1", "s3_0_c10_c2_0": "mair_el1",
    "s3_0_c12_c0_0": "vbar_el1", "s3_0_c1_c0_2": "cpacr_el1", "s3_0_c4_c0_0": "spsr_el1", "s3_0_c4_c0_1": "elr_el1", "s3_0_c5_c2_0": "esr_el1",
    "s3_0_c6_c0_0": "far_el1", "s3_3_c14_c3_1": "cntv_ctl", "s3_3_c14_c3_2": "cntv_cval", "s3_4_c2_c0_0": "ttbr0_el2", "s3_4_c2_c0_2": "tcr_el2",
    "s3_4_c10_c2_0": "mair_el2", "s3_4_c12_c0_0": "vbar_el2", "s3_4_c1_c1_2": "cptr_el2", "s3_4_c4_c0_0": "spsr_el2", "s3_4_c4_c0_1": "elr_el2",
    "s3_4_c5_c2_0": "esr_el2", "s3_4_c6_c0_0": "far_el2", "s3_4_c14_c3_1": "cnthv_ctl", "s3_4_c14_c3_2": "cnthv_cval", "s3_6_c4_c0_0": "spsr_el3",
    "s3_6_c4_c0_1": "elr_el3", "s3_6_c5_c2_0": "esr_el3", "s3_6_c12_c0_0": "vbar_el3", "s3_3_c14_c0_0": "cntfrq_el0", "s3_4_c14_c1_0": "cnthctl_el2",
}
# With E2H an EL1 name is EL2's in EL2, and EL1's register has a name of its own there (DDI 0487, D8.3).
E2H_NAMES = {"sctlr_el1": "sctlr_el2", "ttbr0_el1": "ttbr0_el2", "tcr_el1": "tcr_el2", "mair_el1": "mair_el2", "vbar_el1": "vbar_el2", "cpacr_el1": "cptr_el2",
             "spsr_el1": "spsr_el2", "elr_el1": "elr_el2", "esr_el1": "esr_el2", "far_el1": "far_el2", "cntv_ctl": "cnthv_ctl", "cntv_cval": "cnthv_cval",
             "tcr2_el1": "tcr2_el2", "sctlr2_el1": "sctlr2_el2"}
# Where the ID registers' fields are 0 the register is not there: (field's register, shift) of each.
NEEDS = {
    "gcscr_el1": (("id_aa64pfr1_el1", 44),), "gcscr_el2": (("id_aa64pfr1_el1", 44),), "sctlr2_el1": (("id_aa64mmfr3_el1", 4),),
    "sctlr2_el2": (("id_aa64mmfr3_el1", 4),), "tcr2_el1": (("id_aa64mmfr3_el1", 0),), "hcrx_el2": (("id_aa64mmfr1_el1", 40),),
    **{name: (("id_aa64pfr0_el1", 40), ("id_aa64pfr1_el1", 16)) for name in ("mpam2_el2", "mpamhcr_el2", "mpamidr_el1", "mpam3_el3")},
}
EL2_MINIMUM = re.compile(r"_el2$|^s3_[45]_|^cnthv")


class Wrong(Exception):
    """What the architecture does not allow, or what is lost."""


def assemble(folder, sources, at=AT, architecture="aarch64"):
    """Links these sources alone, at an address: the instructions by address, the symbols, and the bytes."""
    objects = []
    for source in sources:
        objects.append(os.path.join(folder, os.path.basename(source) + ".o"))
        subprocess.run([CROSS + "gcc", *FLAGS, f"-Iboot/{architecture}", "-c", source, "-o", objects[-1]], cwd=ROOT, check=True)
    elf, script = os.path.join(folder, "core.elf"), os.path.join(folder, "core.ld")
    with open(script, "w", encoding="ascii") as file:
        file.write(LAYOUT)
    given = [f"--defsym={name}={value:#x}" for name, value in (SYMBOLS | C_CODE).items()]
    subprocess.run([CROSS + "ld", "-T", script, f"-Ttext={at:#x}", *given, "--no-warn-rwx-segments", "--unresolved-symbols=ignore-all", *objects, "-o", elf], check=True)
    listing = subprocess.run([CROSS + "objdump", "-dM", "no-aliases", elf], capture_output=True, text=True, check=True).stdout
    code = {}
    for place, word, text in re.findall(r"(?m)^ *([0-9a-f]+):\t([0-9a-f]{8}) \t(.*)$", listing):
        name, _, rest = re.sub(r"\s*(//|<).*", "", text).partition("\t")
        operands = [part.strip() for part in re.split(r",(?![^\[]*\])", rest)] if rest else []
        code[int(place, 16)] = (int(word, 16), name, operands)
    names = subprocess.run([CROSS + "nm", elf], capture_output=True, text=True, check=True).stdout
    symbols = {line.split()[-1]: int(line.split()[0], 16) for line in names.splitlines() if len(line.split()) == 3}
    return code, symbols


def register_name(word):
    op0, op1, crn, crm, op2 = 2 + (word >> 19 & 1), word >> 16 & 7, word >> 12 & 15, word >> 8 & 15, word >> 5 & 7
    plain = f"s{op0}_{op1}_c{crn}_c{crm}_{op2}"
    return NAMES.get(plain, plain)


class Core:
    """`system`: registers by name; `memory` and `cache`: bytes by address; `turns` bounds a run."""

    def __init__(self, code, symbols, level, e2h_always=False, **system):
        self.code, self.symbols, self.level, self.e2h_always = code, symbols, level, e2h_always
        self.system = {"ctr_el0": 4 << 16, "id_aa64pfr0_el1": 0x1111, "spsel": 1, "daif": 0, "cntfrq_el0": 1, "midr_el1": 0, **system}
        self.x = [UNKNOWN + n for n in range(31)]
        self.sp = {0: 0x1000, 1: 0x2000, 2: 0x48000000, 3: 0x4000}
        self.memory, self.cache, self.flags, self.pc = {}, {}, (0, 0, 0, 0), 0
        self.unsynchronised, self.log = set(), []

    # --- Memory. ---
    def is_cached(self):
        return self.system.get(f"sctlr_el{self.level}", 0) & (M | C) == M | C

    def line(self, address):
        return address & ~(LINE - 1)

    def load(self, address, size=8):
        held = self.cache.get(self.line(address)) if self.is_cached() else None
        if held and not held[0]:
            raise Wrong(f"{address:#x} is read from a line that the cache read before memory changed")
        return sum((held[0].get(address + n, 0) if held else self.memory.get(address + n, 0)) << 8 * n for n in range(size))

    def store(self, address, value, size=8):
        written = {address + n: value >> 8 * n & 255 for n in range(size)}
        if not self.is_cached():
            self.memory.update(written)
            return
        first = self.line(address)
        held = self.cache.setdefault(first, [{at: self.memory.get(at, 0) for at in range(first, first + LINE)}, True])
        held[0].update(written)
        held[1] = True

    def clean(self, address):
        held = self.cache.pop(self.line(address), None)
        if held and held[1]:
            self.memory.update(held[0])

    # --- Registers. ---
    def get(self, name):
        if name in ("xzr", "wzr"):
            return 0
        if name == "sp":
            return self.sp[self.level if self.system["spsel"] else 0]
        value = self.x[int(name[1:])]
        return value & 0xFFFFFFFF if name[0] == "w" else value

    def put(self, name, value):
        if name == "sp":
            self.sp[self.level if self.system["spsel"] else 0] = value & MASK
        elif name not in ("xzr", "wzr"):
            self.x[int(name[1:])] = value & (0xFFFFFFFF if name[0] == "w" else MASK)

    def find(self, name):
        """The register behind a name in this level."""
        with_e2h = self.level == 2 and self.system.get("hcr_el2", 0) & E2H
        if name.startswith("s3_5_"):
            behind = NAMES.get("s3_0_" + name[5:])
            behind = {"s3_5_c14_c3_1": "cntv_ctl", "s3_5_c14_c3_2": "cntv_cval"}.get(name, behind)
            if not with_e2h or not behind:
                raise Wrong(f"{name} is undefined at EL{self.level} without E2H")
            return behind
        if EL2_MINIMUM.search(name) and self.level < 2:
            raise Wrong(f"{name} is undefined at EL{self.level}")
        if name in NEEDS and not any(self.system.get(id_register, 0) >> shift & 15 for id_register, shift in NEEDS[name]):
            raise Wrong(f"{name} is undefined: no ID register tells of it")
        if name.startswith("mpam2_el2") or name.startswith("mpamhcr"):
            if self.level == 2 and self.system.get("mpam3_el3", 0) >> 62 & 1:
                raise Wrong(f"{name} traps to EL3 (MPAM3_EL3.TRAPLOWER)")
        if name == "mpamhcr_el2" and not self.system.get("mpamidr_el1", 0) >> 17 & 1:
            raise Wrong("mpamhcr_el2 is undefined: MPAMIDR_EL1.HAS_HCR is 0")
        if name == "sctlr2_el2" and self.level == 2 and not self.system.get("scr_el3", SCTLR2EN_OF_SCR) & SCTLR2EN_OF_SCR:
            raise Wrong("sctlr2_el2 traps to EL3 (SCR_EL3.SCTLR2En)")
        return E2H_NAMES.get(name, name) if with_e2h else name

    def read(self, name):
        if name == "currentel":
            return self.level << 2
        if name == "sp_el0":
            return self.sp[0]
        found = self.find(name)
        return self.system.setdefault(found, 0 if found.startswith("id_") or found.startswith("s3_0_c0_") else UNKNOWN + len(self.system))

    def write(self, name, value):
        if name == "sp_el0":
            self.sp[0] = value
            return
        name = self.find(name)
        if name == "hcr_el2":
            value |= E2H if self.e2h_always else 0
            changes = (self.system.get(name, 0) ^ value) & E2H
            if changes and (self.system.get("sctlr_el2", 0) & M or "sctlr_el2" in self.unsynchronised):
                raise Wrong("HCR_EL2.E2H changes while EL2's translation may be on")
        if self.is_cached() and name == f"sctlr_el{self.level}" and not value & C:
            self.goes_off()
        self.system[name] = value
        self.unsynchronised.add(name)
        self.log.append(name)

    def goes_off(self):
        """The cache, whose dirty lines a fetch passes by. Just before, it may have read any line of the image."""
        if any(held[1] for first, held in self.cache.items() if AT <= first < AT + SIZE):
            raise Wrong("the cache goes off, and holds what memory does not")
        for first in range(AT, AT + SIZE, LINE):
            self.cache.setdefault(first, [{}, False])

    # --- Execution. ---
    def branch_and_link(self, what):
        if any(name.startswith("gcscr") for name in self.unsynchronised):
            raise Wrong(f"{what} before GCSCR's change is synchronised")

    def has_guard(self):
        """Is the guarded control stack on, and allowed by the levels above?"""
        allowed = self.system.get("scr_el3", GCSEN_OF_SCR) & GCSEN_OF_SCR
        allowed = allowed and (self.level == 2 or self.system.get("hcrx_el2", GCSEN_OF_HCRX) & GCSEN_OF_HCRX)
        return self.level < 3 and allowed and self.system.get(f"gcscr_el{self.level}", 0) & 1

    def exception(self, level, offset, esr):
        self.system[f"spsr_el{level}"] = self.level << 2 | self.system["spsel"]
        self.system[f"elr_el{level}"], self.system[f"esr_el{level}"] = self.pc, esr
        self.pc, self.level = self.system[f"vbar_el{level}"] + offset, level
        self.system["spsel"] = 1
        self.unsynchronised.clear()

    def run(self, start, *ends):
        """From a symbol or an address until one of these is reached; the one that was."""
        self.pc = self.symbols.get(start, start)
        ends = {self.symbols.get(end, end): end for end in ends}
        for _ in range(20000):
            if self.pc in ends:
                return ends[self.pc]
            if self.pc not in self.code:
                raise Wrong(f"it goes on at {self.pc:#x}")
            self.step(*self.code[self.pc])
        raise Wrong(f"it runs for ever, at {self.pc:#x}")

    def step(self, word, name, operands):
        here, self.pc = self.pc, self.pc + 4
        try:
            getattr(self, "do_" + name.partition(".")[0])(word, name, operands)
        except Wrong as reason:
            raise Wrong(f"{here:#x}, {name} {', '.join(operands)} in EL{self.level}: {reason}") from reason

    def value(self, operand, shift=None):
        value = int(operand[1:], 0) if operand[0] == "#" else self.get(operand)
        return value << int(shift.split("#")[1]) if shift else value

    def set_flags(self, result, bits, carry, overflow):
        self.flags = (result >> bits - 1 & 1, int(result & (1 << bits) - 1 == 0), carry, overflow)

    def arithmetic(self, operands, sign, sets):
        bits = 32 if operands[0][0] == "w" else 64
        mask = (1 << bits) - 1
        left, right = self.get(operands[1]) & mask, self.value(*operands[2:]) & mask
        total = left + (right if sign > 0 else (~right & mask) + 1)
        if sets:
            full = (right if sign > 0 else ~right & mask)
            self.set_flags(total & mask, bits, int(total > mask), int((~(left ^ full) & (left ^ total)) >> bits - 1 & 1))
        self.put(operands[0], total & mask)

    def do_add(self, _, __, operands):
        self.arithmetic(operands, 1, False)

    def do_adds(self, _, __, operands):
        self.arithmetic(operands, 1, True)

    def do_sub(self, _, __, operands):
        self.arithmetic(operands, -1, False)

    def do_subs(self, _, __, operands):
        self.arithmetic(operands, -1, True)

    def do_and(self, _, __, operands):
        self.put(operands[0], self.get(operands[1]) & self.value(*operands[2:]))

    def do_ands(self, _, __, operands):
        result = self.get(operands[1]) & self.value(*operands[2:])
        self.set_flags(result, 32 if operands[0][0] == "w" else 64, 0, 0)
        self.put(operands[0], result)

    def do_orr(self, _, __, operands):
        self.put(operands[0], self.get(operands[1]) | self.value(*operands[2:]))

    def do_movz(self, _, __, operands):
        self.put(operands[0], self.value(*operands[1:]))

    def do_movn(self, _, __, operands):
        self.put(operands[0], ~self.value(*operands[1:]))

    def do_movk(self, _, __, operands):
        shift = int(operands[2].split("#")[1]) if operands[2:] else 0
        self.put(operands[0], self.get(operands[0]) & ~(0xFFFF << shift) | self.value(operands[1]) << shift)

    def do_ubfm(self, _, __, operands):
        bits = 32 if operands[0][0] == "w" else 64
        value, right, last = self.get(operands[1]), self.value(operands[2]), self.value(operands[3])
        field = value & (1 << last + 1) - 1
        self.put(operands[0], field >> right if last >= right else field << bits - right)

    def do_lslv(self, _, __, operands):
        self.put(operands[0], self.get(operands[1]) << self.get(operands[2]) % 64)

    def do_lsrv(self, _, __, operands):
        self.put(operands[0], self.get(operands[1]) >> self.get(operands[2]) % 64)

    def do_csel(self, _, __, operands):
        self.put(operands[0], self.get(operands[1] if self.holds(operands[3]) else operands[2]))

    def do_madd(self, _, __, operands):
        self.put(operands[0], self.get(operands[1]) * self.get(operands[2]) + self.get(operands[3]))

    def do_adr(self, _, __, operands):
        self.put(operands[0], int(operands[1], 16))

    do_adrp = do_adr

    def holds(self, condition):
        n, z, c, v = self.flags
        found = {"eq": z, "ne": not z, "cs": c, "hs": c, "cc": not c, "lo": not c, "mi": n, "pl": not n, "hi": c and not z, "ls": not c or z,
                 "ge": n == v, "lt": n != v, "gt": not z and n == v, "le": z or n != v}
        return bool(found[condition])

    def do_b(self, _, name, operands):
        if "." not in name or self.holds(name.split(".")[1]):
            self.pc = int(operands[0], 16)

    def do_bl(self, _, __, operands):
        self.branch_and_link("bl")
        if self.has_guard():
            raise Wrong("bl stores to a guarded control stack that is not the firmware's")
        self.x[30], self.pc = self.pc, int(operands[0], 16)

    def do_br(self, _, __, operands):
        self.pc = self.get(operands[0])

    def do_ret(self, _, __, operands):
        self.branch_and_link("ret")
        self.pc = self.get(operands[0]) if operands else self.x[30]

    def do_cbz(self, _, __, operands):
        self.pc = self.pc if self.get(operands[0]) else int(operands[1], 16)

    def do_cbnz(self, _, __, operands):
        self.pc = int(operands[1], 16) if self.get(operands[0]) else self.pc

    def do_tbz(self, _, __, operands):
        self.pc = self.pc if self.get(operands[0]) >> self.value(operands[1]) & 1 else int(operands[2], 16)

    def do_tbnz(self, _, __, operands):
        self.pc = int(operands[2], 16) if self.get(operands[0]) >> self.value(operands[1]) & 1 else self.pc

    def address(self, operands):
        """Of a load or store; a base that is written back."""
        base, *offset = operands[0].strip("[]").split(", ")
        at = self.get(base)
        if operands[1:]:
            self.put(base, at + self.value(operands[1]))
        return at + (self.value(offset[0]) if offset else 0)

    def do_ldr(self, _, name, operands):
        size = 1 if name == "ldrb" else 4 if operands[0][0] == "w" else 8
        self.put(operands[0], self.load(self.address(operands[1:]) if operands[1][0] == "[" else int(operands[1], 16), size))

    def do_str(self, _, name, operands):
        value = self.get(operands[0])
        self.store(self.address(operands[1:]), value, 1 if name == "strb" else 4 if operands[0][0] == "w" else 8)

    do_ldrb, do_strb = do_ldr, do_str

    def do_ldp(self, _, __, operands):
        at = self.address(operands[2:])
        for n in range(2):
            self.put(operands[n], self.load(at + 8 * n))

    def do_stp(self, _, __, operands):
        values = [self.get(operand) for operand in operands[:2]]
        at = self.address(operands[2:])
        for n in range(2):
            self.store(at + 8 * n, values[n])

    def do_mrs(self, word, _, operands):
        self.put(operands[0], self.read(register_name(word)))

    def do_msr(self, word, _, operands):
        if word & 0xFFF8F01F == 0xD500401F:
            name, value = operands[0], self.value(operands[1])
            if name == "spsel":
                self.system["spsel"] = value
            return
        self.write(register_name(word), self.get(operands[1]))

    def do_sys(self, _, __, operands):
        if operands[1:4] == ["C7", "C14", "#1"]:
            self.clean(self.get(operands[4]))

    def do_isb(self, *_):
        self.unsynchronised.clear()

    def nothing(self, *_):
        pass

    do_dsb = do_hint = do_wfi = nothing

    def do_eret(self, *_):
        self.unsynchronised.clear()
        state, was_cached = self.system[f"spsr_el{self.level}"], self.is_cached()
        self.pc, self.level = self.system[f"elr_el{self.level}"], state >> 2 & 3
        self.system["spsel"] = state & 1
        if was_cached and not self.is_cached():
            self.goes_off()

    def do_svc(self, *_):
        self.exception(self.level, 0x200 if self.system["spsel"] else 0, 0x15 << 26)

    def do_hvc(self, _, __, operands):
        self.exception(2, 0x400, 0x16 << 26 | 1 << 25 | self.value(operands[0]))
