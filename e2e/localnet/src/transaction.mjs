import { createHash, createPublicKey, verify } from 'node:crypto';
import { decode, encode } from './base58.mjs';
import { MAX_V1_SIZE, V1_PREFIX, readV1Message } from './message-v1.mjs';
import { MalformedTransaction, Reader, UnsaneTransaction } from './reader.mjs';

/** The largest legacy or version 0 transaction that a validator accepts: an IPv6 packet less its headers. */
export const MAX_V0_SIZE = 1232;

const SIGNATURE_SIZE = 64;
const VERSION_FLAG = 0x80;
const ED25519_SPKI_PREFIX = Buffer.from('302a300506032b6570032100', 'hex');

/** Caches whether the signatures of a transaction are valid: preflight and execution both check them. */
const verified = new WeakMap();

/**
 * @typedef {object} Instruction
 * @property {number} programIdIndex
 * @property {number[]} accounts
 * @property {Uint8Array} data
 *
 * @typedef {object} AddressTableLookup
 * @property {string} accountKey
 * @property {number[]} writableIndexes
 * @property {number[]} readonlyIndexes
 *
 * @typedef {object} Header
 * @property {number} numRequiredSignatures
 * @property {number} numReadonlySignedAccounts
 * @property {number} numReadonlyUnsignedAccounts
 *
 * @typedef {object} Message
 * @property {Uint8Array} bytes
 * @property {'legacy' | 0 | 1} version
 * @property {Header} header
 * @property {string[]} accountKeys the static ones; looked-up addresses come after them
 * @property {string} recentBlockhash a blockhash, or the value of a durable nonce
 * @property {number} blockhashOffset where in `bytes` it is
 * @property {Instruction[]} instructions
 * @property {AddressTableLookup[]} addressTableLookups
 * @property {import('./message-v1.mjs').TransactionConfig} [config] of version 1
 *
 * @typedef {object} Transaction
 * @property {Uint8Array} bytes
 * @property {Uint8Array[]} signatures
 * @property {string} id the first signature in base58
 * @property {Message} message
 * @property {number} messageOffset where in `bytes` the message begins
 * @property {number} signaturesOffset where in `bytes` the signatures begin
 *
 * @typedef {{ writable: string[], readonly: string[] }} LoadedAddresses
 */

/**
 * The largest size of a transaction or message that begins with these bytes.
 *
 * @param {Uint8Array} bytes
 */
export function maxSize(bytes) {
  return bytes[0] >= V1_PREFIX ? MAX_V1_SIZE : MAX_V0_SIZE;
}

/**
 * Decodes a transaction, strictly: LiteSVM ends the whole process on bytes it cannot decode.
 *
 * @param {Uint8Array} bytes
 * @returns {Transaction}
 * @throws {MalformedTransaction}
 */
export function decodeTransaction(bytes) {
  const parts = bytes[0] === V1_PREFIX ? readV1Transaction(bytes) : readTransaction(bytes);
  if (parts.signatures.length !== parts.message.header.numRequiredSignatures) {
    throw new UnsaneTransaction('the number of signatures differs from the message header');
  }
  return { bytes, id: encode(parts.signatures[0]), ...parts };
}

/** Signatures, then a legacy or version 0 message. */
function readTransaction(bytes) {
  const reader = new Reader(bytes);
  const count = reader.length();
  const signaturesOffset = reader.offset;
  const signatures = reader.times(count, () => reader.take(SIGNATURE_SIZE));
  const messageOffset = reader.offset;
  const message = reader.rest();
  if (message[0] === V1_PREFIX) throw new MalformedTransaction('a message of version 1 comes before its signatures');
  return { signatures, message: decodeMessage(message), messageOffset, signaturesOffset };
}

/** A version 1 message, then the number of signatures that its header requires. */
function readV1Transaction(bytes) {
  const reader = new Reader(bytes);
  const parts = readV1Message(reader);
  const signaturesOffset = reader.offset;
  const message = checked({ bytes: bytes.subarray(0, signaturesOffset), ...parts });
  const signatures = reader.times(message.header.numRequiredSignatures, () => reader.take(SIGNATURE_SIZE));
  if (!reader.atEnd) throw new MalformedTransaction('there are bytes left over after the signatures');
  return { signatures, message, messageOffset: 0, signaturesOffset };
}

/**
 * @param {Uint8Array} bytes
 * @returns {Message}
 * @throws {MalformedTransaction}
 */
export function decodeMessage(bytes) {
  const reader = new Reader(bytes);
  const parts = bytes[0] === V1_PREFIX ? readV1Message(reader) : readMessage(reader);
  if (!reader.atEnd) throw new MalformedTransaction('there are bytes left over after the message');
  return checked({ bytes, ...parts });
}

/**
 * Reads a legacy or version 0 message.
 *
 * @param {Reader} reader
 * @returns {Omit<Message, 'bytes'>}
 */
