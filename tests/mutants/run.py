# SPDX-License-Identifier: BSD-2-Clause
"""One rule or check of a source undone, many times over: the tests must find each mutant out.

Each list beside this file has the mutants of one subject, and the host tests that try them:

    PROGRAMS    host tests ("pci" is tests/unit/test_pci.c, "checks/prove" tests/checks/test_prove.c), each of which tries every mutant of the list
    SANITIZED   True where the tests need the sanitizers to see what is wrong (what reads hostile input)
    MUTANTS     (name, what it undoes, what finds it out, file, text, what stands there instead)

What finds a mutant out runs first, and is
    a host test     the changed file alone is compiled, and linked in front of the archive of the others
    a .t file       for a C file: smmu-inspect is built with the change, and the test runs that one (INSPECT=);
                    for another file: the test runs in a copy of the sources with the change

A mutant that survives, or whose text is no longer in its file, fails the run.

    run.py programs plain|sanitized     the host tests that are needed, as objects
    run.py OUT [NAME...]                tries all, or those. The environment has PLAIN_HOST and SANITIZED_HOST (where the host
                                        tests were built), PLAIN_FLAGS and SANITIZED_FLAGS (how), HOST_CC and JOBS; with
                                        MUTANT_EVERY=N every Nth is tried, and the text of each is looked for.
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

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "schedule"))
import mutants as of_the_core  # pylint: disable=wrong-import-position

ROOT = os.path.realpath(os.path.join(HERE, "..", ".."))
BUILD = os.environ.get("BUILD_DIR") or os.path.join(ROOT, "build")
LIBRARIES = ["-lfdt", "-lcmocka"]
OF_CHECKS = ["libchecks.a"]  # What all of tests/checks has in common.
COPIED = ("Makefile", "mk", "README.md", "boot", "docs", "drivers", "linker", "platform", "tests", "tools")
CPU_SECONDS = int(os.environ.get('CPU_SECONDS', '60'))  # Of the processor's time, however busy the machine is.
SECONDS = 1200  # For what waits for others.


def lists():
    names = sorted(os.path.basename(path).removesuffix(".py") for path in glob.glob(os.path.join(HERE, "*.py")))
    return [importlib.import_module(name) for name in names if name not in ("mutant", "run")]


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
    names = {name for each in lists() if flavour(each) == wanted for name in each.PROGRAMS}
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


def try_mutant(out, changed, listed):
    """What killed the mutant, or None."""
    name, _, first, path = changed[:4]
    if not first.endswith(".t"):
        return try_host_tests(out, changed, listed)
    if path.endswith(".c"):
        return try_inspect(out, changed)
    return run_copied(out, name, first, path, mutant.changed(name, *changed[3:]))


def try_unchanged(out, mutants, owner):
    """A test that fails without a change would find every mutant."""
    tests = {each[2]: each for each in mutants if each[2].endswith(".t")}
    runs = [(run_copied, out, "unchanged." + os.path.basename(test), test) for test, each in tests.items() if not each[3].endswith(".c")]
    if any(each[3].endswith(".c") for each in tests.values()):
        checked = os.path.abspath(os.path.join(os.environ["SANITIZED_HOST"], "tools/inspect/smmu-inspect"))
        runs += [(run_inspect, "unchanged", test, checked) for test, each in tests.items() if each[3].endswith(".c")]
    wanted = {(program, flavour(owner[each[0]])): owner[each[0]] for each in mutants if each[2] not in tests for program in owner[each[0]].PROGRAMS}
    runs += [(run_host_test, out, "unchanged." + kind, program, [], listed) for (program, kind), listed in wanted.items()]
    with concurrent.futures.ThreadPoolExecutor(int(os.environ.get("JOBS", "2"))) as pool:
        failed = [each for each in pool.map(lambda each: each[0](*each[1:]), runs) if each]
    if failed:
        raise ValueError("without any change there fails\n" + "\n".join(failed))


def refuse_unknown(names):
    """A misspelt name must not pass by trying nothing."""
    known = {each[0] for listed in lists() for each in listed.MUTANTS} | {each[0] for listed, _ in of_the_core.KINDS.values() for each in listed}
    for name in names:
        if name not in known:
            raise ValueError(f"MUTANT={name}: no list has a mutant of that name")


def main():
    if sys.argv[1] == "programs":
        print(*programs(sys.argv[2].upper()))
        return 0
    out, *names = sys.argv[1:]
    refuse_unknown(names)
    owner = {each[0]: listed for listed in lists() for each in listed.MUTANTS}
    mutants = [each for listed in lists() for each in listed.MUTANTS]
    if len(owner) != len(mutants):
        raise ValueError("two mutants have one name")
    mutant.refuse_stale(mutants)
    mutants = mutant.chosen(mutants, names)
    os.makedirs(out, exist_ok=True)
    try_unchanged(out, mutants, owner)
    return mutant.try_all(mutants, out, lambda each: try_mutant(out, each, owner[each[0]]))


if __name__ == "__main__":
    try:
        sys.exit(main())
    except ValueError as error:
        sys.exit(f"run.py: {error}")
