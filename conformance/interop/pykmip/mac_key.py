"""Makes an active key for the demo of MAC, which none of the demos makes: mac_key.py CONFIG. Prints its identifier."""

import logging
import sys
import warnings

warnings.simplefilter("ignore")
logging.disable(logging.CRITICAL)

from kmip.core import enums  # noqa: E402
from kmip.pie.client import ProxyKmipClient  # noqa: E402

with ProxyKmipClient(config_file=sys.argv[1]) as client:
    uid = client.create(
        enums.CryptographicAlgorithm.HMAC_SHA256, 256,
        cryptographic_usage_mask=[enums.CryptographicUsageMask.MAC_GENERATE])
    client.activate(uid)
    print(uid)
