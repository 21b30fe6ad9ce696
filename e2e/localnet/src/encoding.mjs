import { encode as base58 } from './base58.mjs';
import { invalidParams, invalidRequest } from './errors.mjs';
import { parsedTokenData } from './token.mjs';
import { store } from './zstd.mjs';

/**
 * @typedef {import('./vm.mjs').Account} Account
 * @typedef {import('./token.mjs').GetAccount} GetAccount
 *
 * @typedef {object} EncodingConfig
 * @property {string} [encoding] "binary" unless given: base58 in a bare string
 * @property {{ offset: number, length: number } | null} [dataSlice]
 */

const ENCODINGS = ['binary', 'base58', 'base64', 'base64+zstd', 'jsonParsed'];
const BASE58_ENCODINGS = ['binary', 'base58'];
const MAX_BASE58_SIZE = 128;

/**
 * @param {EncodingConfig} [config]
 * @returns {EncodingConfig}
 */
export function checkEncoding(config = {}) {
  const { encoding = 'binary' } = config;
  if (!ENCODINGS.includes(encoding)) {
    throw invalidParams(`Invalid params: unknown encoding ${JSON.stringify(encoding)}.`);
  }
  return config;
}

/**
 * Encodes an account for a method's result. Data that is too long for its encoding is an error.
 *
 * @param {Account | null} account
 * @param {EncodingConfig | undefined} config
 * @param {GetAccount} getAccount reads the other accounts that "jsonParsed" needs
 */
export function answerAccount(account, config, getAccount) {
  const { encoding = 'binary', dataSlice } = checkEncoding(config);
  if (!account) return null;
  if (BASE58_ENCODINGS.includes(encoding) && slice(account.data, dataSlice).length > MAX_BASE58_SIZE) {
    throw invalidRequest(
      `Encoded binary (base 58) data should be less than ${MAX_BASE58_SIZE} bytes, please use Base64 encoding.`,
    );
  }
  return encodeAccount(account, config, getAccount);
}

/**
 * Encodes an account for a notification. Data that is too long for its encoding becomes an error text.
 *
 * @param {Account} account
 * @param {EncodingConfig | undefined} config
 * @param {GetAccount} getAccount
 */
export function encodeAccount(account, config = {}, getAccount) {
  return {
    data: encodeData(account, config, getAccount),
    executable: account.executable,
    lamports: account.lamports,
    owner: account.owner,
    rentEpoch: account.rentEpoch,
    space: account.data.length,
  };
}

/**
 * @param {Account} account
 * @param {EncodingConfig} config
 * @param {GetAccount} getAccount
 */
function encodeData(account, { encoding = 'binary', dataSlice }, getAccount) {
  const data = slice(account.data, dataSlice);
  switch (encoding) {
    case 'base64':
      return [base64(data), encoding];
    case 'base64+zstd':
      return [base64(store(data)), encoding];
    case 'jsonParsed':
      return parsedTokenData(account, getAccount) ?? [base64(data), 'base64'];
    case 'base58':
      return [shortBase58(data), encoding];
    default:
      return shortBase58(data);
  }
}

function slice(data, dataSlice) {
  return dataSlice ? data.subarray(dataSlice.offset, dataSlice.offset + dataSlice.length) : data;
}

function shortBase58(data) {
  return data.length > MAX_BASE58_SIZE ? 'error: data too large for bs58 encoding' : base58(data);
}

/** @param {Uint8Array} data */
export function base64(data) {
  return Buffer.from(data).toString('base64');
}
