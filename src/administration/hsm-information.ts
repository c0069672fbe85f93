import type { PartitionInformation } from "#src/crypto/port.js";
import type { HsmInformation } from "./administration.js";

/** What a token can do, as operators see it. */
export function hsmInformation(partition: string, module: string, information: PartitionInformation): HsmInformation {
  const { mechanisms, ...rest } = information;
  return {
    partition,
    module,
    ...rest,
    mechanisms: mechanisms.map(({ name, minimumKeySize, maximumKeySize, flags }) => ({
      name,
      minimumKeySize,
      maximumKeySize,
      flags,
    })),
  };
}
