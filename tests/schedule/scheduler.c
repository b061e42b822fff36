/* SPDX-License-Identifier: BSD-2-Clause */
#include "scheduler.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <ucontext.h>

#include "base/sync.h"

#define STACK_SIZE 16384U
#define STACK_MARGIN 128U /* setjmp's frame, below a stopped core's. */
#define TICK_S 1
#define TIME_PASSES 100000000U
#define NO_FAILURE UINT32_MAX
#define KEPT_MAX 2U

/* Every static object, `machine` included. */
extern char __data_start[], _edata[], __bss_start[], _end[];

/* A change that the others do not see yet. */
struct kept {
	void *at;
	size_t size;
	uint64_t value; /* Running: the others' value; else this core's. */
};

struct core {
	jmp_buf context;
	uintptr_t stack_low; /* The used part's start. */
	const char *point;   /* The next action and object. */
	const void *object;
	bool finished;
	bool event;
	bool woken;		 /* Others changed something since its last look. */
	bool refused;		 /* A failed exchange: it was a load. */
	bool keeps;		 /* The present change is kept; */
	unsigned int kept_count; /* kept changes, in order. */
	struct kept kept[KEPT_MAX];
};

/* Put back with the state. */
static struct {
	struct core core[SCHEDULE_CORES_MAX];
	unsigned int current;
	uint64_t ticks;
} machine;

enum stop { STOP_NONE, STOP_POINT, STOP_FINISHED, STOP_FAILED };

struct known {
	uint64_t key;
	uint64_t paths;
	uint64_t failed;
	uint32_t failure_in;   /* Steps; NO_FAILURE. */
	uint8_t failure_core;  /* Its first step, */
	uint64_t failure_next; /* and the state behind it. */
	bool open;	       /* Being explored: a path back is a loop. */
};

/* On the heap: not part of the state. */
struct engine {
	const struct schedule *schedule;
	jmp_buf main;
	bool running;
	bool calling; /* A schedule's function runs, outside cores. */
	uint64_t steps;
	uint64_t steps_at_tick;
	bool looking;
	bool shortest;
	bool give_up;
	bool print;
	char *stacks;
	const uint8_t *wanted; /* Of a replay. */
	unsigned int wanted_count;
	char *pristine; /* At the first run. */
	char failure[256];
	uint64_t explored;
	uint64_t states;
	struct known *known;
	size_t known_size;
	size_t known_count;
	uint8_t path[SCHEDULE_STEPS_MAX];
	char *snapshot[SCHEDULE_STEPS_MAX + 1]; /* One a depth, and one for a second try. */
	size_t snapshot_size[SCHEDULE_STEPS_MAX + 1];
};

static struct engine *engine; /* Never changes: putting it back is harmless. */

static char *stack_top(unsigned int core)
{
	return engine->stacks + (core + 1U) * STACK_SIZE;
}

static void on_crash(int signal_number)
{
	schedule_fail("%s", signal_number == SIGSEGV ? "a bad pointer was followed" : "a trap");
}

/* No sync point since the last tick: an endless loop. */
static void on_tick(int signal_number)
{
	(void)signal_number;
	if ((engine->running || engine->calling) && engine->steps == engine->steps_at_tick) {
		schedule_fail("a core goes round without a sync point");
	}
	engine->steps_at_tick = engine->steps;
}

/* --- What a core keeps back. --- */

/* Bytes stored or exchanged there; 0: none. */
static size_t changed_size(const char *point)
{
	bool is_pointer = strstr(point, " pointer");
	bool changes = !strncmp(point, "store", 5) || !strncmp(point, "exchange", 8) || !strcmp(point, "add") ||
		       !strcmp(point, "set") || !strcmp(point, "clear");

	return !changes ? 0 : is_pointer ? sizeof(void *) : sizeof(uint32_t);
}

static bool keeps_through(const char *point)
{
	return !strcmp(point, "load") || !strcmp(point, "sample") || !strcmp(point, "lock");
}

static uint64_t value_at(const void *at, size_t size)
{
	uint64_t value = 0;

	memcpy(&value, at, size);
	return value;
}

