/* SPDX-License-Identifier: BSD-2-Clause */
/* QEMU's documentation: docs/specs/fw_cfg; the loader script: its BIOS linker/loader interface. */
#include "firmware/fw_cfg.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "arch.h"
#include "base/deadline.h"
#include "firmware/bytes.h"

/* Registers, big-endian. */
#define FW_CFG_DMA_HIGH 16U
#define FW_CFG_DMA_LOW 20U /* Writing it starts the transfer. */

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

/* A file of the directory. */
#define FILE_SIZE 0U
#define FILE_SELECT 4U
#define FILE_NAME 8U
#define FILE_NAME_SIZE 56U
#define FILE_ENTRY_SIZE 64U
#define FILES_MAX 4096U

/* The memory that the device reads the request from: all fields big-endian, kept as bytes. */
#define REQUEST_CONTROL 0U
#define REQUEST_LENGTH 4U
#define REQUEST_ADDRESS 8U
#define REQUEST_SIZE 16U

static _Alignas(REQUEST_SIZE) volatile uint8_t request[REQUEST_SIZE];

static void put_be(volatile uint8_t *bytes, size_t size, uint64_t value)
{
	while (size > 0) {
		bytes[--size] = (uint8_t)value;
		value >>= 8;
	}
}

static uint32_t get_be(const uint8_t *bytes, size_t size)
{
	uint32_t value = 0;

	for (size_t i = 0; i < size; i++) {
		value = value << 8 | bytes[i];
	}
	return value;
}

/* A register's bytes in memory order, whatever the core's. */
static void write_be32(volatile uint8_t *reg, uint32_t value)
{
	uint8_t bytes[sizeof(uint32_t)];
	uint32_t word;

	put_be(bytes, sizeof(bytes), value);
	memcpy(&word, bytes, sizeof(word));
	arch_write32(reg, word);
}

static uint32_t read_control(void)
{
	uint8_t bytes[sizeof(uint32_t)];
	const volatile uint8_t *control = &request[REQUEST_CONTROL];
	uint32_t word = *(const volatile uint32_t *)(const volatile void *)control;

	memcpy(bytes, &word, sizeof(bytes));
	return get_be(bytes, sizeof(bytes));
}

static int wait_done(void)
{
	struct deadline deadline = deadline_in_us(FW_CFG_DMA_TIMEOUT_US);
	uint32_t control = read_control();

	while (control & ~FW_CFG_DMA_ERROR) {
		if (deadline_passed(&deadline)) {
			return -ETIMEDOUT;
		}
		control = read_control();
	}
	arch_dma_rmb();
	return control & FW_CFG_DMA_ERROR ? -EIO : 0;
}

static int transfer(const struct fw_cfg *fw_cfg, uint32_t control, void *buffer, uint32_t size)
{
	uint64_t address = arch_phys(request);

	put_be(&request[REQUEST_CONTROL], sizeof(uint32_t), control);
	put_be(&request[REQUEST_LENGTH], sizeof(uint32_t), size);
	put_be(&request[REQUEST_ADDRESS], sizeof(uint64_t), arch_phys(buffer));
	arch_dma_wmb();
	write_be32(&fw_cfg->regs[FW_CFG_DMA_HIGH], (uint32_t)(address >> 32));
	write_be32(&fw_cfg->regs[FW_CFG_DMA_LOW], (uint32_t)address);
	return wait_done();
}

static uint32_t select_item(uint16_t selector)
{
	return (uint32_t)selector << FW_CFG_DMA_SELECT_SHIFT | FW_CFG_DMA_SELECT;
}

/* Whether a register holds these four characters. */
static bool register_says(const volatile uint8_t *reg, const char *characters)
{
	uint32_t word = arch_read32(reg);

	return memcmp(&word, characters, sizeof(word)) == 0;
}

