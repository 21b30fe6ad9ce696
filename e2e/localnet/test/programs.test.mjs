import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { encode } from '../src/base58.mjs';
import { BPF_LOADER_UPGRADEABLE, COMPUTE_BUDGET_PROGRAM } from '../src/ids.mjs';
import { server } from './support.mjs';
import { Keypair, littleEndian, signedV1Transaction } from './wire.mjs';

/** A small program that replaces others in tests: its account holds the binary itself. */
const MEMO = 'MemoSq4gqABAXKb96qnH8TysNcWxMyWCqXgDLGmfcHr';

async function read(client, key) {
  const { value } = await client.call('getAccountInfo', [key, { encoding: 'base64' }]);
  return { ...value, data: Buffer.from(value.data[0], 'base64') };
}

async function programFolder(t) {
  const folder = mkdtempSync(join(tmpdir(), 'localnet-'));
  t.after(() => rmSync(folder, { recursive: true }));
  mkdirSync(join(folder, 'programs'));
  const { data: elf } = await read(await server(t), MEMO);
  const save = (name, content = elf) => writeFileSync(join(folder, name), content);
  return { folder, elf, save };
}

test('programs get their ids from the map or from their names', async (t) => {
  const { folder, elf, save } = await programFolder(t);
  const [named, mapped, late, twin] = Array.from({ length: 4 }, () => new Keypair().address);
  for (const name of [`${named}.so`, 'mapped.so', 'late.so', 'unknown.so']) save(join('programs', name));
  const map = { 'mapped.so': [mapped, twin], 'late.so': { id: late, deploySlot: 123_456 }, 'absent.so': MEMO };
  save('map.json', JSON.stringify(map));
  const client = await server(t, ['--programs', join(folder, 'programs'), '--map', join(folder, 'map.json')]);

  for (const [id, deploySlot] of [[named, 0n], [mapped, 0n], [twin, 0n], [late, 123_456n]]) {
    const program = await read(client, id);
    assert.deepEqual([program.owner, program.executable], [BPF_LOADER_UPGRADEABLE, true]);
    const programData = await read(client, encode(program.data.subarray(4, 36)));
    assert.deepEqual([programData.owner, programData.data.readUInt32LE(0)], [BPF_LOADER_UPGRADEABLE, 3]);
    assert.equal(programData.data.readBigUInt64LE(4), deploySlot);
    assert.deepEqual(programData.data.subarray(45), elf);
    const payer = await client.funded();
    await client.send([{ program: id, accounts: [], data: Buffer.from('hello') }], [payer]);
  }
  assert.match(client.logLines[0], /^skipped unknown.so/);
});

test('programs exist after a reset, in any epoch', async (t) => {
  const { folder, save } = await programFolder(t);
  const id = new Keypair().address;
  save(join('programs', `${id}.so`));
  const client = await server(t, ['--programs', join(folder, 'programs'), '--epoch', '900']);
  for (const method of ['localnet_reset', 'localnet_reset']) {
    await client.call(method);
    await client.call('localnet_warpToEpoch', { epoch: 3 });
    await client.send([{ program: id, accounts: [], data: Buffer.from('hello') }], [await client.funded()]);
  }
});

test('dumps of a program and its data make a program that runs', async (t) => {
  const { folder, save } = await programFolder(t);
  const id = new Keypair().address;
  save(join('programs', `${id}.so`));
  const origin = await server(t, ['--programs', join(folder, 'programs')]);
  const program = await read(origin, id);
  const programDataKey = encode(program.data.subarray(4, 36));
  const programData = await read(origin, programDataKey);

  mkdirSync(join(folder, 'accounts'));
  const dump = (name, pubkey, { data, lamports, owner, executable }) => {
    const account = { lamports, data: [data.toString('base64'), 'base64'], owner, executable };
    save(join('accounts', name), JSON.stringify({ pubkey, account }));
  };
  dump('a-program.json', id, program);
  dump('b-program-data.json', programDataKey, programData);
  const client = await server(t, ['--accounts', join(folder, 'accounts')]);
  await client.send([{ program: id, accounts: [], data: Buffer.from('hello') }], [await client.funded()]);
});

test('the data of a program counts once towards what a transaction loads', async (t) => {
  const { folder, elf, save } = await programFolder(t);
  const [id, twin] = [new Keypair().address, new Keypair().address];
  for (const name of [id, twin]) save(join('programs', `${name}.so`));
  const client = await server(t, ['--programs', join(folder, 'programs')]);
  const payer = await client.funded();
  const { data } = await read(client, id);
  const programData = encode(data.subarray(4, 36));
  const simulate = async (accounts, limit) => {
    const instruction = { program: id, accounts: accounts.map((address) => ({ address })), data: Buffer.from('hello') };
    const config = { computeUnitLimit: 1_000_000, loadedAccountsDataSizeLimit: limit };
    const parts = { payer: payer.address, instructions: [instruction], blockhash: await client.blockhash(), config };
    const { base64 } = signedV1Transaction(parts, [payer]);
    return (await client.call('simulateTransaction', [base64, { encoding: 'base64' }])).value;
  };
  const program = 64 + 36 + 64 + 45 + elf.length;
  for (const [accounts, size] of [[[], 64 + program], [[programData], 64 + program], [[twin], 64 + 2 * program]]) {
    const told = await simulate(accounts, 10_000_000);
    assert.equal(told.loadedAccountsDataSize, size);
    assert.notEqual((await simulate(accounts, size)).err, 'MaxLoadedAccountsDataSizeExceeded');
    assert.equal((await simulate(accounts, size - 1)).err, 'MaxLoadedAccountsDataSizeExceeded');
  }

  const withLimit = async (limit) => {
    const request = { program: COMPUTE_BUDGET_PROGRAM, accounts: [], data: Buffer.from([4, ...littleEndian(limit, 4)]) };
    return client.send([request, { program: id, accounts: [], data: Buffer.from('hello') }], [payer]);
  };
  const size = 64 + (64 + 'compute_budget_program'.length) + program;
  await withLimit(size);
  await assert.rejects(withLimit(size - 1), (error) => error.data.err === 'MaxLoadedAccountsDataSizeExceeded');
});
