/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mk/firmware.mk includes it before every C file: declared names are in this image, so they need no GOT.
 * -fvisibility=hidden does that for definitions only.
 */
#pragma GCC visibility push(hidden)