int fw_cfg_init(struct fw_cfg *fw_cfg, volatile void *regs)
{
	uint8_t signature[4] = {0};
	uint8_t id[4] = {0};

	fw_cfg->regs = regs;
	/* A device with DMA says so where the address is written; without, nothing may be written there. */
	if (!regs || !register_says(&fw_cfg->regs[FW_CFG_DMA_HIGH], "QEMU") ||
	    !register_says(&fw_cfg->regs[FW_CFG_DMA_LOW], " CFG")) {
		return -ENODEV;
	}
	if (fw_cfg_read(fw_cfg, FW_CFG_SIGNATURE, signature, sizeof(signature)) ||
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
	count = get_be(entry, sizeof(uint32_t));
	for (uint32_t i = 0; i < count && i < FILES_MAX; i++) {
		if (transfer(fw_cfg, FW_CFG_DMA_READ, entry, sizeof(entry))) {
			break;
		}
		if (strncmp((const char *)&entry[FILE_NAME], name, FILE_NAME_SIZE) == 0) {
			*selector = (uint16_t)get_be(&entry[FILE_SELECT], sizeof(uint16_t));
			return get_be(&entry[FILE_SIZE], sizeof(uint32_t));
		}
	}
	return -ENOENT;
}

/* Reads `size` bytes from the middle of an item. */
static int read_at(const struct fw_cfg *fw_cfg, uint16_t selector, uint32_t offset, void *buffer, uint32_t size)
{
	int error = transfer(fw_cfg, select_item(selector) | FW_CFG_DMA_SKIP, NULL, offset);

	return error ? error : transfer(fw_cfg, FW_CFG_DMA_READ, buffer, size);
}

/* --- The loader script. ------------------------------------------------------------------------------------------ */

#define LOADER_FILE "etc/table-loader"
#define RSDP_FILE "etc/acpi/rsdp"
#define RSDP_SIZE_MIN 20U
#define RSDP_SIZE_MAX 36U /* What a reader of an RSDP may look at before it knows the revision. */

#define COMMAND_SIZE 128U
#define COMMAND_NONE 0U /* Padding at the end. */
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
	char name[FILE_NAME_SIZE]; /* Not terminated where it is as long as this. */
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
		return "the loader script names a file that does not exist or is empty";
	}
	if (alignment > ALLOCATE_ALIGNMENT_MAX || (alignment & (alignment - 1))) {
		return "the loader script wants an impossible alignment";
	}
	file->size = (uint32_t)size;
	file->bytes = loader->allocate(file->size < RSDP_SIZE_MAX ? RSDP_SIZE_MAX : file->size,
				       alignment ? alignment : 1);
	if (!file->bytes) {
		return "there is no memory for a table file";
	}
	return fw_cfg_read(loader->fw_cfg, selector, file->bytes, file->size) ? "a table file cannot be read" : NULL;
}

static const char *do_allocate(struct loader *loader, const uint8_t *command)
{
	struct loaded_file *file = &loader->file[loader->count];
	char name[FILE_NAME_SIZE + 1] = {0};
	const char *problem;

	if (loader->count == LOADED_MAX || find_loaded(loader, &command[ALLOCATE_FILE])) {
		return "the loader script loads too many files, or one twice";
	}
	memcpy(name, &command[ALLOCATE_FILE], FILE_NAME_SIZE);
	memcpy(file->name, name, FILE_NAME_SIZE);
	problem = load_file(loader, name, file, get_le32(&command[ALLOCATE_ALIGNMENT]));
	if (!problem) {
		loader->count++;
	}
	return problem;
}

/* The pointer in the destination holds an offset into the source, and becomes an address. */
static const char *do_add_pointer(struct loader *loader, const uint8_t *command)
{
	struct loaded_file *to = find_loaded(loader, &command[POINTER_DESTINATION]);
	struct loaded_file *from = find_loaded(loader, &command[POINTER_SOURCE]);
	uint32_t offset = get_le32(&command[POINTER_OFFSET]);
	uint32_t size = command[POINTER_SIZE];
	uint64_t value;

	if (!to || !from) {
		return "the loader script points between files that are not loaded";
	}
	if ((size != 1 && size != 2 && size != 4 && size != 8) || offset > to->size || to->size - offset < size) {
		return "the loader script puts a pointer outside a file";
	}
	value = get_le(&to->bytes[offset], size);
	if (value >= from->size) {
		return "a pointer leads outside its file";
	}
	value += arch_phys(from->bytes);
	if (size < sizeof(value) && value >> (8 * size)) {
		return "a pointer is too narrow for its address";
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
		return "the loader script sums a file that is not loaded";
	}
	if (offset >= file->size || start > file->size || length > file->size - start) {
		return "the loader script sums outside a file";
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
		return "the loader script has an unknown command";
	}
}

static const char *run_script(struct loader *loader)
{
	uint8_t command[COMMAND_SIZE];
	uint16_t selector;
	int64_t size = fw_cfg_find(loader->fw_cfg, LOADER_FILE, &selector);

	if (size <= 0 || size % COMMAND_SIZE) {
		return "there is no loader script, or its size is odd";
	}
	for (uint32_t at = 0; at < (uint32_t)size; at += COMMAND_SIZE) {
		const char *problem;

		if (read_at(loader->fw_cfg, selector, at, command, sizeof(command))) {
			return "the loader script cannot be read";
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
		problem = "the loader script leaves no RSDP";
	}
	if (why) {
		*why = problem;
	}
	return problem ? NULL : rsdp->bytes;
}
