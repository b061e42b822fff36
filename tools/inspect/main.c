/* SPDX-License-Identifier: BSD-2-Clause */
/* smmu-inspect: what a device tree or IORT says of SMMUv3s, and what is wrong. */
#include <dirent.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "accept.h"
#include "correct.h"
#include "diagram.h"
#include "diff.h"
#include "event.h"
#include "explain.h"
#include "findings/compare_traits.h"
#include "firmware/findings.h"
#include "json.h"
#include "people.h"
#include "report.h"
#include "rules.h"
#include "sarif.h"
#include "seen.h"
#include "table.h"

enum status { STATUS_READ = 0, STATUS_USAGE = 1, STATUS_REFUSED = 2, STATUS_DIFFERENT = 3, STATUS_FOUND = 4 };
enum output { OUTPUT_PEOPLE, OUTPUT_JSON, OUTPUT_SARIF, OUTPUT_DOT, OUTPUT_SVG };

static const char usage[] =
	"usage: smmu-inspect [--format=text|json|sarif | --dot | --svg] [--strict] [--accept KNOWN] [--seen REPORT] "
	"FILE\n"
	"       smmu-inspect [--format=text|json | --dot | --svg] [--strict] --compare OTHER FILE\n"
	"       smmu-inspect [--format=text|json] --event TEXT TABLE\n"
	"       smmu-inspect [--format=text|json] --diff OLD NEW\n"
	"       smmu-inspect [--format=text|json] --correct REPORT TABLE\n"
	"       smmu-inspect [--format=text|json] --rules REPORT\n"
	"       smmu-inspect [--format=text|json|sarif] [--strict] [--accept KNOWN] FOLDER\n"
	"       smmu-inspect --explain ID|all\n"
	"       smmu-inspect --version | --help\n"
	"FILE, OTHER, TABLE, OLD and NEW: a device tree blob or an ACPI IORT, - for standard input; FOLDER: many of "
	"them, a line each\n"
	"KNOWN: findings that are let be, \"id place  # reason\" on each line; place may have * and ?\n"
	"TEXT: lines of a Linux log, a raw event record or the firmware's own, or a file of them, - for standard "
	"input\n"
	"REPORT: the firmware's records, or a console's log with them; --seen judges FILE by its ID registers and "
	"streams, too\n"
	"--json is --format=json; --explain: what a finding's id means, and what to do\n"
	"Exit status: 0 read, 1 wrong usage or nowhere to write, 2 refused, 3 a difference from OTHER or OLD, 4 with "
	"--strict: errors or warnings\n";

struct options {
	enum output output;
	const char *other;
	const char *event;
	const char *old;
	const char *report;
	const char *seen;
	bool by_rules;
	const char *path;
	const char *explain;
	const char *accept;
	bool strict;
};

/* Too large for the stack. */
static struct table table;
static struct table other;

static struct accepted_list accepted;
static json_t *sarif; /* With OUTPUT_SARIF. */

/* --- One table. --- */

static enum status refuse(const struct options *options, const char *path, const char *why)
{
	(void)fprintf(stderr, "smmu-inspect: ");
	people_print_text_to(stderr, path);
	(void)fprintf(stderr, ": %s\n", why);
	if (options->output == OUTPUT_JSON) {
		json_print(json_of_error(why), true);
	} else if (options->output == OUTPUT_SARIF) {
		sarif_add_refusal(sarif, path, why);
		json_print(sarif, true);
	}
	return STATUS_REFUSED;
}

static void collect(void *context, const char *subject, const char *detail)
{
	json_array_append_new(context,
			      json_pack("{s:o, s:o}", "subject", json_text(subject), "detail", json_text(detail)));
}

/* With all that the printed form says. */
static json_t *json_with_findings(void)
{
	json_t *json = json_of_table(&table);

	json_object_set_new(json, "findings", json_of_findings(&table));
	json_object_set_new(json, "looked_at", json_of_judges());
	return json;
}

