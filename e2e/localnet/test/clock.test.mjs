import assert from 'node:assert/strict';
import { test } from 'node:test';
import { UsageError, parseOptions } from '../src/args.mjs';
import { server } from './support.mjs';
import { Keypair, transfer } from './wire.mjs';

const RENT_SYSVAR = 'SysvarRent111111111111111111111111111111111';
const CLOCK_SYSVAR = 'SysvarC1ock11111111111111111111111111111111';

/** The clock that programs see. */
async function sysvar(client) {
  const { value } = await client.call('getAccountInfo', [CLOCK_SYSVAR, { encoding: 'base64' }]);
  const data = Buffer.from(value.data[0], 'base64');
  return {
    slot: Number(data.readBigUInt64LE(0)),
    epochStartTimestamp: Number(data.readBigInt64LE(8)),
    epoch: Number(data.readBigUInt64LE(16)),
    leaderScheduleEpoch: Number(data.readBigUInt64LE(24)),
    unixTimestamp: Number(data.readBigInt64LE(32)),
  };
}

test('an epoch starts in its middle unless a slot is given', async (t) => {
  const client = await server(t, ['--epoch', '800', '--unix-time', '1000000000']);
  const info = await client.call('getEpochInfo');
  assert.deepEqual(
    [info.epoch, info.absoluteSlot, info.slotIndex, info.slotsInEpoch],
    [800, 345_816_000, 216_000, 432_000],
  );
  assert.ok(info.blockHeight < info.absoluteSlot);
  assert.deepEqual(await sysvar(client), {
    slot: 345_816_000,
    epochStartTimestamp: 1_000_000_000 - 86_400,
    epoch: 800,
    leaderScheduleEpoch: 801,
    unixTimestamp: 1_000_000_000,
  });
});

test('slot and epoch must agree', () => {
  assert.equal(parseOptions(['--slots-per-epoch', '3600', '--slot', '4000', '--epoch', '1']).slot, 4000);
  assert.throws(() => parseOptions(['--slot', '4000', '--epoch', '1']), UsageError);
  assert.throws(() => parseOptions(['--slot', '-1']), UsageError);
  assert.throws(() => parseOptions(['--finality', 'soon']), UsageError);
});

test('warping follows the epoch schedule', async (t) => {
  const client = await server(t, ['--slots-per-epoch', '100', '--slot', '50', '--unix-time', '1000']);
  await client.call('localnet_warpToSlot', { slot: 99 });
  assert.equal((await sysvar(client)).epoch, 0);
  await client.call('localnet_warpToSlot', { slot: 250 });
  assert.deepEqual(await sysvar(client), {
    slot: 250,
    epochStartTimestamp: 1060,
    epoch: 2,
    leaderScheduleEpoch: 3,
    unixTimestamp: 1080,
  });
  const clock = await client.call('localnet_warpToEpoch', { epoch: 7 });
  assert.deepEqual([clock.slot, clock.epoch, clock.leaderScheduleEpoch], [700, 7, 8]);
  await client.call('localnet_warpToEpoch', { epoch: 1 });
  assert.equal((await client.call('getEpochInfo')).epoch, 1);
});

test('the clock can be set to any value, and runs on from there', async (t) => {
  const client = await server(t, ['--slots-per-epoch', '100', '--slot', '50']);
  await client.call('localnet_setClock', { epoch: 900, unixTimestamp: 5000 });
  await client.call('localnet_warpToSlot', { slot: 60 });
  const clock = await sysvar(client);
  assert.deepEqual([clock.epoch, clock.unixTimestamp, clock.slot], [900, 5004, 60]);
  await assert.rejects(client.call('localnet_setClock', { hour: 3 }), { code: -32602 });
});

test('the clock ticks', async (t) => {
  const client = await server(t, ['--slot-ms', '10']);
  const [slot, { value: first }] = [await client.call('getSlot'), await client.call('getLatestBlockhash')];
  await new Promise((resolve) => setTimeout(resolve, 100));
  assert.ok((await client.call('getSlot')) > slot);
  assert.notEqual(await client.blockhash(), first.blockhash);
});

