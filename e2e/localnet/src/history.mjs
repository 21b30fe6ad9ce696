/** @typedef {import('./vm.mjs').Account} Account */

/** The number of slots for which earlier states are kept. */
export const HISTORY_SLOTS = 32;

/** The states of accounts before the slots that wrote them. */
export class AccountHistory {
  /** @type {{ slot: number, before: Map<string, Account | null> }[]} oldest first */
  #slots = [];

  /**
   * Keeps the state of an account before the slot that writes it.
   *
   * @param {number} slot of the write
   * @param {string} address
   * @param {(address: string) => Account | null} read
   */
  keep(slot, address, read) {
    const { before } = this.#at(slot);
    if (!before.has(address)) before.set(address, read(address));
  }

  /**
   * The accounts that were written after a slot, as they were at its end.
   *
   * @param {number} slot
   * @returns {Map<string, Account | null>}
   */
  at(slot) {
    const later = this.#slots.filter((entry) => entry.slot > slot).reverse();
    return new Map(later.flatMap(({ before }) => [...before]));
  }

  #at(slot) {
    if (this.#slots.at(-1)?.slot !== slot) {
      this.#slots = this.#slots.filter((entry) => slot - entry.slot <= HISTORY_SLOTS);
      this.#slots.push({ slot, before: new Map() });
    }
    return this.#slots.at(-1);
  }
}
