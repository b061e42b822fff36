# SPDX-License-Identifier: BSD-2-Clause
"""Boot arguments and the end of a run without one of their checks."""

PROGRAMS = ("editor", "options", "fatal", "population", "tables", "uefi")
SANITIZED = True

ACPI_TABLES = "boot/acpi_tables.c"
FATAL = "boot/fatal.c"
OPTIONS = "boot/options/options.c"
OPTIONS_OF_A_RUN = "boot/options/run.c"
OPTION_SOAK = "boot/options/soak.c"
OPTION_ACPI = "boot/options/acpi.c"
OPTION_NEXT = "boot/options/next.c"
POPULATION = "boot/population.c"
TABLES = "boot/tables.c"
UEFI = "boot/uefi/application.c"

MUTANTS = [
    # --- The monitor's line editor. ---
    ("EDITOR_LINE_OF_ONE_MORE", "a line that is full", "test_editor", "boot/monitor/editor.c", "if (editor->length + 1 == EDITOR_LINE_SIZE) {", "if (editor->length == EDITOR_LINE_SIZE) {"),
    ("EDITOR_LEFT_OF_THE_START", "the line's start", "test_editor", "boot/monitor/editor.c", "\tif (editor->cursor) {\n\t\teditor->cursor--;", "\tif (editor->length) {\n\t\teditor->cursor--;"),
    ("EDITOR_TWO_LINES_FOR_CR_LF", "a line ends once", "test_editor", "boot/monitor/editor.c", "byte == '\\n' && after_return", "false"),
    ("EDITOR_NEWER_THAN_NEW", "what is typed is no line before", "test_editor", "boot/monitor/editor.c", "\t\tif (editor->back) {\n", "\t\tif (editor->back || editor->back--) {\n"),
    ("EDITOR_OLDER_THAN_THE_OLDEST", "as many lines as are kept", "test_editor", "boot/monitor/editor.c", "\tif (back > there) {", "\tif (back > there + 1) {"),
    ("EDITOR_ANY_BYTE", "a byte of no character", "test_editor", "boot/monitor/editor.c", "byte >= ' ' && byte <= '~'", "byte && byte != DELETE"),
    ("EDITOR_COMPLETES_TOO_MUCH", "what all words have in common", "test_editor", "boot/monitor/editor.c", "\t\tfound.common = same;\n", ""),
    ("EDITOR_LONG_SEQUENCES_ARE_KEYS", "a sequence with parameters", "test_editor", "boot/monitor/editor.c", "\tif (is_plain && byte && key) {", "\tif (byte && key) {"),
    # --- What is described. ---
    ("SMMUS_MAPPED_LAST", "SMMUs get their addresses before ECAMs", "test_tables", TABLES, "\tmap_smmus(&description->streams);\n\tfor", "\tfor"),
    ("DISABLED_SMMU_MAPPED", "a disabled SMMU is left alone", "test_tables", TABLES, "if (streams->smmu[i].enabled && ", "if ("),
    ("SMMU_WITHOUT_A_BASE_MAPPED", "an SMMU without a base", "test_tables", TABLES, "enabled && streams->smmu[i].has_base) {", "enabled) {"),
    ("PAGES_WITHOUT_ROOM_UNCOUNTED", "what is left out is counted", "test_tables", ACPI_TABLES, "\t\tdescription_leave_out(described, LIST_MEMORY);\n", ""),
    ("PAGES_WITHOUT_ROOM_UNTOLD", "what is left out is told", "test_tables", TABLES, "\tdescription_warn_left_out(&machine->description); /*", "\t/*"),
    # --- A UEFI that lies. ---
    ("WATCHDOG_LEFT_ON", "UEFI's watchdog", "test_uefi", UEFI, "\t(void)uefi.system->boot_services->set_watchdog_timer(0, 0, 0, NULL);\n", ""),
    ("SHORT_DESCRIPTORS", "UEFI's memory map", "test_uefi", UEFI, "uefi.descriptor_size >= sizeof(struct efi_memory_descriptor) &&", "uefi.descriptor_size &&"),
    ("UNALIGNED_DESCRIPTORS", "UEFI's memory map", "test_uefi", UEFI, "uefi.descriptor_size % sizeof(uint64_t) == 0 && ", ""),
    ("MAP_BEYOND_ITS_ROOM", "UEFI's memory map", "test_uefi", UEFI, " && uefi.map_size <= uefi.map_pages * EFI_PAGE", ""),
    ("WINDOWS_OF_ANY_OFFSET", "an address of a host's window", "test_uefi", "boot/uefi/windows.c", "segment == host->segment && has_offset(to, windows[k].to_cpu)", "segment == host->segment && (has_offset(to, 0) || true)"),
    ("EMPTY_RANGE", "UEFI's memory map", "test_uefi", UEFI, "return memory->number_of_pages && ", "return "),
    ("UNALIGNED_RANGE", "UEFI's memory map", "test_uefi", UEFI, "memory->physical_start % EFI_PAGE == 0 &&", "memory->physical_start &&"),
    ("RANGE_THAT_WRAPS", "UEFI's memory map", "test_uefi", UEFI, "(UINT64_MAX - memory->physical_start) / EFI_PAGE;", "UINT64_MAX / EFI_PAGE;"),
    ("RANGES_WITHOUT_ROOM_UNCOUNTED", "what is left out is counted", "test_uefi", UEFI, "\t\tdescription_leave_out(description, LIST_MEMORY);\n", "\t\t(void)memory;\n"),
    ("MAP_KEEPS_ITS_ROOM", "a start that is refused gives all back", "test_uefi", UEFI, "services->free_pages(uefi.map_at, uefi.map_pages)", "services->free_pages(uefi.map_at, 0)"),
    ("DEVICES_KEPT", "a start that is refused gives all back", "test_uefi", UEFI, "\tif (uefi_status != EFI_SUCCESS) {\n\t\tgive_devices_back();", "\tif (uefi_status != EFI_SUCCESS) {"),
    ("NO_TABLES_UNTOLD", "a UEFI without tables", "test_uefi", UEFI, "if (!rsdp && !tree) {", "if (!rsdp && !tree && uefi.map_size == 1) {"),
    ("FIRST_WORD_IS_A_NAME", "the words of a boot entry", "test_uefi", UEFI, "if (is_name(start + quote, length)) {", "if (is_name(start + quote, length) || length) {"),
    ("QUOTED_NAME_KEPT", "a name with spaces", "test_uefi", UEFI, "size_t quote = *start == '\"';", "size_t quote = 0;"),
    ("QUOTE_BEHIND_A_NAME_KEPT", "a name with spaces", "test_uefi", UEFI, " + (quote && start[quote + length]));", ");"),
    # --- The end of a run. ---
    ("FATAL_WITHOUT_END", "a fault inside the report of a fault", "test_fatal", FATAL, "if (begun < LINES_MAX) {", "if (begun) {"),
    ("FATAL_TRACES_AGAIN", "a fault inside the trace", "test_fatal", FATAL, "\tif (begun == 1 && is_linked(report_trace)) {", "\tif (begun && is_linked(report_trace)) {"),
    ("FATAL_COUNTS_AGAIN", "a fault inside the counts", "test_fatal", FATAL, "begun == 1 ? context : NULL", "context"),
    ("FATAL_SECOND_VERDICT", "one verdict", "test_fatal", FATAL, "\t\tbegun = LINES_MAX - 1;\n", ""),
    ("FATAL_WITHOUT_A_LINE", "a fault inside the report is told", "test_fatal", FATAL, "if (begun <= LINES_MAX) {", "if (begun + 1 < LINES_MAX) {"),
    ("FATAL_LINES_FOR_EVER", "a fault on the way out", "test_fatal", FATAL, "if (begun <= LINES_MAX) {", "if (begun) {"),
    ("FATAL_OF_TWO_CORES", "one core ends the run", "test_fatal", FATAL, "if (!print_take_over()) {", "if (!print_take_over() && !format) {"),
    ("FATAL_TICKS_OF_THE_MACHINE", "ticks count from reset", "test_fatal", FATAL, "arch_ticks() - boot_ticks_at_reset()", "arch_ticks() + boot_ticks_at_reset()"),
    # --- What is described becomes masters. ---
    ("REFUSED_MASTER_IGNORED", "an error that the caller drops", "test_population", POPULATION, "\tif (error) {\n\t\tmaster->iommu.reason", "\tif (!machine) {\n\t\tmaster->iommu.reason"),
    ("REFUSED_MASTER_IS_NO_FINDING", "what is wrong is listed at the end", "test_population", POPULATION, "\t\tfinding_add(\"not_added\", FINDING_WARNING, master->device.name, master->iommu.reason, NULL);\n", ""),
    ("EVERY_MASTER_IS_REFUSED", "the others go on", "test_population", POPULATION, "\tif (error) {\n\t\tmaster->iommu.reason", "\tif (error <= 0) {\n\t\tmaster->iommu.reason"),
    ("REGION_OVER_THE_IMAGES_LAST_PAGE", "a direct region keeps off the firmware", "test_population", POPULATION, "pages->base < boot_image_end()", "pages->base + pages->size < boot_image_end()"),
    ("REGION_BEHIND_THE_IMAGE_LEFT_OUT", "a region met exactly", "test_population", POPULATION, "pages->base < boot_image_end()", "pages->base <= boot_image_end()"),
    ("REGION_BEFORE_THE_IMAGE_LEFT_OUT", "a region met exactly", "test_population", POPULATION, "last >= boot_image_start()", "last + 1 >= boot_image_start()"),
    ("ADDRESSES_FOR_BRIDGES", "a number is a driven master's", "test_population", POPULATION, "(uint32_t)machine->dma_used / (MASTER_PAGES * PAGE_SIZE);", "machine->master_count;"),
    ("ONE_NUMBER_FOR_ALL", "each has addresses of its own", "test_population", POPULATION, "(uint32_t)machine->dma_used / (MASTER_PAGES * PAGE_SIZE);", "0;"),
    # --- Boot arguments. ---
    ("WHAT_WAS_CUT_OFF_IS_NO_WORD", "a reason that tells", "test_options", OPTIONS_OF_A_RUN, 'OPTION(cut, ARGUMENTS_CUT " stands for what was cut off", NULL, NULL);\n', ""),
    ("A_WORD_THAT_THERE_IS_UNTOLD", "an unknown word is told which there are", "test_options", OPTIONS, "\t\t\tlength += added;\n", ""),
    ("WHAT_WAS_CUT_OFF_IS_A_WORD_THERE_IS", "an unknown word is told which there are", "test_options", OPTIONS, "(option->parse || option->choose) && length", "length"),
    ("A_CHOICE_WITH_A_TAIL", "a value is one of the rule's", "test_options", OPTIONS, " && !value[length]) {", ") {"),
    ("OR_IS_A_CHOICE", "a value is what the rule lists, in its order", "test_options", OPTIONS, '\t\tlist += strncmp(list, "or ", 3) ? 0 : 3;\n', ""),
    ("NO_CHOICE_IS_THE_FIRST", "a word that is refused changes nothing", "test_options", OPTIONS, "\tif (which) {\n\t\toption->choose", "\tif (true) {\n\t\toption->choose"),
    ("ORDER_TWICE", "order= names each once", "test_options", OPTIONS_OF_A_RUN, " ||\n\t\t    options_is_in(order, count, number)) {", ") {"),
    ("ORDER_OF_ONE_THAT_CANNOT_BE", "order= met exactly", "test_options", OPTIONS_OF_A_RUN, "return *at != start && *number < DESCRIPTION_SMMUS_MAX;", "return *at != start && *number <= DESCRIPTION_SMMUS_MAX;"),
    ("ORDER_WITH_A_TAIL", "order= is numbers alone", "test_options", OPTIONS_OF_A_RUN, "\tif (at[-1]) {\n\t\treturn false;\n\t}\n", ""),
    ("ORDER_HALF_TAKEN", "a word that is refused changes nothing", "test_options", OPTIONS_OF_A_RUN, "\t\torder[count++] = number;\n", "\t\torder[count++] = number;\n\t\toptions->order_count = count;\n"),
    ("SOAK_OF_0_SECONDS", "soak= is 1 at least", "test_options", OPTIONS, "return *seconds && *seconds <= most", "return *seconds <= most"),
    ("SOAK_ONE_SECOND_TOO_LONG", "soak= met exactly", "test_options", OPTIONS, "*seconds <= most ?", "*seconds <= most + 1 ?"),
    ("SOAK_WITH_A_TAIL", "soak= is a number alone", "test_options", OPTION_SOAK, "if (!at || *at) {", "if (!at) {"),
    ("ACPI_OF_17_DIGITS", "acpi= met exactly", "test_options", OPTIONS, 'at + HEX_DIGITS_MAX + 2', 'at + HEX_DIGITS_MAX + 3'),
    ("ACPI_OF_15_DIGITS", "acpi= met exactly", "test_options", OPTIONS, 'at + HEX_DIGITS_MAX + 2', 'at + HEX_DIGITS_MAX + 1'),
    ("ACPI_WITHOUT_0X", "acpi= is hexadecimal", "test_options", OPTIONS, "at[0] != '0' || at[1] != 'x'", "at[0] != '0'"),
    ("ACPI_AT_0", "acpi=0x0 is refused", "test_options", OPTIONS, 'return *address ? at : NULL;', 'return at;'),
    ("ACPI_0_TAKES_THE_OTHER_AWAY", "a word that is refused changes nothing", "test_options", OPTION_ACPI, '\tif (!at || *at) {\n\t\treturn false;\n\t}\n\toptions->acpi = address;\n', '\toptions->acpi = address;\n\tif (!at || *at) {\n\t\treturn false;\n\t}\n'),
    ("LONG_WORD_TAKEN", "a word that is cut is refused", "test_options", OPTIONS, "\t\t\tword->cut = true;\n", ""),
    ("CUT_STAYS", "a flag that is never reset", "test_options", OPTIONS, "\tword->cut = false;\n", ""),
    ("WORD_OF_ONE_LESS", "a word met exactly", "test_options", OPTIONS, "length + 1 < OPTIONS_WORD_SIZE", "length + 2 < OPTIONS_WORD_SIZE"),
    ("QUOTES_KEPT", "quotes", "test_options", OPTIONS, "\t\t\tquoted = !quoted;\n", "\t\t\tquoted = true;\n"),
]
