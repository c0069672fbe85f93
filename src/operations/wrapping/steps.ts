import { WrappingMethod } from "#protocol/enums/index.js";
import { KmipError } from "#src/objects/kmip-error.js";

/** What is done with a Key Value to wrap it, one after the other. */
export type WrappingStep = "encrypt" | "authenticate";

const stepsOfMethods: ReadonlyMap<number, readonly WrappingStep[]> = new Map<number, readonly WrappingStep[]>([
  [WrappingMethod.Encrypt, ["encrypt"]],
  [WrappingMethod.MACSign, ["authenticate"]],
  [WrappingMethod.EncryptThenMACSign, ["encrypt", "authenticate"]],
  [WrappingMethod.MACSignThenEncrypt, ["authenticate", "encrypt"]],
]);

/** Who does the steps, as a Key Wrapping Specification or Key Wrapping Data name them. */
export interface NamedKeys<Information> {
  readonly wrappingMethod: number;
  readonly encryptionKeyInformation?: Information | undefined;
  readonly macSignatureKeyInformation?: Information | undefined;
}

/**
 * The steps of a Wrapping Method with the key information of each (KMIP 2.1 §11.62). Throws KmipError where one is
 * missing, or is there for no step.
 */
export function stepsOf<Information>(named: NamedKeys<Information>): readonly {
  readonly step: WrappingStep;
  readonly information: Information;
}[] {
  const steps = stepsOfMethods.get(named.wrappingMethod);
  if (steps === undefined) throw new KmipError("FeatureNotSupported", "this Wrapping Method is not supported");
  const { encryptionKeyInformation, macSignatureKeyInformation } = named;
  const idle =
    (encryptionKeyInformation !== undefined && !steps.includes("encrypt")) ||
    (macSignatureKeyInformation !== undefined && !steps.includes("authenticate"));
  if (idle) throw new KmipError("InvalidField", "there is key information that the Wrapping Method has no use for");
  return steps.map((step) => {
    const information = step === "encrypt" ? encryptionKeyInformation : macSignatureKeyInformation;
    if (information === undefined) {
      throw new KmipError("InvalidField", "the Wrapping Method needs key information that is not there");
    }
    return { step, information };
  });
}
