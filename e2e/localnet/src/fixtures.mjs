import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { isBase58 } from './base58.mjs';
import { parse } from './json.mjs';

/**
 * @typedef {import('./vm.mjs').Account} Account
 * @typedef {{ address: string, account: Account }} AccountDump
 * @typedef {{ id: string, name: string, elf: Buffer, deploySlot: number }} ProgramFile
 * @typedef {(line: string) => void} Log
 */

const U64_MAX = 2n ** 64n - 1n;

/**
 * Reads every account dump in the directories. A file that is not one is logged and skipped; when two files hold the
 * same address, the later one wins.
 *
 * @param {string[]} dirs
 * @param {Log} log
 * @returns {AccountDump[]}
 */
export function readAccounts(dirs, log) {
  /** @type {Map<string, AccountDump>} */
  const dumps = new Map();
  for (const file of filesIn(dirs, '.json')) {
    try {
      const dump = parseAccountDump(parse(readFileSync(file, 'utf8')));
      dumps.set(dump.address, dump);
    } catch (error) {
      log(`skipped ${basename(file)}: not an account dump (${error.message})`);
    }
  }
  return [...dumps.values()];
}

/**
 * Reads every program binary in the directories. Its id is that of the map files, or the file's name where
 * that is an address; a file with neither is logged and skipped. The map may give one file several ids.
 *
 * @param {string[]} dirs
 * @param {string[]} mapFiles
 * @param {Log} log
 * @returns {ProgramFile[]}
 */
export function readPrograms(dirs, mapFiles, log) {
  const map = readProgramMap(mapFiles);
  const programs = [];
  for (const file of filesIn(dirs, '.so')) {
    const name = basename(file);
    const stem = basename(file, '.so');
    const entries = map.get(name) ?? (isBase58(stem) ? [{ id: stem, deploySlot: 0 }] : []);
    if (entries.length === 0) log(`skipped ${name}: its name is not a program id and no --map names it`);
    const elf = readFileSync(file);
    programs.push(...entries.map((entry) => ({ ...entry, name, elf })));
  }
  return programs;
}

/**
 * @param {any} json an object in the format of `solana account --output json`
 * @returns {AccountDump}
 * @throws {Error} for any other object
 */
export function parseAccountDump(json) {
  if (!isBase58(json?.pubkey)) throw new Error('no "pubkey"');
  const { account } = json;
  if (typeof account !== 'object' || account === null) throw new Error('no "account"');
  return { address: json.pubkey, account: parseAccountFields(account) };
}

/**
 * Reads the account object of a dump; fields that are missing come from `base`.
 *
 * @param {any} json
 * @param {Account | null} [base]
 * @returns {Account}
 */
export function parseAccountFields(json, base) {
  const owner = json.owner ?? base?.owner;
  const lamports = json.lamports ?? base?.lamports;
  if (!isBase58(owner)) throw new Error('no valid "owner"');
  if (lamports === undefined) throw new Error('no "lamports"');
  return {
    lamports: u64(lamports),
    data: json.data === undefined && base ? base.data : decodeData(json.data),
    owner,
    executable: Boolean(json.executable ?? base?.executable),
    rentEpoch: json.rentEpoch === undefined ? (base?.rentEpoch ?? U64_MAX) : u64(json.rentEpoch),
  };
}

function decodeData(data) {
  const [text, encoding] = Array.isArray(data) ? data : [data, 'base64'];
  if (typeof text !== 'string' || encoding !== 'base64') throw new Error('"data" is not base64');
  return new Uint8Array(Buffer.from(text, 'base64'));
}

/** Tools that round big integers write 2^64-1 as 18446744073709552000: such a value is clamped. */
function u64(value) {
  const integer = BigInt(value);
  if (integer < 0n) throw new Error(`${integer} is negative`);
  return integer > U64_MAX ? U64_MAX : integer;
}

/** @returns {Map<string, { id: string, deploySlot: number }[]>} */
function readProgramMap(files) {
  const map = new Map();
  for (const file of files) {
    for (const [name, value] of Object.entries(parse(readFileSync(file, 'utf8')))) {
      map.set(name, [value].flat().map((entry) => programMapEntry(entry, `${basename(file)}: ${name}`)));
    }
  }
  return map;
}

function programMapEntry(entry, where) {
  const { id, deploySlot = 0 } = typeof entry === 'string' ? { id: entry } : entry;
  if (!isBase58(id)) throw new Error(`${where} has no valid program id`);
  return { id, deploySlot };
}

function filesIn(dirs, extension) {
  return dirs.flatMap((dir) =>
    readdirSync(dir)
      .filter((name) => name.endsWith(extension))
      .sort()
      .map((name) => join(dir, name)),
  );
}
