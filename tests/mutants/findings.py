# SPDX-License-Identifier: BSD-2-Clause
"""The findings of a table: their list, the judges, and what smmu-inspect makes of them, without one of their rules."""

import mutant

PROGRAMS = ("table_findings", "target_findings")
SANITIZED = True

FINDINGS = "drivers/findings/findings.c"
STREAMS = "drivers/findings/judge_streams.c"
WARNINGS = "drivers/findings/judge_warnings.c"
INTERRUPTS = "drivers/findings/judge_interrupts.c"
ACCEPT = "tools/inspect/accept.c"
EXPLAIN = "tools/inspect/explain.c"
MAIN = "tools/inspect/main.c"
TABLE = "tools/inspect/table.c"
BINDINGS = "tests/inspect/bindings.t"
PEOPLE = "tools/inspect/people.c"
SARIF = "tools/inspect/sarif.c"
CLI = "tests/inspect/cli.t"
TEST = "test_table_findings"
JUDGE = "drivers/findings/judge_"
JUDGED = "tests/inspect/judged.t"
COMPONENTS = "tests/inspect/components.t"
RMR = "tests/inspect/rmr.t"
TARGET = "test_target_findings"
SEEN = "tests/inspect/seen.t"


def of(subject, mutants, test=JUDGED):
    return mutant.of(test, f"{JUDGE}{subject}.c", mutants)


