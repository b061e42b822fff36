/* SPDX-License-Identifier: BSD-2-Clause */
/* Words for tables of cases. */
#ifndef CHECKS_CASE_H
#define CHECKS_CASE_H

#include <errno.h>
#include <stddef.h>

#include "findings.h"
#include "smmuv3/registers.h"

#define UNOWNED_SID 0x999U
#define OTHER_ADDRESS 0x00a55000U /* In no mapped or tried page, nor are its low 24 bits. */

/* A lie about a master's DMA, and what differs. */
#define LIE(title, master, moment, lies, differ, ...)                                                                  \
	{                                                                                                              \
		.name = (title), .lie = {{.of = (master), .when = (moment), lies}}, .differs = (differ), __VA_ARGS__   \
	}
#define COMMA ,
#define BYTES(what) .bytes = BYTES_##what
#define TOLD(what) .told = TOLD_##what
#define TOLD_WITH(what, value) .told = TOLD_##what, .operand = (value)

#endif
