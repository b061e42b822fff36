/* SPDX-License-Identifier: BSD-2-Clause */
/* QEMU's educational PCI device (1234:11e8): a buffer of 4 KiB that DMA fills and empties, 100 ms a time. */
#ifndef MASTERS_EDU_H
#define MASTERS_EDU_H

#include "masters/master.h"

extern const struct master_driver edu_driver;

#endif
