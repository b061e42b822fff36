/* SPDX-License-Identifier: BSD-2-Clause */
#include <inttypes.h>
#include <stddef.h>

#include "base/feature.h"
#include "checks/checks.h"
#include "checks/difference.h"
#include "report/print.h"
#include "report/record.h"

OPTIONAL(smmuv3_erratum_words);

static unsigned int masters_of(const struct bringup *bringup, const struct iommu_instance *iommu)
{
	unsigned int count = 0;

	for (unsigned int m = 0; m < bringup->master_count; m++) {
		const struct iommu_master *master = &bringup->master[m].iommu;

		for (unsigned int l = 0; l < master->link_count; l++) {
			count += master->link[l].iommu == iommu;
		}
	}
	return count;
}

static void record_stages(struct record *record, const struct smmuv3_features *features)
{
	record_open(record, "stages", '[');
	if (features->stage1) {
		record_count(record, NULL, 1);
	}
	if (features->stage2) {
		record_count(record, NULL, 2);
	}
	record_close(record, ']');
}

static const char *stages_in_words(const struct smmuv3_features *features)
{
	if (features->stage1 && features->stage2) {
		return "1 and 2";
	}
	return features->stage1 ? "1" : "2";
}

/* False: the registers were never read, and the record has null. */
static bool summary_is_known(const struct smmuv3_facts *facts)
{
	return facts->features->architecture_major;
}

static void record_inherited(struct record *record, const struct smmuv3_facts *facts)
{
	const struct smmuv3_inherited *inherited = facts->inherited;

	record_open(record, "inherited", '{');
	if (summary_is_known(facts)) {
		record_count(record, "smmuen", inherited->enabled);
		record_hex(record, "gbpa", inherited->gbpa);
		record_hex(record, "gerror_active", inherited->gerror_active);
		record_hex(record, "strtab_base", inherited->strtab_base);
		record_hex(record, "strtab_base_cfg", inherited->strtab_base_cfg);
	} else {
		record_null(record, "smmuen");
		record_null(record, "gbpa");
		record_null(record, "gerror_active");
	}
	record_close(record, '}');
}

static const struct smmuv3_erratum *erratum_after(const struct smmuv3_erratum *erratum,
						  const struct smmuv3_facts *facts)
{
	return smmuv3_errata_next(erratum, facts->features->iidr, facts->quirks);
}

static void record_errata(struct record *record, const struct smmuv3_facts *facts)
{
	const struct smmuv3_erratum *erratum = NULL;

	record_open(record, "errata", '[');
	while (is_linked(smmuv3_erratum_words) && (erratum = erratum_after(erratum, facts))) {
		record_count(record, NULL, erratum->number);
	}
	record_close(record, ']');
}

/* For `smmu-inspect --rules`, where the image has room. */
static void record_id_registers(struct record *record, const struct smmuv3 *smmu)
{
	static const char names[SMMUV3_ID_REGISTERS][5] = {"IDR0", "IDR1", "IDR2", "IDR3",
							   "IDR4", "IDR5", "IIDR", "AIDR"};
	uint32_t value[SMMUV3_ID_REGISTERS];

	smmuv3_id_registers(smmu, value);
	record_open(record, "idr", '{');
	for (unsigned int i = 0; i < SMMUV3_ID_REGISTERS; i++) {
		record_hex(record, names[i], value[i]);
	}
	record_close(record, '}');
}

static void record_wire(struct record *record, const char *line, const struct irq_description *irq)
{
	if (irq->present) {
		record_open(record, NULL, '{');
		record_string(record, "line", line);
		record_count(record, "intid", irq->intid);
		record_string(record, "trigger", irq->edge ? "edge" : "level");
		record_null(record, "proven");
		record_close(record, '}');
	}
}

/* As described; the record `interrupts` (lines.c) tells later which were proven. */
static void record_wires(struct record *record, const struct bringup *bringup, unsigned int i)
{
	unsigned int described;
	const struct smmu_description *from = difference_described(bringup, i, &described);

	if (from) {
		record_open(record, "interrupts", '[');
		record_wire(record, "eventq", &from->eventq);
		record_wire(record, "priq", &from->priq);
		record_wire(record, "cmdq-sync", &from->sync);
		record_wire(record, "gerror", &from->gerror);
		record_close(record, ']');
	}
}

static unsigned int entries(const struct smmuv3_facts *facts, unsigned int log2)
{
	return summary_is_known(facts) ? 1U << log2 : 0;
}

