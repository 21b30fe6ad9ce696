/** Just enough of a Solana client to build and sign transactions in tests. */
import { generateKeyPairSync, sign } from 'node:crypto';
import { decode, encode } from '../src/base58.mjs';
import { SYSTEM_PROGRAM } from '../src/ids.mjs';

/**
 * @typedef {{ address: string, signer?: boolean, writable?: boolean }} Meta
 * @typedef {{ program: string, accounts: Meta[], data: Uint8Array }} Instruction
 * @typedef {{ address: string, addresses: string[] }} LookupTable
 *
 * @typedef {object} V1Config
 * @property {number} [priorityFee]
 * @property {number} [computeUnitLimit]
 * @property {number} [loadedAccountsDataSizeLimit]
 * @property {number} [heapSize]
 */

const NONCE_LAMPORTS = 2_000_000;
const NONCE_SYSVARS = [
  { address: 'SysvarRecentB1ockHashes11111111111111111111' },
  { address: 'SysvarRent111111111111111111111111111111111' },
];

export class Keypair {
  #privateKey;

  constructor() {
    const { publicKey, privateKey } = generateKeyPairSync('ed25519');
    this.#privateKey = privateKey;
    this.address = encode(Buffer.from(publicKey.export({ format: 'jwk' }).x, 'base64url'));
  }

