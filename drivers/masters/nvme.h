/* SPDX-License-Identifier: BSD-2-Clause */
/* An NVMe controller (NVM Express base specification 1.4): reads blocks of its first namespace, and writes none. */
#ifndef MASTERS_NVME_H
#define MASTERS_NVME_H

#include "masters/master.h"

extern const struct master_driver nvme_driver;

#endif
