import { attributes } from "#protocol/attributes/definitions.js";
import {
  CryptographicAlgorithm,
  CryptographicUsageMask,
  DigitalSignatureAlgorithm,
  Operation,
  RecommendedCurve,
  State,
  ValidityIndicator,
} from "#protocol/enums/index.js";
import { V1_4 } from "#protocol/versions.js";
import type { SeededRandom } from "#test/fuzz/random.js";
import {
  type Actions,
  actionsOf,
  gcm,
  instance,
  nameOf,
  registeredAesKey,
  requested,
} from "#test/support/kmip-actions.js";
import type { KmipClient } from "#test/support/kmip-client.js";

/** Keys that a connection has at once; the oldest goes when a new one comes. */
const keysAtOnce = 4;

const ecdsa = { digitalSignatureAlgorithm: DigitalSignatureAlgorithm.ECDSAWithSHA256 };
const usage = (mask: number) => instance(attributes.cryptographicUsageMask, mask);
const encrypting = usage(CryptographicUsageMask.Encrypt | CryptographicUsageMask.Decrypt);

interface Encrypted {
  readonly data: Buffer;
  readonly ivCounterNonce: Buffer;
  readonly authenticatedEncryptionTag: Buffer;
}

/** A key that is in use, with what must be true of it. */
interface Key {
  readonly id: string;
  readonly name: string;
  /** Its bytes, once they are known. */
  material?: Buffer;
  /** What it encrypted last. */
  secret?: { readonly plaintext: Buffer; readonly encrypted: Encrypted };
}

interface Pair {
  readonly privateKey: string;
  readonly publicKey: string;
}

function holds(condition: boolean, otherwise: string): void {
  if (!condition) throw new Error(otherwise);
}

/**
 * One client's part of a mixed load: half of it reads (Get, Locate, Get Attributes), four tenths are cryptography, the
 * rest makes, activates, changes, revokes and destroys. Every answer is checked against what the client knows.
 */
export class MixedLoad {
  private readonly keys: Key[] = [];
  private pair: Pair | undefined;
  private made = 0;
  private readonly actions: Actions;

  /** `turn` is awaited before each request and counts it; `name` is in the names of all keys. */
  constructor(
    client: KmipClient,
    private readonly name: string,
    private readonly random: SeededRandom,
    private readonly turn: () => Promise<void>,
  ) {
    const request: KmipClient["request"] = async (message) => {
      await this.turn();
      return client.request(message);
    };
    this.actions = actionsOf({ request }, V1_4);
  }

  /** One step of the mix; throws where an answer is not what it must be. */
  async step(): Promise<void> {
    const draw = this.random.below(100);
    const key = this.keys.length === 0 ? undefined : this.random.pick(this.keys);
    if (key === undefined || draw >= 97) await this.makeKey();
    else if (draw < 25) await this.get(key);
    else if (draw < 45) await this.locate(key);
    else if (draw < 50) await this.readState(key);
    else if (draw < 80) await this.encryptOrDecrypt(key);
    else if (draw < 90) await this.signAndVerify();
    else await this.annotate(key);
  }

  /** Makes a key, destroys the oldest where there are many, and takes so many steps of the mix. */
  async fill(steps: number): Promise<void> {
    await this.makeKey();
    for (let step = 0; step < steps; step += 1) await this.step();
  }

  /** Destroys what is left. */
  async end(): Promise<void> {
    while (this.keys.length > 0) await this.destroyOldest();
    if (this.pair === undefined) return;
    await this.destroy(this.pair.privateKey);
    await this.destroy(this.pair.publicKey);
  }

  private async makeKey(): Promise<void> {
    const { actions, random } = this;
    if (this.keys.length >= keysAtOnce) await this.destroyOldest();
    this.made += 1;
    const name = `${this.name}-${this.made}`;
    if (random.oneIn(4)) {
      const material = random.bytes(32);
      const payload = registeredAesKey(Buffer.from(material), nameOf(name));
      const { uniqueIdentifier: id } = await actions.act<{ uniqueIdentifier: string }>(
        Operation.Register,
        undefined,
        payload as object,
      );
      this.keys.push({ id, name, material });
    } else {
      this.keys.push({ id: await actions.create(nameOf(name), encrypting), name });
    }
    await actions.activate(this.keys.at(-1)?.id ?? "");
  }