MUTANTS = [
    ("FINDING_OF_A_CAUSE_ANEW", "one cause is one finding", TEST, FINDINGS, "(finding->id == id && finding->cause == cause)", "(finding->cause != finding->cause)"),
    ("FINDING_OF_ANOTHER_ID", "one cause is one finding", TEST, FINDINGS, "(finding->id == id && finding->cause == cause)", "finding->cause == cause"),
    ("FINDING_AGAIN_AT_ITS_PLACE", "the same again is nothing new", TEST, FINDINGS, "if (!is_last_place(findings, finding, place)) {", "if (place) {"),
    ("FINDINGS_WORST_AGAIN", "the worst is first", TEST, FINDINGS, "int severity = finding ? (int)ids[finding->id].severity : FINDING_ERROR;", "int severity = FINDING_ERROR;"),
    ("FINDINGS_LOST_UNCOUNTED", "what finds no room is counted", TEST, FINDINGS, "findings->place_count == TABLE_FINDING_PLACES_MAX)) {\n\t\tfindings->lost++;", "findings->place_count == TABLE_FINDING_PLACES_MAX)) {"),
    ("FINDING_WITHOUT_ITS_PROPERTY", "the property begins the text", TEST, FINDINGS, "if (finding->property) {", "if (!finding) {"),
    ("DISABLED_SMMU_OF_EACH_CLAIM", "a disabled SMMU is told once", TEST, STREAMS, "claim.property, claim.smmu,", "claim.property, i,"),
    ("STREAMS_OF_TWO_MASTERS_EACH", "two masters are one cause", TEST, STREAMS, "cause_of_pair(claim->master, other->master);", "cause_of_pair(claim->master, other->master) + claim->first;"),
    ("INTERRUPTS_ECHO", "what cannot be read is not missing", TEST, INTERRUPTS, "if (table_finding_is_at(findings, causes[i], smmu)) {", "if (false) {"),
    ("READERS_LOSSES_UNTOLD", "lost warnings are told", TEST, WARNINGS, "if (description->warnings_lost) {", "if (false) {"),
    ("WINDOWS_JOINED_BY_INPUT", "the streams go on, too", BINDINGS, TABLE, "next->sid == (window->constant ? window->sid : window->sid + length);", "length;"),
    ("WINDOWS_JOINED_BY_STREAM", "the requester IDs go on, too", BINDINGS, TABLE, "window->input_last + 1 == next->input_first && next->input_first &&", "length &&"),
    ("WINDOWS_EACH", "those that follow each other are one", BINDINGS, TABLE, "if (count && goes_on(", "if (!count && goes_on("),
    ("ACCEPTED_IS_STRICT", "accepted findings are let be", CLI, FINDINGS, "count += !findings->finding[i].accepted && ids", "count += ids"),
    ("ACCEPTED_BY_ONE_PLACE", "each place is accepted", CLI, ACCEPT, "while (finding->accepted && (place", "while (false && (place"),
    ("ACCEPTED_UNUSED_UNTOLD", "lines that fit nothing are told", CLI, ACCEPT, "if (!entry->used) {", "if (false) {"),
    ("ACCEPTED_WITHOUT_A_REASON", "each line has a reason", CLI, ACCEPT, "if (*rest != '#' || !rest[1 + strspn(rest + 1, BLANKS)]) {", "if (*rest != '#') {"),
    ("ACCEPTED_OF_ANY_ID", "ids are known", CLI, ACCEPT, "if (!is_id(entry->id)) {", "if (false) {"),
    ("STRICT_WITH_NOTES", "a note is let pass", CLI, MAIN, "table_findings_at_least(&table.findings, FINDING_WARNING)", "table_findings_at_least(&table.findings, FINDING_NOTE)"),
    ("STRICT_OF_ERRORS", "a warning is not let pass", CLI, MAIN, "table_findings_at_least(&table.findings, FINDING_WARNING)", "table_findings_at_least(&table.findings, FINDING_ERROR)"),
    ("NO_FINDINGS_OF_NOTHING", "no findings is of what was looked at", CLI, PEOPLE, "\t\tprint_looked_at(table);\n", ""),
    ("EXPLAINED_BY_ITS_BEGINNING", "an id is a whole word", CLI, EXPLAIN, "    strncmp(line + 3 + length, \"` | \", 4) != 0) {", "    false) {"),
    ("SARIF_PLACE_IN_THE_BLOCK", "places are bytes of the file", CLI, SARIF, "get_be32(&table->bytes[DT_STRUCT_OFFSET]) + (size_t)dt_offset(&node)", "(size_t)dt_offset(&node)"),
    ("SARIF_RULE_OF_ANOTHER", "a result's rule", CLI, SARIF, "(int)finding->id, \"level\"", "(int)finding->id + 1, \"level\""),
    ("SARIF_RAW_URI", "a path as a URI", CLI, SARIF, "if (isalnum(c) || strchr(\"-._~/\", c)) {", "if (c) {"),
    ("SARIF_NOT_SUPPRESSED", "accepted ones are suppressed", CLI, SARIF, "return finding->accepted ?\n", "return !finding->place ?\n"),
] + of("lines", (
    ("LEVEL_OF_A_DISABLED_SMMU", "a disabled SMMU's lines are not judged", "\t\tif (!smmu->enabled) {\n\t\t\tcontinue;\n\t\t}\n\t\tjudge_parent(", "\t\tjudge_parent("),
    ("LINE_OF_ANY_KIND_IS_LEVEL", "a PPI's trigger is no second finding", "return is_shared_kind(line) && line->has_trigger && line->trigger == TRIGGER_LEVEL_HIGH;", "return line->has_trigger && line->trigger == TRIGGER_LEVEL_HIGH;"),
    ("LINE_SHARED_WHEN_COMBINED", "one line for all, by name", "for (unsigned int wire = 0; !smmu->is_combined && wire < WIRES; wire++) {\n\t\tunsigned int count", "for (unsigned int wire = 0; wire < WIRES; wire++) {\n\t\tunsigned int count"),
    ("LINE_SHARED_OF_TWO_ALONE", "all that share a line are named", "for (unsigned int other = wire; other < WIRES; other++) {", "for (unsigned int other = wire; other < WIRES && count < 2; other++) {"),
    ("LINES_ORDER_OF_THE_MOST", "the fewer are exchanged", "step = backwards > forwards ? line_step(view, first) : -line_step(view, first);", "step = -line_step(view, first);"),
    ("LINES_ORDER_OF_ANY_STEP", "another distance tells nothing", "backwards += line_step(view, i) == -line_step(view, first);", "backwards += line_step(view, i) < 0;"),
    ("LINES_ORDER_OF_A_DISABLED_SMMU", "a disabled SMMU's lines are not judged", "if (!view->description->streams.smmu[i].enabled || !is_shared_kind(&line[WIRE_EVENTQ]) ||", "if (!is_shared_kind(&line[WIRE_EVENTQ]) ||"),
    ("LINE_SHARED_WITH_A_DISABLED_SMMU", "a disabled SMMU has no line", "if (view->description->streams.smmu[i / WIRES].enabled && is_shared_kind(line)) {", "if (is_shared_kind(line)) {"),
    ("LINE_SHARED_WITH_ITSELF", "two lines of one SMMU are told once", "if (owner != spans[first].index / WIRES &&\n\t\t    ", "if ("),
    ("LINES_SHARED_EACH", "one line of an SMMU's is told of", " &&\n\t\t    !table_finding_is_at(findings, FINDING_INTERRUPT_SHARED, smmu[owner].name)) {", ") {"),
    ("OWN_MSI_NOWHERE_THOUGH_WIRED", "wires are enough", "traits->msi == OWN_MSI_NOWHERE && !is_wired", "traits->msi == OWN_MSI_NOWHERE"),
    ("OWN_MSI_DISABLED_THOUGH_WIRED", "wires are enough", "traits->msi == OWN_MSI_DISABLED && !is_wired", "traits->msi == OWN_MSI_DISABLED"),
)) + of("requester_ids", (
    ("MAP_BEYOND_BY_ITS_END", "a map that is longer than all buses", "if (entry->first > REQUESTER_ID_MAX) {", "if (entry->last > REQUESTER_ID_MAX) {"),
    ("MAP_BEYOND_OF_ANY_BUS", "another bus's IDs have 32 bits", "if (window->enabled && window->segment != STREAM_NO_SEGMENT) {", "if (window->enabled) {"),
)) + of("regions", (
    ("REGION_WITHIN_RAM", "a part in RAM is enough", "base <= last_of(region->base, region->size);", "base <= region->base;"),
    ("REGION_OVER_REGISTERS_UNTOLD", "an SMMU's registers", "if (smmu->has_base && meets(region, smmu->base, smmu->size)) {", "if (false) {"),
)) + of("root_complexes", (
    ("ONE_ID_UNTOLD", "one ID of a mapping of many", "master->window_count == 1 && window->input_first == window->input_last", "false"),
)) + of("specifiers", (
    ("MAP_ORDER_OF_ONE_ENTRY", "each entry has its phandle there", "while (at < list->count && is_controller(", "if (at < list->count && is_controller("),
    ("MAP_ORDER_OF_THE_RIGHT", "a phandle in its place is right", " || is_controller(specifiers, dt_cell(&list, right))) {", ") {"),
)) + of("spellings", (
    ("WIRE_NAMES_OF_A_DISABLED_SMMU", "a disabled SMMU's lines are not judged", "if (dt_compatible(&node, SMMUV3) && dt_enabled(&node)) {", "if (dt_compatible(&node, SMMUV3)) {"),
)) + of("masters", (
    ("LIMIT_OF_64_BITS_IS_BEYOND", "64 bits are all", "if (master->limit_bits > ADDRESS_BITS) {", "if (master->limit_bits >= ADDRESS_BITS) {"),
)) + of("components", (
    ("NO_NAME_AND_A_WRONG_ONE", "a name that is missing is told once", " &&\n\t    !table_finding_is_at(findings, FINDING_NO_NAME, master->name)) {", ") {"),
), COMPONENTS) + of("requesters", (
    ("HOLE_OF_THE_LAST_ID_IN_A_BUS", "the last ID of a bus", "first == last && (first & DEVFN_MASK) == DEVFN_MASK;", "first == last;"),
)) + of("streams", (
    ("SMMU_DISABLED_UNTOLD", "a master of a disabled SMMU", "if (!streams->smmu[claim.smmu].enabled) {", "if (false) {"),
    ("SMMU_RESERVED_IS_DISABLED", "a reserved SMMU is another firmware's", "is_reserved(view, claim.smmu) ?", "false ?"),
    ("STREAM_OF_A_DISABLED_MASTER", "a disabled master claims nothing", "\t\tif (claim.enabled) {\n\t\t\tspans", "\t\tif (true) {\n\t\t\tspans"),
    ("STREAMS_OF_ANY_SMMU", "each SMMU has its own streams", ".group = claim.smmu,", ".group = 0,"),
    ("STREAM_TWICE_OF_ONE_MASTER", "a master may name a stream twice", ".owner = claim.master,", ".owner = &streams->fixed[i],"),
    ("STREAMS_LEFT_OUT_UNTOLD", "what is not compared is told", "if (!all || pairs.work > WORK_MAX) {", "if (false) {"),
), TEST) + of("instances", (
    ("REGISTERS_OVER_A_DISABLED_SMMU", "a disabled SMMU's registers are free", "if (other->enabled && overlap(smmu, other)) {", "if (overlap(smmu, other)) {"),
    ("REGISTERS_THAT_TOUCH", "registers that touch do not overlap", "a->base < b->base + b->size &&", "a->base <= b->base + b->size &&"),
    ("SMMU_NAMED_BY_A_DISABLED_MASTER", "a disabled master's SMMU has none", "named[claim.smmu] || claim.enabled;", "true;"),
), TEST) + of("components", (
    ("COMPONENT_ORDER_UNTOLD", "what Linux stops before", "if (master->mappings_lost && master->mappings_taken) {", "if (false) {"),
    ("COMPONENT_OF_THE_FIRST_NAME_ALONE", "one name twice", "if (spans[i].group == spans[i - 1].group) {", "if (false) {"),
    ("COMPONENT_NAMES_OF_HOSTS", "a segment's name is no component's", "if (traits->master[i].segment == STREAM_NO_SEGMENT) {", "if (traits->master[i].segment != STREAM_NO_SEGMENT) {"),
), COMPONENTS) + of("components", (
    ("SMMUS_OF_A_MASTER_AS_LISTED", "two SMMUs of a master", "if (first->smmu != fixed->smmu) {", "if (first->smmu < fixed->smmu) {"),
    ("SMMUS_OF_A_DISABLED_MASTER", "a disabled master's streams are no master's", "if (streams->fixed[i].enabled) {", "if (true) {"),
), TEST) + of("rmr", (
    ("RMR_ALIGNED_TO_PAGES", "whole 64 KiB", "#define RANGE_ALIGNMENT 0x10000U", "#define RANGE_ALIGNMENT 0x1000U"),
    ("RMR_BASE_ALONE_ALIGNED", "whole 64 KiB", "(region->base | region->size) % RANGE_ALIGNMENT", "region->base % RANGE_ALIGNMENT"),
    ("RMR_THAT_TOUCH", "ranges that touch do not overlap", "region->base > last_of(other) ||", "region->base > last_of(other) + 1 ||"),
    ("RMR_ONE_RANGE_OF_TWO_NODES", "one range for streams of two nodes", "return a->name != b->name && a->base == b->base && a->size == b->size;", "return false;"),
    ("RMR_OF_A_MASTER_UNUSED", "streams of no master", "if (direct->master == direct->where) {", "if (direct->master) {"),
), RMR) + of("pmcg", (
    ("PMCG_OF_ITSELF", "what has counters", "pmcg->counts_type <= NODE_TYPE_SMMUV3;", "pmcg->counts_type <= 6;"),
    ("PMCG_INTERRUPT_BY_WIRE_ALONE", "an interrupt by MSI", "if (!pmcg->gsiv && !pmcg->has_mapping) {", "if (!pmcg->gsiv) {"),
    ("PMCG_OVER_THE_SECURE_PAGE", "pages that have registers", "{0, 0x8000, 0x10000}", "{0, 0, 0x10000}"),
    ("PMCG_AT_HOME_IN_ANY_SMMU", "within another SMMU", "pmcg->reference != smmu->handle && counts_what_can_be(pmcg)", "false"),
    ("PMCG_OF_TWO_UNTOLD", "two at one place", "if (pmcg->page[0] == other->page[0]) {", "if (false) {"),
), RMR) + of("msis", (
    ("MSI_TWICE_OF_A_DISABLED_MASTER", "a disabled master sends none", "if (msi->enabled && msi->has_device) {", "if (msi->has_device) {"),
    ("MSI_TWICE_OF_ANY_CONTROLLER", "each controller has its own devices", ".group = table_cause(msi->controller),", ".group = 0,"),
    ("MSI_HOLE_OF_A_DISABLED_MASTER", "a disabled master has no hole", "if (!window->enabled || window->has_mask || ", "if (window->has_mask || "),
    ("MSI_HOLE_OF_A_MASK", "masked IDs do not compare", "if (!window->enabled || window->has_mask || ", "if (!window->enabled || "),
    ("MSI_HOLE_OF_ITS_MASK", "masked IDs do not compare", " ||\n\t    list->msi[order->span[first].index].has_mask) {", ") {"),
    ("MSI_HOLE_BEFORE_ITS_FIRST", "what begins before the window", "if (i > first && order->span[i - 1].last >= input) {", "if (false) {"),
    ("MSI_HOLE_BEYOND_THE_REQUESTER_IDS", "requester IDs have 16 bits", "window->input_last < REQUESTER_ID_MAX ? window->input_last : REQUESTER_ID_MAX", "window->input_last"),
    ("MSI_HOLE_AT_THE_END", "the last IDs are looked at", "\tjudge_hole(findings, master, input, end + 1);\n", ""),
), TEST) + of("places", (
    ("PLACES_EXCHANGED_ARE_TWO", "exchanged addresses are one cause", "i < k ? (uint64_t)i << 32 | k : (uint64_t)k << 32 | i,", "i,"),
    ("PLACES_EXCHANGED_BY_HALF", "each has the other's", "a->unit == b->place && b->unit == a->place", "a->unit == b->place"),
    ("PLACE_WITHOUT_A_UNIT", "no unit address", "smmu->has_unit && smmu->has_place &&", "smmu->has_place &&"),
)) + of("masters", (
    ("COHERENCY_BY_PATH_ALONE", "CCA 0 with CPM alone", "master->coherent == TOLD_NO && master->path_is_coherent && master->is_cacheable", "master->coherent == TOLD_NO && master->path_is_coherent"),
    ("COHERENCY_PATH_UNTOLD", "CCA 1 without a path", "master->coherent == TOLD_YES && !master->path_is_coherent", "false"),
    ("LIMIT_ZERO_UNTOLD", "a limit of 0", "if (!master->reaches_nothing) {", "if (master) {"),
)) + of("pci", (
    ("IOMMUS_BESIDE_A_MAP", "iommus beside a map", "master->pci == PCI_HOST && master->window_count == 0) {\n\t\ttable", "master->pci == PCI_HOST) {\n\t\ttable"),
    ("ENDPOINT_OF_TWO_STREAMS", "endpoint mode, two streams", "if (master->fixed_count == 1) {", "if (master->fixed_count) {"),
    ("MASK_OF_ALL_IDS", "a mask that lets functions apart", "|| !window->has_mask || !lost) {", "|| !window->has_mask) {"),
    ("MASK_OF_A_DEVICE_IS_A_BUS", "a mask of the function", "lost == FUNCTION ? \"device\" : \"bus\"", "lost == FUNCTION ? \"bus\" : \"device\""),
)) + of("requesters", (
    ("HOLE_OF_ANOTHER_IOMMU", "another kind of IOMMU has the rest", "master->maps_elsewhere || ", ""),
    ("HOLE_BEHIND_A_DISABLED_SMMU", "nothing translates it", " || !is_translated(search->view, master) ||", " ||"),
    ("HOLE_BEYOND_ITS_BUSES", "the buses that it has", "(uint32_t)without->master->bus_last << BUS_SHIFT | DEVFN_MASK;", "REQUESTER_ID_MAX;"),
    ("HOLE_OF_ALL_MASKED_IDS", "masked IDs repeat", "!(mask & (mask + 1)) && mask < end ? mask : end;", "false ? mask : end;"),
    ("ONE_MASK_ONE_WAY", "the other of two masks", "\tfind_holes(search, msis, streams, &ranges);\n", ""),
    ("HOLES_EACH_ID", "holes are ranges", "hole = is_hole && !in_hole ? id : hole;", "hole = is_hole ? id : hole;"),
)) + of("msi_controllers", (
    ("MSI_NONE_THOUGH_ITS_OWN", "a controller of its own", "host->tells_msis || host->has_own_msis ||", "host->tells_msis ||"),
    ("MSI_NONE_THOUGH_IN_THE_IORT", "a root complex that sends", " || sends || ", " || "),
    ("MSI_NONE_WITHOUT_AN_ITS", "a machine without an ITS", "view->description->streams.source == DESCRIPTION_DT || view->traits->has_its", "true"),
    ("MSI_DISABLED_UNTOLD", "a disabled controller", "if (!msi->enabled) {", "if (false) {"),
    ("MSI_DISABLED_OF_A_DISABLED_HOST", "a disabled host", "if (view->traits->master[i].enabled) {", "if (true) {"),
)) + of("soc", (
    ("LUT_OF_ALL_BITS", "the bits that the table has", "!((sid ^ device) & mask)", "sid == device"),
    ("LUT_WIDTH_OF_ONE_MORE", "beyond the table's width", "if (last >= limit) {", "if (last > limit) {"),
    ("RAM_BY_ITS_BASE", "RAM up to its end", "(range.base + (range.size - 1)) >> output->bits", "range.base >> output->bits"),
)) + of("dma", (
    ("DMA_OF_A_DISABLED_NODE", "a disabled node does none", "|| !dt_enabled(node) || is_behind_one(node)", "|| is_behind_one(node)"),
    ("DMA_WITH_ONE_BELOW", "any of its nodes names it", "while (dt_next(&other) && other.depth > node->depth) {", "while (false) {"),
    ("DMA_BESIDE_ANY_BUS", "siblings are of its bus", "uint32_t bus = (uint32_t)node->chain[node->depth - 1];", "uint32_t bus = search->count ? (uint32_t)translated[0].group : 0;"),
    ("DMA_BESIDE_A_DISABLED_SMMU", "siblings are translated", "smmu < streams->smmu_count && streams->smmu[smmu].enabled", "smmu < streams->smmu_count"),
    ("DMA_BESIDE_A_HOST", "a host tells nothing of a device", "dt_is_pci_host(node) ? KIND_HOST : KIND_DEVICE;", "KIND_HOST;"),
)) + of("scanout", (
    ("SCANOUT_OF_A_POOL", "a pool is no buffer", " && !dt_compatible(node, \"shared-dma-pool\") &&\n", " &&\n"),
    ("SCANOUT_OF_ANY_DEVICE", "a display shows it", "if (is_translated(scanouts->view, master) && is_display(dt_name(fdt, (int)master->place))) {", "if (is_translated(scanouts->view, master)) {"),
    ("SCANOUT_OF_ANY_DISPLAY", "the device that display names", "if (named >= 0 && master->place == (uint32_t)named) {", "if (false) {"),
    ("SCANOUT_THOUGH_KEPT", "kept by another node", " && !is_kept(scanouts, &buffer)) {", ") {"),
    ("SCANOUT_OF_A_DISABLED_FRAMEBUFFER", "a disabled framebuffer", " || !dt_enabled(framebuffer)) {", ") {"),
    ("SCANOUT_UNTRANSLATED", "behind a disabled SMMU it is shown", "return master->enabled && master->fixed_count && streams->smmu[streams->fixed[master->fixed].smmu].enabled;", "return master->enabled && master->fixed_count;"),
)) + of("specifiers", (
    ("TWO_CELLS_OF_A_LIST", "a phandle of nothing is no second cell", "if (at + 3 == list.count || is_iommu(specifiers, dt_cell(&list, at + 3))) {", "if (true) {"),
    ("TWO_CELLS_OF_A_MAP_OF_FOUR", "a map of four cells", "dt_cells(node->fdt, dt_offset(node), \"iommu-map\");\n\n\tif (map.count == 0 ||", "dt_cells(node->fdt, dt_offset(node), \"iommu-map\");\n\n\tif (true || map.count == 0 ||"),
    ("CELLS_OF_AN_SMMU_UNTOLD", "#iommu-cells of 2", "&cells) && cells > SMMU_CELLS) {", "&cells) && false) {"),
)) + of("interrupts", (
    ("POLLING_THOUGH_BY_MSI", "by MSI", "if (streams->smmu[i].enabled && !by_msi) {", "if (streams->smmu[i].enabled) {"),
    ("POLLING_OF_A_DISABLED_SMMU", "a disabled SMMU has none", "if (streams->smmu[i].enabled && !by_msi) {", "if (!by_msi) {"),
)) + of("root_complexes", (
    ("COUNT_AND_ONE_TWICE", "one cause is one finding", "master->has_one_more && !table_finding_is_at(findings, FINDING_MAP_COUNT_IS_NUMBER, master->node)", "master->has_one_more"),
    ("SINGLE_OF_A_RANGE", "a range shares no stream", "if (master->window_count && window->constant) {", "if (master->window_count) {"),
    ("AROUND_THE_SMMU_UNTOLD", "an SMMU that the host goes around", "if (!master->window_count && has_smmu(", "if (master->window_count && has_smmu("),
)) + of("components", (
    ("RANGE_BESIDE_A_SINGLE", "Linux takes the single mapping", "master->mappings_ranged && !master->mappings_taken &&", "master->mappings_ranged &&"),
    ("NAME_WITHOUT_ITS_ROOT", "a path begins at the root", "if (*name != '\\\\') {", "if (!*name) {"),
    ("NAME_OF_SHORT_SEGMENTS", "segments of four characters", "if (strcspn(name, \".\") != SEGMENT_SIZE) {", "if (strcspn(name, \".\") > SEGMENT_SIZE) {"),
    ("NAME_BY_ITS_FIRST_SEGMENT", "each segment", "	} while (*name);", "	} while (false);"),
    ("RANGE_OF_FSL_MC", "a bus whose devices have IDs", "!is_fsl_mc(master->name)", "master"),
), COMPONENTS) + of("spellings", (
    ("SPELLING_OF_TWO_LETTERS", "one letter", "distance(name, properties[i]) == 1) {", "distance(name, properties[i]) <= 2) {"),
    ("SPELLING_BESIDE_THE_RIGHT_ONE", "the node has the right one", " && !dt_has(node, properties[known])) {", ") {"),
    ("SPELLING_EXCHANGED", "two letters exchanged", "row[k + 1] = least(row[k + 1], before_last[k - 1] + 1);", ""),
    ("SPELLING_OF_AN_SMMUV2", "an SMMUv2 is one", "!is_one_of(text, other_kinds, sizeof(other_kinds) / sizeof(other_kinds[0]))", "text"),
    ("SPELLING_OF_THE_FIRST_ALONE", "each compatible", "text < list + size; text += strlen(text) + 1) {\n\t\tjudge_compatible(", "text == list; text += strlen(text) + 1) {\n\t\tjudge_compatible("),
    ("SPELLING_OF_A_PRODUCT", "a product's name is no compatible", "is_one_of(text, products, sizeof(products) / sizeof(products[0])) ||", "!text ||"),
)) + of("specifiers", (
    ("MMU_MASTERS_UNTOLD", "an SMMUv2's list", "if (dt_has(node, \"mmu-masters\")) {", "if (false) {"),
)) + of("instances", (
    ("BASE_0_UNTOLD", "an IORT's base address 0", "smmu->has_base && smmu->base == 0) {", "smmu->has_base && false) {"),
)) + mutant.of(TARGET, "drivers/findings/ram.c", (
    ("OUTPUT_BEYOND_RAM", "RAM up to the last address", "range->base + (range->size - 1)", "range->base + range->size"),
    ("OUTPUT_OF_THE_FIRST_RANGE", "each range of RAM", "i < description->memory_count; i++", "i < 1; i++"),
)) + mutant.of(CLI, "drivers/firmware/differences.c", (
    ("DIFFERENCES_OF_A_SHIFT_EACH", "a shift is told once", "if (!ARCH_PLANS || !comparison->sums || !keep_shift(shifts, a, b)) {", "if (a) {"),
    ("DIFFERENCES_OF_TWO_STEPS_ONCE", "two steps are two differences", "a->constant == shift->a.constant &&\n\t       b->stream.sid - a->stream.sid == shift->b.stream.sid - shift->a.stream.sid;", "a->constant == shift->a.constant;"),
    ("DIFFERENCES_OF_A_MASK_EACH", "a mask is told once", "return counted.finder.count > 1;", "return false;"),
)) + mutant.of(SEEN, "drivers/findings/shift.c", (
    ("SHIFT_OF_THE_LAST_WINDOW", "the first window of a segment", "of_segment = of_segment ? of_segment : window;", "of_segment = window;"),
    ("SHIFT_OF_ANY_SEGMENT", "the window of its segment", "window->enabled && window->segment == segment", "window->enabled"),
    ("SHIFT_OF_NO_WINDOW", "the window of a requester ID", "\t\t\t\treturn window;\n", "\t\t\t\tcontinue;\n"),
    ("SHIFT_OF_TWO_HOSTS", "each host has its own", "return a->owner == b->owner && a", "return a"),
    ("SHIFT_OF_ANY_STEP", "two steps are two causes", "a->mask == b->mask && a->step == b->step;", "a->mask == b->mask;"),
    ("SHIFT_BY_ANY_MASK", "what a mask takes away", "if (hidden && shift->step == hidden &&", "if (hidden &&"),
    ("SHIFT_OF_NO_SMMU", "another SMMU, the same stream", "return !shift->described_at || shift->step || shift->mask != STREAM_NO_MASK ||\n\t       shift->described_at != shift->seen_at;", "return !shift->described_at || shift->step || shift->mask != STREAM_NO_MASK;"),
)) + mutant.of(SEEN, "tools/inspect/seen.c", (
    ("SEEN_TOLD_EACH", "a shift is told once", "is_told[k] = true;\n", "\n"),
    ("SEEN_SMMU_UNTOLD", "an SMMU that the run had not", "if (table->description.streams.smmu[i].enabled && !is_seen[i]) {", "if (false) {"),
    ("SEEN_FIRST_STREAM_ALONE", "any of a device's streams", "(!found || is_it)) {", "!found) {"),
    ("SEEN_SILENT_IS_ANSWERED", "one that does not answer", "facts->silent = description_name(", "(void)description_name("),
    ("SEEN_ANY_MACHINE", "another machine's report", "if (!take_instances(table, report, &facts, is_seen)) {", "if (take_instances(table, report, &facts, is_seen) > DESCRIPTION_SMMUS_MAX) {"),
)) + of("id_registers", (
    ("STREAM_OF_ONE_BIT_MORE", "as many bits as it takes", "claim.last >> bits) {", "claim.last >> (bits - 1)) {"),
    ("COHERENCY_OF_IDR1", "IDR0.COHACC", "view->facts->smmu[i].idr[0] & IDR0_COHACC;", "view->facts->smmu[i].idr[1] & IDR0_COHACC;"),
), SEEN) + of("id_registers", (
    ("ATS_TOLD_AND_THERE", "ATS on both sides", "master->ats == TOLD_YES && !(pair->idr[0] & IDR0_ATS)", "master->ats == TOLD_YES"),
    ("ATS_THERE_AND_TOLD", "ATS that is not described", "master->ats == TOLD_NO && pair->idr[0] & IDR0_ATS", "pair->idr[0] & IDR0_ATS"),
    ("PRI_BY_ATS", "PRI is a bit of its own", "#define IDR0_PRI (1U << 16)", "#define IDR0_PRI (1U << 10)"),
    ("STALL_OF_BOTH_MODELS", "a model with stalls", "model == STALL_MODEL_NONE && master->stall == TOLD_YES", "master->stall == TOLD_YES"),
    ("STALL_FORCED_ON_ALL", "PCI alone may not be stalled", "model == STALL_MODEL_FORCED && master->segment != STREAM_NO_SEGMENT", "model == STALL_MODEL_FORCED"),
    ("PASIDS_OF_AS_MANY_BITS", "as many PASIDs as the SMMU has", "if (master->pasid_bits > bits) {", "if (master->pasid_bits >= bits) {"),
    ("BBML_WITHOUT_PASIDS", "a master without PASIDs", "if (!master->tells_pasid || !master->pasid_bits) {", "if (!master->tells_pasid) {"),
    ("BBML_OF_LEVEL_1", "level 2 is enough", "#define BBML_2 2U", "#define BBML_2 3U"),
    ("SILENT_IN_AN_IORT", "an IORT names no supplies", "if (!facts->silent || view->description->streams.source != DESCRIPTION_DT) {", "if (!facts->silent) {"),
    ("REGISTERS_OF_A_DISABLED_MASTER", "a disabled master", "if (view->traits->master[i].enabled) {", "if (true) {"),
), TARGET) + of("functions", (
    ("ATS_FOUND_ON_AND_KNOWN", "a host that is described with ATS", "} else if (!is_host_told_ats(search->view->traits, function->segment)) {", "} else {"),
    ("ATS_FOUND_ON_UNREAD", "registers that were read", "if (smmu->is_known && !(smmu->idr[0] & IDR0_ATS)) {", "if (!(smmu->idr[0] & IDR0_ATS)) {"),
    ("VIRTUAL_WITHOUT_STRIDE", "each has its place", "requester_id += function->virtual_stride", "requester_id += 1"),
    ("VIRTUAL_OF_THE_FUNCTION", "the first is behind it", "function->requester_id + function->virtual_first;", "function->requester_id;"),
    ("VIRTUAL_OF_ANY_HOST", "behind an SMMU", "				  &stream)) {\n\t\treturn;", "				  &stream) && false) {\n\t\treturn;"),
    ("VIRTUAL_BUSES_OF_ALL", "the buses that the host has", "if (requester_id >> BUS_SHIFT > last_bus) {", "if (false) {"),
    ("VIRTUAL_WORK_UNBOUND", "work is bounded", "\t\tif (search->work > WORK_MAX) {\n\t\t\treturn;\n\t\t}\n", ""),
), TARGET)
