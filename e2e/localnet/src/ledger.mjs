import { EventEmitter } from 'node:events';
import { Faucet } from './faucet.mjs';
import { transactionFee } from './fees.mjs';
import { AccountHistory } from './history.mjs';
import { ADDRESS_LOOKUP_TABLE_PROGRAM, SYSTEM_PROGRAM } from './ids.mjs';
import { MAX_LOADED_SIZE, loadedDataSize, loadedSizeLimit } from './loaded-size.mjs';
import { parseLookupTable, resolveLookups } from './lookup-tables.mjs';
import { advanced, isUsable, nonceOf } from './nonces.mjs';
import { Timeline } from './timeline.mjs';
import { tokenBalances } from './token.mjs';
import { bytesWithBlockhash, hasValidSignatures, transactionAccounts } from './transaction.mjs';
import { Vm } from './vm.mjs';

/**
 * @typedef {import('./vm.mjs').Account} Account
 * @typedef {import('./vm.mjs').Outcome} Outcome
 * @typedef {import('./timeline.mjs').Clock} Clock
 * @typedef {import('./transaction.mjs').Transaction} Transaction
 * @typedef {import('./transaction.mjs').LoadedAddresses} LoadedAddresses
 *
 * @typedef {object} Genesis
 * @property {import('./fixtures.mjs').AccountDump[]} accounts
 * @property {import('./fixtures.mjs').ProgramFile[]} programs
 * @property {number} slotsPerEpoch
 * @property {number} [slot]
 * @property {number} [epoch]
 * @property {number} [unixTime]
 * @property {number} slotMs 0: the clock does not run, and each landed transaction moves it by one slot
 * @property {bigint} [rent] lamports for each byte of an account, if not what LiteSVM has
 * @property {boolean} sigverify
 * @property {'instant' | 'real'} finality
 * @property {(line: string) => void} log
 *
 * @typedef {object} Balances
 * @property {bigint[]} lamports
 * @property {ReturnType<typeof tokenBalances>} tokens
 *
 * @typedef {object} Result of running or simulating a transaction
 * @property {Outcome} outcome
 * @property {bigint} fee
 * @property {LoadedAddresses} loaded
 * @property {Balances} before
 * @property {Balances | null} after null when a simulation failed
 *
 * @typedef {{ loadedDataSize: () => number } & Result} Simulation tells what its accounts count towards its size limit
 * @typedef {{ transaction: Transaction, slot: number, blockTime: number } & Result} Landed
 */

const SLOTS_TO_CONFIRM = 1;
const SLOTS_TO_FINALIZE = 32;
const COMMITMENTS = ['processed', 'confirmed', 'finalized'];
/** LiteSVM treats an account without lamports as missing. */
const NO_ACCOUNT = systemAccount(0n);

/**
 * A chain of one node: accounts, a timeline, and the transactions that landed.
 *
 * Events: "slot" (the new slot and its parent), "transaction" (a Landed one), "accounts" (addresses that were written).
 */
export class Ledger extends EventEmitter {
  #genesis;
  /** @type {Vm} */
  #vm;
  /** @type {Timeline} */
  #timeline;
  /** @type {Faucet} */
  #faucet;
  /** @type {Map<string, Landed>} by signature */
  #landed;
  /** @type {AccountHistory} */
  #history;
  /** Whether a function runs in the state of an earlier slot. */
  #isBehind = false;
  /** @type {NodeJS.Timeout | undefined} */
  #ticker;

  /** @param {Genesis} genesis */
  constructor(genesis) {
    super();
    this.setMaxListeners(0);
    this.#genesis = genesis;
    this.reset();
  }

