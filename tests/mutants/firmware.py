# SPDX-License-Identifier: BSD-2-Clause
"""The reader of device trees without one of their checks."""

PROGRAMS = ("dt",)
SANITIZED = True

ADDRESS = "drivers/firmware/dt_address.c"
DT_MACHINE = "drivers/firmware/dt_machine.c"

MUTANTS = [
    # --- Cells. ---
    ("SIZE_CELLS_OF_THE_ROOT_MISSED", "inherited cell counts", "test_dt", ADDRESS, "while (depth >= 0 && !dt_u32(node->fdt, node->chain[depth], \"#size-cells\", cells)) {", "while (depth > 0 && !dt_u32(node->fdt, node->chain[depth], \"#size-cells\", cells)) {"),
    ("RANGE_OF_ITS_END", "a range ends before its end", "test_dt", ADDRESS, "|| offset >= size) {", "|| offset > size) {"),
    ("RANGE_OF_OTHER_FLAGS", "flags of an address", "test_dt", ADDRESS, "address->flags != from.flags || address->number", "address->number"),
    ("FIRST_REG_FOR_ALL", "reg by its index", "test_dt", ADDRESS, "at = index * (cells.address + cells.size);", "at = index * cells.address;"),
    ("REG_THAT_WRAPS", "an address ends nowhere", "test_dt", ADDRESS, "return range->size == 0 || range->base + (range->size - 1) >= range->base;", "return true;"),
    ("GENERIC_UART_AS_PL011", "registers that an SBSA UART lacks", "test_dt", DT_MACHINE, '"arm,sbsa-uart", CONSOLE_SBSA', '"arm,sbsa-uart", CONSOLE_PL011'),
]
