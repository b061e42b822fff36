/* SPDX-License-Identifier: BSD-2-Clause */
/* Registers and identity (IHI 0070 6.3). */
#include <string.h>

#include "explain/private.h"

static const struct explain_register registers[] = {
	[EXPLAIN_IDR0] = {"IDR0", SMMU_IDR0, false},
	[EXPLAIN_IDR1] = {"IDR1", SMMU_IDR1, false},
	[EXPLAIN_IDR2] = {"IDR2", SMMU_IDR2, false},
	[EXPLAIN_IDR3] = {"IDR3", SMMU_IDR3, false},
	[EXPLAIN_IDR4] = {"IDR4", SMMU_IDR4, false},
	[EXPLAIN_IDR5] = {"IDR5", SMMU_IDR5, false},
	[EXPLAIN_IIDR] = {"IIDR", SMMU_IIDR, false},
	[EXPLAIN_AIDR] = {"AIDR", SMMU_AIDR, false},
	[EXPLAIN_CR0] = {"CR0", SMMU_CR0, false},
	[EXPLAIN_CR0ACK] = {"CR0ACK", SMMU_CR0ACK, false},
	[EXPLAIN_CR1] = {"CR1", SMMU_CR1, false},
	[EXPLAIN_CR2] = {"CR2", SMMU_CR2, false},
	[EXPLAIN_GBPA] = {"GBPA", SMMU_GBPA, false},
	[EXPLAIN_IRQ_CTRL] = {"IRQ_CTRL", SMMU_IRQ_CTRL, false},
	[EXPLAIN_GERROR] = {"GERROR", SMMU_GERROR, false},
	[EXPLAIN_GERRORN] = {"GERRORN", SMMU_GERRORN, false},
	[EXPLAIN_STRTAB_BASE] = {"STRTAB_BASE", SMMU_STRTAB_BASE, true},
	[EXPLAIN_STRTAB_BASE_CFG] = {"STRTAB_BASE_CFG", SMMU_STRTAB_BASE_CFG, false},
	[EXPLAIN_CMDQ_BASE] = {"CMDQ_BASE", SMMU_CMDQ_BASE, true},
	[EXPLAIN_CMDQ_PROD] = {"CMDQ_PROD", SMMU_CMDQ_PROD, false},
	[EXPLAIN_CMDQ_CONS] = {"CMDQ_CONS", SMMU_CMDQ_CONS, false},
	[EXPLAIN_EVENTQ_BASE] = {"EVENTQ_BASE", SMMU_EVENTQ_BASE, true},
	[EXPLAIN_EVENTQ_PROD] = {"EVENTQ_PROD", SMMU_EVENTQ_PROD, false},
	[EXPLAIN_EVENTQ_CONS] = {"EVENTQ_CONS", SMMU_EVENTQ_CONS, false},
	[EXPLAIN_PRIQ_BASE] = {"PRIQ_BASE", SMMU_PRIQ_BASE, true},
	[EXPLAIN_PRIQ_PROD] = {"PRIQ_PROD", SMMU_PRIQ_PROD, false},
	[EXPLAIN_PRIQ_CONS] = {"PRIQ_CONS", SMMU_PRIQ_CONS, false},
};

const struct explain_register *explain_register(enum explain_register_id id)
{
	return &registers[id];
}

/* What the queue of page requests has is there only with IDR0.PRI. */
static bool is_there(const struct explain_smmu *smmu, enum explain_register_id id)
{
	return id < EXPLAIN_PRIQ_BASE || (smmu->is_known[EXPLAIN_IDR0] && IDR(smmu, 0, PRI));
}

static void read_one(struct explain_smmu *smmu, enum explain_register_id id)
{
	const struct explain_target *target = &smmu->target;
	uint32_t low = 0, high = 0;

	smmu->is_known[id] = is_there(smmu, id) && target->read_register(target->context, registers[id].offset, &low);
	if (smmu->is_known[id] && registers[id].is_64_bit) {
		smmu->is_known[id] = target->read_register(target->context, registers[id].offset + 4, &high);
	}
	smmu->value[id] = (uint64_t)high << 32 | low;
}

/* Stands in for ID registers that are not known: all that a walk may need. */
static void assume(struct explain_smmu *smmu, enum explain_register_id id, uint32_t value)
{
	if (!smmu->is_known[id]) {
		smmu->value[id] = value;
		smmu->ids_assumed = true;
	}
}

