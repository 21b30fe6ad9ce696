import assert from 'node:assert/strict';
import { test } from 'node:test';
import { server } from './support.mjs';
import { Keypair, transfer } from './wire.mjs';

const SOL = 1_000_000_000;
const ENCODING = { encoding: 'base64' };

/** Every transaction is a slot of its own: alice paid bob three times, then one empty slot passed. */
async function withPayments(t) {
  const client = await server(t, ['--slot', '1000']);
  const [alice, bob] = [await client.funded(), new Keypair().address];
  const signatures = [];
  for (let count = 0; count < 3; count += 1) {
    signatures.push(await client.send([transfer(alice.address, bob, SOL)], [alice]));
  }
  const slot = await client.call('getSlot');
  const lag = (slots, more) =>
    client.call('localnet_setFault', { method: '*', mode: 'behind', slots, count: null, ...more });
  const balance = async (address, config) => (await client.call('getBalance', [address, config])).value;
  return { client, alice, bob, signatures, slot, lag, balance };
}

test('reads come from an earlier slot', async (t) => {
  const { client, alice, bob, signatures, slot, lag, balance } = await withPayments(t);
  const latest = await client.blockhash();
  await lag(2);

  assert.equal(await client.call('getSlot'), slot - 2);
  const { context, value } = await client.call('getAccountInfo', [bob, ENCODING]);
  assert.deepEqual([context.slot, value.lamports], [slot - 2, 2 * SOL]);
  assert.equal((await client.call('getEpochInfo')).absoluteSlot, slot - 2);
  assert.equal(await client.call('getTransactionCount'), 3);
  const { value: statuses } = await client.call('getSignatureStatuses', [signatures]);
  assert.deepEqual(statuses.map((status) => status !== null), [true, true, false]);
  assert.notEqual(await client.blockhash(), latest);
  assert.equal((await client.call('isBlockhashValid', [latest])).value, false);
  const clock = await client.call('getAccountInfo', ['SysvarC1ock11111111111111111111111111111111', ENCODING]);
  assert.equal(Number(Buffer.from(clock.value.data[0], 'base64').readBigUInt64LE()), slot - 2);

  await lag(4);
  assert.equal((await client.call('getAccountInfo', [bob, ENCODING])).value, null);
  assert.equal(await balance(alice.address), 10 * SOL);
  await lag(32);
  assert.equal(await balance(alice.address), 0);

  await client.call('localnet_clearFaults');
  assert.deepEqual([await client.call('getSlot'), await balance(bob)], [slot, 3 * SOL]);
  assert.equal(await client.blockhash(), latest);
  assert.equal((await client.call('localnet_stats')).faults > 0, true);
});

test('a deleted account exists in the slots before its deletion', async (t) => {
  const { client, bob, slot, lag, balance } = await withPayments(t);
  await client.call('localnet_warpToSlot', { slot: slot + 1000 });
  await client.call('localnet_setAccount', { pubkey: bob, account: null });
  assert.equal(await balance(bob), 0);
  await lag(5);
  assert.equal(await client.call('getSlot'), slot + 995);
  assert.equal(await balance(bob), 3 * SOL);
  await lag(0);
  assert.equal(await balance(bob), 0);
  await client.call('localnet_warpToSlot', { slot: slot + 900 });
  await lag(5);
  assert.deepEqual([await client.call('getSlot'), await balance(bob)], [slot + 895, 0]);
});

test('minContextSlot above its slot is refused, or ignored', async (t) => {
  const { client, bob, slot, lag, balance } = await withPayments(t);
  await lag(3);
  await assert.rejects(balance(bob, { minContextSlot: slot - 2 }), (error) => {
    assert.deepEqual([error.code, error.data], [-32016, { contextSlot: slot - 3 }]);
    return true;
  });
  assert.equal(await balance(bob, { minContextSlot: slot - 3 }), SOL);
  await lag(3, { ignoreMinContextSlot: true });
  assert.equal(await balance(bob, { minContextSlot: slot }), SOL);
});

test('a preflight does not know the newest blockhash, and transactions land nevertheless', async (t) => {
  const { client, alice, bob, lag, balance } = await withPayments(t);
  const { base64, signature } = await client.transaction([transfer(alice.address, bob, SOL)], [alice]);
  await lag(1);
  const send = (config) => client.call('sendTransaction', [base64, { ...ENCODING, ...config }]);
  await assert.rejects(send(), (error) => error.data.err === 'BlockhashNotFound');
  const simulated = await client.call('simulateTransaction', [base64, { ...ENCODING, replaceRecentBlockhash: true }]);
  assert.deepEqual([simulated.value.err, simulated.value.postBalances[1]], [null, 4 * SOL]);
  assert.equal(await send({ skipPreflight: true }), signature);
  await client.call('localnet_clearFaults');
  assert.equal(await balance(bob), 4 * SOL);
});

test('the fault ends like any other, and has its limits', async (t) => {
  const { client, slot } = await withPayments(t);
  await client.call('localnet_setFault', { method: 'getSlot', mode: 'behind', slots: 7, after: 1, count: 2 });
  const told = [];
  for (let count = 0; count < 4; count += 1) told.push(await client.call('getSlot'));
  assert.deepEqual(told, [slot, slot - 7, slot - 7, slot]);
  for (const slots of [-1, 33, 1.5, '3']) {
    const fault = { method: 'getSlot', mode: 'behind', slots };
    await assert.rejects(client.call('localnet_setFault', fault), { code: -32602 });
  }
});
