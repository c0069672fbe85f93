import type { AttributeInstance } from "#protocol/attributes/instance.js";
import {
  KeyFormatType,
  ObjectType,
  RevocationReasonCode,
  SecretDataType,
  UniqueIdentifier,
} from "#protocol/enums/index.js";
import type { GetResponse } from "#protocol/payloads/get.js";
import type { RegisterRequest } from "#protocol/payloads/register.js";
import type { ObjectNaming } from "#protocol/structures/unique-identifier.js";
import { V2_1 } from "#protocol/versions.js";
import { type Asked, asked } from "../asked.js";
import { calls } from "../calls.js";
import { KmipClient, type KmipClientOptions } from "../client.js";
import { KmipFailure } from "../errors.js";
import {
  anySecret,
  askedAttributes,
  isActive,
  isCounted,
  linkTo,
  named,
  nameOf,
  readVersion,
  rotateNameOf,
  type SecretVersion,
  usageOfSecrets,
  versionOf,
} from "./secret-attributes.js";

/** What a secret is, in the words of KMIP. */
export type SecretType = keyof typeof SecretDataType;

/** A secret cannot be had or made: says why and what to do. */
export class SecretError extends Error {
  override readonly name = "SecretError";
}

/** Objects that are asked for at once. */
const pageItems = 100;

/** How often a rotation is tried anew when another one is faster. */
const rotationAttempts = 20;

/** The object that the item before made or found. */
const made = (operation: number): ObjectNaming => ({ kind: "placeholder", operation });

/**
 * Secrets by name, kept as Secret Data of a KMIP 2.1 server, where a name has one object at most. All versions of a
 * secret share a Rotate Name and are counted; the newest has the Name (docs/decisions/0011-secrets.md). Calls reject
 * with SecretError, KmipFailure and KmipConnectionError.
 */
export class Secrets {
  private constructor(private readonly client: KmipClient) {}

  /** Connects to the server as one of its clients. */
  static async connect(options: Omit<KmipClientOptions, "versions">): Promise<Secrets> {
    return new Secrets(await KmipClient.connect({ ...options, versions: [V2_1] }));
  }

  /** Ends the connection. */
  close(): void {
    this.client.close();
  }

  /** Stores a new secret. Gives its first version. */
  async put(name: string, type: SecretType, value: Buffer): Promise<SecretVersion> {
    const request = registration({ type, value, attributes: [nameOf(name), ...versionOf(name, 1)] });
    try {
      const [{ uniqueIdentifier }] = await this.client.askAll([asked(calls.register, request), activateMade], "Undo");
      return await this.describe(uniqueIdentifier);
    } catch (error) {
      if (!isNameTaken(error)) throw error;
      throw new SecretError(
        `the name "${name}" is taken: "keyreeve secret rotate ${name}" gives the secret a new value, ` +
          `"keyreeve secret remove ${name}" removes it`,
      );
    }
  }

  /** The value of a secret, of its newest version or of one by its number. */
  async get(name: string, version?: number): Promise<Buffer> {
    const filters = version === undefined ? [nameOf(name)] : versionOf(name, version);
    try {
      const [, got] = await this.client.askAll([locating(filters), getFound]);
      return valueIn(got);
    } catch (error) {
      if (!(error instanceof KmipFailure)) throw error;
      // Why there was nothing to get: the answer to a batch that failed tells of its failure alone.
      await this.only(name, version);
      throw error;
    }
  }

  /** All versions of all secrets that this client may see. */
  async list(): Promise<readonly SecretVersion[]> {
    return this.describeAll(await this.located([anySecret]));
  }

  /** All versions of one secret, the newest first. */
  async versions(name: string): Promise<readonly SecretVersion[]> {
    const newest = await this.only(name);
    const counted = await this.located([anySecret, rotateNameOf(name)]);
    const versions = await this.describeAll([...new Set([newest, ...counted])]);
    return versions.toSorted((one, other) => other.version - one.version);
  }