  sign(message) {
    return sign(null, message, this.#privateKey);
  }
}

/**
 * @param {{ payer: string, instructions: Instruction[], blockhash: string, lookupTables?: LookupTable[] }} parts with
 *   `lookupTables` (even none) the message is version 0
 * @returns {{ bytes: Buffer, signers: string[] }}
 */
export function compileMessage({ payer, instructions, blockhash, lookupTables }) {
  const metas = mergeMetas(payer, instructions);
  const programs = new Set(instructions.map(({ program }) => program));
  const inTables = new Set((lookupTables ?? []).flatMap((table) => table.addresses));
  const isLookedUp = ({ address, signer }) => !signer && !programs.has(address) && inTables.has(address);
  const isStatic = (meta) => !isLookedUp(meta);
  const of = (signer, writable) => metas.filter((meta) => meta.signer === signer && meta.writable === writable);
  const groups = [of(true, true), of(true, false), of(false, true).filter(isStatic), of(false, false).filter(isStatic)];
  const statics = groups.flat();
  const lookups = (lookupTables ?? [])
    .map((table) => lookup(table, metas.filter(isLookedUp)))
    .filter(({ writable, readonly }) => writable.length + readonly.length > 0);
  const keys = [
    ...statics.map((meta) => meta.address),
    ...lookups.flatMap(({ table, writable }) => writable.map((index) => table.addresses[index])),
    ...lookups.flatMap(({ table, readonly }) => readonly.map((index) => table.addresses[index])),
  ];
  const parts = [
    ...(lookupTables ? [Buffer.from([0x80])] : []),
    Buffer.from([groups[0].length + groups[1].length, groups[1].length, groups[3].length]),
    list(statics.map((meta) => decode(meta.address))),
    decode(blockhash),
    list(
      instructions.map(({ program, accounts, data }) =>
        Buffer.concat([
          Buffer.from([keys.indexOf(program)]),
          bytes(accounts.map(({ address }) => keys.indexOf(address))),
          bytes(data),
        ]),
      ),
    ),
    ...(lookupTables ? [list(lookups.map(encodeLookup))] : []),
  ];
  const signers = statics.filter((meta) => meta.signer).map((meta) => meta.address);
  return { bytes: Buffer.concat(parts), signers };
}

/**
 * @param {{ payer: string, instructions: Instruction[], blockhash: string, config?: V1Config }} parts
 * @returns {{ bytes: Buffer, signers: string[] }} a message of version 1
 */
export function compileV1Message({ payer, instructions, blockhash, config = {} }) {
  const metas = mergeMetas(payer, instructions);
  const of = (signer, writable) => metas.filter((meta) => meta.signer === signer && meta.writable === writable);
  const groups = [of(true, true), of(true, false), of(false, true), of(false, false)];
  const keys = groups.flat().map((meta) => meta.address);
  const { priorityFee, computeUnitLimit, loadedAccountsDataSizeLimit, heapSize } = config;
  const fields = [
    { mask: 0b11, value: priorityFee, size: 8 },
    { mask: 0b100, value: computeUnitLimit, size: 4 },
    { mask: 0b1000, value: loadedAccountsDataSizeLimit, size: 4 },
    { mask: 0b10000, value: heapSize, size: 4 },
  ].filter(({ value }) => value !== undefined);
  const parts = [
    Buffer.from([0x81, groups[0].length + groups[1].length, groups[1].length, groups[3].length]),
    littleEndian(fields.reduce((sum, { mask }) => sum | mask, 0), 4),
    decode(blockhash),
    Buffer.from([instructions.length, keys.length]),
    ...keys.map(decode),
    ...fields.map(({ value, size }) => littleEndian(value, size)),
    ...instructions.flatMap(({ program, accounts, data }) => [
      Buffer.from([keys.indexOf(program), accounts.length]),
      littleEndian(data.length, 2),
    ]),
    ...instructions.flatMap(({ accounts, data }) => [
      Buffer.from(accounts.map(({ address }) => keys.indexOf(address))),
      Buffer.from(data),
    ]),
  ];
  const signers = keys.slice(0, groups[0].length + groups[1].length);
  return { bytes: Buffer.concat(parts), signers };
}

/**
 * @param {Parameters<typeof compileMessage>[0]} parts
 * @param {Keypair[]} keypairs a missing signer signs with zeros
 * @returns {{ base64: string, signature: string }}
 */
export function signedTransaction(parts, keypairs) {
  const message = compileMessage(parts);
  const signed = signatures(message, keypairs);
  const wire = Buffer.concat([list(signed), message.bytes]);
  return { base64: wire.toString('base64'), signature: encode(signed[0]) };
}

/**
 * @param {Parameters<typeof compileV1Message>[0]} parts
 * @param {Keypair[]} keypairs
 * @returns {{ base64: string, signature: string, message: Buffer }}
 */
export function signedV1Transaction(parts, keypairs) {
  const message = compileV1Message(parts);
  const signed = signatures(message, keypairs);
  const wire = Buffer.concat([message.bytes, ...signed]);
  return { base64: wire.toString('base64'), signature: encode(signed[0]), message: message.bytes };
}

function signatures({ bytes: message, signers }, keypairs) {
  return signers.map(
    (address) => keypairs.find((keypair) => keypair.address === address)?.sign(message) ?? Buffer.alloc(64),
  );
}

/** @returns {Instruction} */
export function transfer(from, to, lamports) {
  const data = Buffer.alloc(12);
  data.writeUInt32LE(2);
  data.writeBigUInt64LE(BigInt(lamports), 4);
  const accounts = [
    { address: from, signer: true, writable: true },
    { address: to, writable: true },
  ];
  return { program: SYSTEM_PROGRAM, accounts, data };
}

/** @returns {Instruction[]} the instructions that create a nonce account */
export function createNonce(payer, nonce, authority = payer) {
  const accounts = [
    { address: payer, signer: true, writable: true },
    { address: nonce, signer: true, writable: true },
  ];
  const [lamports, size] = [littleEndian(NONCE_LAMPORTS, 8), littleEndian(80, 8)];
  const create = Buffer.concat([littleEndian(0, 4), lamports, size, decode(SYSTEM_PROGRAM)]);
  const initialize = Buffer.concat([littleEndian(6, 4), decode(authority)]);
  return [
    { program: SYSTEM_PROGRAM, accounts, data: create },
    { program: SYSTEM_PROGRAM, accounts: [{ address: nonce, writable: true }, ...NONCE_SYSVARS], data: initialize },
  ];
}

/** @returns {Instruction} */
export function advanceNonce(nonce, authority) {
  const accounts = [{ address: nonce, writable: true }, NONCE_SYSVARS[0], { address: authority, signer: true }];
  return { program: SYSTEM_PROGRAM, accounts, data: littleEndian(4, 4) };
}

function mergeMetas(payer, instructions) {
  const metas = new Map([[payer, { address: payer, signer: true, writable: true }]]);
  const all = instructions.flatMap(({ program, accounts }) => [...accounts, { address: program }]);
  for (const { address, signer = false, writable = false } of all) {
    const known = metas.get(address);
    metas.set(address, {
      address,
      signer: signer || Boolean(known?.signer),
      writable: writable || Boolean(known?.writable),
    });
  }
  return [...metas.values()];
}

function lookup(table, metas) {
  const indexes = (writable) =>
    metas
      .filter((meta) => meta.writable === writable && table.addresses.includes(meta.address))
      .map((meta) => table.addresses.indexOf(meta.address));
  return { table, writable: indexes(true), readonly: indexes(false) };
}

function encodeLookup({ table, writable, readonly }) {
  return Buffer.concat([decode(table.address), bytes(writable), bytes(readonly)]);
}

/** @param {Uint8Array[]} items */
function list(items) {
  return Buffer.concat([length(items.length), ...items]);
}

/** @param {ArrayLike<number>} values */
function bytes(values) {
  return Buffer.concat([length(values.length), Buffer.from(values)]);
}

function length(value) {
  const out = [];
  for (let rest = value; ; rest >>= 7) {
    if (rest < 0x80) return Buffer.from([...out, rest]);
    out.push((rest & 0x7f) | 0x80);
  }
}

export function littleEndian(value, size) {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(value));
  return bytes.subarray(0, size);
}
