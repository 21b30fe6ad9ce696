import { encode } from './base58.mjs';
import { BPF_LOADER_UPGRADEABLE, COMPUTE_BUDGET_PROGRAM, INSTRUCTIONS_SYSVAR } from './ids.mjs';

/**
 * @typedef {import('./vm.mjs').Account} Account
 * @typedef {import('./transaction.mjs').Message} Message
 */

/** The maximum and the default of the size of loaded accounts. */
export const MAX_LOADED_SIZE = 64 * 1024 * 1024;
const SET_LOADED_ACCOUNTS_DATA_SIZE_LIMIT = 4;

/** The bytes that each account and each lookup table count in addition to their data. */
const ACCOUNT_SIZE = 64;
const LOOKUP_TABLE_SIZE = 8248;
/** The size of an upgradeable program's account: its type, and the address of its ProgramData account. */
const PROGRAM_SIZE = 36;
const PROGRAM_KIND = 2;

/**
 * The size limit that a transaction asks for. In version 1, a missing limit is 0.
 *
 * @param {Message} message
 * @returns {number}
 */
export function loadedSizeLimit({ version, config, accountKeys, instructions }) {
  if (version === 1) return Math.min(config.loadedAccountsDataSizeLimit ?? 0, MAX_LOADED_SIZE);
  const requests = instructions.filter(
    ({ programIdIndex, data }) =>
      accountKeys[programIdIndex] === COMPUTE_BUDGET_PROGRAM &&
      data[0] === SET_LOADED_ACCOUNTS_DATA_SIZE_LIMIT &&
      data.length >= 5,
  );
  const limits = requests.map(({ data }) => Buffer.from(data).readUInt32LE(1));
  return Math.min(...limits, MAX_LOADED_SIZE);
}

/**
 * The size of everything a transaction loads, as it counts towards its limit. The data of an upgradeable program counts
 * once.
 *
 * @param {Message} message
 * @param {{ address: string }[]} accounts
 * @param {(address: string) => Account | null} getAccount
 * @returns {number}
 */
export function loadedDataSize(message, accounts, getAccount) {
  const addresses = accounts.map(({ address }) => address).filter((address) => address !== INSTRUCTIONS_SYSVAR);
  const programData = addresses.map((address) => programDataAddress(getAccount(address))).filter(Boolean);
  const sizes = [...new Set([...addresses, ...programData])].map((address) => size(getAccount(address)));
  return sizes.reduce((sum, each) => sum + each, LOOKUP_TABLE_SIZE * message.addressTableLookups.length);
}

function size(account) {
  return account ? ACCOUNT_SIZE + account.data.length : 0;
}

function programDataAddress(account) {
  if (account?.owner !== BPF_LOADER_UPGRADEABLE || account.data.length < PROGRAM_SIZE) return null;
  return account.data[0] === PROGRAM_KIND ? encode(account.data.subarray(4, PROGRAM_SIZE)) : null;
}
