# SPDX-License-Identifier: BSD-2-Clause
"""Runs smmu-inspect, and compiles the tables that it is given."""

import json
import os
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.realpath(__file__))
ROOT = os.path.realpath(os.path.join(HERE, "..", ".."))
BUILD = os.environ.get("BUILD_DIR") or os.path.join(ROOT, "build")
INSPECT = os.path.join(ROOT, os.environ.get("INSPECT") or os.path.join(BUILD, "host/smmu-inspect"))
sys.path.insert(0, os.path.join(ROOT, "tests/qemu"))
import tap  # noqa: E402  pylint: disable=unused-import,wrong-import-position

_kept = []


def folder():
    """A folder that is deleted with the test."""
    _kept.append(tempfile.TemporaryDirectory(prefix="inspect."))
    return _kept[-1].name


class Result:
    def __init__(self, arguments):
        # Damaged text may be anything, so it is compared as bytes.
        done = subprocess.run([INSPECT, *arguments], capture_output=True, check=False, timeout=1200)
        self.status = done.returncode
        self.out = done.stdout.decode(errors="surrogateescape")
        self.err = done.stderr.decode(errors="surrogateescape")

    @property
    def json(self):
        return json.loads(self.out)


def run(*arguments):
    return Result(arguments)


def described(path):
    """The output of --json for a table that must be readable."""
    result = run("--json", path)
    assert result.status == 0, result.err
    return result.json


def dtb(source, place=None, name="board"):
    """Compiles a device tree's source, a text or the path of one."""
    out = os.path.join(place or folder(), name + ".dtb")
    text = source.encode() if "\n" in source else open(source, "rb").read()
    done = subprocess.run(["dtc", "-q", "-I", "dts", "-O", "dtb", "-o", out, "-"], input=text, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()
    return out


def iort(source, place=None, name="iort"):
    """Compiles an IORT's source as iasl's data table language has it."""
    place = place or folder()
    path = os.path.join(place, name + ".dsl")
    with open(path, "w", encoding="ascii") as file:
        file.write(source if "\n" in source else open(source, encoding="ascii").read())
    done = subprocess.run(["iasl", "-p", os.path.join(place, name), path], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    return os.path.join(place, name + ".aml")
