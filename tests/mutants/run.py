# SPDX-License-Identifier: BSD-2-Clause
"""One rule, check or guard of a source undone, many times over: the tests must find each mutant out.

Each list beside this file has the mutants of one subject:

    RUNNER      who tries them: "schedule", "kept", "threads", "queue", "fences" or "judges". Without it what finds a mutant out says
                who: "host", "inspect" or "copy"
    PROGRAMS    host tests ("pci" is tests/unit/test_pci.c, "checks/prove" tests/checks/test_prove.c), each of which tries every mutant of the list
    SANITIZED   True where the tests need the sanitizers to see what is wrong (what reads hostile input)
    MUTANTS     (name, what it undoes, file, text, what stands there instead); in a list without RUNNER what finds it out stands before the file

The runners:

    host        a host test: the changed file alone is compiled, and linked in front of the archive of the others
    inspect     a .t file, for a C file: smmu-inspect is built with the change, and the test runs that one (INSPECT=)
    copy        a .t file, for another file: the test runs in a copy of the sources with the change
    schedule    the scenarios that are named after what the mutant undoes, under the deterministic scheduler; then all
    kept        the same with cores that keep back what they change
    threads     the core's real threads under ThreadSanitizer, many times
    queue       the command queue's threads under ThreadSanitizer
    fences      two processors
    judges      each judge of tests/qemu/judges.t, which a copy of the sources is built for

A mutant that survives, or whose text is no longer in its file, fails the run; so does a test that fails without any change.

    run.py programs plain|sanitized     the host tests that are needed, as objects
    run.py OUT RUNNERS [NAME...]        tries what those (words between commas) try, or of that the mutants of these names. The
                                        environment has HOST_CC, JOBS and, by runner,
                                            host, inspect             PLAIN_HOST, SANITIZED_HOST (where the host tests were built),
                                                                      PLAIN_FLAGS, SANITIZED_FLAGS (how)
                                            schedule and kept (SCHEDULE), threads, queue, fences
                                                                      SCHEDULE_PROGRAM ... (the unchanged one, as make has linked it
                                                                      from PROGRAM.objects), SCHEDULE_FLAGS ...
                                        With MUTANT_EVERY=N every Nth of each runner is tried, and the text of each is looked for.
"""
import concurrent.futures
import glob
import importlib
import os
import re
import shutil
import signal
import subprocess
import sys

import mutant
import orders

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.realpath(os.path.join(HERE, "..", ".."))
BUILD = os.environ.get("BUILD_DIR") or os.path.join(ROOT, "build")
LIBRARIES = ["-lfdt", "-lcmocka"]
OF_CHECKS = ["libchecks.a"]  # What all of tests/checks has in common.
COPIED = ("Makefile", "mk", "README.md", "boot", "docs", "drivers", "linker", "platform", "tests", "tools")
CPU_SECONDS = int(os.environ.get('CPU_SECONDS', '60'))  # Of the processor's time, however busy the machine is.
SECONDS = 1200  # For what waits for others.
ENGINE = ("mutant", "orders", "run")


def lists():
    names = sorted(os.path.basename(path).removesuffix(".py") for path in glob.glob(os.path.join(HERE, "*.py")))
    return [importlib.import_module(name) for name in names if name not in ENGINE]


def runner_of(listed, changed):
    """The runner's name."""
    if hasattr(listed, "RUNNER"):
        return listed.RUNNER
    return "host" if not changed[2].endswith(".t") else "inspect" if changed[3].endswith(".c") else "copy"


def flavour(listed):
    return "SANITIZED" if getattr(listed, "SANITIZED", False) else "PLAIN"


def test_object(program):
    folder, _, name = program.rpartition("/")
    return f"tests/{folder or 'unit'}/test_{name}.c.o"


def parts_of(program):
    """What a host test is linked from, the drivers apart."""
    is_of_checks = program.startswith("checks/")
    return [test_object(program), *(OF_CHECKS if is_of_checks else [])], ["-ljansson"] if is_of_checks else []


