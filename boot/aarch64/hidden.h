/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Read before every C file (mk/firmware.mk): whatever is declared is in this image, so that its address is a distance
 * from the pc, and needs no table of addresses (GOT). -fvisibility=hidden says that of definitions alone.
 */
#pragma GCC visibility push(hidden)
