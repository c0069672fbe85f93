import t from "tap";
import { AttestationType, CredentialType } from "#protocol/enums/index.js";
import type { RequestHeader } from "#protocol/messages/header.js";
import { V2_1 } from "#protocol/versions.js";
import { Attestation, type Nonce } from "#src/access/attestation.js";
import type { Caller } from "#src/access/caller.js";
import { specifiedBehaviour } from "#src/access/client-profiles.js";
import { makeTpm } from "#test/support/tpm.js";

const tpm = makeTpm();
const digest = Buffer.alloc(32, 0xab);
const demand = { publicKey: tpm.publicKey, registerDigests: [digest.toString("hex")] };

function clientNamed(clientId: string): Caller {
  return {
    tenantId: "tenant",
    tenantName: "tenant",
    clientId,
    clientName: clientId,
    certificateFingerprint: null,
    defaultCustody: "wrapped",
    permissions: new Set(),
    attestation: demand,
    behaviour: specifiedBehaviour,
    quota: {},
    settings: {
      interoperabilityTests: false,
      softwareCryptography: true,
      pkcs1Decryptions: 0,
      profile: undefined,
      quota: {},
      defaults: { objectDefaults: [] },
      constraints: { constraint: [] },
    },
  };
}

const header: RequestHeader = {
  protocolVersion: V2_1,
  attestationType: [],
  attestationCapableIndicator: true,
  batchCount: 1,
};

function answering(nonce: Nonce | undefined): RequestHeader {
  if (nonce === undefined) throw new RangeError("there is no nonce to answer");
  const attestationMeasurement = tpm.quote(nonce.nonceValue, digest);
  const credentialValue = { nonce, attestationType: AttestationType.TPMQuote, attestationMeasurement };
  return {
    ...header,
    authentication: { credential: [{ credentialType: CredentialType.Attestation, credentialValue }] },
  };
}

t.test("a client that asks for very many nonces has none of another client forgotten", async (t) => {
  const attestation = new Attestation(() => 0);
  const [honest, greedy] = [clientNamed("honest"), clientNamed("greedy")];
  const { nonce } = await attestation.judge(honest, header);
  const first = (await attestation.judge(greedy, header)).nonce;
  for (let asked = 0; asked < 10_000; asked += 1) await attestation.judge(greedy, header);
  t.equal((await attestation.judge(honest, answering(nonce))).refusal, undefined);
  t.equal((await attestation.judge(greedy, answering(first))).refusal?.reason, "AttestationFailed", "its own are");
});

t.test("a nonce is forgotten after five minutes", async (t) => {
  let now = 1;
  const attestation = new Attestation(() => now);
  const client = clientNamed("late");
  const one = (await attestation.judge(client, header)).nonce;
  const two = (await attestation.judge(client, header)).nonce;
  now += 299_000;
  t.equal((await attestation.judge(client, answering(one))).refusal, undefined);
  now += 2_000;
  t.equal((await attestation.judge(client, answering(two))).refusal?.reason, "AttestationFailed");
});
