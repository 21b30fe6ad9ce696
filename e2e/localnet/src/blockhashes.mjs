import { createHash } from 'node:crypto';
import { encode } from './base58.mjs';

/** The number of blocks after its own for which a blockhash is valid. */
export const MAX_AGE = 150;

/**
 * The recent blockhashes that transactions may name, each with the height of its block. The value is immutable.
 *
 * @typedef {{ height: number, bytes: Buffer }} Entry
 */
export class BlockhashQueue {
  /** @type {Map<string, Entry>} oldest first */
  #entries;

  /**
   * @param {string} latest the hash from which the next one is derived
   * @param {Map<string, Entry>} entries
   */
  constructor(latest, entries) {
    this.latest = latest;
    this.#entries = entries;
  }

  /** @param {string} seed the start of the chain of hashes */
  static startingFrom(seed) {
    return new BlockhashQueue(hash(seed), new Map());
  }

  /**
   * Makes the hash of the block at this height, the new latest one. Going back in height forgets the blocks that
   * were higher.
   *
   * @param {number} height
   * @returns {BlockhashQueue}
   */
  push(height) {
    const bytes = digest(`${this.latest}:${height}`);
    const latest = encode(bytes);
    const stillValid = [...this.#entries].filter(([, { height: its }]) => its <= height && height - its <= MAX_AGE);
    return new BlockhashQueue(latest, new Map([...stillValid, [latest, { height, bytes }]]));
  }

  has(blockhash) {
    return this.#entries.has(blockhash);
  }

  /** @returns {Buffer[]} newest first */
  list() {
    return [...this.#entries.values()].map(({ bytes }) => bytes).reverse();
  }

  /** @returns {number | undefined} the last height at which a transaction with this blockhash may land */
  lastValidBlockHeight(blockhash) {
    const entry = this.#entries.get(blockhash);
    return entry && entry.height + MAX_AGE;
  }
}

/** @param {string} text */
export function hash(text) {
  return encode(digest(text));
}

function digest(text) {
  return createHash('sha256').update(text).digest();
}
