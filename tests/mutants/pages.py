# SPDX-License-Identifier: BSD-2-Clause
"""The page of a run (tools/page) without one of its rules: tests/page must find each mutant out."""

from mutant import of

PROGRAMS = ()

READER, SHAPE = "tools/report_page/reader.py", "tools/report_page/shape.py"
VIEW, RUN_PAGE = "tools/report_page/view.py", "tools/report_page/templates/run.html"

MUTANTS = (
    *of("tests/page/reader.t", READER, (
        ("PAGE_NULS_KEPT", "NULs are no part of a record", '.replace("\\0", "")', '.replace("\\0", "\\x01")'),
        ("PAGE_CRS_KEPT", "CRs are no part of a record", 'return text.replace("\\r", "")', "return text"),
        ("PAGE_LINES_OF_CR", "a console whose lines end in CR", 'if "\\n" not in text.rstrip("\\r\\n"):', "if not text:"),
        ("PAGE_RECORD_AT_THE_BEGINNING", "records behind a time stamp", "starts = [match.start() for match in START.finditer(plain)]", "starts = [match.start() for match in START.finditer(plain) if match.start() == 0]"),
        ("PAGE_NOT_PUT_TOGETHER", "records that a terminal broke", "for more in range(1, JOINED_MOST):", "for more in range(1, 1):"),
        ("PAGE_DEEP_RECORD_CRASHES", "nesting has an end", "except (ValueError, RecursionError) as error:", "except ValueError as error:"),
        ("PAGE_NAN_IS_A_NUMBER", "JSON has no NaN", "parse_constant=_refused, ", ""),
        ("PAGE_ANY_OBJECT_IS_A_RECORD", "a record says which it is", ' or not isinstance(value.get("record"), str):', ":"),
        ("PAGE_LONG_LINES_TAKEN", "a line has a bound", "if len(text) > LINE_MOST:\n            self.unreadable", "if len(text) > LINE_MOST * 1000:\n            self.unreadable"),
        ("PAGE_ONE_RUN_A_CONSOLE", "a firmware record begins a run", 'if value["record"] == "firmware" and', 'if value["record"] == "nothing" and'),
        ("PAGE_LAST_RUN_COUNTS", "a run that ended counts", "self.chosen = (ended or self.runs)[-1]", "self.chosen = self.runs[-1]"),
    )),
    *of("tests/page/reader.t", SHAPE, (
        ("PAGE_TRUE_IS_A_COUNT", "true is no count", "isinstance(value, int) and not isinstance(value, bool) and", "isinstance(value, int) and"),
        ("PAGE_WRONG_TYPE_KEPT", "a value of a wrong type is left out", "            value = None\n", ""),
        ("PAGE_NEEDED_KEY_UNTOLD", "a key that is missing is named", "for key in NEEDED.get(kind, ())", "for key in ()"),
    )),
    *of("tests/page/shown.t", VIEW, (
        ("PAGE_COUNTS_BELIEVED", "a verdict's counts are counted again", "if facts[key] is not None and facts[key] != count", "if facts[key] is None"),
        ("PAGE_VERDICT_IN_ANY_LINE", "a verdict stands alone in its line", "if not verdicts[-1].is_whole:", "if not verdicts:"),
        ("PAGE_LAST_VERDICT_COUNTS", "a verdict that is taken back", "facts = (failed or verdicts)[-1]", "facts = verdicts[0]"),
        ("PAGE_RECORD_BEHIND_THE_VERDICT", "the verdict is the last record", "elif self.run.records[-1] is not verdicts[-1]:", "elif self.run.records[0] is verdicts[-1]:"),
        ("PAGE_UNREAD_RECORDS_DO_NOT_MATTER", "records that cannot be read", 'if any(trouble.words.startswith("a record cannot be read")', 'if any(trouble.words.startswith("nothing")'),
        ("PAGE_FINDINGS_OF_THE_LIST_ALONE", "what failed and is not listed", "sorted(listed + more,", "sorted(listed,"),
        ("PAGE_FINDINGS_IN_ANY_ORDER", "worst first", "key=lambda finding: SEVERITIES.index(finding.severity))", "key=lambda finding: 0)"),
        ("PAGE_EVENTS_ONE_BY_ONE", "events that differ in their address are one row", 'for key in ("instance", "code", "name", "sid", "master", "access", "expected", "stage", "cause"))\n        groups', 'for key in ("address", "instance", "code", "name", "sid", "master", "access", "expected", "stage", "cause"))\n        groups'),
    )),
    *of("tests/page/shown.t", RUN_PAGE, (
        ("PAGE_ADVICE_LEFT_OUT", "a finding's advice", "{% if finding.advice %}", "{% if finding.advice is none %}"),
        ("PAGE_EVERY_KIND_OF_EVENT", "rows have a bound", "{% for each in view.events[:rows_most] %}", "{% for each in view.events %}"),
        ("PAGE_NEWER_INTERFACE_UNTOLD", "a newer interface is named", "{% if newer %}", "{% if newer is none %}"),
    )),
)
