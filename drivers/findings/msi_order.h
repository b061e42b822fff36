/* SPDX-License-Identifier: BSD-2-Clause */
/* A list of MSIs by their masters: where those of one begin. */
#ifndef FINDINGS_MSI_ORDER_H
#define FINDINGS_MSI_ORDER_H

#include "findings/spans.h"
#include "firmware/msi.h"

/*
 * Of a span: `group` is table_cause(master), `first` its first input ID, `last` the last ID that it or one before it of
 * this master has, `index` the list's. Where no IDs are told, all are meant.
 */
struct msi_order {
	const struct span *span;
	unsigned int count;
};

struct table_view;

/* Of the view's MSIs, in its spans: until the next that is made there. */
struct msi_order msi_order(const struct table_view *view);

/* The place of this master's first that begins at `input` or behind; else where it would stand. */
unsigned int msi_order_from(const struct msi_order *order, const char *master, uint64_t input);

/* Does that place hold one of the master's? */
bool msi_order_has(const struct msi_order *order, unsigned int place, const char *master);

#endif
