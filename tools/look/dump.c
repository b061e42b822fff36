/* SPDX-License-Identifier: BSD-2-Clause */
/* Raw dumps of memory, and ELF crash dumps: files that are mapped, and where their pieces were. */
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "target.h"

struct piece {
	uint64_t address;
	uint64_t size;
	const uint8_t *bytes;
};

struct dump {
	struct piece *piece;
	size_t count;
};

/* The first piece that has the address. */
static const struct piece *piece_at(const struct dump *dump, uint64_t address)
{
	for (size_t i = 0; i < dump->count; i++) {
		const struct piece *piece = &dump->piece[i];

		if (address >= piece->address && address - piece->address < piece->size) {
			return piece;
		}
	}
	return NULL;
}

static bool dump_read(struct target *target, uint64_t address, void *bytes, size_t size)
{
	size_t done = 0;

	while (done < size) {
		const struct piece *piece = piece_at(target->context, address + done);
		uint64_t offset, left;

		if (!piece) {
			return target_fail(target, "0x%llx is in no dump", (unsigned long long)(address + done));
		}
		offset = address + done - piece->address;
		left = piece->size - offset < size - done ? piece->size - offset : size - done;
		memcpy((uint8_t *)bytes + done, piece->bytes + offset, (size_t)left);
		done += (size_t)left;
	}
	return true;
}

/* What is mapped stays so until the program ends. */
static void dump_close(struct target *target)
{
	struct dump *dump = target->context;

	free(dump->piece);
	free(dump);
}

static bool add_piece(struct target *target, uint64_t address, const uint8_t *bytes, uint64_t size)
{
	struct dump *dump = target->context;
	struct piece *more = realloc(dump->piece, (dump->count + 1) * sizeof(*more));

	if (!more) {
		return target_fail(target, "no memory");
	}
	dump->piece = more;
	dump->piece[dump->count++] = (struct piece){address, size, bytes};
	return true;
}

static const uint8_t *map_file(struct target *target, const char *path, uint64_t *size)
{
	int file = open(path, O_RDONLY | O_CLOEXEC);
	struct stat found = {0};
	void *bytes = MAP_FAILED;

	if (file < 0 || fstat(file, &found)) {
		(void)target_fail(target, "%s: %s", path, strerror(errno));
	} else if (!S_ISREG(found.st_mode) || !found.st_size) {
		(void)target_fail(target, "%s: %s", path, found.st_size ? "it is no file" : "it is empty");
	} else {
		bytes = mmap(NULL, (size_t)found.st_size, PROT_READ, MAP_PRIVATE, file, 0);
		if (bytes == MAP_FAILED) {
			(void)target_fail(target, "%s: %s", path, strerror(errno));
		}
	}
	if (file >= 0) {
		(void)close(file);
	}
	*size = (uint64_t)found.st_size;
	return bytes == MAP_FAILED ? NULL : bytes;
}

static bool make_dump(struct target *target, const char *kind, const char *place)
{
	if (!target->context) {
		*target = (struct target){.kind = kind,
					  .place = place,
					  .context = calloc(1, sizeof(struct dump)),
					  .read = dump_read,
					  .close = dump_close};
	}
	return target->context || target_fail(target, "no memory");
}

bool dump_parse(const char *file_at_address, char path[DUMP_PATH_SIZE], uint64_t *address)
{
	const char *at = strrchr(file_at_address, '@');
	char *end = NULL;

	errno = 0;
	*address = at ? strtoull(at + 1, &end, 0) : 0;
	if (!at || end == at + 1 || *end || errno || at == file_at_address || at - file_at_address >= DUMP_PATH_SIZE) {
		return false;
	}
	memcpy(path, file_at_address, (size_t)(at - file_at_address));
	path[at - file_at_address] = '\0';
	return true;
}

bool target_add_dump(struct target *target, const char *file_at_address)
{
	char path[DUMP_PATH_SIZE];
	const uint8_t *bytes;
	uint64_t address, size;

	if (!make_dump(target, "dump", file_at_address)) {
		return false;
	}
	if (!dump_parse(file_at_address, path, &address)) {
		return target_fail(target, "%s: FILE@ADDRESS is wanted", file_at_address);
	}
	bytes = map_file(target, path, &size);
	if (bytes && size - 1 > UINT64_MAX - address) {
		return target_fail(target, "%s: it goes beyond the last address", file_at_address);
	}
	return bytes && add_piece(target, address, bytes, size);
}

/* --- ELF. --- */

static const char *refusal_of(const uint8_t *bytes, uint64_t size)
{
	static const char flattened[] = "makedumpfile", compressed[] = "KDUMP   ", disk[] = "DISKDUMP";

	if (size >= sizeof(flattened) && !memcmp(bytes, flattened, sizeof(flattened) - 1)) {
		return "it is flattened: makedumpfile -R makes a file of it";
	}
	if (size >= 8 && (!memcmp(bytes, compressed, 8) || !memcmp(bytes, disk, 8))) {
		return "it is compressed: makedumpfile -E writes ELF";
	}
	if (size < sizeof(Elf64_Ehdr) || memcmp(bytes, ELFMAG, SELFMAG)) {
		return "it is no ELF file";
	}
	if (bytes[EI_CLASS] != ELFCLASS64 || bytes[EI_DATA] != ELFDATA2LSB) {
		return "it is no little-endian ELF file of 64 bits";
	}
	return NULL;
}

/* What the file does not have is left out: a dump may be cut off. */
static bool add_segment(struct target *target, const uint8_t *bytes, uint64_t size, const Elf64_Phdr *segment)
{
	uint64_t room = segment->p_offset < size ? size - segment->p_offset : 0;
	uint64_t used = segment->p_filesz < room ? segment->p_filesz : room;

	if (segment->p_type != PT_LOAD || !used || used - 1 > UINT64_MAX - segment->p_paddr) {
		return true;
	}
	return add_piece(target, segment->p_paddr, bytes + segment->p_offset, used);
}

static bool add_segments(struct target *target, const uint8_t *bytes, uint64_t size)
{
	Elf64_Ehdr header;
	Elf64_Phdr segment;

	memcpy(&header, bytes, sizeof(header));
	for (uint64_t i = 0; i < header.e_phnum; i++) {
		uint64_t offset = header.e_phoff + i * header.e_phentsize;

		if (header.e_phentsize < sizeof(segment) || offset > size || size - offset < sizeof(segment)) {
			return target_fail(target, "%s: its program headers are cut off", target->place);
		}
		memcpy(&segment, bytes + offset, sizeof(segment));
		if (!add_segment(target, bytes, size, &segment)) {
			return false;
		}
	}
	return true;
}

bool target_open_vmcore(struct target *target, const char *path)
{
	const uint8_t *bytes;
	const char *refusal;
	uint64_t size;

	if (!make_dump(target, "vmcore", path)) {
		return false;
	}
	bytes = map_file(target, path, &size);
	if (!bytes) {
		return false;
	}
	refusal = refusal_of(bytes, size);
	if (refusal) {
		return target_fail(target, "%s: %s", path, refusal);
	}
	if (!add_segments(target, bytes, size)) {
		return false;
	}
	return ((const struct dump *)target->context)->count || target_fail(target, "%s: it has no memory", path);
}