static void assume_ids(struct explain_smmu *smmu)
{
	assume(smmu, EXPLAIN_IDR0,
	       FIELD_PUT32(IDR0_S1P, 1) | FIELD_PUT32(IDR0_S2P, 1) | FIELD_PUT32(IDR0_TTF, 3) |
		       FIELD_PUT32(IDR0_HTTU, 2) | FIELD_PUT32(IDR0_HYP, 1) | FIELD_PUT32(IDR0_ASID16, 1) |
		       FIELD_PUT32(IDR0_VMID16, 1) | FIELD_PUT32(IDR0_CD2L, 1) | FIELD_PUT32(IDR0_ST_LEVEL, 1));
	assume(smmu, EXPLAIN_IDR1, FIELD_PUT32(IDR1_SIDSIZE, 32) | FIELD_PUT32(IDR1_SSIDSIZE, 20));
	assume(smmu, EXPLAIN_IDR5,
	       FIELD_PUT32(IDR5_OAS, 6) | FIELD_PUT32(IDR5_GRAN4K, 1) | FIELD_PUT32(IDR5_GRAN16K, 1) |
		       FIELD_PUT32(IDR5_GRAN64K, 1) | FIELD_PUT32(IDR5_DS, 1) | FIELD_PUT32(IDR5_VAX, 1));
	if (!smmu->is_known[EXPLAIN_IDR3]) {
		smmu->value[EXPLAIN_IDR3] = FIELD_PUT32(IDR3_STT, 1) | FIELD_PUT32(IDR3_HAD, 1);
	}
	if (!smmu->is_known[EXPLAIN_AIDR]) {
		smmu->value[EXPLAIN_AIDR] = FIELD_PUT32(AIDR_MINOR, 3);
	}
}

bool explain_open(struct explain_smmu *smmu, const struct explain_target *target)
{
	bool any = false;

	memset(smmu, 0, sizeof(*smmu));
	smmu->target = *target;
	for (unsigned int id = 0; id < EXPLAIN_REGISTERS; id++) {
		read_one(smmu, (enum explain_register_id)id);
		any |= smmu->is_known[id];
	}
	assume_ids(smmu);
	smmu->minor = FIELD_GET32(AIDR_MAJOR, register_of(smmu, EXPLAIN_AIDR)) ?
			      15 :
			      FIELD_GET32(AIDR_MINOR, register_of(smmu, EXPLAIN_AIDR));
	smmu->sid_bits = IDR(smmu, 1, SIDSIZE) > 32 ? 32 : IDR(smmu, 1, SIDSIZE);
	smmu->ssid_bits = IDR(smmu, 1, SSIDSIZE) > 20 ? 20 : IDR(smmu, 1, SSIDSIZE);
	smmu->output_bits = explain_address_bits_of(smmu, IDR(smmu, 5, OAS));
	return any;
}

/* --- Words. --- */

static void say_register(const struct explain_smmu *smmu, enum explain_register_id id,
			 const struct explain_listener *listener, const char *meaning)
{
	const struct explain_step step = {.what = registers[id].name,
					  .has_address = true,
					  .address = registers[id].offset,
					  .value = smmu->value[id],
					  .meaning = meaning};

	if (smmu->is_known[id]) {
		explain_tell(listener, &step);
	}
}

static const char *endian_words(unsigned int ttendian)
{
	static const char *const words[] = {"little- and big-endian tables", "reserved endianness",
					    "little-endian tables", "big-endian tables"};

	return words[ttendian];
}

static void say_idr0(const struct explain_smmu *smmu, const struct explain_listener *listener)
{
	static const char *const stalls[] = {"stalls or terminates", "terminates, never stalls", "always stalls",
					     "reserved stall model"};
	char text[EXPLAIN_TEXT_SIZE] = "";

	explain_append(text, "%s",
		       IDR(smmu, 0, S1P) && IDR(smmu, 0, S2P) ? "stages 1 and 2" :
		       IDR(smmu, 0, S1P)		      ? "stage 1 alone" :
		       IDR(smmu, 0, S2P)		      ? "stage 2 alone" :
								"no stage");
	explain_append(text, ", %s%s", IDR(smmu, 0, TTF) & IDR0_TTF_AARCH64 ? "AArch64 " : "",
		       IDR(smmu, 0, TTF) & IDR0_TTF_AARCH32 ? "AArch32 " : "");
	explain_append(text, "%s, %s to tables", endian_words(IDR(smmu, 0, TTENDIAN)),
		       IDR(smmu, 0, COHACC) ? "coherent" : "not coherent");
	explain_append(text, ", %s stream table", IDR(smmu, 0, ST_LEVEL) ? "linear or 2-level" : "linear");
	explain_append(text, ", %u-bit ASIDs, %u-bit VMIDs, %s", IDR(smmu, 0, ASID16) ? 16 : 8,
		       IDR(smmu, 0, VMID16) ? 16 : 8, stalls[IDR(smmu, 0, STALL_MODEL)]);
	explain_append(text, "%s%s%s%s%s", IDR(smmu, 0, ATS) ? ", ATS" : "", IDR(smmu, 0, PRI) ? ", PRI" : "",
		       IDR(smmu, 0, MSI) ? ", MSIs" : "", IDR(smmu, 0, HYP) ? ", EL2" : "",
		       IDR(smmu, 0, HTTU) ? ", sets access flags" : "");
	say_register(smmu, EXPLAIN_IDR0, listener, text);
}

