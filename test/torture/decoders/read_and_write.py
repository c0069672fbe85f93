"""Reads KMIP messages with PyKMIP, a line each: `request HEX` or `response HEX`. Answers a line each: what PyKMIP
writes of what it has read, in hexadecimal, or `! ` and why it could not."""

import logging
import sys

from kmip.core import primitives, utils
from kmip.core.messages import contents
from kmip.core.messages.messages import RequestMessage, ResponseMessage

logging.disable(logging.CRITICAL)

write_text = primitives.TextString.write_value


def write_text_without_eight_zeros(text, *args, **kwargs):
    """PyKMIP pads what needs no padding, where it has read the text and not made it."""
    text.padding_length %= text.PADDING_SIZE
    write_text(text, *args, **kwargs)


primitives.TextString.write_value = write_text_without_eight_zeros


def read_and_write(kind, octets):
    message = RequestMessage() if kind == "request" else ResponseMessage()
    message.read(utils.BytearrayStream(octets))
    header = message.request_header if kind == "request" else message.response_header
    written = utils.BytearrayStream()
    message.write(written, kmip_version=contents.protocol_version_to_kmip_version(header.protocol_version))
    return bytes(written.buffer)


for line in sys.stdin:
    kind, digits = line.split()
    try:
        answer = read_and_write(kind, bytes.fromhex(digits)).hex()
    except Exception as error:
        answer = "! {}: {}".format(type(error).__name__, " ".join(str(error).split()))
    print(answer, flush=True)