test('time and performance samples follow the length of a slot', async (t) => {
  const start = ['--slots-per-epoch', '100', '--slot', '150', '--unix-time', '90000'];
  const client = await server(t, ['--slot-ms', '200000', ...start]);
  assert.equal((await sysvar(client)).epochStartTimestamp, 80_000);
  await client.call('localnet_warpToSlot', { slot: 151 });
  assert.equal((await sysvar(client)).unixTimestamp, 90_200);

  const slots = await server(t, ['--slot-ms', '200', '--slot', '1000']);
  await slots.funded();
  const samples = await slots.call('getRecentPerformanceSamples', [720]);
  const slot = await slots.call('getSlot');
  assert.equal(samples.length, 3);
  assert.ok(slot - samples[0].slot <= 1);
  assert.equal(samples[0].slot - samples[1].slot, 300);
  assert.deepEqual(
    samples.map(({ numTransactions, numSlots, samplePeriodSecs }) => [numTransactions, numSlots, samplePeriodSecs]),
    [[1, 300, 60], [0, 300, 60], [0, 300, 60]],
  );
  assert.equal((await slots.call('getRecentPerformanceSamples', [1])).length, 1);
  await assert.rejects(slots.call('getRecentPerformanceSamples', [721]), { code: -32602 });

  const stopped = await server(t, ['--slot', '1000']);
  assert.equal((await stopped.call('getRecentPerformanceSamples'))[0].numSlots, 150);
});

test('the rent can be chosen', async (t) => {
  const client = await server(t, ['--rent', '5080']);
  const rent = async () => {
    const { value } = await client.call('getAccountInfo', [RENT_SYSVAR, { encoding: 'base64' }]);
    return Buffer.from(value.data[0], 'base64');
  };
  for (const method of ['getSlot', 'localnet_reset']) {
    await client.call(method);
    assert.equal(await client.call('getMinimumBalanceForRentExemption', [165]), (165 + 128) * 5080);
    assert.deepEqual([(await rent()).readBigUInt64LE(), (await rent()).readDoubleLE(8)], [5080n, 1]);
  }
  const alice = await client.funded();
  const create = async (lamports) => client.send([transfer(alice.address, new Keypair().address, lamports)], [alice]);
  await assert.rejects(create(128 * 5080 - 1), { code: -32002 });
  await create(128 * 5080);
  assert.throws(() => parseOptions(['--rent', 'much']), UsageError);
});

test('reset restores the initial state', async (t) => {
  const client = await server(t, ['--epoch', '3']);
  const alice = await client.funded();
  await client.call('localnet_warpToEpoch', { epoch: 9 });
  await client.call('localnet_setFault', { method: 'getSlot', mode: 'error' });
  await client.call('localnet_reset');
  assert.equal((await client.call('getEpochInfo')).epoch, 3);
  assert.equal((await client.call('getBalance', [alice.address])).value, 0);
  assert.equal((await client.call('localnet_stats')).calls, 2);
  assert.equal(await client.call('getSlot'), 3.5 * 432_000);
});

test('minContextSlot in the future is refused', async (t) => {
  const client = await server(t);
  const slot = await client.call('getSlot');
  await client.call('getBlockHeight', [{ minContextSlot: slot }]);
  await assert.rejects(client.call('getBlockHeight', [{ minContextSlot: slot + 1 }]), { code: -32016 });
});

test('constants of the cluster', async (t) => {
  const client = await server(t);
  assert.equal((await client.call('getVersion'))['solana-core'], '4.2.0');
  assert.equal(await client.call('getMinimumBalanceForRentExemption', [165]), 2_039_280);
  assert.equal((await client.call('getStakeMinimumDelegation')).value, 1_000_000_000);
  assert.equal((await client.call('getRecentPrioritizationFees', [[]])).length, 150);
  assert.equal((await client.call('getGenesisHash')).length, 44);
});
