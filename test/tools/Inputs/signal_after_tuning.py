#!/usr/bin/env python3
# Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Runs a tuning, sends SIGTERM while its report, of which a pipe takes no more than
a part, is being printed, and prints the exit code, how many operators the report
has, and the errors.

    signal_after_tuning.py orcinus tune …
"""

import fcntl
import json
import os
import signal
import subprocess
import sys
import tempfile


def main():
    reading, writing = os.pipe()
    capacity = fcntl.fcntl(writing, fcntl.F_SETPIPE_SZ, 4096)
    with tempfile.TemporaryFile("w+") as errors:
        run = subprocess.Popen([*sys.argv[1:], "--json"], stdout=writing, stderr=errors)
        os.close(writing)
        with open(reading, "rb", buffering=0) as output:
            printed = output.read(1)
            os.kill(run.pid, signal.SIGTERM)
            while more := output.read(capacity):
                printed += more
        code = run.wait()
        errors.seek(0)
        said = [line for line in errors if "error" in line]
    # What the pipe and the buffer before it hold was written before the end.
    if len(printed) <= 3 * capacity:
        sys.exit(f"a report of {len(printed)} bytes may be printed before the signal")
    print(f"code {code}\na report of {len(json.loads(printed)['operators'])} operators", *said)


if __name__ == "__main__":
    main()
