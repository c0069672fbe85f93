"""Get Attributes, Get Attribute List, and setting, changing and removing attributes."""

from kmip.core import enums, primitives
from kmip.core import objects as core_objects
from kmip.core.attributes import Name

from behaviours import behaviour, expect, refused
from keys import Algorithm, Mask, aes_key, attribute, discard, name_attribute, new_name

Reason = enums.ResultReason


def _values(client, uid, *names):
    _, attributes = client.get_attributes(uid, list(names))
    return {each.attribute_name.value: each.attribute_value for each in attributes}


@behaviour("Get Attributes gives the attributes asked for, and leaves out those the object has not")
def _(client, version):
    name = new_name(version, "attributes")
    uid = aes_key(client, 128, name=name)
    values = _values(client, uid, "Name", "Object Type", "Cryptographic Algorithm", "Cryptographic Length",
                     "Cryptographic Usage Mask", "Deactivation Date")
    expect(values["Name"].name_value.value, name, "Name")
    expect(values["Object Type"].value, enums.ObjectType.SYMMETRIC_KEY, "Object Type")
    expect(values["Cryptographic Algorithm"].value, Algorithm.AES, "Cryptographic Algorithm")
    expect(values["Cryptographic Length"].value, 128, "Cryptographic Length")
    expect(values["Cryptographic Usage Mask"].value, Mask.ENCRYPT.value | Mask.DECRYPT.value, "Cryptographic Usage Mask")
    expect("Deactivation Date" in values, False, "Deactivation Date is there")
    discard(client, uid)


# PyKMIP 0.10 lists these, but cannot read their values (it knows Digest only as KMIP 1.2 has it).
_UNREADABLE = {
    "Always Sensitive", "Digest", "Extractable", "Fresh", "Key Format Type", "Key Value Present", "Lease Time",
    "NIST Key Type", "Never Extractable", "Original Creation Date", "Protection Level", "Protection Storage Mask",
    "Protection Storage Masks", "Random Number Generator", "Short Unique Identifier",
}


@behaviour("Get Attributes gives every attribute that Get Attribute List names")
def _(client, version):
    uid = aes_key(client, active=False)
    names = client.get_attribute_list(uid)
    for required in ("Unique Identifier", "Object Type", "State", "Initial Date", "Last Change Date"):
        expect(required in names, True, "%s is listed" % required)
    readable = sorted(set(names) - _UNREADABLE)
    _, attributes = client.get_attributes(uid, readable)
    expect(sorted({each.attribute_name.value for each in attributes}), readable, "names")
    client.destroy(uid)


@behaviour("Delete Attribute removes one name by its index", until="1.4")
def _(client, version):
    uid = aes_key(client, name=new_name(version, "delete"))
    deleted_from, deleted = client.delete_attribute(uid, attribute_name="Name", attribute_index=0)
    expect(deleted_from, uid, "identifier")
    expect(deleted.attribute_name.value, "Name", "name of what was deleted")
    expect("Name" in _values(client, uid, "Name"), False, "Name is there")
    discard(client, uid)


@behaviour("Modify Attribute changes a name, and Locate knows the new one at once", until="1.4")
def _(client, version):
    old, new = new_name(version, "before"), new_name(version, "after")
    uid = aes_key(client, name=old)
    modified, answer = client.modify_attribute(uid, attribute=name_attribute(new))
    expect(modified, uid, "identifier")
    expect(answer.attribute_value.name_value.value, new, "answered name")
    expect(client.locate(attributes=[name_attribute(new)]), [uid], "found by the new name")
    expect(client.locate(attributes=[name_attribute(old)]), [], "found by the old name")
    discard(client, uid)


@behaviour("Set Attribute sets a single attribute", since="2.0")
def _(client, version):
    uid = aes_key(client, active=False)
    expect(client.set_attribute(uid, attribute_name="Sensitive", attribute_value=True), uid, "identifier")
    expect(_values(client, uid, "Sensitive")["Sensitive"].value, True, "Sensitive")
    client.destroy(uid)


@behaviour("Modify Attribute replaces the current attribute by the new one", since="2.0")
def _(client, version):
    old, new = new_name(version, "before"), new_name(version, "after")
    uid = aes_key(client, name=old)
    kind = enums.NameType.UNINTERPRETED_TEXT_STRING
    modified, _ = client.modify_attribute(
        uid,
        current_attribute=core_objects.CurrentAttribute(attribute=Name.create(old, kind)),
        new_attribute=core_objects.NewAttribute(attribute=Name.create(new, kind)),
    )
    expect(modified, uid, "identifier")
    expect(client.locate(attributes=[name_attribute(new)]), [uid], "found by the new name")
    discard(client, uid)


@behaviour("Delete Attribute removes the current attribute", since="2.0")
def _(client, version):
    name = new_name(version, "delete")
    uid = aes_key(client, name=name)
    current = core_objects.CurrentAttribute(attribute=Name.create(name, enums.NameType.UNINTERPRETED_TEXT_STRING))
    expect(client.delete_attribute(uid, current_attribute=current)[0], uid, "identifier")
    expect(client.locate(attributes=[name_attribute(name)]), [], "found by the name")
    discard(client, uid)


@behaviour("attributes the server keeps cannot be modified", until="1.4")
def _(client, version):
    uid = aes_key(client)
    with refused(Reason.PERMISSION_DENIED, Reason.READ_ONLY_ATTRIBUTE, Reason.INVALID_FIELD):
        client.modify_attribute(uid, attribute=attribute(enums.AttributeType.CRYPTOGRAPHIC_LENGTH, 512))
    expect(_values(client, uid, "Cryptographic Length")["Cryptographic Length"].value, 256, "length")
    discard(client, uid)
