/* SPDX-License-Identifier: BSD-2-Clause */
#include "traits_text.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "json.h"
#include "people.h"

static const char *const wires[WIRES] = {"eventq", "priq", "cmdq-sync", "gerror"};

static const char *kind_words(enum line_kind kind)
{
	static const char *const words[] = {
		[LINE_ABSENT] = "none",
		[LINE_SPI] = "SPI",
		[LINE_PPI] = "PPI",
		[LINE_EXTENDED_SPI] = "extended SPI",
		[LINE_EXTENDED_PPI] = "extended PPI",
		[LINE_BEYOND] = "beyond",
		[LINE_FOREIGN] = "foreign",
	};

	return words[kind];
}

/* NULL: none is told. */
static const char *trigger_words(const struct line_traits *line)
{
	static const char *const words[] = {"no trigger", "edge", "falling edge", "both edges", "level"};

	if (!line->has_trigger) {
		return NULL;
	}
	return line->trigger < sizeof(words) / sizeof(words[0]) ? words[line->trigger] : "low level";
}

/* --- For people. --- */

static void print_line(const char *name, const struct line_traits *line)
{
	const char *trigger = trigger_words(line);

	if (line->kind == LINE_ABSENT) {
		return;
	}
	printf(", %s ", name);
	if (line->kind == LINE_FOREIGN) {
		printf("at ");
		people_print_text(line->parent);
		printf(" (");
		people_print_text(line->parent_kind ? line->parent_kind : "no compatible");
		printf("), which is no GIC");
	} else if (line->kind == LINE_BEYOND && line->has_trigger) {
		printf("<0x%" PRIx32 " %" PRIu32 ">, which no GIC has", line->type, line->number);
	} else if (line->kind == LINE_BEYOND) {
		printf("GSIV %" PRIu32 ", which no GIC has", line->intid);
	} else {
		printf("INTID %" PRIu32 " (%s %" PRIu32 "%s%s)", line->intid, kind_words(line->kind), line->number,
		       trigger ? ", " : "", trigger ? trigger : "");
	}
}

static void print_own_msi(const struct smmu_traits *smmu)
{
	if (smmu->msi != OWN_MSI_USED) {
		return;
	}
	printf(", by MSI");
	if (smmu->msi_has_device) {
		printf(" as device 0x%" PRIx32, smmu->msi_device);
	}
	printf(" of ");
	people_print_text(smmu->msi_controller);
}

void traits_print_smmu(const struct smmu_traits *smmu)
{
	for (unsigned int wire = 0; wire < (smmu->is_combined ? 1 : WIRES); wire++) {
		print_line(smmu->is_combined ? "combined" : wires[wire], &smmu->line[wire]);
	}
	print_own_msi(smmu);
	(void)putchar('\n');
	if (smmu->supply) {
		printf("  its node names ");
		people_print_text(smmu->supply);
		(void)putchar('\n');
	}
}

static void print_told(enum told told, const char *yes, const char *no)
{
	if (told != TOLD_NOTHING) {
		printf(", %s", told == TOLD_YES ? yes : no);
	}
}

static void print_attributes(const struct master_traits *master)
{
	printf(": %s", master->coherent == TOLD_YES ? "coherent" : "not coherent");
	if (master->has_attributes) {
		printf(" (CPM %u, DACS %u)", master->path_is_coherent ? 1U : 0U, master->is_cacheable ? 1U : 0U);
	}
}

static void print_master(const struct master_traits *master)
{
	printf("  ");
	people_print_text(master->name);
	print_attributes(master);
	print_told(master->ats, "ATS supported", "ATS not supported");
	print_told(master->pri, "PRI supported", "PRI not supported");
	if (master->tells_pasid && master->pasid_bits) {
		printf(", PASIDs of %u bits", master->pasid_bits);
	}
	if (master->stall == TOLD_YES) {
		printf(", can stall");
	}
	if (master->reaches_nothing) {
		printf(", reaches no address");
	} else if (master->tells_reach) {
		printf(", reaches 0x%" PRIx64, master->reach);
	}
	if (master->segment != STREAM_NO_SEGMENT && strncmp(master->name, "segment:", strlen("segment:")) != 0) {
		printf(", segment %" PRIu32, master->segment);
	}
	if (master->supply) {
		printf(", ");
		people_print_text(master->supply);
	}
	puts(master->enabled ? "" : " (disabled)");
}

