/* SPDX-License-Identifier: BSD-2-Clause */
/* smmu-look: what an SMMUv3 is doing, live or dead, whatever programmed it. */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "json.h"
#include "people.h"
#include "report.h"

enum status { STATUS_LOOKED = 0, STATUS_USAGE = 1, STATUS_REFUSED = 2, STATUS_WRONG = 3 };

static const char hint[] = "smmu-look --help tells how it is called\n";
static const char usage[] =
	"usage: smmu-look SOURCE [--tables TABLE] [--at BASE] [--register NAME=VALUE]... [--json] [COMMAND]\n"
	"       smmu-look --version | --help\n"
	"SOURCE:  --gdb HOST:PORT [--halted]    QEMU's GDB stub; --halted leaves the machine standing still\n"
	"         --openocd HOST:PORT[,TARGET]  OpenOCD's Tcl port\n"
	"         --dump FILE@ADDRESS...        raw bytes of physical memory\n"
	"         --vmcore FILE                 an ELF crash dump\n"
	"         --timeout SECONDS             for each answer (10)\n"
	"TABLE:   a device tree blob or an ACPI IORT: where the SMMUs are, and whose the streams\n"
	"COMMAND: summary                       what it is, what is on (the default)\n"
	"         streams                       the streams that have an entry, and what it says\n"
	"         walk SID IOVA [SSID] [--write] [--privileged] [--instruction]\n"
	"                                       each level, where it ends, and why\n"
	"         events | commands             what is in the queues\n"
	"         check                         entries that break the architecture's rules\n"
	"It never writes to the target: it has no code that could.\n"
	"Exit status: 0 looked, 1 wrong usage or nowhere to write, 2 the target or a file is refused, 3 check found "
	"something\n";

struct options {
	const char *gdb;
	const char *openocd;
	const char *vmcore;
	const char *tables;
	unsigned int sources;
	bool has_dump;
	bool dump_is_refused; /* The target's `why` tells. */
	bool halted;
	bool json;
	bool has_base;
	uint64_t base;
	unsigned int timeout_s;
	struct register_set set[SETS_MAX];
	size_t set_count;
	struct request request;
};

/* Too large for the stack. */
static struct table table;
static struct target target;
static struct looked looked[LOOKED_MAX];
static size_t looked_count;

static enum status refuse(const struct options *options, const char *why)
{
	(void)fputs("smmu-look: ", stderr);
	people_print_text_to(stderr, why);
	(void)fputc('\n', stderr);
	if (options->json) {
		json_print(json_of_error(why), true);
	}
	return STATUS_REFUSED;
}

static bool number(const char *text, uint64_t *value)
{
	char *end;

	errno = 0;
	*value = strtoull(text, &end, 0);
	return end != text && !*end && !errno && text[0] != '-';
}

/* --- Which SMMUs. --- */

static struct looked *add_looked(const struct options *options, bool has_base, uint64_t base)
{
	struct looked *one = &looked[looked_count++];

	*one = (struct looked){.target = &target,
			       .has_base = has_base,
			       .base = base,
			       .set = options->set,
			       .set_count = options->set_count};
	return one;
}

/* Two of a table at one base are looked at once. */
static bool is_looked(uint64_t base)
{
	for (size_t i = 0; i < looked_count; i++) {
		if (looked[i].base == base) {
			(void)fprintf(stderr, "smmu-look: two SMMUs of the table are at 0x%llx: it is looked at once\n",
				      (unsigned long long)base);
			return true;
		}
	}
	return false;
}

static void choose_of_table(const struct options *options)
{
	const struct stream_description *streams = &table.description.streams;

	for (unsigned int i = 0; i < streams->smmu_count; i++) {
		const struct smmu_description *smmu = &streams->smmu[i];
		struct looked *one;

		if (!smmu->has_base || (options->has_base && smmu->base != options->base) ||
		    (!options->has_base && !smmu->enabled) || is_looked(smmu->base)) {
			continue;
		}
		one = add_looked(options, true, smmu->base);
		one->table = &table;
		one->smmu = i;
		one->name = smmu->name;
	}
}

static const char *choose(const struct options *options)
{
	const char *why = options->tables ? table_read(&table, options->tables) : NULL;

	if (why) {
		return why;
	}
	if (options->tables) {
		choose_of_table(options);
	}
	if (!looked_count && (options->has_base || options->set_count)) {
		(void)add_looked(options, options->has_base, options->base);
	}
	return looked_count    ? NULL :
	       options->tables ? "the table has no enabled SMMUv3 with a base" :
				 "where is the SMMU? --at BASE or --tables TABLE";
}

