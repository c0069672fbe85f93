import { HandshakeAudit } from "#src/administration/handshake-audit.js";
import type { Runtime } from "#src/administration/runtime.js";
import type { ConnectionInfo } from "#src/net/handler.js";
import type { TlsListener } from "#src/net/tls-listener.js";
import type { TlsSettings } from "#src/net/tls-settings.js";
import { type Door, furtherDoors, httpsDoor, mainDoor } from "./doors.js";
import { FirstContact } from "./first-contact.js";
import { httpsListener, kmipListener, type ListenerSetting } from "./listeners.js";
import { tlsSettings } from "./tls.js";

/** A listener that is to be opened, with its certificates. */
interface Entry {
  readonly door: Door;
  readonly tls: TlsSettings;
}

/** All listeners that are to be opened. */
export interface Entries {
  readonly main: Entry;
  /** Null where KMIP is not served over HTTPS. */
  readonly https: Entry | null;
  readonly further: readonly Entry[];
}

/** Reads the certificates of all listeners. Throws ServiceSettingError and what reading a file throws. */
export async function readEntries(runtime: Runtime): Promise<Entries> {
  const { configuration } = runtime;
  const entry = async (door: Door): Promise<Entry> => ({ door, tls: await tlsSettings(runtime, door.tls) });
  return {
    main: await entry(mainDoor(configuration)),
    https: configuration.kmip.https.enabled ? await entry(httpsDoor(configuration)) : null,
    further: await Promise.all(furtherDoors(configuration).map(entry)),
  };
}

/** The ports that are listened on. */
export interface ServedPorts {
  readonly kmipPort: number;
  /** Null where KMIP is not served over HTTPS. */
  readonly httpsPort: number | null;
  /** Of the further listeners, by name. */
  readonly listenerPorts: Readonly<Record<string, number>>;
}

interface Served {
  readonly door: Door;
  readonly listener: TlsListener;
  readonly audit: HandshakeAudit;
}

/** The listeners of KMIP, over TLS and over HTTPS. */
export class ServedListeners {
  private readonly runtime: Runtime;
  private readonly firstContact: FirstContact;
  private readonly main: Served;
  private overHttps: Served | null;
  private readonly others: readonly Served[];

  /** Nothing listens yet. Throws TlsSettingsError. */
  constructor(
    runtime: Runtime,
    setting: Omit<ListenerSetting, "audit" | "door" | "tls" | "firstContact">,
    entries: Entries,
  ) {
    this.runtime = runtime;
    this.firstContact = new FirstContact(runtime);
    const { database, log } = runtime;
    const serve = ({ door, tls }: Entry, make: (setting: ListenerSetting) => TlsListener): Served => {
      const audit = new HandshakeAudit(database, log, door.name);
      return { door, audit, listener: make({ ...setting, door, tls, audit, firstContact: this.firstContact }) };
    };
    this.main = serve(entries.main, kmipListener);
    this.overHttps = entries.https === null ? null : serve(entries.https, httpsListener);
    this.others = entries.further.map((entry) => serve(entry, kmipListener));
  }

  /** KMIP over TLS. */
  get kmip(): TlsListener {
    return this.main.listener;
  }

  /** KMIP over HTTPS; null where it is not served. */
  get https(): TlsListener | null {
    return this.overHttps?.listener ?? null;
  }

  /** The further ones, by name. */
  get further(): ReadonlyMap<string, TlsListener> {
    return new Map(this.others.map(({ door, listener }) => [door.name, listener]));
  }

  /** The ports in use. Throws Error where one does not listen. */
  get ports(): ServedPorts {
    return {
      kmipPort: this.kmip.address().port,
      httpsPort: this.https?.address().port ?? null,
      listenerPorts: Object.fromEntries(
        this.others.map(({ door, listener }) => [door.name, listener.address().port] as const),
      ),
    };
  }

  private get all(): readonly Served[] {
    return [this.main, ...(this.overHttps === null ? [] : [this.overHttps]), ...this.others];
  }

  /** Starts to accept. Rejects where a port cannot be had. */
  async listen(): Promise<void> {
    await this.main.listener.listen();
    for (const { listener } of this.others) await listener.listen();
    await this.listenToHttps();
  }

  /** Takes changed certificate files for handshakes from now on. */
  async reload(): Promise<void> {
    for (const { door, listener } of this.all) listener.reload(await tlsSettings(this.runtime, door.tls));
  }

  /** Finishes what was accepted, then closes. */
  async stop(): Promise<void> {
    const timeoutMilliseconds = this.runtime.configuration.kmip.limits.stopSeconds * 1000;
    await Promise.all(this.all.map(({ listener }) => listener.stop({ timeoutMilliseconds })));
  }

  /** Writes what is counted of refused connections, and which certificates were unknown. */
  async stopAudits(): Promise<void> {
    for (const { audit } of this.all) audit.stop();
    await this.firstContact.stop();
  }

  /** Open connections on all listeners. */
  connections(): readonly ConnectionInfo[] {
    return this.all.flatMap(({ listener }) => listener.connections());
  }

  /** A port that nobody has asked for by number does not keep the server from starting. */
  private async listenToHttps(): Promise<void> {
    const { configuration, log } = this.runtime;
    const { port, isPortChosen } = configuration.kmip.https;
    try {
      await this.https?.listen();
    } catch (error) {
      const isTaken = error instanceof Error && "code" in error && error.code === "EADDRINUSE";
      if (!isTaken || isPortChosen) throw error;
      this.overHttps?.audit.stop();
      this.overHttps = null;
      log.error({ port }, "the port is taken: KMIP is not served over HTTPS; set kmip.https.port");
    }
  }
}
