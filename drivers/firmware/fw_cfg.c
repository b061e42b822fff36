/* SPDX-License-Identifier: BSD-2-Clause */
/* QEMU's docs/specs/fw_cfg, and BIOS linker/loader. */
#include "firmware/fw_cfg.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "base/arch.h"
#include "base/deadline.h"
#include "firmware/bytes.h"

/* Big-endian. */
#define FW_CFG_DMA_HIGH 16U
#define FW_CFG_DMA_LOW 20U /* Starts the transfer. */

#define FW_CFG_DMA_SIGNATURE_HIGH 0x51454d55U /* "QEMU" */
#define FW_CFG_DMA_SIGNATURE_LOW 0x20434647U  /* " CFG" */

#define FW_CFG_SIGNATURE 0x00U
#define FW_CFG_ID 0x01U
#define FW_CFG_ID_DMA (1U << 1)
#define FW_CFG_FILE_DIR 0x19U

#define FW_CFG_DMA_ERROR (1U << 0)
#define FW_CFG_DMA_READ (1U << 1)
#define FW_CFG_DMA_SKIP (1U << 2)
#define FW_CFG_DMA_SELECT (1U << 3)
#define FW_CFG_DMA_SELECT_SHIFT 16U
#define FW_CFG_DMA_TIMEOUT_US 1000000U

#define FILE_SIZE 0U
#define FILE_SELECT 4U
#define FILE_SELECT_SHIFT 16U /* A selector has two bytes. */
#define FILE_NAME 8U
#define FILE_NAME_SIZE 56U
#define FILE_ENTRY_SIZE 64U
#define FILES_MAX 4096U

/* The device reads it, and answers in `control`. Big-endian. */
static _Alignas(16) volatile struct {
	uint32_t control;
	uint32_t length;
	uint32_t address_high;
	uint32_t address_low;
} request;

static uint32_t swap(uint32_t value)
{
	return __builtin_bswap32(value);
}

static int wait_done(void)
{
	struct deadline deadline = deadline_in_us(FW_CFG_DMA_TIMEOUT_US);
	uint32_t control = swap(request.control);

	while (control & ~FW_CFG_DMA_ERROR) {
		if (deadline_passed(&deadline)) {
			return -ETIMEDOUT;
		}
		control = swap(request.control);
	}
	arch_dma_rmb();
	return control & FW_CFG_DMA_ERROR ? -EIO : 0;
}

static int transfer(const struct fw_cfg *fw_cfg, uint32_t control, void *buffer, uint32_t size)
{
	uint64_t address = arch_phys(&request);

	request.control = swap(control);
	request.length = swap(size);
	request.address_high = swap((uint32_t)(arch_phys(buffer) >> 32));
	request.address_low = swap((uint32_t)arch_phys(buffer));
	arch_dma_wmb();
	arch_write32(&fw_cfg->regs[FW_CFG_DMA_HIGH], swap((uint32_t)(address >> 32)));
	arch_write32(&fw_cfg->regs[FW_CFG_DMA_LOW], swap((uint32_t)address));
	return wait_done();
}

static uint32_t select_item(uint16_t selector)
{
	return (uint32_t)selector << FW_CFG_DMA_SELECT_SHIFT | FW_CFG_DMA_SELECT;
}

/* With DMA the register reads "QEMU CFG"; without, it must not be written. */
static bool has_dma(const struct fw_cfg *fw_cfg)
{
	uint32_t high;

	return fw_cfg->regs && arch_probe_read32(&fw_cfg->regs[FW_CFG_DMA_HIGH], &high) &&
	       swap(high) == FW_CFG_DMA_SIGNATURE_HIGH &&
	       swap(arch_read32(&fw_cfg->regs[FW_CFG_DMA_LOW])) == FW_CFG_DMA_SIGNATURE_LOW;
}

int fw_cfg_init(struct fw_cfg *fw_cfg, volatile void *regs)
{
	uint8_t signature[4] = {0};
	uint8_t id[4] = {0};

	fw_cfg->regs = regs;
	if (!has_dma(fw_cfg) || fw_cfg_read(fw_cfg, FW_CFG_SIGNATURE, signature, sizeof(signature)) ||
	    fw_cfg_read(fw_cfg, FW_CFG_ID, id, sizeof(id))) {
		return -ENODEV;
	}
	return memcmp(signature, "QEMU", sizeof(signature)) == 0 && get_le32(id) & FW_CFG_ID_DMA ? 0 : -ENODEV;
}

