/* SPDX-License-Identifier: BSD-2-Clause */
#include "findings.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "report/finding.h"

#define CONSOLE_SIZE (1U << 22)
#define RECORDS_MAX 192U
#define CASES_MAX 512U
#define CHILD_SECONDS 900U

struct finding {
	char check[40];
	char subject[16];
	char result[8];
	char detail[512];
};

/* What is wrong, and the list's words. */
struct wrong {
	char id[40];
	char place[16];
	char advice[512];
};

struct findings {
	struct finding at[RECORDS_MAX];
	unsigned int count;
	struct wrong wrong[RECORDS_MAX];
	unsigned int wrong_count;
	struct wrong listed[FINDINGS_MAX];
	unsigned int listed_count;
	struct wrong failed;
	unsigned int expected; /* Events. */
	unsigned int unexpected;
};

static char *console; /* Shared with the children. */
static breakage *honest_machine;
static const struct check_case *current;
static struct findings honest, found;

/* --- From the console to findings. --- */

static const char *text_of(const json_t *record, const char *key)
{
	const char *text = json_string_value(json_object_get(record, key));

	return text ? text : "";
}

static void add(struct findings *into, const char *check, const char *subject, const char *result, const char *detail)
{
	struct finding *finding = &into->at[into->count++];

	assert_true(into->count < RECORDS_MAX);
	(void)snprintf(finding->check, sizeof(finding->check), "%s", check);
	(void)snprintf(finding->subject, sizeof(finding->subject), "%s", subject);
	(void)snprintf(finding->result, sizeof(finding->result), "%s", result);
	(void)snprintf(finding->detail, sizeof(finding->detail), "%s", detail);
}

static void take_wrong(struct wrong *wrong, const char *id, const char *place, const char *advice)
{
	(void)snprintf(wrong->id, sizeof(wrong->id), "%s", id);
	(void)snprintf(wrong->place, sizeof(wrong->place), "%s", place);
	(void)snprintf(wrong->advice, sizeof(wrong->advice), "%s", advice);
}

/* Once, however often reported. */
static void want_listed(struct findings *into, const char *id, const char *place, const char *advice)
{
	for (unsigned int i = 0; i < into->wrong_count; i++) {
		if (!strcmp(into->wrong[i].id, id) && !strcmp(into->wrong[i].place, place)) {
			return;
		}
	}
	assert_true(into->wrong_count < RECORDS_MAX);
	take_wrong(&into->wrong[into->wrong_count++], id, place, advice);
}

/* What is said of many is not the first one's advice. */
static void tell_with(struct findings *into, const char *first)
{
	for (unsigned int i = 0; i < into->wrong_count; i++) {
		if (!strcmp(into->wrong[i].id, "stream_id") && !strcmp(into->wrong[i].place, first)) {
			into->wrong[i].advice[0] = '\0';
		}
	}
}

static void take_listed(struct findings *into, const json_t *record)
{
	assert_true(into->listed_count < FINDINGS_MAX);
	take_wrong(&into->listed[into->listed_count++], text_of(record, "id"), text_of(record, "place"),
		   text_of(record, "advice"));
}

static void take_what_is_wrong(struct findings *into, const json_t *record)
{
	const char *kind = text_of(record, "record");
	const char *place = *text_of(record, "master") ? text_of(record, "master") : text_of(record, "instance");

	if (!strcmp(kind, "check") && !strcmp(text_of(record, "result"), "fail")) {
		want_listed(into, text_of(record, "check"), place, "");
		if (!*into->failed.id) {
			take_wrong(&into->failed, text_of(record, "check"), place, "");
		}
	} else if (!strcmp(kind, "observed") && *text_of(record, "told_with")) {
		tell_with(into, text_of(record, "told_with"));
	} else if (!strcmp(kind, "observed") && !json_is_true(json_object_get(record, "match"))) {
		want_listed(into, "stream_id", place, text_of(record, "advice"));
	} else if (!strcmp(kind, "event") && !json_is_true(json_object_get(record, "expected"))) {
		want_listed(into, text_of(record, "name"), place, "");
	} else if (!strcmp(kind, "finding")) {
		take_listed(into, record);
	}
}

/* Those of a step of the soak. */
static void take_counts(struct findings *into, const json_t *record)
{
	static const char *const keys[] = {"removals", "additions", "denials", "returns"};

	for (unsigned int i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		const json_t *count = json_object_get(record, keys[i]);

		if (count) {
			add(into, keys[i], "machine", json_integer_value(count) ? "pass" : "none", "");
		}
	}
}

