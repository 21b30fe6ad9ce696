import { encode } from './base58.mjs';

/** Bytes that a validator cannot decode as a transaction. */
export class MalformedTransaction extends Error {}

/** A transaction that can be decoded and is invalid by its contents. */
export class UnsaneTransaction extends MalformedTransaction {
  constructor(message = 'Transaction failed to sanitize accounts offsets correctly') {
    super(message);
  }
}

/** Reads bytes from front to back. */
export class Reader {
  #bytes;
  #offset = 0;

  /** @param {Uint8Array} bytes */
  constructor(bytes) {
    this.#bytes = bytes;
  }

  get offset() {
    return this.#offset;
  }

  get atEnd() {
    return this.#offset === this.#bytes.length;
  }

  take(size) {
    if (this.#offset + size > this.#bytes.length) throw new MalformedTransaction('unexpected end of data');
    this.#offset += size;
    return this.#bytes.subarray(this.#offset - size, this.#offset);
  }

  rest() {
    return this.take(this.#bytes.length - this.#offset);
  }

  byte() {
    return this.take(1)[0];
  }

  u16() {
    return buffer(this.take(2)).readUInt16LE();
  }

  u32() {
    return buffer(this.take(4)).readUInt32LE();
  }

  u64() {
    return buffer(this.take(8)).readBigUInt64LE();
  }

  address() {
    return encode(this.take(32));
  }

  bytes() {
    return [...this.take(this.length())];
  }

  /**
   * A list that begins with its length.
   *
   * @template T
   * @param {() => T} readOne
   * @returns {T[]}
   */
  list(readOne) {
    return this.times(this.length(), readOne);
  }

  /**
   * @template T
   * @param {number} count
   * @param {() => T} readOne
   * @returns {T[]}
   */
  times(count, readOne) {
    return Array.from({ length: count }, readOne);
  }

  /** A length in Solana's "compact-u16" form: 7 bits a byte, at most 3 bytes, no padding. */
  length() {
    let value = 0;
    for (let index = 0; index < 3; index += 1) {
      const byte = this.byte();
      value |= (byte & 0x7f) << (7 * index);
      if ((byte & 0x80) === 0) {
        if (value > 0xffff || (byte === 0 && index > 0)) break;
        return value;
      }
    }
    throw new MalformedTransaction('invalid length');
  }
}

function buffer(bytes) {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
}
