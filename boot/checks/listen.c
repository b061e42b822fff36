/* SPDX-License-Identifier: BSD-2-Clause */
#include "checks/listen.h"

#include <inttypes.h>
#include <stddef.h>

#include "base/deadline.h"
#include "base/feature.h"
#include "checks/events.h"
#include "report/finding.h"
#include "report/print.h"
#include "report/record.h"
#include "smmuv3/listen.h"

#define HEARD_MAX 64U
#define NAP_US 500U
#define TEXT_SIZE 96U

struct heard {
	unsigned int smmu;
	uint32_t sid;
	uint32_t count;
	uint32_t reads;
	uint32_t writes;
	uint64_t first; /* The first address, and the lowest and highest. */
	uint64_t lowest;
	uint64_t highest;
	bool stormed; /* Silenced: more came than were counted. */
	bool answered;
	bool passed;
	bool opened; /* A stream that no table describes has an entry for now. */
};

enum ear { EAR_NONE, EAR_ALONE, EAR_BESIDE };

/* Interrupts write it. */
static struct lock heard_lock = LOCK_INIT(LOCK_RANK_EVENT_LOG);
static struct {
	struct heard heard[HEARD_MAX];
	unsigned int count;
	uint32_t left_out; /* Events of streams without a place. */
} ears;

static struct {
	enum ear kind;
	struct smmuv3_listening listening;
} ear_of[DESCRIPTION_SMMUS_MAX];

/* --- What is heard. --- */

/* Lock held. NULL: there is no place. */
static struct heard *listen_place_of(unsigned int smmu, uint32_t sid)
{
	for (unsigned int i = 0; i < ears.count; i++) {
		if (ears.heard[i].smmu == smmu && ears.heard[i].sid == sid) {
			return &ears.heard[i];
		}
	}
	if (ears.count == HEARD_MAX) {
		return NULL;
	}
	ears.heard[ears.count] = (struct heard){.smmu = smmu, .sid = sid};
	return &ears.heard[ears.count++];
}

static void listen_note_access(struct heard *heard, const struct smmuv3_event *event)
{
	if (!heard->reads && !heard->writes) {
		heard->first = heard->lowest = heard->highest = event->address;
	}
	heard->reads += !event->write;
	heard->writes += event->write;
	heard->lowest = event->address < heard->lowest ? event->address : heard->lowest;
	heard->highest = event->address > heard->highest ? event->address : heard->highest;
}

static void listen_on_event(struct smmuv3 *smmu, const struct smmuv3_event *event)
{
	uint32_t saved = lock(&heard_lock);
	struct heard *heard = listen_place_of(smmuv3_iommu(smmu)->index, event->sid);

	if (!heard) {
		ears.left_out++;
	} else {
		heard->count++;
		if (event->has_access) {
			listen_note_access(heard, event);
		}
	}
	unlock(&heard_lock, saved);
}

static void listen_on_storm(struct smmuv3 *smmu, uint32_t sid, enum smmuv3_storm_end end)
{
	uint32_t saved = lock(&heard_lock);
	struct heard *heard = listen_place_of(smmuv3_iommu(smmu)->index, sid);

	if (heard) {
		heard->stormed = end == SMMUV3_STORM_SILENCED;
	}
	unlock(&heard_lock, saved);
}

/* --- SMMUs. --- */

static void listen_begin_one(const struct bringup *bringup, unsigned int i)
{
	struct smmuv3 *smmu = bringup->smmu[i];
	enum iommu_state state = iommu_state(smmuv3_iommu(smmu));

	ear_of[i].kind = EAR_NONE;
	if (state == IOMMU_READY) {
		smmuv3_listen_beside(smmu, &ear_of[i].listening, listen_on_event, listen_on_storm);
		ear_of[i].kind = EAR_BESIDE;
	} else if (state == IOMMU_DESCRIBED && !bringup->unusable[i]) {
		if (smmuv3_listen_begin(smmu, &ear_of[i].listening, listen_on_event, listen_on_storm)) {
			print_always("  %s cannot listen: %s\n", bringup->smmu_name[i],
				     smmuv3_iommu(smmu)->reason ? smmuv3_iommu(smmu)->reason : "memory ran out");
		} else {
			ear_of[i].kind = EAR_ALONE;
		}
	}
}

