# SPDX-License-Identifier: BSD-2-Clause
"""What holds the pages to the code, and what draws a run, without one of their rules: documents.t must find each mutant out."""

import mutant

PROGRAMS = ()

TEST = "tests/boards/documents.t"
LINT = "tools/lint-docs"
COMMENTS = "tools/lint-comments"
PICTURE = "tools/picture"


def of(path, mutants):
    return mutant.of(TEST, path, mutants)


MUTANTS = of(LINT, (
    ("PAGES_DEAD_LINKS_PASS", "a link leads to a file", "if not os.path.exists(os.path.join(ROOT, target)):\n        return True", "if False:\n        return True"),
    ("PAGES_ANY_HEADING", "a link's heading is there", "return bool(heading) and heading not in", "return False and heading not in"),
    ("PAGES_PATHS_UNREAD", "a path leads to a file", "return not MADE_UP.search(path) and not any(", "return False and not any("),
    ("PAGES_ANY_NAME", "what a page names is in a source", "for name in named_in(line) if name not in words)", "for name in ())"),
    ("PAGES_HAZARD_UNDEFINED", "an id is defined", "for name in sorted(named.keys() - rows.keys()):", "for name in ():"),
    ("PAGES_HAZARD_UNNAMED", "an id is named", "        if name not in named:\n", "        if False:\n"),
    ("PAGES_HAZARD_OF_ANOTHER_FILE", "the files of a row name it", "set(places) - {shown(path)", "set() - {shown(path)"),
    ("PAGES_INSTRUCTION_SET_IS_A_HAZARD", "A32 is an instruction set, too", "if not is_rule(name)}\n\n\ndef named", "}\n\n\ndef named"),
    ("PAGES_ARROWS_RUN_UP", "a row names rows above it", "for name in sorted(missing)]", "for name in ()]"),
    ("PAGES_ANY_INCLUDE", "a folder includes what its row names", "if other not in allowed[room] | {room}:", "if False:"),
    ("PAGES_INCLUDE_OF_NOTHING", "an include is there", "if other not in allowed[room] | {room}:", "if other and other not in allowed[room] | {room}:"),
    ("PAGES_PRIVATE_INCLUDED", "a private header is its folder's", "            if breaks_in(path, place):\n", "            if False:\n"),
    ("PAGES_PRIVATE_OF_ANY_TEST", "of it, the tests that look inside", "tests/(?:bench|checks|fuzz|schedule|smmuv3|threads|unit)/", "tests/"),
    ("CALLS_RUN_UP", "a folder calls what its row names", "or rooms & allowed[room] or", "or rooms or"),
    ("CALLS_OF_NOTHING", "what is called is defined", "(not rooms and room.startswith(\"boot\") and room != CHECKS)", "not rooms"),
    ("CALLS_OF_CHECKS", "the linker's symbols are not for the checks", " and room != CHECKS", ""),
    ("CALLS_OF_ASSEMBLY", "assembly calls, too", "(set(re.findall(r\"\\w+\", text)) & defined)", "(set() & defined)"),
    ("CALLS_OF_NO_CONTRACT", "the contract's functions alone are promised", "PROMISED = re.compile(r\"\\b(arch_\\w+)\\(\")", "PROMISED = re.compile(r\"\\b(arch_)\\w+\\(\")"),
    ("CALLS_WITHOUT_OBJECTS", "no object is no proof", "    assert sources, \"no object is there\"\n", "    if not sources:\n        return {}\n"),
    ("MEETING_OF_ONE", "a pair has two sides", 'if code.count(f"word_meet({name})") < 2:', "if False:"),
    ("STEPS_NOT_PRINTED", "the steps are printed", "if printed_steps() not in read(STATES):", "if False:"),
    ("STEPS_WITHOUT_CODE", "a step is made", "        if not re.search(rf\"STEP", "        if False and not re.search(rf\"STEP"),
    ("STEPS_UNREAD", "a table has rows", "for path in STEP_TABLES if \"ROW(a, b,\" not in read(path))", "for path in ())"),
    ("STEPS_UNNAMED", "a change of a state names its step", "if STATE_CHANGE.search(function[0]) and", "if False and"),
    ("HEADERS_UNREAD", "a function that returns an int says which", "if found and not SAYS_RESULT.search(comments)", "if False and not SAYS_RESULT.search(comments)"),
    ("HEADERS_WITHOUT_CONTEXT", "a result has its context", 'if "Return:" in comments and "Context:" not in comments + top', 'if False'),
    ("HEADERS_CONTEXT_ABOVE_UNREAD", "a context above all holds for each", '"Context:" not in comments + top', '"Context:" not in comments'),
    ("PAGES_ARGUMENT_LACKING", "a boot argument has its row", "for word in words if not any(", "for word in () if not any("),
    ("PAGES_VARIABLE_LACKING", "a variable has its row", "for name in variables if not any(", "for name in () if not any("),
    ("PAGES_PACKAGE_LACKING", "a package has its row", "for name in sorted(wanted - told))", "for name in ())"),
    ("PAGES_PACKAGE_TOO_MUCH", "a row has its package", "for name in sorted(told - wanted))", "for name in ())"),
    ("PAGES_FINDING_LACKING", "a sentence has its row", "if not any(has_all(key, pieces(literal)) for key in keys):", "if False:"),
    ("PAGES_FINDING_TOO_MUCH", "a row has its sentence", "        if not is_printed:\n", "        if False:\n"),
    ("PAGES_CHECK_LACKING", "a check has its row", "for name in sorted(ids - set(keys)))", "for name in ())"),
    ("PAGES_ID_BY_HALF", "an id is a whole one", 'key in ids if re.fullmatch(r"\\w+", key) else', "key in ids or"),
    ("PAGES_WARNING_IS_PROGRESS", "a warning of the console is a finding", '("warning:" in literal or ', "(False or "),
)) + of(COMMENTS, (
    ("WORDS_OF_A_NAME_PASS", "`_` ends a word of a name", r"(?<![^\W_])(?:(?:any", r"\b(?:(?:any"),
    ("WORDS_BEGIN_ANYWHERE", "the end of a word is none", r"(?<![^\W_])(?:(?:any", r"(?:(?:any"),
    ("WORDS_END_ANYWHERE", "the beginning of a word is none", r"who(?:so)?ever)(?![^\W_])", r"who(?:so)?ever)"),
    ("WORDS_BY_NAME_ALONE", "a script is known by its first line", " or SCRIPT.match(text)", ""),
    ("WORDS_OF_A_PAGE", "a page is no code", "if CODE.search(path) or SCRIPT.match(text):", "if True:"),
    ("WORDS_NO_ONE_PASSES", "each such word", r"|no\s+one|", "|"),
)) + of(PICTURE, (
    ("PICTURE_OF_HALF_A_RUN", "a run without a verdict is not drawn", 'if not any(line.startswith(("PASS:", "FAIL:")) for line in lines[-3:]):', "if not lines:"),
    ("PICTURE_WITHOUT_ESCAPES", "it is XML", "{escape(words)}", "{words}"),
    ("PICTURE_OF_ONE_WIDTH", "each width says the same", "if pair[0] != pair[1]]", "if False]"),
    ("PICTURE_OF_EVERY_LINE", "one line of a kind", "elif kind(line) in seen:", "elif line in seen:"),
))
