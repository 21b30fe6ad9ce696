import { decode, encode as base58 } from '../base58.mjs';
import { answerAccount, base64 } from '../encoding.mjs';
import { CODE, RpcError, invalidParams } from '../errors.mjs';
import { STAKE_PROGRAM } from '../ids.mjs';
import { LookupFailure } from '../lookup-tables.mjs';
import { MalformedTransaction, UnsaneTransaction } from '../reader.mjs';
import { describe } from '../transaction-error.mjs';
import {
  MAX_V0_SIZE,
  decodeMessage,
  decodeTransaction,
  encodeMessage,
  hasValidSignatures,
  maxSize,
  singleSignerTransaction,
  withSyntheticSignature,
} from '../transaction.mjs';
import { withContext } from './context.mjs';
import { address, list, signature, text, u64 } from './params.mjs';

/**
 * @typedef {import('./index.mjs').Call} Call
 * @typedef {import('../ledger.mjs').Ledger} Ledger
 * @typedef {import('../ledger.mjs').Landed} Landed
 * @typedef {import('../ledger.mjs').Result} Result
 * @typedef {import('../ledger.mjs').Simulation} Simulation
 * @typedef {import('../transaction.mjs').Transaction} Transaction
 */

const MAX_SIGNATURES = 256;
/** Of 1232 bytes. */
const MAX_BASE58_LENGTH = 1683;
/** The stack height of top-level instructions; inner instructions are higher. */
const TOP_LEVEL = 1;
const GET_MINIMUM_DELEGATION = Uint8Array.of(13, 0, 0, 0);

/** @type {Record<string, (params: any[], call: Call) => unknown>} */
export const transactionMethods = {
  simulateTransaction: ([wire, config], { ledger }) => {
    const { encoding, sigVerify, replaceRecentBlockhash, accounts, innerInstructions } = config ?? {};
    if (sigVerify && replaceRecentBlockhash) {
      throw invalidParams('sigVerify may not be used with replaceRecentBlockhash');
    }
    const transaction = readTransaction(wire, encoding, ledger);
    if (sigVerify) checkSignatures(transaction);
    const result = trySimulate(ledger, transaction, { anyBlockhash: Boolean(replaceRecentBlockhash) });
    return withContext(ledger, {
      ...simulationJson(result),
      accounts: accounts ? simulatedAccounts(accounts, transaction, result, ledger) : null,
      innerInstructions: innerInstructions ? innerInstructionsJson(result.outcome) : null,
      replacementBlockhash: replaceRecentBlockhash ? ledger.timeline.latestBlockhash() : null,
    });
  },

  sendTransaction: ([wire, config], { ledger, drop, look }) => {
    const { encoding, skipPreflight } = config ?? {};
    const transaction = readTransaction(wire, encoding, ledger);
    if (!skipPreflight) look(() => preflight(ledger, transaction));
    if (!drop) execute(ledger, transaction);
    return transaction.id;
  },

  requestAirdrop: ([recipient, lamports], { ledger }) => ledger.airdrop(address(recipient), u64(lamports)),

  getSignatureStatuses: ([signatures], { ledger }) => {
    const ids = list(signatures, MAX_SIGNATURES).map(signature);
    return withContext(ledger, ids.map((id) => statusJson(ledger, ledger.landed(id))));
  },

  getTransaction: ([id, config], { ledger }) => {
    // Older clients pass the encoding in place of the configuration.
    const { encoding = 'json', commitment, maxSupportedTransactionVersion } =
      typeof config === 'string' ? { encoding: config } : (config ?? {});
    if (commitment === 'processed') throw invalidParams('Method does not support commitment below `confirmed`');
    const landed = ledger.landed(signature(id));
    if (!landed || !ledger.hasReached(landed, commitment)) return null;
    const { version } = landed.transaction.message;
    if (version !== 'legacy' && !(maxSupportedTransactionVersion >= version)) {
      throw new RpcError(
        CODE.unsupportedTransactionVersion,
        `Transaction version (${version}) is not supported by the requesting client. Please try the request again ` +
          `with the following configuration parameter: "maxSupportedTransactionVersion": ${version}`,
      );
    }
    return {
      slot: landed.slot,
      blockTime: landed.blockTime,
      transaction: encodeTransaction(landed.transaction, encoding),
      meta: metaJson(landed),
      version: maxSupportedTransactionVersion === undefined ? undefined : version,
    };
  },

  getFeeForMessage: ([wire], { ledger }) => withContext(ledger, ledger.feeFor(readMessage(wire))),

  getStakeMinimumDelegation: (_params, { ledger }) => {
    const { blockhash } = ledger.timeline.latestBlockhash();
    const payer = ledger.faucetAddress;
    const message = encodeMessage({ payer, program: STAKE_PROGRAM, data: GET_MINIMUM_DELEGATION, blockhash });
    const { outcome } = ledger.simulate(singleSignerTransaction(new Uint8Array(64), message));
    return withContext(ledger, Buffer.from(outcome.returnData.data).readBigUInt64LE());
  },
};