static void listen_end_one(struct bringup *bringup, unsigned int i)
{
	struct smmuv3 *smmu = bringup->smmu[i];

	if (ear_of[i].kind == EAR_BESIDE) {
		smmuv3_poll_events(smmu);
		smmuv3_listen_no_more(smmu, &ear_of[i].listening);
	} else if (ear_of[i].kind == EAR_ALONE && smmuv3_listen_end(smmu, &ear_of[i].listening)) {
		bringup->tally.trouble = "an SMMU did not stop after listening";
	}
}

/* --- PCI functions that were on the bus. --- */

static bool was_on_the_bus(const struct master *master)
{
	return master->pci && master->pci->left & 1U << PCI_LEFT_MASTER &&
	       client_state(&master->device) != CLIENT_BOUND;
}

/* A DMA that no SMMU would see may reach any memory. */
static bool is_heard_by_all(const struct master *master)
{
	for (unsigned int l = 0; l < master->iommu.link_count; l++) {
		if (ear_of[master->iommu.link[l].iommu->index].kind == EAR_NONE) {
			return false;
		}
	}
	return master->iommu.link_count;
}

static void listen_let_master(const struct bringup *bringup)
{
	for (unsigned int i = 0; i < bringup->master_count; i++) {
		const struct master *master = &bringup->master[i];

		if (!was_on_the_bus(master)) {
			continue;
		}
		if (is_heard_by_all(master)) {
			pci_bus_master(master->pci, true);
		} else {
			pci_bus_master(master->pci, false);
			print_always("  %s was on the bus, and no SMMU listens to it: it is off now\n",
				     master->device.name);
		}
	}
}

/* While no instance is in service bridges go off, too, and what has no place among the masters. */
static void listen_end_mastering(const struct bringup *bringup)
{
	bool any_in_service = false;

	for (unsigned int i = 0; i < bringup->smmu_count; i++) {
		any_in_service = any_in_service || ear_of[i].kind == EAR_BESIDE;
	}
	for (unsigned int i = 0; i < bringup->master_count; i++) {
		if (was_on_the_bus(&bringup->master[i])) {
			pci_bus_master(bringup->master[i].pci, false);
		}
	}
	for (unsigned int i = 0; i < bringup->pci_count; i++) {
		bringup->pci[i].listens = false;
		if (!any_in_service) {
			pci_bus_master_all_off(&bringup->pci[i]);
		}
	}
}

/* --- Listening. --- */

static struct iommu_master *master_of(const struct bringup *bringup, const struct heard *heard)
{
	return iommu_master_of(bringup->core, smmuv3_iommu(bringup->smmu[heard->smmu]), heard->sid);
}

/* Of an SMMU in service only streams that no table describes are given another entry, for the time. */
static void listen_answer(const struct bringup *bringup, struct heard *heard, bool pass)
{
	struct smmuv3 *smmu = bringup->smmu[heard->smmu];
	const struct smmuv3_listening *listening = &ear_of[heard->smmu].listening;

	heard->answered = true;
	if (ear_of[heard->smmu].kind == EAR_ALONE) {
		heard->passed = pass && !smmuv3_listen_answer(smmu, listening, heard->sid, SMMUV3_ANSWER_PASS);
	} else if (!master_of(bringup, heard)) {
		heard->opened = !smmuv3_listen_answer(smmu, listening, heard->sid, SMMUV3_ANSWER_REPORT);
	}
}

static void listen_close(const struct bringup *bringup)
{
	for (unsigned int i = 0; i < ears.count; i++) {
		const struct heard *heard = &ears.heard[i];

		if (heard->opened) {
			(void)smmuv3_listen_answer(bringup->smmu[heard->smmu], &ear_of[heard->smmu].listening,
						   heard->sid, SMMUV3_ANSWER_DENY);
		}
	}
}

static void listen_turn(const struct bringup *bringup, bool pass)
{
	for (unsigned int i = 0; i < bringup->smmu_count; i++) {
		if (ear_of[i].kind != EAR_NONE) {
			smmuv3_poll_events(bringup->smmu[i]);
		}
	}
	for (unsigned int i = 0; i < ears.count; i++) {
		if (!ears.heard[i].answered) {
			listen_answer(bringup, &ears.heard[i], pass);
		}
	}
}

static void listen_wait(const struct bringup *bringup, uint32_t seconds, bool pass)
{
	while (seconds--) {
		struct deadline deadline = deadline_in_us(US_PER_S);

		while (!deadline_passed(&deadline)) {
			listen_turn(bringup, pass);
			arch_sleep_us(NAP_US);
		}
	}
}