function readMessage(reader) {
  let version = /** @type {'legacy' | 0} */ ('legacy');
  let first = reader.byte();
  if (first & VERSION_FLAG) {
    if (first !== VERSION_FLAG) throw new MalformedTransaction(`unsupported message version ${first & 0x7f}`);
    version = 0;
    first = reader.byte();
  }
  return {
    version,
    header: {
      numRequiredSignatures: first,
      numReadonlySignedAccounts: reader.byte(),
      numReadonlyUnsignedAccounts: reader.byte(),
    },
    accountKeys: reader.list(() => reader.address()),
    blockhashOffset: reader.offset,
    recentBlockhash: reader.address(),
    instructions: reader.list(() => ({
      programIdIndex: reader.byte(),
      accounts: reader.bytes(),
      data: reader.take(reader.length()),
    })),
    addressTableLookups:
      version === 'legacy'
        ? []
        : reader.list(() => ({
            accountKey: reader.address(),
            writableIndexes: reader.bytes(),
            readonlyIndexes: reader.bytes(),
          })),
  };
}

/**
 * The bytes of the transaction with another blockhash, which its signatures do not cover.
 *
 * @param {Transaction} transaction
 * @param {string} blockhash
 * @returns {Uint8Array}
 */
export function bytesWithBlockhash({ bytes, message, messageOffset }, blockhash) {
  const changed = Uint8Array.from(bytes);
  changed.set(decode(blockhash), messageOffset + message.blockhashOffset);
  return changed;
}

/**
 * Every address of the transaction, in the order its instructions index them, with its privileges.
 *
 * @param {Message} message
 * @param {LoadedAddresses} loaded
 * @returns {{ address: string, writable: boolean }[]}
 */
export function transactionAccounts(message, loaded) {
  const { numRequiredSignatures, numReadonlySignedAccounts, numReadonlyUnsignedAccounts } = message.header;
  const firstReadonlySigner = numRequiredSignatures - numReadonlySignedAccounts;
  const firstReadonlyOther = message.accountKeys.length - numReadonlyUnsignedAccounts;
  const isWritable = (index) =>
    index < numRequiredSignatures ? index < firstReadonlySigner : index < firstReadonlyOther;
  return [
    ...message.accountKeys.map((address, index) => ({ address, writable: isWritable(index) })),
    ...loaded.writable.map((address) => ({ address, writable: true })),
    ...loaded.readonly.map((address) => ({ address, writable: false })),
  ];
}

/**
 * @param {Transaction} transaction
 * @returns {boolean} whether every required signature is present and valid
 */
export function hasValidSignatures(transaction) {
  if (!verified.has(transaction)) verified.set(transaction, verifySignatures(transaction));
  return verified.get(transaction);
}

function verifySignatures({ message, signatures }) {
  return signatures.every((signature, index) => {
    const key = Buffer.concat([ED25519_SPKI_PREFIX, decode(message.accountKeys[index])]);
    return verify(null, message.bytes, createPublicKey({ key, format: 'der', type: 'spki' }), signature);
  });
}

/**
 * Derives the id of an unsigned transaction from its message, so that it is unique.
 *
 * @param {Transaction} transaction
 * @returns {Transaction}
 */
export function withSyntheticSignature(transaction) {
  if (transaction.signatures[0].some((byte) => byte !== 0)) return transaction;
  const bytes = Uint8Array.from(transaction.bytes);
  bytes.set(createHash('sha512').update(transaction.message.bytes).digest(), transaction.signaturesOffset);
  return decodeTransaction(bytes);
}

/**
 * Encodes a legacy message with one signer and one instruction, which uses every account except its program's.
 *
 * @param {{ payer: string, writable?: string[], program: string, data: Uint8Array, blockhash: string }} parts
 * @returns {Buffer}
 */
export function encodeMessage({ payer, writable = [], program, data, blockhash }) {
  const keys = [payer, ...writable, program];
  const programIndex = keys.length - 1;
  return Buffer.concat([
    Buffer.from([1, 0, 1, keys.length]), // one signer, none of the signers read-only, one other account read-only
    ...keys.map(decode),
    decode(blockhash),
    Buffer.from([1, programIndex, programIndex, ...keys.keys()].slice(0, 3 + programIndex)),
    Buffer.from([data.length]),
    data,
  ]);
}

/**
 * @param {Uint8Array} signature
 * @param {Uint8Array} message one with one signer
 * @returns {Transaction}
 */
export function singleSignerTransaction(signature, message) {
  return decodeTransaction(Buffer.concat([Buffer.from([1]), signature, message]));
}

/**
 * @param {Message} message
 * @returns {Message} the same
 * @throws {UnsaneTransaction}
 */
function checked(message) {
  const { header, accountKeys, instructions, addressTableLookups } = message;
  const { numRequiredSignatures, numReadonlySignedAccounts, numReadonlyUnsignedAccounts } = header;
  const looked = addressTableLookups.flatMap((lookup) => [...lookup.writableIndexes, ...lookup.readonlyIndexes]);
  const total = accountKeys.length + looked.length;
  const isSane =
    numRequiredSignatures > numReadonlySignedAccounts &&
    numRequiredSignatures + numReadonlyUnsignedAccounts <= accountKeys.length &&
    total <= 256 &&
    instructions.every(
      ({ programIdIndex, accounts }) =>
        programIdIndex > 0 && programIdIndex < accountKeys.length && accounts.every((index) => index < total),
    );
  if (!isSane) throw new UnsaneTransaction();
  return message;
}
