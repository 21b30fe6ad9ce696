import { MalformedTransaction, UnsaneTransaction } from './reader.mjs';

/**
 * Messages of version 1 (SIMD-0385): the message holds the compute budget, there are no lookup tables, and in a
 * transaction the signatures come after the message.
 *
 * @typedef {import('./reader.mjs').Reader} Reader
 * @typedef {import('./transaction.mjs').Message} Message
 *
 * @typedef {object} TransactionConfig what the message asks for; null where it does not say
 * @property {bigint | null} priorityFee lamports
 * @property {number | null} computeUnitLimit
 * @property {number | null} loadedAccountsDataSizeLimit
 * @property {number | null} heapSize
 */

export const V1_PREFIX = 0x81;
/** The largest transaction of this version, with its signatures. */
export const MAX_V1_SIZE = 4096;

const MAX_SIGNATURES = 12;
const MAX_ADDRESSES = 64;
const MAX_INSTRUCTIONS = 64;
const MIN_HEAP = 32 * 1024;
const MAX_HEAP = 256 * 1024;
const HEAP_STEP = 1024;

/** Bits of the mask of the configuration's present fields. */
const PRIORITY_FEE = 0b11;
const COMPUTE_UNIT_LIMIT = 0b100;
const LOADED_ACCOUNTS_DATA_SIZE_LIMIT = 0b1000;
const HEAP_SIZE = 0b10000;
const KNOWN_FIELDS = PRIORITY_FEE | COMPUTE_UNIT_LIMIT | LOADED_ACCOUNTS_DATA_SIZE_LIMIT | HEAP_SIZE;

/**
 * Reads a message up to its end, where the signatures begin.
 *
 * @param {Reader} reader positioned at the message's first byte
 * @returns {Omit<Message, 'bytes'>}
 * @throws {MalformedTransaction}
 */
export function readV1Message(reader) {
  if (reader.byte() !== V1_PREFIX) throw new MalformedTransaction('not a message of version 1');
  const header = {
    numRequiredSignatures: reader.byte(),
    numReadonlySignedAccounts: reader.byte(),
    numReadonlyUnsignedAccounts: reader.byte(),
  };
  const mask = reader.u32();
  const blockhashOffset = reader.offset;
  const recentBlockhash = reader.address();
  const instructionCount = reader.byte();
  const addressCount = reader.byte();
  const accountKeys = reader.times(addressCount, () => reader.address());
  const config = readConfig(reader, mask);
  const heads = reader.times(instructionCount, () => ({
    programIdIndex: reader.byte(),
    accountCount: reader.byte(),
    dataSize: reader.u16(),
  }));
  const instructions = heads.map(({ programIdIndex, accountCount, dataSize }) => ({
    programIdIndex,
    accounts: [...reader.take(accountCount)],
    data: reader.take(dataSize),
  }));
  const message = {
    version: /** @type {const} */ (1),
    header,
    accountKeys,
    blockhashOffset,
    recentBlockhash,
    instructions,
    addressTableLookups: [],
    config,
  };
  checkLimits(message);
  return message;
}

/** @returns {TransactionConfig} */
function readConfig(reader, mask) {
  const priorityFeeBits = mask & PRIORITY_FEE;
  if ((mask & ~KNOWN_FIELDS) !== 0 || (priorityFeeBits !== 0 && priorityFeeBits !== PRIORITY_FEE)) {
    throw new MalformedTransaction('invalid transaction config mask');
  }
  return {
    priorityFee: mask & PRIORITY_FEE ? reader.u64() : null,
    computeUnitLimit: mask & COMPUTE_UNIT_LIMIT ? reader.u32() : null,
    loadedAccountsDataSizeLimit: mask & LOADED_ACCOUNTS_DATA_SIZE_LIMIT ? reader.u32() : null,
    heapSize: mask & HEAP_SIZE ? reader.u32() : null,
  };
}

function checkLimits({ header, accountKeys, instructions, config: { heapSize } }) {
  const isHeapValid =
    heapSize === null || (heapSize >= MIN_HEAP && heapSize <= MAX_HEAP && heapSize % HEAP_STEP === 0);
  const isSane =
    header.numRequiredSignatures <= MAX_SIGNATURES &&
    accountKeys.length <= MAX_ADDRESSES &&
    instructions.length <= MAX_INSTRUCTIONS &&
    new Set(accountKeys).size === accountKeys.length &&
    isHeapValid;
  if (!isSane) throw new UnsaneTransaction();
}
