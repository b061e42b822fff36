# SPDX-License-Identifier: BSD-2-Clause
"""The reader of records: what it takes for one, what it says of the rest, and that nothing takes anything else along."""

from page_tool import sample, tap

from report_page.reader import Console

FIRMWARE = '{"record":"firmware","name":"smmu-bringup","interface":1}'
CHECK = '{"record":"check","check":"unmap","master":"m","result":"pass","detail":null}'
EVENT = '{"record":"event","instance":"smmu0","expected":true}'
VERDICT = '{"record":"verdict","result":"pass"}'


def read(text):
    return Console("a test", text if isinstance(text, bytes) else text.encode())


def kinds(console):
    return [record.kind for record in console.chosen.records]


def words(console):
    return [trouble.words for trouble in console.troubles + console.chosen.troubles]


plain = read("\n".join(sample()) + "\n")
tap.equal(len(plain.chosen.records), len(sample()), "a report: each line is a record")
tap.equal(words(plain), [], "and nothing is said of it")
tap.ok(all(record.is_whole for record in plain.chosen.records), "and each is whole")

FOUR = ["firmware", "check", "event", "verdict"]
LINES = [FIRMWARE, CHECK, EVENT, VERDICT]
for title, text, wanted, said in (
    ("CR LF", "\r\n".join(LINES), FOUR, []),
    ("CR alone ends lines", "\r".join(LINES), FOUR, []),
    ("CRs in the middle", "\n".join(line[:5] + "\r" + line[5:] for line in LINES), FOUR, []),
    ("NULs", "\n".join(line[:9] + "\0" + line[9:] for line in LINES), FOUR, ["4 NUL bytes were left out"]),
    ("words between", "\nU-Boot 2023.01\n".join(LINES), FOUR, []),
    ("a terminal's colours", "\n".join(f"\x1b[32m{line}\x1b[0m" for line in LINES), FOUR, []),
    ("a BOM", "\ufeff" + "\n".join(LINES), FOUR, []),
    ("UTF-16, as PowerShell writes it", "\n".join(LINES).encode("utf-16"), FOUR, []),
    ("a time stamp before each", "\n".join(f"[12:00:01.5] {line}" for line in LINES), FOUR, ["4 records did not stand alone in their lines"]),
    ("two in a line", f"{FIRMWARE}\n{CHECK}{EVENT}\n{VERDICT}", FOUR, ["2 records did not stand alone in their lines"]),
    ("words behind one", f"{FIRMWARE}\n{CHECK} hello\n{EVENT}\n{VERDICT}", FOUR, ["1 records did not stand alone in their lines"]),
    ("broken over lines", f"{FIRMWARE}\n{CHECK[:40]}\n{CHECK[40:]}\n{EVENT}\n{VERDICT}", FOUR, ["1 records were broken over several lines"]),
    ("cut off at the end", f"{FIRMWARE}\n{CHECK}\n{EVENT}\n{VERDICT[:20]}", FOUR[:3], ["a record cannot be read: it is cut off"]),
    ("cut off within a word", f'{FIRMWARE}\n{CHECK}\n{{"record":"event","expected":tr', FOUR[:2], ["a record cannot be read: it is cut off"]),
    ("cut off by another", f"{FIRMWARE}\n{CHECK[:30]}{EVENT}\n{VERDICT}", ["firmware", "event", "verdict"], ["a record cannot be read: another one begins before its end", "1 records"]),
    ("damaged", f"{FIRMWARE}\n{CHECK.replace(':', ';')}\n{EVENT}\n{VERDICT}", ["firmware", "event", "verdict"], ["a record cannot be read: it is damaged at character 10"]),
    ("nested too deeply", f'{FIRMWARE}\n{{"record":"x","y":{"[" * 60000}\n{VERDICT}', ["firmware", "verdict"], ["a record cannot be read: it is nested too deeply"]),
    ("a line that is too long", f'{FIRMWARE}\n{{"record":"x","y":"{"a" * 70000}"}}\n{VERDICT}', ["firmware", "verdict"], ["a line of 70021 characters is no record"]),
    ("a number that is none", f'{FIRMWARE}\n{{"record":"x","y":NaN}}\n{VERDICT}', ["firmware", "verdict"], ["a record cannot be read: it is damaged: NaN"]),
    ("a number of 5000 digits", f'{FIRMWARE}\n{{"record":"x","y":{"9" * 5000}}}\n{VERDICT}', ["firmware", "verdict"], ["a record cannot be read: it is damaged: Exceeds"]),
    ("no object", f'{FIRMWARE}\n["record"]\n{VERDICT}', ["firmware", "verdict"], []),
    ("another object", f'{FIRMWARE}\n{{"a":1}}\n{VERDICT}', ["firmware", "verdict"], ["a line begins with { and is no record: it does not say which record it is"]),
    ("a record whose name is no text", f'{FIRMWARE}\n{{"record":7}}\n{VERDICT}', ["firmware", "verdict"], ["a record cannot be read: it does not say which record it is"]),
    ("a kind that is not known", f'{FIRMWARE}\n{{"record":"future","y":1}}\n{VERDICT}', ["firmware", "future", "verdict"], []),
    ("a wrong type", f'{FIRMWARE}\n{CHECK.replace("null", "7")}\n{VERDICT}', ["firmware", "check", "verdict"], ["check: detail is not a text"]),
    ("true is no count", f'{FIRMWARE}\n{{"record":"verdict","result":"pass","ready":true}}', ["firmware", "verdict"], ["verdict: ready is not a count"]),
    ("a missing key", f'{FIRMWARE}\n{{"record":"check","result":"pass"}}\n{VERDICT}', ["firmware", "check", "verdict"], ["check: it has no check"]),
    ("bytes that are no UTF-8", f"{FIRMWARE}\n{CHECK}\n".encode() + b"\xff\xfe\n" + VERDICT.encode(), ["firmware", "check", "verdict"], ["some bytes are not UTF-8"]),
):
    console = read(text)
    tap.equal(kinds(console), wanted, f"{title}: the records")
    found = words(console)
    tap.ok(len(found) == len(said) and all(any(word.startswith(begin) for word in found) for begin in said), f"{title}: what is said of it", found)

wrong = read(f'{FIRMWARE}\n{{"record":"master","master":"m","core":"x","streams":[{{"instance":"smmu0","sid":8}}],"group":3}}')
tap.equal([wrong.chosen.of("master")[0][key] for key in ("master", "core", "streams", "group")], ["m", None, None, 3], "a value of a wrong type is left out, and no other")

two = read("\n".join([FIRMWARE, CHECK, "reset", *LINES, "more", FIRMWARE, EVENT]))
tap.equal([len(run.records) for run in two.runs], [2, 4, 2], "three runs in one console")
tap.equal(kinds(two), FOUR, "the last one that ended is the one that counts")
two.choose(1)
tap.equal(kinds(two), FOUR[:2], "another can be chosen")
tap.equal(kinds(read("U-Boot\n" + "\n".join(LINES))), FOUR, "words before a run make no run")
tap.equal(kinds(read(CHECK + "\n" + VERDICT)), ["check", "verdict"], "records without a beginning are a run")
for title, text in (("nothing", b""), ("words alone", b"hello\n"), ("zeros", bytes(5000)), ("noise", bytes(range(256)) * 40)):
    tap.equal(kinds(read(text)), [], f"{title}: no record, and no end by an exception")
tap.done()
