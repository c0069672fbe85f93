"""Keys and other objects that the behaviours share, with the names they go by."""

import itertools
import os

from kmip.core import enums
from kmip.core.factories.attributes import AttributeFactory
from kmip.pie import objects

Mask = enums.CryptographicUsageMask
Algorithm = enums.CryptographicAlgorithm

_counter = itertools.count(1)


def new_name(version, what):
    """A name nothing else has."""
    return "pykmip-%s-%s-%s-%d" % (os.getpid(), version, what, next(_counter))


def name_attribute(name):
    return AttributeFactory().create_attribute(enums.AttributeType.NAME, name)


def attribute(attribute_type, value):
    return AttributeFactory().create_attribute(attribute_type, value)


def aes_key(client, length=256, name=None, masks=(Mask.ENCRYPT, Mask.DECRYPT), active=True):
    """Has the server create an AES key."""
    uid = client.create(Algorithm.AES, length, name=name, cryptographic_usage_mask=list(masks))
    if active:
        client.activate(uid)
    return uid


def registered(client, version, value, algorithm=Algorithm.AES, masks=(Mask.ENCRYPT, Mask.DECRYPT), active=True):
    """Registers a symmetric key with known bytes."""
    key = objects.SymmetricKey(
        algorithm, len(value) * 8, value, masks=list(masks), name=new_name(version, "registered")
    )
    uid = client.register(key)
    if active:
        client.activate(uid)
    return uid


def rsa_pair(client, version, length=2048, public=(Mask.VERIFY,), private=(Mask.SIGN,), algorithm=Algorithm.RSA):
    """Has the server create a key pair and activates both. Gives (public uid, private uid)."""
    public_uid, private_uid = client.create_key_pair(
        algorithm,
        length,
        public_name=new_name(version, "public"),
        public_usage_mask=list(public),
        private_name=new_name(version, "private"),
        private_usage_mask=list(private),
    )
    client.activate(public_uid)
    client.activate(private_uid)
    return public_uid, private_uid


def discard(client, *uids):
    """Revokes and destroys."""
    for uid in uids:
        try:
            client.revoke(enums.RevocationReasonCode.CESSATION_OF_OPERATION, uid)
        finally:
            client.destroy(uid)
