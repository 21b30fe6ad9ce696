import native from 'litesvm/dist/internal.js';
import { decode, encode } from './base58.mjs';
import { LAMPORTS_PER_SIGNATURE } from './fees.mjs';
import { RECENT_BLOCKHASHES_SYSVAR } from './ids.mjs';
import { fromLiteSvm } from './transaction-error.mjs';

/**
 * @typedef {object} Account
 * @property {bigint} lamports
 * @property {Uint8Array} data
 * @property {string} owner
 * @property {boolean} executable
 * @property {bigint} rentEpoch
 *
 * @typedef {object} InnerInstruction
 * @property {number} programIdIndex
 * @property {number[]} accounts
 * @property {Uint8Array} data
 * @property {number} stackHeight
 *
 * @typedef {object} Outcome what running a transaction did
 * @property {import('./transaction-error.mjs').TransactionError | null} err
 * @property {boolean} included whether a validator would put it into a block and charge its fee
 * @property {boolean} feesOnly whether it did not run, and its fee is still to be charged
 * @property {string[]} logs
 * @property {bigint} unitsConsumed
 * @property {{ programId: string, data: Uint8Array } | null} returnData
 * @property {InnerInstruction[][]} innerInstructions for each top-level instruction
 * @property {Map<string, Account>} postAccounts the writable accounts after a simulation that succeeded
 */

/** The offset of the ProgramData address in the upgradeable loader's Program account. */
const PROGRAM_DATA_ADDRESS_OFFSET = 4;
/** The offset of the slot of the last deployment in a ProgramData account. */
const DEPLOY_SLOT_OFFSET = 4;

/** Errors of the accounts of a transaction: it does not run, and pays its fee. */
const LOAD_ERRORS = ['InvalidProgramForExecution', 'MaxLoadedAccountsDataSizeExceeded'];
const RENT_EXEMPTION_THRESHOLD = 1;
const RENT_BURN_PERCENT = 50;
/** An entry of the sysvar is a blockhash and the fee of a signature; the sysvar always has its full size. */
const RECENT_BLOCKHASH_SIZE = 40;
const MAX_RECENT_BLOCKHASHES = 150;

/** A cache, because the same addresses are decoded again and again. */
const MAX_KNOWN_KEYS = 10_000;
const knownKeys = new Map();

/**
 * LiteSVM, with addresses in base58. This uses the native binding below LiteSVM's public class: that one drops
 * rentEpoch, and decodes and encodes transactions again.
 */
export class Vm {
  #svm = new native.LiteSvm();

  constructor() {
    // The ledger checks these, like a validator with recent blockhashes and a status cache.
    this.#svm.setSigverify(false);
    this.#svm.setBlockhashCheck(false);
    this.#svm.setTransactionHistory(0n);
    this.#svm.withNativeMints();
  }

  /** @returns {Account | null} */
  getAccount(address) {
    const account = this.#svm.getAccount(key(address));
    return account && fromNative(account);
  }

  /**
   * @param {string} address
   * @param {Account} account an account without lamports is removed
   */
  setAccount(address, { lamports, data, owner, executable, rentEpoch }) {
    const account = new native.Account(lamports, data, key(owner), executable, rentEpoch);
    this.#svm.setAccount(key(address), account);
  }

