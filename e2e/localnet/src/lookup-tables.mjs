import { encode } from './base58.mjs';
import { ADDRESS_LOOKUP_TABLE_PROGRAM } from './ids.mjs';

/**
 * @typedef {import('./vm.mjs').Account} Account
 * @typedef {import('./transaction.mjs').Message} Message
 * @typedef {import('./transaction.mjs').LoadedAddresses} LoadedAddresses
 */

const META_SIZE = 56;
const LOOKUP_TABLE_KIND = 1;
const NEVER = 2n ** 64n - 1n;
/** A deactivated table resolves for as many slots as the slot hashes sysvar reaches back (512). */
const DEACTIVATION_SLOTS = 512n;

/** A lookup that does not resolve; `err` is its transaction error. */
export class LookupFailure extends Error {
  /** @param {string} err */
  constructor(err) {
    super(err);
    this.err = err;
  }
}

/**
 * @param {Account | null} account
 * @returns {{ deactivationSlot: bigint, lastExtendedSlot: bigint, olderAddresses: number, addresses: string[] }}
 * @throws {LookupFailure} when it is not a lookup table
 */
export function parseLookupTable(account) {
  if (!account) throw new LookupFailure('AddressLookupTableNotFound');
  if (account.owner !== ADDRESS_LOOKUP_TABLE_PROGRAM) throw new LookupFailure('InvalidAddressLookupTableOwner');
  const data = Buffer.from(account.data);
  const isTable =
    data.length >= META_SIZE && data.readUInt32LE(0) === LOOKUP_TABLE_KIND && (data.length - META_SIZE) % 32 === 0;
  if (!isTable) throw new LookupFailure('InvalidAddressLookupTableData');
  const count = (data.length - META_SIZE) / 32;
  return {
    deactivationSlot: data.readBigUInt64LE(4),
    lastExtendedSlot: data.readBigUInt64LE(12),
    olderAddresses: data[20],
    addresses: Array.from({ length: count }, (_, index) => {
      const offset = META_SIZE + 32 * index;
      return encode(data.subarray(offset, offset + 32));
    }),
  };
}

/**
 * Resolves the addresses that a version 0 message loads from lookup tables.
 *
 * @param {Message} message
 * @param {(address: string) => Account | null} getAccount
 * @param {number} slot
 * @returns {LoadedAddresses}
 * @throws {LookupFailure}
 */
export function resolveLookups(message, getAccount, slot) {
  /** @type {LoadedAddresses} */
  const loaded = { writable: [], readonly: [] };
  for (const { accountKey, writableIndexes, readonlyIndexes } of message.addressTableLookups) {
    const addresses = activeAddresses(getAccount(accountKey), BigInt(slot));
    const at = (index) => {
      if (index >= addresses.length) throw new LookupFailure('InvalidAddressLookupTableIndex');
      return addresses[index];
    };
    loaded.writable.push(...writableIndexes.map(at));
    loaded.readonly.push(...readonlyIndexes.map(at));
  }
  return loaded;
}

/** Addresses that were added in the current slot, or in a later one by its clock, are not usable yet. */
function activeAddresses(account, slot) {
  const { deactivationSlot, lastExtendedSlot, olderAddresses, addresses } = parseLookupTable(account);
  if (deactivationSlot !== NEVER && slot > deactivationSlot + DEACTIVATION_SLOTS) {
    throw new LookupFailure('AddressLookupTableNotFound');
  }
  return slot > lastExtendedSlot ? addresses : addresses.slice(0, olderAddresses);
}
