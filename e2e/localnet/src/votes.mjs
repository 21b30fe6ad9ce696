import { encode } from './base58.mjs';
import { STAKE_PROGRAM, VOTE_PROGRAM } from './ids.mjs';

/**
 * @typedef {import('./vm.mjs').Account} Account
 *
 * @typedef {object} Validator
 * @property {string} votePubkey
 * @property {string} nodePubkey
 * @property {number} commissionBps
 * @property {bigint} activatedStake
 */

/** A vote account's data begins with a version; all of these have the node's address next. */
const VOTE_VERSIONS = { v1_14_11: 1, v3: 2, v4: 3 };
const NODE_OFFSET = 4;
/** The commission in versions before v4, in percent. */
const COMMISSION_OFFSET = 68;
/** The commission in v4, in basis points. */
const COMMISSION_BPS_OFFSET = 132;

/** The state of a delegated stake account. */
const DELEGATED = 2;
const VOTER_OFFSET = 124;
const STAKE_OFFSET = 156;
const ACTIVATION_EPOCH_OFFSET = 164;
const DEACTIVATION_EPOCH_OFFSET = 172;
const STAKE_END = 180;

/**
 * @param {import('./ledger.mjs').Ledger} ledger
 * @returns {Validator[]}
 */
export function validators(ledger) {
  const stakes = activatedStakes(ledger);
  return ledger.programAccounts(VOTE_PROGRAM, isVoteAccount).map(({ address, account }) => ({
    votePubkey: address,
    nodePubkey: encode(account.data.subarray(NODE_OFFSET, NODE_OFFSET + 32)),
    commissionBps: commissionBps(Buffer.from(account.data)),
    activatedStake: stakes.get(address) ?? 0n,
  }));
}

function commissionBps(data) {
  const isV4 = data.readUInt32LE(0) === VOTE_VERSIONS.v4;
  return isV4 ? data.readUInt16LE(COMMISSION_BPS_OFFSET) : 100 * data[COMMISSION_OFFSET];
}

/** @returns {Map<string, bigint>} by vote account; the history is empty, so stake is active from the next epoch on */
function activatedStakes(ledger) {
  const epoch = BigInt(ledger.timeline.clock.epoch);
  const stakes = new Map();
  for (const { account } of ledger.programAccounts(STAKE_PROGRAM, isDelegated)) {
    const data = Buffer.from(account.data);
    const isActive =
      data.readBigUInt64LE(ACTIVATION_EPOCH_OFFSET) < epoch && epoch <= data.readBigUInt64LE(DEACTIVATION_EPOCH_OFFSET);
    if (!isActive) continue;
    const voter = encode(data.subarray(VOTER_OFFSET, STAKE_OFFSET));
    stakes.set(voter, (stakes.get(voter) ?? 0n) + data.readBigUInt64LE(STAKE_OFFSET));
  }
  return stakes;
}

/** @param {Account} account */
function isVoteAccount({ data }) {
  const isLongEnough = data.length >= COMMISSION_BPS_OFFSET + 2;
  return isLongEnough && Object.values(VOTE_VERSIONS).includes(Buffer.from(data).readUInt32LE(0));
}

/** @param {Account} account */
function isDelegated({ data }) {
  return data.length >= STAKE_END && data[0] === DELEGATED;
}