static void record_instance(const struct bringup *bringup, unsigned int i, const struct smmuv3_facts *facts)
{
	const struct iommu_instance *iommu = smmuv3_iommu(bringup->smmu[i]);
	const struct smmuv3_features *features = facts->features;
	char architecture[16];
	struct record record;

	format_text(architecture, sizeof(architecture), "%u.%u", features->architecture_major,
		    features->architecture_minor);
	record_begin(&record, "instance");
	record_string(&record, "instance", bringup->smmu_name[i]);
	record_string(&record, "name", iommu->name);
	if (facts->base) {
		record_hex(&record, "base", facts->base);
	} else {
		record_null(&record, "base");
	}
	record_string(&record, "state", iommu_state(iommu) == IOMMU_READY ? "ready" : "failed");
	record_string(&record, "reason", iommu->reason);
	record_string(&record, "architecture", summary_is_known(facts) ? architecture : NULL);
	record_stages(&record, features);
	record_count(&record, "sid_bits", features->sid_bits);
	record_string(&record, "stream_table", facts->stream_table);
	record_count(&record, "cmdq_entries", entries(facts, features->cmdq_log2));
	record_count(&record, "evtq_entries", entries(facts, features->evtq_log2));
	record_bool(&record, "coherent", facts->coherent);
	record_errata(&record, facts);
	record_inherited(&record, facts);
	record_count(&record, "masters", masters_of(bringup, iommu));
	if (ARCH_PLANS && summary_is_known(facts)) {
		record_id_registers(&record, bringup->smmu[i]);
		record_wires(&record, bringup, i);
	}
	record_end(&record);
}

static bool summary_is_alike(const struct smmuv3_facts *one, const struct smmuv3_facts *other)
{
	const struct smmuv3_features *a = one->features, *b = other->features;

	return a->architecture_major == b->architecture_major && a->architecture_minor == b->architecture_minor &&
	       a->stage1 == b->stage1 && a->stage2 == b->stage2 && a->sid_bits == b->sid_bits &&
	       one->stream_table == other->stream_table && one->coherent == other->coherent;
}

/* The first one that is ready and like this one, of those before it; or `i`. */
static unsigned int summary_like(const struct bringup *bringup, unsigned int i, const struct smmuv3_facts *facts)
{
	for (unsigned int k = 0; k < i; k++) {
		struct smmuv3_facts before = smmuv3_facts(bringup->smmu[k]);

		if (iommu_state(smmuv3_iommu(bringup->smmu[k])) == IOMMU_READY && summary_is_alike(&before, facts)) {
			return k;
		}
	}
	return i;
}

static void say_instance(const struct bringup *bringup, unsigned int i, const struct smmuv3_facts *facts)
{
	const struct iommu_instance *iommu = smmuv3_iommu(bringup->smmu[i]);
	const struct smmuv3_features *features = facts->features;
	unsigned int like;

	if (iommu_state(iommu) != IOMMU_READY) {
		print("  %s at 0x%llx FAILED: %s. Its masters stay blocked\n", bringup->smmu_name[i],
		      (unsigned long long)facts->base, iommu->reason ? iommu->reason : "it was never registered");
		return;
	}
	like = ARCH_PLANS ? summary_like(bringup, i, facts) : i;
	if (like < i) {
		print("  %s at 0x%llx ready: as %s, %u masters\n", bringup->smmu_name[i],
		      (unsigned long long)facts->base, bringup->smmu_name[like], masters_of(bringup, iommu));
		return;
	}
	print("  %s at 0x%llx ready: SMMUv%u.%u, stage %s, %u-bit stream IDs in a %s table, %scoherent, %u masters\n",
	      bringup->smmu_name[i], (unsigned long long)facts->base, features->architecture_major,
	      features->architecture_minor, stages_in_words(features), features->sid_bits, facts->stream_table,
	      facts->coherent ? "" : "not ", masters_of(bringup, iommu));
}

static void say_errata(const char *name, const struct smmuv3_facts *facts)
{
	const struct smmuv3_erratum *erratum = NULL;

	while ((erratum = erratum_after(erratum, facts))) {
		struct smmuv3_erratum_words words = smmuv3_erratum_words(erratum->number);

		print("  %s has erratum %" PRIu32 " (%s): %s\n", name, erratum->number, words.part, words.consequence);
	}
}

void report_instances(struct bringup *bringup)
{
	for (unsigned int i = 0; i < bringup->smmu_count; i++) {
		struct smmuv3_facts facts = smmuv3_facts(bringup->smmu[i]);

		record_instance(bringup, i, &facts);
		say_instance(bringup, i, &facts);
		say_errata(bringup->smmu_name[i], &facts);
	}
}

static void record_streams(struct record *record, const struct bringup *bringup, const struct iommu_master *master)
{
	record_open(record, "streams", '[');
	for (unsigned int smmu = 0; smmu < bringup->smmu_count; smmu++) {
		for (unsigned int l = 0; l < master->link_count; l++) {
			const struct iommu_link *link = &master->link[l];

			for (unsigned int s = 0; link->iommu->index == smmu && s < link->sid_count; s++) {
				record_open(record, NULL, '{');
				record_string(record, "instance", bringup->smmu_name[smmu]);
				record_hex(record, "sid", link->sid[s]);
				record_close(record, '}');
			}
		}
	}
	record_close(record, ']');
}

static void record_waited_for(struct record *record, const struct bringup *bringup, const struct device *device)
{
	record_open(record, "waited_for", '[');
	for (unsigned int i = 0; i < bringup->smmu_count; i++) {
		if (device->waited_for & 1ULL << i) {
			record_string(record, NULL, bringup->smmu_name[i]);
		}
	}
	record_close(record, ']');
}

