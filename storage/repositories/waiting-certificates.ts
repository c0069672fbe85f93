import type { Connection } from "../connection.js";
import { StorageError } from "../errors.js";
import { waitingCertificatesTable } from "../first-contact-tables.js";
import type { WaitingCertificateRow, WaitingLimits } from "../first-contact-types.js";
import { slot, statement } from "../statements.js";
import type { WriteSession } from "../write-session.js";
import { updateRow } from "./update.js";

const selection = waitingCertificatesTable.selection.slice();
const seenSince = statement((knex) =>
  knex("waiting_certificates")
    .select(selection)
    .where("last_seen", ">=", slot(0))
    .orderBy(["first_seen", "fingerprint"]),
);
const startingWith = statement((knex) =>
  knex("waiting_certificates")
    .select(selection)
    .where("fingerprint", ">=", slot(0))
    .where("fingerprint", "<", slot(1))
    .where("last_seen", ">=", slot(2))
    .orderBy("fingerprint")
    .limit(2),
);
const seenAgain = statement((knex) =>
  knex("waiting_certificates")
    .where({ fingerprint: slot(0) })
    .update({
      last_seen: slot(1),
      count: knex.raw("count + ?", [slot(2)]),
      source_address: slot(3),
      listener: slot(4),
      authority_id: slot(5),
      suggested_name: slot(6),
      note: slot(7),
    }),
);
const forget = statement((knex) => knex("waiting_certificates").where("last_seen", "<", slot(0)).delete());
const countAll = statement((knex) => knex("waiting_certificates").count("fingerprint as count"));
const countOfAddress = statement((knex) =>
  knex("waiting_certificates")
    .count("fingerprint as count")
    .where({ source_address: slot(0) }),
);
const registration = statement((knex) =>
  knex("client_certificates")
    .select("fingerprint")
    .where({ fingerprint: slot(0) }),
);
const remove = statement((knex) =>
  knex("waiting_certificates")
    .where({ fingerprint: slot(0) })
    .delete(),
);

export const waitingCertificateReads = {
  /** Those seen since a moment (milliseconds since 1970), the first seen first. */
  list: (connection: Connection, sinceMs: number): Promise<WaitingCertificateRow[]> =>
    connection.rows(waitingCertificatesTable, seenSince, [sinceMs]),
  /** Those whose fingerprint begins with the digits, seen since a moment: two at most. */
  startingWith: (connection: Connection, digits: string, sinceMs: number): Promise<WaitingCertificateRow[]> =>
    connection.rows(waitingCertificatesTable, startingWith, [digits, `${digits}g`, sinceMs]),
};

export const waitingCertificateWrites = {
  /**
   * Notes that certificates were shown: new ones as far as the limits allow, others as seen again. Gives which became
   * new rows and how many found no room.
   */
  async seen(
    session: WriteSession,
    shown: readonly WaitingCertificateRow[],
    limits: WaitingLimits,
  ): Promise<{ readonly added: readonly string[]; readonly withoutRoom: number }> {
    await session.run(forget, [limits.forgottenBefore]);
    const added: string[] = [];
    let withoutRoom = 0;
    for (const row of shown) {
      const { fingerprint, lastSeen, count, sourceAddress, listener, authorityId, suggestedName, note } = row;
      const again = [fingerprint, lastSeen, count, sourceAddress, listener, authorityId, suggestedName, note];
      if ((await session.run(seenAgain, again)) > 0) continue;
      // It was registered since it was shown.
      if ((await session.select(registration, [fingerprint])).length > 0) continue;
      const [all] = await session.select(countAll, []);
      const [ofAddress] = await session.select(countOfAddress, [sourceAddress]);
      if (Number(all?.["count"]) >= limits.inAll || Number(ofAddress?.["count"]) >= limits.ofAddress) {
        withoutRoom += 1;
        continue;
      }
      session.insert(waitingCertificatesTable, [row]);
      added.push(fingerprint);
    }
    return { added, withoutRoom };
  },
  /** Throws `conflict` where it does not wait. */
  reject: (session: WriteSession, fingerprint: string): Promise<void> =>
    updateRow(session, waitingCertificatesTable, { fingerprint }, { state: "rejected" }),
  /** Throws `conflict` where it does not wait. */
  async remove(session: WriteSession, fingerprint: string): Promise<void> {
    if ((await session.run(remove, [fingerprint])) === 1) return;
    throw new StorageError("conflict", "there is no such certificate that waits");
  },
};
