#!/usr/bin/env python3
# Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Builds the wheel, installs it into an empty environment, and runs the tests
of the Python package there, from a folder without the sources.

Usage: run.py SOURCE WORK [PYTEST ARGUMENT...]
Exits with 77 where PyPI, from which all that comes, cannot be reached.
"""

import os
import pathlib
import shutil
import subprocess
import sys
import venv


def main():
    source, work = (pathlib.Path(path).resolve() for path in sys.argv[1:3])
    environment = work / "environment"
    shutil.rmtree(work, ignore_errors=True)
    venv.create(environment, with_pip=True)
    python = environment / "bin" / "python"

    def pip(*arguments, **more):
        return subprocess.run(
            [python, "-m", "pip", "--quiet", "--disable-pip-version-check",
             *arguments], **more)

    if pip("download", "--no-deps", "-d", work / "download",
           "nanobind").returncode != 0:
        print("skipped: PyPI cannot be reached")
        return 77
    pip("wheel", source, "--no-deps", "-w", work / "wheel", check=True)
    wheel, = (work / "wheel").glob("orcinus-*.whl")
    pip("install", f"{wheel}[test]", check=True)

    # Nothing of the build: what the package needs it has.
    clean = {name: value for name, value in os.environ.items()
             if not name.startswith(("LD_", "PYTHON"))}
    clean["PATH"] = f"{environment / 'bin'}:{clean['PATH']}"
    version = subprocess.run([environment / "bin" / "orcinus", "--version"],
                             env=clean, stdout=subprocess.PIPE, text=True,
                             check=True).stdout.strip()
    print(f"{wheel.name}: orcinus {version}")
    return subprocess.run(
        [python, "-m", "pytest", "-q", "-p", "no:cacheprovider",
         source / "test" / "python", *sys.argv[3:]],
        cwd=work, env=clean).returncode


if __name__ == "__main__":
    sys.exit(main())
