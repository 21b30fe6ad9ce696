import { WebSocketServer } from 'ws';
import { CODE, RpcError, invalidParams } from './errors.mjs';
import { parse, stringify } from './json.mjs';
import { readParams } from './rpc/index.mjs';
import { subscriptions } from './subscriptions.mjs';

/**
 * @typedef {import('./rpc/index.mjs').Services} Services
 * @typedef {import('ws').WebSocket} WebSocket
 */

const METHOD = /^([a-z]+)(Subscribe|Unsubscribe)$/;

/**
 * Accepts WebSocket connections on HTTP servers.
 *
 * @param {import('node:http').Server[]} servers
 * @param {Services} services
 * @returns {WebSocketServer}
 */
export function acceptWebSockets(servers, services) {
  const sockets = new WebSocketServer({ noServer: true });
  for (const server of servers) {
    server.on('upgrade', (request, socket, head) => {
      sockets.handleUpgrade(request, socket, head, (webSocket) => new Session(webSocket, services));
    });
  }
  return sockets;
}

let lastSubscriptionId = 0;

/** One connection and its subscriptions. */
class Session {
  #socket;
  #services;
  /** @type {Map<number, () => void>} what stops each */
  #open = new Map();

  /**
   * @param {WebSocket} socket
   * @param {Services} services
   */
  constructor(socket, services) {
    this.#socket = socket;
    this.#services = services;
    socket.on('message', (data) => this.#receive(data.toString()));
    socket.on('error', (error) => services.debug(() => `websocket: ${error.message}`));
    socket.on('close', () => [...this.#open.keys()].forEach((id) => this.#stop(id)));
  }

  #receive(text) {
    let id = null;
    try {
      const request = readRequest(text);
      id = request.id ?? null;
      this.#handle(request, id);
    } catch (error) {
      if (!(error instanceof RpcError)) this.#services.log(error.stack);
      const rpcError = error instanceof RpcError ? error : new RpcError(CODE.internalError, 'Internal error');
      this.#send({ jsonrpc: '2.0', id, error: rpcError });
    }
  }

  #handle(request, id) {
    const { method } = request;
    const params = readParams(request.params);
    const [, kind, action] = METHOD.exec(method) ?? [];
    if (!kind || !Object.hasOwn(subscriptions, kind)) throw new RpcError(CODE.methodNotFound, 'Method not found');
    if (action === 'Unsubscribe') {
      const isOpen = this.#stop(params[0]);
      if (!isOpen) throw invalidParams('Invalid subscription id.');
      this.#send({ jsonrpc: '2.0', id, result: true });
      return;
    }
    const fault = this.#takeFault(method);
    if (fault?.mode === 'error') throw new RpcError(fault.error.code, fault.error.message, fault.error.data);
    if (fault && fault.mode !== 'behind') return;
    const start = subscriptions[kind](this.#services.ledger, params);
    const result = this.#start(kind, start);
    this.#send({ jsonrpc: '2.0', id, result });
  }

  #takeFault(method) {
    const { faults, stats } = this.#services;
    stats.countCall(method);
    const fault = faults.take(method);
    if (fault) stats.faults += 1;
    return fault;
  }

  #start(kind, start) {
    lastSubscriptionId += 1;
    const subscription = lastSubscriptionId;
    const method = `${kind}Notification`;
    const notify = (result) => this.#send({ jsonrpc: '2.0', method, params: { result, subscription } });
    this.#open.set(subscription, start({ notify, end: () => this.#stop(subscription) }));
    return subscription;
  }

  /** @returns {boolean} whether there was such a subscription */
  #stop(subscription) {
    this.#open.get(subscription)?.();
    return this.#open.delete(subscription);
  }

  #send(message) {
    this.#socket.send(stringify(message));
  }
}

function readRequest(text) {
  try {
    return parse(text) ?? {};
  } catch {
    throw new RpcError(CODE.parseError, 'Parse error');
  }
}
