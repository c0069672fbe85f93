"""Check, Derive Key, Re-key Key Pair, and split keys."""

import hashlib
import os

from kmip.core import enums
from kmip.core.attributes import PrivateKeyUniqueIdentifier
from kmip.pie import objects

from behaviours import behaviour, expect, refused
from keys import Algorithm, Mask, aes_key, discard, new_name, registered, rsa_pair

Reason = enums.ResultReason


@behaviour("Check says yes to a use that the mask allows")
def _(client, version):
    uid = aes_key(client)
    expect(client.check(uid, cryptographic_usage_mask=[Mask.ENCRYPT]), uid, "identifier")
    discard(client, uid)


# PyKMIP reads the payload of the answer before its status, and there is none in a refusal (KMIP 2.1 8.6).
@behaviour("Check says no to a use that the mask does not allow, which PyKMIP tells by an exception of its own")
def _(client, version):
    uid = aes_key(client)
    try:
        client.check(uid, cryptographic_usage_mask=[Mask.SIGN])
    except AttributeError:
        discard(client, uid)
        return
    raise AssertionError("the server allowed it")


def _pbkdf2():
    return {
        "cryptographic_parameters": {"hashing_algorithm": enums.HashingAlgorithm.SHA_256},
        "salt": b"salt of the suite",
        "iteration_count": 1000,
    }


@behaviour("Derive Key by PBKDF2 gives the key that Python derives")
def _(client, version):
    value = os.urandom(32)
    base = registered(client, version, value, masks=(Mask.DERIVE_KEY,))
    uid = client.derive_key(
        enums.ObjectType.SYMMETRIC_KEY, [base], enums.DerivationMethod.PBKDF2, _pbkdf2(),
        cryptographic_length=256, cryptographic_algorithm=Algorithm.AES)
    wanted = hashlib.pbkdf2_hmac("sha256", value, b"salt of the suite", 1000, 32)
    expect(client.get(uid).value, wanted, "derived key")
    client.destroy(uid)
    discard(client, base)


@behaviour("Derive Key by hashing gives secret data that is the hash of the key")
def _(client, version):
    value = os.urandom(32)
    base = registered(client, version, value, masks=(Mask.DERIVE_KEY,))
    uid = client.derive_key(
        enums.ObjectType.SECRET_DATA, [base], enums.DerivationMethod.HASH,
        {"cryptographic_parameters": {"hashing_algorithm": enums.HashingAlgorithm.SHA_256}},
        cryptographic_length=256)
    expect(client.get(uid).value, hashlib.sha256(value).digest(), "derived secret")
    client.destroy(uid)
    discard(client, base)


@behaviour("a key without the mask for it is not derived from")
def _(client, version):
    base = aes_key(client)
    with refused(Reason.PERMISSION_DENIED, Reason.INCOMPATIBLE_CRYPTOGRAPHIC_USAGE_MASK, Reason.INVALID_FIELD):
        client.derive_key(
            enums.ObjectType.SYMMETRIC_KEY, [base], enums.DerivationMethod.PBKDF2, _pbkdf2(),
            cryptographic_length=256, cryptographic_algorithm=Algorithm.AES)
    discard(client, base)


# PyKMIP sends and reads the Template-Attributes of 1.x in every version.
@behaviour("a re-keyed pair is another one, and the old one stays", since="1.1", until="1.4")
def _(client, version):
    public, private = rsa_pair(client, version)
    result = client.proxy.rekey_key_pair(private_key_uuid=PrivateKeyUniqueIdentifier(private))
    expect(result.result_status.value, enums.ResultStatus.SUCCESS, "status")
    new_public, new_private = result.public_key_uuid, result.private_key_uuid
    expect(len({public, private, new_public, new_private}), 4, "identifiers")
    if client.get(new_public).value == client.get(public).value:
        raise AssertionError("the same pair")
    discard(client, public, private, new_public, new_private)


@behaviour("a registered part of a split key comes back as it was")
def _(client, version):
    value = os.urandom(16)
    part = objects.SplitKey(
        cryptographic_algorithm=Algorithm.AES, cryptographic_length=128, key_value=value,
        name=new_name(version, "split"), cryptographic_usage_masks=[Mask.ENCRYPT],
        key_format_type=enums.KeyFormatType.RAW, split_key_parts=4, key_part_identifier=1,
        split_key_threshold=2, split_key_method=enums.SplitKeyMethod.XOR)
    uid = client.register(part)
    got = client.get(uid)
    expect(got.value, value, "part")
    expect((got.split_key_parts, got.key_part_identifier, got.split_key_threshold), (4, 1, 2), "facts of the split")
    client.destroy(uid)
