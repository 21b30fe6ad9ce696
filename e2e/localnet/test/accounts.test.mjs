import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { decode, encode } from '../src/base58.mjs';
import { STAKE_PROGRAM, SYSTEM_PROGRAM, TOKEN_2022_PROGRAM, TOKEN_PROGRAM, VOTE_PROGRAM } from '../src/ids.mjs';
import { stringify } from '../src/json.mjs';
import { server } from './support.mjs';
import { Keypair } from './wire.mjs';

const WSOL = 'So11111111111111111111111111111111111111112';
const U64_MAX = 2n ** 64n - 1n;

function base64(bytes) {
  return Buffer.from(bytes).toString('base64');
}

function tokenAccount(mint, owner, amount) {
  const data = Buffer.alloc(165);
  data.set(decode(mint), 0);
  data.set(decode(owner), 32);
  data.writeBigUInt64LE(amount, 64);
  data[108] = 1;
  return data;
}

function setAccount(client, pubkey, owner, data, lamports = 1_000_000_000) {
  const account = { lamports, owner, data: [base64(data), 'base64'] };
  return client.call('localnet_setAccount', { pubkey, account });
}

test('account dumps are loaded, and other files skipped', async (t) => {
  const dir = mkdtempSync(join(tmpdir(), 'localnet-'));
  t.after(() => rmSync(dir, { recursive: true }));
  const pubkey = new Keypair().address;
  const account = {
    lamports: 9_007_199_254_740_993n,
    data: [base64([1, 2, 3]), 'base64'],
    owner: TOKEN_PROGRAM,
    executable: false,
    rentEpoch: U64_MAX,
    space: 3,
  };
  const rounded = new Keypair().address;
  writeFileSync(join(dir, 'good.json'), stringify({ pubkey, account }));
  writeFileSync(join(dir, 'rounded.json'), stringify({ pubkey: rounded, account }).replace('615', '999'));
  writeFileSync(join(dir, 'keypair.json'), '[1,2,3]');
  writeFileSync(join(dir, 'broken.json'), '{');

  const client = await server(t, ['--accounts', dir]);
  const { value } = await client.call('getAccountInfo', [pubkey, { encoding: 'base64' }]);
  assert.deepEqual(value, account);
  const { value: clamped } = await client.call('getAccountInfo', [rounded, { encoding: 'base64' }]);
  assert.equal(clamped.rentEpoch, U64_MAX);
  assert.deepEqual(client.logLines.map((line) => line.slice(0, 22)), [
    'skipped broken.json: n',
    'skipped keypair.json: ',
    'loaded 0 programs and ',
  ]);
});

test('account data comes in every encoding, and in slices', async (t) => {
  const client = await server(t);
  const [small, large] = [new Keypair().address, new Keypair().address];
  await setAccount(client, small, SYSTEM_PROGRAM, [1, 2, 3, 4]);
  await setAccount(client, large, SYSTEM_PROGRAM, Buffer.alloc(300_000, 7));
  const data = async (key, config) => (await client.call('getAccountInfo', [key, config])).value.data;

  assert.equal(await data(small), encode(Uint8Array.of(1, 2, 3, 4)));
  assert.deepEqual(await data(small, { encoding: 'base58' }), [encode(Uint8Array.of(1, 2, 3, 4)), 'base58']);
  assert.deepEqual(await data(small, { encoding: 'base64', dataSlice: { offset: 1, length: 2 } }), ['AgM=', 'base64']);
  assert.deepEqual(await data(small, { encoding: 'base64', dataSlice: { offset: 9, length: 2 } }), ['', 'base64']);
  assert.equal((await data(large, { encoding: 'base64' }))[0].length, 400_000);
  const [zstd, encoding] = await data(large, { encoding: 'base64+zstd' });
  assert.equal(encoding, 'base64+zstd');
  assert.equal(zstd.length, 36); // three RLE blocks
  await assert.rejects(data(large), { code: -32600 });
  await assert.rejects(data(small, { encoding: 'rot13' }), { code: -32602 });
});

