const ALPHABET = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz';
const DIGIT = new Map([...ALPHABET].map((char, value) => [char, value]));

/** The number of digits that a number holds exactly. */
const CHUNK = 9;
const CHUNK_SIZE = 58n ** BigInt(CHUNK);

/**
 * @param {Uint8Array} bytes
 * @returns {string}
 */
export function encode(bytes) {
  let zeros = 0;
  while (zeros < bytes.length && bytes[zeros] === 0) zeros += 1;
  let rest = zeros === bytes.length ? 0n : BigInt(`0x${Buffer.from(bytes).toString('hex')}`);
  let text = '';
  while (rest > 0n) {
    text = digits(Number(rest % CHUNK_SIZE)) + text;
    rest /= CHUNK_SIZE;
  }
  return '1'.repeat(zeros) + text.replace(/^1+/, '');
}

function digits(value) {
  let rest = value;
  let text = '';
  for (let index = 0; index < CHUNK; index += 1) {
    text = ALPHABET[rest % 58] + text;
    rest = Math.floor(rest / 58);
  }
  return text;
}

/**
 * @param {string} text
 * @returns {Uint8Array}
 * @throws {Error} when the text holds a character that is not base58
 */
export function decode(text) {
  let zeros = 0;
  while (zeros < text.length && text[zeros] === '1') zeros += 1;
  let value = 0n;
  for (let start = 0; start < text.length; start += CHUNK) {
    const part = text.slice(start, start + CHUNK);
    value = value * 58n ** BigInt(part.length) + BigInt(numberOf(part));
  }
  let hex = value === 0n ? '' : value.toString(16);
  if (hex.length % 2) hex = `0${hex}`;
  return new Uint8Array(Buffer.concat([Buffer.alloc(zeros), Buffer.from(hex, 'hex')]));
}

function numberOf(part) {
  let value = 0;
  for (const char of part) {
    const digit = DIGIT.get(char);
    if (digit === undefined) throw new Error(`invalid base58 character ${JSON.stringify(char)}`);
    value = value * 58 + digit;
  }
  return value;
}

/**
 * Reports whether the value is the base58 text of exactly `size` bytes (32: an address, 64: a signature).
 *
 * @param {unknown} value
 * @param {number} [size]
 * @returns {value is string}
 */
export function isBase58(value, size = 32) {
  if (typeof value !== 'string' || value.length < size || value.length > size * 1.4) return false;
  try {
    return decode(value).length === size;
  } catch {
    return false;
  }
}
