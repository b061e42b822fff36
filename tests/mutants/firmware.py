# SPDX-License-Identifier: BSD-2-Clause
"""The readers of device trees and ACPI tables without one of their checks."""

PROGRAMS = ("dt", "iort", "acpi", "acpi_machine", "findings", "fw_cfg")
SANITIZED = True

FIRMWARE = "drivers/firmware/"
ADDRESS = FIRMWARE + "dt_address.c"
ACPI = FIRMWARE + "acpi.c"
CHECK = FIRMWARE + "dt_check.c"
CLEAR = FIRMWARE + "clear.c"
DESCRIPTION = FIRMWARE + "description.c"
DT_MACHINE = FIRMWARE + "dt_machine.c"
ENTRIES = FIRMWARE + "dt_entries.c"
DIRECT = FIRMWARE + "dt_direct.c"
HOSTS = FIRMWARE + "dt_hosts.c"
IORT = FIRMWARE + "iort.c"
MAP = FIRMWARE + "dt_map.c"
NAMES = FIRMWARE + "names.c"
STREAMS = FIRMWARE + "dt_streams.c"
TREE = FIRMWARE + "dt_tree.c"
WARNINGS = FIRMWARE + "warnings.c"
JSON = "tools/inspect/json_text.c"
FW_CFG = FIRMWARE + "fw_cfg.c"
CLAIM = "drivers/findings/claim.c"
COMPONENTS = "drivers/findings/judge_components.c"
RMR = "drivers/findings/judge_rmr.c"
PMCG = "drivers/findings/judge_pmcg.c"
TRAITS = "drivers/findings/iort_traits.c"
PEOPLE = "tools/inspect/people.c"