  /** Goes back to the initial state. */
  reset() {
    this.#timeline = new Timeline(this.#genesis);
    this.#history = new AccountHistory();
    this.#vm = new Vm();
    if (this.#genesis.rent !== undefined) this.#vm.setRent(this.#genesis.rent);
    this.#vm.setEpochSchedule(this.#timeline.schedule);
    this.#loadAccounts();
    for (const { id, elf, deploySlot } of this.#genesis.programs) this.#vm.addProgram(id, elf, deploySlot);
    this.#faucet = new Faucet();
    this.#vm.setAccount(this.#faucet.address, systemAccount(Faucet.BALANCE));
    this.#landed = new Map();
    this.#writeSysvars();
  }

  /** Starts the clock unless the length of a slot is 0. */
  start() {
    if (this.#genesis.slotMs > 0) this.#ticker = setInterval(() => this.advanceSlot(), this.#genesis.slotMs);
  }

  stop() {
    clearInterval(this.#ticker);
  }

  // Accounts

  /** @returns {Account | null} */
  getAccount(address) {
    return this.#vm.getAccount(address);
  }

  setAccount(address, account) {
    this.#history.keep(this.slot, address, (key) => this.getAccount(key));
    this.#vm.setAccount(address, account);
    this.emit('accounts', [address]);
  }

  removeAccount(address) {
    if (this.getAccount(address)) this.setAccount(address, NO_ACCOUNT);
  }

  /**
   * @param {string} programId
   * @param {(account: Account) => boolean} [matches]
   */
  programAccounts(programId, matches) {
    return this.#vm.programAccounts(programId, matches);
  }

  rentExemption(dataLength) {
    return this.#vm.rentExemption(dataLength);
  }

  // Time

  /** Read-only; the ledger's methods move it. */
  get timeline() {
    return this.#timeline;
  }

  get slot() {
    return this.#timeline.slot;
  }

  advanceSlot() {
    this.warpToSlot(this.slot + 1);
  }

  warpToSlot(slot) {
    this.#move(() => this.#timeline.warpToSlot(slot));
  }

  warpToEpoch(epoch) {
    this.#move(() => this.#timeline.warpToEpoch(epoch));
  }

  /** @param {Partial<Clock>} fields */
  overrideClock(fields) {
    this.#move(() => this.#timeline.override(fields));
  }

  expireBlockhashes() {
    this.#move(() => this.#timeline.expireBlockhashes());
  }

  #move(move) {
    const parent = this.slot;
    move();
    // When time goes back, later transactions are forgotten.
    if (this.slot < parent) this.#history = new AccountHistory();
    this.#writeSysvars();
    if (this.slot !== parent) this.emit('slot', { slot: this.slot, parent });
  }

  /**
   * Runs a function that only reads in the state of an earlier slot, as a lagging node has it.
   *
   * @template T
   * @param {number} slots
   * @param {() => T} run
   * @returns {T}
   */
  behind(slots, run) {
    if (slots === 0 || this.#isBehind) return run();
    try {
      return this.#timeline.behind(slots, () => {
        const present = this.#swapAccounts(this.#history.at(this.slot));
        this.#isBehind = true;
        this.#writeSysvars();
        try {
          return run();
        } finally {
          this.#isBehind = false;
          this.#swapAccounts(present);
        }
      });
    } finally {
      this.#writeSysvars();
    }
  }

  /**
   * @param {Map<string, Account | null>} accounts
   * @returns {Map<string, Account | null>} the earlier states of these accounts
   */
  #swapAccounts(accounts) {
    const replaced = new Map([...accounts.keys()].map((address) => [address, this.getAccount(address)]));
    for (const [address, account] of [...accounts].sort(([, a], [, b]) => programsLast(a, b))) {
      if (account || replaced.get(address)) this.#vm.setAccount(address, account ?? NO_ACCOUNT);
    }
    return replaced;
  }

  #writeSysvars() {
    this.#vm.setClock(this.#timeline.clock);
    this.#vm.setSlotHashes(this.#timeline.slotHashes);
    this.#vm.setRecentBlockhashes(this.#timeline.blockhashes);
  }

  // Transactions

  get sigverify() {
    return this.#genesis.sigverify;
  }

  get transactionCount() {
    return this.landedSlots().length;
  }

  get faucetAddress() {
    return this.#faucet.address;
  }

  /** @returns {Landed | undefined} */
  landed(signature) {
    const landed = this.#landed.get(signature);
    return this.#isBehind && landed?.slot > this.slot ? undefined : landed;
  }