/* With --strict. */
static enum status judged(const struct options *options, enum status status)
{
	bool wrong = options->strict && table_findings_at_least(&table.findings, FINDING_WARNING);

	return wrong && status == STATUS_READ ? STATUS_FOUND : status;
}

static enum status draw(const struct options *options, const json_t *differences)
{
	if (options->output == OUTPUT_SVG) {
		return diagram_svg(&table, differences) ? STATUS_USAGE : STATUS_READ;
	}
	diagram_dot(&table, differences, stdout);
	return STATUS_READ;
}

static enum status show(const struct options *options)
{
	switch (options->output) {
	case OUTPUT_JSON:
		json_print(json_with_findings(), true);
		return STATUS_READ;
	case OUTPUT_SARIF:
		sarif_add(sarif, &table);
		json_print(sarif, true);
		return STATUS_READ;
	case OUTPUT_DOT:
	case OUTPUT_SVG:
		return draw(options, NULL);
	case OUTPUT_PEOPLE:
	default:
		people_print(&table);
		return STATUS_READ;
	}
}

/* --- Two tables. --- */

static unsigned int compare(finding_taker *take, void *context, struct traits_compared *compared)
{
	const char *name = table_words(&table);
	const char *other_name = table_words(&other);
	bool alike = !strcmp(name, other_name);
	const struct traits_side a = {alike ? table.path : name, &table.description.streams, &table.traits};
	const struct traits_side b = {alike ? other.path : other_name, &other.description.streams, &other.traits};

	return findings_between(a.streams, a.name, b.streams, b.name, take, context) +
	       findings_between_traits(&a, &b, take, context, compared);
}

static void print_difference(void *context, const char *subject, const char *detail)
{
	(void)context;
	printf("  ");
	people_print_text(subject);
	printf(": ");
	people_print_text(detail);
	(void)putchar('\n');
}

/* What a table left out is not compared. */
static void print_warnings(const struct table *from)
{
	const struct description *description = &from->description;

	for (unsigned int i = 0; i < description->warning_count; i++) {
		printf("  warning of the %s: ", table_words(from));
		people_print_text(description->warning[i].where);
		printf(": ");
		people_print_text(description->warning[i].text);
		(void)putchar('\n');
	}
}

/* "head a, b, c." of the traits with a count; nothing if none has one. */
static void print_traits(const char *head, const unsigned int counts[TRAITS])
{
	const char *comma = "";

	for (enum trait trait = TRAIT_COHERENCY; trait < TRAITS; trait++) {
		if (counts[trait]) {
			printf("%s%s", *comma ? comma : head, trait_name(trait));
			comma = ", ";
		}
	}
	printf("%s", *comma ? ".\n" : "");
}

/* Two tables of one format are the first and the other. */
static void print_only(const struct table *from, const char *place, const unsigned int counts[TRAITS])
{
	bool alike = !strcmp(table_words(&table), table_words(&other));
	char head[64];

	(void)snprintf(head, sizeof(head), "Only the %s tells: ", alike ? place : table_words(from));
	print_traits(head, counts);
}

/* "0 differences" is of these alone. */
static void print_compared(const struct traits_compared *compared)
{
	unsigned int in_neither[TRAITS];

	printf("Compared: %u SMMU%s (base, coherency, interrupts, errata), streams, reserved regions", compared->smmus,
	       compared->smmus == 1 ? "" : "s");
	printf("; %u master%s that both name.\n", compared->masters, compared->masters == 1 ? "" : "s");
	print_traits("Compared of masters: ", compared->in_both);
	print_only(&table, "first", compared->in_a);
	print_only(&other, "other", compared->in_b);
	for (enum trait trait = TRAIT_COHERENCY; trait < TRAITS; trait++) {
		in_neither[trait] = !compared->in_both[trait] && !compared->in_a[trait] && !compared->in_b[trait];
	}
	print_traits("Neither table tells: ", in_neither);
	if (compared->disabled) {
		printf("Not compared: %u disabled SMMU%s.\n", compared->disabled, compared->disabled == 1 ? "" : "s");
	}
	puts("Not compared: device IDs of MSIs, power domains, clocks, resets.");
}

