"""Register of every kind of object, and what comes back."""

import datetime
import os

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.keywrap import aes_key_unwrap, aes_key_wrap
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from cryptography.x509.oid import NameOID
from kmip.core import enums
from kmip.pie import objects

from behaviours import behaviour, expect
from keys import Algorithm, Mask, aes_key, discard, new_name, registered

_pair = rsa.generate_private_key(public_exponent=65537, key_size=2048)


def _certificate():
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "registered.example")])
    start = datetime.datetime(2024, 1, 1)
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(_pair.public_key())
        .serial_number(4711)
        .not_valid_before(start)
        .not_valid_after(start + datetime.timedelta(days=9000))
        .sign(_pair, hashes.SHA256())
    )


@behaviour("a registered symmetric key comes back as it was")
def _(client, version):
    value = os.urandom(32)
    uid = registered(client, version, value)
    key = client.get(uid)
    expect(key.value, value, "material")
    expect(key.cryptographic_length, 256, "length")
    discard(client, uid)


@behaviour("a registered triple DES key comes back as it was")
def _(client, version):
    value = bytes.fromhex("0123456789abcdeffedcba98765432100123456789abcdef")
    key = objects.SymmetricKey(Algorithm.TRIPLE_DES, 192, value, masks=[Mask.ENCRYPT], name=new_name(version, "des"))
    uid = client.register(key)
    expect(client.get(uid).value, value, "material")
    client.destroy(uid)


@behaviour("a registered public key comes back in the format it came in")
def _(client, version):
    for form, encoding in (
        (enums.KeyFormatType.PKCS_1, PublicFormat.PKCS1),
        (enums.KeyFormatType.X_509, PublicFormat.SubjectPublicKeyInfo),
    ):
        value = _pair.public_key().public_bytes(Encoding.DER, encoding)
        key = objects.PublicKey(Algorithm.RSA, 2048, value, form, masks=[Mask.VERIFY], name=new_name(version, "public"))
        uid = client.register(key)
        got = client.get(uid)
        expect(got.key_format_type, form, "format")
        expect(got.value, value, "material")
        client.destroy(uid)


@behaviour("a registered private key comes back in the format it came in")
def _(client, version):
    for form, encoding in (
        (enums.KeyFormatType.PKCS_1, PrivateFormat.TraditionalOpenSSL),
        (enums.KeyFormatType.PKCS_8, PrivateFormat.PKCS8),
    ):
        value = _pair.private_bytes(Encoding.DER, encoding, NoEncryption())
        key = objects.PrivateKey(Algorithm.RSA, 2048, value, form, masks=[Mask.SIGN], name=new_name(version, "private"))
        uid = client.register(key)
        got = client.get(uid)
        expect(got.key_format_type, form, "format")
        expect(got.value, value, "material")
        client.destroy(uid)


@behaviour("a registered certificate comes back as it was")
def _(client, version):
    value = _certificate().public_bytes(Encoding.DER)
    certificate = objects.X509Certificate(value, masks=[Mask.VERIFY], name=new_name(version, "certificate"))
    uid = client.register(certificate)
    got = client.get(uid)
    expect(got.certificate_type, enums.CertificateType.X_509, "certificate type")
    expect(got.value, value, "certificate")
    client.destroy(uid)


@behaviour("registered secret data comes back as it was")
def _(client, version):
    value = b"correct horse battery staple"
    secret = objects.SecretData(value, enums.SecretDataType.PASSWORD, masks=[Mask.VERIFY], name=new_name(version, "secret"))
    uid = client.register(secret)
    got = client.get(uid)
    expect(got.data_type, enums.SecretDataType.PASSWORD, "secret data type")
    expect(got.value, value, "secret")
    client.destroy(uid)


@behaviour("a registered opaque object comes back as it was")
def _(client, version):
    value = os.urandom(100)
    opaque = objects.OpaqueObject(value, enums.OpaqueDataType.NONE, name=new_name(version, "opaque"))
    uid = client.register(opaque)
    expect(client.get(uid).value, value, "opaque value")
    client.destroy(uid)


# Not in 1.1 and 1.2: there the wrapped key is a byte string (OASIS cases TC-141-11, TC-141-12), which PyKMIP cannot read.
def _wrapping(wrapper):
    return {
        "wrapping_method": enums.WrappingMethod.ENCRYPT,
        "encryption_key_information": {
            "unique_identifier": wrapper,
            "cryptographic_parameters": {"block_cipher_mode": enums.BlockCipherMode.NIST_KEY_WRAP},
        },
        "encoding_option": enums.EncodingOption.NO_ENCODING,
    }


@behaviour("a key can be got wrapped by another key (RFC 3394)", since="1.3")
def _(client, version):
    wrapping_bytes, value = os.urandom(32), os.urandom(16)
    wrapper = registered(client, version, wrapping_bytes, masks=(Mask.WRAP_KEY, Mask.UNWRAP_KEY))
    uid = registered(client, version, value)
    wrapped = client.get(uid, key_wrapping_specification=_wrapping(wrapper))
    expect(wrapped.value, aes_key_wrap(wrapping_bytes, value), "wrapped material")
    expect(wrapped.key_wrapping_data["wrapping_method"], enums.WrappingMethod.ENCRYPT, "wrapping method")
    discard(client, uid, wrapper)


@behaviour("a key made by the server can be got wrapped and is the key that Get gives in clear", since="1.3")
def _(client, version):
    wrapping_bytes = os.urandom(32)
    wrapper = registered(client, version, wrapping_bytes, masks=(Mask.WRAP_KEY,))
    uid = aes_key(client)
    wrapped = client.get(uid, key_wrapping_specification=_wrapping(wrapper))
    expect(aes_key_unwrap(wrapping_bytes, wrapped.value), client.get(uid).value, "unwrapped material")
    discard(client, uid, wrapper)
