/** Keys with dates, and what has been seen of them. */
import { attributes } from "#protocol/attributes/definitions.js";
import { LinkType, State } from "#protocol/enums/index.js";
import { type Actions, instance } from "#test/support/kmip-actions.js";

const hour = 3600;
const day = 24 * hour;
const lifetimes = [hour, 30 * day];
const rotationInterval = 90 * 60;
/** Before the clock, so that they are active at once. */
const active = 60;

/** Keys that are deactivated by a date, and one that is rotated by a date. */
export class DatedKeys {
  private readonly actions: Actions;
  private readonly seen = new Map<string, number>();
  private rotating = "";
  /** What was seen that must not be. */
  readonly wrong: string[] = [];

  constructor(actions: Actions) {
    this.actions = actions;
  }

  /** Makes the key that is rotated. */
  async makeRotating(now: number): Promise<void> {
    this.rotating = await this.actions.create(
      instance(attributes.rotateAutomatic, true),
      instance(attributes.rotateInterval, rotationInterval),
      instance(attributes.activationDate, now - active),
    );
  }

  /** Makes active keys that are deactivated after an hour and after a month. */
  async make(now: number): Promise<void> {
    for (const lifetime of lifetimes) {
      const id = await this.actions.create(
        instance(attributes.activationDate, now - active),
        instance(attributes.deactivationDate, now + lifetime),
      );
      this.seen.set(id, State.Active);
    }
  }

  get count(): number {
    return this.seen.size;
  }

  /** How many of them have been deactivated. */
  get deactivated(): number {
    return [...this.seen.values()].filter((state) => state === State.Deactivated).length;
  }

  /** Looks at all of them: none may be in an earlier state than it was seen in. */
  async look(): Promise<void> {
    for (const [id, before] of this.seen) {
      const state = (await this.actions.value(id, attributes.state)) ?? 0;
      if (state < before) this.wrong.push(`I4 a key came from state ${before} back to ${state}`);
      this.seen.set(id, Math.max(before, state));
    }
  }

  /** How often the rotated key was replaced, along its replacements, since it was made. */
  async rotations(): Promise<number> {
    let count = 0;
    for (let id: string | undefined = this.rotating; id !== undefined; count += 1) {
      const links: readonly { linkType: number; linkedObjectIdentifier: unknown }[] = await this.actions.values(
        id,
        attributes.link,
      );
      const to = links.filter(({ linkType }) => linkType === LinkType.ReplacementObjectLink);
      if (to.length > 1) this.wrong.push(`a key was replaced ${to.length} times`);
      id = (to[0]?.linkedObjectIdentifier as { readonly identifier?: string } | undefined)?.identifier;
    }
    return count - 1;
  }
}
