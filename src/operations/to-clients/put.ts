import { Operation, PutFunction } from "#protocol/enums/index.js";
import { type PutRequest, putRequest, putResponse } from "#protocol/payloads/put.js";
import { instancesOf, listedNames, readableAttributes } from "../attributes/reading.js";
import { givenObject } from "../giving/given-object.js";
import { defineClientOperation } from "./contract.js";

/** What a Put is to say beside the object. */
export interface PutDetail {
  /** The object it replaces at the client. */
  readonly replaces?: string;
}

/**
 * Put (KMIP 2.1 §6.2.3): an object with its attributes. The same objects leave as by Get: what is not extractable, or
 * sensitive and not wrapped, does not.
 */
export const put = defineClientOperation<PutDetail, PutRequest>({
  code: Operation.Put,
  name: "Put",
  versions: {},
  request: putRequest,
  response: putResponse,
  rules: {},
  async compose(context, object, { replaces }) {
    const set = readableAttributes(object, context.now, context.version);
    return {
      uniqueIdentifier: object.id,
      putFunction: replaces === undefined ? PutFunction.New : PutFunction.Replace,
      replacedUniqueIdentifier: replaces,
      ...(await givenObject(context, object, {})),
      attributes: instancesOf(set, listedNames(set, context.version)),
    };
  },
});