int fw_cfg_read(const struct fw_cfg *fw_cfg, uint16_t selector, void *buffer, size_t size)
{
	if (size > UINT32_MAX) {
		return -EIO;
	}
	return transfer(fw_cfg, select_item(selector) | FW_CFG_DMA_READ, buffer, (uint32_t)size);
}

int64_t fw_cfg_find(const struct fw_cfg *fw_cfg, const char *name, uint16_t *selector)
{
	uint8_t entry[FILE_ENTRY_SIZE];
	uint32_t count;

	if (fw_cfg_read(fw_cfg, FW_CFG_FILE_DIR, entry, sizeof(uint32_t))) {
		return -ENOENT;
	}
	count = get_be32(entry);
	for (uint32_t i = 0; i < count && i < FILES_MAX; i++) {
		if (transfer(fw_cfg, FW_CFG_DMA_READ, entry, sizeof(entry))) {
			break;
		}
		if (strncmp((const char *)&entry[FILE_NAME], name, FILE_NAME_SIZE) == 0) {
			*selector = (uint16_t)(get_be32(&entry[FILE_SELECT]) >> FILE_SELECT_SHIFT);
			return get_be32(&entry[FILE_SIZE]);
		}
	}
	return -ENOENT;
}

static int read_at(const struct fw_cfg *fw_cfg, uint16_t selector, uint32_t offset, void *buffer, uint32_t size)
{
	int error = transfer(fw_cfg, select_item(selector) | FW_CFG_DMA_SKIP, NULL, offset);

	return error ? error : transfer(fw_cfg, FW_CFG_DMA_READ, buffer, size);
}

/* --- Table loader. --- */

#define LOADER_FILE "etc/table-loader"
#define RSDP_FILE "etc/acpi/rsdp"
#define RSDP_SIZE_MIN 20U
#define RSDP_SIZE_MAX 36U /* Readers look so far before they know the revision. */

#define COMMAND_SIZE 128U
#define COMMAND_NONE 0U /* Padding. */
#define COMMAND_ALLOCATE 1U
#define COMMAND_ADD_POINTER 2U
#define COMMAND_ADD_CHECKSUM 3U

#define ALLOCATE_FILE 4U
#define ALLOCATE_ALIGNMENT 60U
#define ALLOCATE_ALIGNMENT_MAX 0x100000U

#define POINTER_DESTINATION 4U
#define POINTER_SOURCE 60U
#define POINTER_OFFSET 116U
#define POINTER_SIZE 120U

#define CHECKSUM_FILE 4U
#define CHECKSUM_OFFSET 60U
#define CHECKSUM_START 64U
#define CHECKSUM_LENGTH 68U

#define LOADED_MAX 16U

struct loaded_file {
	char name[FILE_NAME_SIZE]; /* Perhaps not terminated. */
	uint8_t *bytes;
	uint32_t size;
};

struct loader {
	const struct fw_cfg *fw_cfg;
	void *(*allocate)(size_t size, size_t alignment);
	struct loaded_file file[LOADED_MAX];
	unsigned int count;
};

static struct loaded_file *find_loaded(struct loader *loader, const uint8_t *name)
{
	for (unsigned int i = 0; i < loader->count; i++) {
		if (strncmp(loader->file[i].name, (const char *)name, FILE_NAME_SIZE) == 0) {
			return &loader->file[i];
		}
	}
	return NULL;
}

static const char *load_file(struct loader *loader, const char *name, struct loaded_file *file, uint32_t alignment)
{
	uint16_t selector;
	int64_t size = fw_cfg_find(loader->fw_cfg, name, &selector);

	if (size <= 0) {
		return "table loader: no such file";
	}
	if (alignment > ALLOCATE_ALIGNMENT_MAX || (alignment & (alignment - 1))) {
		return "table loader: bad alignment";
	}
	file->size = (uint32_t)size;
	file->bytes =
		loader->allocate(file->size < RSDP_SIZE_MAX ? RSDP_SIZE_MAX : file->size, alignment ? alignment : 1);
	if (!file->bytes) {
		return "table loader: no memory";
	}
	return fw_cfg_read(loader->fw_cfg, selector, file->bytes, file->size) ? "table loader: read error" : NULL;
}

