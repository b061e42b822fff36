/* SPDX-License-Identifier: BSD-2-Clause */
/* Structures in memory: IHI 0070 chapters 4, 5, 7. */
#ifndef SMMUV3_STRUCTURES_H
#define SMMUV3_STRUCTURES_H

#include <stdint.h>

#include "base/bits.h"

/* --- Level-1 descriptor, 8 bytes (5.1). --- */
#define STRTAB_L1_SPAN_SHIFT 0
#define STRTAB_L1_SPAN_WIDTH 5
#define STRTAB_L1_L2PTR_MASK 0x000fffffffffffc0ULL

/* --- STE, 64 bytes (5.2). --- */
#define STE_DWORDS 8U
struct ste {
	uint64_t dword[STE_DWORDS];
};
_Static_assert(sizeof(struct ste) == 64, "IHI 0070: an STE is 64 bytes.");

#define STE0_V BIT64(0)
#define STE0_CONFIG_SHIFT 1
#define STE0_CONFIG_WIDTH 3
#define STE0_CONFIG_ABORT 0U
#define STE0_CONFIG_BYPASS 4U
#define STE0_CONFIG_S1 5U
#define STE0_CONFIG_S2 6U
#define STE0_CONFIG_NESTED 7U
#define STE0_CONFIG_TRANSLATES_S1 1U /* Bits of Config. */
#define STE0_CONFIG_TRANSLATES_S2 2U
#define STE0_S1FMT_SHIFT 4
#define STE0_S1FMT_WIDTH 2
#define STE0_S1FMT_LINEAR 0U
#define STE0_S1FMT_4K 1U  /* Two levels; a second one has 64 CDs. */
#define STE0_S1FMT_64K 2U /* 1024 CDs. */
#define STE0_S1CONTEXTPTR_MASK 0x000fffffffffffc0ULL
#define STE0_S1CDMAX_SHIFT 59
#define STE0_S1CDMAX_WIDTH 5
#define STE1_S1DSS_SHIFT 0
#define STE1_S1DSS_WIDTH 2
#define STE1_S1DSS_TERMINATE 0U
#define STE1_S1DSS_BYPASS 1U
#define STE1_S1DSS_SSID0 2U
#define STE1_S1CIR_SHIFT 2
#define STE1_S1CIR_WIDTH 2
#define STE1_S1COR_SHIFT 4
#define STE1_S1COR_WIDTH 2
#define STE1_S1CSH_SHIFT 6
#define STE1_S1CSH_WIDTH 2
#define STE1_CONT_SHIFT 13
#define STE1_CONT_WIDTH 4
#define STE1_MEV BIT64(19)
#define STE1_S2FWB BIT64(25)
#define STE1_S1STALLD BIT64(27)
#define STE1_EATS_SHIFT 28
#define STE1_EATS_WIDTH 2
#define STE1_STRW_SHIFT 30
#define STE1_STRW_WIDTH 2
#define STE1_STRW_EL1 0U
#define STE1_STRW_EL2 2U
#define STE1_SHCFG_SHIFT 44
#define STE1_SHCFG_WIDTH 2
#define STE1_SHCFG_INCOMING 1U
#define STE1_PRIVCFG_SHIFT 48
#define STE1_PRIVCFG_WIDTH 2
#define STE1_INSTCFG_SHIFT 50
#define STE1_INSTCFG_WIDTH 2
#define STE1_CFG_CLEAR 2U /* PRIVCFG: unprivileged; INSTCFG: data. */
#define STE1_CFG_SET 3U
#define STE2_S2VMID_SHIFT 0
#define STE2_S2VMID_WIDTH 16
#define STE2_S2T0SZ_SHIFT 32
#define STE2_S2T0SZ_WIDTH 6
#define STE2_S2SL0_SHIFT 38
#define STE2_S2SL0_WIDTH 2
#define STE2_S2IR0_SHIFT 40
#define STE2_S2IR0_WIDTH 2
#define STE2_S2OR0_SHIFT 42
#define STE2_S2OR0_WIDTH 2
#define STE2_S2SH0_SHIFT 44
#define STE2_S2SH0_WIDTH 2
#define STE2_S2TG_SHIFT 46
#define STE2_S2TG_WIDTH 2
#define STE2_S2PS_SHIFT 48
#define STE2_S2PS_WIDTH 3
#define STE2_S2AA64 BIT64(51)
#define STE2_S2ENDI BIT64(52)
#define STE2_S2AFFD BIT64(53)
#define STE2_S2PTW BIT64(54)
#define STE2_S2HD BIT64(55)
#define STE2_S2HA BIT64(56)
#define STE2_S2S BIT64(57)
#define STE2_S2R BIT64(58)
#define STE3_S2SL0_2 BIT64(2)
#define STE3_S2DS BIT64(3)
#define STE3_S2TTB_MASK 0x000ffffffffffff0ULL

/* --- Level-1 CD descriptor, 8 bytes (5.3). --- */
#define L1CD_V BIT64(0)

/* --- CD, 64 bytes (5.4). --- */
#define CD_DWORDS 8U
struct cd {
	uint64_t dword[CD_DWORDS];
};
_Static_assert(sizeof(struct cd) == 64, "IHI 0070: a CD is 64 bytes.");

