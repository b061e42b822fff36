/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Known errata of SMMUv3 implementations, and what the driver does about each. The part is identified by IIDR (IHI 0070
 * 6.3.7) or by the firmware's description. A part in no row has no erratum known here; IIDR 0 is an emulator's. Pure
 * functions: any core, any lock held.
 */
#ifndef SMMUV3_ERRATA_H
#define SMMUV3_ERRATA_H

#include <stdint.h>

#include "base/bits.h"

/* What the driver does or avoids. */
#define SMMUV3_ERRATA_NO_NESTING BIT32(0)     /* Stages 1 and 2 must not be used together. */
#define SMMUV3_ERRATA_FORCE_SYNC BIT32(1)     /* Short batches of one opcode between two SYNCs. */
#define SMMUV3_ERRATA_NO_SEV BIT32(2)	      /* Must not wait for a SYNC's event (CS = SIG_SEV). */
#define SMMUV3_ERRATA_PAGE1_IN_PAGE0 BIT32(3) /* The region is 64 KiB; queue indices are in page 0. */
#define SMMUV3_ERRATA_NO_PREFETCH BIT32(4)    /* No CMD_PREFETCH_*. */
#define SMMUV3_ERRATA_NO_BTM BIT32(5)	      /* Must not take part in the cores' broadcast TLB maintenance. */
#define SMMUV3_ERRATA_COMBINED_IRQ BIT32(6)   /* One interrupt for events and errors. */

/* Quirks that the description names and IIDR does not. */
#define SMMUV3_DESCRIBED_NO_PAGE1 BIT32(0)
#define SMMUV3_DESCRIBED_NO_PREFETCH BIT32(1)
#define SMMUV3_DESCRIBED_COMBINED_IRQ BIT32(2)

struct smmuv3_erratum {
	uint32_t number;   /* The vendor's. */
	uint16_t product;  /* IIDR.ProductID of an Arm part; 0 if `described` identifies the part. */
	uint8_t first;	   /* Affected versions, inclusive: variant in bits 7:4, revision in bits 3:0. */
	uint8_t last;	   /* rXpY is variant X, revision Y. */
	uint8_t described; /* SMMUV3_DESCRIBED_*, any of them; 0 if IIDR identifies the part. */
	uint8_t effects;   /* SMMUV3_ERRATA_*. */
};

/* For the report. */
struct smmuv3_erratum_words {
	const char *part; /* Name and affected versions. */
	const char *consequence;
};

/* The SMMUV3_ERRATA_* that apply. */
unsigned int smmuv3_errata_effects(uint32_t iidr, unsigned int described_quirks);

/* The erratum after `after` (NULL: the first) that applies, or NULL. */
const struct smmuv3_erratum *smmuv3_errata_next(const struct smmuv3_erratum *after, uint32_t iidr,
						unsigned int described_quirks);

/* By the erratum's number; both NULL for an unknown one. */
struct smmuv3_erratum_words smmuv3_erratum_words(uint32_t number);

#endif
