# Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Runs that mpirun has started, and what becomes of them where one of their
processes is killed."""

import os
import re
import signal
import subprocess
import sys
import time


def environment():
    """In which mpirun asks root no questions."""
    return dict(os.environ, OMPI_ALLOW_RUN_AS_ROOT="1",
                OMPI_ALLOW_RUN_AS_ROOT_CONFIRM="1")


def launch(processes):
    """What a command begins with for so many processes."""
    return [] if processes == 1 else ["mpirun", "--oversubscribe", "-n",
                                      str(processes)]


def children_of(process, pattern=""):
    found = subprocess.run(["pgrep", "-P", str(process), "-f", pattern],
                           stdout=subprocess.PIPE, text=True)
    return [int(each) for each in found.stdout.split()]


def rank_of(process):
    with open(f"/proc/{process}/environ", "rb") as file:
        variables = dict(each.partition(b"=")[::2]
                         for each in file.read().split(b"\0"))
    return variables[b"OMPI_COMM_WORLD_RANK"].decode()


def is_alive(process):
    try:
        with open(f"/proc/{process}/stat") as file:
            return file.read().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def start(command, processes, name, output=subprocess.DEVNULL):
    """Starts `command`, whose processes have `name` on their command lines, and
    waits until all are there."""
    run = subprocess.Popen(launch(processes) + command, stdout=output,
                           stderr=subprocess.PIPE, text=True, env=environment())
    while (processes > 1 and run.poll() is None
           and len(children_of(run.pid, name)) != processes):
        time.sleep(0.05)
    return run


def kill_one(run, name, generator):
    """Kills one of the processes of `run`, at random: how long the others and
    what they had started lived, what was said, and whether mpirun then ended,
    too; None where the run had ended. Exits where something lives on, or where
    what was said does not name the one that was killed."""
    children = children_of(run.pid, name)
    if not children:
        return None
    everything = children + [each for child in children
                             for each in children_of(child)]
    victim = generator.choice(children)
    try:
        rank = rank_of(victim)
    except (FileNotFoundError, ProcessLookupError, KeyError):
        return None  # It has ended since, or is ending.
    os.kill(victim, signal.SIGKILL)
    killed = time.monotonic()
    while any(is_alive(each) for each in everything):
        if time.monotonic() - killed > 60:
            sys.exit(f"processes live on a minute after {rank} was killed")
        time.sleep(0.01)
    lived = time.monotonic() - killed
    try:
        errors = run.communicate(timeout=20)[1]
    except subprocess.TimeoutExpired:
        # mpirun waits for itself; nothing of ours is left.
        run.kill()
        return lived, run.communicate()[1], False
    if run.returncode == 0:
        sys.exit("a run whose process was killed ended well")
    named = re.findall(r"process rank (\d+) .*signal 9", errors)
    if named != [rank] or "orcinus: error" in errors:
        sys.exit(f"process {rank} was killed, but what was said is {errors}")
    return lived, errors, True
