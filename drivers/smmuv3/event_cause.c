/* SPDX-License-Identifier: BSD-2-Clause */
#include <stddef.h>

#include "base/feature.h"
#include "smmuv3/private.h"

static const char *const causes[] = {
	[F_UUT] = "the transaction is of a kind that the SMMU does not support",
	[C_BAD_STREAMID] = "no table describes this stream: it is beyond the stream table or its part of it is empty",
	[F_STE_FETCH] = "the stream table entry could not be read",
	[C_BAD_STE] = "the stream has no valid stream table entry: it was never let through",
	[F_BAD_ATS_TREQ] = "an ATS translation request came where ATS is off",
	[F_STREAM_DISABLED] = "a transaction without a substream came where only substreams are let through",
	[F_TRANSL_FORBIDDEN] = "a translated (ATS) address came from a stream that may not use them",
	[C_BAD_SUBSTREAMID] = "the substream is beyond the stream's context descriptors",
	[F_CD_FETCH] = "the context descriptor could not be read",
	[C_BAD_CD] = "the context descriptor is not valid",
	[F_WALK_EABT] = "a translation table could not be read: it lies where the SMMU cannot reach",
	[F_TRANSLATION] = "the address is not mapped for this stream",
	[F_ADDR_SIZE] = "the translated address is beyond the output size",
	[F_ACCESS] = "the page's access flag is clear",
	[F_PERMISSION] = "the page is mapped, but not for this kind of access",
	[F_TLB_CONFLICT] = "two copies of one entry are cached: an invalidation is missing",
	[F_CFG_CONFLICT] = "two copies of one entry are cached: an invalidation is missing",
	[E_PAGE_REQUEST] = "the SMMU hints at a page that will be asked for",
	[F_VMS_FETCH] = "the virtual machine structure could not be read",
};

const char *smmuv3_event_cause(unsigned int code)
{
	const char *cause = code < sizeof(causes) / sizeof(causes[0]) ? causes[code] : NULL;

	if (cause) {
		return cause;
	}
	return event_is_implementation_defined(code) ? "see this implementation's manual" :
						       "the architecture that this firmware knows has no such event";
}

LINKED(smmuv3_event_cause);
