/* SPDX-License-Identifier: BSD-2-Clause */
/* What all of it uses: memory, codes, text. */
#include <string.h>

#include "explain/private.h"

#define DWORDS_MAX 8U

static uint64_t little_endian(const uint8_t *bytes)
{
	uint64_t dword = 0;

	for (unsigned int i = 8; i-- > 0;) {
		dword = dword << 8 | bytes[i];
	}
	return dword;
}

uint64_t explain_swapped(uint64_t dword)
{
	uint8_t bytes[8];

	for (unsigned int i = 0; i < 8; i++) {
		bytes[7 - i] = (uint8_t)(dword >> (8 * i));
	}
	return little_endian(bytes);
}

bool explain_read_dwords(const struct explain_smmu *smmu, uint64_t address, uint64_t *dwords, unsigned int count)
{
	uint8_t bytes[DWORDS_MAX * 8];

	memset(dwords, 0, count * sizeof(*dwords));
	/* An SMMU cannot reach beyond its address size (3.4.3). */
	if (address > low_bits(smmu->output_bits) ||
	    !smmu->target.read_memory(smmu->target.context, address, bytes, count * sizeof(*dwords))) {
		return false;
	}
	for (unsigned int i = 0; i < count; i++) {
		dwords[i] = little_endian(&bytes[8 * i]);
	}
	return true;
}

unsigned int explain_address_bits_of(const struct explain_smmu *smmu, unsigned int code)
{
	static const uint8_t bits[] = {32, 36, 40, 42, 44, 48, 52, 52};

	return smmu->minor == 0 && code > 5 ? 48 : bits[code & 7];
}

unsigned int explain_granule_of_tg0(unsigned int tg)
{
	static const uint8_t bits[] = {12, 16, 14, 0};

	return bits[tg & 3];
}

unsigned int explain_granule_of_tg1(unsigned int tg)
{
	static const uint8_t bits[] = {0, 14, 12, 16};

	return bits[tg & 3];
}

bool explain_has_granule(const struct explain_smmu *smmu, unsigned int granule_bits)
{
	switch (granule_bits) {
	case 12:
		return IDR(smmu, 5, GRAN4K);
	case 14:
		return IDR(smmu, 5, GRAN16K);
	case 16:
		return IDR(smmu, 5, GRAN64K);
	default:
		return false;
	}
}

void explain_tell(const struct explain_listener *listener, const struct explain_step *step)
{
	if (listener && listener->say) {
		listener->say(listener->context, step);
	}
}

void explain_append(char *text, const char *format, ...)
{
	size_t used = strlen(text);
	va_list arguments;

	va_start(arguments, format);
	(void)format_text_v(text + used, EXPLAIN_TEXT_SIZE - used, format, arguments);
	va_end(arguments);
}

const char *explain_size_words(unsigned int bits, char words[SIZE_WORDS])
{
	static const char *const units[] = {"bytes", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};

	(void)format_text(words, SIZE_WORDS, "%u %s", 1U << bits % 10, units[bits / 10 % 7]);
	return words;
}
