#===- exits.py - Runs a command that is to exit with a status -------------===//
#
# Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
#===----------------------------------------------------------------------===//
#
# Usage: exits.py STATUS COMMAND [ARGUMENT...]

import subprocess
import sys

status = subprocess.run(sys.argv[2:]).returncode
if status != int(sys.argv[1]):
    sys.exit("exits.py: the status is %d, not %s" % (status, sys.argv[1]))