static json_t *json_of_traits(const unsigned int counts[TRAITS])
{
	json_t *list = json_array();

	for (enum trait trait = TRAIT_COHERENCY; trait < TRAITS; trait++) {
		if (counts[trait]) {
			json_array_append_new(list, json_string(trait_name(trait)));
		}
	}
	return list;
}

static json_t *json_of_compared(const struct traits_compared *compared)
{
	return json_pack("{s:i, s:i, s:i, s:o, s:o, s:o}", "smmus", (int)compared->smmus, "disabled",
			 (int)compared->disabled, "masters", (int)compared->masters, "traits",
			 json_of_traits(compared->in_both), "only_first", json_of_traits(compared->in_a), "only_other",
			 json_of_traits(compared->in_b));
}

static void print_json_differences(json_t *differences, const struct traits_compared *compared)
{
	json_t *json = json_of_table(&table);

	json_object_set_new(json, "compared", json_of_compared(compared));
	json_object_set(json, "differences", differences);
	json_object_set_new(json, "other_warnings", json_of_warnings(&other));
	json_object_set_new(json, "findings", json_of_findings(&table));
	json_print(json, true);
}

static unsigned int print_differences(void)
{
	struct traits_compared compared;
	unsigned int count;

	people_print_text(table.path);
	printf(" (%s) against ", table_words(&table));
	people_print_text(other.path);
	printf(" (%s)\n", table_words(&other));
	print_warnings(&table);
	print_warnings(&other);
	count = compare(print_difference, NULL, &compared);
	print_compared(&compared);
	printf("%u difference%s\n", count, count == 1 ? "" : "s");
	return count;
}

static enum status show_differences(const struct options *options)
{
	json_t *differences = json_array();
	enum status status = STATUS_READ;
	struct traits_compared compared;
	unsigned int count;

	if (options->output == OUTPUT_PEOPLE) {
		count = print_differences();
		if (options->strict) {
			people_print_findings(&table);
		}
	} else {
		count = compare(collect, differences, &compared);
		if (options->output == OUTPUT_JSON) {
			print_json_differences(differences, &compared);
		} else {
			status = draw(options, differences);
		}
	}
	json_decref(differences);
	return count && status == STATUS_READ ? STATUS_DIFFERENT : status;
}

/* --- Two versions. --- */

static enum status show_versions(const struct options *options)
{
	json_t *diff = diff_json(&other, &table);
	json_t *old_findings = json_of_findings(&other);
	json_t *findings = json_of_findings(&table);
	enum status status;

	diff_findings(diff, old_findings, findings);
	status = diff_is_any(diff) ? STATUS_DIFFERENT : STATUS_READ;
	json_decref(old_findings);
	json_decref(findings);
	if (options->output == OUTPUT_JSON) {
		json_object_set_new(diff, "interface", json_integer(1));
		json_object_set_new(diff, "verdict", json_string("ok"));
		json_print(diff, true);
	} else {
		diff_print(diff);
		json_decref(diff);
	}
	return status;
}

/* --- What the target saw. --- */

static void print_corrected(const struct options *options, const char *source, json_t *left_out, unsigned int count)
{
	if (options->output == OUTPUT_JSON) {
		json_print(json_pack("{s:i, s:s, s:i, s:O, s:o}", "interface", 1, "verdict", "ok", "corrected",
				     (int)count, "left_out", left_out, "source", json_text(source)),
			   true);
		return;
	}
	(void)fputs(source, stdout);
	(void)fprintf(stderr, "smmu-inspect: %u corrected, %zu left out\n", count, json_array_size(left_out));
}

static enum status show_corrected(const struct options *options)
{
	const char *why;
	json_t *report = report_read(options->report, &why);
	json_t *left_out = NULL;
	unsigned int count = 0;
	char *source = report ? correct_source(&table, report, &left_out, &count, &why) : NULL;

