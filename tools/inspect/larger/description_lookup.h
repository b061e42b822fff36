/* SPDX-License-Identifier: BSD-2-Clause */
/* What was remembered of lists is forgotten when they are emptied. */
#ifndef INSPECT_DESCRIPTION_LOOKUP_H
#define INSPECT_DESCRIPTION_LOOKUP_H

void description_lookup_clear(void);

#endif
