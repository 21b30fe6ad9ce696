import assert from 'node:assert/strict';
import { test } from 'node:test';
import { server } from './support.mjs';
import { transfer } from './wire.mjs';

const call = (id, method, params = []) => ({ jsonrpc: '2.0', id, method, params });

test('batches are answered in order, without the notifications', async (t) => {
  const client = await server(t);
  const batch = [call(1, 'getHealth'), { jsonrpc: '2.0', method: 'getSlot' }, call('two', 'nothing'), 7];
  const answers = await (await client.post(batch)).json();
  assert.deepEqual(
    answers.map(({ id, result, error }) => [id, result ?? error.code]),
    [[1, 'ok'], ['two', -32601], [null, -32600]],
  );
});

test('a malformed request is answered with an error', async (t) => {
  const client = await server(t);
  const codeOf = async (body) => (await (await client.post(body)).json()).error.code;
  assert.equal(await codeOf('{'), -32700);
  assert.equal(await codeOf('[]'), -32600);
  assert.equal(await codeOf('{"id":1}'), -32600);
  assert.equal(await codeOf(call(1, 'toString')), -32601);
  assert.equal(await codeOf(call(1, 'getBalance', {})), -32602);
  assert.equal(await codeOf(call(1, 'localnet_warpToSlot', [])), -32602);
  assert.equal((await fetch(client.url)).status, 405);
  assert.equal(await (await fetch(`${client.url}/health`)).text(), 'ok');
});

test('calls are counted', async (t) => {
  const client = await server(t);
  await client.call('getSlot');
  await client.post([call(1, 'getSlot'), call(2, 'getHealth'), call(3, 'localnet_stats')]);
  const stats = await client.call('localnet_stats', { reset: true });
  assert.deepEqual(stats, { httpRequests: 3, calls: 3, faults: 0, methods: { getSlot: 2, getHealth: 1 } });
  assert.equal((await client.call('localnet_stats')).calls, 0);
});

test('faults come after some calls, for some calls', async (t) => {
  const client = await server(t);
  const fault = { method: 'getSlot', mode: 'error', after: 1, count: 2, error: { code: -32603, message: 'boom' } };
  await client.call('localnet_setFault', fault);
  const outcomes = [];
  for (let index = 0; index < 4; index += 1) {
    outcomes.push(await client.call('getSlot').then(() => 'ok', (error) => error.message));
  }
  assert.deepEqual(outcomes, ['ok', 'boom', 'boom', 'ok']);
  assert.equal((await client.call('localnet_stats')).faults, 2);
  await assert.rejects(client.call('localnet_setFault', { method: 'getSlot', mode: 'magic' }), { code: -32602 });
});

test('a fault without end lasts until it is removed', async (t) => {
  const client = await server(t);
  await client.call('localnet_setFault', { method: '*', mode: 'error', count: null });
  for (const method of ['getSlot', 'getHealth', 'getVersion']) {
    await assert.rejects(client.call(method), { code: -32005 });
  }
  assert.equal((await client.call('localnet_clearFaults')).length, 0);
  assert.equal(await client.call('getHealth'), 'ok');
});

test('HTTP faults', async (t) => {
  const client = await server(t);
  const set = (mode, more) => client.call('localnet_setFault', { method: 'getSlot', mode, ...more });
  const request = (init) => client.post([call(1, 'getHealth'), call(2, 'getSlot')], init);

  await set('http429', { retryAfter: 2 });
  const tooMany = await request();
  assert.deepEqual([tooMany.status, tooMany.headers.get('retry-after')], [429, '2']);
  assert.equal(await tooMany.text(), 'Too Many Requests');
  const error = { code: 429, message: 'slow down' };
  await set('http503', { error });
  const unavailable = await request();
  assert.equal(unavailable.status, 503);
  assert.deepEqual((await unavailable.json()).error, error);
  await set('drop');
  await assert.rejects(request(), TypeError);
  await set('timeout');
  await assert.rejects(request({ signal: AbortSignal.timeout(200) }), { name: 'TimeoutError' });
  await set('delay', { ms: 150 });
  const started = Date.now();
  assert.equal((await request()).status, 200);
  assert.ok(Date.now() - started >= 150);
  await set('result', { result: 42 });
  assert.equal(await client.call('getSlot'), 42);
  assert.equal((await request()).status, 200);
});

test('a dropped transaction is accepted and never lands', async (t) => {
  const client = await server(t);
  const alice = await client.funded();
  await client.call('localnet_setFault', { method: 'sendTransaction', mode: 'drop' });
  const { base64, signature } = await client.transaction([transfer(alice.address, alice.address, 1)], [alice]);
  const send = () => client.call('sendTransaction', [base64, { encoding: 'base64' }]);
  const status = async () => (await client.call('getSignatureStatuses', [[signature]])).value[0];

  assert.equal(await send(), signature);
  assert.equal(await status(), null);
  assert.equal(await send(), signature);
  assert.equal((await status()).err, null);
});