def programs(wanted):
    names = {name for each in lists() if flavour(each) == wanted for name in getattr(each, "PROGRAMS", ())}
    return sorted({part for name in names for part in parts_of(name)[0]})


def run(name, command, **environment):
    """The test that found the mutant, or None. A test that does not end has not found it."""
    environment = {**os.environ, "CMOCKA_MESSAGE_OUTPUT": "TAP", "TAP_STOPS": "yes", **environment}
    try:
        done = subprocess.run(
            command,
            capture_output=True,
            check=False,
            timeout=SECONDS,
            env=environment,
            stdin=subprocess.DEVNULL,
            preexec_fn=lambda: mutant.limit_cpu(CPU_SECONDS),
        )
    except subprocess.TimeoutExpired as error:
        raise ValueError(f"{name} makes {command[-1]} wait for more than {SECONDS} s: that is no verdict") from error
    failed = re.search(r"^not ok \d+ - (.*)", done.stdout.decode(errors="replace"), re.M)
    if done.returncode == -signal.SIGXCPU and not failed:
        raise ValueError(mutant.endless(name, CPU_SECONDS))
    if done.returncode == 0:
        return None
    return failed.group(1) if failed else "it crashed"


def run_host_test(out, name, program, parts, listed):
    """Links and runs one test; returns the test that found the mutant, or None."""
    host, flags = os.environ[flavour(listed) + "_HOST"], os.environ[flavour(listed) + "_FLAGS"]
    own, libraries = parts_of(program)
    archives = [os.path.join(host, each) for each in (*own, "libdrivers.a", "libmodel.a")]
    place = os.path.join(out, f"{name}.{program.replace('/', '.')}")
    by = run(name, [mutant.link(name, place, [*parts, *archives, *LIBRARIES, *libraries], flags)])
    os.remove(place)
    return by and f"{program}: {by}"


def try_host_tests(out, changed, listed):
    own = mutant.compile_changed(out, changed, os.environ[flavour(listed) + "_FLAGS"])
    ordered = sorted(listed.PROGRAMS, key=lambda each: changed[2] not in (each, f"test_{each}"))
    return next(filter(None, (run_host_test(out, changed[0], each, [own], listed) for each in ordered)), None)


def run_inspect(name, test, program):
    by = run(name, [sys.executable, test], INSPECT=program)
    return by and f"{test}: {by}"


def try_inspect(out, changed):
    """smmu-inspect with the change, before one of its tests."""
    host, flags = os.environ["SANITIZED_HOST"], os.environ["SANITIZED_FLAGS"]
    own = mutant.compile_changed(out, changed, flags)
    others = [each for each in sorted(glob.glob(os.path.join(host, "tools/inspect/*.c.o"))) if not each.endswith(f"/{changed[3]}.o")]
    place = os.path.join(out, changed[0] + ".inspect")
    mutant.link(changed[0], place, [own, *others, os.path.join(host, "libdrivers.a"), "-ljansson"], flags)
    by = run_inspect(changed[0], changed[2], os.path.abspath(place))
    os.remove(place)
    return by


def copy_sources(place):
    """A copy of the sources for a test to run in, with a build/ of its own."""
    shutil.rmtree(place, ignore_errors=True)
    os.makedirs(os.path.join(place, "build"))
    for name in COPIED:
        source, copy = os.path.join(ROOT, name), os.path.join(place, name)
        (shutil.copytree if os.path.isdir(source) else shutil.copy2)(source, copy)
    os.symlink(os.path.join(BUILD, "tools"), os.path.join(place, "build/tools"))


def run_copied(out, name, test, path=None, text=None):
    place = os.path.join(out, name + ".tree")
    copy_sources(place)
    if path:
        with open(os.path.join(place, path), "w", encoding="utf-8") as file:
            file.write(text)
    by = run(name, [sys.executable, os.path.join(place, test)])
    shutil.rmtree(place)
    return by and f"{test}: {by}"


