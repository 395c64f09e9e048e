#!/usr/bin/env python3
"""Kills servers at random moments and starts them again with their log.

    kill_and_follow.py [--kills N] [--seed S] --log LOG
                       [--snapshot FILE --snapshot-events M]
                       TOOL predict OPTION...

Sends events to `TOOL predict OPTION... --log LOG`, which is killed (SIGKILL)
after a random time and started again, N times: every other time counted from
its start, so that it may not have read its log yet, else from its first answer.
An event that was neither acknowledged nor logged is sent once more. With a
snapshot, which is written every M events, the log begins anew behind it. In the
end the server must have every event once, and give the scores that a server
gives that was never killed. Prints a line, and exits with 1 where it is
otherwise.
"""

import argparse
import json
import os
import random
import subprocess
import sys
import threading


class Server:
    def __init__(self, command):
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL)

    def ask(self, line):
        """The answer; nothing where the server is gone."""
        try:
            self.process.stdin.write(json.dumps(line).encode() + b"\n")
            self.process.stdin.flush()
        except BrokenPipeError:
            return None
        answer = self.process.stdout.readline()
        # A killed server may leave a part of a line.
        return json.loads(answer) if answer.endswith(b"\n") else None

    def end(self):
        self.process.stdin.close()
        self.process.stdout.read()
        if self.process.wait() != 0:
            sys.exit("a server failed")

    def kill(self):
        self.process.kill()
        self.process.wait()


def event(number):
    """The event that is the number-th, from 1, deterministically."""
    return {"event": {"source": number * 7 % 50, "destination": "n%d" % (number * 3 % 11),
                      "time": 10000000 + number}}


def queries(count):
    return [{"score": {"source": each * 7 % 50, "destination": "n%d" % (each % 11)}}
            for each in range(count)]


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--log", required=True)
    parser.add_argument("--snapshot")
    parser.add_argument("--snapshot-events", type=int, default=20)
    parser.add_argument("command", nargs=argparse.REMAINDER)
    arguments = parser.parse_args()
    generator = random.Random(arguments.seed)
    command = arguments.command + ["--log", arguments.log]
    if arguments.snapshot:
        command += ["--snapshot", arguments.snapshot,
                    "--snapshot-events", str(arguments.snapshot_events)]
    for path in (arguments.log, arguments.snapshot):
        if path and os.path.exists(path):
            os.remove(path)
    acknowledged = behind = 0
    for kill in range(arguments.kills):
        server = Server(command)
        if kill % 2 == 0:
            # Its first answer, to a bad line, says that it has read its log.
            server.ask({"nothing": {}})
        threading.Timer(generator.uniform(0, 0.3), server.process.kill).start()
        while True:
            answer = server.ask(event(acknowledged + 1))
            if answer is None:
                break
            if answer["acknowledged"] != acknowledged + 1:
                sys.exit("acknowledged %d events, then %d" % (
                    acknowledged, answer["acknowledged"]))
            acknowledged += 1
        server.kill()
        acknowledged, ahead = recover(arguments.log, acknowledged)
        behind += ahead
    server = Server(command)
    found = [server.ask(query) for query in queries(30)]
    server.end()
    whole = Server(arguments.command)
    for number in range(1, acknowledged + 1):
        whole.ask(event(number))
    wanted = [whole.ask(query) for query in queries(30)]
    whole.end()
    if found != wanted or any("score" not in answer for answer in wanted):
        sys.exit("%s in place of %s" % (found, wanted))
    print("%d kills: %d events, none that was acknowledged lost, and the scores "
          "of an undisturbed server" % (arguments.kills, acknowledged))
    if arguments.snapshot:
        if not os.path.exists(arguments.snapshot):
            sys.exit("no snapshot was written")
        print("after %d of them the log had events before its beginning in a "
              "snapshot" % behind)


def recover(log, acknowledged):
    """The events that the log, and a snapshot before it, have whole: all
    acknowledged ones and at most one more; those of the log each once and in
    order. And whether there are some before the log's."""
    try:
        with open(log, "rb") as file:
            lines = [json.loads(line) for line in file.read().split(b"\n")[:-1]]
    except FileNotFoundError:
        lines = []
    first = lines[0]["log"]["after"] if lines else 0
    events = lines[1:]
    if events != [event(first + number + 1) for number in range(len(events))]:
        sys.exit("the log has other events than were sent")
    if not acknowledged <= first + len(events) <= acknowledged + 1:
        sys.exit("%d events were acknowledged, the log has %d after %d" % (
            acknowledged, len(events), first))
    return first + len(events), first > 0


main()
