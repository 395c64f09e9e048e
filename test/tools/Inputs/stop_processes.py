#!/usr/bin/env python3
# Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Runs a command that has --metrics FILE on four processes, sends SIGTERM to one
once the file has two lines, and prints the exit code and the errors.

    stop_processes.py orcinus train … --metrics FILE
"""

import os
import signal
import subprocess
import sys
import time


def count_lines(path):
    try:
        with open(path) as file:
            return len(file.readlines())
    except FileNotFoundError:
        return 0


def main():
    command = sys.argv[1:]
    metrics = command[command.index("--metrics") + 1]
    run = subprocess.Popen(["mpirun", "--oversubscribe", "-n", "4", *command],
                           stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                           text=True)
    while run.poll() is None and count_lines(metrics) < 2:
        time.sleep(0.05)
    children = subprocess.run(["pgrep", "-P", str(run.pid)], text=True,
                              stdout=subprocess.PIPE).stdout.split()
    if children:
        os.kill(int(children[len(children) // 2]), signal.SIGTERM)
    errors = run.communicate()[1]
    print(f"code {run.returncode}\n{errors}")


if __name__ == "__main__":
    main()
