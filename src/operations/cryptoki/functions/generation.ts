import { attributes } from "#protocol/attributes/definitions.js";
import { CryptographicAlgorithm, ObjectType } from "#protocol/enums/index.js";
import type { CreateResponse } from "#protocol/payloads/create.js";
import type { CreateKeyPairResponse } from "#protocol/payloads/create-key-pair.js";
import { create } from "../../create.js";
import { createKeyPair } from "../../create-key-pair.js";
import type { AttributeName } from "../attribute-types.js";
import type { Call } from "../call.js";
import { KeyKind, ObjectClass } from "../constants.js";
import { curveOfParameters } from "../key-numbers.js";
import { readMechanism } from "../mechanisms.js";
import { type Answer, ok, Refusal } from "../outcome.js";
import { ParameterWriter } from "../parameters.js";
import { isToStay, place } from "../placing.js";
import { checkTemplate, requestedAttributes } from "../requested-attributes.js";
import { readTemplate, type Template } from "../templates.js";

interface Generator {
  readonly algorithm: number;
  readonly keyKinds: readonly number[];
  /** Cryptographic Length in bits of a key of so many bytes; undefined where the template gives no length. */
  bits(length: number | undefined): number | undefined;
}

/** Mechanisms that make secret keys. Generic secrets become keys for HMAC with SHA-256 (PKCS#11 knows no algorithm). */
const generators: ReadonlyMap<number, Generator> = new Map<number, Generator>([
  [0x1080, { algorithm: CryptographicAlgorithm.AES, keyKinds: [KeyKind.aes], bits: (length) => length && length * 8 }],
  [0x0131, { algorithm: CryptographicAlgorithm.DES3, keyKinds: [KeyKind.des3], bits: () => 168 }],
  [
    0x0350,
    {
      algorithm: CryptographicAlgorithm.HMAC_SHA256,
      keyKinds: [KeyKind.generic],
      bits: (length) => length && length * 8,
    },
  ],
]);

/** C_GenerateKey: KMIP's Create. */
export async function generateKey(call: Call): Promise<Answer> {
  const session = call.session();
  const { type } = readMechanism(call.input, "generate");
  const template = readTemplate(call.input);
  call.input.end();
  const generator = generators.get(type);
  if (generator === undefined) throw new Refusal("MECHANISM_INVALID");
  checkTemplate(template, ObjectClass.secretKey, ["VALUE_LEN"]);
  checkKind(template, generator.keyKinds);
  const bits = generator.bits(template.number("VALUE_LEN"));
  if (bits === undefined) throw new Refusal("TEMPLATE_INCOMPLETE");
  if (bits < 8 || bits > 4096) throw new Refusal("KEY_SIZE_RANGE");
  const stays = isToStay(call, session, template);
  const { uniqueIdentifier } = await call.context.perform<CreateResponse>(create, {
    objectType: ObjectType.SymmetricKey,
    attributes: requestedAttributes(call.context, template, ObjectClass.secretKey, [
      { name: attributes.cryptographicAlgorithm.name, value: generator.algorithm },
      { name: attributes.cryptographicLength.name, value: bits },
    ]),
  });
  return ok(new ParameterWriter().ulong(place(call, session, uniqueIdentifier, stays)).done());
}

function checkKind(template: Template, kinds: readonly number[]): void {
  const kind = template.number("KEY_TYPE");
  if (kind !== undefined && !kinds.includes(kind)) throw new Refusal("TEMPLATE_INCONSISTENT");
}

/** What a pair is made of, from the template of its public half: its attributes, and those the template may have. */
const pairGenerators: ReadonlyMap<number, { readonly kind: number; read(template: Template): readonly Asked[] }> =
  new Map([
    [0x0000, { kind: KeyKind.rsa, read: readRsa }],
    [0x1040, { kind: KeyKind.ec, read: readCurve }],
  ]);

interface Asked {
  readonly name: string;
  readonly value: unknown;
}

const publicParameters: readonly AttributeName[] = ["MODULUS_BITS", "PUBLIC_EXPONENT", "EC_PARAMS"];

function readRsa(template: Template): readonly Asked[] {
  const bits = template.number("MODULUS_BITS");
  if (bits === undefined) throw new Refusal("TEMPLATE_INCOMPLETE");
  if (bits > 16_384) throw new Refusal("KEY_SIZE_RANGE");
  const exponent = template.bytes("PUBLIC_EXPONENT");
  // Keys are made with 65537 only.
  if (exponent !== undefined && exponent.toString("hex").replace(/^(00)+/, "") !== "010001") {
    throw new Refusal("ATTRIBUTE_VALUE_INVALID");
  }
  return [
    { name: attributes.cryptographicAlgorithm.name, value: CryptographicAlgorithm.RSA },
    { name: attributes.cryptographicLength.name, value: bits },
  ];
}

function readCurve(template: Template): readonly Asked[] {
  const recommendedCurve = curveOfParameters(template.demandBytes("EC_PARAMS"));
  return [
    { name: attributes.cryptographicAlgorithm.name, value: CryptographicAlgorithm.EC },
    { name: attributes.cryptographicDomainParameters.name, value: { recommendedCurve } },
  ];
}

/** C_GenerateKeyPair: KMIP's Create Key Pair. Both halves stay, or both live as long as the session. */
export async function generateKeyPair(call: Call): Promise<Answer> {
  const session = call.session();
  const { type } = readMechanism(call.input, "generate-pair");
  const publicTemplate = readTemplate(call.input);
  const privateTemplate = readTemplate(call.input);
  call.input.end();
  const generator = pairGenerators.get(type);
  if (generator === undefined) throw new Refusal("MECHANISM_INVALID");
  checkTemplate(publicTemplate, ObjectClass.publicKey, publicParameters);
  checkTemplate(privateTemplate, ObjectClass.privateKey);
  for (const template of [publicTemplate, privateTemplate]) checkKind(template, [generator.kind]);
  const common = generator.read(publicTemplate);
  const stays = isToStay(call, session, privateTemplate);
  if (isToStay(call, session, publicTemplate, false) !== stays) throw new Refusal("TEMPLATE_INCONSISTENT");
  const pair = await call.context.perform<CreateKeyPairResponse>(createKeyPair, {
    commonAttributes: { attributes: common, templates: [] },
    privateKeyAttributes: requestedAttributes(call.context, privateTemplate, ObjectClass.privateKey),
    publicKeyAttributes: requestedAttributes(call.context, publicTemplate, ObjectClass.publicKey),
  });
  const publicHandle = place(call, session, pair.publicKeyUniqueIdentifier, stays);
  const privateHandle = place(call, session, pair.privateKeyUniqueIdentifier, stays);
  return ok(new ParameterWriter().ulong(publicHandle).ulong(privateHandle).done());
}