	if (source) {
		print_corrected(options, source, left_out, count);
	}
	free(source);
	json_decref(left_out);
	json_decref(report);
	return why ? refuse(options, options->report, why) : STATUS_READ;
}

/* Return: NULL, or why not. */
static const char *judge_by_report(const char *path)
{
	const char *why;
	json_t *report = report_read(path, &why);

	why = report ? seen_judge(&table, report) : why;
	json_decref(report);
	return why;
}

static enum status show_rules(const struct options *options)
{
	const char *why;
	json_t *report = report_read(options->path, &why);
	json_t *verdicts = report ? rules_judge(report) : NULL;

	if (!why && !json_array_size(verdicts)) {
		why = "no instance has its ID registers in the report (`idr`): AArch32's firmware leaves them out";
	}
	if (!why && options->output == OUTPUT_JSON) {
		json_print(json_pack("{s:i, s:s, s:O}", "interface", 1, "verdict", "ok", "rules", verdicts), true);
	} else if (!why) {
		printf("%u not met\n", rules_print(verdicts));
	}
	json_decref(verdicts);
	json_decref(report);
	return why ? refuse(options, options->path, why) : STATUS_READ;
}

/* --- Events of a log. --- */

static struct log events_log;

static enum status show_events(const struct options *options)
{
	const char *why = table.description.streams.smmu_count ? event_read(&events_log, options->event) :
								 "the table has no SMMUv3";
	bool is_short = strlen(options->event) < 64 && !strchr(options->event, '\n');
	enum status status = why ? refuse(options, is_short ? options->event : "--event", why) : STATUS_READ;
	json_t *findings = json_of_findings(&table);
	const struct event_context context = {&table.description, &table.traits, findings};
	json_t *json = why ? NULL : event_json(&context, &events_log);

	if (json && options->output == OUTPUT_JSON) {
		json_object_set_new(json, "interface", json_integer(1));
		json_object_set_new(json, "format", json_string(table.format));
		json_object_set_new(json, "verdict", json_string("ok"));
		json_print(json, true);
	} else if (json) {
		event_print(json);
		json_decref(json);
	}
	json_decref(findings);
	log_free(&events_log);
	return status;
}

/* --- A folder. --- */

