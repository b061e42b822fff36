/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What is known to be wrong with implementations of the SMMUv3, and what the driver does about it. An implementation is
 * told by IIDR (IHI 0070, 6.3.7), or by what the description says of it. One that is in no row has no erratum that this
 * firmware knows; IIDR 0 is an emulator's. Pure functions: any core, any lock held.
 */
#ifndef SMMUV3_ERRATA_H
#define SMMUV3_ERRATA_H

#include <stdint.h>

#include "base/bits.h"

/* What the driver does, or may not do. */
#define SMMUV3_ERRATA_NO_NESTING BIT32(0)     /* Stage 1 and stage 2 must not be used together. */
#define SMMUV3_ERRATA_FORCE_SYNC BIT32(1)     /* Commands of one kind only, and few, go between two SYNCs. */
#define SMMUV3_ERRATA_NO_SEV BIT32(2)	      /* A SYNC's event (CS = SIG_SEV) must not be waited for. */
#define SMMUV3_ERRATA_PAGE1_IN_PAGE0 BIT32(3) /* The region is 64 KiB, and queue indices are in page 0 alone. */
#define SMMUV3_ERRATA_NO_PREFETCH BIT32(4)    /* No CMD_PREFETCH_*. */
#define SMMUV3_ERRATA_NO_BTM BIT32(5)	      /* The cores' broadcast TLB maintenance must not be taken part in. */
#define SMMUV3_ERRATA_COMBINED_IRQ BIT32(6)   /* One interrupt for everything. */

/* What a description says of an instance that IIDR does not. */
#define SMMUV3_DESCRIBED_NO_PAGE1 BIT32(0)
#define SMMUV3_DESCRIBED_NO_PREFETCH BIT32(1)
#define SMMUV3_DESCRIBED_COMBINED_IRQ BIT32(2)

struct smmuv3_erratum {
	uint32_t number;   /* The vendor's. */
	uint16_t product;  /* IIDR.ProductID of Arm's parts; 0 where `described` tells the part. */
	uint8_t first;	   /* Affected versions, inclusive: variant in bits 7:4, revision in bits 3:0. */
	uint8_t last;	   /* rXpY is variant X, revision Y. */
	uint8_t described; /* SMMUV3_DESCRIBED_*: any of them; 0 where IIDR tells the part. */
	uint8_t effects;   /* SMMUV3_ERRATA_*. */
};

/* For people. */
struct smmuv3_erratum_words {
	const char *part; /* Name and affected versions. */
	const char *consequence;
};

/* The SMMUV3_ERRATA_* of an instance with this IIDR, described with these SMMUV3_DESCRIBED_*. */
unsigned int smmuv3_errata_effects(uint32_t iidr, unsigned int described_quirks);

/* The next erratum of such an instance behind `after`, or the first for NULL; NULL where there is none. */
const struct smmuv3_erratum *smmuv3_errata_next(const struct smmuv3_erratum *after, uint32_t iidr,
						unsigned int described_quirks);

/* An erratum's words, by its number; NULL for one that is in no row. */
struct smmuv3_erratum_words smmuv3_erratum_words(uint32_t number);

#endif