static void swap_kept(struct kept *kept)
{
	uint64_t value = value_at(kept->at, kept->size);

	memcpy(kept->at, &kept->value, kept->size);
	kept->value = value;
}

/* From the others' view to the core's, */
static void show_kept(struct core *core)
{
	for (unsigned int k = 0; k < core->kept_count; k++) {
		swap_kept(&core->kept[k]);
	}
}

/* and back. */
static void hide_kept(struct core *core)
{
	for (unsigned int k = core->kept_count; k; k--) {
		swap_kept(&core->kept[k - 1]);
	}
}

static void wake_others(unsigned int number)
{
	for (unsigned int i = 0; i < SCHEDULE_CORES_MAX; i++) {
		machine.core[i].woken |= i != number;
	}
}

/* From here on, all have the running core's view. */
static void give_out(void)
{
	struct core *core = &machine.core[machine.current];

	core->keeps = false;
	if (core->kept_count) {
		core->kept_count = 0;
		wake_others(machine.current);
	}
}

static bool give_all_out(void)
{
	bool any = false;

	for (unsigned int i = 0; i < SCHEDULE_CORES_MAX; i++) {
		if (machine.core[i].kept_count) {
			show_kept(&machine.core[i]);
			machine.core[i].kept_count = 0;
			wake_others(i);
			any = true;
		}
	}
	return any;
}

