import * as ids from './ids.mjs';

export const LAMPORTS_PER_SIGNATURE = 5_000n;
const BUILTIN_COMPUTE_UNITS = 3_000n;
const DEFAULT_COMPUTE_UNITS = 200_000n;
const MAX_COMPUTE_UNITS = 1_400_000n;
const MICRO_LAMPORTS_PER_LAMPORT = 1_000_000n;
const MAX_LAMPORTS = 2n ** 64n - 1n;

const SET_COMPUTE_UNIT_LIMIT = 2;
const SET_COMPUTE_UNIT_PRICE = 3;

const PRECOMPILES = new Set([ids.ED25519_PROGRAM, ids.SECP256K1_PROGRAM, ids.SECP256R1_PROGRAM]);
const BUILTINS = new Set([
  ids.SYSTEM_PROGRAM,
  ids.VOTE_PROGRAM,
  ids.COMPUTE_BUDGET_PROGRAM,
  ids.BPF_LOADER_DEPRECATED,
  ids.BPF_LOADER,
  ids.BPF_LOADER_UPGRADEABLE,
  ids.LOADER_V4,
  ids.ED25519_PROGRAM,
  ids.SECP256K1_PROGRAM,
]);

/**
 * The fee: the base fee of each signature and the priority fee. It saturates at the largest u64, as in a bank.
 *
 * @param {import('./transaction.mjs').Message} message
 * @returns {bigint} lamports
 */
export function transactionFee(message) {
  const priority = message.version === 1 ? (message.config.priorityFee ?? 0n) : priceOfUnits(message);
  return min(signatureCount(message) * LAMPORTS_PER_SIGNATURE + priority, MAX_LAMPORTS);
}

/** The signatures of the transaction and those that precompiles verify. */
function signatureCount({ header, accountKeys, instructions }) {
  const checked = instructions
    .filter(({ programIdIndex }) => PRECOMPILES.has(accountKeys[programIdIndex]))
    .map(({ data }) => data[0] ?? 0);
  return BigInt(checked.reduce((sum, count) => sum + count, header.numRequiredSignatures));
}

/** The price of the compute units that compute budget instructions request. */
function priceOfUnits({ accountKeys, instructions }) {
  let price = 0n;
  let limit;
  let defaultLimit = 0n;
  for (const { programIdIndex, data } of instructions) {
    const program = accountKeys[programIdIndex];
    defaultLimit += BUILTINS.has(program) ? BUILTIN_COMPUTE_UNITS : DEFAULT_COMPUTE_UNITS;
    if (program !== ids.COMPUTE_BUDGET_PROGRAM) continue;
    const buffer = Buffer.from(data);
    if (data[0] === SET_COMPUTE_UNIT_LIMIT && data.length >= 5) limit = BigInt(buffer.readUInt32LE(1));
    if (data[0] === SET_COMPUTE_UNIT_PRICE && data.length >= 9) price = buffer.readBigUInt64LE(1);
  }
  const units = min(limit ?? defaultLimit, MAX_COMPUTE_UNITS);
  return (price * units + MICRO_LAMPORTS_PER_LAMPORT - 1n) / MICRO_LAMPORTS_PER_LAMPORT;
}

function min(a, b) {
  return a < b ? a : b;
}
