import { parseOptions } from '../src/args.mjs';
import { parse, stringify } from '../src/json.mjs';
import { startLocalnet } from '../src/localnet.mjs';
import { Keypair, signedTransaction } from './wire.mjs';

/** An error in the server's answer. */
export class ServerError extends Error {
  constructor({ code, message, data }) {
    super(message);
    this.code = code;
    this.data = data;
  }
}

/**
 * Starts a server for one test.
 *
 * @param {import('node:test').TestContext} test
 * @param {string[]} [flags]
 */
export async function server(test, flags = []) {
  const lines = [];
  const options = parseOptions(['--port', '0', '--slot-ms', '0', ...flags]);
  const localnet = await startLocalnet(options, (line) => lines.push(line));
  test.after(() => localnet.close());
  return new Client(localnet, lines);
}

export class Client {
  /**
   * @param {import('../src/localnet.mjs').Localnet} localnet
   * @param {string[]} logLines
   */
  constructor(localnet, logLines) {
    this.url = localnet.url;
    this.wsUrl = localnet.wsUrl;
    this.logLines = logLines;
  }

  /** Posts a body and returns the HTTP response. */
  post(body, init = {}) {
    const text = typeof body === 'string' ? body : stringify(body);
    return fetch(this.url, { method: 'POST', body: text, ...init });
  }

  async call(method, params) {
    const response = await this.post({ jsonrpc: '2.0', id: 1, method, params });
    const answer = parse(await response.text());
    if (answer.error) throw new ServerError(answer.error);
    return answer.result;
  }

  /** @returns {Promise<Keypair>} a new account with 10 SOL */
  async funded() {
    const keypair = new Keypair();
    await this.call('requestAirdrop', [keypair.address, 10_000_000_000]);
    return keypair;
  }

  async blockhash() {
    const { value } = await this.call('getLatestBlockhash', []);
    return value.blockhash;
  }

  /** Builds a transaction that the first keypair pays for. */
  async transaction(instructions, keypairs, lookupTables) {
    const blockhash = await this.blockhash();
    return signedTransaction({ payer: keypairs[0].address, instructions, blockhash, lookupTables }, keypairs);
  }

  async send(instructions, keypairs, lookupTables) {
    const { base64 } = await this.transaction(instructions, keypairs, lookupTables);
    return this.call('sendTransaction', [base64, { encoding: 'base64' }]);
  }
}
