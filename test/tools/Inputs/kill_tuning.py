#===- kill_tuning.py - Kills a run that tunes -----------------------------===//
#
# Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
#===----------------------------------------------------------------------===//
#
# Starts a command that tunes into a database, kills it once the database has
# COUNT measurements, and prints how many there are then.
# Usage: kill_tuning.py COUNT DATABASE COMMAND [ARGUMENT...]

import os
import signal
import sqlite3
import subprocess
import sys
import time


def measurements(database):
    # There may be no database yet.
    try:
        with sqlite3.connect(f"file:{database}?mode=ro", uri=True) as connection:
            return connection.execute("SELECT count(*) FROM measurements").fetchone()[0]
    except sqlite3.OperationalError:
        return 0


def main():
    count, database, command = int(sys.argv[1]), sys.argv[2], sys.argv[3:]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
        while measurements(database) < count and process.poll() is None:
            time.sleep(0.01)
        os.kill(process.pid, signal.SIGKILL)
    if process.returncode != -signal.SIGKILL:
        sys.exit(f"ended by itself with {process.returncode}")
    print(measurements(database))


if __name__ == "__main__":
    main()