static void make_engine(void)
{
	const struct itimerval tick = {.it_interval = {.tv_sec = TICK_S}, .it_value = {.tv_sec = TICK_S}};
	struct sigaction tick_action = {.sa_handler = on_tick, .sa_flags = SA_ONSTACK | SA_NODEFER};
	struct sigaction action = {.sa_handler = on_crash, .sa_flags = SA_ONSTACK | SA_NODEFER};
	stack_t alternate = {.ss_size = 65536};

	if (engine) {
		return;
	}
	engine = calloc(1, sizeof(*engine));
	engine->stacks =
		mmap(NULL, SCHEDULE_CORES_MAX * STACK_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	alternate.ss_sp = malloc(alternate.ss_size);
	sigaltstack(&alternate, NULL);
	sigaction(SIGSEGV, &action, NULL);
	sigaction(SIGBUS, &action, NULL);
	sigaction(SIGILL, &action, NULL);
	sigaction(SIGVTALRM, &tick_action, NULL);
	setitimer(ITIMER_VIRTUAL, &tick, NULL);
}

/* --- Cores. --- */

unsigned int schedule_core(void)
{
	return machine.current;
}

bool schedule_is_running(void)
{
	return engine && engine->running;
}

_Noreturn static void leave(enum stop stop)
{
	engine->running = false;
	_longjmp(engine->main, (int)stop);
}

/* Below a stopped core's frame, nothing is used. */
__attribute__((noinline)) static void stop_here(void)
{
	struct core *core = &machine.core[machine.current];

	if (_setjmp(core->context) == 0) {
		core->stack_low = (uintptr_t)__builtin_frame_address(0) - STACK_MARGIN;
		leave(STOP_POINT);
	}
}

void schedule_point(const char *name, const void *object)
{
	struct core *core = &machine.core[machine.current];

	if (!schedule_is_running()) {
		machine.ticks += !strcmp(name, "relax") ? TIME_PASSES : 0;
		return;
	}
	if (engine->looking) {
		return;
	}
	if (!strcmp(name, "not exchanged")) {
		core->refused = true;
		return;
	}
	if (!strcmp(name, "unlock")) {
		return;
	}
	/* Unlocking gives kept changes out. Without any, a fence shows nothing. */
	if (!core->kept_count && (!strcmp(name, "let go") || !strcmp(name, "fence"))) {
		give_out();
		return;
	}
	core->point = name;
	core->object = object;
	stop_here();
	/* Later changes are news to a spinning core. */
	core->woken &= strcmp(name, "relax") != 0;
	core->event &= strcmp(name, "event wait") != 0;
}

void schedule_look(bool looking)
{
	engine->looking = looking;
}

void schedule_send_event(void)
{
	schedule_point("fence", NULL); /* Before SEV. */
	for (unsigned int i = 0; i < SCHEDULE_CORES_MAX; i++) {
		machine.core[i].event = true;
	}
}

uint64_t schedule_ticks(void)
{
	return machine.ticks;
}

_Noreturn void schedule_fail(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(engine->failure, sizeof(engine->failure), format, arguments);
	va_end(arguments);
	leave(STOP_FAILED);
}

static void run_core(void)
{
	schedule_point("start", NULL);
	engine->schedule->body(engine->schedule->subject, machine.current);
	schedule_point("fence", NULL);
	machine.core[machine.current].finished = true;
	leave(STOP_FINISHED);
}

static void create_core(unsigned int number)
{
	ucontext_t ignored, context;

	machine.current = number;
	engine->running = true;
	getcontext(&context);
	context.uc_stack.ss_sp = stack_top(number) - STACK_SIZE;
	context.uc_stack.ss_size = STACK_SIZE;
	makecontext(&context, run_core, 0);
	if (_setjmp(engine->main) == 0) {
		swapcontext(&ignored, &context);
	}
}

static enum stop resume(unsigned int number)
{
	enum stop stop;

	machine.current = number;
	engine->steps++;
	engine->running = true;
	engine->looking = false;
	stop = (enum stop)_setjmp(engine->main);
	if (stop == STOP_NONE) {
		_longjmp(machine.core[number].context, 1);
	}
	return stop;
}

static bool has_kept(const struct core *core, const void *at)
{
	for (unsigned int k = 0; k < core->kept_count; k++) {
		if (core->kept[k].at == at) {
			return true;
		}
	}
	return false;
}

/* Another core that keeps the word about to change, or NULL. */
static struct core *rival_of(unsigned int number)
{
	const struct core *me = &machine.core[number];

	for (unsigned int i = 0; changed_size(me->point) && i < SCHEDULE_CORES_MAX; i++) {
		if (i != number && has_kept(&machine.core[i], me->object)) {
			return &machine.core[i];
		}
	}
	return NULL;
}

static enum stop run_in_own_view(unsigned int number, bool keep, bool through)
{
	struct core *core = &machine.core[number];
	size_t size = changed_size(core->point);
	void *at = (void *)(uintptr_t)core->object;
	uint64_t before;
	enum stop stop;

	core->refused = false;
	show_kept(core);
	machine.current = number;
	if (!through) {
		give_out();
	}
	before = value_at(at, size);
	core->keeps = keep && size;
	stop = resume(number);
	if (core->keeps && value_at(at, size) != before) {
		core->kept[core->kept_count++] = (struct kept){.at = at, .size = size, .value = before};
	}
	hide_kept(core);
	core->keeps = false;
	return stop;
}

static void save(unsigned int depth);
static void restore(unsigned int depth);

/* In its own view. A word's changes are ordered: others' kept ones come first. A failed exchange is a load. */
static enum stop resume_in_own_view(unsigned int number, bool keep)
{
	const struct core *core = &machine.core[number];
	struct core *rival = rival_of(number);

	if ((rival || core->kept_count) && !strcmp(core->point, "exchange")) {
		enum stop stop;

		save(SCHEDULE_STEPS_MAX);
		stop = run_in_own_view(number, keep, true);
		if (core->refused) {
			return stop;
		}
		restore(SCHEDULE_STEPS_MAX);
	}
	if (rival) {
		show_kept(rival);
		rival->kept_count = 0;
	}
	return run_in_own_view(number, keep, keeps_through(core->point) || (keep && core->kept_count < KEPT_MAX));
}

static enum stop call(void (*function)(const void *subject))
{
	enum stop stop = (enum stop)_setjmp(engine->main);

	if (stop == STOP_NONE) {
		engine->steps++;
		engine->calling = true;
		function(engine->schedule->subject);
	}
	engine->calling = false;
	return stop;
}

static bool is_in(const void *object, const char *start, const char *end)
{
	return (const char *)object >= start && (const char *)object < end;
}

static bool is_of_the_state(const void *object)
{
	return is_in(object, __data_start, _edata) || is_in(object, __bss_start, _end) ||
	       is_in(object, engine->stacks, stack_top(SCHEDULE_CORES_MAX - 1));
}

static bool is_enabled(const struct core *core)
{
	if (core->finished) {
		return false;
	}
	/* A lock outside the state: the core goes on, and follows the bad pointer. */
	if (!strcmp(core->point, "lock") && is_of_the_state(core->object)) {
		return atomic_load(&((const struct lock *)core->object)->held) == 0;
	}
	if (!strcmp(core->point, "relax")) {
		return core->woken;
	}
	return strcmp(core->point, "event wait") != 0 || core->event;
}

/* Leaving a waiting core is no pre-emption. */
static bool is_waiting(const struct core *core)
{
	return !strcmp(core->point, "relax") || !strcmp(core->point, "event wait") || !strcmp(core->point, "start");
}

static bool changes_nothing(const char *point)
{
	return !strcmp(point, "load") || !strcmp(point, "read") || !strcmp(point, "sample") ||
	       !strcmp(point, "relax") || !strcmp(point, "event wait");
}

static void say_step(unsigned int number, bool keep)
{
	const struct core *core = &machine.core[number];
	char buffer[64];

	printf("  core %u  %-16s %s%s\n", number, core->point,
	       core->object ? engine->schedule->name(core->object, buffer, sizeof(buffer)) : "",
	       keep ? ", and keeps it back" : "");
}

/* With every core's changes. */
static enum stop check_invariants(void)
{
	enum stop stop;

	for (unsigned int i = 0; i < SCHEDULE_CORES_MAX; i++) {
		show_kept(&machine.core[i]);
	}
	stop = call(engine->schedule->invariants);
	for (unsigned int i = SCHEDULE_CORES_MAX; i; i--) {
		hide_kept(&machine.core[i - 1]);
	}
	return stop;
}

static enum stop step(unsigned int number, bool keep)
{
	const char *point = machine.core[number].point;
	enum stop stop;

	if (engine->print) {
		say_step(number, keep && changed_size(point));
	}
	stop = resume_in_own_view(number, keep && changed_size(point));
	if (!changes_nothing(point)) {
		wake_others(number);
	}
	return stop == STOP_FAILED ? stop : check_invariants();
}

static unsigned int enabled_cores(unsigned int cores[SCHEDULE_CORES_MAX])
{
	unsigned int count = 0;

	for (unsigned int i = 0; i < engine->schedule->core_count; i++) {
		if (is_enabled(&machine.core[i])) {
			cores[count++] = i;
		}
	}
	return count;
}

/* All wait, one watches the time. */
static bool let_time_pass(void)
{
	bool passed = false;

	for (unsigned int i = 0; i < engine->schedule->core_count; i++) {
		struct core *core = &machine.core[i];

		if (!core->finished && !strcmp(core->point, "relax")) {
			core->woken = true;
			passed = true;
		}
	}
	machine.ticks += passed ? TIME_PASSES : 0;
	return passed;
}

static bool all_finished(void)
{
	for (unsigned int i = 0; i < engine->schedule->core_count; i++) {
		if (!machine.core[i].finished) {
			return false;
		}
	}
	return true;
}

static void fail_asleep(const void *subject)
{
	(void)subject;
	schedule_fail("every core waits, and no core is left to end it");
}

/* STOP_NONE, or STOP_FAILED. */
static enum stop finish(void)
{
	return call(all_finished() ? engine->schedule->check : fail_asleep);
}

/* --- The state. --- */

static size_t copy_region(char *to, const char *start, const char *end)
{
	memcpy(to, start, (size_t)(end - start));
	return (size_t)(end - start);
}

static size_t state_size(void)
{
	size_t size = (size_t)(_edata - __data_start) + (size_t)(_end - __bss_start);

	for (unsigned int i = 0; i < engine->schedule->core_count; i++) {
		size += (size_t)(stack_top(i) - (char *)machine.core[i].stack_low);
	}
	return size;
}

static void save(unsigned int depth)
{
	size_t size = state_size();
	char *to;

	if (engine->snapshot_size[depth] < size) {
		free(engine->snapshot[depth]);
		engine->snapshot_size[depth] = size + 4096;
		engine->snapshot[depth] = malloc(engine->snapshot_size[depth]);
	}
	to = engine->snapshot[depth];
	to += copy_region(to, __data_start, _edata);
	to += copy_region(to, __bss_start, _end);
	for (unsigned int i = 0; i < engine->schedule->core_count; i++) {
		to += copy_region(to, (char *)machine.core[i].stack_low, stack_top(i));
	}
}

static void restore(unsigned int depth)
{
	const char *from = engine->snapshot[depth];

	memcpy(__data_start, from, (size_t)(_edata - __data_start));
	from += _edata - __data_start;
	memcpy(__bss_start, from, (size_t)(_end - __bss_start));
	from += _end - __bss_start;
	for (unsigned int i = 0; i < engine->schedule->core_count; i++) {
		size_t size = (size_t)(stack_top(i) - (char *)machine.core[i].stack_low);

		memcpy((char *)machine.core[i].stack_low, from, size);
		from += size;
	}
}

static uint64_t mix(uint64_t hash, uint64_t value)
{
	hash = (hash ^ value) * 0x9e3779b97f4a7c15ULL;
	return hash ^ hash >> 29;
}

/* Four lanes: multiplications overlap. */
static uint64_t hash_region(uint64_t hash, const char *start, const char *end)
{
	uint64_t lane[4] = {hash, hash + 1, hash + 2, hash + 3};
	uint64_t value[4];

	for (; end - start >= 32; start += 32) {
		memcpy(value, start, 32);
		for (unsigned int i = 0; i < 4; i++) {
			lane[i] = mix(lane[i], value[i]);
		}
	}
	memset(value, 0, sizeof(value));
	memcpy(value, start, (size_t)(end - start));
	for (unsigned int i = 0; i < 4; i++) {
		hash = mix(hash, mix(lane[i], value[i]));
	}
	return hash;
}

static uint64_t state_key(unsigned int budget, unsigned int last)
{
	uint64_t hash = mix(budget, last);

	hash = hash_region(hash, __data_start, _edata);
	hash = hash_region(hash, __bss_start, _end);
	for (unsigned int i = 0; i < engine->schedule->core_count; i++) {
		hash = hash_region(hash, (char *)machine.core[i].stack_low, stack_top(i));
	}
	return hash | 1; /* 0: a free place. */
}

static struct known *place_of(struct known *table, size_t size, uint64_t key)
{
	size_t at = (size_t)(key >> 1) & (size - 1);

	while (table[at].key && table[at].key != key) {
		at = (at + 1) & (size - 1);
	}
	return &table[at];
}

static void grow(void)
{
	size_t size = engine->known_size ? engine->known_size * 4 : 1U << 14;
	struct known *table = calloc(size, sizeof(*table));

	for (size_t i = 0; i < engine->known_size; i++) {
		if (engine->known[i].key) {
			*place_of(table, size, engine->known[i].key) = engine->known[i];
		}
	}
	free(engine->known);
	engine->known = table;
	engine->known_size = size;
}

static struct known *find(uint64_t key)
{
	if (engine->known_count * 2 >= engine->known_size) {
		grow();
	}
	return place_of(engine->known, engine->known_size, key);
}

static void forget_all(void)
{
	free(engine->known);
	engine->known = NULL;
	engine->known_size = 0;
	engine->known_count = 0;
}

/* --- Every interleaving. --- */

static struct known ended(enum stop stop)
{
	bool failed = stop == STOP_FAILED;

	engine->explored++;
	engine->give_up |= failed && !engine->shortest;
	return (struct known){.paths = 1, .failed = failed, .failure_in = failed ? 0 : NO_FAILURE};
}

static struct known explore(unsigned int depth, unsigned int budget, unsigned int last);

static void take_in(struct known *sum, const struct known *part, unsigned int core)
{
	sum->paths += part->paths;
	sum->failed += part->failed;
	if (part->failure_in != NO_FAILURE && part->failure_in + 1 < sum->failure_in) {
		sum->failure_in = part->failure_in + 1;
		sum->failure_core = (uint8_t)core;
		sum->failure_next = part->key;
	}
}

/* Those that can go on, then those that can keep back. */
static unsigned int find_choices(unsigned int choices[2 * SCHEDULE_CORES_MAX], unsigned int budget)
{
	unsigned int count = enabled_cores(choices);
	unsigned int all = count;

	for (unsigned int i = 0; i < count && budget && engine->schedule->keeps; i++) {
		if (changed_size(machine.core[choices[i]].point)) {
			choices[all++] = choices[i] | SCHEDULE_KEEPS;
		}
	}
	return all;
}

static struct known explore_choices(unsigned int depth, unsigned int budget, unsigned int last)
{
	struct known sum = {.failure_in = NO_FAILURE};
	unsigned int choices[2 * SCHEDULE_CORES_MAX];
	unsigned int count = find_choices(choices, budget);
	bool may_go_on =
		!machine.core[last].finished && is_enabled(&machine.core[last]) && !is_waiting(&machine.core[last]);

	if (!count) {
		if (give_all_out() || let_time_pass()) {
			return explore(depth, budget, last);
		}
		return ended(finish());
	}
	if (depth + 1 >= SCHEDULE_STEPS_MAX) {
		return ended(call(fail_asleep));
	}
	save(depth);
	for (unsigned int i = 0; i < count && !engine->give_up; i++) {
		unsigned int core = choices[i] % SCHEDULE_CORES_MAX;
		bool keep = choices[i] & SCHEDULE_KEEPS;
		unsigned int kept_count;
		unsigned int cost = (may_go_on && core != last ? 1U : 0U) + (keep ? 1U : 0U);
		struct known part;
		enum stop stop;

		if (cost > budget) {
			continue;
		}
		if (i) {
			restore(depth);
		}
		engine->path[depth] = (uint8_t)choices[i];
		kept_count = machine.core[core].kept_count;
		stop = step(core, keep);
		if (keep && machine.core[core].kept_count <= kept_count) {
			continue; /* As without. */
		}
		part = stop == STOP_FAILED ? ended(STOP_FAILED) : explore(depth + 1, budget - cost, core);
		take_in(&sum, &part, choices[i]);
	}
	return sum;
}

static struct known explore(unsigned int depth, unsigned int budget, unsigned int last)
{
	uint64_t key = state_key(budget, last);
	struct known *place = find(key);
	struct known result;

	if (place->key) {
		engine->explored++;
		if (place->open) {
			snprintf(engine->failure, sizeof(engine->failure), "the cores go round in circles");
			return ended(STOP_FAILED);
		}
		return *place;
	}
	*place = (struct known){.key = key, .open = true};
	engine->known_count++;
	engine->states++;
	result = explore_choices(depth, budget, last);
	result.key = key;
	*find(key) = result;
	return result;
}

/* Memory is the same to the bit, so that known states are recognised. */
static void restore_pristine(void)
{
	size_t size = (size_t)(_edata - __data_start);

	if (!engine->pristine) {
		engine->pristine = malloc(size + (size_t)(_end - __bss_start));
		memcpy(engine->pristine, __data_start, size);
		memcpy(engine->pristine + size, __bss_start, (size_t)(_end - __bss_start));
	}
	memcpy(__data_start, engine->pristine, size);
	memcpy(__bss_start, engine->pristine + size, (size_t)(_end - __bss_start));
	memset(engine->stacks, 0, SCHEDULE_CORES_MAX * STACK_SIZE);
}

static void begin(const struct schedule *schedule)
{
	make_engine();
	restore_pristine();
	engine->schedule = schedule;
	engine->explored = 0;
	engine->states = 0;
	engine->give_up = false;
	engine->failure[0] = '\0';
	if (call(schedule->prepare) == STOP_FAILED) {
		fprintf(stderr, "the scenario cannot be prepared: %s\n", engine->failure);
		exit(2);
	}
	for (unsigned int i = 0; i < schedule->core_count; i++) {
		create_core(i);
	}
	engine->running = false;
}

static struct known explore_within(const struct schedule *schedule, unsigned int preemptions)
{
	struct known sum;

	forget_all();
	begin(schedule);
	sum = explore(0, preemptions, 0);
	return sum;
}

/* From failing state to failing state, the shortest way. */
static void trace_failure(struct known from, struct schedule_result *result)
{
	result->length = 0;
	while (from.failure_in && from.failure_in != NO_FAILURE) {
		result->path[result->length++] = from.failure_core;
		if (!from.failure_next) {
			break;
		}
		from = *find(from.failure_next);
	}
}

static void find_shortest(const struct schedule *schedule, struct schedule_result *result)
{
	engine->shortest = true;
	for (unsigned int bound = 0; bound <= schedule->preemptions; bound++) {
		struct known sum = explore_within(schedule, bound);

		if (sum.failed) {
			trace_failure(sum, result);
			result->preemptions = bound;
			return;
		}
	}
}

/* --- One run. --- */

static void run(const struct schedule *schedule, unsigned int (*choose)(const unsigned int *cores, unsigned int count),
		struct schedule_result *result)
{
	enum stop stop = STOP_NONE;

	begin(schedule);
	while (stop != STOP_FAILED) {
		unsigned int cores[SCHEDULE_CORES_MAX];
		unsigned int count = enabled_cores(cores);

		if (!count && !give_all_out() && !let_time_pass()) {
			stop = finish();
			break;
		}
		if (count) {
			unsigned int next = choose(cores, count);

			if (result->length < SCHEDULE_STEPS_MAX) {
				result->path[result->length] = (uint8_t)next;
			}
			result->length++;
			stop = step(next % SCHEDULE_CORES_MAX, next & SCHEDULE_KEEPS);
		}
	}
	result->covered = 1;
	result->explored = 1;
	result->failed = stop == STOP_FAILED;
	memcpy(result->failure, engine->failure, sizeof(result->failure));
}

void schedule_run(const struct schedule *schedule,
		  unsigned int (*choose)(const unsigned int *cores, unsigned int count), bool print,
		  struct schedule_result *result)
{
	make_engine();
	*result = (struct schedule_result){0};
	engine->print = print;
	run(schedule, choose, result);
	engine->print = false;
}

static unsigned int choose_wanted(const unsigned int *cores, unsigned int count)
{
	while (engine->wanted_count) {
		unsigned int core = *engine->wanted++;

		engine->wanted_count--;
		for (unsigned int i = 0; i < count; i++) {
			if (cores[i] == core % SCHEDULE_CORES_MAX) {
				return core;
			}
		}
		printf("  (core %u cannot go on here)\n", core % SCHEDULE_CORES_MAX);
	}
	return cores[0];
}

static void run_path(const struct schedule *schedule, const uint8_t *path, unsigned int length, bool print,
		     struct schedule_result *result)
{
	make_engine();
	engine->wanted = path;
	engine->wanted_count = length;
	schedule_run(schedule, choose_wanted, print, result);
}

void schedule_replay(const struct schedule *schedule, const uint8_t *path, unsigned int length,
		     struct schedule_result *result)
{
	run_path(schedule, path, length, true, result);
}

void schedule_explore(const struct schedule *schedule, bool shortest, struct schedule_result *result)
{
	struct known sum;

	make_engine();
	*result = (struct schedule_result){0};
	engine->shortest = false;
	sum = explore_within(schedule, schedule->preemptions);
	result->covered = sum.paths;
	result->explored = engine->explored;
	result->states = engine->states;
	result->failed = sum.failed;
	memcpy(result->failure, engine->failure, sizeof(result->failure));
	if (sum.failed && shortest) {
		struct schedule_result again = {0};

		find_shortest(schedule, result);
		run_path(schedule, result->path, result->length, false, &again);
		memcpy(result->failure, again.failure, sizeof(result->failure));
	}
	forget_all();
}
