/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How long the lists of a description are. They are fixed: tables are read before it is known where memory is. Each
 * holds more than any table that is known describes; what is beyond is left out, and told once with a count.
 * smmu-inspect is built with tools/inspect/larger/firmware/limits.h instead.
 */
#ifndef FIRMWARE_LIMITS_H
#define FIRMWARE_LIMITS_H

#define DESCRIPTION_MEMORY_MAX 64U  /* Ranges of memory, and as many that are reserved. */
#define DESCRIPTION_CORES_MAX 1024U /* Two sockets of AmpereOne have 384. */
#define DESCRIPTION_HOSTS_MAX 64U   /* The MCFG of HiSilicon's D05, of two sockets, has 8. */
#define DESCRIPTION_SMMUS_MAX 64U
#define DESCRIPTION_FIXED_MAX 512U   /* Streams of platform devices. */
#define DESCRIPTION_WINDOWS_MAX 512U /* Ranges of requester IDs, and entries of one map. */
#define DESCRIPTION_DIRECTS_MAX 64U
#define DESCRIPTION_WARNINGS_MAX 64U /* Without the warnings that report what was left out. */
#define DESCRIPTION_NOTES_MAX 32U
/* Runs of them without a gap. The MADT of HiSilicon's D06, of two sockets, names each core's: 4 runs. */
#define DESCRIPTION_REDISTRIBUTORS_MAX 64U
#define DESCRIPTION_NAMES_SIZE 49152U /* Bytes of all names and warnings. */
#define MSIS_MAX 512U

#endif
