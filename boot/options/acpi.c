/* SPDX-License-Identifier: BSD-2-Clause */
#include "options/option.h"

static bool acpi_parse(struct options *options, const char *at)
{
	uint64_t address;

	at = options_parse_address(at, &address);
	if (!at || *at) {
		return false;
	}
	options->acpi = address;
	return true;
}

OPTION(acpi, "acpi= takes an address in hexadecimal, not 0, as 0x48000000", acpi_parse, NULL);
