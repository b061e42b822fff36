/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How long the lists of a description are in smmu-inspect, instead of the firmware's. They cost nothing before they are
 * used: pages that are only zero are none.
 */
#ifndef FIRMWARE_LIMITS_H
#define FIRMWARE_LIMITS_H

#define DESCRIPTION_MEMORY_MAX 1024U
#define DESCRIPTION_CORES_MAX 8192U
#define DESCRIPTION_HOSTS_MAX 4096U
#define DESCRIPTION_SMMUS_MAX 4096U
#define DESCRIPTION_FIXED_MAX 65536U
#define DESCRIPTION_WINDOWS_MAX 65536U
#define DESCRIPTION_DIRECTS_MAX 4096U
#define DESCRIPTION_WARNINGS_MAX 4096U
#define DESCRIPTION_NOTES_MAX 4096U
#define DESCRIPTION_REDISTRIBUTORS_MAX 256U
#define DESCRIPTION_NAMES_SIZE 8388608U
#define MSIS_MAX 65536U

#endif
