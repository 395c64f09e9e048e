"""Gives the numeric options of the project's passes values out of range.

try_options.py INPUT... -- ORCINUS_OPT [ARGUMENT...]

Reads from the tool's help which passes and pipelines there are and what numbers
they take, and runs each on every input with each of a few values. Fails where
the tool ends other than by success or by an error that it prints, or accepts a
negative number that the help says nothing of.
"""

import collections
import concurrent.futures
import re
import subprocess
import sys

PREFIXES = ("orcinus-", "tgnn-", "eto-")
INTEGERS = ("-1", "0", "3", "96", "9223372036854775807")
NUMBERS = ("-1", "nan", "1e300")
# Without these the option is not read.
COMPANIONS = {"orcinus-bufferize": "tuning-database=none.db "}
# Beyond it the tool hangs.
LIMIT_SECONDS = 120

Option = collections.namedtuple("Option", "owner name values mayBeNegative")


def read_options(help_text):
    options = []
    owner = None
    for line in help_text.splitlines():
        entry = re.match(r"(\s*)--([\w-]+)(=<(\w+)>)?\s+-\s*(.*)", line)
        if not entry:
            continue
        indentation, name, _, kind, meaning = entry.groups()
        if name.startswith(PREFIXES) and not kind:
            owner, depth = name, len(indentation)
        elif owner and len(indentation) > depth:
            values = {"long": INTEGERS, "int": INTEGERS, "uint": INTEGERS,
                      "number": NUMBERS}.get(kind)
            if values:
                options.append(
                    Option(owner, name, values, "negative" in meaning))
        else:
            owner = None
    return options


def trouble_with(command, option, value, source):
    arguments = command + [source, "-o", "/dev/null",
                           "--%s=%s%s=%s" % (
                               option.owner, COMPANIONS.get(option.owner, ""),
                               option.name, value)]
    ran = subprocess.run(arguments, stdout=subprocess.DEVNULL,
                         stderr=subprocess.PIPE, text=True,
                         timeout=LIMIT_SECONDS)
    shown = " ".join(arguments)
    if ran.returncode not in (0, 1):
        return "%s: ended with %d" % (shown, ran.returncode)
    if ran.returncode == 1 and "error" not in ran.stderr:
        return "%s: failed without an error" % shown
    if value == "-1" and not option.mayBeNegative and (
            ran.returncode == 0 or option.name not in ran.stderr):
        return "%s: accepted" % shown
    return None


def main():
    separator = sys.argv.index("--")
    sources, command = sys.argv[1:separator], sys.argv[separator + 1:]
    help_text = subprocess.run(command + ["--help"], text=True, check=True,
                               stdout=subprocess.PIPE).stdout
    options = read_options(help_text)
    owners = {option.owner for option in options}
    if len(owners) < 10:
        sys.exit("the help names numeric options of %d passes only" %
                 len(owners))
    runs = [(option, value, source) for option in options
            for value in option.values for source in sources]
    with concurrent.futures.ThreadPoolExecutor(max_workers=2) as pool:
        troubles = [trouble for trouble in pool.map(
            lambda run: trouble_with(command, *run), runs) if trouble]
    print("%d options, %d runs" % (len(options), len(runs)))
    if troubles:
        sys.exit("\n".join(troubles))


main()
