import { dateTime, interval, type ValueOf } from "../schema/codec.js";
import { required, structure } from "../schema/structure.js";
import { Tag } from "../tags.js";
import { answeredObject, namedObject } from "./fields.js";

/** Request of Obtain Lease (KMIP 2.1 §6.1.35). */
export const obtainLeaseRequest = structure("ObtainLeaseRequest", {
  uniqueIdentifier: namedObject,
});
export type ObtainLeaseRequest = ValueOf<typeof obtainLeaseRequest>;

/** Response of Obtain Lease: the lease time is in seconds. */
export const obtainLeaseResponse = structure("ObtainLeaseResponse", {
  uniqueIdentifier: answeredObject,
  leaseTime: required(Tag.LeaseTime, interval),
  lastChangeDate: required(Tag.LastChangeDate, dateTime),
});
export type ObtainLeaseResponse = ValueOf<typeof obtainLeaseResponse>;