  private async destroyOldest(): Promise<void> {
    const oldest = this.keys.shift();
    if (oldest === undefined) return;
    await this.destroy(oldest.id);
  }

  private async destroy(id: string): Promise<void> {
    await this.actions.revoke(id);
    await this.actions.destroy(id);
  }

  private async get(key: Key): Promise<void> {
    const told = await this.actions.act<{ symmetricKey: { keyBlock: { keyValue: { keyMaterial: Buffer } } } }>(
      Operation.Get,
      key.id,
    );
    const { keyMaterial } = told.symmetricKey.keyBlock.keyValue;
    key.material ??= keyMaterial;
    holds(keyMaterial.equals(key.material), `Get of ${key.id} gave another key`);
  }

  private async locate({ id, name }: Key): Promise<void> {
    const found = await this.actions.locate(nameOf(name));
    holds(found.length === 1 && found[0] === id, `Locate of ${name} gave ${found.join()}, not ${id}`);
  }

  private async readState({ id }: Key): Promise<void> {
    const state = await this.actions.value(id, attributes.state);
    holds(state === State.Active, `${id} is in state ${state}, not active`);
  }

  private async encryptOrDecrypt(key: Key): Promise<void> {
    if (key.secret === undefined || this.random.oneIn(2)) {
      const plaintext = this.random.bytes(16 + this.random.below(1024));
      const given = { cryptographicParameters: gcm, data: plaintext };
      key.secret = { plaintext, encrypted: await this.actions.act<Encrypted>(Operation.Encrypt, key.id, given) };
      return;
    }
    const { data, ivCounterNonce, authenticatedEncryptionTag } = key.secret.encrypted;
    const given = { cryptographicParameters: gcm, data, ivCounterNonce, authenticatedEncryptionTag };
    const back = await this.actions.act<{ data: Buffer }>(Operation.Decrypt, key.id, given);
    holds(back.data.equals(key.secret.plaintext), `${key.id} decrypted to something else`);
  }

  private async signAndVerify(): Promise<void> {
    this.pair ??= await this.makePair();
    const { actions, pair } = this;
    const data = this.random.bytes(64);
    const given = { cryptographicParameters: ecdsa, data };
    const { signatureData } = await actions.act<{ signatureData: Buffer }>(Operation.Sign, pair.privateKey, given);
    const answer = await actions.act<{ validityIndicator: number }>(Operation.SignatureVerify, pair.publicKey, {
      ...given,
      signatureData,
    });
    holds(answer.validityIndicator === ValidityIndicator.Valid, `a signature of ${pair.privateKey} does not verify`);
  }

  private async makePair(): Promise<Pair> {
    const common = [
      instance(attributes.cryptographicAlgorithm, CryptographicAlgorithm.ECDSA),
      instance(attributes.cryptographicLength, 256),
      instance(attributes.cryptographicDomainParameters, { recommendedCurve: RecommendedCurve.P_256 }),
    ];
    const made = await this.actions.act<{ privateKeyUniqueIdentifier: string; publicKeyUniqueIdentifier: string }>(
      Operation.CreateKeyPair,
      undefined,
      {
        commonAttributes: requested(...common),
        privateKeyAttributes: requested(usage(CryptographicUsageMask.Sign)),
        publicKeyAttributes: requested(usage(CryptographicUsageMask.Verify)),
      },
    );
    const pair = { privateKey: made.privateKeyUniqueIdentifier, publicKey: made.publicKeyUniqueIdentifier };
    await this.actions.activate(pair.privateKey);
    await this.actions.activate(pair.publicKey);
    return pair;
  }

  /** Adds an attribute, reads it back, and removes it. */
  private async annotate({ id }: Key): Promise<void> {
    const value = `noted ${this.random.next()}`;
    const newAttribute = instance(attributes.contactInformation, value);
    const { act } = this.actions;
    await act(Operation.AddAttribute, id, { newAttribute });
    const told = await this.actions.value(id, attributes.contactInformation);
    holds(told === value, `Contact Information of ${id} is ${told}, not ${value}`);
    await act(Operation.DeleteAttribute, id, { attributeName: newAttribute.name });
  }
}
