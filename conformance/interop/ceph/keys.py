"""Keys for the suite, by PyKMIP: keys.py PYKMIP.CONF create NAME | destroy NAME | rename NAME NEW | rekey NAME. Prints the identifier."""

import logging
import sys
import warnings

warnings.simplefilter("ignore")
logging.disable(logging.CRITICAL)

from kmip.core import enums  # noqa: E402
from kmip.core.factories.attributes import AttributeFactory  # noqa: E402
from kmip.pie.client import ProxyKmipClient  # noqa: E402

Mask = enums.CryptographicUsageMask


def by_name(name):
    return AttributeFactory().create_attribute(enums.AttributeType.NAME, name)


def main(config_file, what, name, new_name=None):
    with ProxyKmipClient(config_file=config_file) as client:
        if what == "create":
            uid = client.create(
                enums.CryptographicAlgorithm.AES, 256, name=name,
                cryptographic_usage_mask=[Mask.ENCRYPT, Mask.DECRYPT])
            client.activate(uid)
            return uid
        (uid,) = client.locate(attributes=[by_name(name)])
        if what == "destroy":
            client.revoke(enums.RevocationReasonCode.CESSATION_OF_OPERATION, uid)
            client.destroy(uid)
        elif what == "rename":
            client.modify_attribute(uid, attribute=by_name(new_name))
        elif what == "rekey":
            return client.rekey(uid=uid, offset=0)
        return uid


if __name__ == "__main__":
    print(main(*sys.argv[1:]))
