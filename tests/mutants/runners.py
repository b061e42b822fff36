# SPDX-License-Identifier: BSD-2-Clause
"""The judge of reports without one of its rules: its own test must find each mutant out."""

PROGRAMS = ()

JUDGE = "tests/qemu/judge.py"

MUTANTS = [
    ("JUDGE_VERDICT_ANYWHERE", "a report ends with its verdict", "tests/qemu/judge.t", JUDGE,
     'self.records[-1].get("record") == "verdict"', "True"),
]
