# SPDX-License-Identifier: BSD-2-Clause
"""The judge of reports without one of its rules: its own test must find each mutant out."""

PROGRAMS = ()

JUDGE = "tests/qemu/judge.py"

MUTANTS = [
    ("JUDGE_VERDICT_ANYWHERE", "a report ends with its verdict", "tests/qemu/judge.t", JUDGE,
     'self.records[-1].get("record") == "verdict"', "True"),
    ('JUDGE_VERDICT_TWICE', 'one verdict', "tests/qemu/judge.t", JUDGE, 'len(self.of("verdict")) == 1', 'len(self.of("verdict")) >= 1'),
    ('JUDGE_FIRMWARE_MISSING', 'one firmware record', "tests/qemu/judge.t", JUDGE, 'len(self.of("firmware")) == 1', 'len(self.of("firmware")) <= 1'),
    ('JUDGE_ANY_HEX', 'hex is one way of writing', "tests/qemu/judge.t", JUDGE, '0x(0|[1-9a-f][0-9a-f]*)', '0x[0-9a-fA-F]+'),
    ('JUDGE_BASES_SHARED', 'an instance has a base of its own', "tests/qemu/judge.t", JUDGE, 'len(set(bases)) == len(bases)', 'len(bases) >= 0'),
    ('JUDGE_STRANGE_MASTER', 'nothing else is spoken of', "tests/qemu/judge.t", JUDGE, 'master is None or master in masters', 'master is None or masters'),
    ('JUDGE_WAITED_FOR_ANYTHING', 'its own instances', "tests/qemu/judge.t", JUDGE, 'set(r["waited_for"]) <= {s["instance"] for s in streams}', 'True'),
    ('JUDGE_MATCH_BELIEVED', 'a match is what was seen', "tests/qemu/judge.t", JUDGE, 'self.expect(r["match"] == match,', 'self.expect(r["match"] >= match,'),
    ('JUDGE_HANDOVER_LEFT_OUT', 'each ready instance', "tests/qemu/judge.t", JUDGE, 'named.count(r["instance"]) == 1', 'named.count(r["instance"]) <= 1'),
    ('JUDGE_HANDOVER_WITH_AN_ERROR', 'as it is left', "tests/qemu/judge.t", JUDGE, 'record["gerror_active"] != "0x0" or not', 'not'),
    ('JUDGE_HANDOVER_LIVE_WITH_COMMANDS', 'as it is left', "tests/qemu/judge.t", JUDGE, ' or not record["queues_empty"]:', ':'),
    ('JUDGE_HANDOVER_ENABLED', 'as it is left', "tests/qemu/judge.t", JUDGE, 'if record["smmuen"] != 0:', 'if record["smmuen"] is None:'),
    ('JUDGE_HANDOVER_OPEN', 'as it is left', "tests/qemu/judge.t", JUDGE, '(int(record["gbpa"], 16) >> 20 & 1) == (record["policy"] == "abort")', '(int(record["gbpa"], 16) >> 20 & 1) >= 0'),
    ('JUDGE_FINDINGS_IN_ANY_ORDER', 'worst first', "tests/qemu/judge.t", JUDGE, 'order == sorted(order)', 'order'),
    ('JUDGE_FINDINGS_OF_10', 'a screen', "tests/qemu/judge.t", JUDGE, 'len(listed) <= FINDINGS_LISTED', 'len(listed) <= FINDINGS_LISTED + 1'),
    ('JUDGE_FAILED_AND_NO_FINDING', 'what failed is listed', "tests/qemu/judge.t", JUDGE, 'r["result"] != "fail" or (r["check"], subject) in named', 'r["result"] != "fail" or named is not None'),
    ('JUDGE_SOAK_WITH_VIOLATIONS', "a soak's counts", "tests/qemu/judge.t", JUDGE, 'not soak["violations"] and not', 'not'),
    ('JUDGE_SOAK_WITH_EVENTS', "a soak's counts", "tests/qemu/judge.t", JUDGE, 'not soak["violations"] and not soak["unexpected_events"]', 'not soak["violations"]'),
    ('JUDGE_SOAK_WITHOUT_DMA', "a soak's counts", "tests/qemu/judge.t", JUDGE, 'soak["dmas"] and soak["bytes"]', 'soak["bytes"]'),
    ('JUDGE_PASS_WITHOUT_TRANSLATE', 'a pass', "tests/qemu/judge.t", JUDGE, '            and translated\n', ''),
    ('JUDGE_PASS_WITH_A_FAILED_SOAK', 'a pass', "tests/qemu/judge.t", JUDGE, 'r["result"] != "fail" for r in self.of("handover") + self.of("soak")', 'r["result"] != "fail" for r in self.of("handover")'),
    ('JUDGE_PASS_WITH_A_REASON', 'a verdict and its reason', "tests/qemu/judge.t", JUDGE, 'passed == (verdict["reason"] is None)', 'passed <= (verdict["reason"] is None or True)'),
    ('JUDGE_NO_TIME', 'a verdict takes time', "tests/qemu/judge.t", JUDGE, 'verdict["ticks"] > 0 and', 'True and'),
]
