/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SERIAL_CONSOLE_DESCRIPTION_H
#define SERIAL_CONSOLE_DESCRIPTION_H

#include <stdint.h>

enum console_kind { CONSOLE_NONE, CONSOLE_PL011, CONSOLE_16550, CONSOLE_SBSA, CONSOLE_LPUART };

struct console_description {
	enum console_kind kind;
	uint64_t base;
	uint32_t reg_shift;    /* 16550: registers are 1 << reg_shift bytes apart. */
	uint32_t reg_io_width; /* 16550: bytes of an access, 1 or 4; 0: 4 where registers are that far apart. */
};

#endif
