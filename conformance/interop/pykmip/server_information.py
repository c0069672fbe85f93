"""Query and Discover Versions."""

from kmip.core import enums
from kmip.core.messages.contents import ProtocolVersion

from behaviours import VERSIONS, behaviour, expect

Function = enums.QueryFunction


def _query(client, *functions):
    result = client.proxy.query(query_functions=list(functions))
    expect(result.result_status.value, enums.ResultStatus.SUCCESS, "status of Query")
    return result


@behaviour("Query lists the operations that this suite uses")
def _(client, version):
    listed = set(_query(client, Function.QUERY_OPERATIONS).operations)
    Operation = enums.Operation
    wanted = {
        Operation.CREATE, Operation.CREATE_KEY_PAIR, Operation.REGISTER, Operation.REKEY, Operation.LOCATE,
        Operation.GET, Operation.GET_ATTRIBUTES, Operation.GET_ATTRIBUTE_LIST, Operation.ACTIVATE, Operation.REVOKE,
        Operation.DESTROY, Operation.QUERY,
    }
    cryptographic = {Operation.ENCRYPT, Operation.DECRYPT, Operation.SIGN, Operation.SIGNATURE_VERIFY, Operation.MAC}
    if version >= "1.2":
        wanted |= cryptographic
    else:
        expect(listed & cryptographic, set(), "operations of later versions")
    expect(wanted - listed, set(), "operations that are not listed")


@behaviour("Query lists the kinds of objects that can be registered")
def _(client, version):
    listed = set(_query(client, Function.QUERY_OBJECTS).object_types)
    Kind = enums.ObjectType
    wanted = {Kind.SYMMETRIC_KEY, Kind.PUBLIC_KEY, Kind.PRIVATE_KEY, Kind.CERTIFICATE, Kind.SECRET_DATA, Kind.OPAQUE_DATA}
    expect(wanted - listed, set(), "kinds that are not listed")


@behaviour("Query names the vendor of the server")
def _(client, version):
    vendor = _query(client, Function.QUERY_SERVER_INFORMATION).vendor_identification
    if not vendor:
        raise AssertionError("no vendor identification")


@behaviour("Discover Versions lists every version that this suite drives, best first", since="1.1")
def _(client, version):
    result = client.proxy.discover_versions()
    expect(result.result_status.value, enums.ResultStatus.SUCCESS, "status of Discover Versions")
    listed = ["%d.%d" % (each.major, each.minor) for each in result.protocol_versions]
    expect(listed, sorted(listed, reverse=True), "order")
    expect(set(VERSIONS) - set(listed), set(), "versions that are not listed")


@behaviour("Discover Versions answers only what the client named", since="1.1")
def _(client, version):
    result = client.proxy.discover_versions(protocol_versions=[ProtocolVersion(1, 2), ProtocolVersion(9, 9)])
    expect([(each.major, each.minor) for each in result.protocol_versions], [(1, 2)], "versions")
