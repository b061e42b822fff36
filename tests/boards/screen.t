# SPDX-License-Identifier: BSD-2-Clause
"""tools/screen: no record, no line broken within a word, colours on a terminal and none in a file."""

import os
import pty
import re
import subprocess
import sys

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../..")
sys.path.insert(0, os.path.join(ROOT, "tests/qemu"))
import tap

SCREEN = os.path.join(ROOT, "tools/screen")
COLOUR = re.compile(r"\033\[\d+m")
CONSOLE = b"""smmu-bringup 0.1.0 on here\r
{"record":"firmware"}
  pass translate, read_only (masters: 11)
  fail 0000:00:01.0: unmap: it reached the page that was unmapped, and the SMMU reported nothing at all of it
  warning: \x1b[2J a name with a control character\x00
\xff\xfe no letters
FAIL: 1 of 3 SMMUs ready
cut o"""


def screen(*options, console=CONSOLE, **environment):
    done = subprocess.run([SCREEN, *options], input=console, capture_output=True, check=False, env={**os.environ, **environment})
    return done.returncode, done.stdout.decode()


def on_terminal(*options, **environment):
    """What it writes to a pseudo-terminal."""
    ours, theirs = pty.openpty()
    with subprocess.Popen([SCREEN, *options], stdin=subprocess.PIPE, stdout=theirs, env={**os.environ, **environment}) as child:
        os.close(theirs)
        child.stdin.write(CONSOLE)
        child.stdin.close()
        text = b""
        try:
            while part := os.read(ours, 65536):
                text += part
        except OSError:  # The other end was closed.
            pass
    os.close(ours)
    return text.decode()


def words_of(text):
    return COLOUR.sub("", text).split()


status, plain = screen("--width", "60")
lines = plain.splitlines()
tap.equal(status, 0, "a console: exit status 0")
tap.equal([line for line in lines if len(line) > 60], [], "no line is longer than the terminal")
tap.equal(lines[2:4], ["  fail 0000:00:01.0: unmap: it reached the page that was", "      unmapped, and the SMMU reported nothing at all of it"],
          "a long line goes on below its words")
tap.ok('{"record"' not in plain, "records are not shown", lines)
tap.ok("\033" not in plain and "\0" not in plain and "?[2J" in plain, "a control character of a name is a question mark", lines)
tap.ok(lines[-1] == "cut o", "what has no end is shown, too", lines[-1:])
tap.ok('{"record":"firmware"}' in screen("--records")[1], "--records: they are shown")
tap.ok(max(len(line) for line in screen("--width", "400")[1].splitlines()) <= 100, "a wide terminal: 100 columns at most")
tap.ok(all(len(line) <= 40 for line in screen("--width", "1")[1].splitlines()), "no terminal is narrower than 40 columns")
tap.equal(screen(console=b""), (0, ""), "an empty console")

tap.equal(screen(console=b"one\nsmmu> ab\x08c\x1b[K\n  \x08two")[1], "one\nsmmu> ab\x08c\x1b[K\n  ?two\n", "what is typed at the monitor's prompt is as the monitor echoes it")

coloured = on_terminal("--width", "60")
tap.ok("\033[32m  pass " in coloured and "\033[31mFAIL:" in coloured, "a terminal: passes are green, what fails is red", coloured)
tap.equal(words_of(coloured), words_of(plain), "a terminal: the words are the same")
tap.ok(not COLOUR.search(on_terminal(NO_COLOR="1")), "NO_COLOR: no colour")
tap.ok(not COLOUR.search(plain), "a file: no colour")
tap.done()
