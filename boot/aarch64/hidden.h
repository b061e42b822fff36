/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Included before every C file (mk/firmware.mk): declared names are in this image and need no GOT. -fvisibility=hidden
 * says that of definitions only.
 */
#pragma GCC visibility push(hidden)
