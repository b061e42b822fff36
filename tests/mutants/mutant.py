# SPDX-License-Identifier: BSD-2-Clause
"""What every kind of mutant has in common: one change of a source, a program built with it, and a verdict in TAP.

A mutant is a tuple that begins with its name and what it undoes, and ends with a file, a text that is in it once, and what
stands there instead. The environment has HOST_CC and JOBS.
"""
import concurrent.futures
import os
import resource
import subprocess


def of(test, path, mutants):
    """A list's mutants of one file and one test: what is left are name, what it undoes, text and what stands there instead."""
    return [(name, what, test, path, text, instead) for name, what, text, instead in mutants]


def changed(name, path, old, new):
    """The file's text with the change."""
    with open(path, encoding="utf-8") as file:
        text = file.read()
    if text.count(old) != 1:
        raise ValueError(f"{name}: its text is {text.count(old)} times in {path}, not once: make it fit the source, or remove the mutant")
    return text.replace(old, new)


def call(name, command):
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise ValueError(f"{name} cannot be built:\n{done.stderr}")


def compiler(flags):
    return [os.environ.get("HOST_CC", "gcc"), *flags.split()]


def compile_changed(out, mutant, flags):
    """Builds the changed file alone; its object."""
    name, path, old, new = mutant[0], *mutant[-3:]
    copy = os.path.join(out, name + ".c")
    own = os.path.join(out, name + ".o")
    with open(copy, "w", encoding="utf-8") as file:
        file.write(changed(name, path, old, new))
    call(name, [*compiler(flags), f"-I{os.path.dirname(path)}", "-w", "-c", copy, "-o", own])
    return own


def compile_with_header(out, mutant, sources, flags):
    """Builds every source anew, with the changed header in front of the real one; their objects."""
    name, path, old, new = mutant[0], *mutant[-3:]
    place = os.path.join(out, name + ".include")
    copy = os.path.join(place, os.path.relpath(path, "drivers"))
    os.makedirs(os.path.dirname(copy), exist_ok=True)
    with open(copy, "w", encoding="utf-8") as file:
        file.write(changed(name, path, old, new))
    objects = []
    for source in sources:
        objects.append(os.path.join(place, source.replace("/", "_") + ".o"))
        call(name, [compiler(flags)[0], f"-I{place}", *compiler(flags)[1:], "-w", "-c", source, "-o", objects[-1]])
    return objects


def link(name, place, parts, flags):
    call(name, [*compiler(flags), *parts, "-o", place])
    return place


def refuse_stale(mutants):
    """Names every mutant whose text is no longer in its file, before any is built."""
    wrong = []
    for mutant in mutants:
        try:
            changed(mutant[0], *mutant[-3:])
        except (OSError, ValueError) as error:
            wrong.append(str(error))
    if wrong:
        raise ValueError("\n".join(wrong))


def limit_cpu(seconds):
    """Called before a mutant's test: SIGXCPU ends the test. Processor time, because the machine may be busy with others."""
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))


def endless(name, seconds):
    """A test that does not end has not found the mutant: a limit ends it, or another test finds the mutant first."""
    return f"{name} makes a test run for more than {seconds} s of the processor's time: that is no verdict"


class Untried(str):
    """Why a mutant cannot be tried here."""


def verdict(number, mutant, by):
    name, what = mutant[:2]
    if isinstance(by, ValueError):
        return f"not ok {number} - {name} ({what}): {by}"
    if isinstance(by, Untried):
        return f"ok {number} - {name} ({what}) # SKIP {by}"
    return f"ok {number} - {name} ({what}): killed by {by}" if by else f"not ok {number} - {name} ({what}) survives"


def tried(try_one, mutant):
    """What killed the mutant, None, or the error of a mutant that cannot be built; the others go on."""
    try:
        return try_one(mutant)
    except ValueError as error:
        return error


def jobs():
    return int(os.environ.get("JOBS", "2"))


def try_all(groups):
    """
    Prints a verdict on each mutant of the groups: (mutants, try_one, how many at once, or None for as many as there are jobs);
    `try_one` returns what killed it, in words, or None, or an Untried. Returns whether any survives.
    """
    survivors, number, untried, total = [], 0, 0, sum(len(mutants) for mutants, *_ in groups)
    print(f"1..{total}", flush=True)
    for mutants, try_one, at_once in groups:
        with concurrent.futures.ThreadPoolExecutor(at_once or jobs()) as pool:
            for mutant, by in zip(mutants, pool.map(lambda each, try_one=try_one: tried(try_one, each), mutants)):
                number += 1
                untried += isinstance(by, Untried)
                survivors += [mutant[0]] if by is None or isinstance(by, ValueError) else []
                print(verdict(number, mutant, by), flush=True)
    skips = f", {untried} not tried" if untried else ""
    print(f"# mutants: {total} built, {total - len(survivors) - untried} killed{skips}, {len(survivors)} survived", *survivors)
    return bool(survivors)
