/* SPDX-License-Identifier: BSD-2-Clause */
#include "firmware/description_lookup.h"

int description_smmu_of_handle(const struct stream_description *streams, uint32_t handle)
{
	for (unsigned int i = 0; i < streams->smmu_count; i++) {
		if (handle != 0 && streams->smmu[i].handle == handle) {
			return (int)i;
		}
	}
	return NO_SMMU;
}

bool description_has_window(const struct stream_description *streams, const char *master)
{
	for (unsigned int i = 0; i < streams->window_count; i++) {
		if (streams->window[i].master == master) {
			return true;
		}
	}
	return false;
}

bool description_has_warning(const struct description *description, const struct warning_description *warning)
{
	for (unsigned int i = 0; i < description->warning_count; i++) {
		/* Equal names share a pointer. */
		if (description->warning[i].where == warning->where && description->warning[i].text == warning->text) {
			return true;
		}
	}
	return false;
}
