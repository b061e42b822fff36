# SPDX-License-Identifier: BSD-2-Clause
"""The page of a run (tools/page) without one of its rules: tests/page must find each mutant out."""

from mutant import of

PROGRAMS = ()

READER, SHAPE = "tools/report_page/reader.py", "tools/report_page/shape.py"
HTML, VISIBLE, BASE = "tools/report_page/html.py", "tools/report_page/visible.py", "tools/report_page/templates/base.html"
PICTURE, TIMELINE, COMPARE = "tools/report_page/picture.py", "tools/report_page/timeline.py", "tools/report_page/compare.py"
JUNIT, MARKDOWN, STYLE = "tools/report_page/junit.py", "tools/report_page/markdown.py", "tools/report_page/templates/page.css"
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
        ("PAGE_INTERRUPTS_TWICE", "a later record's word on an interrupt stands alone", 'return list(found.values())', 'return [each for lines in (record["interrupts"], *others) for each in lines or []]'),
        ("PAGE_SENTENCE_TWICE", "advice goes on where the sentence ended", 'advice.removeprefix(f"{text}. ")', "advice"),
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
        ("PAGE_WALK_LEFT_OUT", "a finding's walk", "{{ walked(finding.walks) }}\n", ""),
        ("PAGE_ADVICE_LEFT_OUT", "a finding's advice", "{% if finding.advice %}", "{% if finding.advice is none %}"),
        ("PAGE_EVERY_KIND_OF_EVENT", "rows have a bound", "{% for each in view.events[:rows_most] %}", "{% for each in view.events %}"),
        ("PAGE_NEWER_INTERFACE_UNTOLD", "a newer interface is named", "{% if newer %}", "{% if newer is none %}"),
    )),
    # --- What escapes. ---
    *of("tests/page/hostile.t", HTML, (
        ("PAGE_UNESCAPED", "what a template prints is escaped", "autoescape=True", "autoescape=False"),
        ("PAGE_SHAPELESS_CHARACTERS", "what has no shape is shown by number", 'return visible(str(value)) if value is not None', 'return str(value) if value is not None'),
        ("PAGE_TEXT_IS_MARKUP", "a record's text is no markup", "return visible(str(value)) if value is not None", "return Markup(visible(str(value))) if value is not None"),
    )),
    *of("tests/page/hostile.t", VISIBLE, (
        ("PAGE_FORMATS_HIDDEN", "a bidi override is shown", '"Cc", "Cf", "Cs"', '"Cc", "Cs"'),
        ("PAGE_CONTROLS_HIDDEN", "a control is shown", '"Cc", "Cf", "Cs"', '"Cf", "Cs"'),
        ("PAGE_SURROGATES_HIDDEN", "a lone surrogate is shown", '"Cc", "Cf", "Cs"', '"Cc", "Cf"'),
        ("PAGE_SEPARATORS_HIDDEN", "a line separator is shown", '"Zl", "Zp"', '"Zp"'),
        ("PAGE_LINE_FEEDS_KEPT", "a line stays one", 'return visible(text).replace("\\n", _named("\\n"))', "return visible(text)"),
    )),
    *of("tests/page/hostile.t", PICTURE, (
        ("PAGE_DOT_QUOTES", "a quote ends no label", """.replace('"', '\\\\"')""", ""),
        ("PAGE_DOT_ESCAPES", "Graphviz's escapes mean nothing in a label", '.replace("\\\\", "\\\\\\\\")', ""),
        ("PAGE_DOT_SHAPELESS", "what has no shape is shown by number", "shortened(visible_line(str(text)), NAME_MOST)", "shortened(str(text), NAME_MOST)"),
    )),
    *of("tests/page/hostile.t", MARKDOWN, (
        ("PAGE_MARKDOWN_UNESCAPED", "no text is markup in Markdown", 'return MARKUP.sub(r"\\\\\\1", ', "return str("),
        ("PAGE_MARKDOWN_MENTIONS", "no text is a mention", "#|~@&!]", "#|~&!]"),
        ("PAGE_MARKDOWN_LINKS", "no text is a link", "|:(?=//)", ""),
        ("PAGE_MARKDOWN_SHORT_FENCE", "a fence is longer than what it holds", 'fence = "`" * (longest + 1)', 'fence = "`"'),
    )),
    *of("tests/page/hostile.t", JUNIT, (
        ("PAGE_XML_SHAPELESS", "XML has no control characters", "    return visible(str(value))\n", "    return str(value)\n"),
    )),
    *of("tests/page/browser.t", BASE, (
        ("PAGE_STYLE_REFUSED", "the page's policy lets its own style in", "style-src '{{ style_hash }}'", "style-src 'none'"),
        ("PAGE_FETCHES_AN_ICON", "nothing is asked for", "<style>", '<link rel="stylesheet" href="x.css"><style>'),
        ("PAGE_WITHOUT_A_LANGUAGE", "the page names its language", '<html lang="en">', "<html>"),
        ("PAGE_TOO_WIDE_FOR_A_PHONE", "the page fits a phone", "width=device-width, initial-scale=1", "width=980"),
    )),
    *of("tests/page/browser.t", STYLE, (
        ("PAGE_FOCUS_UNSEEN", "the focus is seen", "outline: 3px solid var(--link); outline-offset: 2px;", "outline: none;"),
        ("PAGE_WITHOUT_DARK", "the page has a dark form", "@media (prefers-color-scheme: dark)", "@media (prefers-color-scheme: black)"),
        ("PAGE_SOFT_WORDS_PALE", "words are told from their ground", "--ink: #1b1f24; --soft: #565e68;", "--ink: #1b1f24; --soft: #b0b6bd;"),
        ("PAGE_LONG_WORDS_STICK_OUT", "a long word is broken", " overflow-wrap: anywhere; }\nheader", " }\nheader"),
        ("PAGE_PRINT_CUT_OFF", "what scrolls is printed whole", "\t.scroll, pre { overflow: visible; max-height: none; }\n", ""),
    )),
    # --- What is drawn, and compared. ---
    *of("tests/page/drawn.t", PICTURE, (
        ("PAGE_WRONG_IS_GREEN", "what is wrong is drawn so", 'any(record["match"] is False for record in records)', "False"),
        ("PAGE_MEMORY_NOT_DRAWN", "DMA past every SMMU is drawn", 'if any(record["reached_memory"] and not record["observed"]', 'if any(record["observed"] is False'),
        ("PAGE_STRANGE_SMMU_NOT_DRAWN", "an SMMU that only an observation names", "        if name not in self.smmus:", "        if name is None:"),
        ("PAGE_EVERY_MASTER_DRAWN", "a picture has a bound", "if drawn >= MASTERS_MOST or not", "if drawn < 0 or not"),
    )),
    *of("tests/page/drawn.t", TIMELINE, (
        ("PAGE_BINDS_OF_NO_CORE", "a bind has its core", "        step.add(core, _named(", "        step.add(None, _named("),
        ("PAGE_PAUSES_TO_SCALE", "a long pause is drawn short", "if pause > most:", "if pause < 0:"),
        ("PAGE_SID_OF_THE_LOW_HALF", "a stream's number", "sid = first >> 32", "sid = first & 0xFFFFFFFF"),
        ("PAGE_REFUSED_WRITE_IS_ONE", "a refused write is an error", 'if kind in "GX":', 'if kind in "G":'),
        ("PAGE_STEPS_BY_DESCRIPTION", "a step names an SMMU as the page does", "[names.get(name, name) for name in", "[name for name in"),
        ("PAGE_STEPS_WITHOUT_ROOM_UNTOLD", "steps without room are told", "            left_out += count\n", "            left_out += 0\n"),
        ("PAGE_STEPS_OR_A_TRACE", "steps and a trace have the same lanes", "Lanes(traced + stepped,", "Lanes(traced or stepped,"),
        ("PAGE_TRACE_WITHOUT_A_CLOCK", "a trace of 0 Hz has no lanes", "elif entry and hz and", "elif entry and"),
    )),
    *of("tests/page/documents.t", COMPARE, (
        ("PAGE_SMMUS_BY_NUMBER", "an SMMU is the same where its base is", 'else record["base"] or record["instance"]\n', 'else record["instance"]\n'),
        ("PAGE_TWINS_ARE_ONE", "two SMMUs at one base", 'if bases.count(record["base"]) > 1 and record["base"] else', 'if bases.count(record["base"]) > 9 else'),
        ("PAGE_NAMES_COMPARED", "each run has another name", 'NO_CHANGE = ("id", "arguments",', 'NO_CHANGE = ("arguments",'),
        ("PAGE_WORSE_IS_BETTER", "worse and better", 'return "worse" if second > first else "better"', 'return "better" if second > first else "worse"'),
    )),
    *of("tests/page/documents.t", JUNIT, (
        ("PAGE_SKIPS_PASS", "a skip is none", 'OUTCOMES = {"pass": None, "skip": "skipped"}', 'OUTCOMES = {"pass": None, "skip": None}'),
        ("PAGE_UNKNOWN_RESULTS_PASS", "a result that is not known is a failure", 'OUTCOMES.get(record["result"], "failure"), message)', 'OUTCOMES.get(record["result"]), message)'),
        ("PAGE_NO_VERDICT_PASSES", "no verdict is an error", '.get(kind, "error")', ".get(kind)"),
        ("PAGE_SKIPPED_WITH_A_TYPE", "the schema's attributes", 'if outcome != "skipped":', "if outcome:"),
    )),
    # --- The runner. ---
    *of("tests/page/runner.t", "tools/run_folder.sh", (
        ("PAGE_OF_AN_EARLIER_RUN", "an earlier run's page is gone", ' "$run_dir/report.html" "$run_dir/qemu.pid"', ' "$run_dir/qemu.pid"'),
        ("PAGE_MISSING_FOR_NO_REASON", "why there is no page", '$(tail -n 1 "$page_log")', "so"),
        ("PAGE_NOT_OFF", "PAGE=off", '[ "${PAGE:-}" != off ] || return 0', ":"),
        ("PAGE_FAILS_THE_RUN", "a run is what it is without a page", '\trm -f "$page_log"\n', '\trm -f "$page_log"\n\t[ -e "$run_dir/report.html" ] || exit 1\n'),
    )),
    *of("tests/page/runner.t", "platform/qemu-virt/run", (
        ("PAGE_COMMAND_WITH_DEFAULTS", "what is given anyway", "*= | CORES=4 | MEMORY=512M) ;;", "*=) ;;"),
        ("PAGE_COMMAND_UNQUOTED", "a word with a space is quoted", 'command+=" ${name@Q}"', 'command+=" $name"'),
    )),
)