static void take_record(struct findings *into, const json_t *record)
{
	const char *kind = text_of(record, "record");

	if (!strcmp(kind, "check")) {
		const char *master = text_of(record, "master");

		add(into, text_of(record, "check"), *master ? master : text_of(record, "instance"),
		    text_of(record, "result"), text_of(record, "detail"));
	} else if (!strcmp(kind, "observed")) {
		add(into, "match", text_of(record, "master"),
		    json_is_true(json_object_get(record, "match")) ? "pass" : "fail", text_of(record, "advice"));
		if (*text_of(record, "told_with")) {
			add(into, "with", text_of(record, "master"), text_of(record, "told_with"), "");
		}
	} else if (!strcmp(kind, "handover")) {
		add(into, "left", text_of(record, "instance"), text_of(record, "result"), "");
	} else if (!strcmp(kind, "soak") || !strcmp(kind, "verdict")) {
		add(into, kind, "machine", text_of(record, "result"), text_of(record, "reason"));
		take_counts(into, record);
	} else if (!strcmp(kind, "difference")) {
		const char *against = json_string_value(json_array_get(json_object_get(record, "between"), 1));

		add(into, against ? against : "", text_of(record, "subject"), "told", text_of(record, "detail"));
	} else if (!strcmp(kind, "event")) {
		into->expected += json_is_true(json_object_get(record, "expected"));
		into->unexpected += !json_is_true(json_object_get(record, "expected"));
	}
}

static void take_console(struct findings *into)
{
	*into = (struct findings){0};
	for (char *line = console, *end; (end = strchr(line, '\n')); line = end + 1) {
		json_t *record;

		if (*line != '{') {
			continue;
		}
		*end = '\0';
		record = json_loads(line, JSON_REJECT_DUPLICATES, NULL);
		*end = '\n';
		assert_non_null(record);
		take_record(into, record);
		take_what_is_wrong(into, record);
		json_decref(record);
	}
}

/* --- One machine in a process of its own. --- */

static void break_it(struct machine *machine)
{
	if (honest_machine) {
		honest_machine(machine);
	}
	if (current && current->broken) {
		current->broken(machine);
	}
}

static void run_child(void)
{
	(void)alarm(CHILD_SECONDS);
	machine_run(current ? current->lie : NULL, current ? current->configure : NULL, break_it, console,
		    CONSOLE_SIZE);
	_exit(0);
}

