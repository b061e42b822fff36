/* SPDX-License-Identifier: BSD-2-Clause */
/* When the monitor is there: with `run=` and `monitor=`, or where a key was pressed before its phase. */
#include <string.h>

#include "base/deadline.h"
#include "checks/phase.h"
#include "monitor/monitor.h"
#include "report/print.h"
#include "serial/console_input.h"

#define NAP_US 1000U
#define UNASKED_S 60U /* For the first line, where `monitor=on` was not said: a line may pick up noise. */

static struct bringup *machine; /* For words(). */

static const char *words(const char *line, unsigned int n)
{
	const struct monitor monitor = {.bringup = machine};

	return monitor_word(&monitor, line, n);
}

/* Events and failures are attended to while a line is typed. False: no line came in time. */
static bool read_line(struct editor *editor, struct bringup *bringup, unsigned int seconds)
{
	struct deadline deadline = deadline_in_us(US_PER_S);

	editor_begin(editor);
	for (;;) {
		int byte = console_read();

		if (byte >= 0 && editor_take(editor, (char)byte)) {
			return true;
		}
		/* Also while bytes come: a line that floats may bring them without end. */
		if (seconds && deadline_passed(&deadline)) {
			deadline = deadline_in_us(US_PER_S);
			if (!--seconds) {
				return false;
			}
		}
		if (byte < 0) {
			attend(bringup);
			arch_sleep_us(NAP_US);
		}
	}
}

static void talk(struct monitor *monitor, bool asked)
{
	static struct editor editor;

	editor = (struct editor){.prompt = "smmu> ", .write = print_bytes, .word = words};
	print_always("monitor    the SMMUs are in service; help lists the commands, off ends it\n");
	while (!monitor->over) {
		if (!read_line(&editor, monitor->bringup, asked ? 0 : UNASKED_S)) {
			print_always("\nmonitor    no line came in %u s: it ends\n", UNASKED_S);
			return;
		}
		(void)monitor_obey(monitor, editor.line);
		asked = true;
	}
}

/* monitor=on, or monitor=fail and a run that fails. */
static bool monitor_is_asked_for(const struct bringup *bringup)
{
	const char *why = bringup->monitor_on_failure ? verdict_so_far(bringup) : NULL;

	if (why) {
		print_always("monitor    the run fails by now: %s\n", why);
	}
	return bringup->monitor || why;
}

static void monitor_run(struct bringup *bringup)
{
	struct monitor monitor = {.bringup = bringup};
	bool asked;

	machine = bringup;
	if (bringup->run[0]) {
		print_always("monitor    run=\"%s\"\n", bringup->run);
		if (!monitor_obey(&monitor, bringup->run)) {
			bringup->tally.trouble = "a command of run= is wrong";
		}
	}
	asked = !monitor.over && monitor_is_asked_for(bringup);
	if (asked || (!monitor.over && console_read() >= 0)) {
		if (console_can_read()) {
			talk(&monitor, asked);
		} else {
			bringup->tally.trouble = "the monitor was asked for, and this console has no input";
		}
	}
}

PHASE(90, monitor, NULL, monitor_run, NULL);