/* --- The answer. --- */

static json_t *json_of_all(const struct options *options)
{
	json_t *smmus = json_array();

	for (size_t i = 0; i < looked_count; i++) {
		json_array_append_new(smmus, report_of(&looked[i], &options->request));
	}
	return json_pack("{s:i, s:s, s:{s:s, s:o}, s:o}", "interface", 1, "verdict", target.is_lost ? "error" : "ok",
			 "source", "kind", target.kind, "place", json_text(target.place), "smmus", smmus);
}

static void print_all(const json_t *all)
{
	const json_t *smmu;
	size_t i;

	printf("Through %s of ", target.kind);
	people_print_text(target.place);
	puts("; nothing is written to it.");
	json_array_foreach(json_object_get(all, "smmus"), i, smmu)
	{
		report_print(stdout, smmu);
	}
}

static size_t wrong_in(const json_t *all)
{
	const json_t *smmu;
	size_t i, count = 0;

	json_array_foreach(json_object_get(all, "smmus"), i, smmu)
	{
		count += json_array_size(json_object_get(smmu, "check"));
	}
	return count;
}

static bool is_any_known(const json_t *all)
{
	const json_t *smmu;
	size_t i;

	json_array_foreach(json_object_get(all, "smmus"), i, smmu)
	{
		if (json_object_size(json_object_get(smmu, "registers"))) {
			return true;
		}
	}
	return false;
}

static enum status answer(const struct options *options)
{
	json_t *all = json_of_all(options);
	enum status status = target.is_lost || !is_any_known(all) ? STATUS_REFUSED :
			     wrong_in(all)			  ? STATUS_WRONG :
								    STATUS_LOOKED;

	if (options->json) {
		json_print(all, true);
		return status;
	}
	print_all(all);
	json_decref(all);
	return status;
}

static bool open_target(const struct options *options)
{
	if (options->gdb) {
		return target_open_gdb(&target, options->gdb, options->timeout_s, options->halted);
	}
	if (options->openocd) {
		return target_open_openocd(&target, options->openocd, options->timeout_s);
	}
	return options->vmcore ? target_open_vmcore(&target, options->vmcore) : !options->dump_is_refused;
}

static enum status look(const struct options *options)
{
	const char *why = choose(options);
	enum status status;

	if (why) {
		return refuse(options, why);
	}
	if (!open_target(options)) {
		return refuse(options, target.why);
	}
	status = answer(options);
	target.close(&target);
	if (fflush(stdout) || ferror(stdout)) {
		(void)fputs("smmu-look: the output cannot be written\n", stderr);
		return STATUS_USAGE;
	}
	return status;
}

/* --- The command line. --- */

static bool take_set(struct options *options, const char *text)
{
	if (options->set_count < SETS_MAX && looked_parse_set(text, &options->set[options->set_count])) {
		options->set_count++;
		return true;
	}
	(void)fprintf(stderr, "smmu-look: --register %s: NAME=VALUE is wanted, NAME as in IHI 0070\n", text);
	return false;
}

static bool take_number(const char *name, const char *text, uint64_t most, uint64_t *value)
{
	if (number(text, value) && *value <= most) {
		return true;
	}
	(void)fprintf(stderr, "smmu-look: %s %s: a number up to 0x%llx is wanted\n", name, text,
		      (unsigned long long)most);
	return false;
}

static bool take_base(struct options *options, const char *text)
{
	options->has_base = true;
	return take_number("--at", text, UINT64_MAX, &options->base);
}

static bool take_timeout(struct options *options, const char *text)
{
	uint64_t seconds = 0;
	bool is_right = take_number("--timeout", text, 3600, &seconds);

	options->timeout_s = (unsigned int)seconds;
	return is_right;
}

static bool take_dump(struct options *options, const char *text)
{
	char path[DUMP_PATH_SIZE];
	uint64_t address;

	options->sources += !options->has_dump;
	options->has_dump = true;
	if (!dump_parse(text, path, &address)) {
		(void)fprintf(stderr, "smmu-look: --dump %s: FILE@ADDRESS is wanted\n", text);
		return false;
	}
	/* The first file that is refused is told. */
	options->dump_is_refused = options->dump_is_refused || !target_add_dump(&target, text);
	return true;
}

