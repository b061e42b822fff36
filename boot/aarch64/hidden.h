/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Read before every C file (mk/firmware.mk): declared names are in this image, so they need no GOT. -fvisibility=hidden
 * says that of definitions alone.
 */
#pragma GCC visibility push(hidden)