  /** @returns {number[]} the slots of the transactions that landed */
  landedSlots() {
    const slots = [...this.#landed.values()].map(({ slot }) => slot);
    return this.#isBehind ? slots.filter((slot) => slot <= this.slot) : slots;
  }

  /**
   * @param {import('./transaction.mjs').Message} message
   * @returns {bigint | null} null when it has neither a recent blockhash nor the value of a nonce
   */
  feeFor(message) {
    const isKnown = this.#timeline.isBlockhashValid(message.recentBlockhash) || this.#nonceOf(message) !== null;
    return isKnown ? transactionFee(message) : null;
  }

  /** @param {Landed} landed */
  commitmentOf(landed) {
    const age = this.#genesis.finality === 'instant' ? Infinity : this.slot - landed.slot;
    if (age >= SLOTS_TO_FINALIZE) return 'finalized';
    return age >= SLOTS_TO_CONFIRM ? 'confirmed' : 'processed';
  }

  /** @param {Landed} landed */
  hasReached(landed, commitment = 'finalized') {
    return COMMITMENTS.indexOf(this.commitmentOf(landed)) >= COMMITMENTS.indexOf(commitment);
  }

  /**
   * Simulates a transaction. Signatures are not checked.
   *
   * @param {Transaction} transaction
   * @param {{ anyBlockhash?: boolean }} [options]
   * @returns {Simulation}
   * @throws {import('./lookup-tables.mjs').LookupFailure}
   */
  simulate(transaction, { anyBlockhash = false } = {}) {
    const { accounts, read, ...facts } = this.#prepare(transaction);
    const { err } = anyBlockhash ? { err: null } : this.#admit(transaction);
    const size = () => loadedDataSize(transaction.message, accounts, read);
    const outcome = err ? rejected(err) : this.#run(transaction, size, (bytes) => this.#vm.simulate(bytes));
    const readAfter = (address) => outcome.postAccounts.get(address) ?? read(address);
    const after = outcome.err ? null : balances(accounts, readAfter);
    return { ...facts, outcome, after, loadedDataSize: size };
  }

  /**
   * Executes a transaction. One that no leader would put into a block leaves no trace.
   *
   * @param {Transaction} transaction
   * @returns {Landed | null}
   * @throws {import('./lookup-tables.mjs').LookupFailure}
   */
  execute(transaction) {
    const { accounts, read, ...facts } = this.#prepare(transaction);
    const { err, nonce } = this.#admit(transaction);
    if (err || (this.sigverify && !hasValidSignatures(transaction))) return null;
    const size = () => loadedDataSize(transaction.message, accounts, read);
    const outcome = this.#run(transaction, size, (bytes) => this.#vm.execute(bytes));
    if (!outcome.included) return null;
    const [payer] = accounts;
    if (outcome.feesOnly && !this.#charge(payer.address, facts.fee)) return null;
    if (outcome.err && nonce) this.#advance(nonce);
    const kept = [payer.address, nonce?.address];
    const written = accounts.filter(({ address, writable }) => (outcome.err ? kept.includes(address) : writable));
    const { slot, unixTimestamp: blockTime } = this.#timeline.clock;
    for (const { address } of written) this.#history.keep(slot, address, read);
    const after = balances(accounts, (address) => this.getAccount(address));
    const landed = { ...facts, transaction, slot, blockTime, outcome, after };
    this.#landed.set(transaction.id, landed);
    this.emit('transaction', landed);
    this.emit('accounts', written.map(({ address }) => address));
    if (this.#genesis.slotMs === 0) this.advanceSlot();
    return landed;
  }

  /**
   * @param {string} recipient
   * @param {bigint} lamports
   * @returns {string} the signature of the transfer
   */
  airdrop(recipient, lamports) {
    const transfer = () => this.#faucet.transfer(recipient, lamports, this.#timeline.latestBlockhash().blockhash);
    let transaction = transfer();
    if (this.#landed.has(transaction.id)) {
      // The same airdrop in the same slot would be the same transaction.
      this.advanceSlot();
      transaction = transfer();
    }
    this.execute(transaction);
    return transaction.id;
  }

  #prepare({ message }) {
    const getAccount = (address) => this.getAccount(address);
    const loaded = resolveLookups(message, getAccount, this.slot);
    const accounts = transactionAccounts(message, loaded);
    const own = new Map(accounts.map(({ address }) => [address, getAccount(address)]));
    const read = (address) => (own.has(address) ? own.get(address) : getAccount(address));
    return {
      loaded,
      accounts,
      read,
      before: balances(accounts, read),
      fee: transactionFee(message),
    };
  }

  /**
   * Checks whether a transaction may run, and returns the nonce that it uses in place of a recent blockhash.
   *
   * @returns {{ err: string | null, nonce: import('./nonces.mjs').Nonce | null }}
   */
  #admit({ id, message }) {
    const { blockhash } = this.#timeline.latestBlockhash();
    const isFresh = this.#timeline.isBlockhashValid(message.recentBlockhash);
    const nonce = isFresh ? null : this.#nonceOf(message);
    if (!isFresh && !(nonce && isUsable(message, nonce, blockhash))) return { err: 'BlockhashNotFound', nonce };
    return { err: this.landed(id) ? 'AlreadyProcessed' : null, nonce };
  }

  #nonceOf(message) {
    return nonceOf(message, (address) => this.getAccount(address));
  }