void traits_print_masters(const struct traits *traits)
{
	for (unsigned int i = 0; i < traits->master_count; i++) {
		printf(i ? "" : "\nMasters\n");
		print_master(&traits->master[i]);
	}
	if (traits->masters_left_out) {
		printf("  and %u more, which find no room in the list\n", traits->masters_left_out);
	}
}

/* --- As JSON. --- */

static json_t *json_of_line(const struct line_traits *line)
{
	const char *trigger = trigger_words(line);
	bool numbered = line->kind != LINE_ABSENT && line->kind != LINE_BEYOND && line->kind != LINE_FOREIGN;

	if (line->kind == LINE_ABSENT) {
		return json_null();
	}
	return json_pack("{s:s, s:o, s:o, s:o, s:o, s:o}", "kind", kind_words(line->kind), "number",
			 line->kind == LINE_FOREIGN ? json_null() : json_integer(line->number), "intid",
			 numbered ? json_integer(line->intid) : json_null(), "trigger",
			 trigger ? json_string(trigger) : json_null(), "parent", json_text(line->parent),
			 "parent_compatible", json_text(line->parent_kind));
}

static json_t *json_of_own_msi(const struct smmu_traits *smmu)
{
	if (smmu->msi != OWN_MSI_USED) {
		return json_null();
	}
	return json_pack("{s:o, s:o}", "controller", json_text(smmu->msi_controller), "device",
			 smmu->msi_has_device ? json_sprintf("0x%" PRIx32, smmu->msi_device) : json_null());
}

static json_t *json_of_smmu(const char *name, const struct smmu_traits *smmu)
{
	json_t *lines = json_object();

	for (unsigned int wire = 0; wire < WIRES; wire++) {
		json_object_set_new(lines, wires[wire], json_of_line(&smmu->line[wire]));
	}
	return json_pack("{s:o, s:o, s:b, s:o, s:o, s:o}", "name", json_text(name), "interrupts", lines, "combined",
			 smmu->is_combined, "own_msi", json_of_own_msi(smmu), "status", json_text(smmu->status),
			 "supply", json_text(smmu->supply));
}

json_t *traits_json_smmus(const struct stream_description *streams, const struct traits *traits)
{
	json_t *list = json_array();

	for (unsigned int i = 0; i < streams->smmu_count; i++) {
		json_array_append_new(list, json_of_smmu(streams->smmu[i].name, &traits->smmu[i]));
	}
	return list;
}

static json_t *json_of_told(enum told told)
{
	return told == TOLD_NOTHING ? json_null() : json_boolean(told == TOLD_YES);
}

static json_t *json_of_master(const struct master_traits *master)
{
	bool reaches = master->tells_reach && !master->reaches_nothing;
	json_t *json =
		json_pack("{s:o, s:o, s:b, s:o, s:o, s:o, s:o}", "name", json_text(master->name), "segment",
			  master->segment == STREAM_NO_SEGMENT ? json_null() : json_integer(master->segment), "enabled",
			  master->enabled, "coherent", json_of_told(master->coherent), "ats", json_of_told(master->ats),
			  "pri", json_of_told(master->pri), "stall", json_of_told(master->stall));

	json_object_set_new(json, "cpm", master->has_attributes ? json_boolean(master->path_is_coherent) : json_null());
	json_object_set_new(json, "dacs", master->has_attributes ? json_boolean(master->is_cacheable) : json_null());
	json_object_set_new(json, "pasid_bits", master->tells_pasid ? json_integer(master->pasid_bits) : json_null());
	json_object_set_new(json, "reaches", reaches ? json_sprintf("0x%" PRIx64, master->reach) : json_null());
	json_object_set_new(json, "reaches_nothing", json_boolean(master->reaches_nothing));
	json_object_set_new(json, "supply", json_text(master->supply));
	return json;
}

