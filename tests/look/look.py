# SPDX-License-Identifier: BSD-2-Clause
"""smmu-look, as the tests of this folder run it."""

import json
import os
import subprocess
import sys

ROOT = os.path.realpath(os.path.join(os.path.dirname(__file__), "../.."))
sys.path.append(os.path.join(ROOT, "tests/qemu"))

import tap  # noqa: E402

BUILD = os.environ.get("BUILD_DIR") or os.path.join(ROOT, "build")
LOOK = os.environ.get("LOOK") or os.path.join(BUILD, "host/smmu-look")
LIMIT = 600


class Said:
    def __init__(self, done):
        self.status = done.returncode
        self.out = done.stdout.decode(errors="replace")
        self.err = done.stderr.decode(errors="replace")

    @property
    def json(self):
        return json.loads(self.out)

    @property
    def smmu(self):
        """The first one."""
        return self.json["smmus"][0]


def run(*words):
    return Said(subprocess.run([LOOK, *map(str, words)], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=LIMIT, check=False))


def says(title, words, status, *parts):
    """One run: its status, and what has to be in what it says."""
    said = run(*words)
    tap.equal(said.status, status, f"{title}: exit status")
    for part in parts:
        tap.ok(part in said.out + said.err, f"{title}: says {part!r}", (said.out + said.err).split("\n")[-20:])
    return said