  /**
   * Runs a transaction, with the checks that a validator adds to LiteSVM's.
   *
   * @param {Transaction} transaction
   * @param {() => number} size returns the size of the loaded accounts
   * @param {(bytes: Uint8Array) => Outcome} run
   * @returns {Outcome}
   */
  #run(transaction, size, run) {
    // LiteSVM derives nonces from the blockhash of the transaction, a bank from the latest one.
    const bytes = bytesWithBlockhash(transaction, this.#timeline.latestBlockhash().blockhash);
    const limit = loadedSizeLimit(transaction.message);
    if (limit < MAX_LOADED_SIZE && size() > limit) {
      const trial = this.#vm.simulate(bytes);
      return trial.included ? unloaded('MaxLoadedAccountsDataSizeExceeded') : trial;
    }
    const outcome = run(bytes);
    const isMissing = outcome.err === 'InvalidProgramForExecution' && !this.#programs(transaction).every(Boolean);
    return isMissing ? unloaded('ProgramAccountNotFound') : outcome;
  }

  #programs({ message }) {
    const indexes = new Set(message.instructions.map(({ programIdIndex }) => programIdIndex));
    return [...indexes].map((index) => this.getAccount(message.accountKeys[index]));
  }

  /** A bank keeps the advance of a nonce when the transaction fails; LiteSVM reverts it. */
  #advance({ address }) {
    this.#vm.setAccount(address, advanced(this.getAccount(address), this.#timeline.latestBlockhash().blockhash));
  }

  /** @returns {boolean} whether the payer can pay the fee */
  #charge(address, fee) {
    const payer = this.getAccount(address);
    if (!payer || payer.lamports < fee) return false;
    this.#vm.setAccount(address, { ...payer, lamports: payer.lamports - fee });
    return true;
  }

  #loadAccounts() {
    const { accounts, log } = this.#genesis;
    for (const { address, account } of accounts.toSorted((a, b) => programsLast(a.account, b.account))) {
      try {
        this.#vm.setAccount(address, account);
        if (account.owner === ADDRESS_LOOKUP_TABLE_PROGRAM) warnOfFutureTable(address, account, this.slot, log);
      } catch (error) {
        log(`account ${address}: ${error.message}`);
      }
    }
  }
}

/** LiteSVM compiles a program when its account is set, so its ProgramData account must be set first. */
function programsLast(a, b) {
  return Number(Boolean(a?.executable)) - Number(Boolean(b?.executable));
}

/**
 * The result of a transaction whose accounts cannot be loaded: it pays its fee.
 *
 * @returns {Outcome}
 */
function unloaded(err) {
  return { ...rejected(err), included: true, feesOnly: true };
}

/** @returns {Outcome} */
function rejected(err) {
  return {
    err,
    included: false,
    feesOnly: false,
    logs: [],
    unitsConsumed: 0n,
    returnData: null,
    innerInstructions: [],
    postAccounts: new Map(),
  };
}

/** @returns {Balances} */
function balances(accounts, getAccount) {
  const own = new Map(accounts.map(({ address }) => [address, getAccount(address)]));
  const read = (address) => (own.has(address) ? own.get(address) : getAccount(address));
  return {
    lamports: accounts.map(({ address }) => own.get(address)?.lamports ?? 0n),
    tokens: tokenBalances(accounts, read),
  };
}

/** @returns {Account} */
function systemAccount(lamports) {
  return { lamports, data: new Uint8Array(), owner: SYSTEM_PROGRAM, executable: false, rentEpoch: 2n ** 64n - 1n };
}

function warnOfFutureTable(address, account, slot, log) {
  const { lastExtendedSlot, olderAddresses } = parseLookupTable(account);
  if (BigInt(slot) > lastExtendedSlot) return;
  log(
    `lookup table ${address} was last extended in slot ${lastExtendedSlot}, ahead of the starting slot ${slot}: ` +
      `only its first ${olderAddresses} addresses resolve (see --slot)`,
  );
}
