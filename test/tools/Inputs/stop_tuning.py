#!/usr/bin/env python3
# Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Runs a tuning by so many processes, sends SIGTERM to the last of them once the
database has a few measurements more, and prints the exit code, how many operators
the report has, and the errors.

    stop_tuning.py PROCESSES orcinus tune … --db FILE
"""

import json
import os
import signal
import sqlite3
import sys
import tempfile
import time

import launched_runs


def count_rows(path):
    if not os.path.exists(path):
        return 0
    connection = sqlite3.connect(path)
    try:
        return connection.execute("SELECT count(*) FROM measurements").fetchone()[0]
    except sqlite3.OperationalError:
        # Its tables are not there yet.
        return 0
    finally:
        connection.close()


def main():
    processes, command = int(sys.argv[1]), sys.argv[2:]
    database = command[command.index("--db") + 1]
    enough = count_rows(database) + 10
    with tempfile.TemporaryFile("w+") as output:
        run = launched_runs.start([*command, "--json"], processes, "tune", output)
        while run.poll() is None and count_rows(database) < enough:
            time.sleep(0.05)
        told = run.pid if processes == 1 else max(
            launched_runs.children_of(run.pid, "tune"), key=launched_runs.rank_of)
        os.kill(told, signal.SIGTERM)
        errors = run.communicate()[1]
        output.seek(0)
        report = json.load(output)
    print(f"code {run.returncode}\na report of {len(report['operators'])} operators\n{errors}")


if __name__ == "__main__":
    main()
