import type { ClientOperation } from "./contract.js";
import { notify } from "./notify.js";
import { put } from "./put.js";

/** The operations on objects that this server asks of clients. */
export const clientOperations: readonly ClientOperation[] = [notify, put];