json_t *traits_json_masters(const struct traits *traits)
{
	json_t *list = json_array();

	for (unsigned int i = 0; i < traits->master_count; i++) {
		json_array_append_new(list, json_of_master(&traits->master[i]));
	}
	return list;
}

/* --- Reserved memory of an IORT, and performance monitors. --- */

static const char *attribute_words(uint8_t attributes)
{
	static const char *const words[] = {"Device-nGnRnE", "Device-nGnRE",	"Device-nGRE",
					    "Device-GRE",    "normal uncached", "normal cached"};

	return attributes < sizeof(words) / sizeof(words[0]) ? words[attributes] : "of unknown attributes";
}

void traits_print_regions(const struct traits *traits)
{
	for (unsigned int i = 0; i < traits->region_count; i++) {
		const struct region_traits *region = &traits->region[i];

		printf("%s  ", i ? "" : "\nMemory that firmware uses\n");
		people_print_text(region->name);
		printf(": 0x%" PRIx64 " to 0x%" PRIx64 ", %s%s%s\n", region->base, region->base + (region->size - 1),
		       attribute_words(region->attributes), region->is_privileged ? ", privileged" : "",
		       region->may_move ? ", may be mapped elsewhere" : "");
	}
	if (traits->regions_left_out) {
		printf("  and %u more, which find no room in the list\n", traits->regions_left_out);
	}
}

static void print_pmcg(const struct pmcg_traits *pmcg)
{
	people_print_text(pmcg->name);
	printf(": counts for ");
	people_print_text(pmcg->counts ? pmcg->counts : "no node");
	printf(", page 0 at 0x%" PRIx64, pmcg->page[0]);
	if (pmcg->page_count > 1) {
		printf(", page 1 at 0x%" PRIx64, pmcg->page[1]);
	}
	if (pmcg->gsiv) {
		printf(", overflow INTID %" PRIu32 "\n", pmcg->gsiv);
	} else {
		puts(pmcg->has_mapping ? ", overflow by MSI" : ", no interrupt");
	}
}

void traits_print_pmcgs(const struct traits *traits)
{
	for (unsigned int i = 0; i < traits->pmcg_count; i++) {
		printf("%s  ", i ? "" : "\nPerformance monitors\n");
		print_pmcg(&traits->pmcg[i]);
	}
	if (traits->pmcgs_left_out) {
		printf("  and %u more, which find no room in the list\n", traits->pmcgs_left_out);
	}
}

static json_t *json_hex(uint64_t value)
{
	return json_sprintf("0x%" PRIx64, value);
}

json_t *traits_json_regions(const struct traits *traits)
{
	json_t *list = json_array();

	for (unsigned int i = 0; i < traits->region_count; i++) {
		const struct region_traits *region = &traits->region[i];

		json_array_append_new(list,
				      json_pack("{s:o, s:o, s:o, s:i, s:b, s:b}", "where", json_text(region->name),
						"base", json_hex(region->base), "size", json_hex(region->size),
						"attributes", region->attributes, "privileged", region->is_privileged,
						"may_move", region->may_move));
	}
	return list;
}

json_t *traits_json_pmcgs(const struct traits *traits)
{
	json_t *list = json_array();

	for (unsigned int i = 0; i < traits->pmcg_count; i++) {
		const struct pmcg_traits *pmcg = &traits->pmcg[i];

		json_array_append_new(list,
				      json_pack("{s:o, s:o, s:o, s:o, s:o, s:b}", "name", json_text(pmcg->name),
						"counts", json_text(pmcg->counts), "page_0", json_hex(pmcg->page[0]),
						"page_1", pmcg->page_count > 1 ? json_hex(pmcg->page[1]) : json_null(),
						"gsiv", pmcg->gsiv ? json_integer(pmcg->gsiv) : json_null(), "msi",
						!pmcg->gsiv && pmcg->has_mapping));
	}
	return list;
}
