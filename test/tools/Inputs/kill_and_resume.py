#!/usr/bin/env python3
"""Kills training runs at random moments and resumes them.

    kill_and_resume.py [--kills N] [--seed S] TOOL train OPTION...

Runs `TOOL train OPTION... --checkpoint DIR --resume --metrics FILE` to its end,
undisturbed. Then starts it again and again, each time killed (SIGKILL)
after a random part of the undisturbed run's time; where one comes to its end,
the next begins anew. After N kills the last one is left to finish. Every run's
metrics must be those of the undisturbed one, to the last digit, but for the
seconds. Prints a line, and exits with 1 at the first difference.
"""

import argparse
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time


def figures(path):
    """The lines of a metrics file without what no two runs share."""
    with open(path) as file:
        lines = [json.loads(line) for line in file]
    return [{key: value for key, value in line.items()
             if not key.endswith("_seconds")} for line in lines]


class Run:
    """One run, of as many sessions as it takes."""

    def __init__(self, command, folder):
        self.folder = folder
        shutil.rmtree(folder, ignore_errors=True)
        os.makedirs(folder)
        self.metrics = os.path.join(folder, "metrics")
        self.command = command + [
            "--checkpoint", os.path.join(folder, "checkpoint"), "--resume",
            "--metrics", self.metrics]

    def session(self, limit=None):
        """Whether the run ended; it is killed after `limit` seconds."""
        with open(os.path.join(self.folder, "log"), "ab") as log:
            child = subprocess.Popen(self.command, stdout=log, stderr=log)
            try:
                status = child.wait(timeout=limit)
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()
                return False
        if status != 0:
            with open(os.path.join(self.folder, "log")) as log:
                sys.exit("a session failed with %d:\n%s" % (status, log.read()))
        return True


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("command", nargs=argparse.REMAINDER)
    arguments = parser.parse_args()
    generator = random.Random(arguments.seed)
    with tempfile.TemporaryDirectory() as folder:
        # The first run compiles the model; the others load it.
        Run(arguments.command, os.path.join(folder, "first")).session()
        whole = Run(arguments.command, os.path.join(folder, "whole"))
        start = time.monotonic()
        whole.session()
        seconds = time.monotonic() - start
        wanted = figures(whole.metrics)
        kills = runs = 0
        run = Run(arguments.command, os.path.join(folder, "killed"))
        while True:
            done = kills == arguments.kills
            limit = None if done else generator.uniform(0, seconds)
            if not run.session(limit):
                kills += 1
                continue
            runs += 1
            found = figures(run.metrics)
            if found != wanted:
                sys.exit("after %d kills, run %d gives\n%s\nin place of\n%s" % (
                    kills, runs, found, wanted))
            if done:
                break
            run = Run(arguments.command, os.path.join(folder, "killed"))
        print("%d kills in %d runs, each with the figures of the undisturbed "
              "one" % (kills, runs))


main()
