# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=sh
# Where a run's files go, and its name: sourced by the runners of platform/.

# take_run_folder FOLDER: run_dir is FOLDER where no other run has it, or else FOLDER-2 and so on; descriptor 8 holds it, and is to
# be closed for whatever outlives the runner. What an earlier run has reported there is gone: it is not this one's.
take_run_folder() {
	run_dir=$1
	turn=1
	while :; do
		mkdir -p "$run_dir" || return 1
		exec 8>"$run_dir/.lock"
		! flock -n 8 || break
		turn=$((turn + 1))
		run_dir=$1-$turn
	done
	rm -f "$run_dir/console.log" "$run_dir/report.jsonl" "$run_dir/report.html" "$run_dir/qemu.pid" || return 1
	[ "$turn" = 1 ] || echo "run: another run has $1: the files of this one are in $run_dir"
}

# A name that no other run has.
new_run_id() { od -An -N8 -tx1 /dev/urandom | tr -d ' \n'; }

# word_of NAME ARGUMENTS: what boot arguments have behind NAME=, the last time.
word_of() { printf '%s\n' "$2" | tr -d '"' | tr ' ' '\n' | sed -n "s/^$1=//p" | tail -n 1; }

# make_page CONSOLE [COMMAND]: $run_dir/report.html shows the run, and tells COMMAND to run it again. The run's exit status does not
# depend on it; PAGE=off leaves it out.
make_page() {
	[ "${PAGE:-}" != off ] || return 0
	page_log=$run_dir/.page.log
	if timeout 60 "$(dirname "$0")/../../tools/page" -o "$run_dir/report.html" ${2:+--again "$2"} "$1" >"$page_log" 2>&1; then
		[ ! -t 1 ] || echo "run: page in $run_dir/report.html"
	elif [ ! -e "$run_dir/report.html" ]; then
		echo "run: no report.html: $(tail -n 1 "$page_log")"
	fi
	rm -f "$page_log"
}