/* INTERFACE: of the first stream; streams are ordered by instance. */
static const char *first_instance(const struct bringup *bringup, const struct iommu_master *master)
{
	unsigned int first = IOMMU_INSTANCES_MAX;

	for (unsigned int l = 0; l < master->link_count; l++) {
		unsigned int index = master->link[l].iommu->index;

		first = index < first ? index : first;
	}
	return first < IOMMU_INSTANCES_MAX ? bringup->smmu_name[first] : NULL;
}

static void record_client(struct record *record, const struct bringup *bringup, const struct master *master)
{
	enum client_state state = client_state(&master->device);
	/* The driver refused the device: no client. */
	bool declined = state == CLIENT_FAILED && master->unfit;

	state = declined ? CLIENT_UNBOUND : state;
	record_string(record, "client", declined ? NULL : device_candidate_name(&master->device));
	record_string(record, "client_state", client_state_name(state));
	record_string(record, "unfit", master->unfit);
	if (state == CLIENT_BOUND) {
		record_count(record, "core", master->device.core);
	} else {
		record_null(record, "core");
	}
	record_count(record, "deferrals", master->device.deferrals);
	record_waited_for(record, bringup, &master->device);
}

static const char *summary_reason_of(const struct master *master)
{
	const char *reason = master_reason(&master->iommu);

	return reason || master->iommu.link_count ? reason : "no SMMU is described for it";
}

/* In the order of description. A master in no group counts as one. */
static unsigned int number_group(const struct bringup *bringup, const struct master *master, unsigned int *count)
{
	int id = iommu_group_id(&master->iommu);

	for (const struct master *other = bringup->master; id >= 0 && other < master; other++) {
		if (iommu_group_id(&other->iommu) == id) {
			return other->group;
		}
	}
	return (*count)++;
}

static void record_master(const struct bringup *bringup, const struct master *master)
{
	enum master_state state = master->iommu.link_count ? master_state(&master->iommu) : MASTER_DESCRIBED;
	struct record record;

	record_begin(&record, "master");
	record_string(&record, "master", master->device.name);
	record_string(&record, "device", master->device_id);
	record_string(&record, "instance", first_instance(bringup, &master->iommu));
	record_streams(&record, bringup, &master->iommu);
	record_count(&record, "group", master->group);
	record_string(&record, "state", master_state_name(state));
	record_string(&record, "reason", state == MASTER_READY ? NULL : summary_reason_of(master));
	record_client(&record, bringup, master);
	record_end(&record);
}

static void say_waited(const struct bringup *bringup, const struct device *device, char *words, size_t size)
{
	size_t length = 0;

	words[0] = '\0';
	for (unsigned int i = 0; i < bringup->smmu_count; i++) {
		if (device->waited_for & 1ULL << i && length < size) {
			length += format_text(words + length, size - length, "%s%s", length ? " and " : "",
					      bringup->smmu_name[i]);
		}
	}
}

static void say_client(const struct bringup *bringup, const struct master *master)
{
	const struct device *device = &master->device;
	const char *reason = master->unfit ? master->unfit : master_reason(&master->iommu);
	char waited[128];

	say_waited(bringup, device, waited, sizeof(waited));
	switch (client_state(device)) {
	case CLIENT_BOUND:
		print_debug("  %s %s: bound on core %u\n", device->name, master->driver->driver.name, device->core);
		break;
	case CLIENT_DEFERRED:
	case CLIENT_EXPIRED:
		print("  %s %s: STILL WAITS for %s and stays blocked\n", device->name, master->driver->driver.name,
		      waited);
		break;
	case CLIENT_FAILED:
		print("  %s %s: NOT BOUND (error %d)%s%s\n", device->name, master->driver->driver.name, device->error,
		      reason ? ": " : "", reason ? reason : "");
		break;
	default:
		break;
	}
}

static void say_master(const struct bringup *bringup, const struct master *master)
{
	if (master->iommu.link_count && master_state(&master->iommu) == MASTER_QUARANTINED) {
		print("  %s %s: QUARANTINED, its streams abort: %s\n", master->device.name, master->device_id,
		      master_reason(&master->iommu));
	}
	if (master->driver) {
		say_client(bringup, master);
	}
}

void report_masters(struct bringup *bringup)
{
	unsigned int group_count = 0;
	unsigned int bound = 0;
	unsigned int deferrals = 0;

	for (unsigned int i = 0; i < bringup->master_count; i++) {
		const struct device *device = &bringup->master[i].device;

		bringup->master[i].group = number_group(bringup, &bringup->master[i], &group_count);
		record_master(bringup, &bringup->master[i]);
		say_master(bringup, &bringup->master[i]);
		bound += client_state(device) == CLIENT_BOUND;
		deferrals += device->deferrals;
	}
	print("  %u clients bound by %u cores, after %u deferrals\n", bound, bringup->cores, deferrals);
}
