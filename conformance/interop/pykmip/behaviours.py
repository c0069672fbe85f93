"""One behaviour a function; each runs in every KMIP version it belongs to and prints one TAP line per version."""

import sys
import traceback
from contextlib import contextmanager

from kmip.core import enums
from kmip.core.exceptions import OperationFailure
from kmip.pie.client import ProxyKmipClient
from kmip.pie.exceptions import KmipOperationFailure

VERSIONS = {
    "1.0": enums.KMIPVersion.KMIP_1_0,
    "1.1": enums.KMIPVersion.KMIP_1_1,
    "1.2": enums.KMIPVersion.KMIP_1_2,
    "1.3": enums.KMIPVersion.KMIP_1_3,
    "1.4": enums.KMIPVersion.KMIP_1_4,
    "2.0": enums.KMIPVersion.KMIP_2_0,
}

_behaviours = []


def behaviour(sentence, since="1.0", until="2.0"):
    """Registers a function of (client, version) under the sentence it proves."""

    def register(function):
        _behaviours.append((sentence, since, until, function))
        return function

    return register


def expect(actual, wanted, what):
    if actual != wanted:
        raise AssertionError("%s: expected %r, got %r" % (what, wanted, actual))


@contextmanager
def refused(*reasons):
    """The operation inside must be refused for one of the reasons."""
    try:
        yield
    except (KmipOperationFailure, OperationFailure) as failure:
        if failure.reason not in reasons:
            raise AssertionError("refused for %s, not for %s" % (failure.reason, reasons))
        return
    raise AssertionError("the server did it, where it must refuse")


def _details():
    lines = "".join("    " + line + "\n" for line in traceback.format_exc().splitlines())
    return "  ---\n  error: |\n" + lines + "  ..."


def report(cases):
    """Runs functions, each with the sentence it proves, prints TAP and gives the exit code."""
    failures = 0
    for number, (sentence, function) in enumerate(cases, 1):
        try:
            function()
            print("ok %d - %s" % (number, sentence), flush=True)
        except Exception:
            failures += 1
            print("not ok %d - %s\n%s" % (number, sentence, _details()), flush=True)
    return 1 if failures else 0


def run(config_file, versions):
    """Runs everything and gives the number of failures."""
    number = failures = 0
    print("TAP version 13")
    for version in versions:
        with ProxyKmipClient(config_file=config_file, kmip_version=VERSIONS[version]) as client:
            for sentence, since, until, function in _behaviours:
                if not since <= version <= until:
                    continue
                number += 1
                try:
                    function(client, version)
                    print("ok %d - KMIP %s: %s" % (number, version, sentence))
                except Exception:
                    failures += 1
                    print("not ok %d - KMIP %s: %s" % (number, version, sentence))
                    print(_details())
                    client.close()
                    client.open()
                sys.stdout.flush()
    print("1..%d" % number)
    return failures
