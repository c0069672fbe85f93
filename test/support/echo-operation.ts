import { byteString } from "#protocol/schema/codec.js";
import { required, structure } from "#protocol/schema/structure.js";
import { Tag } from "#protocol/tags.js";
import { V1_2 } from "#protocol/versions.js";
import { defineOperation } from "#src/operations/contract/operation.js";

/** A value that the enumeration leaves to vendors. */
export const echoCode = 0x80000042;

const data = structure("EchoPayload", { data: required(Tag.Data, byteString) });

/** An operation that no specification knows: it gives back what it is given. */
export const echo = defineOperation({
  code: echoCode,
  name: "Echo",
  versions: { since: V1_2 },
  request: data,
  response: data,
  permission: "use",
  run: async (_context, request) => request,
});
