/* SPDX-License-Identifier: BSD-2-Clause */
#include "firmware/description_lookup.h"

#include "description_lookup.h"
#include "hash.h"

/* Of the lists that were asked about last, up to these counts. Values are indices, and one more. */
static const struct stream_description *seen;
static struct hash smmus;
static struct hash windows;
static unsigned int smmu_count;
static unsigned int window_count;

/* Likewise, of the warnings. */
static const struct description *warned;
static struct hash warnings;
static unsigned int warning_count;

void description_lookup_clear(void)
{
	seen = NULL;
	warned = NULL;
}

static void look_at(const struct stream_description *streams)
{
	if (seen != streams) {
		seen = streams;
		hash_clear(&smmus);
		hash_clear(&windows);
		smmu_count = 0;
		window_count = 0;
	}
}

static bool has_handle(const void *handle, uint32_t value)
{
	return seen->smmu[value - 1].handle == *(const uint32_t *)handle;
}

static uint32_t key_of_handle(uint32_t handle)
{
	return hash_numbers(0, handle);
}

static void see_smmus(void)
{
	for (; smmu_count < seen->smmu_count; smmu_count++) {
		uint32_t handle = seen->smmu[smmu_count].handle;

		if (!hash_find(&smmus, key_of_handle(handle), has_handle, &handle)) {
			hash_add(&smmus, key_of_handle(handle), smmu_count + 1);
		}
	}
}

int description_smmu_of_handle(const struct stream_description *streams, uint32_t handle)
{
	look_at(streams);
	see_smmus();
	return handle ? (int)hash_find(&smmus, key_of_handle(handle), has_handle, &handle) - 1 : NO_SMMU;
}

static bool has_master(const void *master, uint32_t value)
{
	return seen->window[value - 1].master == master;
}

static uint32_t key_of_name(const char *name)
{
	uint64_t address = (uintptr_t)name;

	return hash_numbers((uint32_t)(address >> 32), (uint32_t)address);
}

static void see_windows(void)
{
	for (; window_count < seen->window_count; window_count++) {
		const char *master = seen->window[window_count].master;

		if (!hash_find(&windows, key_of_name(master), has_master, master)) {
			hash_add(&windows, key_of_name(master), window_count + 1);
		}
	}
}

bool description_has_window(const struct stream_description *streams, const char *master)
{
	look_at(streams);
	see_windows();
	return hash_find(&windows, key_of_name(master), has_master, master) != 0;
}

static bool has_words(const void *warning, uint32_t value)
{
	const struct warning_description *wanted = warning;
	const struct warning_description *listed = &warned->warning[value - 1];

	return listed->where == wanted->where && listed->text == wanted->text;
}

static uint32_t key_of_warning(const struct warning_description *warning)
{
	return hash_numbers(key_of_name(warning->where), key_of_name(warning->text));
}

bool description_has_warning(const struct description *description, const struct warning_description *warning)
{
	if (warned != description) {
		warned = description;
		hash_clear(&warnings);
		warning_count = 0;
	}
	for (; warning_count < description->warning_count; warning_count++) {
		hash_add(&warnings, key_of_warning(&description->warning[warning_count]), warning_count + 1);
	}
	return hash_find(&warnings, key_of_warning(warning), has_words, warning) != 0;
}
