/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SYSTEM_H
#define SYSTEM_H

#define CURRENT_EL2 (2 << 2)
#define CURRENT_EL3 (3 << 2)

/* MMU and caches off, little-endian. */
#define SCTLR_EL1_OFF 0x30d00818
#define SCTLR_EL2_OFF 0x30c50830
#define SCTLR_M_C_I 0x1005
#define SCTLR_WXN 0x80000 /* Writable pages are never executed. */

#define SPSR_DAIF 0x3c0
#define SPSR_EL1H (SPSR_DAIF | 5)
#define SPSR_EL2H (SPSR_DAIF | 9)

/* Immediate of this image's HVC: a PSCI call has 0. */
#define HVC_LEAVE 0x5b

#endif
