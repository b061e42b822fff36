/* SPDX-License-Identifier: BSD-2-Clause */
/* Events in a text: lines of Linux's arm-smmu-v3, raw records, the firmware's own records. */
#ifndef INSPECT_LOG_H
#define INSPECT_LOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "smmuv3/event.h"

#define LOG_DEVICES_MAX 256U
#define LOG_NAME_SIZE 64U
#define LOG_PLACE_SIZE 256U

/* What a text calls an SMMU. */
struct log_device {
	char name[LOG_NAME_SIZE];   /* "fc900000.iommu", "arm-smmu-v3.0.auto", "smmu0"; "": the text names none. */
	char place[LOG_PLACE_SIZE]; /* The firmware's `name` of it: a path or a node; "": not said. */
};

struct log_event {
	unsigned int device; /* Index into device[]. */
	unsigned int line;   /* From 1. */
	unsigned int
		words; /* Of 64 bits that are there of its record, up to EVENT_DWORDS; 0: it is told in words alone. */
	uint64_t count;
	bool has_sid;
	bool has_address;
	bool has_access;     /* Whether `event.write` and what stands beside it are known. */
	bool is_decoded;     /* Linux's line in words was seen. */
	bool expected;	     /* By a check of the firmware. */
	unsigned int header; /* The code that Linux's first line has; 0: none. */
	struct event_record record;
	struct smmuv3_event event;
	char client[LOG_NAME_SIZE]; /* Whom Linux, or the firmware, takes for the master; "": not said. */
};

struct log {
	struct log_event *event;
	size_t count;
	size_t room;
	struct log_device device[LOG_DEVICES_MAX];
	unsigned int device_count;
	size_t open[LOG_DEVICES_MAX]; /* Its newest event, plus one; 0: none. */
	uint64_t suppressed;	      /* Lines that Linux held back. */
	unsigned int overflows;	      /* Of the event queue. */
	unsigned int cut;	      /* Records of which not even the first word is there. */
	unsigned int damaged;	      /* Records of the firmware that are no JSON. */
	unsigned int nameless;	      /* Lines of more SMMUs than there is room for. */
	char why[256];
};

/*
 * Takes the events out of a text, whose bytes it changes; text[size] is there.
 *
 * Return:      0
 *              -1         there is no event: `why` says what there is
 * State left:  log_free() is due in both cases.
 */
int log_read(struct log *log, char *text, size_t size);

void log_free(struct log *log);

#endif
