# SPDX-License-Identifier: BSD-2-Clause
"""What was found by `make fuzz-page`, and a hundred inputs more: always the same ones, so that red means a change."""

import os
import subprocess
import sys

from page_tool import ROOT, tap

done = subprocess.run([sys.executable, os.path.join(ROOT, "tests/page/fuzz.py"), "--rounds", "100", "24"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
tap.ok(done.returncode == 0 and done.stdout.startswith("ok - page: 100 inputs"), "a hundred mutated reports: each is read and shown", done.stdout)
tap.note(done.stdout)
tap.done()
