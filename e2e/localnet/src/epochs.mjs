/** The epoch schedule of mainnet, without warm-up: every epoch from slot 0 on has the same length. */
export class EpochSchedule {
  /** @param {number} slotsPerEpoch */
  constructor(slotsPerEpoch) {
    this.slotsPerEpoch = slotsPerEpoch;
  }

  epochOf(slot) {
    return Math.floor(slot / this.slotsPerEpoch);
  }

  firstSlot(epoch) {
    return epoch * this.slotsPerEpoch;
  }

  slotIndex(slot) {
    return slot % this.slotsPerEpoch;
  }

  /**
   * The first slot: the given one, or the middle of the given epoch.
   *
   * @param {{ slot?: number, epoch?: number }} start
   * @returns {number}
   */
  startingSlot({ slot, epoch = 0 }) {
    return slot ?? this.firstSlot(epoch) + Math.floor(this.slotsPerEpoch / 2);
  }
}
