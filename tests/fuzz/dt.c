/* SPDX-License-Identifier: BSD-2-Clause */
/* Any bytes as a device tree: where libfdt accepts the whole tree, both readers agree. */
#include "firmware/dt.h"

#include <libfdt.h>
#include <stdlib.h>
#include <string.h>

#include "firmware/dt_tree.h"
#include "fuzz.h"

#define PATH_SIZE 512U

static void compare_properties(const void *tree, int node)
{
	int property;

	fdt_for_each_property_offset(property, tree, node)
	{
		const char *name;
		uint32_t size = 0;
		int length;

		(void)fdt_getprop_by_offset(tree, property, &name, NULL);
		fuzz_require(dt_property(tree, node, name, &size) == fdt_getprop(tree, node, name, &length) &&
				     size == (uint32_t)length,
			     "another property than libfdt's");
	}
}

static void compare_path(const void *tree, int node)
{
	char path[PATH_SIZE];
	struct dt_node found;

	if (fdt_get_path(tree, node, path, sizeof(path)) == 0) {
		int wanted = fdt_path_offset(tree, path);
		bool is_found = dt_by_path(tree, path, strlen(path), &found);

		fuzz_require(is_found ? dt_offset(&found) == wanted : wanted < 0,
			     "another node than libfdt's by its path");
	}
}

static void compare_strings(const struct dt_node *node)
{
	static const char *const lists[] = {"compatible", "interrupt-names"};
	static const char *const texts[] = {"arm,smmu-v3", "virt", "combined"};

	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
		for (size_t j = 0; j < sizeof(texts) / sizeof(texts[0]); j++) {
			int wanted = fdt_stringlist_search(node->fdt, dt_offset(node), lists[i], texts[j]);

			fuzz_require(dt_string_index(node, lists[i], texts[j]) == (wanted < 0 ? -1 : wanted),
				     "another string of a list than libfdt's");
		}
	}
}

static void compare_reservations(const void *tree)
{
	struct range_description range;
	uint64_t base;
	uint64_t size;
	int count = fdt_num_mem_rsv(tree);

	for (int i = 0; i < count; i++) {
		fuzz_require(fdt_get_mem_rsv(tree, i, &base, &size) == 0 && dt_reservation(tree, (uint32_t)i, &range) &&
				     range.base == base && range.size == size,
			     "another reservation than libfdt's");
	}
	fuzz_require(!dt_reservation(tree, (uint32_t)count, &range), "a reservation more than libfdt's");
}

/* Only this firmware skips deeper nodes. */
static void compare(const void *tree)
{
	int depth = 0;
	struct dt_node ours;
	bool more = dt_root(tree, &ours);

	if (!more) {
		return; /* libfdt accepts an end before the beginning. */
	}
	for (int node = 0; node >= 0 && depth >= 0; node = fdt_next_node(tree, node, &depth)) {
		if (depth >= DT_DEPTH_MAX) {
			continue;
		}
		fuzz_require(more && dt_offset(&ours) == node && ours.depth == depth, "another node than libfdt's");
		fuzz_require(!strcmp(dt_name(tree, node), fdt_get_name(tree, node, NULL)),
			     "another name than libfdt's");
		compare_properties(tree, node);
		compare_path(tree, node);
		compare_strings(&ours);
		more = dt_next(&ours);
	}
	fuzz_require(!more, "a node more than libfdt's");
	compare_reservations(tree);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	static struct description description;
	static struct msi_list msis;
	uint8_t *copy = fuzz_copy(bytes, size);

	if (dt_check(copy, size) == 0) {
		if (fdt_check_full(copy, size) == 0) {
			compare(copy);
		}
		description_init(&description);
		if (dt_read(copy, &description) == 0) {
			fuzz_check(&description);
			fuzz_require(dt_read_msis(copy, &description, &msis) == 0, "a tree that is no tree");
			fuzz_check_msis(&description, &msis, copy, size);
		}
	}
	free(copy);
	return 0;
}
