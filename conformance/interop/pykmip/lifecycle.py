"""Create, activate, locate, get, re-key, revoke and destroy."""

from kmip.core import enums

from behaviours import behaviour, expect, refused
from keys import Algorithm, Mask, aes_key, attribute, discard, name_attribute, new_name, registered, rsa_pair

Reason = enums.ResultReason
State = enums.State


def state_of(client, uid):
    _, attributes = client.get_attributes(uid, ["State"])
    expect(len(attributes), 1, "attributes named State")
    return attributes[0].attribute_value.value


@behaviour("a created key has the length asked for and can be got")
def _(client, version):
    for length in (128, 192, 256):
        uid = aes_key(client, length)
        key = client.get(uid)
        expect(key.cryptographic_algorithm, Algorithm.AES, "algorithm")
        expect(key.cryptographic_length, length, "length")
        expect(len(key.value), length // 8, "bytes")
        discard(client, uid)


@behaviour("two created keys have different material")
def _(client, version):
    first, second = aes_key(client), aes_key(client)
    if client.get(first).value == client.get(second).value:
        raise AssertionError("the same material twice")
    discard(client, first, second)


@behaviour("a key goes from Pre-Active by Activate to Active and by Revoke to Deactivated")
def _(client, version):
    uid = aes_key(client, active=False)
    expect(state_of(client, uid), State.PRE_ACTIVE, "state after Create")
    client.activate(uid)
    expect(state_of(client, uid), State.ACTIVE, "state after Activate")
    client.revoke(enums.RevocationReasonCode.CESSATION_OF_OPERATION, uid, "end of use")
    expect(state_of(client, uid), State.DEACTIVATED, "state after Revoke")
    client.destroy(uid)


@behaviour("a key revoked as compromised is Compromised")
def _(client, version):
    uid = aes_key(client)
    client.revoke(enums.RevocationReasonCode.KEY_COMPROMISE, uid, "lost", 1500000000)
    expect(state_of(client, uid), State.COMPROMISED, "state")
    client.destroy(uid)


@behaviour("an active key cannot be destroyed")
def _(client, version):
    uid = aes_key(client)
    with refused(Reason.PERMISSION_DENIED, Reason.ILLEGAL_OPERATION, Reason.WRONG_KEY_LIFECYCLE_STATE):
        client.destroy(uid)
    expect(len(client.get(uid).value), 32, "bytes of the key that stayed")
    discard(client, uid)


@behaviour("an active key cannot be activated again")
def _(client, version):
    uid = aes_key(client)
    with refused(Reason.PERMISSION_DENIED, Reason.ILLEGAL_OPERATION, Reason.WRONG_KEY_LIFECYCLE_STATE):
        client.activate(uid)
    discard(client, uid)


@behaviour("a destroyed key cannot be got")
def _(client, version):
    uid = aes_key(client, active=False)
    client.destroy(uid)
    with refused(Reason.ITEM_NOT_FOUND, Reason.PERMISSION_DENIED, Reason.OBJECT_DESTROYED):
        client.get(uid)


@behaviour("a key that does not exist is answered as not found")
def _(client, version):
    with refused(Reason.ITEM_NOT_FOUND, Reason.OBJECT_NOT_FOUND):
        client.get("00000000-0000-4000-8000-000000000000")


@behaviour("Locate finds a key by its name and nothing by another name")
def _(client, version):
    name = new_name(version, "locate")
    uid = aes_key(client, name=name)
    expect(client.locate(attributes=[name_attribute(name)]), [uid], "found")
    expect(client.locate(attributes=[name_attribute(name + "x")]), [], "found by another name")
    discard(client, uid)
    expect(client.locate(attributes=[name_attribute(name)]), [], "found after Destroy")


@behaviour("Locate combines filters and honours Maximum Items")
def _(client, version):
    name = new_name(version, "filter")
    uid = aes_key(client, 192, name=name)
    wanted = [
        name_attribute(name),
        attribute(enums.AttributeType.CRYPTOGRAPHIC_ALGORITHM, Algorithm.AES),
        attribute(enums.AttributeType.CRYPTOGRAPHIC_LENGTH, 192),
        attribute(enums.AttributeType.OBJECT_TYPE, enums.ObjectType.SYMMETRIC_KEY),
        attribute(enums.AttributeType.STATE, State.ACTIVE),
    ]
    expect(client.locate(attributes=wanted), [uid], "found by all")
    wanted[2] = attribute(enums.AttributeType.CRYPTOGRAPHIC_LENGTH, 256)
    expect(client.locate(attributes=wanted), [], "found with another length")
    expect(len(client.locate(maximum_items=1)), 1, "items with a maximum of one")
    discard(client, uid)


@behaviour("Locate pages with Offset Items", since="1.3")
def _(client, version):
    uids = [aes_key(client, active=False) for _ in range(3)]
    filters = [attribute(enums.AttributeType.STATE, State.PRE_ACTIVE)]
    whole = client.locate(attributes=filters)
    paged = client.locate(attributes=filters, maximum_items=2) + client.locate(attributes=filters, offset_items=2)
    expect(paged, whole, "pages")
    for uid in uids:
        client.destroy(uid)


@behaviour("a re-keyed key has new material, takes over the name and leaves the old key in place")
def _(client, version):
    name = new_name(version, "rekey")
    old = aes_key(client, name=name)
    new = client.rekey(uid=old, offset=0)
    if new == old:
        raise AssertionError("the same identifier")
    if client.get(new).value == client.get(old).value:
        raise AssertionError("the same material")
    expect(client.get(new).cryptographic_length, 256, "length")
    expect(client.locate(attributes=[name_attribute(name)]), [new], "found by name")
    discard(client, old, new)


@behaviour("a key pair is created with both halves, which fit each other")
def _(client, version):
    public, private = rsa_pair(client, version)
    public_key, private_key = client.get(public), client.get(private)
    expect(public_key.cryptographic_length, 2048, "public length")
    expect(private_key.cryptographic_length, 2048, "private length")
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_der_private_key

    half = load_der_private_key(private_key.value, None).public_key()
    forms = (PublicFormat.PKCS1, PublicFormat.SubjectPublicKeyInfo)
    if public_key.value not in [half.public_bytes(Encoding.DER, form) for form in forms]:
        raise AssertionError("the public key is not that of the private key")
    discard(client, public, private)


@behaviour("a mask the key has not been given refuses the use", since="1.2")
def _(client, version):
    uid = registered(client, version, bytes(range(16)), masks=(Mask.DECRYPT,))
    with refused(Reason.INCOMPATIBLE_CRYPTOGRAPHIC_USAGE_MASK, Reason.PERMISSION_DENIED):
        client.encrypt(b"text", uid, {"cryptographic_algorithm": Algorithm.AES,
                                      "block_cipher_mode": enums.BlockCipherMode.CBC,
                                      "padding_method": enums.PaddingMethod.PKCS5})
    discard(client, uid)