static void say_ids(const struct explain_smmu *smmu, const struct explain_listener *listener)
{
	char text[EXPLAIN_TEXT_SIZE] = "";

	say_idr0(smmu, listener);
	explain_append(text, "%u bits of stream ID, %u of substream ID; queues up to 2^%u commands, 2^%u events%s",
		       IDR(smmu, 1, SIDSIZE), IDR(smmu, 1, SSIDSIZE), IDR(smmu, 1, CMDQS), IDR(smmu, 1, EVENTQS),
		       IDR(smmu, 1, TABLES_PRESET) || IDR(smmu, 1, QUEUES_PRESET) ? "; tables or queues are preset" :
										    "");
	say_register(smmu, EXPLAIN_IDR1, listener, text);
	text[0] = '\0';
	explain_append(text, "%u-bit addresses out, %s into stage 1; granules%s%s%s%s%s", smmu->output_bits,
		       IDR(smmu, 5, VAX) ? "52 bits" : "48 bits", IDR(smmu, 5, GRAN4K) ? " 4 KiB" : "",
		       IDR(smmu, 5, GRAN16K) ? " 16 KiB" : "", IDR(smmu, 5, GRAN64K) ? " 64 KiB" : "",
		       IDR(smmu, 5, DS) ? "; 52 bits with 4 and 16 KiB" : "",
		       IDR(smmu, 5, D128) ? "; 128-bit descriptors" : "");
	say_register(smmu, EXPLAIN_IDR5, listener, text);
	text[0] = '\0';
	explain_append(text, "implementer 0x%x, product 0x%x, variant %u, revision %u",
		       (unsigned int)FIELD_GET32(IIDR_IMPLEMENTER, register_of(smmu, EXPLAIN_IIDR)),
		       (unsigned int)FIELD_GET32(IIDR_PRODUCT, register_of(smmu, EXPLAIN_IIDR)),
		       (unsigned int)FIELD_GET32(IIDR_VARIANT, register_of(smmu, EXPLAIN_IIDR)),
		       (unsigned int)FIELD_GET32(IIDR_REVISION, register_of(smmu, EXPLAIN_IIDR)));
	say_register(smmu, EXPLAIN_IIDR, listener, text);
	text[0] = '\0';
	explain_append(text, "SMMUv3.%u", smmu->minor);
	say_register(smmu, EXPLAIN_AIDR, listener, text);
}

static void say_controls(const struct explain_smmu *smmu, const struct explain_listener *listener)
{
	unsigned int cr0 = register_of(smmu, EXPLAIN_CR0), gbpa = register_of(smmu, EXPLAIN_GBPA);
	char text[EXPLAIN_TEXT_SIZE] = "";

	explain_append(text, "translation %s, command queue %s, event queue %s%s", cr0 & CR0_SMMUEN ? "on" : "off",
		       cr0 & CR0_CMDQEN ? "on" : "off", cr0 & CR0_EVENTQEN ? "on" : "off",
		       cr0 & CR0_PRIQEN ? ", page requests on" : "");
	if (smmu->is_known[EXPLAIN_CR0ACK] && (cr0 ^ register_of(smmu, EXPLAIN_CR0ACK)) & CR0_ACKNOWLEDGED) {
		explain_append(text, "; not acknowledged: CR0ACK is 0x%x", register_of(smmu, EXPLAIN_CR0ACK));
	}
	say_register(smmu, EXPLAIN_CR0, listener, text);
	say_register(smmu, EXPLAIN_GBPA, listener,
		     gbpa & GBPA_UPDATE	  ? "an update is not done yet" :
		     !(gbpa & GBPA_ABORT) ? "while translation is off, everything passes untranslated" :
					    "while translation is off, everything is aborted");
}

static void say_strtab(const struct explain_smmu *smmu, const struct explain_listener *listener)
{
	char text[EXPLAIN_TEXT_SIZE] = "";
	struct strtab_shape shape;

	if (!explain_strtab_shape(smmu, &shape)) {
		return;
	}
	if (shape.split) {
		explain_append(text,
			       "2-level stream table at 0x%llx: %u bits of stream ID, %u of them in the second level",
			       (unsigned long long)shape.base, shape.log2size, shape.split);
	} else {
		explain_append(text, "linear stream table at 0x%llx: %u bits of stream ID",
			       (unsigned long long)shape.base, shape.log2size);
	}
	say_register(smmu, EXPLAIN_STRTAB_BASE_CFG, listener, text);
}

