/** Behaviours that cannot be right for all clients, one row each. Without a profile none is on: the specification rules. */
export const profileSwitches = {
  ecPublicKeysRaw: {
    operations: ["Get", "Export"],
    meaning:
      "An EC public key is given, where the request names no Key Format Type, in the format Raw, " +
      "which holds its SubjectPublicKeyInfo (DER).",
    otherwise:
      "It is given in the format it was made or registered in: made by a request of 1.x as X.509 (the same bytes), by " +
      "one of 2.x as Transparent EC Public Key.",
  },
  ivBeforeData: {
    operations: ["Decrypt"],
    meaning:
      "In the mode CBC, a Decrypt of whole data without IV/Counter/Nonce takes the first block of Data as the IV and " +
      "decrypts the rest.",
    otherwise: "The request is refused, because the IV is missing.",
  },
  onlyAttributesPykmipReads: {
    operations: ["Get Attributes"],
    meaning:
      "Get Attributes without names leaves out every attribute that the decoder of PyKMIP ends with an exception on: " +
      "Link, Usage Limits, Revocation Reason, Digital Signature Algorithm, Cryptographic Domain Parameters, " +
      "what is told of certificates, and those newer than it knows. Asked for by name, they are given.",
    otherwise: "All attributes of the object are given.",
  },
} as const;

/** A row of the table of switches. */
export type SwitchName = keyof typeof profileSwitches;

/** What a product needs of the listener it connects to, where that departs from what listeners do by default. */
export interface ListenerNeeds {
  /** It speaks nothing newer than TLS 1.1, or only suites and certificates that are refused elsewhere. */
  readonly tls?: "legacy";
  /** It may come without a certificate, by user name and password. */
  readonly clientCertificate?: "optional";
}

interface Profile {
  readonly products: string;
  readonly switches: readonly SwitchName[];
  readonly listener?: ListenerNeeds;
  /** Why these switches, or why none. */
  readonly why: string;
}

/**
 * The profiles of clients by product, one row each. A row without switches says that the product is served as everybody
 * is, so that nobody has to look for a setting that is not there.
 */
