/* SPDX-License-Identifier: BSD-2-Clause */
/* A boot argument registers itself by being linked, beside the feature that it is for (mk/features.mk). */
#ifndef OPTIONS_OPTION_H
#define OPTIONS_OPTION_H

#include "base/feature.h"
#include "options/options.h"

/* A word with `parse` or `choose`; without, it is never obeyed, and the rule says why. */
struct option {
	const char *rule; /* Its key; with a choice also " takes " and the values. Printed for a wrong value. */
	bool (*parse)(struct options *options, const char *value);
	void (*choose)(struct options *options, unsigned int which); /* From 1 on, in the order of the rule. */
};

/* At the end of its file, or behind its functions. */
#define OPTION(name, ...)                                                                                              \
	extern const struct option name##_option;                                                                      \
	const struct option name##_option LISTED("options") = {__VA_ARGS__}

extern const struct option __start_options[] __attribute__((weak));
extern const struct option __stop_options[] __attribute__((weak));

/* "0x48000000", not 0. Returns the text after it, or NULL. */
const char *options_parse_address(const char *at, uint64_t *address);

/* "60", from 1 to `most`. Returns the text after it, or NULL. */
const char *options_parse_seconds(const char *at, uint32_t most, uint32_t *seconds);

#endif
