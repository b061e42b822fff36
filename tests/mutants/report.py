# SPDX-License-Identifier: BSD-2-Clause
"""The report and the console without one of their checks: a record must stay one line of JSON, and reach the console whole."""

PROGRAMS = ("report", "console", "console_input", "rtt", "timeline")
SANITIZED = True

FINDING = "drivers/report/finding.c"
FORMAT = "drivers/report/format.c"
PRINT = "drivers/report/print.c"
RECORD = "drivers/report/record.c"
CONSOLE = "drivers/serial/console.c"
INPUT = "drivers/serial/console_input.c"
NS16550 = "drivers/serial/ns16550.c"
LPUART = "drivers/serial/lpuart.c"
PL011 = "drivers/serial/pl011.c"
RTT = "drivers/serial/rtt.c"
RTT_INPUT = "drivers/serial/rtt_input.c"

TIMELINE, NOTED = "boot/checks/timeline.c", "drivers/base/timeline.c"

MUTANTS = [
    # --- The time line. ---
    ("STEPS_OF_TWO_CORES", "a record is one core's", "test_timeline", TIMELINE, "run->first->core == entry->core && ", ""),
    ("STEPS_OF_TWO_KINDS", "a record is of one kind", "test_timeline", TIMELINE, " && run->first->kind == entry->kind &&", " &&"),
    ("STEPS_OVER_A_PAUSE", "a pause ends a record", "test_timeline", TIMELINE, "entry->ticks - run->last->ticks <= arch_tick_hz() / PAUSES_IN_A_SECOND &&", "true &&"),
    ("STEPS_OF_ANY_NUMBER_OF_NAMES", "a record fits", "test_timeline", TIMELINE, "(run->names < NAMES_MAX || run->last->name == entry->name)", "true"),
    ("STEPS_WITHOUT_ROOM_UNTOLD", "what is left out is counted", "test_timeline", TIMELINE, "\tif (count > kept) {", "\tif (count > kept && !kept) {"),
    ("STEPS_BEYOND_THE_ROOM", "a step has room or is counted", "test_timeline", NOTED, "\tif (number >= TIMELINE_CAPACITY) {", "\tif (number > TIMELINE_CAPACITY) {"),
    # --- Text. ---
    ("CONTROL_CHARACTERS_PRINTED", "no name begins a line", "test_report", FORMAT, "format_is_printable(text[i]) ? text[i] : '?'", "text[i]"),
    ("NEW_LINE_ALONE_REPLACED", "no name begins a line", "test_report", FORMAT, "return c >= ' ' && c <= '~';", "return c != '\\n';"),
    ("HIGH_BYTES_PRINTED", "no name begins a line", "test_report", FORMAT, "return c >= ' ' && c <= '~';", "return (unsigned char)c >= ' ';"),
    ("DELETE_PRINTED", "no name begins a line", "test_report", FORMAT, "return c >= ' ' && c <= '~';", "return c >= ' ' && c <= 0x7f;"),
    ("TERMINATED_BEHIND_THE_BUFFER", "text is terminated", "test_report", FORMAT, "sink.length < size ? sink.length : size - 1", "sink.length <= size ? sink.length : size - 1"),
    ("PADDING_OF_A_LEFT_ONE_DOUBLED", "width", "test_report", FORMAT, "i < padding && !conversion->left", "i < padding"),
    ("LONG_DIVISION_OF_32_BITS", "64-bit numbers", "test_report", FORMAT, "for (int shift = 48;", "for (int shift = 32;"),
    ("LOWEST_NUMBER_OVERFLOWS", "signed numbers", "test_report", FORMAT, "number < 0 ? 0 - (uint64_t)number : (uint64_t)number", "(uint64_t)(number < 0 ? -(int32_t)number : number)"),
    ("ZEROES_BEFORE_A_WORD", "padding", "test_report", FORMAT, "\t\tconversion->pad = ' ';\n", ""),
    ("CUT_FORMAT_READ_ON", "a format that ends in %", "test_report", FORMAT, "\t\tif (!*format) {\n\t\t\tbreak;\n\t\t}\n", ""),
    # --- Records. ---
    ("RECORD_OF_ONE_TOO_MANY", "a record that just fits", "test_report", RECORD, "if (record->length > RECORD_SIZE) {", "if (record->length > RECORD_SIZE + 1) {"),
    ("RECORD_THAT_FITS_IS_LOST", "a record that just fits", "test_report", RECORD, "if (record->length > RECORD_SIZE) {", "if (record->length >= RECORD_SIZE) {"),
    ("LOST_RECORD_CUT", "a record that is too long", "test_report", RECORD, "\t\trecord_print(lost, sizeof(lost) - 1);\n\t\treturn;\n", "\t\trecord->length = RECORD_SIZE;\n"),
    ("RECORD_WRITTEN_BEYOND", "a record that is too long", "test_report", RECORD, "if (record->length < RECORD_SIZE) {\n\t\trecord->text", "if (record->length <= RECORD_SIZE) {\n\t\trecord->text"),
    ("QUOTE_IS_PLAIN", "escapes", "test_report", RECORD, " && c != '\"' && c != '\\\\';", " && c != '\\\\';"),
    ("BACKSLASH_IS_PLAIN", "escapes", "test_report", RECORD, " && c != '\"' && c != '\\\\';", " && c != '\"';"),
    ("DELETE_IS_PLAIN", "control characters", "test_report", RECORD, "(unsigned char)c - 0x20U < 0x5fU", "(unsigned char)c - 0x20U < 0x60U"),
    ("HIGH_BYTES_ARE_PLAIN", "bytes from 0x80 on", "test_report", RECORD, "(unsigned char)c - 0x20U < 0x5fU", "(unsigned char)c - 0x20U < 0xe0U"),
    ("HIGH_BYTES_HAVE_A_SIGN", "bytes from 0x80 on", "test_report", RECORD, "(unsigned int)(unsigned char)c", "(unsigned int)c"),
    ("HIGH_BYTES_LOSE_A_BIT", "bytes from 0xc0 on", "test_report", RECORD, "(unsigned int)(unsigned char)c", "(unsigned int)(unsigned char)c & 0xbfU"),
    ("COMMA_AT_THE_START_OF_A_LIST", "commas", "test_report", RECORD, "\trecord_put(record, bracket);\n\trecord->first = true;", "\trecord_put(record, bracket);"),
    ("NO_COMMA_BEHIND_A_LIST", "commas", "test_report", RECORD, "\trecord_put(record, bracket);\n\trecord->first = false;", "\trecord_put(record, bracket);"),
    ("RECORD_KEEPS_ITS_LAST_LIFE", "a record used again", "test_report", RECORD, "\trecord->length = 0;\n", "\trecord->length %= RECORD_SIZE;\n"),
    # --- Lines. ---
    ("CUT_LINE_GOES_ON", "a line that is too long ends", "test_report", PRINT, "\t\tline[length - 1] = '\\n';\n", ""),
    ("CUT_LINE_ENDS_IN_A_NUL", "a line that is too long ends", "test_report", PRINT, "length = PRINT_LINE_SIZE - 1;\n\t\tline[length - 1]", "length = PRINT_LINE_SIZE;\n\t\tline[length - 2]"),
    ("LINE_OF_511_CUT", "a line that just fits", "test_report", PRINT, "if (length >= PRINT_LINE_SIZE) {", "if (length >= PRINT_LINE_SIZE - 1) {"),
    ("TAKEN_OVER_WITHOUT_WAITING", "a core that dies waits for the console", "test_report", PRINT, " && !deadline_passed(&deadline)) {", " && deadline_passed(&deadline)) {"),
    ("TAKEN_OVER_FOR_EVER_AND_AGAIN", "one core ends the run", "test_report", PRINT, "return word_load(&owner) == self;", "return true;"),
    ("OWNER_WAITS_FOR_THE_LOCK", "the dying core prints", "test_report", PRINT, "if (word_load(&owner) == arch_core() + 1) {", "if (!word_load(&owner)) {"),
    ("QUIET_HAS_LINES_ABOVE", "what is not listed", "test_report", FINDING, "print_is_quiet() ?", "!print_is_quiet() && number > FINDINGS_MAX ?"),
    ("QUIET_IS_NORMAL", "log=", "test_report", PRINT, "\twords_say(PRINT_NORMAL, format, arguments);", "\twords_say(PRINT_QUIET, format, arguments);"),
    ("DEBUG_IS_NORMAL", "log=", "test_report", PRINT, "\twords_say(PRINT_DEBUG, format, arguments);", "\twords_say(PRINT_NORMAL, format, arguments);"),
    # --- The console. ---
    ("REFUSED_UART_TAKEN", "the console before stays", "test_console", CONSOLE, "if (found.shift > SHIFT_MAX) {", "if (found.shift > SHIFT_MAX + 1) {"),
    ("UART_TAKEN_BEFORE_IT_IS_PROBED", "the console before stays", "test_console", CONSOLE, "\tif (!found.regs) {\n\t\treturn -ENOMEM;\n\t}\n", "\tuart = found;\n\tif (!found.regs) {\n\t\treturn -ENOMEM;\n\t}\n"),
    ("PL011_NOT_PROBED", "the console before stays", "test_console", CONSOLE, "\t\treturn -ENODEV;\n\t}\n\tfound.ops->init", "\t\t(void)found;\n\t}\n\tfound.ops->init"),
    ("LINE_FEED_ALONE", "lines end in CR LF", "test_console", CONSOLE, "console_send(\"\\r\\n\", 2);", "console_send(\"\\n\", 1);"),
    ("A_WAIT_FOR_EACH_BYTE", "a UART that takes nothing costs a wait a line", "test_console", CONSOLE, "\t\tcut = !sent;\n\t\tbytes += sent;\n\t\tsize -= sent;\n", "\t\tcut = false;\n\t\tbytes += sent ? sent : 1;\n\t\tsize -= sent ? sent : 1;\n"),
    ("A_CUT_LINE_CUTS_THE_NEXT", "a UART that takes bytes again", "test_console", CONSOLE, "\tcut = false;\n\tif (cut_lines ==", "\tif (cut_lines =="),
    ("CUT_LINES_ADD_UP", "64 lines in a row", "test_console", CONSOLE, "cut_lines = cut ? cut_lines + 1 : 0;", "cut_lines += cut;"),
    ("UART_NEVER_GIVEN_UP", "64 lines in a row", "test_console", CONSOLE, "\t\tuart.ops = NULL;\n\t\trtt_write", "\t\trtt_write"),
    ("GIVEN_UP_UNSAID", "memory is told", "test_console", CONSOLE, "\t\trtt_write(given_up, sizeof(given_up) - 1);\n", "\t\t(void)given_up;\n"),
    ("GENERIC_UART_SET_UP", "registers that an SBSA UART lacks", "test_console", PL011, "sbsa_ops = {.status = UARTFR, .init = pl011_leave,", "sbsa_ops = {.status = UARTFR, .init = pl011_init,"),
    ("GENERIC_UART_ASKED_FOR_ITS_LINE_CONTROL", "registers that an SBSA UART lacks", "test_console", PL011, "return uart->ops == &pl011_ops && arch_read32", "return arch_read32"),
    ("FIRST_LINE_ALONE", "several lines at once", "test_console", CONSOLE, "\t\ttext += length;\n\t\tsize -= length;\n\t}\n}", "\t\ttext += length;\n\t\tsize = end && 0 ? size : 0;\n\t}\n}"),
    ("MEMORY_CONSOLE_KEEPS_THE_UART", "console=rtt", "test_rtt", CONSOLE, "\tconsole_flush();\n\tuart.ops = NULL;\n", "\tconsole_flush();\n"),
    ("INTERRUPTS_OF_THE_16550_LEFT", "polled", "test_console", NS16550, "\tns16550_write(uart, IER, 0);\n", "\t(void)uart;\n"),
    ("BYTES_OF_A_16550_OF_WORDS", "width of registers", "test_console", CONSOLE, "found.shift >= WORD_SHIFT;", "found.shift > WORD_SHIFT;"),
    ("WIDTH_OF_A_16550_IGNORED", "reg-io-width", "test_console", CONSOLE, "console->reg_io_width ? ", "0 ? "),
    ("LPUART_LEFT_OFF", "a transmitter that is off", "test_console", LPUART, "control | CTRL_TE);", "control);"),
    ("SENT_INTO_A_FULL_16550", "the transmitter is waited for", "test_console", NS16550, "!(ns16550_status(uart) & LSR_THRE)", "!(ns16550_status(uart) & 0xffU)"),
    ("IDLE_BEFORE_THE_LAST_BYTE_LEFT", "flush", "test_console", NS16550, "return ns16550_status(uart) & LSR_TEMT;", "return ns16550_status(uart) & LSR_THRE;"),
    ("SET_UP_PL011_SET_UP_AGAIN", "a boot loader's settings stay", "test_console", PL011, "== (UARTCR_UARTEN | UARTCR_TXE)) {", "== UARTCR_UARTEN) {"),
    ("SENT_INTO_A_FULL_PL011", "the transmitter is waited for", "test_console", PL011, "if (flags & UARTFR_TXFF) {", "if (flags & BIT32(4)) {"),
    ("SIXTEEN_INTO_A_PL011_WITHOUT_FIFO", "an empty FIFO has 16 places", "test_console", PL011, "flags & UARTFR_TXFE && pl011_has_fifo(uart) ?", "flags & UARTFR_TXFE && (pl011_has_fifo(uart) || true) ?"),
    ("SIXTEEN_INTO_A_FIFO_THAT_HOLDS_SOME", "an empty FIFO has 16 places", "test_console", PL011, "return flags & UARTFR_TXFE && pl011_has_fifo", "return !(flags & UARTFR_TXFF) && pl011_has_fifo"),
    ("PL011_IDLE_WHILE_BUSY", "flush", "test_console", PL011, "return !(arch_read32(uart->regs + UARTFR) & UARTFR_BUSY);", "return !(arch_read32(uart->regs + UARTFR) & UARTFR_TXFF);"),
    # --- The console in memory. ---
    ("RING_FILLED_TO_ITS_LAST_BYTE", "full is not empty", "test_rtt", RTT, "ring->write_offset - 1) % RTT_BUFFER_SIZE", "ring->write_offset) % RTT_BUFFER_SIZE"),
    ("RING_WRAPS_A_BYTE_EARLY", "offsets wrap", "test_rtt", RTT, "at + count < RTT_BUFFER_SIZE ? at + count : 0", "at + count < RTT_BUFFER_SIZE - 1 ? at + count : 0"),
    ("KEYS_BEYOND_THE_RING", "a wild offset", "test_rtt", RTT_INPUT, "write >= RTT_INPUT_SIZE || ", ""),
    ("KEYS_FROM_BEYOND_THE_RING", "a wild offset", "test_rtt", RTT_INPUT, "read >= RTT_INPUT_SIZE || ", ""),
    ("KEYS_WITHOUT_A_NAME", "nothing is typed before", "test_rtt", RTT_INPUT, "_SEGGER_RTT.block.id[0] != 'S' || ", ""),
    ("KEYS_WRAP_A_BYTE_LATE", "what is typed wraps", "test_rtt", RTT_INPUT, "read + 1 < RTT_INPUT_SIZE ? read + 1 : 0", "read + 1"),
    ("OFFSET_BEFORE_THE_BYTES", "bytes before their offset", "test_rtt", RTT, "\tarch_dma_wmb();\n\tring->write_offset", "\tring->write_offset"),
    ("NEW_TIME_FOR_NO_READER", "a reader that reads has its time anew", "test_rtt", RTT, "\t\t\tdeadline = deadline_in_us(READER_US);\n", ""),
    ("RING_POINTERS_CUT", "a ring above 4 GiB is not found", "test_rtt", RTT, 'rtt_address() >> 32 ? "64" : "RTT"', '"RTT"'),
    ("NAME_BEFORE_THE_RING", "debuggers look for the name", "test_rtt", RTT, "\tarch_dma_wmb();\n\tfor (unsigned int i = 7;", "\tfor (unsigned int i = 7;"),
    # --- What is typed. ---
    ("NOTHING_IS_A_KEY", "registers that are not there", "test_console_input", INPUT, "return byte > 0 ? byte : rtt_read();", "return byte >= 0 ? byte : rtt_read();"),
    ("PL011_ERRORS_ARE_KEYS", "a byte with an error", "test_console_input", INPUT, "value & UARTDR_ERRORS ? -1", "value & 0 ? -1"),
    ("16550_ERRORS_ARE_KEYS", "a byte with an error", "test_console_input", INPUT, "status & LSR_ERRORS ? -1", "status & 0 ? -1"),
    ("LPUART_ERRORS_ARE_KEYS", "a byte with an error", "test_console_input", INPUT, "value & (DATA_RXEMPT | DATA_ERRORS) ? -1", "value & DATA_RXEMPT ? -1"),
]