/**
 * The status of a transaction in the form of getSignatureStatuses.
 *
 * @param {Ledger} ledger
 * @param {Landed | undefined} landed
 */
function statusJson(ledger, landed) {
  if (!landed) return null;
  const confirmationStatus = ledger.commitmentOf(landed);
  const { err } = landed.outcome;
  return {
    slot: landed.slot,
    confirmations: confirmationStatus === 'finalized' ? null : ledger.slot - landed.slot,
    err,
    status: legacyStatus(err),
    confirmationStatus,
  };
}

// Reading what the client sent

/** @returns {Transaction} */
function readTransaction(wire, encoding = 'base58', ledger) {
  const type = 'solana_transaction::versioned::VersionedTransaction';
  const bytes = readBytes(wire, encoding, type);
  const transaction = refuseMalformed(type, () => decodeTransaction(bytes));
  return ledger.sigverify ? transaction : withSyntheticSignature(transaction);
}

function readMessage(wire) {
  const type = 'solana_message::versions::VersionedMessage';
  const bytes = readBytes(wire, 'base64', type);
  return refuseMalformed(type, () => decodeMessage(bytes));
}

function readBytes(wire, encoding, type) {
  const encoded = text(wire);
  const bytes = decodeBytes(encoded, encoding);
  // A validator accepts larger transactions of version 1, but not in base58.
  const max = encoding === 'base64' ? maxSize(bytes) : MAX_V0_SIZE;
  if (bytes.length <= max) return bytes;
  const maxEncoded = encoding === 'base64' ? Math.ceil(max / 3) * 4 : MAX_BASE58_LENGTH;
  if (encoded.length <= maxEncoded) {
    throw invalidParams(`decoded ${type} too large: ${bytes.length} bytes (max: ${max} bytes)`);
  }
  throw invalidParams(
    `${encoding} encoded ${type} too large: ${encoded.length} bytes (max: encoded/raw ${maxEncoded}/${max})`,
  );
}

function decodeBytes(encoded, encoding) {
  if (encoding === 'base64') {
    if (!/^[A-Za-z0-9+/]*={0,2}$/.test(encoded)) throw invalidParams('invalid base64 encoding');
    return new Uint8Array(Buffer.from(encoded, 'base64'));
  }
  if (encoding !== 'base58') {
    throw invalidParams(`unsupported encoding: ${encoding}. Supported encodings: base58, base64`);
  }
  try {
    return decode(encoded);
  } catch (error) {
    throw invalidParams(`invalid base58 encoding: ${error.message}`);
  }
}

function refuseMalformed(type, read) {
  try {
    return read();
  } catch (error) {
    if (error instanceof UnsaneTransaction) throw invalidParams(`invalid transaction: ${error.message}`);
    if (error instanceof MalformedTransaction) throw invalidParams(`failed to deserialize ${type}: ${error.message}`);
    throw error;
  }
}

// Running it

/** @param {Ledger} ledger */
function preflight(ledger, transaction) {
  if (ledger.sigverify) checkSignatures(transaction);
  const result = trySimulate(ledger, transaction);
  const { err } = result.outcome;
  if (!err) return;
  const data = { ...simulationJson(result), accounts: null, innerInstructions: null, replacementBlockhash: null };
  throw new RpcError(CODE.preflightFailure, `Transaction simulation failed: ${describe(err)}`, data);
}

