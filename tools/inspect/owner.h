/* SPDX-License-Identifier: BSD-2-Clause */
/* Whose a stream is by a table, and which SMMU of it a log names. */
#ifndef INSPECT_OWNER_H
#define INSPECT_OWNER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "firmware/description.h"
#include "log.h"

#define OWNER_WORDS_SIZE 512U
#define OWNER_NO_SMMU (-1)

/* One that emits the stream. */
struct owner {
	const struct fixed_description *fixed; /* Or NULL, and then: */
	const struct window_description *window;
	uint32_t input; /* The first ID, masked, that gives the stream. */
};

const char *owner_master(const struct owner *owner);
bool owner_is_enabled(const struct owner *owner);

/* Fills up to `room`; returns how many there are. */
size_t owners_of(const struct stream_description *streams, unsigned int smmu, uint32_t sid, struct owner *owner,
		 size_t room);

/* "/pcie@70000000: function 12:06.4 (requester ID 0x1234)". */
void owner_words(const struct owner *owner, char words[OWNER_WORDS_SIZE]);

/* For a stream that is no master's: those that are near, and what it would be as a requester ID. */
void owner_near(const struct stream_description *streams, unsigned int smmu, uint32_t sid,
		char words[OWNER_WORDS_SIZE]);

/* "16:00.0", of the low 16 bits. */
void owner_function(uint32_t requester_id, char words[16]);

/*
 * The SMMU that the log's device is; `words` says how that is known, and is empty where the log names it itself.
 *
 * Return:      index      into streams->smmu[]
 *              OWNER_NO_SMMU          it may be any
 */
int owner_choose_smmu(const struct stream_description *streams, const struct log *log, unsigned int device,
		      uint32_t sid, char words[OWNER_WORDS_SIZE]);

#endif
