/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Known errata. IIDR (IHI 0070 6.3.7; 0: an emulator) or the description identifies the product. Pure: any core, any
 * lock held.
 */
#ifndef SMMUV3_ERRATA_H
#define SMMUV3_ERRATA_H

#include <stdint.h>

#include "base/bits.h"

#define SMMUV3_ERRATA_NO_NESTING BIT32(0)
#define SMMUV3_ERRATA_FORCE_SYNC BIT32(1)     /* One opcode between SYNCs. */
#define SMMUV3_ERRATA_NO_SEV BIT32(2)	      /* No wait for a SYNC's event (CS = SIG_SEV). */
#define SMMUV3_ERRATA_PAGE1_IN_PAGE0 BIT32(3) /* EVENTQ_PROD and CONS are in page 0; the region has 64 KiB. */
#define SMMUV3_ERRATA_NO_PREFETCH BIT32(4)
#define SMMUV3_ERRATA_NO_BTM BIT32(5) /* No broadcast TLB maintenance. */
#define SMMUV3_ERRATA_COMBINED_IRQ BIT32(6)

/* From the description. */
#define SMMUV3_DESCRIBED_NO_PAGE1 BIT32(0)
#define SMMUV3_DESCRIBED_NO_PREFETCH BIT32(1)
#define SMMUV3_DESCRIBED_COMBINED_IRQ BIT32(2)

struct smmuv3_erratum {
	uint32_t number;  /* The vendor's. */
	uint16_t product; /* IIDR.ProductID; 0: see `described`. */
	uint8_t first;	  /* Inclusive; rXpY is X in bits 7:4, Y in 3:0. */
	uint8_t last;
	uint8_t described; /* SMMUV3_DESCRIBED_*; 0: see IIDR. */
	uint8_t effects;   /* SMMUV3_ERRATA_*. */
};

struct smmuv3_erratum_words {
	const char *part; /* With the affected versions. */
	const char *consequence;
};

unsigned int smmuv3_errata_effects(uint32_t iidr, unsigned int described_quirks);

/* The next erratum after `after` (NULL: the first) that applies, or NULL. */
const struct smmuv3_erratum *smmuv3_errata_next(const struct smmuv3_erratum *after, uint32_t iidr,
						unsigned int described_quirks);

/* Both NULL for an unknown number. */
struct smmuv3_erratum_words smmuv3_erratum_words(uint32_t number);

#endif