test('getMultipleAccounts keeps the order and has a limit', async (t) => {
  const client = await server(t);
  const known = new Keypair().address;
  await setAccount(client, known, SYSTEM_PROGRAM, [1]);
  const { value } = await client.call('getMultipleAccounts', [[new Keypair().address, known]]);
  assert.equal(value[0], null);
  assert.deepEqual(value[1].data, ['AQ==', 'base64']);
  const tooMany = Array.from({ length: 101 }, () => known);
  await assert.rejects(client.call('getMultipleAccounts', [tooMany]), { message: 'Too many inputs provided; max 100' });
  await assert.rejects(client.call('getMultipleAccounts', [['nonsense']]), { code: -32602 });
});

test('localnet_setAccount keeps missing fields, and deletes', async (t) => {
  const client = await server(t);
  const key = new Keypair().address;
  await setAccount(client, key, TOKEN_PROGRAM, [1], 5);
  await client.call('localnet_setAccount', { pubkey: key, account: { data: [base64([2]), 'base64'] } });
  const { value } = await client.call('getAccountInfo', [key, { encoding: 'base64' }]);
  assert.deepEqual([value.data[0], value.lamports, value.owner], ['Ag==', 5, TOKEN_PROGRAM]);
  await client.call('localnet_setAccount', { pubkey: key, account: null });
  assert.equal((await client.call('getAccountInfo', [key])).value, null);
  const incomplete = { pubkey: key, account: { lamports: 1 } };
  await assert.rejects(client.call('localnet_setAccount', incomplete), { code: -32602 });
});

test('writing the rent sysvar changes the rent', async (t) => {
  const client = await server(t);
  const pubkey = 'SysvarRent111111111111111111111111111111111';
  const { value } = await client.call('getAccountInfo', [pubkey, { encoding: 'base64' }]);
  const data = Buffer.from(value.data[0], 'base64');
  data.writeBigUInt64LE(data.readBigUInt64LE() / 2n);
  await client.call('localnet_setAccount', { pubkey, account: { data: [base64(data), 'base64'] } });
  assert.equal(await client.call('getMinimumBalanceForRentExemption', [165]), 2_039_280 / 2);
  const broken = { pubkey, account: { data: ['AQ==', 'base64'] } };
  await assert.rejects(client.call('localnet_setAccount', broken), { code: -32602 });
});

test('getProgramAccounts filters', async (t) => {
  const client = await server(t);
  const program = new Keypair().address;
  const [one, two] = [new Keypair().address, new Keypair().address];
  await setAccount(client, one, program, [1, 2, 3]);
  await setAccount(client, two, program, [1, 2, 3, 4]);
  const find = async (...filters) =>
    (await client.call('getProgramAccounts', [program, { encoding: 'base64', filters }])).map(({ pubkey }) => pubkey);

  assert.deepEqual(await find(), [one, two].sort());
  assert.deepEqual(await find({ dataSize: 3 }), [one]);
  const bytes = encode(Uint8Array.of(3, 4));
  assert.deepEqual(await find({ memcmp: { offset: 2, bytes } }), [two]);
  assert.deepEqual(await find({ memcmp: { offset: 2, bytes: base64([3, 4]), encoding: 'base64' } }), [two]);
  assert.deepEqual(await find({ dataSize: 3 }, { memcmp: { offset: 2, bytes } }), []);
});

test('token accounts', async (t) => {
  const client = await server(t);
  const [owner, token] = [new Keypair().address, new Keypair().address];
  await setAccount(client, token, TOKEN_PROGRAM, tokenAccount(WSOL, owner, 1_500_000_000n));

  const amount = { amount: '1500000000', decimals: 9, uiAmount: 1.5, uiAmountString: '1.5' };
  assert.deepEqual((await client.call('getTokenAccountBalance', [token])).value, amount);
  assert.equal((await client.call('getTokenSupply', [WSOL])).value.decimals, 9);
  for (const filter of [{ mint: WSOL }, { programId: TOKEN_PROGRAM }]) {
    const { value } = await client.call('getTokenAccountsByOwner', [owner, filter, { encoding: 'base64' }]);
    assert.deepEqual(value.map(({ pubkey }) => pubkey), [token]);
  }
  const { value: parsed } = await client.call('getAccountInfo', [token, { encoding: 'jsonParsed' }]);
  assert.deepEqual(parsed.data.parsed.info.tokenAmount, amount);
  await assert.rejects(client.call('getTokenAccountBalance', [owner]), {
    message: 'Invalid param: could not find account',
  });
  await assert.rejects(client.call('getTokenAccountBalance', [WSOL]), {
    message: 'Invalid param: not a Token account',
  });
});