static const char *do_allocate(struct loader *loader, const uint8_t *command)
{
	struct loaded_file *file = &loader->file[loader->count];
	char name[FILE_NAME_SIZE + 1] = {0};
	const char *problem;

	if (loader->count == LOADED_MAX || find_loaded(loader, &command[ALLOCATE_FILE])) {
		return "table loader: too many files, or one twice";
	}
	memcpy(name, &command[ALLOCATE_FILE], FILE_NAME_SIZE);
	memcpy(file->name, name, FILE_NAME_SIZE);
	problem = load_file(loader, name, file, get_le32(&command[ALLOCATE_ALIGNMENT]));
	if (!problem) {
		loader->count++;
	}
	return problem;
}

/* Adds the source's address to an offset into it. */
static const char *do_add_pointer(struct loader *loader, const uint8_t *command)
{
	struct loaded_file *to = find_loaded(loader, &command[POINTER_DESTINATION]);
	struct loaded_file *from = find_loaded(loader, &command[POINTER_SOURCE]);
	uint32_t offset = get_le32(&command[POINTER_OFFSET]);
	uint32_t size = command[POINTER_SIZE];
	uint64_t value;

	if (!to || !from) {
		return "table loader: no such file";
	}
	if ((size != 1 && size != 2 && size != 4 && size != 8) || offset > to->size || to->size - offset < size) {
		return "table loader: outside a file";
	}
	value = get_le(&to->bytes[offset], size);
	if (value >= from->size) {
		return "table loader: outside a file";
	}
	value += arch_phys(from->bytes);
	if (size < sizeof(value) && value >> (8 * size)) {
		return "table loader: pointer too narrow";
	}
	put_le(&to->bytes[offset], size, value);
	return NULL;
}

static const char *do_add_checksum(struct loader *loader, const uint8_t *command)
{
	struct loaded_file *file = find_loaded(loader, &command[CHECKSUM_FILE]);
	uint32_t offset = get_le32(&command[CHECKSUM_OFFSET]);
	uint32_t start = get_le32(&command[CHECKSUM_START]);
	uint32_t length = get_le32(&command[CHECKSUM_LENGTH]);

	if (!file) {
		return "table loader: no such file";
	}
	if (offset >= file->size || start > file->size || length > file->size - start) {
		return "table loader: outside a file";
	}
	file->bytes[offset] = (uint8_t)(file->bytes[offset] - sum_bytes(&file->bytes[start], length));
	return NULL;
}

static const char *execute(struct loader *loader, const uint8_t *command)
{
	switch (get_le32(command)) {
	case COMMAND_NONE:
		return NULL;
	case COMMAND_ALLOCATE:
		return do_allocate(loader, command);
	case COMMAND_ADD_POINTER:
		return do_add_pointer(loader, command);
	case COMMAND_ADD_CHECKSUM:
		return do_add_checksum(loader, command);
	default:
		return NULL; /* Later ones are skipped, as EDK2's QemuFwCfgAcpi does. */
	}
}

static const char *run_script(struct loader *loader)
{
	uint8_t command[COMMAND_SIZE];
	uint16_t selector;
	int64_t size = fw_cfg_find(loader->fw_cfg, LOADER_FILE, &selector);

	if (size <= 0 || size % COMMAND_SIZE) {
		return "table loader: no script";
	}
	for (uint32_t at = 0; at < (uint32_t)size; at += COMMAND_SIZE) {
		const char *problem;

		if (read_at(loader->fw_cfg, selector, at, command, sizeof(command))) {
			return "table loader: read error";
		}
		problem = execute(loader, command);
		if (problem) {
			return problem;
		}
	}
	return NULL;
}

const void *fw_cfg_load_acpi(const struct fw_cfg *fw_cfg, void *(*allocate)(size_t size, size_t alignment),
			     const char **why)
{
	struct loader loader = {.fw_cfg = fw_cfg, .allocate = allocate};
	const char *problem = run_script(&loader);
	const struct loaded_file *rsdp;

	rsdp = problem ? NULL : find_loaded(&loader, (const uint8_t *)RSDP_FILE);
	if (!problem && (!rsdp || rsdp->size < RSDP_SIZE_MIN)) {
		problem = "table loader: no RSDP";
	}
	if (why) {
		*why = problem;
	}
	return problem ? NULL : rsdp->bytes;
}