function checkSignatures(transaction) {
  if (!hasValidSignatures(transaction)) {
    throw new RpcError(CODE.signatureVerificationFailure, 'Transaction signature verification failure');
  }
}

function trySimulate(ledger, transaction, options) {
  return refuseFailedLookups(() => ledger.simulate(transaction, options));
}

function execute(ledger, transaction) {
  return refuseFailedLookups(() => ledger.execute(transaction));
}

function refuseFailedLookups(run) {
  try {
    return run();
  } catch (error) {
    if (error instanceof LookupFailure) throw invalidParams(`invalid transaction: ${describe(error.err)}`);
    throw error;
  }
}

// Telling what happened

/** @param {Simulation} result */
function simulationJson({ outcome, fee, loaded, before, after, loadedDataSize }) {
  return {
    err: outcome.err,
    logs: outcome.logs,
    unitsConsumed: outcome.unitsConsumed,
    loadedAccountsDataSize: outcome.included ? loadedDataSize() : 0,
    returnData: returnDataJson(outcome),
    fee,
    loadedAddresses: loaded,
    preBalances: after && before.lamports,
    postBalances: after && after.lamports,
    preTokenBalances: after && before.tokens,
    postTokenBalances: after && after.tokens,
  };
}

/**
 * @param {{ addresses: string[], encoding?: string }} wanted
 * @param {Transaction} transaction
 * @param {Result} result
 * @param {Ledger} ledger
 */
function simulatedAccounts({ addresses, encoding = 'base64' }, { message }, { outcome, loaded }, ledger) {
  if (['binary', 'base58'].includes(encoding)) throw invalidParams('base58 encoding not supported');
  const count = message.accountKeys.length + loaded.writable.length + loaded.readonly.length;
  if (addresses.length > count) throw invalidParams(`Too many accounts provided; max ${count}`);
  const getAccount = (key) => outcome.postAccounts.get(key) ?? ledger.getAccount(key);
  return addresses.map((key) => {
    const account = outcome.err ? null : getAccount(address(key));
    return answerAccount(account?.lamports ? account : null, { encoding }, getAccount);
  });
}

/** @param {Landed} landed */
function metaJson({ outcome, fee, loaded, before, after }) {
  return {
    err: outcome.err,
    status: legacyStatus(outcome.err),
    fee,
    preBalances: before.lamports,
    postBalances: after.lamports,
    innerInstructions: innerInstructionsJson(outcome),
    logMessages: outcome.logs,
    preTokenBalances: before.tokens,
    postTokenBalances: after.tokens,
    rewards: [],
    loadedAddresses: loaded,
    returnData: returnDataJson(outcome) ?? undefined,
    computeUnitsConsumed: outcome.unitsConsumed,
  };
}

function legacyStatus(err) {
  return err ? { Err: err } : { Ok: null };
}

function returnDataJson({ returnData }) {
  return returnData && { programId: returnData.programId, data: [base64(returnData.data), 'base64'] };
}

function innerInstructionsJson({ innerInstructions }) {
  return innerInstructions
    .map((instructions, index) => ({ index, instructions: instructions.map(instructionJson) }))
    .filter(({ instructions }) => instructions.length > 0);
}

function instructionJson({ programIdIndex, accounts, data, stackHeight }) {
  return { programIdIndex, accounts, data: base58(data), stackHeight };
}

/** @param {Transaction} transaction */
function encodeTransaction({ bytes, signatures, message }, encoding) {
  switch (encoding) {
    case 'base64':
      return [base64(bytes), encoding];
    case 'base58':
      return [base58(bytes), encoding];
    case 'json':
      return {
        signatures: signatures.map(base58),
        message: {
          header: message.header,
          accountKeys: message.accountKeys,
          recentBlockhash: message.recentBlockhash,
          instructions: message.instructions.map((each) => instructionJson({ ...each, stackHeight: TOP_LEVEL })),
          addressTableLookups: message.version === 0 ? message.addressTableLookups : undefined,
          transactionConfig: message.config,
        },
      };
    default:
      throw invalidParams(`unsupported encoding: ${encoding}. Supported encodings: json, base58, base64`);
  }
}
