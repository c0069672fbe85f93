"""What products built on PyKMIP send, in their order: flows.py CONFIG HOST PORT. Prints TAP."""

import configparser
import logging
import os
import socket
import ssl
import sys
import warnings

warnings.simplefilter("ignore")
logging.disable(logging.CRITICAL)

from kmip.core import enums, misc  # noqa: E402
from kmip.core import objects as core_objects  # noqa: E402
from kmip.core import secrets  # noqa: E402
from kmip.core.factories.attributes import AttributeFactory  # noqa: E402
from kmip.pie import objects  # noqa: E402
from kmip.pie.client import ProxyKmipClient  # noqa: E402

from behaviours import expect, report  # noqa: E402

Mask = enums.CryptographicUsageMask
CBC = {
    "cryptographic_algorithm": enums.CryptographicAlgorithm.AES,
    "block_cipher_mode": enums.BlockCipherMode.CBC,
    "padding_method": enums.PaddingMethod.PKCS5,
}


def attribute(kind, value):
    return AttributeFactory().create_attribute(kind, value)


def truenas(config_file):
    """Keys of drives and of ZFS, over TLS 1.2 alone; its test of the connection sends nothing."""
    section = configparser.ConfigParser()
    section.read(config_file)
    client = section["client"]
    context = ssl.create_default_context(cafile=client["ca_certs"])
    context.load_cert_chain(client["certfile"], client["keyfile"])
    for _ in range(3):
        with socket.create_connection((client["host"], int(client["port"]))) as plain:
            context.wrap_socket(plain, server_hostname=client["host"]).close()
    password = b"5f4dcc3b5aa765d61d8327deb882cf99"
    settings = {"config_file": config_file, "ssl_version": "PROTOCOL_TLSv1_2"}
    with ProxyKmipClient(**settings) as kmip:
        uid = kmip.register(objects.SecretData(password, enums.SecretDataType.PASSWORD, name="ada0-1a2b3c4"))
        kmip.activate(uid)
    with ProxyKmipClient(**settings) as kmip:
        secret = kmip.get(uid)
        expect(type(secret), objects.SecretData, "kind")
        expect(secret.value, password, "password")
    with ProxyKmipClient(**settings) as kmip:
        kmip.revoke(enums.RevocationReasonCode.CESSATION_OF_OPERATION, uid)
        kmip.destroy(uid)


def edb(config_file, iv_before_data):
    """Transparent data encryption: the key of the cluster is encrypted once, and decrypted at each start."""
    with ProxyKmipClient(config_file=config_file) as kmip:
        uid = kmip.create(enums.CryptographicAlgorithm.AES, 256, cryptographic_usage_mask=[Mask.ENCRYPT, Mask.DECRYPT])
        kmip.activate(uid)
        key = os.urandom(32)
        data, iv = kmip.encrypt(key, uid=uid, cryptographic_parameters=CBC)
        expect(len(iv), 16, "bytes of the IV that the server chose")
    with ProxyKmipClient(config_file=config_file) as kmip:
        if iv_before_data:
            got = kmip.decrypt(iv + data, uid=uid, cryptographic_parameters=CBC)
        else:
            got = kmip.decrypt(data, uid=uid, cryptographic_parameters=CBC, iv_counter_nonce=iv)
        expect(got, key, "key of the cluster")


def synology(config_file):
    """A volume's key: looked for, registered under one name, renamed, found, activated and read."""
    volume, digest = "1f0c2d3e-volume", "ab" * 64
    with ProxyKmipClient(config_file=config_file) as kmip:
        for _ in range(4):
            functions = [enums.QueryFunction(number) for number in range(1, 7)]
            expect(kmip.proxy.query(query_functions=functions).result_status.value, enums.ResultStatus.SUCCESS, "Query")
        by_volume = attribute(enums.AttributeType.NAME, volume)
        expect(kmip.locate(attributes=[by_volume]), [], "keys of the volume")
        block = core_objects.KeyBlock(
            key_format_type=misc.KeyFormatType(enums.KeyFormatType.OPAQUE),
            key_value=core_objects.KeyValue(core_objects.KeyMaterial(b"opaque secret")))
        secret = secrets.SecretData(secrets.SecretData.SecretDataType(enums.SecretDataType.PASSWORD), block)
        template = core_objects.TemplateAttribute(attributes=[
            attribute(enums.AttributeType.CRYPTOGRAPHIC_USAGE_MASK, [Mask.VERIFY]),
            attribute(enums.AttributeType.OPERATION_POLICY_NAME, "default"),
            attribute(enums.AttributeType.NAME, digest),
        ])
        result = kmip.proxy.register(enums.ObjectType.SECRET_DATA, template, secret)
        expect(result.result_status.value, enums.ResultStatus.SUCCESS, "Register")
        uid = result.uuid
        modified, answer = kmip.modify_attribute(uid, attribute=by_volume)
        expect((modified, answer.attribute_value.name_value.value), (uid, volume), "answer to Modify Attribute")
        expect(kmip.locate(attributes=[by_volume]), [uid], "found by the new name")
        kmip.activate(uid)
        got = kmip.proxy.get(uuid=uid).secret.key_block
        expect(got.key_format_type.value, enums.KeyFormatType.OPAQUE, "format")
        expect(got.key_value.key_material.value, b"opaque secret", "secret")


if __name__ == "__main__":
    plain, with_profile = sys.argv[1:3]
    sys.exit(report([
        ("as TrueNAS: connect and close, then Register, Activate, Get, Revoke, Destroy", lambda: truenas(plain)),
        ("as EDB, variant pykmip: Encrypt without IV, Decrypt with the one that came back", lambda: edb(plain, False)),
        ("as EDB, variant thales, under its profile: Decrypt of the IV and the data in one",
         lambda: edb(with_profile, True)),
        ("as Synology: Query, Locate, Register, Modify Attribute without index, Locate, Activate, Get",
         lambda: synology(plain)),
    ]))
