/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Lengths of a description's lists; known tables need less. Fixed, because tables are read before memory is known.
 * smmu-inspect has tools/inspect/larger/firmware/limits.h instead.
 */
#ifndef FIRMWARE_LIMITS_H
#define FIRMWARE_LIMITS_H

#define DESCRIPTION_MEMORY_MAX 64U  /* Ranges; as many reserved ones. */
#define DESCRIPTION_CORES_MAX 1024U /* AmpereOne with two sockets has 384. */
#define DESCRIPTION_HOSTS_MAX 64U   /* HiSilicon's D05 has 8. */
#define DESCRIPTION_HOST_WINDOWS_MAX 8U
#define DESCRIPTION_SMMUS_MAX 64U
#define DESCRIPTION_FIXED_MAX 512U   /* Streams of platform devices. */
#define DESCRIPTION_WINDOWS_MAX 512U /* Requester ID ranges; entries of one map. */
#define DESCRIPTION_DIRECTS_MAX 64U
#define DESCRIPTION_WARNINGS_MAX 64U /* Without those of what was left out. */
#define DESCRIPTION_NOTES_MAX 32U
/* Runs without a gap. HiSilicon's D06 has 4. */
#define DESCRIPTION_REDISTRIBUTORS_MAX 64U
#define DESCRIPTION_NAMES_SIZE 49152U /* Bytes, with warnings. */
#define MSIS_MAX 512U
#define TRAITS_MASTERS_MAX 512U /* With streams. */
#define TRAITS_PMCGS_MAX 128U
#define TRAITS_REGIONS_MAX 64U
#define TABLE_FINDINGS_MAX 64U /* Different ones. */
#define TABLE_FINDING_PLACES_MAX 256U

#endif
