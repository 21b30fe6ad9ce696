import { isBase58 } from '../base58.mjs';
import { invalidParams } from '../errors.mjs';

/**
 * @param {unknown} value
 * @returns {string}
 */
export function address(value) {
  if (!isBase58(value)) throw invalidParams('Invalid param: Invalid');
  return value;
}

/**
 * @param {unknown} value
 * @returns {string}
 */
export function signature(value) {
  if (!isBase58(value, 64)) throw invalidParams('Invalid param: Invalid');
  return value;
}

/**
 * @param {unknown} values
 * @param {number} max the limit of a validator for one request
 * @returns {unknown[]}
 */
export function list(values, max) {
  if (!Array.isArray(values)) throw invalidParams('Invalid params: expected a list.');
  if (values.length > max) throw invalidParams(`Too many inputs provided; max ${max}`);
  return values;
}

/**
 * @param {unknown} value
 * @returns {string}
 */
export function text(value) {
  if (typeof value !== 'string') throw invalidParams('Invalid params: invalid type, expected a string.');
  return value;
}

/**
 * @param {unknown} value
 * @param {string} [name]
 * @returns {number} a whole number from 0 up to 2^53
 */
export function integer(value, name = 'value') {
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0) {
    throw invalidParams(`Invalid params: ${name} must be a whole number, not ${value}.`);
  }
  return value;
}

/**
 * @param {unknown} value
 * @returns {bigint}
 */
export function u64(value) {
  if (typeof value === 'bigint' && value < 2n ** 64n) return value;
  return BigInt(integer(value));
}

/**
 * The parameters of a localnet_ method: one object, alone or as the only element of a list.
 *
 * @param {any} params
 * @returns {Record<string, any>}
 */
export function named(params) {
  const value = Array.isArray(params) ? params[0] : params;
  if (typeof value !== 'object' || value === null) throw invalidParams('Invalid params: expected an object.');
  return value;
}
