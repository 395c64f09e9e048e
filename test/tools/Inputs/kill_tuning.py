#!/usr/bin/env python3
# Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Kills tuning runs at random moments and resumes them.

    kill_tuning.py [--kills N] [--seed S] [--same] [--processes W,...] TOOL tune OPTION...

Runs `TOOL tune OPTION... --json --db FILE` to its end, undisturbed. Then starts it
again and again, each time killed (SIGKILL) after a random part of the undisturbed
run's time; where one comes to its end, the next begins with a new database. After
N kills the last one is left to finish. After each kill, every measurement that the
database had is there to the last digit; at the end of a run no candidate was
measured twice, each program is the fastest of those that were measured for its
operator, and the operators are those of the undisturbed run. With --same, where
times are modelled and so the same each time, all that the run says but the seconds
is that of the undisturbed one, and so are all measurements, in the same order.
With --processes each session is of one of these numbers of processes, at random, of
which one at random is killed: all must be gone within seconds, with one line that
names it.
Prints a line, and exits with 1 at the first difference.
"""

import argparse
import json
import os
import random
import sqlite3
import subprocess
import sys
import tempfile
import time

import launched_runs

CANDIDATE = "target, compiler, kind, extents, schedule, origin"
ROWS = "SELECT rowid, * FROM measurements ORDER BY rowid"
# What is the same whenever a time is.
TIMED = "kind, extents, schedule, source, status, microseconds, message"


def query(database, text):
    if not os.path.exists(database):
        return []
    connection = sqlite3.connect(database)
    try:
        return connection.execute(text).fetchall()
    except sqlite3.OperationalError as error:
        # Killed before its tables were made.
        if "no such table" in str(error):
            return []
        raise
    finally:
        connection.close()


class Run:
    """One run, of as many sessions as it takes."""

    #: Seconds that the other processes lived for after one of several was killed,
    #: and how often mpirun itself then hung.
    lived = []
    hung = 0

    def __init__(self, command, folder):
        os.makedirs(folder)
        self.database = os.path.join(folder, "tuning.db")
        self.log = os.path.join(folder, "log")
        self.command = command + ["--json", "--db", self.database]
        self.rows = []

    def session(self, limit=None):
        """The run's report; nothing where it is killed, after `limit` seconds."""
        with open(self.log, "ab") as log:
            child = subprocess.Popen(self.command, stdout=subprocess.PIPE, stderr=log)
            try:
                output = child.communicate(timeout=limit)[0]
            except subprocess.TimeoutExpired:
                child.kill()
                child.communicate()
                self.check_rows()
                return None
        if child.returncode != 0:
            with open(self.log) as log:
                sys.exit("a session failed with %d:\n%s" % (child.returncode, log.read()))
        self.check_rows()
        self.check_end()
        return json.loads(output)

    def launched_session(self, processes, limit, generator):
        """The same by several processes, of which one is killed."""
        output = self.database + ".json"
        with open(output, "w") as file:
            run = launched_runs.start(self.command, processes, "tune", file)
        started = time.monotonic()
        errors = None
        while limit is None or time.monotonic() - started < limit:
            try:
                errors = run.communicate(timeout=0.05)[1]
                break
            except subprocess.TimeoutExpired:
                pass
        before = query(self.database, ROWS)
        outcome = None if errors is not None else launched_runs.kill_one(run, "tune", generator)
        if outcome is not None:
            self.lived.append(outcome[0])
            Run.hung += not outcome[2]
            # What was there before the kill, and perhaps more.
            self.rows = max(self.rows, before, key=len)
            self.check_rows()
            return None
        errors = errors if errors is not None else run.communicate()[1]
        if run.returncode != 0:
            sys.exit("a session failed with %d:\n%s" % (run.returncode, errors))
        self.check_rows()
        self.check_end()
        with open(output) as file:
            return json.load(file)

    def check_rows(self):
        rows = query(self.database, ROWS)
        if rows[:len(self.rows)] != self.rows:
            sys.exit("%d measurements are not what they were before a kill" % len(self.rows))
        self.rows = rows

    def check_end(self):
        twice = query(self.database, "SELECT %s, count(*) FROM measurements GROUP BY %s "
                      "HAVING count(*) > 1" % (CANDIDATE, CANDIDATE))
        if twice:
            sys.exit("measured more than once: %s" % twice)
        slow = query(self.database, """
            SELECT kind, extents, schedule, trials FROM programs
            WHERE source != 'default' AND (microseconds / baseline_microseconds > (
                SELECT min(microseconds / baseline_microseconds) FROM measurements
                WHERE measurements.kind = programs.kind AND status = 'ok'
                    AND measurements.extents = programs.extents)
            OR trials != (SELECT count(*) FROM measurements
                WHERE measurements.kind = programs.kind
                    AND measurements.extents = programs.extents))""")
        if slow:
            sys.exit("programs that are not the best of what was measured: %s" % slow)

    def timed(self):
        return query(self.database, "SELECT %s FROM measurements ORDER BY rowid" % TIMED)


def without_seconds(report):
    """The report but for what the clock says, and for its plan, which counts what
    was done in this run alone."""
    if isinstance(report, dict):
        return {key: without_seconds(value) for key, value in report.items()
                if key not in ("seconds", "expected_seconds", "plan")}
    if isinstance(report, list):
        return [without_seconds(each) for each in report]
    return report


def compare(report, run, wanted, whole, same):
    names = [operator["name"] for operator in report["operators"]]
    wanted_names = [operator["name"] for operator in wanted["operators"]]
    if names != wanted_names or report["failed"] or report["left_out"] != wanted["left_out"]:
        sys.exit("a run tuned %s in place of %s" % (report, wanted))
    if not same:
        return
    if without_seconds(report) != without_seconds(wanted):
        sys.exit("a run gives\n%s\nin place of\n%s" % (report, wanted))
    if run.timed() != whole.timed():
        sys.exit("a run measured\n%s\nin place of\n%s" % (run.timed(), whole.timed()))


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--same", action="store_true")
    parser.add_argument("--processes", default="1")
    parser.add_argument("command", nargs=argparse.REMAINDER)
    arguments = parser.parse_args()
    generator = random.Random(arguments.seed)
    counts = [int(each) for each in arguments.processes.split(",")]
    with tempfile.TemporaryDirectory() as folder:
        whole = Run(arguments.command, os.path.join(folder, "whole"))
        start = time.monotonic()
        wanted = whole.session()
        seconds = time.monotonic() - start
        kills = runs = 0
        while True:
            run = Run(arguments.command, os.path.join(folder, "killed-%d" % runs))
            report = None
            while report is None:
                limit = generator.uniform(0, seconds) if kills < arguments.kills else None
                processes = generator.choice(counts)
                report = (run.session(limit) if processes == 1 else
                          run.launched_session(processes, limit, generator))
                kills += report is None
            runs += 1
            compare(report, run, wanted, whole, arguments.same)
            if kills == arguments.kills:
                break
    print("%d kills in %d runs: nothing lost, nothing measured twice%s" % (
        kills, runs, ", and all as undisturbed" if arguments.same else ""))
    if Run.lived:
        print("%d of them one of several processes: all gone within %.1f s, with one line "
              "that names it%s" % (len(Run.lived), max(Run.lived), "" if not Run.hung else
                                   "; %d times mpirun itself hung then" % Run.hung))


main()
