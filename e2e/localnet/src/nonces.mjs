import { createHash } from 'node:crypto';
import { decode, encode } from './base58.mjs';
import { LAMPORTS_PER_SIGNATURE } from './fees.mjs';
import { SYSTEM_PROGRAM } from './ids.mjs';
import { transactionAccounts } from './transaction.mjs';

/**
 * Durable nonces: a value in an account of the system program that a transaction may use in place of a blockhash, if
 * its first instruction advances that account to the next value.
 *
 * @typedef {import('./vm.mjs').Account} Account
 * @typedef {import('./transaction.mjs').Message} Message
 *
 * @typedef {object} Nonce a nonce account whose value a transaction has
 * @property {string} address
 * @property {string} authority
 */

const ADVANCE_NONCE_ACCOUNT = 4;
const NOTHING_LOADED = { writable: [], readonly: [] };

/** A nonce account's data: versions, state, and then these. */
const SIZE = 80;
const CURRENT_VERSION = 1;
const INITIALIZED = 1;
const AUTHORITY_OFFSET = 8;
const VALUE_OFFSET = 40;
const FEE_OFFSET = 72;

/**
 * The nonce account whose value the message uses as its blockhash.
 *
 * @param {Message} message
 * @param {(address: string) => Account | null} getAccount
 * @returns {Nonce | null}
 */
export function nonceOf(message, getAccount) {
  const address = advancedAddress(message);
  const account = address === null ? null : getAccount(address);
  if (account?.owner !== SYSTEM_PROGRAM || account.data.length !== SIZE) return null;
  const data = Buffer.from(account.data);
  const isInitialized = data.readUInt32LE(0) === CURRENT_VERSION && data.readUInt32LE(4) === INITIALIZED;
  if (!isInitialized || encode(data.subarray(VALUE_OFFSET, FEE_OFFSET)) !== message.recentBlockhash) return null;
  return { address, authority: encode(data.subarray(AUTHORITY_OFFSET, VALUE_OFFSET)) };
}

/**
 * Whether a bank accepts the message with this nonce: its authority signs, and it was not advanced in this block.
 *
 * @param {Message} message
 * @param {Nonce} nonce
 * @param {string} blockhash the latest
 */
export function isUsable({ header, accountKeys, instructions, recentBlockhash }, { authority }, blockhash) {
  const signers = instructions[0].accounts.filter((index) => index < header.numRequiredSignatures);
  const isAuthorized = signers.some((index) => accountKeys[index] === authority);
  return isAuthorized && recentBlockhash !== encode(durableValue(blockhash));
}

/**
 * The nonce account after its advance.
 *
 * @param {Account} account
 * @param {string} blockhash the latest
 * @returns {Account}
 */
export function advanced(account, blockhash) {
  const data = Buffer.from(account.data);
  durableValue(blockhash).copy(data, VALUE_OFFSET);
  data.writeBigUInt64LE(LAMPORTS_PER_SIGNATURE, FEE_OFFSET);
  return { ...account, data };
}

/** The value of a nonce that is advanced in the block after the one with this hash. */
function durableValue(blockhash) {
  return createHash('sha256').update('DURABLE_NONCE').update(decode(blockhash)).digest();
}

/** The account that the first instruction advances: it must be writable, and not come from a lookup table. */
function advancedAddress(message) {
  const [first] = message.instructions;
  if (!first || message.accountKeys[first.programIdIndex] !== SYSTEM_PROGRAM || first.data.length < 4) return null;
  if (Buffer.from(first.data).readUInt32LE(0) !== ADVANCE_NONCE_ACCOUNT) return null;
  const account = transactionAccounts(message, NOTHING_LOADED)[first.accounts[0]];
  return account?.writable ? account.address : null;
}
