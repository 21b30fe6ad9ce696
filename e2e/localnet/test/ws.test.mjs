import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { WebSocket } from 'ws';
import { server } from './support.mjs';
import { Keypair, transfer } from './wire.mjs';

const SOL = 1_000_000_000;

class Socket {
  #socket;
  #queue = [];
  #waiting = [];
  #id = 0;

  static async open(t, url) {
    const socket = new Socket();
    socket.#socket = new WebSocket(url);
    socket.#socket.on('message', (data) => socket.#take(JSON.parse(data.toString())));
    t.after(() => socket.#socket.terminate());
    await once(socket.#socket, 'open');
    return socket;
  }

  async call(method, params) {
    this.#id += 1;
    this.#socket.send(JSON.stringify({ jsonrpc: '2.0', id: this.#id, method, params }));
    const answer = await this.next();
    assert.equal(answer.id, this.#id);
    if (answer.error) throw Object.assign(new Error(answer.error.message), answer.error);
    return answer.result;
  }

  next() {
    const message = this.#queue.shift();
    return message ? Promise.resolve(message) : new Promise((resolve) => this.#waiting.push(resolve));
  }

  /** The messages received so far. */
  async rest() {
    await new Promise((resolve) => setTimeout(resolve, 50));
    return this.#queue.splice(0);
  }

  #take(message) {
    const waiting = this.#waiting.shift();
    if (waiting) waiting(message);
    else this.#queue.push(message);
  }
}

test('a signature is announced once, whether it lands later or has landed', async (t) => {
  const client = await server(t);
  const alice = await client.funded();
  const socket = await Socket.open(t, client.wsUrl);
  const { base64, signature } = await client.transaction([transfer(alice.address, alice.address, 1)], [alice]);

  const first = await socket.call('signatureSubscribe', [signature]);
  await client.call('sendTransaction', [base64, { encoding: 'base64' }]);
  const announcement = await socket.next();
  assert.equal(announcement.method, 'signatureNotification');
  assert.equal(announcement.params.subscription, first);
  assert.deepEqual(announcement.params.result.value, { err: null });

  const second = await socket.call('signatureSubscribe', [signature, { commitment: 'confirmed' }]);
  assert.equal((await socket.next()).params.subscription, second);
  await assert.rejects(socket.call('signatureUnsubscribe', [second]), { code: -32602 });
  assert.deepEqual(await socket.rest(), []);
});

test('with real finality a signature is announced at its commitment', async (t) => {
  const client = await server(t, ['--finality', 'real', '--slot-ms', '1000000']);
  const alice = await client.funded();
  const socket = await Socket.open(t, client.wsUrl);
  const signature = await client.send([transfer(alice.address, alice.address, 1)], [alice]);
  await socket.call('signatureSubscribe', [signature, { commitment: 'confirmed' }]);
  assert.deepEqual(await socket.rest(), []);
  const slot = await client.call('getSlot');
  await client.call('localnet_warpToSlot', { slot: slot + 1 });
  assert.equal((await socket.next()).params.result.context.slot, slot + 1);
});

test('accounts, their owners and logs are announced', async (t) => {
  const client = await server(t);
  const alice = await client.funded();
  const bob = new Keypair().address;
  const program = new Keypair().address;
  const socket = await Socket.open(t, client.wsUrl);
  const account = await socket.call('accountSubscribe', [bob, { encoding: 'base64' }]);
  const owner = await socket.call('programSubscribe', [program, { encoding: 'base64', filters: [{ dataSize: 1 }] }]);
  const logs = await socket.call('logsSubscribe', [{ mentions: [bob] }]);
  const signature = await client.send([transfer(alice.address, bob, SOL)], [alice]);
  await client.call('localnet_setAccount', {
    pubkey: bob,
    account: { owner: program, lamports: 5, data: ['AQ==', 'base64'] },
  });

  const messages = await socket.rest();
  const of = (id) =>
    messages.filter(({ params }) => params.subscription === id).map(({ params }) => params.result.value);
  assert.deepEqual(of(account).map(({ lamports }) => lamports), [SOL, 5]);
  assert.deepEqual(of(owner).map(({ pubkey, account: { lamports } }) => [pubkey, lamports]), [[bob, 5]]);
  assert.deepEqual(of(logs).map((log) => [log.signature, log.err, log.logs.length]), [[signature, null, 2]]);
});

test('data that is too long for base58 becomes an error text', async (t) => {
  const client = await server(t);
  const key = new Keypair().address;
  const socket = await Socket.open(t, client.wsUrl);
  await socket.call('accountSubscribe', [key]);
  const data = [Buffer.alloc(200).toString('base64'), 'base64'];
  const account = { lamports: SOL, owner: key, data };
  await client.call('localnet_setAccount', { pubkey: key, account });
  assert.match((await socket.next()).params.result.value.data, /too large/);
  await assert.rejects(socket.call('accountSubscribe', [key, { encoding: 'rot13' }]), { code: -32602 });
});

test('slots are announced until the subscription ends', async (t) => {
  const client = await server(t, ['--slot', '100']);
  const socket = await Socket.open(t, client.wsUrl);
  const subscription = await socket.call('slotSubscribe', []);
  await client.call('localnet_warpToSlot', { slot: 110 });
  assert.deepEqual((await socket.next()).params.result, { slot: 110, parent: 100, root: 78 });
  assert.equal(await socket.call('slotUnsubscribe', [subscription]), true);
  await client.call('localnet_warpToSlot', { slot: 120 });
  assert.deepEqual(await socket.rest(), []);
});

test('the HTTP port accepts WebSockets, and refuses unknown upgrades', async (t) => {
  const client = await server(t);
  const socket = await Socket.open(t, client.url.replace('http', 'ws'));
  await assert.rejects(socket.call('blockSubscribe', []), { code: -32601 });
  await assert.rejects(socket.call('accountSubscribe', ['nonsense']), { code: -32602 });
  await client.call('localnet_setFault', { method: 'slotSubscribe', mode: 'error' });
  await assert.rejects(socket.call('slotSubscribe', []), { code: -32005 });
});

test('a lagging node announces slots', async (t) => {
  const client = await server(t);
  const slot = await client.call('getSlot');
  await client.call('localnet_setFault', { method: '*', mode: 'behind', slots: 5, count: null });
  const socket = await Socket.open(t, client.wsUrl);
  await socket.call('slotSubscribe', []);
  await client.call('localnet_warpToSlot', { slot: slot + 1 });
  assert.equal((await socket.next()).params.result.slot, slot + 1);
});
