# SPDX-License-Identifier: BSD-2-Clause
"""What loads a board, gets packages, lets one build go on at a time, and refuses what is given to make, without one of their rules."""

import mutant

PROGRAMS = ()

LOAD = ("tests/openocd/tool.t", "tools/load")
GET = ("tests/boards/get.t", "tools/get")
ALONE = ("tests/boards/alone.t", "tools/alone")
TAP = ("tests/boards/alone.t", "tools/tap")
AGAIN = ("tests/boards/alone.t", "tools/again")
GIVEN = ("tests/boards/given.t", "mk/given.mk")
RUN = ("tests/boards/given.t", "mk/run.mk")
RULES = ("tests/boards/rebuild.t", "mk/rules.mk")
NUMBERS = ("tests/boards/given.t", "mk/schedule.mk")


def of(place, mutants):
    return mutant.of(*place, mutants)


MUTANTS = of(LOAD, (
    # --- Whose verdict it is. ---
    ("LOAD_OF_ANY_NAME", "another run's verdict", '[JUDGE, *described, self.path, self.id or "null"]', "[JUDGE, *described, self.path]"),
    ("LOAD_OWNS_EVERY_REPORT", "a report without a name", "[JUDGE, *described, self.path,", '[JUDGE, "--own", *described, self.path,'),
    ("LOAD_DONE_AT_ANY_VERDICT", "another run's verdict ends no wait", " and self.judgement()[0] != NO_VERDICT:", ":"),
    ("LOAD_PIECES_ARE_LINES", "a line that comes in pieces", "(self.partial + data).split", "data.split"),
    ("LOAD_NO_VERDICT_PASSES", "no verdict is no pass", "        if result == NO_VERDICT:\n            raise Silent", "        if result == NO_PASS:\n            raise Silent"),
    ("LOAD_FAIL_PASSES", "a fail is no pass", "        if result != PASS:\n", "        if result == NO_VERDICT:\n"),
    ("LOAD_MEMORY_UNREAD", "a reader that came too late", 'if result == NO_VERDICT and self.where == "rtt":', 'if result == NO_PASS and self.where == "rtt":'),
    ("LOAD_YESTERDAYS_FILE", "what is there before is another run's", "        if self.is_file:\n            os.lseek(self.file, 0, os.SEEK_END)\n", ""),
    ("LOAD_FLASH_TAKES_THE_OLD_VERDICT", "what the old image reports is another run's", "            self.follower.skip()\n", "            pass\n"),
    ("LOAD_FLASH_LISTENS_TOO_EARLY", "what the old image reports is another run's", "    forgets = board.forget()\n    board.listen()\n", "    board.listen()\n    forgets = board.forget()\n"),
    ("LOAD_FLASH_TAKES_OLD_MEMORY", "memory outlives a reset", 'board.openocd.run([*forgets, "reset run"])', 'board.openocd.run(["reset run"])'),
    ("LOAD_SKIPS_NO_FILE", "what the old image reports is another run's", "            self.begin_again()\n            os.lseek(self.file, 0, os.SEEK_END)\n", "            self.begin_again()\n"),
    ("LOAD_SKIPS_NO_DEVICE", "what the old image reports is another run's", "end and os.read(self.file, 65536):", "end and False:"),
    ("LOAD_SKIPS_NO_HALF_LINE", "what the old image reports is another run's", "            termios.tcflush(self.file, termios.TCIFLUSH)\n", "            pass\n"),
    ("LOAD_FOLDER_SHARED", "two loads at once", "fcntl.LOCK_EX | fcntl.LOCK_NB", "fcntl.LOCK_SH | fcntl.LOCK_NB"),
    ("LOAD_FOLDER_UNSAID", "two loads at once", "        if turn > 1:\n", "        if turn > 2:\n"),
    # --- The console in memory. ---
    ("LOAD_ANY_RING", "memory that holds no console", '        if not block.startswith(b"SEGGER RTT\\0"):\n', "        if not block:\n"),
    ("LOAD_RING_ELSEWHERE", "a ring that is not the image's", "if not (start <= buffer < start + room and", "if not (start <= buffer and"),
    ("LOAD_RING_BEFORE_THE_IMAGES", "a ring that is not the image's", "if not (start <= buffer < start + room and", "if not (buffer < start + room and"),
    ("LOAD_RING_TOO_LARGE", "a ring that is not the image's", "write < size <= room):", "write < size):"),
    ("LOAD_OFFSET_BEYOND", "a ring met exactly", "write < size <= room):", "write <= size <= room):"),
    ("LOAD_RING_NOT_AROUND", "a ring that goes round", "[(read, size), (0, write)]", "[(read, size)]"),
    ("LOAD_RING_READ_TWICE", "what was read already", "read = self.console.bytes % size", "read = 0"),
    # --- What is written. ---
    ("LOAD_PATCH_BEYOND", "bytes behind the segment", "inside = 0 <= offset <= len(old) - len(data)", "inside = 0 <= offset <= len(old)"),
    ("LOAD_PATCH_SHORT", "the last bytes", "inside = 0 <= offset <= len(old) - len(data)", "inside = 0 <= offset < len(old) - len(data)"),
    ("LOAD_NAMES_REPEAT", "a name that no other run has", "secrets.token_hex(8)", '"1"'),
    ("LOAD_CALLERS_NAME_IGNORED", "the caller's own name", "given[-1] if given else", "given[0] if given else"),
    ("LOAD_SECOND_NAME", "the caller's own name", '[f"id={board.console.id}"] * (not given)', '[f"id={board.console.id}"]'),
    ("LOAD_RTT_NOT_ASKED_FOR", "a console in memory", '["console=rtt"] * (board.where == "rtt")', '["console=rtt"] * (board.where == "uart")'),
    ("LOAD_ARGUMENTS_TOO_LONG", "boot arguments met exactly", "    if len(data) > size:\n", "    if len(data) > size + 1:\n"),
    ("LOAD_ARGUMENTS_ONE_LESS", "boot arguments met exactly", "    if len(data) > size:\n", "    if len(data) >= size:\n"),
    ("LOAD_NO_TREE", "what is no device tree", "    if data[:4] != DTB_MAGIC:\n", "    if not data:\n"),
    ("LOAD_DAMAGED_TREE", "a damaged tree", 'r"damaged at byte .*|without a root"', 'r"without a root"'),
    ("LOAD_TREE_AT_0", "a tree met exactly", "if not 0 < address <= end", "if not 0 <= address <= end"),
    ("LOAD_TREE_BEYOND", "a tree met exactly", "address <= end - len(data) or", "address <= end or"),
    ("LOAD_TREE_MISALIGNED", "a multiple of 8", "or address % 8:", "or address % 4:"),
    ("LOAD_TREE_OVER_THE_IMAGE", "a tree over the image", "address < end and address + len(data) > start", "start <= address < end"),
    ("LOAD_TREE_OVER_THE_IMAGES_END", "a tree over the image", "address < end and address + len(data) > start", "address < start and address + len(data) > start"),
    ("LOAD_TREE_BESIDE_THE_IMAGE", "a tree met exactly", "address < end and address + len(data) > start", "address <= end and address + len(data) > start"),
    ("LOAD_NOT_COMPARED", "what is read back", "        if back != data:\n", "        if not back:\n"),
    ("LOAD_COMPARED_IN_PART", "what is read back", "        if back != data:\n", "        if back[:5] != data[:5]:\n"),
    # --- What OpenOCD said. ---
    ("LOAD_STATUS_IGNORED", "OpenOCD's status", "        if status:\n", "        if status > 1:\n"),
    ("LOAD_SIGNAL_IGNORED", "OpenOCD's end", "        if status < 0:\n", "        if status < -99:\n"),
    ("LOAD_LOG_UNREAD", "what OpenOCD says and goes on with", '    (r"(?m)^Error: ?(.*)$", None),\n', ""),
    ("LOAD_OTHER_CHIP", "another chip", '    (r"UNEXPECTED", "the chip on the JTAG chain is another one (IDCODE)"),\n', ""),
    ("LOAD_MISMATCH_UNREAD", "what OpenOCD says and goes on with", r"checksum mismatch|contents differ|diff \d+ address", r"checksum mismatch|contents differ"),
    ("LOAD_VERIFIED_NOTHING", "every byte is verified", "int(found[1]) != size", "int(found[1]) > size"),
    ("LOAD_LAID_OUT", "a board as it was laid out", 'if LAID_OUT in line.split("#")[0]', 'if LAID_OUT in line.split("=")[1:]'),
    ("LOAD_COMMENT_IS_LEFT", "a comment may name it", 'if LAID_OUT in line.split("#")[0]', "if LAID_OUT in line"),
    ("LOAD_ANY_TIMEOUT", "TIMEOUT=abc is refused", "    if not text.isdigit() or not int(text):\n", "    if not text.isdigit():\n"),
    ("LOAD_SILENCE_MISREAD", "what a silent machine means", '    if place.startswith("not in"):\n', '    if place.startswith("in"):\n'),
)) + of(GET, (
    ("GET_DPKGS_LOCK_IS_A_FAILURE", "dpkg's lock is waited for", "'Could not get lock|Unable", "'Unable"),
    ("GET_DPKGS_OWN_WORDS", "dpkg's lock is waited for", "|locked by another process'", "'"),
    ("GET_WAITS_WITHOUT_END", "the wait has an end", ' || [ "$waited" -ge "$LOCK_SECONDS" ]; then', "; then"),
    ("GET_WAITS_IN_SILENCE", "the wait is said", '\t\t[ "$waited" != 0 ] || say "another', '\t\t[ "$waited" != 1 ] || say "another'),
    ("GET_WAITS_WITHOUT_A_NAME", "for whom it waits", "seconds for it: $holder\"", 'seconds for it"'),
    ("GET_HIDES_APTS_WORDS", "apt's own words", '| tee "$log" >&2', '>"$log"'),
    ("GET_STATUS_LOST", "apt's failure", '\t\t\treturn "$status"\n', "\t\t\treturn 0\n"),
    ("GET_WITHOUT_UPDATE", "lists are read first", "if ! until_unlocked $sudo env LC_ALL=C apt-get -q update ||\n\t\t! until_unlocked", "if ! until_unlocked"),
    ("GET_ONE_LIST_LACKS", "what all tests need is got at once", "$packages_build $packages_test $packages_inspect", "$packages_build $packages_inspect"),
)) + of(ALONE, (
    ("ALONE_WITH_OTHERS", "one build at a time", "if ! flock -n 9; then", "if false; then"),
    ("ALONE_GIVES_UP_WAITING", "another one waits", "\tflock 9\n", ""),
    ("ALONE_IN_SILENCE", "and says so", '\techo "waiting for another build in this checkout to end ($lock)" >&2\n', ""),
    ("ALONE_LOCK_INHERITED", "what the command leaves behind holds no lock", '"$@" 9>&-', '"$@"'),
    ("ALONE_STATUS_LOST", "the command's status", '"$@" 9>&-', '"$@" 9>&- || true'),
    ("ALONE_FOLDER_LACKING", "the lock's folder is made", 'mkdir -p "$(dirname "$lock")"\n', ""),
)) + of(TAP, (
    ("TAP_REASONS_LOST", "a failed check's reasons", 'found.append("  " + line)', "found += []"),
    ("TAP_REASONS_OF_OTHERS", "the comments of a check that passed", 'open_ = line.startswith("not ok ") and "# TODO" not in line', 'open_ = True'),
    ("TAP_STATUS_LOST", "the test's status", "if process.returncode and not failed:", "if not failed:"),
    ("TAP_STDIN_LEFT", "a test without stdin", "preexec_fn=close)", "preexec_fn=None)"),
)) + of(AGAIN, (
    ("AGAIN_IN_TURN", "each condition each time", 'for condition in "${conditions[@]}"; do', 'for condition in "${conditions[time % 4]}"; do'),
    ("AGAIN_NEVER_AS_USER", "a user who is not root", "conditions=(busy 'one core' nohup user)", "conditions=(busy 'one core' nohup)"),
    ("AGAIN_FAILURE_LOST", "a test that fails", "failed=$((failed + 1))", ":"),
    ("AGAIN_BUSY_TO_THE_END", "loops end with their condition", "\t\tbe_idle\n", ""),
)) + of(GIVEN, (
    ("MAKE_ANY_BOARD", "a misspelt board", "$(call one_of,BOARD,$(PLATFORM),$(BOARDS),board)\n", ""),
    ("MAKE_ANY_ARCH", "a misspelt architecture", "$(call one_of,ARCH,$(ARCH),$(ARCHS),architecture)\n", ""),
    ("MAKE_TWO_FOR_ONE", "two words for one", "$(if $(and $(filter 1,$(words $(2))),$(filter $(2),$(3)))", "$(if $(filter $(2),$(3))"),
    ("MAKE_MISSPELT_LEAVES_A_REPORT", "a refused run leaves no report", ",,$(FORGET_ALL)$(error $(1)=$(2)", ",,$(error $(1)=$(2)"),
    ("MAKE_MISSPELT_BOARD_LEAVES_A_REPORT", "a refused run leaves no report", "$(or $(KNOWN_BOARD),$(BOARDS))", "$(KNOWN_BOARD)"),
    ("MAKE_REFUSED_LEAVES_A_REPORT", "a refused run leaves no report", "refuse = $(shell $(FORGET))$(error", "refuse = $(error"),
    ("MAKE_REFUSED_LEAVES_A_REPORT_ELSEWHERE", "a refused run leaves no report", "for folder in $(1) $(if $(RUN_DIR),'$(subst ','\\'',$(RUN_DIR))'); do", "for folder in $(1); do"),
    ("MAKE_RUN_DIR_IS_WORDS", "a folder whose name has a space", "'$(subst ','\\'',$(RUN_DIR))'", "$(RUN_DIR)"),
    ("MAKE_TESTS_VARIABLE_OF_ANOTHER_GOAL", "make run FUZZ_SECONDS=5", "$(foreach goal,$(TESTS_TAKE),$(TAKES_$(goal))) $(LOAD_TAKES)", "$(LOAD_TAKES)"),
    ("MAKE_TEST_TAKES_WHAT_IT_GIVES", "make test PREEMPTIONS=3", "TAKES_test := SEEDS OPERATIONS ISSUES", "TAKES_test := SEEDS OPERATIONS ISSUES PREEMPTIONS"),
    ("MAKE_EMPTY_FEATURES", "FEATURES= is empty", "$(if $(strip $(FEATURES)),,", "$(if x$(FEATURES),,"),
    ("MAKE_ANY_FEATURE", "FEATURES=minmal", "$(if $(UNKNOWN_FEATURES),$(FORGET_ALL)$(error", "$(if ,$(FORGET_ALL)$(error"),
    ("MAKE_ANY_VARIABLE", "INSTANCE=2", "$(if $(UNKNOWN),$(call refuse", "$(if ,$(call refuse"),
    ("MAKE_VARIABLE_OF_ANOTHER_GOAL", "make run DTB=", "$(if $(UNUSED),$(call refuse", "$(if ,$(call refuse"),
    ("MAKE_VARIABLE_OF_ANOTHER_RUNNER", "what each runner takes", "TAKES_run := $(RUN_TAKES)", "TAKES_run := $(RUN_TAKES) INSTANCES"),
    ("MAKE_REFUSES_THE_ENVIRONMENT", "what is there for other programs", "$(filter command line,$(origin", "$(filter command line environment,$(origin"),
)) + of(RUN, (
    ("MAKE_SOAK_LEAVES_A_REPORT", "a refused run leaves no report", "\t@$(FORGET)\n\t@case '$(SOAK)'", "\t@case '$(SOAK)'"),
)) + of(NUMBERS, (
    ("MAKE_WORDS_FOR_NUMBERS", "JOBS=many", "$(if $(and $(NO_NUMBERS),", "$(if $(and ,"),
    ("MAKE_NUMBERS_LEAVE_A_REPORT", "a refused run leaves no report", "$(shell $(FORGET))$(error $(NO_NUMBERS)", "$(error $(NO_NUMBERS)"),
)) + of(RULES, (
    ("MAKE_SOURCE_THAT_WENT_STAYS", "a source that has gone is in no program", "$(1): $$($(2)) $(1).objects\n", "$(1): $$($(2))\n"),
    ("MAKE_FLAGS_UNSEEN", "other flags are another object", "%.c $(RULES) $(1)/.flags |", "%.c $(RULES) |"),
    ("MAKE_BUILDS_EVERYTHING_AGAIN", "what has not changed is not built again", "cmp -s $@.new $@ && rm $@.new || mv $@.new $@", "mv $@.new $@"),
))
