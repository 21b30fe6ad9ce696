import { CODE, RpcError, invalidParams, invalidRequest } from '../errors.mjs';
import { stringify } from '../json.mjs';
import { accountMethods } from './accounts.mjs';
import { clusterMethods } from './cluster.mjs';
import { localnetMethods } from './localnet.mjs';
import { tokenMethods } from './tokens.mjs';
import { transactionMethods } from './transactions.mjs';

/**
 * @typedef {import('../ledger.mjs').Ledger} Ledger
 * @typedef {import('../faults.mjs').Faults} Faults
 * @typedef {import('../stats.mjs').Stats} Stats
 * @typedef {(line: string) => void} Log
 *
 * @typedef {object} Services
 * @property {Ledger} ledger
 * @property {Faults} faults
 * @property {Stats} stats
 * @property {Log} log
 * @property {(line: () => string) => void} debug
 *
 * @typedef {import('../faults.mjs').Fault} Fault
 *
 * @typedef {object} Condition the parameters of a method in addition to the services
 * @property {boolean} drop whether a sent transaction is dropped
 * @property {<T>(read: () => T) => T} look reads in the state of the node's slot
 * @property {boolean} ignoreMinContextSlot
 *
 * @typedef {Services & Condition} Call the context of a method
 * @typedef {{ jsonrpc: '2.0', id: unknown, result?: unknown, error?: RpcError }} Response
 */

const METHODS = {
  ...clusterMethods,
  ...accountMethods,
  ...tokenMethods,
  ...transactionMethods,
  ...localnetMethods,
};

/** A lagging node forwards these to one that is not. */
const WRITERS = ['sendTransaction', 'requestAirdrop'];

/**
 * Whether faults and counts apply to a call.
 *
 * @param {any} request
 */
export function isClientCall(request) {
  return typeof request?.method === 'string' && !Object.hasOwn(localnetMethods, request.method);
}

/**
 * Answers one JSON-RPC request.
 *
 * @param {any} request
 * @param {Fault | null} fault a fault that leaves the call an answer
 * @param {Services} services
 * @returns {Response}
 */
export function answer(request, fault, services) {
  const id = request?.id ?? null;
  const slotsBehind = fault?.mode === 'behind' ? fault.slots : 0;
  const call = {
    ...services,
    drop: fault?.mode === 'drop',
    look: (read) => services.ledger.behind(slotsBehind, read),
    ignoreMinContextSlot: Boolean(fault?.ignoreMinContextSlot),
  };
  try {
    return { jsonrpc: '2.0', id, result: run(request, call) };
  } catch (error) {
    return { jsonrpc: '2.0', id, error: asRpcError(error, call.log) };
  }
}

function run(request, call) {
  if (typeof request?.method !== 'string') throw invalidRequest('Invalid request');
  const { method } = request;
  const params = readParams(request.params);
  if (!Object.hasOwn(METHODS, method)) throw new RpcError(CODE.methodNotFound, 'Method not found');
  if (isClientCall(request)) call.look(() => checkParams(params, call));
  const started = performance.now();
  try {
    const answerIt = () => METHODS[method](params, call);
    return WRITERS.includes(method) ? answerIt() : call.look(answerIt);
  } finally {
    call.debug(() => `${method} ${summary(params)} ${(performance.now() - started).toFixed(1)} ms`);
  }
}

/**
 * A null parameter is treated as missing.
 *
 * @param {any} params
 */
export function readParams(params) {
  return Array.isArray(params) ? params.map((param) => param ?? undefined) : (params ?? []);
}

function checkParams(params, { ledger, ignoreMinContextSlot }) {
  if (!Array.isArray(params)) throw invalidParams('Invalid params: expected a list.');
  if (ignoreMinContextSlot) return;
  const wanted = params.map((param) => param?.minContextSlot).find((slot) => slot !== undefined && slot !== null);
  if (wanted > ledger.slot) {
    const data = { contextSlot: ledger.slot };
    throw new RpcError(CODE.minContextSlotNotReached, 'Minimum context slot has not been reached', data);
  }
}

function asRpcError(error, log) {
  if (error instanceof RpcError) return error;
  log(error.stack);
  return new RpcError(CODE.internalError, `Internal error: ${error.message}`);
}

function summary(params) {
  const text = stringify(params);
  return text.length > 120 ? `${text.slice(0, 120)}…` : text;
}