static int is_visible(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

struct folder {
	unsigned int table_count;
	enum status status;
};

static void show_is_other(const struct options *options)
{
	if (options->output == OUTPUT_SARIF) {
		return;
	}
	if (options->output == OUTPUT_JSON) {
		json_t *json = json_of_error(table.why);

		json_object_set_new(json, "file", json_text(table.path));
		json_object_set_new(json, "skipped_table", json_true());
		json_print(json, false);
		return;
	}
	people_print_text(table.path);
	printf(": skipped: %s\n", table.why);
}

static void show_member(const struct options *options, const char *why)
{
	if (options->output == OUTPUT_JSON) {
		json_t *json = why ? json_of_error(why) : json_with_findings();

		json_object_set_new(json, "file", json_text(table.path));
		json_print(json, false);
	} else if (options->output == OUTPUT_PEOPLE) {
		people_print_line(&table, why);
	} else if (why) {
		sarif_add_refusal(sarif, table.path, why);
	} else {
		sarif_add(sarif, &table);
	}
}

/* Passes over what is not a file; names an ACPI table without streams. */
static void take_member(const struct options *options, const char *path, struct folder *folder)
{
	struct stat found;
	const char *why;

	if (stat(path, &found) || !S_ISREG(found.st_mode)) {
		return;
	}
	why = table_read(&table, path);
	if (why && table.is_other) {
		show_is_other(options);
		return;
	}
	folder->table_count++;
	if (!why) {
		accept_apply(&accepted, &table.findings);
	}
	folder->status = why ? STATUS_REFUSED : judged(options, folder->status);
	show_member(options, why);
}

/* Lines of the accepted that no table of the folder has needed. */
static enum status show_unused(const struct options *options, enum status status)
{
	table.path = options->accept;
	table_findings_clear(&table.findings);
	accept_add_unused(&accepted, &table.findings);
	if (options->output == OUTPUT_SARIF) {
		sarif_add(sarif, &table);
		json_print(sarif, true);
	} else if (table.findings.count && options->output == OUTPUT_JSON) {
		json_print(json_pack("{s:o, s:o}", "file", json_text(table.path), "findings", json_of_findings(&table)),
			   false);
	} else if (table.findings.count) {
		people_print_findings(&table);
	}
	return judged(options, status);
}

static enum status refuse_folder(const struct options *options, struct dirent **members, int count)
{
	for (int i = 0; i < count; i++) {
		free(members[i]);
	}
	free(members);
	return refuse(options, options->path, table.why);
}

static enum status show_folder(const struct options *options)
{
	struct folder folder = {.status = STATUS_READ};
	struct dirent **members = NULL;
	int count = scandir(options->path, &members, is_visible, alphasort);
	char path[4096];

	if (count >= 0 && form_explain_folder(options->path, table.why)) {
		return refuse_folder(options, members, count);
	}
	if (count < 0) {
		return refuse(options, options->path, "the folder cannot be read");
	}
	for (int i = 0; i < count; i++) {
		if ((size_t)snprintf(path, sizeof(path), "%s/%s", options->path, members[i]->d_name) < sizeof(path)) {
			take_member(options, path, &folder);
		}
		free(members[i]);
	}
	free(members);
	return folder.table_count ?
		       show_unused(options, folder.status) :
		       refuse(options, options->path, "there is no device tree and no IORT in this folder");
}

/* --- The command line. --- */

static bool is_folder(const char *path)
{
	struct stat found;

	return stat(path, &found) == 0 && S_ISDIR(found.st_mode);
}

static enum status written(enum status status)
{
	if (fflush(stdout) == 0 && !ferror(stdout)) {
		return status;
	}
	(void)fprintf(stderr, "smmu-inspect: the output cannot be written\n");
	return STATUS_USAGE;
}

static bool take_format(struct options *options, const char *name)
{
	static const struct {
		const char *name;
		enum output output;
	} formats[] = {
		{"text", OUTPUT_PEOPLE},
		{"json", OUTPUT_JSON},
		{"sarif", OUTPUT_SARIF},
	};

	for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++) {
		if (!strcmp(formats[i].name, name)) {
			options->output = formats[i].output;
			return true;
		}
	}
	return false;
}

static bool take_options(struct options *options, int argc, char **argv)
{
	static const struct option known[] = {
		{"json", no_argument, NULL, 'j'},	  {"dot", no_argument, NULL, 'd'},
		{"svg", no_argument, NULL, 's'},	  {"format", required_argument, NULL, 'f'},
		{"strict", no_argument, NULL, 'S'},	  {"explain", required_argument, NULL, 'x'},
		{"accept", required_argument, NULL, 'a'}, {"compare", required_argument, NULL, 'c'},
		{"diff", required_argument, NULL, 'D'},	  {"correct", required_argument, NULL, 'C'},
		{"seen", required_argument, NULL, 'R'},	  {"rules", required_argument, NULL, 'r'},
		{"event", required_argument, NULL, 'e'},  {"help", no_argument, NULL, 'h'},
		{"version", no_argument, NULL, 'v'},	  {NULL, 0, NULL, 0},
	};
	unsigned int outputs = 0;
	int option;

	while ((option = getopt_long(argc, argv, "h", known, NULL)) != -1) {
		switch (option) {
		case 'j':
		case 'd':
		case 's':
			options->output = option == 'j' ? OUTPUT_JSON : option == 'd' ? OUTPUT_DOT : OUTPUT_SVG;
			outputs++;
			break;
		case 'f':
			if (!take_format(options, optarg)) {
				return false;
			}
			outputs++;
			break;
		case 'S':
			options->strict = true;
			break;
		case 'a':
			options->accept = optarg;
			break;
		case 'x':
			options->explain = optarg;
			break;
		case 'c':
			options->other = optarg;
			break;
		case 'r':
			options->by_rules = true;
			options->path = optarg;
			break;
		case 'C':
			options->report = optarg;
			break;
		case 'R':
			options->seen = optarg;
			break;
		case 'D':
			options->old = optarg;
			break;
		case 'e':
			options->event = optarg;
			break;
		case 'h':
			(void)fputs(usage, stdout);
			exit((int)written(STATUS_READ));
		case 'v':
			puts("smmu-inspect " SMMU_INSPECT_VERSION);
			exit((int)written(STATUS_READ));
		default:
			return false;
		}
	}
	if (options->explain) {
		return argc == optind;
	}
	if (!options->by_rules) {
		options->path = argc - optind == 1 ? argv[optind] : NULL;
	}
	return options->path && outputs <= 1 && (!options->by_rules || argc == optind);
}