  /**
   * Gives a secret a new value. The version before it stays readable by its number until it is removed. One batch, done
   * whole or not at all, takes the Name from the one object and makes the other; a rotation that another one was faster
   * than follows it.
   */
  async rotate(name: string, type: SecretType, value: Buffer): Promise<SecretVersion> {
    let id = await this.only(name);
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.replace(name, id, type, value);
      } catch (error) {
        if (!(error instanceof KmipFailure) || attempt === rotationAttempts) throw error;
        const newest = await this.only(name);
        // General Failure is what the server says of two that change one object at the same moment.
        if (newest === id && error.reason !== "GeneralFailure") throw error;
        id = newest;
      }
    }
  }

  /** Revokes and destroys a secret, or one of its older versions. Gives the versions that are gone. */
  async remove(name: string, version?: number): Promise<readonly SecretVersion[]> {
    const versions = await this.versions(name);
    const chosen = version === undefined ? versions : versions.filter((each) => each.version === version);
    const [first] = chosen;
    if (first === undefined) throw new SecretError(`the secret "${name}" has no version ${version}`);
    if (version !== undefined && first.current) {
      throw new SecretError(
        `version ${version} of "${name}" is the one in use: rotate the secret first, or remove all of it without --version`,
      );
    }
    // The one with the name goes last, so that what an interruption leaves is found again by it.
    for (const { id, state } of chosen.toReversed()) {
      if (state === "Active") await this.client.ask(calls.revoke, revocation(id));
      await this.client.ask(calls.destroy, { uniqueIdentifier: named(id) });
    }
    return chosen;
  }

  private async replace(name: string, id: string, type: SecretType, value: Buffer): Promise<SecretVersion> {
    const attributes = await this.attributesOf(id);
    const { version } = readVersion(id, attributes);
    const registered = asked(
      calls.register,
      registration({
        type,
        value,
        attributes: [nameOf(name), ...versionOf(name, version + 1), linkTo("ReplacedObjectLink", named(id))],
      }),
    );
    const counting = isCounted(attributes) ? [] : versionOf(name, version).map((each) => adding(id, each));
    const ending = isActive(attributes) ? [asked(calls.revoke, revocation(id))] : [];
    const linking = adding(id, linkTo("ReplacementObjectLink", made(UniqueIdentifier.Register)));
    const taking = asked(calls.deleteAttribute, { uniqueIdentifier: named(id), currentAttribute: nameOf(name) });
    const [, { uniqueIdentifier }] = await this.client.askAll(
      [taking, registered, activateMade, linking, ...counting, ...ending],
      "Undo",
    );
    return this.describe(uniqueIdentifier);
  }

  /** The identifier of the newest version, or of one by its number. Rejects with SecretError where it is not the only one. */
  private async only(name: string, version?: number): Promise<string> {
    const filters = version === undefined ? [nameOf(name)] : versionOf(name, version);
    const [id, another] = await this.located([anySecret, ...filters]);
    const what = version === undefined ? `secret "${name}"` : `version ${version} of a secret "${name}"`;
    if (id === undefined) throw new SecretError(`there is no ${what} that this client may see`);
    if (another !== undefined) throw new SecretError(`several objects are ${what}: get them by their identifiers`);
    return id;
  }

  private async located(attributes: readonly AttributeInstance[]): Promise<readonly string[]> {
    const found: string[] = [];
    for (;;) {
      const page = { attributes, maximumItems: pageItems, offsetItems: found.length };
      const { uniqueIdentifiers } = await this.client.ask(calls.locate, page);
      found.push(...uniqueIdentifiers);
      if (uniqueIdentifiers.length < pageItems) return found;
    }
  }

  private async describe(id: string): Promise<SecretVersion> {
    return readVersion(id, await this.attributesOf(id));
  }

  private async attributesOf(id: string): Promise<readonly AttributeInstance[]> {
    const request = { uniqueIdentifier: named(id), attributeNames: askedAttributes };
    return (await this.client.ask(calls.getAttributes, request)).attributes;
  }

  private async describeAll(ids: readonly string[]): Promise<readonly SecretVersion[]> {
    const described: SecretVersion[] = [];
    for (let start = 0; start < ids.length; start += pageItems) {
      const page = ids.slice(start, start + pageItems);
      const answers = await this.client.askAll(
        page.map((id) => asked(calls.getAttributes, { uniqueIdentifier: named(id), attributeNames: askedAttributes })),
      );
      described.push(...answers.map(({ uniqueIdentifier, attributes }) => readVersion(uniqueIdentifier, attributes)));
    }
    return described;
  }
}

const activateMade = asked(calls.activate, { uniqueIdentifier: made(UniqueIdentifier.Register) });
const getFound = asked(calls.get, { uniqueIdentifier: made(UniqueIdentifier.Locate) });

function locating(filters: readonly AttributeInstance[]) {
  return asked(calls.locate, { attributes: [anySecret, ...filters] });
}

function adding(id: string, newAttribute: AttributeInstance): Asked<unknown> {
  return asked(calls.addAttribute, { uniqueIdentifier: named(id), newAttribute });
}

function revocation(id: string) {
  const revocationReason = { revocationReasonCode: RevocationReasonCode.CessationOfOperation };
  return { uniqueIdentifier: named(id), revocationReason };
}

function registration(secret: {
  readonly type: SecretType;
  readonly value: Buffer;
  readonly attributes: readonly AttributeInstance[];
}): RegisterRequest {
  const keyBlock = { keyFormatType: KeyFormatType.Raw, keyValue: { keyMaterial: secret.value, attributes: [] } };
  return {
    objectType: ObjectType.SecretData,
    attributes: { attributes: [usageOfSecrets, ...secret.attributes], templates: [] },
    secretData: { secretDataType: SecretDataType[secret.type], keyBlock },
  };
}

/** Names are unique since KMIP 2.1 (§4.32). */
function isNameTaken(error: unknown): boolean {
  return error instanceof KmipFailure && error.reason === "NonUniqueNameAttribute";
}

function valueIn({ secretData }: GetResponse): Buffer {
  const keyValue = secretData?.keyBlock.keyValue;
  const material = keyValue !== undefined && "keyMaterial" in keyValue ? keyValue.keyMaterial : undefined;
  if (!Buffer.isBuffer(material)) throw new SecretError("the object holds no plain bytes that could be given out");
  return material;
}
