/* SPDX-License-Identifier: BSD-2-Clause */
/* A virtio block device over PCI (virtio 1.1): reads sectors of its disk, and writes none. */
#ifndef MASTERS_VIRTIO_BLK_H
#define MASTERS_VIRTIO_BLK_H

#include "masters/master.h"

extern const struct master_driver virtio_blk_driver;		  /* 1af4:1042. */
extern const struct master_driver virtio_blk_transitional_driver; /* 1af4:1001, by its modern side. */

#endif