  /**
   * @param {string} programId
   * @param {(account: Account) => boolean} [matches]
   * @returns {{ address: string, account: Account }[]}
   */
  programAccounts(programId, matches = () => true) {
    return this.#svm.getProgramAccounts(decode(programId)).flatMap((entry) => {
      const account = fromNative(entry.account(), programId);
      return matches(account) ? [{ address: encode(entry.address), account }] : [];
    });
  }

  /**
   * Deploys a program with the upgradeable loader, as immutable, in the given slot.
   *
   * @param {string} id
   * @param {Uint8Array} elf
   * @param {number} deploySlot
   */
  addProgram(id, elf, deploySlot) {
    this.#svm.addProgram(decode(id), elf);
    const program = this.getAccount(id);
    const address = encode(program.data.subarray(PROGRAM_DATA_ADDRESS_OFFSET, PROGRAM_DATA_ADDRESS_OFFSET + 32));
    const programData = this.getAccount(address);
    const data = Buffer.from(programData.data);
    data.writeBigUInt64LE(BigInt(deploySlot), DEPLOY_SLOT_OFFSET);
    this.setAccount(address, { ...programData, data });
  }

  setClock({ slot, epochStartTimestamp, epoch, leaderScheduleEpoch, unixTimestamp }) {
    this.#svm.setClock(
      new native.Clock(
        BigInt(slot),
        BigInt(epochStartTimestamp),
        BigInt(epoch),
        BigInt(leaderScheduleEpoch),
        BigInt(unixTimestamp),
      ),
    );
  }

  setEpochSchedule({ slotsPerEpoch }) {
    const length = BigInt(slotsPerEpoch);
    this.#svm.setEpochSchedule(new native.EpochSchedule(length, length, false, 0n, 0n));
  }

  /** @param {{ slot: number, hash: string }[]} hashes newest first */
  setSlotHashes(hashes) {
    this.#svm.setSlotHashes(hashes.map(({ slot, hash }) => ({ slot: BigInt(slot), hash })));
  }

  /** @param {Buffer[]} blockhashes newest first */
  setRecentBlockhashes(blockhashes) {
    const entries = blockhashes.slice(0, MAX_RECENT_BLOCKHASHES);
    const data = Buffer.alloc(8 + RECENT_BLOCKHASH_SIZE * MAX_RECENT_BLOCKHASHES);
    data.writeBigUInt64LE(BigInt(entries.length));
    entries.forEach((blockhash, index) => {
      const offset = 8 + RECENT_BLOCKHASH_SIZE * index;
      blockhash.copy(data, offset);
      data.writeBigUInt64LE(LAMPORTS_PER_SIGNATURE, offset + 32);
    });
    this.setAccount(RECENT_BLOCKHASHES_SYSVAR, { ...this.getAccount(RECENT_BLOCKHASHES_SYSVAR), data });
  }

  /** @param {bigint} lamportsPerByte */
  setRent(lamportsPerByte) {
    this.#svm.setRent(new native.Rent(lamportsPerByte, RENT_EXEMPTION_THRESHOLD, RENT_BURN_PERCENT));
  }

  rentExemption(dataLength) {
    return this.#svm.minimumBalanceForRentExemption(BigInt(dataLength));
  }

  /** @returns {Outcome} */
  simulate(transactionBytes) {
    const result = this.#svm.simulateVersionedTransaction(transactionBytes);
    if (result instanceof native.FailedTransactionMetadata) return failure(result);
    const postAccounts = result
      .postAccounts()
      .map((entry) => /** @type {const} */ ([encode(entry.address), fromNative(entry.account())]));
    return { ...success(result.meta()), postAccounts: new Map(postAccounts) };
  }

  /** @returns {Outcome} */
  execute(transactionBytes) {
    const result = this.#svm.sendVersionedTransaction(transactionBytes);
    return result instanceof native.FailedTransactionMetadata ? failure(result) : success(result);
  }
}

/** @param {string} address */
function key(address) {
  if (!knownKeys.has(address)) {
    if (knownKeys.size === MAX_KNOWN_KEYS) knownKeys.clear();
    knownKeys.set(address, decode(address));
  }
  return knownKeys.get(address);
}

/**
 * @param {any} account
 * @param {string} [owner] if it is known
 * @returns {Account}
 */
function fromNative(account, owner) {
  return {
    lamports: account.lamports(),
    data: account.data(),
    owner: owner ?? encode(account.owner()),
    executable: account.executable(),
    rentEpoch: account.rentEpoch(),
  };
}

/** @returns {Outcome} */
function success(meta) {
  return { ...common(meta), err: null, included: true, feesOnly: false };
}

/** @returns {Outcome} */
function failure(result) {
  const meta = result.meta();
  const err = fromLiteSvm(result.err());
  // LiteSVM sets the signature only for a transaction that ran.
  const hasRun = meta.signature().some((byte) => byte !== 0);
  const feesOnly = !hasRun && LOAD_ERRORS.includes(err);
  return { ...common(meta), err, included: hasRun || feesOnly, feesOnly };
}

function common(meta) {
  const returnData = meta.returnData();
  const data = returnData.data();
  return {
    logs: meta.logs(),
    unitsConsumed: meta.computeUnitsConsumed(),
    returnData: data.length > 0 ? { programId: encode(returnData.programId()), data } : null,
    innerInstructions: meta.innerInstructions().map((list) => list.map(innerInstruction)),
    postAccounts: new Map(),
  };
}

function innerInstruction(inner) {
  const instruction = inner.instruction();
  return {
    programIdIndex: instruction.programIdIndex(),
    accounts: [...instruction.accounts()],
    data: instruction.data(),
    stackHeight: inner.stackHeight(),
  };
}
