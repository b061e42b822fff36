/* SPDX-License-Identifier: BSD-2-Clause */
/* Any 32 bytes as a record: it has a name and a cause. */
#include <string.h>

#include "fuzz.h"
#include "smmuv3/private.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct event_record record = {0};
	struct smmuv3_event event;

	memcpy(&record, bytes, size < sizeof(record) ? size : sizeof(record));
	smmuv3_decode_event(&record, &event);
	fuzz_require(strlen(smmuv3_event_name(event.code)) > 0 && strlen(smmuv3_event_cause(event.code)) > 0,
		     "an event without words");
	fuzz_require(event.code <= 0xff && event.sid == record.dword[0] >> 32, "a field of another place");
	fuzz_require(!event.stalled || event.stag <= 0xffff, "a tag of more than 16 bits");
	return 0;
}