static bool run_machine(struct findings *into)
{
	int status = -1;
	pid_t child;

	*console = '\0';
	fflush(NULL);
	child = fork();
	assert_true(child >= 0);
	if (!child) {
		run_child();
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	if (status) {
		print_message("the machine's run ended with status 0x%x\n", (unsigned int)status);
	}
	take_console(into);
	return status == 0;
}

/* --- The comparison. --- */

static const struct finding *find(const struct findings *in, const char *check, const char *subject)
{
	for (unsigned int i = 0; i < in->count; i++) {
		if (!strcmp(in->at[i].check, check) && !strcmp(in->at[i].subject, subject)) {
			return &in->at[i];
		}
	}
	return NULL;
}

static bool has_failed(const struct findings *in)
{
	for (unsigned int i = 0; i < in->count; i++) {
		if (!strcmp(in->at[i].result, "fail")) {
			return true;
		}
	}
	return false;
}

static void expect(struct findings *wanted)
{
	char differs[4096] = "";
	char *rest = differs;

	*wanted = honest;
	(void)snprintf(differs, sizeof(differs), "%s", current->differs ? current->differs : "");
	for (char *one = strtok_r(rest, ";", &rest); one; one = strtok_r(rest, ";", &rest)) {
		char result[8], check[40], subject[16];
		struct finding *finding;

		assert_int_equal(sscanf(one, " %7s %39s %15s", result, check, subject), 3);
		finding = (struct finding *)(uintptr_t)find(wanted, check, subject);
		if (!finding) {
			add(wanted, check, subject, result, "");
			continue;
		}
		(void)snprintf(finding->result, sizeof(finding->result), "%s", result);
	}
	if (has_failed(wanted) || current->unexpected) {
		struct finding *verdict = (struct finding *)(uintptr_t)find(wanted, "verdict", "machine");

		(void)snprintf(verdict->result, sizeof(verdict->result), "fail");
	}
}

static unsigned int count_wrong(const struct findings *wanted)
{
	unsigned int wrong = 0;

	for (unsigned int i = 0; i < wanted->count; i++) {
		const struct finding *want = &wanted->at[i];
		const struct finding *got = find(&found, want->check, want->subject);
		bool gone = !strcmp(want->result, "gone");

		if (gone ? !!got : !got || strcmp(got->result, want->result) != 0) {
			print_message("%s %s: wanted %s, got %s (%s)\n", want->check, want->subject, want->result,
				      got ? got->result : "nothing", got ? got->detail : "");
			wrong++;
		}
	}
	for (unsigned int i = 0; i < found.count; i++) {
		const struct finding *got = &found.at[i];

		if (!find(wanted, got->check, got->subject) || find(&found, got->check, got->subject) != got) {
			print_message("%s %s: %s is one too many\n", got->check, got->subject, got->result);
			wrong++;
		}
	}
	return wrong;
}

static bool is_listed(const struct wrong *wrong)
{
	for (unsigned int i = 0; i < found.listed_count; i++) {
		const struct wrong *listed = &found.listed[i];

		if (!strcmp(listed->id, wrong->id) && !strcmp(listed->place, wrong->place) &&
		    (!*wrong->advice || !strcmp(listed->advice, wrong->advice))) {
			return true;
		}
	}
	return false;
}

static bool is_all_listed(void)
{
	for (unsigned int i = 0; i < found.wrong_count && found.listed_count < FINDINGS_MAX; i++) {
		if (!is_listed(&found.wrong[i])) {
			print_message("%s of %s is not among the findings at the end\n", found.wrong[i].id,
				      found.wrong[i].place);
			return false;
		}
	}
	return true;
}

/* It names the check, and its subject. */
static bool is_the_reason(void)
{
	const struct finding *verdict = find(&found, "verdict", "machine");
	char words[64];

	(void)snprintf(words, sizeof(words), "(%s: %s)", found.failed.id, found.failed.place);
	if (!*found.failed.id || (verdict && strstr(verdict->detail, words))) {
		return true;
	}
	print_message("the verdict's reason is \"%s\", without %s\n", verdict ? verdict->detail : "", words);
	return false;
}

static bool says_why(void)
{
	char result[8], check[40], subject[16];
	const struct finding *first;
	const char *words;

	if (!current->says && !current->says_not) {
		return true;
	}
	assert_int_equal(sscanf(current->differs, " %7s %39s %15[^;]", result, check, subject), 3);
	first = find(&found, check, subject);
	/* The soak's own lines. */
	words = !first ? "" : strcmp(check, "soak") ? first->detail : console;
	if ((!current->says || strstr(words, current->says)) &&
	    (!current->says_not || !strstr(words, current->says_not))) {
		return true;
	}
	print_message("%s %s says \"%s\": wanted \"%s\", and not \"%s\"\n", check, subject, first ? first->detail : "",
		      current->says ? current->says : "", current->says_not ? current->says_not : "");
	return false;
}

static void test_case(void **state)
{
	struct findings wanted;
	bool events, right, fails, ended;

	current = *state;
	ended = run_machine(&found);
	expect(&wanted);
	fails = current->differs && strstr(current->differs, "fail ");
	/* Failing checks may leave more events. */
	events = fails || current->endless ? found.unexpected >= current->unexpected :
					     found.unexpected == current->unexpected;
	if (!events) {
		print_message("%u events were not expected\n", found.unexpected);
	}
	right = count_wrong(&wanted) == 0;
	right = says_why() && right && events && ended;
	right = is_all_listed() && right;
	right = is_the_reason() && right;
	if (!right) {
		if (getenv("SHOW_CONSOLE")) {
			(void)fprintf(stderr, "%s\n", console);
		}
		fail();
	}
}

static void test_honest(void **state)
{
	(void)state;
	current = NULL;
	assert_true(run_machine(&honest));
	if (getenv("SHOW_CONSOLE")) {
		(void)fprintf(stderr, "%s\n", console);
	}
	for (unsigned int i = 0; i < honest.count; i++) {
		if (strcmp(honest.at[i].result, "pass") != 0) {
			print_message("%s %s: %s (%s)\n", honest.at[i].check, honest.at[i].subject, honest.at[i].result,
				      honest.at[i].detail);
		}
		assert_string_equal(honest.at[i].result, "pass");
	}
	assert_int_equal(honest.unexpected, 0);
	assert_true(honest.expected > 0);
	assert_non_null(find(&honest, "verdict", "machine"));
}

int cases_run(const char *group, breakage *honest_breakage, const struct check_case *cases, size_t count)
{
	struct CMUnitTest tests[CASES_MAX + 1] = {{.name = "the honest machine", .test_func = test_honest}};

	if (count > CASES_MAX) {
		return 1;
	}
	console = mmap(NULL, CONSOLE_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	honest_machine = honest_breakage;
	for (size_t i = 0; i < count; i++) {
		tests[i + 1] = (struct CMUnitTest){
			.name = cases[i].name, .test_func = test_case, .initial_state = (void *)(uintptr_t)&cases[i]};
	}
	return _cmocka_run_group_tests(group, tests, count + 1, NULL, NULL);
}
