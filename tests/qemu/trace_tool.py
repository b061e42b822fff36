# SPDX-License-Identifier: BSD-2-Clause
"""tools/trace as the tests call it, on files in a folder of their own."""

import os
import subprocess
import sys

import firmware

TRACE = os.path.join(firmware.ROOT, "tools/trace")
FOLDER = firmware.work_folder("trace")
CAPACITY = 2048  # Entries of the firmware's ring.


def call(*arguments, text=None):
    done = subprocess.run([sys.executable, TRACE, *arguments], capture_output=True, text=True, input=text, check=False)
    return done.returncode, done.stdout.splitlines(), done.stderr


def write(name, data):
    path = os.path.join(FOLDER, name)
    with open(path, "wb") as file:
        file.write(data.encode() if isinstance(data, str) else data)
    return path


def decode(text):
    return call("-", text=text)
