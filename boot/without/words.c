/* SPDX-License-Identifier: BSD-2-Clause */
/* Without words: only records are printed, except the reason of a fatal error. */
#include "firmware/dt_tree.h"
#include "report/print.h"
#include "smmuv3/errata.h"
#include "smmuv3/smmuv3.h"

void print_set_level(enum print_level level)
{
	(void)level;
}

bool print_is_quiet(void)
{
	return true;
}

void print(const char *format, ...)
{
	(void)format;
}

void print_always(const char *format, ...)
{
	(void)format;
}

void print_debug(const char *format, ...)
{
	(void)format;
}

void description_warn(struct description *description, const char *where, const char *text)
{
	(void)description;
	(void)where;
	(void)text;
}

void description_warn_left_out(struct description *description)
{
	(void)description;
}

void description_note(struct description *description, const char *where, const char *text)
{
	(void)description;
	(void)where;
	(void)text;
}

void dt_warn(struct dt_reader *reader, const struct dt_node *node, const char *property, const char *text)
{
	(void)reader;
	(void)node;
	(void)property;
	(void)text;
}

const char *smmuv3_event_cause(unsigned int code)
{
	(void)code;
	return "this build has no words for it: IHI 0070, 7.3";
}

struct smmuv3_erratum_words smmuv3_erratum_words(uint32_t number)
{
	(void)number;
	return (struct smmuv3_erratum_words){NULL, NULL};
}