/* --- What is said of it. --- */

static const char *access_of(const struct heard *heard)
{
	return heard->reads && heard->writes ? "reads and writes" : heard->writes ? "writes" : "reads";
}

static void write_addresses(const struct heard *heard, char text[TEXT_SIZE])
{
	if (!heard->reads && !heard->writes) {
		format_text(text, TEXT_SIZE, "emits, where its SMMU does not say");
	} else if (heard->lowest == heard->highest) {
		format_text(text, TEXT_SIZE, "%s 0x%llx", access_of(heard), (unsigned long long)heard->lowest);
	} else {
		format_text(text, TEXT_SIZE, "%s 0x%llx to 0x%llx", access_of(heard), (unsigned long long)heard->lowest,
			    (unsigned long long)heard->highest);
	}
}

static void listen_record(const struct bringup *bringup, const struct heard *heard, uint32_t seconds)
{
	const struct iommu_master *master = master_of(bringup, heard);
	bool has_access = heard->reads || heard->writes;
	struct record record;

	record_begin(&record, "listen");
	record_string(&record, "instance", bringup->smmu_name[heard->smmu]);
	record_hex(&record, "sid", heard->sid);
	record_string(&record, "master", master ? master->name : NULL);
	record_count(&record, "count", heard->count);
	if (has_access) {
		record_hex(&record, "address", heard->first);
		record_string(&record, "access", heard->writes > heard->reads ? "write" : "read");
		record_hex(&record, "lowest", heard->lowest);
		record_hex(&record, "highest", heard->highest);
	} else {
		record_null(&record, "address");
		record_null(&record, "access");
	}
	record_count(&record, "reads", heard->reads);
	record_count(&record, "writes", heard->writes);
	record_count(&record, "seconds", seconds);
	if (heard->passed || heard->stormed) {
		record_null(&record, "per_second");
	} else {
		record_count(&record, "per_second", heard->count / seconds);
	}
	record_bool(&record, "silenced", heard->stormed);
	record_bool(&record, "passed", heard->passed);
	record_end(&record);
}

static void listen_say(const struct bringup *bringup, const struct heard *heard, uint32_t seconds)
{
	const struct iommu_master *master = master_of(bringup, heard);
	char text[TEXT_SIZE];

	write_addresses(heard, text);
	print_always("  %s: stream 0x%" PRIx32 " (%s) %s: ", bringup->smmu_name[heard->smmu], heard->sid,
		     master ? master->name : "which no table describes", text);
	if (heard->passed) {
		print_always("%" PRIu32 " denied, then let through\n", heard->count);
	} else if (heard->stormed) {
		print_always("more than %u a second\n", SMMUV3_STORM_EVENTS);
	} else {
		print_always("%" PRIu32 " times, %" PRIu32 " a second\n", heard->count, heard->count / seconds);
	}
	finding_add("unasked", FINDING_WARNING, master ? master->name : bringup->smmu_name[heard->smmu],
		    master ? "it emitted DMA before any driver here asked it to" :
			     "a stream that no table describes emitted DMA",
		    "what ran before left it running, and it goes on under the next kernel; its listen record has the "
		    "address");
}

static void listen_report(const struct bringup *bringup, uint32_t seconds)
{
	for (unsigned int i = 0; i < ears.count; i++) {
		listen_record(bringup, &ears.heard[i], seconds);
		listen_say(bringup, &ears.heard[i], seconds);
	}
	if (!ears.count) {
		print_always("  nothing was emitted in %" PRIu32 " s\n", seconds);
	}
	if (ears.left_out) {
		print_always("  and %" PRIu32 " events of streams beyond the first %u\n", ears.left_out, HEARD_MAX);
	}
}

void listen(struct bringup *bringup, uint32_t seconds, bool pass)
{
	ears.count = 0;
	ears.left_out = 0;
	for (unsigned int i = 0; i < bringup->smmu_count; i++) {
		listen_begin_one(bringup, i);
	}
	listen_let_master(bringup);
	listen_wait(bringup, seconds, pass);
	listen_end_mastering(bringup);
	listen_close(bringup);
	for (unsigned int i = 0; i < bringup->smmu_count; i++) {
		listen_end_one(bringup, i);
	}
	listen_report(bringup, seconds);
}

LINKED(listen);