test('token accounts of Token-2022, with extensions', async (t) => {
  const client = await server(t);
  const [owner, mint] = [new Keypair().address, new Keypair().address];
  const [plain, extended, classic] = Array.from({ length: 3 }, () => new Keypair().address);
  const mintData = Buffer.alloc(82 + 84 + 36);
  mintData[44] = 6;
  mintData[45] = 1;
  mintData[165] = 1;
  await setAccount(client, mint, TOKEN_2022_PROGRAM, mintData);
  const account = tokenAccount(mint, owner, 2_500_000n);
  await setAccount(client, plain, TOKEN_2022_PROGRAM, account);
  await setAccount(client, extended, TOKEN_2022_PROGRAM, Buffer.concat([account, Buffer.from([2, 7, 0, 0, 0])]));
  await setAccount(client, classic, TOKEN_PROGRAM, tokenAccount(WSOL, owner, 1n));
  const find = async (filter) => {
    const { value } = await client.call('getTokenAccountsByOwner', [owner, filter, { encoding: 'jsonParsed' }]);
    return value;
  };
  for (const filter of [{ programId: TOKEN_2022_PROGRAM }, { mint }]) {
    const found = await find(filter);
    assert.deepEqual(found.map(({ pubkey }) => pubkey), [plain, extended].sort());
    for (const { account: { data } } of found) {
      assert.equal(data.program, 'spl-token-2022');
      assert.equal(data.parsed.info.tokenAmount.uiAmountString, '2.5');
    }
  }
  assert.deepEqual((await find({ programId: TOKEN_PROGRAM })).map(({ pubkey }) => pubkey), [classic]);
  await assert.rejects(find({ programId: SYSTEM_PROGRAM }), { code: -32602 });
});

test('getVoteAccounts returns the active stake', async (t) => {
  const client = await server(t, ['--epoch', '10']);
  const [node, v3, v4] = Array.from({ length: 3 }, () => new Keypair().address);
  const vote = (version, offset, ...commission) => {
    const data = Buffer.alloc(3762);
    data.writeUInt32LE(version);
    data.set(decode(node), 4);
    data.set(commission, offset);
    return data;
  };
  await setAccount(client, v3, VOTE_PROGRAM, vote(2, 68, 7));
  await setAccount(client, v4, VOTE_PROGRAM, vote(3, 132, 0x2d, 0x01));
  const stake = (voter, lamports, activated, deactivated = U64_MAX) => {
    const data = Buffer.alloc(200);
    data.writeUInt32LE(2);
    data.set(decode(voter), 124);
    [lamports, activated, deactivated].forEach((value, index) => data.writeBigUInt64LE(value, 156 + 8 * index));
    return setAccount(client, new Keypair().address, STAKE_PROGRAM, data);
  };
  await stake(v3, 5n, 3n);
  await stake(v3, 6n, 9n, 10n);
  await stake(v3, 100n, 10n);
  await stake(v3, 200n, 3n, 9n);
  const { current, delinquent } = await client.call('getVoteAccounts', []);
  const told = new Map(current.map((each) => [each.votePubkey, each]));
  assert.deepEqual([told.size, delinquent], [2, []]);
  assert.deepEqual([told.get(v3).nodePubkey, told.get(v3).activatedStake, told.get(v3).commission], [node, 11, 7]);
  assert.deepEqual([told.get(v4).activatedStake, told.get(v4).commission], [0, 4]);
  assert.equal(told.get(v4).inflationRewardsCommissionBps, 301);
  assert.equal((await client.call('getVoteAccounts', [{ votePubkey: v4 }])).current.length, 1);
});
