#!/usr/bin/env python3
"""Runs a command, sends it SIGINT once its first epoch is printed, and prints
the rest of its output and its exit status.

    interrupt.py COMMAND...
"""

import signal
import subprocess
import sys

process = subprocess.Popen(sys.argv[1:], stdout=subprocess.PIPE,
                           stderr=subprocess.STDOUT, text=True)
for line in process.stdout:
    print(line, end="")
    if line.startswith("epoch 1:"):
        process.send_signal(signal.SIGINT)
print("exit", process.wait())
