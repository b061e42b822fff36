/* SPDX-License-Identifier: BSD-2-Clause */
#include <stddef.h>

#include "smmuv3/private.h"

struct command smmuv3_command(unsigned int opcode)
{
	return (struct command){.dword = {opcode, 0}};
}

struct command smmuv3_command_cfgi_ste(uint32_t sid)
{
	struct command cfgi = smmuv3_command(CMD_CFGI_STE);

	cfgi.dword[0] |= FIELD_PUT64(CMD0_SID, sid);
	/* Leaf is 0: the level-1 descriptor may have changed. */
	return cfgi;
}

struct command smmuv3_command_cfgi_all(void)
{
	struct command cfgi = smmuv3_command(CMD_CFGI_ALL);

	cfgi.dword[1] = CMD1_RANGE_ALL;
	return cfgi;
}

struct command smmuv3_command_tlbi_all(unsigned int opcode)
{
	return smmuv3_command(opcode);
}

struct command smmuv3_command_tlbi_asid(unsigned int vmid, unsigned int asid)
{
	struct command tlbi = smmuv3_command(CMD_TLBI_NH_ASID);

	tlbi.dword[0] |= FIELD_PUT64(CMD0_VMID, vmid) | FIELD_PUT64(CMD0_ASID, asid);
	return tlbi;
}

struct command smmuv3_command_tlbi_vmid(unsigned int vmid)
{
	struct command tlbi = smmuv3_command(CMD_TLBI_S12_VMALL);

	tlbi.dword[0] |= FIELD_PUT64(CMD0_VMID, vmid);
	return tlbi;
}

struct command smmuv3_command_tlbi_address(unsigned int opcode, unsigned int vmid, unsigned int asid, uint64_t address,
					   bool leaf)
{
	struct command tlbi = smmuv3_command(opcode);

	tlbi.dword[0] |= FIELD_PUT64(CMD0_VMID, vmid) | FIELD_PUT64(CMD0_ASID, asid);
	tlbi.dword[1] = (address & CMD1_ADDRESS_MASK) | (leaf ? CMD1_LEAF : 0);
	return tlbi;
}

void smmuv3_command_range(struct command *tlbi, unsigned int granule_bits, unsigned int num, unsigned int scale)
{
	tlbi->dword[0] |= FIELD_PUT64(CMD0_NUM, num) | FIELD_PUT64(CMD0_SCALE, scale);
	/* TG is 1, 2, 3 for 4, 16, 64 KiB. */
	tlbi->dword[1] |= FIELD_PUT64(CMD1_TG, (granule_bits - 10) / 2);
}

struct command smmuv3_command_resume_abort(uint32_t sid, unsigned int stag)
{
	struct command resume = smmuv3_command(CMD_RESUME);

	resume.dword[0] |= FIELD_PUT64(CMD0_SID, sid) | CMD0_RESUME_ABORT;
	resume.dword[1] = FIELD_PUT64(CMD1_STAG, stag);
	return resume;
}
