"""Fails where an option that names a file is not said to be one.

    check_option_types.py ORCINUS

By the types INPUT, OUTPUT and DIRECTORY, which help shows, the tool knows what
it reads and what it writes over. An option whose help speaks of files and whose
type is TEXT is one that nobody gave a type.
"""

import re
import subprocess
import sys

# What speaks of files and names none.
NO_FILES = {"--columns", "--set", "--target", "--name"}
OPTION = re.compile(r"^ +((?:-\w,)?(?:--)?[a-z][\w-]*) ([A-Z]+)\b")


def help_of(*command):
    return subprocess.run([sys.argv[1], *command, "--help"], check=True,
                          capture_output=True, text=True).stdout


def entries(text):
    """Name, type and help of each option that takes a value."""
    result = []
    for line in text.splitlines():
        if match := OPTION.match(line):
            result.append([match[1].split(",")[-1], match[2], line])
        elif line.startswith(" " * 10) and result:
            result[-1][2] += " " + line.strip()
    return result


def main():
    commands = re.findall(r"^  ([a-z]+) ",
                          help_of().split("Subcommands:", 1)[1], re.M)
    types, wrong = set(), []
    for command in commands:
        for name, kind, text in entries(help_of(command)):
            types.add(kind)
            names_files = re.search(
                r"\b(files?|director(y|ies)|folders?|databases?|library|"
                r"modules?)\b", text)
            if kind == "TEXT" and names_files and name not in NO_FILES:
                wrong.append(f"orcinus {command}: {name} has no type of a file")
    # Whoever reads help otherwise would find nothing wrong.
    assert {"TEXT", "INPUT", "OUTPUT", "DIRECTORY"} <= types, types
    assert len(commands) > 8, commands
    print("\n".join(wrong) or f"{len(commands)} commands")
    sys.exit(bool(wrong))


main()
