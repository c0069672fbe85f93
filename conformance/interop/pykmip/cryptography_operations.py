"""Encrypt, Decrypt, Sign, Signature Verify and MAC, checked against Python's own cryptography."""

import hashlib
import hmac
import os

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives import padding as block_padding
from cryptography.hazmat.primitives.asymmetric import ec, padding
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.serialization import load_der_private_key, load_der_public_key
from kmip.core import enums

from behaviours import behaviour, expect, refused
from keys import Algorithm, Mask, aes_key, discard, registered, rsa_pair

Mode = enums.BlockCipherMode
Padding = enums.PaddingMethod
Reason = enums.ResultReason

TEXT = b"The quick brown fox jumps over the lazy dog."


def _public_key_of(client, uid):
    return load_der_public_key(client.get(uid).value)


@behaviour("Encrypt and Decrypt are no operations of this version", until="1.1")
def _(client, version):
    uid = aes_key(client)
    with refused(Reason.OPERATION_NOT_SUPPORTED):
        client.encrypt(TEXT, uid, {"block_cipher_mode": Mode.CBC, "padding_method": Padding.PKCS5})
    discard(client, uid)


@behaviour("AES-CBC with padding decrypts elsewhere, and what was encrypted elsewhere decrypts here", since="1.2")
def _(client, version):
    value, iv = os.urandom(32), os.urandom(16)
    uid = registered(client, version, value)
    parameters = {"block_cipher_mode": Mode.CBC, "padding_method": Padding.PKCS5,
                  "cryptographic_algorithm": Algorithm.AES}
    padder = block_padding.PKCS7(128).padder()
    encryptor = Cipher(algorithms.AES(value), modes.CBC(iv)).encryptor()
    wanted = encryptor.update(padder.update(TEXT) + padder.finalize()) + encryptor.finalize()
    data, _ = client.encrypt(TEXT, uid, parameters, iv)
    expect(data, wanted, "ciphertext")
    expect(client.decrypt(wanted, uid, parameters, iv), TEXT, "plaintext")
    discard(client, uid)


@behaviour("the server chooses the IV where the client gives none, and returns it", since="1.2")
def _(client, version):
    uid = aes_key(client)
    parameters = {"block_cipher_mode": Mode.CBC, "padding_method": Padding.PKCS5,
                  "cryptographic_algorithm": Algorithm.AES}
    first, first_iv = client.encrypt(TEXT, uid, parameters)
    second, second_iv = client.encrypt(TEXT, uid, parameters)
    expect(len(first_iv), 16, "bytes of IV")
    if first_iv == second_iv or first == second:
        raise AssertionError("the same IV twice")
    expect(client.decrypt(first, uid, parameters, first_iv), TEXT, "plaintext")
    discard(client, uid)


@behaviour("AES-CTR and AES-ECB agree with another implementation", since="1.2")
def _(client, version):
    value, iv, blocks = os.urandom(16), os.urandom(16), os.urandom(48)
    uid = registered(client, version, value)
    for mode, other, nonce in ((Mode.CTR, modes.CTR(iv), iv), (Mode.ECB, modes.ECB(), None)):
        encryptor = Cipher(algorithms.AES(value), other).encryptor()
        wanted = encryptor.update(blocks) + encryptor.finalize()
        parameters = {"block_cipher_mode": mode, "cryptographic_algorithm": Algorithm.AES}
        if mode is Mode.ECB:
            parameters["padding_method"] = Padding.NONE
        expect(client.encrypt(blocks, uid, parameters, nonce)[0], wanted, "ciphertext of %s" % mode)
        expect(client.decrypt(wanted, uid, parameters, nonce), blocks, "plaintext of %s" % mode)
    discard(client, uid)


@behaviour("a key that is not active does not encrypt", since="1.2")
def _(client, version):
    uid = aes_key(client, active=False)
    with refused(Reason.WRONG_KEY_LIFECYCLE_STATE, Reason.PERMISSION_DENIED, Reason.ILLEGAL_OPERATION):
        client.encrypt(TEXT, uid, {"block_cipher_mode": Mode.CBC, "padding_method": Padding.PKCS5})
    client.destroy(uid)


@behaviour("a deactivated key still decrypts, but encrypts no more", since="1.2")
def _(client, version):
    uid = aes_key(client)
    parameters = {"block_cipher_mode": Mode.CBC, "padding_method": Padding.PKCS5,
                  "cryptographic_algorithm": Algorithm.AES}
    data, iv = client.encrypt(TEXT, uid, parameters)
    client.revoke(enums.RevocationReasonCode.CESSATION_OF_OPERATION, uid)
    expect(client.decrypt(data, uid, parameters, iv), TEXT, "plaintext")
    with refused(Reason.WRONG_KEY_LIFECYCLE_STATE, Reason.PERMISSION_DENIED, Reason.ILLEGAL_OPERATION):
        client.encrypt(TEXT, uid, parameters, iv)
    client.destroy(uid)


@behaviour("RSA signatures verify elsewhere and here, and changed data does not verify", since="1.2")
def _(client, version):
    public, private = rsa_pair(client, version)
    half = load_der_private_key(client.get(private).value, None).public_key()
    for method, other in (
        (Padding.PKCS1v15, padding.PKCS1v15()),
        # Without a Mask Generator Hashing Algorithm, the mask is made with SHA-1 (KMIP 1.4 §3.6).
        (Padding.PSS, padding.PSS(padding.MGF1(hashes.SHA1()), padding.PSS.AUTO)),
    ):
        parameters = {
            "padding_method": method,
            "hashing_algorithm": enums.HashingAlgorithm.SHA_256,
            "cryptographic_algorithm": Algorithm.RSA,
        }
        signature = client.sign(TEXT, private, parameters)
        half.verify(signature, TEXT, other, hashes.SHA256())
        expect(client.signature_verify(TEXT, signature, public, parameters), enums.ValidityIndicator.VALID, "validity")
        expect(
            client.signature_verify(TEXT + b"!", signature, public, parameters),
            enums.ValidityIndicator.INVALID,
            "validity of changed data",
        )
    discard(client, public, private)


@behaviour("RSA-OAEP encrypts for the private key alone", since="1.2")
def _(client, version):
    public, private = rsa_pair(client, version, public=(Mask.ENCRYPT,), private=(Mask.DECRYPT,))
    parameters = {
        "padding_method": Padding.OAEP,
        "hashing_algorithm": enums.HashingAlgorithm.SHA_256,
        "cryptographic_algorithm": Algorithm.RSA,
    }
    data, _ = client.encrypt(TEXT, public, parameters)
    expect(client.decrypt(data, private, parameters), TEXT, "plaintext")
    discard(client, public, private)


@behaviour("an HMAC is the one that Python computes", since="1.2")
def _(client, version):
    value = os.urandom(32)
    uid = registered(client, version, value, Algorithm.HMAC_SHA256, (Mask.MAC_GENERATE, Mask.MAC_VERIFY))
    _, data = client.mac(TEXT, uid, Algorithm.HMAC_SHA256)
    expect(data, hmac.new(value, TEXT, hashlib.sha256).digest(), "MAC")
    discard(client, uid)