export const clientProfiles = {
  standard: {
    products: "any client",
    switches: [],
    why: "Exactly what the specification says. Sets a client apart from the profile of its tenant or listener.",
  },
  barbican: {
    products: "OpenStack Barbican (`kmip_secret_store`)",
    switches: [],
    why: "It asks for no attributes unnamed; key pairs without a usage mask and Destroy before activation are served to all.",
  },
  cascade: {
    products: "NLnet Labs Cascade and other programs on `domain-kmip` (DNSSEC)",
    switches: ["ecPublicKeysRaw"],
    why: "It reads an EC public key only as Raw with a SubjectPublicKeyInfo in it, and names no format.",
  },
  ceph: {
    products: "Ceph Object Gateway (SSE-KMS), libkmip",
    switches: [],
    why: "It speaks 1.0 by Locate and Get, which it gets exact; its answers fit one TLS record.",
  },
  edb: {
    products: "EDB Postgres (transparent data encryption), `edb_tde_kmip_client.py --variant=thales`",
    switches: ["ivBeforeData"],
    why: "In this variant it puts the IV before the ciphertext. `--variant=pykmip` needs no profile.",
  },
  fortigate: {
    products: "Fortinet FortiGate (keys of IPsec)",
    switches: [],
    listener: { clientCertificate: "optional" },
    why: "It may come by user name and password alone: give it a listener that lets clients in without a certificate.",
  },
  krill: {
    products: "NLnet Labs Krill and other programs on `kmip-protocol`",
    switches: [],
    why: "It reads RSA public keys in the default format; versions that change on one connection are served to all.",
  },
  "legacy-tls": {
    products: "appliances that speak nothing newer than TLS 1.1, or have certificates with SHA-1 or RSA of 1024 bits",
    switches: [],
    listener: { tls: "legacy" },
    why: "Only a listener of its own with `tls.profile: legacy` lets them in.",
  },
  mongodb: {
    products: "MongoDB Enterprise, MongoDB drivers (client-side field level encryption), Percona Server for MongoDB",
    switches: [],
    why: "They get each version exact: nothing of later versions is told to 1.0.",
  },
  mysql: {
    products: "MySQL Enterprise (`keyring_okv`)",
    switches: [],
    why: "Attribute Index 0 is taken from all clients of 1.x.",
  },
  netapp: {
    products: "NetApp ONTAP and other arrays of self-encrypting drives",
    switches: [],
    why: "Its custom attributes, Object Groups and Secret Data are kept and found as they came.",
  },
  openbao: {
    products: "OpenBao and others on `ovh/kmip-go`",
    switches: [],
    why: "Tags of GCM stand where the version puts them; versions are told best first among those asked for.",
  },
  percona: {
    products: "Percona Server, XtraDB Cluster and `pg_tde`",
    switches: [],
    why: "Offset Items and versions that change on one connection are heeded for all.",
  },
  pykmip: {
    products: "programs on PyKMIP that ask for all attributes of an object",
    switches: ["onlyAttributesPykmipReads"],
    why: "PyKMIP ends with an exception on attributes it does not decode. Programs that name attributes need no profile.",
  },
  scality: {
    products: "Scality RING, Zenko (Arsenal)",
    switches: [],
    why: "Pipelined requests are answered in order, each in one write, and Unique Batch Item IDs come back as sent.",
  },
  synology: {
    products: "Synology DSM",
    switches: [],
    why: "Modify Attribute without an index changes the first instance and tells it, and Locate sees it at once, for all.",
  },
  tape: {
    products: "tape libraries (IBM TS4500, Quantum Scalar, HPE StoreEver)",
    switches: [],
    why: "Application Specific Information and typed custom attributes are kept and found for all; Get needs no Activate.",
  },
  thales: {
    products: "programs that put the IV before the ciphertext, as Thales CipherTrust takes it",
    switches: ["ivBeforeData"],
    why: "They send Decrypt without IV/Counter/Nonce.",
  },
  truenas: {
    products: "TrueNAS (keys of drives and ZFS)",
    switches: [],
    why: "It asks for no attributes. It offers TLS 1.2: choose that in it, and it needs no old listener.",
  },
  vast: {
    products: "VAST Data",
    switches: [],
    why: "Attributes wrapped in a Template-Attribute are heeded in Locate; Re-key moves the name to the new key.",
  },
  veeam: {
    products: "Veeam Backup & Replication",
    switches: [],
    why: "Nobody is given attributes inside a Key Value who has not asked for them.",
  },
  vsphere: {
    products: "VMware vCenter, ESXi, vSAN",
    switches: [],
    why: "Attributes that an object does not have are left out of Get Attributes; batches and versions are exact for all.",
  },
} as const satisfies Readonly<Record<string, Profile>>;

/** A name in the table of profiles. */
export type ProfileName = keyof typeof clientProfiles;

/** The names of all profiles, in alphabetical order but for `standard`, which comes first. */
export const profileNames = Object.keys(clientProfiles) as [ProfileName, ...ProfileName[]];

/** The row of a profile. */
export function profileRow(name: ProfileName): Profile {
  return clientProfiles[name];
}

/** Which switches are on for a caller. */
export type Behaviour = Readonly<Record<SwitchName, boolean>>;

const switchNames = Object.keys(profileSwitches) as readonly SwitchName[];

function behaviourWith(on: readonly SwitchName[]): Behaviour {
  return Object.fromEntries(switchNames.map((name) => [name, on.includes(name)])) as Behaviour;
}

const behaviours = new Map<ProfileName, Behaviour>(
  profileNames.map((name) => [name, behaviourWith(clientProfiles[name].switches)]),
);
/** Exactly what the specification says. */
export const specifiedBehaviour = behaviourWith([]);

/** Where a profile is named. */
export interface NamedProfiles {
  readonly client?: ProfileName | undefined;
  readonly listener?: ProfileName | undefined;
  readonly tenant?: ProfileName | undefined;
}

/** What holds for a caller: the profile of the client, else that of the listener it came by, else that of its tenant. */
export function behaviourOf({ client, listener, tenant }: NamedProfiles): Behaviour {
  const name = client ?? listener ?? tenant;
  return (name === undefined ? undefined : behaviours.get(name)) ?? specifiedBehaviour;
}