MUTANTS = [
    # --- Cells. ---
    ("SIZE_CELLS_OF_THE_BUS_ALONE", "inherited cell counts", "test_dt", ADDRESS, "while (depth >= 0 && !dt_u32(node->fdt, node->chain[depth], \"#size-cells\", cells)) {\n\t\tdepth--;\n\t}", "(void)dt_u32(node->fdt, node->chain[depth], \"#size-cells\", cells);"),
    ("SIZE_CELLS_OF_THE_ROOT_MISSED", "inherited cell counts", "test_dt", ADDRESS, "while (depth >= 0 && !dt_u32(node->fdt, node->chain[depth], \"#size-cells\", cells)) {", "while (depth > 0 && !dt_u32(node->fdt, node->chain[depth], \"#size-cells\", cells)) {"),
    ("SIZE_CELLS_DEFAULT_2", "inherited cell counts", "test_dt", ADDRESS, "#define SIZE_CELLS_DEFAULT 1U", "#define SIZE_CELLS_DEFAULT 2U"),
    ("ADDRESS_CELLS_OF_4_REFUSED", "cells met exactly", "test_dt", ADDRESS, "*cells <= ADDRESS_CELLS_MAX;", "*cells < ADDRESS_CELLS_MAX;"),
    ("RANGE_OF_ITS_END", "a range ends before its end", "test_dt", ADDRESS, "|| offset >= size) {", "|| offset > size) {"),
    ("RANGE_OF_OTHER_FLAGS", "flags of an address", "test_dt", ADDRESS, "address->flags != from.flags || address->number", "address->number"),
    ("RANGE_CUT_OFF_READ", "the last entry cut off", "test_dt", ADDRESS, "for (uint32_t at = 0; at + entry <= ranges.count; at += entry) {\n\t\tif (through_range", "for (uint32_t at = 0; at < ranges.count; at += entry) {\n\t\tif (through_range"),
    ("FIRST_REG_FOR_ALL", "reg by its index", "test_dt", ADDRESS, "at = index * (cells.address + cells.size);", "at = index * cells.address;"),
    ("REG_THAT_WRAPS", "an address ends nowhere", "test_dt", ADDRESS, "return range->size == 0 || range->base + (range->size - 1) >= range->base;", "return true;"),
    ("GENERIC_UART_AS_PL011", "registers that an SBSA UART lacks", "test_dt", DT_MACHINE, '"arm,sbsa-uart", CONSOLE_SBSA', '"arm,sbsa-uart", CONSOLE_PL011'),
    ("PSCI_0_1_BY_STANDARD_NUMBERS", "function numbers of the tree", "test_dt", DT_MACHINE, "\t\tpsci->is_0_1 = true;\n", ""),
    ("PSCI_0_2_BY_NUMBERS", "DEN0022's numbers", "test_dt", DT_MACHINE, 'if (!dt_compatible(node, "arm,psci-1.0") && !dt_compatible(node, "arm,psci-0.2")) {', 'if (!dt_compatible(node, "arm,psci-1.0")) {'),
    ("PSCI_FUNCTION_0_LACKING", "0 is a number, too", "test_dt", DT_MACHINE, "uint32_t number = PSCI_NO_FUNCTION;", "uint32_t number = 0;"),
    ("A_DEAD_KERNELS_MEMORY_BEFORE", "usable memory alone", "test_dt", DT_MACHINE, "\t\tdescription->memory_count = 0;\n", ""),
    ("A_DEAD_KERNELS_MEMORY_BEHIND", "usable memory alone", "test_dt", DT_MACHINE, "\t\treader->is_crash_kernels = true;\n", ""),
    ("A_DEAD_KERNELS_HEADERS_FREE", "the dump's headers", "test_dt", DT_MACHINE, "if (dt_has(chosen, core)) {", "if (!chosen) {"),
    # --- The blob. ---
    ("SECOND_ROOT", "one root", "test_dt", CHECK, "if (walk->depth == 0 && walk->had_subnode) {", "if (walk->depth == 1 && !walk->block) {"),
    ("PROPERTY_BEHIND_A_NODE", "properties come first", "test_dt", CHECK, "if (walk->depth == 0 || walk->had_subnode) {", "if (walk->depth == 0) {"),
    ("NAME_BEYOND_THE_STRINGS", "names end in their block", "test_dt", CHECK, "get_be32(property + DT_PROP_NAME) >= walk->names_size", "false"),
    ("NAME_WITHOUT_AN_END", "names end in their block", "test_dt", CHECK, "while (walk.names_size && names[walk.names_size - 1]) {", "while (!names) {"),
    ("BLOCKS_OVERLAP", "two blocks at one place", "test_dt", CHECK, " &&\n\t       !dt_check_overlap(structure, size, strings, strings_size);", ";"),
    ("VERSION_15_READ", "versions", "test_dt", CHECK, "return version >= DT_VERSION - 1 && last_compatible", "return version >= DT_VERSION - 2 && last_compatible"),
    ("VERSION_16_OF_A_SIZE", "version 16 has no size of its structure", "test_dt", CHECK, "if (dt_header(dtb, DT_HEADER_VERSION) >= DT_VERSION) {", "if (dt_header(dtb, DT_HEADER_VERSION) >= DT_VERSION - 1) {"),
    ("RESERVATIONS_WITHOUT_END", "their list ends", "test_dt", CHECK, "\treturn false;\n}\n\nstatic bool is_version_read", "\treturn true;\n}\n\nstatic bool is_version_read"),
    ("TREE_DEPTH_ONE_LESS", "depth met exactly", "test_dt", TREE, "\t} while (depth >= DT_DEPTH_MAX);", "\t} while (depth >= DT_DEPTH_MAX - 1);"),
    ("TOO_DEEP_NOT_TOLD", "depth met exactly", "test_dt", TREE, "\t\tif (depth >= DT_DEPTH_MAX) {\n\t\t\treturn true;", "\t\tif (depth > DT_DEPTH_MAX) {\n\t\t\treturn true;"),
    ("STATUS_OF_THE_NODE_ALONE", "a disabled bus", "test_dt", TREE, "for (int depth = 0; depth <= node->depth; depth++) {\n\t\tif (!status", "for (int depth = node->depth; depth <= node->depth; depth++) {\n\t\tif (!status"),
    # --- Hosts and maps. ---
    ("BUSES_BEYOND_THE_ECAM", "bus-range met exactly", "test_dt", HOSTS, "if (held < last - first + 1) {", "if (held < last - first) {"),
    ("BUSES_THAT_JUST_FIT_CUT", "bus-range met exactly", "test_dt", HOSTS, "if (held < last - first + 1) {", "if (held <= last - first + 1) {"),
    ("WINDOW_AT_4_GIB", "32-bit windows end at 4 GiB", "test_dt", HOSTS, "window->size > SPACE_4_GIB - window->pci_base)", "window->size > SPACE_4_GIB)"),
    ("WINDOW_THAT_JUST_FITS_REFUSED", "32-bit windows end at 4 GiB", "test_dt", HOSTS, "window->size > SPACE_4_GIB - window->pci_base)", "window->size >= SPACE_4_GIB - window->pci_base)"),
    ("WINDOW_ONE_TOO_FEW", "every window is listed", "test_dt", HOSTS, "if (window == DESCRIPTION_HOST_WINDOWS_MAX) {", "if (window == DESCRIPTION_HOST_WINDOWS_MAX - 1) {"),
    ("WINDOW_OF_32_BITS_PREFETCHABLE", "memory32 is not prefetchable", "test_dt", HOSTS, "(*prefetchable32 && !prefetchable))", "(*prefetchable32 && prefetchable))"),
    ("HOST_TOO_MANY", "the list of hosts met exactly", "test_dt", HOSTS, "if (description->host_count == DESCRIPTION_HOSTS_MAX) {", "if (description->host_count == DESCRIPTION_HOSTS_MAX - 1) {"),
    ("DESIGNWARE_WITHOUT_DBI", "a host has all that its driver needs", "test_dt", HOSTS, "\treturn unknown->dbi.size;", "\treturn true;"),
    ("DESIGNWARE_WITHOUT_CONFIG", "a host has all that its driver needs", "test_dt", HOSTS, "if (!unknown->config.size || !has_pci_cells", "if (!has_pci_cells"),
    ("DESIGNWARE_FIRST_REG", "registers by their names", "test_dt", HOSTS, "dt_reg(node, (uint32_t)index, &range)", "dt_reg(node, 0, &range)"),
    ("DESIGNWARE_FIRST_NAME_MISSED", "registers by their names", "test_dt", HOSTS, "return index >= 0 && dt_reg(", "return index > 0 && dt_reg("),
    ("DESIGNWARE_WITHOUT_ATU", "where the unit is described", "test_dt", HOSTS, '\tunknown->atu = named_range(node, "atu");\n', ""),
    ("DESIGNWARE_WITHOUT_ATU_DMA", "where the unit is described", "test_dt", HOSTS, "\t\tunknown->atu = named_range(node, \"atu_dma\");\n", ""),
    ("DESIGNWARE_WITHOUT_WINDOWS", "windows of a host without ECAM", "test_dt", HOSTS, "\t\tdt_host_read_ranges(reader, node, &unknown->host);\n", "\t\t(void)reader;\n"),
    ("DESIGNWARE_BUSES_AS_OF_AN_ECAM", "buses that no ECAM bounds", "test_dt", HOSTS, "&unknown->host, BUS_MAX + 1)", "&unknown->host, 8)"),
    ("DESIGNWARE_CELLS", "cells of PCI", "test_dt", HOSTS, "if (!unknown->config.size || !has_pci_cells(node) ||", "if (!unknown->config.size ||"),
    ("DESIGNWARE_NOT_LISTED", "a host without ECAM is named", "test_dt", HOSTS, "\t\tdescription->unknown_host[description->unknown_host_count++] = unknown;\n", ""),
    ("HOSTS_OF_BOTH_KINDS_UNTOLD", "linux,pci-domain on some hosts", "test_dt", STREAMS, "|= dt_has(host, \"linux,pci-domain\") ? HOSTS_WITH_DOMAIN : HOSTS_WITHOUT;", "|= HOSTS_WITHOUT;"),
    ("DISABLED_HOST_IS_OF_A_KIND", "linux,pci-domain on some hosts", "test_dt", STREAMS, "if (is_host && dt_enabled(&node)) {", "if (is_host) {"),
    ("LAST_ENTRY_WINS", "the first entry wins", "test_dt", ENTRIES, "*last = entry->last < *last ? entry->last : *last;", "*last = entry->last;"),
    ("MASKED_BASE_TAKEN", "a base outside the mask", "test_dt", MAP, "if (entry->first & ~map->mask) {", "if (entry->first & ~map->mask & ~STREAM_NO_MASK) {"),
    ("MAP_CUT_ONE_TOO_LATE", "the last 32-bit ID", "test_dt", MAP, "length = 1 + (INPUT_MAX -", "length = 2 + (INPUT_MAX -"),
    # --- What is kept. ---
    ("DIRECT_TOO_MANY", "the list of regions met exactly", "test_dt", DESCRIPTION, "if (streams->direct_count == DESCRIPTION_DIRECTS_MAX) {", "if (streams->direct_count == DESCRIPTION_DIRECTS_MAX - 1) {"),
    ("NAME_THAT_JUST_FITS_LOST", "names met exactly", "test_dt", NAMES, "if (description->names_used + size > description->names_room) {", "if (description->names_used + size >= description->names_room) {"),
    ("NAME_WITHOUT_ITS_END", "names met exactly", "test_dt", NAMES, "if (description->names_used + size > description->names_room) {", "if (description->names_used + size - 1 > description->names_room) {"),
    ("STREAMS_KEEP_THEIR_LAST_LIFE", "a description used again", "test_dt", CLEAR, "\tmemset(&description->streams, 0, sizeof(description->streams));", "\tdescription->streams.smmu_count = 0;"),
    ("WARNING_TOO_MANY", "the list of warnings met exactly", "test_dt", WARNINGS, "if (description->warning_count >= room) {", "if (description->warning_count >= room - 1) {"),
    ("LEFT_OUT_TOLD_AGAIN", "what is left out is told once", "test_dt", WARNINGS, "description->left_out[list] = 0;", ""),
    ("LEFT_OUT_FINDS_NO_ROOM", "room to tell what is left out", "test_dt", WARNINGS, "warnings_add(description, name, text.chars, DESCRIPTION_WARNINGS_MAX + LISTS);", "description_warn(description, name, text.chars);"),
    ("LEFT_OUT_FINDS_NO_NAME", "room to tell what is left out", "test_dt", WARNINGS, "\tdescription->names_room = sizeof(description->names);\n", ""),
    ("ROOM_IS_NOT_KEPT_AGAIN", "room to tell what is left out", "test_dt", WARNINGS, "\tdescription->names_room = DESCRIPTION_NAMES_SIZE;\n", ""),
    ("WINDOW_HOLDS_ONE_MORE", "a window ends at its last input", "test_dt", DESCRIPTION, "input <= window->input_last;", "input <= window->input_last + 1;"),
    # --- ACPI. ---
    ("RSDP_CHECKSUM_OF_ITS_FIRST_HALF", "the extended checksum", "test_acpi", ACPI, "if (sum_bytes(rsdp, RSDP_SIZE_V2) != 0) {", "if (sum_bytes(rsdp, RSDP_SIZE_V1) != 0) {"),
    ("LAST_TABLE_NOT_FOUND", "the last entry of the root table", "test_acpi", ACPI, "root->length - at >= entry_size; at", "root->length - at > entry_size; at"),
    ("TABLE_SHORTER_THAN_ITS_HEADER", "a table's length", "test_acpi", ACPI, "if (table->length < TABLE_HEADER_SIZE) {", "if (!table->length) {"),
    ("SECOND_REG_MAPPED", "the first reg of a region", "tests/inspect/linux.t", DIRECT, "return is_place(node, 0, region);", "return is_place(node, 0, region) || is_place(node, 1, region);"),
    ("REGION_WITHOUT_RANGES_READ", "a region without an address", "tests/inspect/linux.t", DIRECT, "if (dt_has(node, \"reg\") && !dt_reg(node, 0, &range)) {", "if (!node->depth && !dt_reg(node, 0, &range)) {"),
    ("REGION_OF_A_DISABLED_DEVICE", "a region of a disabled device", "tests/inspect/linux.t", DIRECT, "if (dt_enabled(&device)) {", "if (device.depth) {"),
    ("DMA_RANGES_OF_THE_BUS_ABOVE", "dma-ranges of DMA parents", "tests/inspect/linux.t", DIRECT, "\treturn dt_dma_parent(reader, bus);", "\treturn --bus->depth >= 0;"),
    ("DMA_RANGES_OF_ONE_BUS", "dma-ranges of DMA parents", "tests/inspect/linux.t", ADDRESS, "i < DT_DMA_PARENTS_MAX && dt_dma_parent(reader, &above); i++) {", "i < 1 && dt_dma_parent(reader, &above); i++) {"),
    ("FUNCTION_OF_ITS_PORT", "a function behind a port", "test_dt", DIRECT, "while (--host.depth > 0) {", "if (--host.depth > 0) {"),
    ("RMR_OF_4_KIB_PAGES", "whole 64 KiB", "tests/inspect/rmr.t", RMR, "#define RANGE_ALIGNMENT 0x10000U", "#define RANGE_ALIGNMENT 0x1000U"),
    ("RMR_LENGTH_UNLOOKED_AT", "whole 64 KiB", "tests/inspect/rmr.t", RMR, "(region->base | region->size) %", "region->base %"),
    ("RMR_THAT_TOUCHES_OVERLAPS", "ranges that overlap", "tests/inspect/rmr.t", RMR, "region->base > last_of(other)", "region->base > last_of(other) + 1"),
    ("RMR_SHARED_OVERLAPS", "one range of two nodes", "tests/inspect/rmr.t", RMR, "return a->name != b->name && a->base", "return a->name == b->name && a->base"),
    ("RMR_OF_NO_MASTER_UNTOLD", "streams of no master", "tests/inspect/rmr.t", RMR, "if (direct->master == direct->where) {", "if (!direct->master) {"),
    ("PMCG_ON_PAGE_1_AT_HOME", "counters over registers", "tests/inspect/rmr.t", PMCG, "{0, 0x8000, 0x10000}", "{0, 0x8000}"),
    ("PMCG_IN_ANY_SMMU_AT_HOME", "counters of another SMMU", "tests/inspect/rmr.t", PMCG, "if (pmcg->reference != smmu->handle && counts_what_can_be(pmcg)) {", "if (!pmcg->name) {"),
    ("PMCG_BY_MSI_HAS_NONE", "an interrupt of counters", "tests/inspect/rmr.t", PMCG, "if (!pmcg->gsiv && !pmcg->has_mapping) {", "if (!pmcg->gsiv) {"),
    ("PMCG_OF_REVISION_0_HAS_TWO_PAGES", "page 1 of counters", "tests/inspect/rmr.t", TRAITS, "if (node->revision > 0 && node->length >= PMCG_SIZE_1) {", "if (node->length >= PMCG_SIZE_1) {"),
    ("MASK_OF_A_CLAIM_FORGOTTEN", "streams that a mask lets through", "tests/inspect/linux.t", CLAIM, "uint32_t outside = input & ~claim->mask;", "uint32_t outside = 0 & input;"),
    ("HOLES_PASSED_TOO_FAR", "streams that a mask lets through", "tests/inspect/linux.t", CLAIM, "UINT32_MAX >> __builtin_clz(outside)", "UINT32_MAX >> (__builtin_clz(outside) - 1)"),
    ("COMPONENT_READ_TO_ITS_END", "where Linux stops", "tests/inspect/components.t", TRAITS, "stopped = stopped || !taken;", "stopped = !taken && i == 0;"),
    ("COMPONENT_OF_MSIS_TAKEN", "where Linux stops", "tests/inspect/components.t", TRAITS, "target.type != NODE_TYPE_ITS_GROUP;", "target.length;"),
    ("DISABLED_MASTERS_SMMU_COUNTS", "two SMMUs of one master", "tests/inspect/components.t", COMPONENTS, "if (first->smmu != fixed->smmu) {", "if (!first->smmu) {"),
    ("LOADER_COMMAND_STOPS_IT", "later commands of the loader", "test_fw_cfg", FW_CFG, "return NULL; /* Later", "return \"table loader: no script\"; /* Later"),
    ("CONSOLE_BY_ITS_BIT_WIDTH", "registers by their access", "test_acpi_machine", FIRMWARE + "acpi_machine.c", "#define SPCR_ACCESS 43U", "#define SPCR_ACCESS 41U"),
    ("TABLE_OF_WRONG_CHECKSUM", "a table's checksum", "test_acpi", ACPI, "if (sum_bytes(table->bytes, table->length) != 0) {", "if (!table->bytes) {"),
    ("WRONG_CHECKSUM_OF_THE_ROOT_UNTOLD", "a table's checksum", "test_acpi", ACPI, "\ttable->doubt = entries.doubt;\n", ""),
    ("MAPPINGS_OF_THE_NEXT_NODE", "mappings within their node", "test_iort", IORT, "if (node->mapping_count > room) {", "if (node->mapping_count > room + 1) {"),
    ("OWN_MAPPING_IS_ANYBODYS", "an SMMU's own mapping", "tests/inspect/msi.t", IORT, "if (i == own || (mapping.single", "if ((mapping.single"),
    ("FIRST_REFERENCE_MISSING_READ_ON", "a first mapping without reference", "tests/inspect/msi.t", IORT, "if (node->mapping_count && !read_mapping(iort, node, 0).reference) {", "if (node->mapping_count == MAPPING_SIZE * 4096U) {"),
    ("SPI_1019_REFUSED", "a GSIV that a GIC has", "test_iort", IORT, "gsiv - 16 < 1004", "gsiv - 16 < 1003"),
    ("EXTENDED_SPI_REFUSED", "a GSIV that a GIC has", "test_iort", IORT, " || gsiv - 4096 < 1024;", ";"),
    ("REGION_TRIMMED_LIKE_A_COMPONENT", "streams of an RMR", "test_iort", IORT, "if (!master->regions) {\n\t\trun.input_last", "if (master->node) {\n\t\trun.input_last"),
    ("REGION_OF_NO_STREAM_UNTOLD", "streams of an RMR", "test_iort", IORT, "iort_leave_out(iort, node, \"memory ranges without an ID mapping\");", ""),
    ("ALL_IDS_WRAP", "IDs that no function emits", "test_iort", IORT, "(run.constant || run_last(&run) < run.id)) {", "run.constant) {"),
    ("CHECKSUM_OFF_BY_ITS_SIGN", "a table's checksum", "test_iort", IORT, "(uint8_t)(said - sum)", "(uint8_t)(said + sum)"),
    # --- JSON of smmu-inspect. ---
    ("PEOPLE_PRINT_CONTROL_CHARACTERS", "no name forges a line", "tests/inspect/cli.t", PEOPLE, "if (c < 0x80 && isprint(c)) {", "if (c < 0x80) {"),
    ("PEOPLE_PRINT_HIGH_BYTES", "bytes from 0x80 on", "tests/inspect/cli.t", PEOPLE, "if (c < 0x80 && isprint(c)) {", "if (c >= 0x80 || isprint(c)) {"),
    ("PEOPLE_PRINT_A_MASTER_AS_IT_IS", "no name forges a line", "tests/inspect/cli.t", PEOPLE, "\tpeople_print_text(master);\n", "\tprintf(\"%s\", master);\n"),
    ("JSON_ONE_LEAD_BYTE", "bytes above 0xbf in JSON", "tests/inspect/cli.t", JSON, "(char)(0xc0 | c >> 6)", "(char)0xc2"),
    ("JSON_RAW_BYTES", "bytes from 0x80 on in JSON", "tests/inspect/cli.t", JSON, "if (c >= 0x80) {", "if (c > 0xff - 1) {"),
    ("JSON_LAST_SIX_BITS", "bytes above 0xbf in JSON", "tests/inspect/cli.t", JSON, "(unsigned char)(0x80 | (c & 0x3f))", "(unsigned char)(0x80 | (c & 0x1f))"),
]
