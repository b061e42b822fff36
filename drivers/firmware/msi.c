/* SPDX-License-Identifier: BSD-2-Clause */
#include "firmware/msi.h"

uint32_t msi_last(const struct msi_description *msi)
{
	return msi->constant || !msi->has_input ? msi->device : msi->device + (msi->input_last - msi->input_first);
}
