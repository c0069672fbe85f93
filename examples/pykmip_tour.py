#!/usr/bin/python3
"""The life of a key, driven by an unmodified PyKMIP client: pykmip_tour.py PYKMIP.CONF

Creates a key, activates it, finds it by its name, gets it, encrypts and decrypts with it, replaces it by a new one,
and ends by revoking and destroying both. PyKMIP comes with Debian: apt-get install python3-pykmip
"""

import logging
import sys
import time
import warnings

warnings.simplefilter("ignore")
logging.disable(logging.CRITICAL)

from kmip.core import enums  # noqa: E402
from kmip.core.factories.attributes import AttributeFactory  # noqa: E402
from kmip.pie.client import ProxyKmipClient  # noqa: E402

Mask = enums.CryptographicUsageMask


def step(what, result):
    print("%-9s %s" % (what, result), flush=True)


def main(config_file):
    name = "tour-%d" % time.time()
    text = b"attack at dawn"
    by_name = [AttributeFactory().create_attribute(enums.AttributeType.NAME, name)]
    cbc = {
        "cryptographic_algorithm": enums.CryptographicAlgorithm.AES,
        "block_cipher_mode": enums.BlockCipherMode.CBC,
        "padding_method": enums.PaddingMethod.PKCS5,
    }
    with ProxyKmipClient(config_file=config_file, kmip_version=enums.KMIPVersion.KMIP_1_4) as client:
        uid = client.create(
            enums.CryptographicAlgorithm.AES, 256, name=name, cryptographic_usage_mask=[Mask.ENCRYPT, Mask.DECRYPT]
        )
        step("create", "AES-256 %s" % uid)
        client.activate(uid)
        step("activate", "done")
        found = client.locate(attributes=by_name)
        step("locate", "%s is %s" % (name, ", ".join(found)))
        key = client.get(uid)
        step("get", "%s, %d bits" % (key.cryptographic_algorithm.name, key.cryptographic_length))
        data, iv = client.encrypt(text, uid, cbc)
        step("encrypt", "%r -> %s" % (text.decode(), data.hex()))
        plain = client.decrypt(data, uid, cbc, iv)
        step("decrypt", "%r" % plain.decode())
        replacement = client.rekey(uid=uid, offset=0)
        step("rekey", "replaced by %s" % replacement)
        for each in (uid, replacement):
            client.revoke(enums.RevocationReasonCode.CESSATION_OF_OPERATION, each, "end of the tour")
        step("revoke", "both")
        for each in (uid, replacement):
            client.destroy(each)
        step("destroy", "both")
        left = client.locate(attributes=by_name)
    if found != [uid] or plain != text or left:
        print("something is wrong: found %r, decrypted %r, left %r" % (found, plain, left))
        return 1
    return 0


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    sys.exit(main(sys.argv[1]))