static const char *take_source(struct options *options, const char *text)
{
	options->sources++;
	return text;
}

static bool take_option(struct options *options, int option)
{
	switch (option) {
	case 'g':
		options->gdb = take_source(options, optarg);
		return true;
	case 'o':
		options->openocd = take_source(options, optarg);
		return true;
	case 'v':
		options->vmcore = take_source(options, optarg);
		return true;
	case 'd':
		return take_dump(options, optarg);
	case 't':
		options->tables = optarg;
		return true;
	case 'a':
		return take_base(options, optarg);
	case 'r':
		return take_set(options, optarg);
	case 'T':
		return take_timeout(options, optarg);
	case 'h':
		options->halted = true;
		return true;
	case 'j':
		options->json = true;
		return true;
	case 'w':
		options->request.access.write = true;
		return true;
	case 'p':
		options->request.access.privileged = true;
		return true;
	case 'i':
		options->request.access.instruction = true;
		return true;
	default:
		return false;
	}
}

static bool take_options(struct options *options, int argc, char **argv)
{
	static const struct option known[] = {
		{"gdb", required_argument, NULL, 'g'},	    {"openocd", required_argument, NULL, 'o'},
		{"vmcore", required_argument, NULL, 'v'},   {"dump", required_argument, NULL, 'd'},
		{"tables", required_argument, NULL, 't'},   {"at", required_argument, NULL, 'a'},
		{"register", required_argument, NULL, 'r'}, {"timeout", required_argument, NULL, 'T'},
		{"halted", no_argument, NULL, 'h'},	    {"json", no_argument, NULL, 'j'},
		{"write", no_argument, NULL, 'w'},	    {"privileged", no_argument, NULL, 'p'},
		{"instruction", no_argument, NULL, 'i'},    {0}};
	int option;

	while ((option = getopt_long(argc, argv, "", known, NULL)) != -1) {
		if (!take_option(options, option)) {
			return false;
		}
	}
	return true;
}

static bool take_walk(struct options *options, int count, char **words)
{
	struct explain_access *access = &options->request.access;
	uint64_t sid = 0, ssid = 0;

	if (count < 2 || count > 3) {
		(void)fputs("smmu-look: walk SID IOVA [SSID]\n", stderr);
		return false;
	}
	access->has_ssid = count == 3;
	if (!take_number("SID", words[0], UINT32_MAX, &sid) ||
	    !take_number("IOVA", words[1], UINT64_MAX, &access->address) ||
	    (access->has_ssid && !take_number("SSID", words[2], 0xfffff, &ssid))) {
		return false;
	}
	access->sid = (uint32_t)sid;
	access->ssid = (uint32_t)ssid;
	return true;
}

static bool takes_no_word(int count, char **words)
{
	if (count > 1) {
		(void)fprintf(stderr, "smmu-look: %s takes no further word, and %s is one\n", words[0], words[1]);
	}
	return count == 1;
}

static bool take_command(struct options *options, int count, char **words)
{
	static const char *const names[] = {"summary", "streams", "walk", "events", "commands", "check"};

	if (!count) {
		return true;
	}
	for (unsigned int i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (strcmp(names[i], words[0]) == 0) {
			options->request.command = (enum command)i;
			return i == COMMAND_WALK ? take_walk(options, count - 1, words + 1) :
						   takes_no_word(count, words);
		}
	}
	(void)fprintf(stderr, "smmu-look: no command is called %s\n", words[0]);
	return false;
}

static bool show_asked(int argc, char **argv)
{
	if (argc == 2 && !strcmp(argv[1], "--help")) {
		(void)fputs(usage, stdout);
		return true;
	}
	if (argc == 2 && !strcmp(argv[1], "--version")) {
		puts("smmu-look " SMMU_INSPECT_VERSION);
		return true;
	}
	return false;
}

int main(int argc, char **argv)
{
	struct options options = {.timeout_s = 10};

	if (show_asked(argc, argv)) {
		return STATUS_LOOKED;
	}
	if (!take_options(&options, argc, argv) || !take_command(&options, argc - optind, argv + optind)) {
		(void)fputs(hint, stderr);
		return STATUS_USAGE;
	}
	if (options.sources != 1) {
		(void)fputs("smmu-look: one of --gdb, --openocd, --dump and --vmcore is wanted\n", stderr);
		(void)fputs(argc == 1 ? usage : hint, stderr);
		return STATUS_USAGE;
	}
	return (int)look(&options);
}
