/* SPDX-License-Identifier: BSD-2-Clause */
/* The command queue (IHI 0070, 3.5 and chapter 4). A batch is contiguous and ends with one SYNC. */
#include <errno.h>
#include <inttypes.h>
#include <stddef.h>

#include "base/deadline.h"
#include "report/print.h"
#include "smmuv3/private.h"

#define ABORTS_MAX 3U /* Retries of a queue whose commands can't be fetched. */

static struct command command(unsigned int opcode)
{
	return (struct command){.dword = {opcode, 0}};
}

struct command smmuv3_command_cfgi_ste(uint32_t sid)
{
	struct command cfgi = command(CMD_CFGI_STE);

	cfgi.dword[0] |= FIELD_PUT64(CMD0_SID, sid);
	/* Leaf stays 0: the level-1 descriptor may have changed along with it. */
	return cfgi;
}

struct command smmuv3_command_cfgi_all(void)
{
	struct command cfgi = command(CMD_CFGI_ALL);

	cfgi.dword[1] = CMD1_RANGE_ALL;
	return cfgi;
}

struct command smmuv3_command_tlbi_asid(unsigned int asid)
{
	struct command tlbi = command(CMD_TLBI_NH_ASID);

	tlbi.dword[0] |= FIELD_PUT64(CMD0_ASID, asid);
	return tlbi;
}

struct command smmuv3_command_tlbi_va(unsigned int asid, uint64_t iova)
{
	struct command tlbi = command(CMD_TLBI_NH_VA);

	tlbi.dword[0] |= FIELD_PUT64(CMD0_ASID, asid);
	/* Only leaves are ever cleared; tables stay until their domain ends. */
	tlbi.dword[1] = (iova & CMD1_ADDRESS_MASK) | CMD1_LEAF;
	return tlbi;
}

struct command smmuv3_command_tlbi_all(unsigned int opcode)
{
	return command(opcode);
}

/* CONS without its error field, which stays non-zero after a recovery and means nothing then. */
static uint32_t read_consumer(const struct smmuv3 *smmu)
{
	return smmuv3_read(smmu, SMMU_CMDQ_CONS) & smmuv3_queue_mask(&smmu->cmdq);
}

static void put(struct smmuv3 *smmu, const struct command *command)
{
	struct command *entries = smmu->cmdq.entries;
	struct command *entry = &entries[smmuv3_queue_index(&smmu->cmdq, smmu->cmdq.producer)];

	*entry = *command;
	if (!smmu->coherent) {
		arch_cache_clean(entry, sizeof(*entry));
	}
	smmu->cmdq.producer = smmuv3_queue_advance(&smmu->cmdq, smmu->cmdq.producer, 1);
	smmu->counts.commands++;
}

static int give_up(struct smmuv3 *smmu, const char *why)
{
	print("%s: %s: CMDQ_PROD 0x%" PRIx32 ", CMDQ_CONS 0x%" PRIx32 ", wanted CONS 0x%" PRIx32
	      ". It gets no more commands\n",
	      smmu->iommu.name, why, smmuv3_read(smmu, SMMU_CMDQ_PROD), smmuv3_read(smmu, SMMU_CMDQ_CONS),
	      smmu->cmdq.producer);
	smmu->broken = true;
	return -ETIMEDOUT;
}

/* Waits until everything issued has been consumed; a SYNC is consumed when what is before it has completed. */
static int wait_consumed(struct smmuv3 *smmu)
{
	struct deadline deadline = deadline_in_us(SMMUV3_WAIT_US);
	uint32_t aborts = smmu->counts.aborted_fetches;

	while (read_consumer(smmu) != smmu->cmdq.producer) {
		smmuv3_serve_gerror(smmu);
		if (smmu->counts.aborted_fetches - aborts > ABORTS_MAX) {
			return give_up(smmu, "commands cannot be fetched (CERROR_ABT)");
		}
		if (deadline_passed(&deadline)) {
			return give_up(smmu, "CMD_SYNC did not complete in time");
		}
		arch_relax();
	}
	smmu->cmdq.consumer = smmu->cmdq.producer;
	return 0;
}

/* With the lock held: the queue is empty, so a batch that fits its size fits. */
static int issue_batch(struct smmuv3 *smmu, const struct command *commands, unsigned int count)
{
	struct command sync = command(CMD_SYNC); /* CS is SIG_NONE: completion is CONS passing it. */

	for (unsigned int i = 0; i < count; i++) {
		put(smmu, &commands[i]);
	}
	put(smmu, &sync);
	/* The commands are in memory before the doorbell. */
	arch_dma_wmb();
	smmuv3_write(smmu, SMMU_CMDQ_PROD, smmu->cmdq.producer);
	return wait_consumed(smmu);
}

int smmuv3_issue(struct smmuv3 *smmu, const struct command *commands, unsigned int count)
{
	unsigned int batch_max = (1U << smmu->cmdq.log2) - 1; /* One entry is the SYNC's. */
	uint32_t saved = lock(&smmu->cmdq_lock);
	int error = 0;

	for (unsigned int done = 0; done < count && !error;) {
		unsigned int batch = count - done < batch_max ? count - done : batch_max;

		error = smmu->broken ? -EIO : issue_batch(smmu, commands + done, batch);
		done += batch;
	}
	unlock(&smmu->cmdq_lock, saved);
	return error;
}

int smmuv3_provoke_illegal_command(struct smmuv3 *smmu)
{
	struct command illegal = command(0xff); /* Reserved in every version of the architecture. */
	uint32_t before = smmu->counts.illegal_commands;
	int error = smmuv3_issue(smmu, &illegal, 1);

	return error ? error : smmu->counts.illegal_commands == before + 1 ? 0 : -ENOMSG;
}
