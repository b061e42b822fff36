# SPDX-License-Identifier: BSD-2-Clause
"""
The runners on QEMU and on Arm's FVP, and what judges the console for every runner, without one of their rules: runner.t and fvp.t,
with an emulator that prints what it is told to, must find each mutant out; and what shows a run on a terminal.
"""

import mutant

PROGRAMS = ()

TEST = "tests/qemu/runner.t"
RUN = "platform/qemu-virt/run"
FOLDER = "tools/run_folder.sh"
JUDGE = "tools/judge"
FVP_TEST = "tests/boards/fvp.t"
FVP = "platform/fvp-base-revc/run"
SCREEN_TEST = "tests/boards/screen.t"
SCREEN = "tools/screen"


def of(path, mutants, test=TEST):
    return mutant.of(test, path, mutants)


MUTANTS = of(RUN, (
    # --- How it ends. ---
    ("RUN_TIMEOUT_IS_AN_END", "no end in time is no pass", 'return "${ends[0]}"', '[ "${ends[0]}" = 124 ] || return "${ends[0]}"'),
    ("RUN_STATUS_OF_THE_PIPE", "QEMU's exit status", 'return "${ends[0]}"', 'return "${ends[1]}"'),
    ("RUN_STATUS_IGNORED", "QEMU's exit status", 'if [ "$status" != 0 ]; then', 'if [ "$status" = 1 ]; then'),
    ("RUN_SIGNAL_IS_A_PASS", "a run that is stopped is no pass", 'no verdict counts; console in $console"\n\texit 1', 'no verdict counts; console in $console"\n\texit 0'),
    ("RUN_NO_VERDICT_PASSES", "no verdict is no pass", "without a verdict: $judgement; console in $console\"; exit 1", "without a verdict: $judgement; console in $console\"; exit 0"),
    ("RUN_FAIL_PASSES", "a fail is no pass", '*) say "run: $judgement; records in $records"; exit 1', '*) say "run: $judgement; records in $records"; exit 0'),
    ("RUN_REFUSED_CPU_LEAVES_A_REPORT", "what an earlier run has reported is gone", 'take_run_folder "${RUN_DIR', '[ "${CPU:-}" ] || take_run_folder "${RUN_DIR'),
    ("RUN_RECORDS_NOT_KEPT", "a run leaves its report", '0) mv "$records.new" "$records" ;;', "0) ;;"),
    # --- Whose verdict it is. ---
    ("RUN_OF_ANY_NAME", "another run's verdict", '$described "$console" "$id")', '$described "$console")'),
    ("RUN_WITHOUT_A_NAME_FAILS", "a firmware that was given no name", 'tools/judge" --own ', 'tools/judge" '),
    ("RUN_NAME_NOT_TOLD", "the firmware is told its name", 'arguments="id=$id${APPEND:+ $APPEND}"', 'arguments=${APPEND:-}'),
    ("RUN_NAME_LAST", "a long list is cut at its end", 'arguments="id=$id${APPEND:+ $APPEND}"', 'arguments="${APPEND:+$APPEND }id=$id"'),
    ("RUN_CALLERS_NAME_IGNORED", "the caller's own name", 'id=$(word_of id "${APPEND:-}")', "id="),
    ("RUN_NAME_IN_A_FOREIGN_TREE", "a tree of the caller's keeps its boot arguments", "*dumpdtb=* | *' -dtb '*) ;;", "*dumpdtb=*) ;;"),
    # --- What is asked for. ---
    ("RUN_ANY_NUMBER_OF_INSTANCES", "INSTANCES=17 is refused", 'if [ "$instances" -gt "$most" ]; then', 'if [ "$instances" -gt 19 ]; then'),
    ("RUN_ANY_TIMEOUT", "TIMEOUT=abc is refused", '*[!0-9]*) say "run: TIMEOUT', '*[!0-9a-z.-]*) say "run: TIMEOUT'),
    ("RUN_SECURE_ON_FOUR_CORES", "secure=on with four cores is refused", '*,secure=on,*) say', '*,secure=off,*) say'),
    ("RUN_SECURE_ON_NONE", "secure=on with one core is not", "*,secure=on,*,1) ;;", "*,secure=on,*,0) ;;"),
    ("RUN_RTT_IS_WAITED_FOR", "a verdict that is not seen", "'rtt '* | *' memory')", "*' memory')"),
    ("RUN_ARGUMENTS_SPLIT", "APPEND is one argument", '-append "$arguments"', "-append $arguments"),
    ("RUN_ONE_INSTANCE_TOO_FEW", "INSTANCES=5", "root < instances; root++", "root < instances - 1; root++"),
    ("RUN_EXTRA_DROPPED", "QEMU_EXTRA is handed on", '"${devices[@]}" ${QEMU_EXTRA:-} -pidfile', '"${devices[@]}" -pidfile'),
    ("RUN_MACHINE_DROPPED", "MACHINE= is handed on", '-M "virt${machine:+,$machine}"', "-M virt"),
    ("RUN_FULL_DISK_UNTOLD", "a full disk is told as one", "write_disk || {", "write_disk || true || {"),
)) + of(FOLDER, (
    ("RUN_FIRST_WORD_COUNTS", "the last of two words counts", "| tail -n 1; }", "| head -n 1; }"),
    ("RUN_OLD_CONSOLE_LEFT", "what an earlier run has reported is gone", 'rm -f "$run_dir/console.log" ', "rm -f "),
    ("RUN_OLD_REPORT_LEFT", "what an earlier run has reported is gone", ' "$run_dir/report.jsonl" "$run_dir/report.html"', ' "$run_dir/report.html"'),
    ("RUN_FOLDER_SHARED", "two at once have a folder each", "! flock -n 8 || break", "flock -n 8; break"),
    ("RUN_FOLDER_UNSAID", "two at once: which folder is it?", '[ "$turn" = 1 ] || echo', '[ "$turn" != 0 ] || echo'),
    ("RUN_NAMES_REPEAT", "a name that no other run has", "od -An -N8 -tx1 /dev/urandom | tr -d ' \\n'", "echo 1"),
)) + of(JUDGE, (
    ("CONSOLE_OF_ANY_NAME", "another run's verdict", 'name == wanted || (own && name == "null")', 'name != ""'),
    ("CONSOLE_WITHOUT_A_NAME", "a report without a name is the caller's who says so", '(own && name == "null")', 'name == "null"'),
    ("CONSOLE_NOT_THERE", "a console that cannot be read", 'cannot be read"; exit 3; }', 'cannot be read"; exit 2; }'),
    ("CONSOLE_CUT_SHORT", "a record is whole", "index($0, text) == 1 && /}$/", "index($0, text) == 1"),
    ("CONSOLE_LINE_NOT_ENDED", "a line that is whole", "printf 'end of the console'; }", "}"),
    ("CONSOLE_LAST_REPORT_COUNTS", "a fail stays a fail", "failed = failed || !passes", "failed = !passes"),
    ("CONSOLE_RECORDS_BEHIND", "the verdict is the last record", 'exit failed || behind != ""', "exit failed"),
    ("CONSOLE_BEGINS_ANEW", "a report that begins anew has no verdict", '\t\tverdict = 0\n\t\tbehind = ""\n', '\t\tbehind = ""\n'),
    ("CONSOLE_OF_NO_REPORT", "a pass is in a report", "(begun ? is_ours() : !passes)", "(begun ? is_ours() : 1)"),
    ("CONSOLE_SECOND_PASS_COUNTS", "one verdict", " && !(verdict && passes)) {", ") {"),
    ("CONSOLE_FAIL_OF_ANOTHERS_REPORT", "another run's fail is not ours", "(begun ? is_ours() : !passes)", "(!passes || (begun && is_ours()))"),
    ("CONSOLE_PASS_OF_THE_DETAIL", "a pass is the verdict's result", 'passes = starts("{\\"record\\":\\"verdict\\",\\"result\\":\\"pass\\",")', 'passes = /"result":"pass"/'),
    ("CONSOLE_DESCRIBED_PASSES", "what is described is no pass", " || (is_described && described)", " || is_described"),
    ("CONSOLE_WITHOUT_A_VERDICT", "no verdict is no pass", "\t\texit 2\n", "\t\texit 0\n"),
    ("CONSOLE_CARRIAGE_RETURNS", "CR LF ends a line, too", "tr -d '\\r\\0' <", "tr -d '\\0' <"),
)) + of(FVP, (
    ("FVP_OF_ANY_NAME", "another run's verdict", 'tools/judge" "$console" "$id"', 'tools/judge" "$console"'),
    ("FVP_WITHOUT_A_NAME_PASSES", "a report without a name", 'tools/judge" "$console"', 'tools/judge" --own "$console"'),
    ("FVP_NAME_NOT_TOLD", "the firmware is told its name", "cluster0.cpu0=$tree@0x82000000", "cluster0.cpu0=$dtb@0x82000000"),
    ("FVP_NAME_LAST", "a long list is cut at its end", 'arguments="id=$id${arguments:+ $arguments}"', 'arguments="${arguments:+$arguments }id=$id"'),
    ("FVP_TREES_ARGUMENTS_LOST", "the tree's own boot arguments", 'arguments="id=$id${arguments:+ $arguments}"', 'arguments="id=$id"'),
    ("FVP_TREES_NAME_IGNORED", "the caller's own name", 'id=$(word_of id "$arguments")', "id="),
    ("FVP_FULL_DISK_UNTOLD", "a full disk is told as one", '>"$records.new" || kept=$?', '>"$records.new" || kept=1'),
    ("FVP_REPORT_OF_NOTHING", "no record is no report", '1) rm -f "$records.new" ;;', '1) mv "$records.new" "$records" ;;'),
    ("FVP_RECORDS_NOT_KEPT", "a run leaves its report", '0) mv "$records.new" "$records" ;;', "0) ;;"),
    ("FVP_SIGNAL_IS_A_PASS", "a run that is stopped is no pass", "no verdict counts\"; exit 1; }", "no verdict counts\"; exit 0; }"),
    ("FVP_FAIL_PASSES", "a fail is no pass", 'judgement=$(judge) || { echo "run: $judgement"; exit 1; }', 'judgement=$(judge) || { echo "run: $judgement"; }'),
), FVP_TEST) + of(SCREEN, (
    ("SCREEN_WITH_RECORDS", "a person reads words", 'if self.chosen.records or not text.startswith("{"):', "if True:"),
    ("SCREEN_CONTROLS_PASS", "a name moves no cursor", "\\x0b-\\x1f", "\\x0b-\\x1a"),
    ("SCREEN_AS_WIDE_AS_IT_IS", "100 columns", "width = min(max(chosen.width, NARROWEST), WIDEST)", "width = max(chosen.width, NARROWEST)"),
    ("SCREEN_COLOURS_ITSELF", "no colour in a file", ' or not sys.stdout.isatty())', ")"),
    ("SCREEN_NO_COLOR_UNREAD", "NO_COLOR", 'default=bool(os.environ.get("NO_COLOR")) or', "default="),
    ("SCREEN_WITHOUT_THE_REST", "a line without an end", "    if screen.rest:\n", "    if False:\n"),
    ("SCREEN_WAITS_FOR_THE_TYPIST", "what is typed is echoed as it is", "self.rest.startswith(PROMPT)", "False"),
), SCREEN_TEST)
