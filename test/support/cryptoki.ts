import { Operation, PKCS_11Function, PKCS_11ReturnCode } from "#protocol/enums/index.js";
import type { Pkcs11Response } from "#protocol/payloads/pkcs11.js";
import { type ProtocolVersion, V2_1 } from "#protocol/versions.js";
import { type AttributeName, attributeRows } from "#src/operations/cryptoki/attribute-types.js";
import { ParameterReader, ParameterWriter } from "#src/operations/cryptoki/parameters.js";
import { askFor, type Requester } from "./kmip-client-messages.js";

/** The name of a function of PKCS#11. */
export type FunctionName = keyof typeof PKCS_11Function;

/** A value of an attribute, as tests write it. */
export type Value = number | boolean | string | Buffer;

/** The attributes of a template. */
export type TemplateOf = Readonly<Partial<Record<AttributeName, Value>>>;

/** What a function came to. */
export interface Outcome {
  /** The name of the return code, without CKR_. */
  readonly code: string;
  readonly output: ParameterReader;
  readonly correlationValue: Buffer | undefined;
}

const namesOfCodes = new Map<number, string>(Object.entries(PKCS_11ReturnCode).map(([name, value]) => [value, name]));

/** Writes a template: type, whether there is a value and a length, the length of what has one, the value. */
export function writeTemplate(output: ParameterWriter, template: TemplateOf): ParameterWriter {
  const entries = Object.entries(template) as [AttributeName, Value][];
  output.length(entries.length);
  for (const [name, value] of entries) {
    output.ulong(attributeRows[name][0]).boolean(true).boolean(true);
    if (typeof value === "boolean") output.boolean(value);
    else if (typeof value === "number") output.ulong(value);
    else output.counted(Buffer.from(value));
  }
  return output;
}

/** Writes a mechanism with its parameters, which have their length before them. */
export function writeMechanism(output: ParameterWriter, type: number, parameters?: Buffer): ParameterWriter {
  output.ulong(type).boolean(parameters !== undefined);
  return parameters === undefined ? output : output.counted(parameters);
}

/** A byte string as the parameter of a mechanism: an initialisation vector. */
export function vectorParameter(iv: Buffer): Buffer {
  return new ParameterWriter().counted(iv).done();
}

/** A client of the operation PKCS#11, after C_Initialize. */
export class CryptokiClient {
  readonly correlationValue: Buffer | undefined;
  private readonly client: Requester;
  private readonly version: ProtocolVersion;

  private constructor(client: Requester, version: ProtocolVersion, correlationValue: Buffer | undefined) {
    this.client = client;
    this.version = version;
    this.correlationValue = correlationValue;
  }

  /** Calls C_Initialize. */
  static async initialise(client: Requester, version: ProtocolVersion = V2_1): Promise<CryptokiClient> {
    const bare = new CryptokiClient(client, version, undefined);
    const { correlationValue } = await bare.call("C_Initialize", Buffer.from([1]));
    return new CryptokiClient(client, version, correlationValue);
  }

  /** The same client under another correlation value, or none. */
  as(correlationValue: Buffer | undefined, client = this.client): CryptokiClient {
    return new CryptokiClient(client, this.version, correlationValue);
  }

  /** Sends a request as it is. */
  request(payload: object): Promise<Pkcs11Response> {
    return askFor<Pkcs11Response>(this.client, this.version, Operation.PKCS_11, {
      correlationValue: this.correlationValue,
      ...payload,
    });
  }

  /** Calls a function, whatever comes of it; a failure of the KMIP operation throws OperationFailed. */
  async call(name: FunctionName, input: Buffer | ParameterWriter = Buffer.alloc(0)): Promise<Outcome> {
    const bytes = Buffer.isBuffer(input) ? input : input.done();
    const answer = await this.request({
      pkcs11Function: PKCS_11Function[name],
      pkcs11InputParameters: bytes.length === 0 ? undefined : bytes,
    });
    return {
      code: namesOfCodes.get(answer.pkcs11ReturnCode) ?? String(answer.pkcs11ReturnCode),
      output: new ParameterReader(answer.pkcs11OutputParameters ?? Buffer.alloc(0)),
      correlationValue: answer.correlationValue,
    };
  }

  /** Opens a session that may write. */
  async openSession(flags = 6): Promise<bigint> {
    const { output } = await this.call("C_OpenSession", new ParameterWriter().ulong(0).ulong(flags));
    return output.handle();
  }

  /** Makes an AES-256 key and gives its handle. */
  async generateKey(session: bigint, template: TemplateOf = {}): Promise<bigint> {
    const { output } = await this.tryGenerateKey(session, { VALUE_LEN: 32, ...template });
    return output.handle();
  }

  /** C_GenerateKey for AES. */
  tryGenerateKey(session: bigint, template: TemplateOf): Promise<Outcome> {
    return this.call(
      "C_GenerateKey",
      writeTemplate(writeMechanism(new ParameterWriter().ulong(session), 0x1080), template),
    );
  }

  /** Handles of all objects that match. */
  async find(session: bigint, template: TemplateOf): Promise<readonly bigint[]> {
    await this.call("C_FindObjectsInit", writeTemplate(new ParameterWriter().ulong(session), template));
    const { output } = await this.call("C_FindObjects", new ParameterWriter().ulong(session).length(100));
    const handles = Array.from({ length: output.length() }, () => output.handle());
    await this.call("C_FindObjectsFinal", new ParameterWriter().ulong(session));
    return handles;
  }

  /** C_EncryptInit, C_SignInit and their like. */
  start(name: FunctionName, session: bigint, mechanism: readonly [number, Buffer?], key: bigint): Promise<Outcome> {
    return this.call(name, writeMechanism(new ParameterWriter().ulong(session), ...mechanism).ulong(key));
  }

  /** C_Encrypt, C_Sign and their like, with so much room for the result; null asks for its length. */
  whole(name: FunctionName, session: bigint, data: Buffer, room: number | null = 8192): Promise<Outcome> {
    const input = new ParameterWriter().ulong(session).counted(data);
    return this.call(name, input.boolean(room !== null).length(room ?? 0));
  }

  /** C_EncryptFinal and its like. */
  last(name: FunctionName, session: bigint, room: number | null = 8192): Promise<Outcome> {
    return this.call(
      name,
      new ParameterWriter()
        .ulong(session)
        .boolean(room !== null)
        .length(room ?? 0),
    );
  }

  /** One attribute, with so much room for it; null asks for its length. */
  attribute(session: bigint, object: bigint, name: AttributeName, room: number | null = 4096): Promise<Outcome> {
    const [type, kind] = attributeRows[name];
    const input = new ParameterWriter().ulong(session).ulong(object).length(1);
    input
      .ulong(type)
      .boolean(false)
      .boolean(room !== null);
    if (room !== null && (kind === "bytes" || kind === "text")) input.length(room);
    return this.call("C_GetAttributeValue", input);
  }
}

/** The bytes of a result that came with its length. */
export function resultOf({ output }: Outcome): Buffer {
  output.boolean();
  return output.counted();
}

/** The bytes of the one attribute that was asked for. */
export function bytesOf({ output }: Outcome): Buffer {
  output.length();
  output.ulong();
  output.byte();
  output.byte();
  return output.counted();
}
