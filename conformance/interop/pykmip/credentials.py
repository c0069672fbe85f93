"""One key's life in every version: credentials.py served|refused SENTENCE CONFIG [KEY=VALUE …]. Prints TAP."""

import logging
import sys
import warnings

warnings.simplefilter("ignore")
logging.disable(logging.CRITICAL)

from kmip.core import enums  # noqa: E402
from kmip.pie.client import ProxyKmipClient  # noqa: E402

from behaviours import VERSIONS, expect, refused, report  # noqa: E402
from keys import aes_key, discard  # noqa: E402


def life(settings, version):
    with ProxyKmipClient(kmip_version=VERSIONS[version], **settings) as client:
        uid = aes_key(client, length=256)
        expect(len(client.get(uid).value), 32, "bytes of the key")
        discard(client, uid)


def refusal(settings, version):
    with ProxyKmipClient(kmip_version=VERSIONS[version], **settings) as client:
        with refused(enums.ResultReason.AUTHENTICATION_NOT_SUCCESSFUL):
            aes_key(client)


if __name__ == "__main__":
    wanted, sentence, config_file = sys.argv[1:4]
    settings = dict(each.split("=", 1) for each in sys.argv[4:])
    act = life if wanted == "served" else refusal
    sys.exit(report([
        ("KMIP %s: %s" % (version, sentence),
         lambda version=version: act(dict(settings, config_file=config_file), version))
        for version in VERSIONS
    ]))
