"""Runs one of PyKMIP's demo programs: demo.py MODULE [ARGUMENTS]

Some of them call build_cli_parser() without the argument that it needs since PyKMIP 0.5, and end at once; they are given
the one that they mean, and run as they are otherwise.
"""

import runpy
import sys

from kmip.core.enums import Operation
from kmip.demos import utils

utils.build_cli_parser.__defaults__ = (Operation.REGISTER,)
sys.argv[0:2] = sys.argv[1:2]
runpy.run_module("kmip.demos." + sys.argv[0], run_name="__main__")