static void say_queue(const struct explain_smmu *smmu, enum explain_register_id base, const char *entries,
		      const struct explain_listener *listener)
{
	unsigned int prod = (unsigned int)smmu->value[base + 1], cons = (unsigned int)smmu->value[base + 2];
	unsigned int log2size = (unsigned int)FIELD_GET64(QUEUE_BASE_LOG2SIZE, smmu->value[base]);
	char text[EXPLAIN_TEXT_SIZE] = "";

	explain_append(text, "2^%u %s at 0x%llx", log2size, entries,
		       (unsigned long long)explain_pointer(smmu->value[base], 5));
	if (smmu->is_known[base + 1] && smmu->is_known[base + 2]) {
		explain_append(text, "; %u wait (PROD 0x%x, CONS 0x%x)",
			       (prod - cons) & (unsigned int)low_bits(log2size + 1), prod, cons);
	}
	if (base == EXPLAIN_EVENTQ_BASE && (prod ^ cons) & EVENTQ_OVERFLOW) {
		explain_append(text, "; it overflowed: events were lost");
	}
	say_register(smmu, base, listener, text);
}

void explain_identity(const struct explain_smmu *smmu, const struct explain_listener *listener)
{
	say_ids(smmu, listener);
	say_controls(smmu, listener);
	say_strtab(smmu, listener);
	say_queue(smmu, EXPLAIN_CMDQ_BASE, "commands", listener);
	say_queue(smmu, EXPLAIN_EVENTQ_BASE, "events", listener);
	if (smmu->is_known[EXPLAIN_PRIQ_BASE]) {
		say_queue(smmu, EXPLAIN_PRIQ_BASE, "page requests", listener);
	}
	(void)explain_errors(smmu, listener);
}

/* --- Errors. --- */

static const struct {
	uint32_t bit;
	const char *meaning;
} errors[] = {
	{GERROR_CMDQ_ERR, "the command queue stands still at a command that was refused"},
	{GERROR_EVENTQ_ABT_ERR, "the event queue could not be written: events were lost"},
	{GERROR_PRIQ_ABT_ERR, "the queue of page requests could not be written"},
	{GERROR_MSI_CMDQ_ABT_ERR, "the MSI of a CMD_SYNC could not be written"},
	{GERROR_MSI_EVENTQ_ABT_ERR, "the event queue's MSI could not be written"},
	{GERROR_MSI_PRIQ_ABT_ERR, "the MSI of the queue of page requests could not be written"},
	{GERROR_MSI_GERROR_ABT_ERR, "the global errors' MSI could not be written"},
	{GERROR_SFM_ERR, "service failure mode: the SMMU translates nothing until it is reset"},
	{GERROR_CMDQP_ERR, "an enhanced command queue has an error"},
	{GERROR_DPT_ERR, "a look-up in the device permission table failed"},
};

static const char *cerror_words(unsigned int cerror)
{
	static const char *const words[] = {
		[CERROR_NONE] = "no error code",
		[CERROR_ILL] = "CERROR_ILL: the command is illegal",
		[CERROR_ABT] = "CERROR_ABT: the command could not be fetched",
		[CERROR_ATC_INV_SYNC] = "CERROR_ATC_INV_SYNC: a CMD_ATC_INV did not end",
	};

	return cerror < sizeof(words) / sizeof(words[0]) ? words[cerror] : "an error code that is reserved";
}

static void say_error(const struct explain_smmu *smmu, unsigned int i, const struct explain_listener *listener)
{
	char text[EXPLAIN_TEXT_SIZE] = "";
	uint32_t cons = register_of(smmu, EXPLAIN_CMDQ_CONS);

	explain_append(text, "%s", errors[i].meaning);
	if (errors[i].bit == GERROR_CMDQ_ERR && smmu->is_known[EXPLAIN_CMDQ_CONS]) {
		explain_append(text, ": %s", cerror_words(FIELD_GET32(CMDQ_CONS_ERR, cons)));
	}
	say_register(smmu, EXPLAIN_GERROR, listener, text);
}

unsigned int explain_errors(const struct explain_smmu *smmu, const struct explain_listener *listener)
{
	uint32_t active = register_of(smmu, EXPLAIN_GERROR) ^ register_of(smmu, EXPLAIN_GERRORN);
	unsigned int count = 0;

	if (!smmu->is_known[EXPLAIN_GERROR] || !smmu->is_known[EXPLAIN_GERRORN]) {
		return 0;
	}
	for (unsigned int i = 0; i < sizeof(errors) / sizeof(errors[0]); i++) {
		if (active & errors[i].bit) {
			say_error(smmu, i, listener);
			count++;
		}
	}
	return count;
}