def try_copied(out, changed):
    name, _, first, path = changed[:4]
    return run_copied(out, name, first, path, mutant.changed(name, *changed[3:]))


class Listed:
    """host, inspect and copy."""

    jobs = None  # All there are.

    def __init__(self, runner, out, owner):
        self.runner, self.out, self.owner = runner, out, owner

    def refuse_failing(self, mutants):
        """A test that fails without a change would find every mutant."""
        with concurrent.futures.ThreadPoolExecutor(mutant.jobs()) as pool:
            failed = [each for each in pool.map(lambda each: each[0](*each[1:]), self.unchanged(mutants)) if each]
        if failed:
            raise ValueError("without any change there fails\n" + "\n".join(failed))

    def unchanged(self, mutants):
        tests = sorted({each[2] for each in mutants})
        if self.runner == "copy":
            return [(run_copied, self.out, "unchanged." + os.path.basename(test), test) for test in tests]
        if self.runner == "inspect":
            checked = os.path.abspath(os.path.join(os.environ["SANITIZED_HOST"], "tools/inspect/smmu-inspect"))
            return [(run_inspect, "unchanged", test, checked) for test in tests]
        wanted = {(program, flavour(listed)): listed for listed in (self.owner[each[0]] for each in mutants) for program in listed.PROGRAMS}
        return [(run_host_test, self.out, "unchanged." + kind, program, [], listed) for (program, kind), listed in wanted.items()]

    def try_one(self, changed):
        if self.runner == "host":
            return try_host_tests(self.out, changed, self.owner[changed[0]])
        return {"inspect": try_inspect, "copy": try_copied}[self.runner](self.out, changed)


# After what is named after the same history, the quick ones first: random runs take seconds, every interleaving minutes.
ANY_SCENARIO = [["-f", "-s", "0", "-n", "50000"], ["-f", "-c", "2"], ["-f", "-c", "3"]]
ANY_SCENARIO_KEPT = [["-f", "-w", "1", "-s", "0", "-n", "50000"], ["-f", "-w", "2", "-c", "2"]]
# What the program is called with, one call after the other, until one fails: a scenario is named by what the mutant undoes.
CALLS = {
    "schedule": lambda what: [["-f", what], *ANY_SCENARIO],
    "kept": lambda what: [["-f", "-w", "3", "-c", "2", what], ["-f", "-w", "4", "-c", "2", what], *ANY_SCENARIO_KEPT],
    "threads": lambda what: [["200000"]] * 40,
    "queue": lambda what: [["3000"], ["20000"]],
    "fences": lambda what: [["10000"]],
}
PROGRAM_SECONDS = 600  # Of the processor's time: several times what the longest call takes unchanged.


def killer(output):
    """What found the mutant, and after how many schedules."""
    failed = re.search(r"^not ok \d+ - (.*?) # (\d+) covered, (\d+) explored", output, re.M)
    seed = re.search(r"^not ok - seed (\d+)", output, re.M)
    explored = re.search(r"^schedules: \d+ covered, (\d+) explored", output, re.M)
    race = re.search(r"WARNING: ThreadSanitizer: (.*?) \(", output)
    if failed:
        return failed.group(1), explored.group(1)
    if seed:
        return f"seed {seed.group(1)}", str(int(seed.group(1)) + 1)
    if race:
        return f"ThreadSanitizer: {race.group(1)}", "-"
    return output.strip().splitlines()[-1][:80] if output.strip() else "it crashed", "-"