/* The table, or NULL, that another option names. */
static const char *second_table(const struct options *options)
{
	return options->other ? options->other : options->old;
}

static enum status inspect(const struct options *options)
{
	const char *second = second_table(options);
	const char *why = table_read(&table, options->path);

	if (why) {
		return refuse(options, options->path, why);
	}
	if (options->event) {
		return show_events(options);
	}
	if (options->report) {
		return show_corrected(options);
	}
	why = options->seen ? judge_by_report(options->seen) : NULL;
	if (why) {
		return refuse(options, options->seen, why);
	}
	accept_apply(&accepted, &table.findings);
	accept_add_unused(&accepted, &table.findings);
	if (!second) {
		return judged(options, show(options));
	}
	why = table_read(&other, second);
	if (why) {
		return refuse(options, second, why);
	}
	return options->old ? show_versions(options) : judged(options, show_differences(options));
}

static bool draws(const struct options *options)
{
	return options->output == OUTPUT_DOT || options->output == OUTPUT_SVG;
}

/* Options that only some of what else is named go with. */
static bool fits_second(const struct options *options, const char *second)
{
	if (second && second == options->seen) {
		return true;
	}
	if (second && (options->accept || options->output == OUTPUT_SARIF)) {
		return false;
	}
	return !second || second == options->other || (!draws(options) && !options->strict);
}

/* One thing at a time; standard input is read once; a folder, and a graph, are of tables alone. */
static bool fits(const struct options *options)
{
	const char *const inputs[] = {options->other, options->old, options->event, options->report, options->seen};
	const char *second = NULL;

	for (size_t i = 0; i < sizeof(inputs) / sizeof(inputs[0]); i++) {
		if (inputs[i] && second) {
			return false;
		}
		second = inputs[i] ? inputs[i] : second;
	}
	if (options->by_rules) {
		return !second && !draws(options) && !options->strict && fits_second(options, options->path);
	}
	if (is_folder(options->path)) {
		return !second && !draws(options);
	}
	return fits_second(options, second) &&
	       (!second || strcmp(second, TABLE_STDIN) != 0 || strcmp(options->path, TABLE_STDIN) != 0);
}

static enum status explain(const char *id)
{
	if (explain_print(id)) {
		return STATUS_READ;
	}
	(void)fprintf(stderr, "smmu-inspect: no finding has the id ");
	people_print_text_to(stderr, id);
	(void)fprintf(stderr, ": --explain " EXPLAIN_ALL " lists them\n");
	return STATUS_USAGE;
}

int main(int argc, char **argv)
{
	struct options options = {.output = OUTPUT_PEOPLE};

	if (!take_options(&options, argc, argv) || (!options.explain && !fits(&options))) {
		(void)fputs(usage, stderr);
		return STATUS_USAGE;
	}
	if (options.explain) {
		return (int)written(explain(options.explain));
	}
	if (options.by_rules) {
		return (int)written(show_rules(&options));
	}
	if (options.accept && !accept_read(&accepted, options.accept)) {
		return STATUS_USAGE;
	}
	sarif = options.output == OUTPUT_SARIF ? sarif_new() : NULL;
	return (int)written(is_folder(options.path) ? show_folder(&options) : inspect(&options));
}
