import { invalidParams } from './errors.mjs';
import { HISTORY_SLOTS } from './history.mjs';

/**
 * The faults that a test can give to a call:
 * - error: answered with `error` ({code, message, data})
 * - result: answered with `result` instead of the method's own answer
 * - delay: answered after `ms` milliseconds
 * - timeout: never answered; the connection stays open
 * - http429, http503 or any other "http" with a status of 400 or more: answered with that HTTP status, and with `error`
 *   in the body if it is given
 * - drop: sendTransaction returns the signature and never runs the transaction; for any other method the connection is
 *   closed without an answer
 * - behind: answered from the state of `slots` slots ago, which `minContextSlot` is checked against unless
 *   `ignoreMinContextSlot` is set
 */
const MODES = ['error', 'result', 'delay', 'timeout', 'drop', 'behind'];
const HTTP_MODE = /^http([45]\d\d)$/;
const DEFAULT_ERROR = { code: -32005, message: 'Node is unhealthy', data: { numSlotsBehind: null } };

/**
 * @typedef {object} Fault
 * @property {string} method a method's name, or "*" for all but the localnet_ ones
 * @property {string} mode
 * @property {number} after the number of calls that succeed before the fault begins
 * @property {number} left the number of calls that fail after that; Infinity for no end
 * @property {{ code: number, message: string, data?: unknown } | undefined} error
 * @property {unknown} result
 * @property {number} ms
 * @property {number | null} retryAfter seconds, for the header of that name
 * @property {number | null} httpStatus
 * @property {number} slots
 * @property {boolean} ignoreMinContextSlot
 */

export class Faults {
  /** @type {Map<string, Fault>} one for each method */
  #faults = new Map();

  /**
   * Sets the fault of a method and replaces an earlier one; mode "off" removes it.
   *
   * @param {Record<string, any>} spec the fields of a fault; `count` stands for `left`, is 1 unless given, and null for
   *   no end
   */
  set({ method, mode, count = 1, after = 0, error, result = null, ms = 1000, retryAfter = null, ...behind }) {
    const { slots = 1, ignoreMinContextSlot = false } = behind;
    if (typeof method !== 'string') throw invalidParams('"method" must be a method name or "*"');
    if (mode === 'off') {
      this.#faults.delete(method);
      return;
    }
    const status = HTTP_MODE.exec(mode)?.[1];
    if (!status && !MODES.includes(mode)) {
      throw invalidParams(`"mode" must be "off", "http" with a status, or one of ${MODES.join(', ')}`);
    }
    if (!Number.isInteger(slots) || slots < 0 || slots > HISTORY_SLOTS) {
      throw invalidParams(`"slots" must be a whole number up to ${HISTORY_SLOTS}`);
    }
    this.#faults.set(method, {
      method,
      mode,
      after,
      left: count ?? Infinity,
      error: error ?? (mode === 'error' ? DEFAULT_ERROR : undefined),
      result,
      ms,
      retryAfter,
      httpStatus: status ? Number(status) : null,
      slots,
      ignoreMinContextSlot,
    });
  }

  clear() {
    this.#faults.clear();
  }

  /**
   * Counts a call of this method and returns its fault, if any.
   *
   * @param {string} method
   * @returns {Fault | null}
   */
  take(method) {
    const fault = this.#faults.get(method) ?? this.#faults.get('*');
    if (!fault) return null;
    if (fault.after > 0) {
      fault.after -= 1;
      return null;
    }
    fault.left -= 1;
    if (fault.left <= 0) this.#faults.delete(fault.method);
    return fault;
  }

  list() {
    return [...this.#faults.values()].map(({ method, mode, after, left }) => ({
      method,
      mode,
      after,
      left: left === Infinity ? null : left,
    }));
  }
}