class Program:
    """schedule, kept, threads, queue and fences: a program of its own, which is linked with the change."""

    def __init__(self, runner, out, owner):
        self.untried = None
        self.listed = [each for listed in set(owner.values()) if getattr(listed, "RUNNER", None) == runner for each in listed.MUTANTS]
        self.calls, self.out = CALLS[runner], os.path.join(out, runner)
        self.has_scenarios = runner in ("schedule", "kept")
        self.jobs = None if self.has_scenarios else 1  # The others have threads.
        kind = "SCHEDULE" if self.has_scenarios else runner.upper()
        self.unchanged, self.flags = os.environ[kind + "_PROGRAM"], os.environ[kind + "_FLAGS"]
        self.libraries = [] if self.has_scenarios else ["-lpthread"]
        self.folder = os.path.dirname(self.unchanged)
        # What make has linked: objects of sources that have gone may lie beside them.
        with open(self.unchanged + ".objects", encoding="utf-8") as file:
            self.objects = file.read().splitlines()[1:]

    def run(self, name, program, arguments):
        """(found out, output)"""
        environment = {**os.environ, "TSAN_OPTIONS": "halt_on_error=1"}
        done = subprocess.run(
            [program, *arguments], capture_output=True, text=True, check=False, env=environment, preexec_fn=lambda: mutant.limit_cpu(PROGRAM_SECONDS)
        )
        if done.returncode == -signal.SIGXCPU:
            raise ValueError(mutant.endless(name, PROGRAM_SECONDS))
        return done.returncode != 0, done.stdout + done.stderr

    def refuse_failing(self, mutants):
        """Without a scenario of this name, nothing runs, and that fails: it would kill every mutant, and the unchanged core."""
        if self.has_scenarios:
            scenarios = subprocess.run([self.unchanged, "-l"], capture_output=True, text=True, check=True).stdout
            for name, what in (each[:2] for each in self.listed):
                if what not in scenarios:
                    raise ValueError(f"{name}: no scenario is named after {what}: name one that the mutant fails in")
            return
        failed, output = self.run("no change", self.unchanged, self.calls("")[0])
        if failed:
            raise ValueError(f"without any change there fails\n{output}")
        # It says so where one processor may be used, or where this one delays no store.
        self.untried = mutant.Untried(output.strip()) if "NOT TRIED" in output or "NOT SHOWN" in output else None

    def parts(self, changed):
        """The objects of the program with the change: one file's, or all where it is a header's."""
        path = changed[-3]
        if path.endswith(".h"):
            return mutant.compile_with_header(self.out, changed, [os.path.relpath(each, self.folder)[:-2] for each in self.objects], self.flags)
        return [mutant.compile_changed(self.out, changed, self.flags), *(each for each in self.objects if not each.endswith(path + ".o"))]

    def try_one(self, changed):
        name, what = changed[:2]
        if self.untried:
            return self.untried
        os.makedirs(self.out, exist_ok=True)
        program = mutant.link(name, os.path.join(self.out, name), [*self.parts(changed), *self.libraries], self.flags)
        for arguments in self.calls(what):
            found, output = self.run(name, program, arguments)
            if found:
                return "%s, after %s schedules" % killer(output)
        return None