#define CD0_T0SZ_SHIFT 0
#define CD0_T0SZ_WIDTH 6
#define CD0_TG0_SHIFT 6
#define CD0_TG0_WIDTH 2
#define CD0_IR0_SHIFT 8
#define CD0_IR0_WIDTH 2
#define CD0_OR0_SHIFT 10
#define CD0_OR0_WIDTH 2
#define CD0_SH0_SHIFT 12
#define CD0_SH0_WIDTH 2
#define CD0_EPD0 BIT64(14)
#define CD0_ENDI BIT64(15)
#define CD0_T1SZ_SHIFT 16
#define CD0_T1SZ_WIDTH 6
#define CD0_TG1_SHIFT 22
#define CD0_TG1_WIDTH 2
#define CD0_EPD1 BIT64(30)
#define CD0_V BIT64(31)
#define CD0_IPS_SHIFT 32
#define CD0_IPS_WIDTH 3
#define CD0_AFFD BIT64(35)
#define CD0_WXN BIT64(36)
#define CD0_UWXN BIT64(37)
#define CD0_TBI0 BIT64(38)
#define CD0_TBI1 BIT64(39)
#define CD0_PAN BIT64(40)
#define CD0_AA64 BIT64(41)
#define CD0_HD BIT64(42)
#define CD0_HA BIT64(43)
#define CD0_S BIT64(44)
#define CD0_R BIT64(45)
#define CD0_A BIT64(46)
#define CD0_ASET BIT64(47)
#define CD0_ASID_SHIFT 48
#define CD0_ASID_WIDTH 16
#define CD1_HAD0 BIT64(1)
#define CD1_E0PD0 BIT64(2)
#define CD1_TTB0_MASK 0x000ffffffffffff0ULL /* A table is aligned to its size. */
#define CD2_HAD1 BIT64(1)
#define CD2_E0PD1 BIT64(2)
#define CD2_TTB1_MASK CD1_TTB0_MASK
#define CD2_DS BIT64(58)
#define CD3_MAIR 3U /* MAIR0 and MAIR1. */

/* --- Commands, 16 bytes (4.1). --- */
#define COMMAND_DWORDS 2U
struct command {
	uint64_t dword[COMMAND_DWORDS];
};
_Static_assert(sizeof(struct command) == 16, "IHI 0070: a command is 16 bytes.");

#define CMD_PREFETCH_CONFIG 0x01U
#define CMD_PREFETCH_ADDR 0x02U
#define CMD_CFGI_STE 0x03U
#define CMD_CFGI_ALL 0x04U /* CFGI_STE_RANGE with Range 31. */
#define CMD_CFGI_CD 0x05U
#define CMD_CFGI_CD_ALL 0x06U
#define CMD_TLBI_NH_ALL 0x10U
#define CMD_TLBI_NH_ASID 0x11U
#define CMD_TLBI_NH_VA 0x12U
#define CMD_TLBI_EL2_ALL 0x20U
#define CMD_TLBI_S12_VMALL 0x28U
#define CMD_TLBI_S2_IPA 0x2aU
#define CMD_TLBI_NSNH_ALL 0x30U
#define CMD_RESUME 0x44U
#define CMD_SYNC 0x46U
#define CMD0_OPCODE_MASK 0xffULL
#define CMD0_SID_SHIFT 32
#define CMD0_SID_WIDTH 32
#define CMD0_ASID_SHIFT 48
#define CMD0_ASID_WIDTH 16
#define CMD0_VMID_SHIFT 32
#define CMD0_VMID_WIDTH 16
#define CMD0_NUM_SHIFT 12
#define CMD0_NUM_WIDTH 5
#define CMD0_SCALE_SHIFT 20
#define CMD0_SCALE_WIDTH 5
#define CMD0_RESUME_ABORT BIT64(13) /* Terminate with an abort. */
#define CMD1_STAG_SHIFT 0
#define CMD1_STAG_WIDTH 16
#define CMD1_LEAF BIT64(0)
#define CMD1_TG_SHIFT 10
#define CMD1_TG_WIDTH 2
#define CMD1_RANGE_ALL 31U
#define CMD1_ADDRESS_MASK 0xfffffffffffff000ULL

/* --- Event records (7.3); event.h has the structure. --- */
#define EVENT0_CODE_SHIFT 0
#define EVENT0_CODE_WIDTH 8
#define EVENT0_SSV BIT64(11)
#define EVENT0_SSID_SHIFT 12
#define EVENT0_SSID_WIDTH 20
#define EVENT0_SID_SHIFT 32
#define EVENT0_SID_WIDTH 32
#define EVENT1_STAG_SHIFT 0
#define EVENT1_STAG_WIDTH 16
#define EVENT1_STALL BIT64(31)
#define EVENT1_PNU BIT64(33)
#define EVENT1_IND BIT64(34)
#define EVENT1_RNW BIT64(35)
#define EVENT1_S2 BIT64(39)
#define EVENT1_CLASS_SHIFT 40
#define EVENT1_CLASS_WIDTH 2

#endif
