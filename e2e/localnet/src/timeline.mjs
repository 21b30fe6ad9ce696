import { BlockhashQueue } from './blockhashes.mjs';
import { EpochSchedule } from './epochs.mjs';
import { HISTORY_SLOTS } from './history.mjs';

/**
 * @typedef {object} Clock the clock sysvar
 * @property {number} slot
 * @property {number} epoch
 * @property {number} epochStartTimestamp
 * @property {number} leaderScheduleEpoch
 * @property {number} unixTimestamp
 *
 * @typedef {object} Moment
 * @property {Clock} clock
 * @property {BlockhashQueue} blockhashes
 * @property {{ slot: number, hash: string }[]} slotHashes newest first
 */

/** The default length of a slot, in milliseconds. */
export const SLOT_MS = 400;
const SLOT_HASHES = 512;
const SKIPPED_SLOT_SHARE = 0.05;

/** The current slot, epoch and time, and the blockhashes of the recent slots. */
export class Timeline {
  #schedule;
  #slotMs;
  /** Slots without a block, so that block height and slot differ as they do on a cluster. */
  #skippedSlots;
  /** Unix time with the fraction that the clock's whole seconds leave out. */
  #unixMs;
  /** @type {Moment} */
  #now;
  /** @type {Moment[]} newest first */
  #past = [];

  /**
   * @param {{ slotsPerEpoch: number, slotMs: number, slot?: number, epoch?: number, unixTime?: number }} start slots
   *   are 400 ms long if `slotMs` is 0
   */
  constructor({ slotsPerEpoch, slotMs, slot, epoch, unixTime }) {
    this.#schedule = new EpochSchedule(slotsPerEpoch);
    this.#slotMs = slotMs || SLOT_MS;
    const startingSlot = this.#schedule.startingSlot({ slot, epoch });
    this.#skippedSlots = Math.floor(startingSlot * SKIPPED_SLOT_SHARE);
    this.#unixMs = unixTime === undefined ? Date.now() : unixTime * 1000;
    this.#now = {
      clock: this.#epochClock(startingSlot, this.#schedule.epochOf(startingSlot)),
      blockhashes: BlockhashQueue.startingFrom('localnet'),
      slotHashes: [],
    };
    this.#addBlock();
  }

  get clock() {
    return this.#now.clock;
  }

  get slot() {
    return this.clock.slot;
  }

  get blockHeight() {
    return Math.max(0, this.slot - this.#skippedSlots);
  }

  get schedule() {
    return this.#schedule;
  }

  /** The number of slots in a number of seconds. */
  slotsIn(seconds) {
    return Math.max(1, Math.round((seconds * 1000) / this.#slotMs));
  }

  get slotHashes() {
    return this.#now.slotHashes;
  }

  /** @returns {Buffer[]} the blockhashes that transactions may have, newest first */
  get blockhashes() {
    return this.#now.blockhashes.list();
  }

  latestBlockhash() {
    const { blockhashes } = this.#now;
    const blockhash = blockhashes.latest;
    return { blockhash, lastValidBlockHeight: blockhashes.lastValidBlockHeight(blockhash) };
  }

  isBlockhashValid(blockhash) {
    return this.#now.blockhashes.has(blockhash);
  }

  /** Moves to a slot, and to its epoch by the schedule. */
  warpToSlot(slot) {
    const epochs = this.#schedule.epochOf(slot) - this.#schedule.epochOf(this.slot);
    const epoch = Math.max(0, this.clock.epoch + epochs);
    this.#passTime(slot);
    const isSameEpoch = epoch === this.clock.epoch && slot >= this.slot;
    this.#set(isSameEpoch ? this.#laterClock(slot) : this.#epochClock(slot, epoch));
  }

  /** Moves to the first slot of an epoch. */
  warpToEpoch(epoch) {
    const slot = this.#schedule.firstSlot(epoch);
    this.#passTime(slot);
    this.#set(this.#epochClock(slot, epoch));
  }

  /**
   * Sets fields of the clock to any values, even ones that contradict the epoch schedule.
   *
   * @param {Partial<Clock>} fields
   */
  override(fields) {
    if (fields.unixTimestamp !== undefined) this.#unixMs = fields.unixTimestamp * 1000;
    this.#set({ ...this.clock, ...fields });
  }

  /** Adds enough blocks to expire every blockhash returned so far. */
  expireBlockhashes() {
    const { lastValidBlockHeight } = this.latestBlockhash();
    this.warpToSlot(this.slot + lastValidBlockHeight - this.blockHeight + 1);
  }

  /**
   * Runs a function with the clock of an earlier slot.
   *
   * @template T
   * @param {number} slots
   * @param {() => T} run
   * @returns {T}
   */
  behind(slots, run) {
    const now = this.#now;
    const slot = Math.max(0, this.slot - slots);
    const moment = this.#past.find(({ clock }) => clock.slot <= slot) ?? this.#past.at(-1) ?? now;
    this.#now = { ...moment, clock: { ...moment.clock, slot } };
    try {
      return run();
    } finally {
      this.#now = now;
    }
  }

  #passTime(slot) {
    this.#unixMs += (slot - this.slot) * this.#slotMs;
  }

  get #unixTimestamp() {
    return Math.floor(this.#unixMs / 1000);
  }

  /** @returns {Clock} */
  #laterClock(slot) {
    return { ...this.clock, slot, unixTimestamp: this.#unixTimestamp };
  }

  /** @returns {Clock} */
  #epochClock(slot, epoch) {
    const unixTimestamp = this.#unixTimestamp;
    const sinceStart = Math.floor((this.#schedule.slotIndex(slot) * this.#slotMs) / 1000);
    const epochStartTimestamp = unixTimestamp - sinceStart;
    return { slot, epoch, epochStartTimestamp, leaderScheduleEpoch: epoch + 1, unixTimestamp };
  }

  /** @param {Clock} clock */
  #set(clock) {
    const before = this.#now;
    this.#now = { ...before, clock };
    if (clock.slot === before.clock.slot) return;
    const older = [before, ...this.#past].slice(0, HISTORY_SLOTS + 1);
    this.#past = clock.slot > before.clock.slot ? older : [];
    this.#addBlock();
  }

  #addBlock() {
    const { clock, blockhashes, slotHashes } = this.#now;
    const withLatest = blockhashes.push(this.blockHeight);
    const older = slotHashes.filter(({ slot }) => slot < clock.slot).slice(0, SLOT_HASHES - 1);
    this.#now = {
      clock,
      blockhashes: withLatest,
      slotHashes: [{ slot: clock.slot, hash: withLatest.latest }, ...older],
    };
  }
}
