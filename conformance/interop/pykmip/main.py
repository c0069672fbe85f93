"""Drives a running server with PyKMIP: main.py PYKMIP.CONF [VERSION ...]. Prints TAP; exits with 1 on a failure."""

import logging
import sys
import warnings

warnings.simplefilter("ignore")
logging.disable(logging.CRITICAL)

import behaviours  # noqa: E402
import attributes  # noqa: E402,F401
import cryptography_operations  # noqa: E402,F401
import lifecycle  # noqa: E402,F401
import operations  # noqa: E402,F401
import registered_objects  # noqa: E402,F401
import server_information  # noqa: E402,F401

if __name__ == "__main__":
    versions = sys.argv[2:] or list(behaviours.VERSIONS)
    sys.exit(1 if behaviours.run(sys.argv[1], versions) else 0)