class Judges:
    """Every judge of tests/qemu/judges.t. One copy of the sources is built again and again."""

    jobs = 1
    JUDGE = "tests/qemu/judges.t"
    GOALS = ("build/host/model/test_smmuv3", "build/qemu-virt/smmu-test.elf")

    def __init__(self, _, out, __):
        self.copy = os.path.join(out, "judges")
        self.is_copied = False

    def refuse_failing(self, mutants):
        """`make test` has them pass."""

    def make(self, name):
        environment = {key: value for key, value in os.environ.items() if key not in ("BUILD_DIR", "MAKEFLAGS", "MFLAGS", "MAKELEVEL")}
        done = subprocess.run(["make", "-C", self.copy, *self.GOALS], env=environment, capture_output=True, text=True, check=False)
        if done.returncode:
            raise ValueError(f"{name} cannot be built:\n{done.stderr[-600:]}")

    def judged(self):
        """What failed, by judge. The host's sanitizers end a run, too: then it is not whole."""
        environment = {key: value for key, value in os.environ.items() if key != "BUILD_DIR"}
        done = subprocess.run([sys.executable, self.JUDGE], cwd=self.copy, env=environment, capture_output=True, text=True, timeout=SECONDS, check=False)
        if not re.search(r"^1\.\.\d+$", done.stdout, re.M):
            raise ValueError(f"{self.JUDGE} did not run:\n{done.stderr[-600:]}")
        found = {}
        for judge, title in re.findall(r"^not ok \d+ - (model|QEMU [^:]*?): (.*)", done.stdout, re.M):
            found.setdefault(judge, []).append("an end" if title.startswith("ran to") else title.split()[0])
        return found

    def try_one(self, changed):
        name, path = changed[0], changed[-3]
        place = os.path.join(self.copy, path)
        if not self.is_copied:
            copy_sources(self.copy)
            self.is_copied = True
        with open(place, "w", encoding="utf-8") as file:
            file.write(mutant.changed(name, os.path.join(ROOT, path), *changed[-2:]))
        try:
            self.make(name)
            found = self.judged()
        finally:
            shutil.copy2(os.path.join(ROOT, path), place)
            os.utime(place)
        return "; ".join(f"{judge}: {', '.join(list(dict.fromkeys(ids))[:8])} ({len(ids)})" for judge, ids in found.items()) or None


RUNNERS = {**dict.fromkeys(("host", "inspect", "copy"), Listed), **dict.fromkeys(CALLS, Program), "judges": Judges}


def wanted(all_mutants, runners, names):
    """{runner: what it tries}: the mutants of these names; without names every Nth, if MUTANT_EVERY is N."""
    every = int(os.environ.get("MUTANT_EVERY", "1"))
    known = {each[0] for each, _ in all_mutants}
    for name in names:
        if name not in known:
            raise ValueError(f"MUTANT={name}: no list has a mutant of that name")
    if len(known) != len(all_mutants):
        raise ValueError("two mutants have one name")
    asked = [(each, runner) for each, runner in all_mutants if runner in runners]
    asked = [pair for pair in asked if pair[0][0] in names] if names else [pair for group in sampled(asked) for pair in group[::every]]
    if names and len(asked) != len(set(names)):
        raise ValueError(f"MUTANT={' '.join(set(names) - {each[0] for each, _ in asked})}: of another runner than {' '.join(runners)}")
    return {runner: [each for each, own in asked if own == runner] for runner in runners}


def sampled(asked):
    """Those of the host, of smmu-inspect and of copies are one row; every other runner's are their own."""
    for runner in dict.fromkeys(runner if RUNNERS[runner] is not Listed else "host" for _, runner in asked):
        yield [pair for pair in asked if pair[1] == runner or (runner == "host" and RUNNERS[pair[1]] is Listed)]


def main():
    if sys.argv[1] == "programs":
        print(*programs(sys.argv[2].upper()))
        return 0
    out, runners, *names = sys.argv[1:]
    os.makedirs(out, exist_ok=True)
    owner = {each[0]: listed for listed in lists() for each in listed.MUTANTS}
    all_mutants = [(each, runner_of(listed, each)) for listed in lists() for each in listed.MUTANTS]
    tried = {runner: mutants for runner, mutants in wanted(all_mutants, runners.split(","), names).items() if mutants}
    mutant.refuse_stale([each for each, _ in all_mutants])
    orders.refuse_unlisted([each for each, runner in all_mutants if RUNNERS[runner] is Program])
    own = {runner: RUNNERS[runner](runner, out, owner) for runner in tried}
    for runner, mutants in tried.items():
        own[runner].refuse_failing(mutants)
    return mutant.try_all([(mutants, own[runner].try_one, own[runner].jobs) for runner, mutants in tried.items()])


if __name__ == "__main__":
    try:
        sys.exit(main())
    except ValueError as error:
        sys.exit(f"run.py: {error}")
