import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { decode, encode } from '../src/base58.mjs';
import { ADDRESS_LOOKUP_TABLE_PROGRAM } from '../src/ids.mjs';
import { server } from './support.mjs';
import {
  Keypair,
  advanceNonce,
  compileMessage,
  createNonce,
  signedTransaction,
  signedV1Transaction,
  transfer,
} from './wire.mjs';

const SOL = 1_000_000_000;
const ENCODING = { encoding: 'base64' };

/** The value that a bank derives from a blockhash. */
function durableValue(blockhash) {
  return encode(createHash('sha256').update('DURABLE_NONCE').update(decode(blockhash)).digest());
}

async function withNonce(t, flags) {
  const client = await server(t, flags);
  const [payer, authority, nonce] = [await client.funded(), new Keypair(), new Keypair()];
  await client.send(createNonce(payer.address, nonce.address, authority.address), [payer, nonce]);
  const value = async () => {
    const { value: account } = await client.call('getAccountInfo', [nonce.address, ENCODING]);
    return encode(Buffer.from(account.data[0], 'base64').subarray(40, 72));
  };
  const parts = (blockhash, ...instructions) => ({
    payer: payer.address,
    blockhash,
    instructions: [advanceNonce(nonce.address, authority.address), ...instructions],
  });
  const sign = (blockhash, ...instructions) => signedTransaction(parts(blockhash, ...instructions), [payer, authority]);
  const send = ({ base64 }, config) => client.call('sendTransaction', [base64, { ...ENCODING, ...config }]);
  const errOf = async ({ base64 }) => (await client.call('simulateTransaction', [base64, ENCODING])).value.err;
  const isKnown = async ({ signature }) => (await client.call('getSignatureStatuses', [[signature]])).value[0] !== null;
  return { client, payer, authority, nonce, value, parts, sign, send, errOf, isKnown };
}

test('a nonce replaces a blockhash, once, at any age', async (t) => {
  const { client, payer, nonce, value, sign, send, errOf } = await withNonce(t);
  const before = await value();
  const bob = new Keypair().address;
  const transaction = sign(before, transfer(payer.address, bob, SOL));
  await client.call('localnet_expireBlockhash');
  assert.equal((await client.call('isBlockhashValid', [before])).value, false);
  assert.equal(await errOf(transaction), null);

  const blockhash = await client.blockhash();
  assert.equal(await send(transaction), transaction.signature);

  assert.equal((await client.call('getBalance', [bob])).value, SOL);
  assert.equal(await value(), durableValue(blockhash));
  const landed = await client.call('getTransaction', [transaction.signature, ENCODING]);
  assert.deepEqual([landed.meta.err, landed.meta.fee], [null, 10_000]);
  assert.equal(await errOf(transaction), 'BlockhashNotFound');
  await assert.rejects(send(transaction), (error) => error.data.err === 'BlockhashNotFound');
  const again = sign(await value(), transfer(payer.address, bob, SOL));
  assert.equal(await send(again), again.signature);
  assert.equal((await client.call('getBalance', [nonce.address])).value, 2_000_000);
});

test('a transaction that fails pays its fee and advances its nonce', async (t) => {
  const { client, payer, value, sign, send, isKnown } = await withNonce(t);
  const before = await value();
  const { value: balance } = await client.call('getBalance', [payer.address]);
  const transaction = sign(before, transfer(payer.address, new Keypair().address, 50 * SOL));
  await assert.rejects(send(transaction), (error) => error.data.err.InstructionError[0] === 1);
  assert.equal(await value(), before);

  const blockhash = await client.blockhash();
  await send(transaction, { skipPreflight: true });
  assert.equal((await client.call('getBalance', [payer.address])).value, balance - 10_000);
  assert.equal(await value(), durableValue(blockhash));
  assert.deepEqual(await isKnown(transaction), true);

  const missing = sign(await value(), { program: new Keypair().address, accounts: [], data: [] });
  await send(missing, { skipPreflight: true });
  const landed = await client.call('getTransaction', [missing.signature, ENCODING]);
  assert.equal(landed.meta.err, 'ProgramAccountNotFound');
  assert.equal((await client.call('getBalance', [payer.address])).value, balance - 20_000);
  assert.notEqual(await value(), durableValue(blockhash));
});

test('a nonce advances once in a block', async (t) => {
  const { client, payer, value, sign, send, errOf, isKnown } = await withNonce(t, ['--slot-ms', '1000000']);
  const fresh = sign(await value(), transfer(payer.address, payer.address, 1));
  assert.equal(await errOf(fresh), 'BlockhashNotFound');
  const early = sign(await client.blockhash(), transfer(payer.address, payer.address, 1));
  assert.deepEqual(await errOf(early), { InstructionError: [0, { Custom: 7 }] });

  await client.call('localnet_warpToSlot', { slot: (await client.call('getSlot')) + 1 });
  assert.equal(await errOf(fresh), null);
  await send(fresh);
  const second = sign(await value(), transfer(payer.address, payer.address, 2));
  await send(second, { skipPreflight: true });
  assert.equal(await isKnown(second), false);
});

test('only a nonce account that the first instruction advances is accepted', async (t) => {
  const { client, payer, authority, nonce, value, parts, errOf } = await withNonce(t);
  const blockhash = await value();
  const pay = transfer(payer.address, payer.address, 1);
  const advance = advanceNonce(nonce.address, authority.address);
  const readonly = { ...advance, accounts: advance.accounts.map((meta) => ({ ...meta, writable: false })) };
  const cases = {
    'another value': parts(durableValue(blockhash), pay),
    'no advance': { ...parts(blockhash), instructions: [pay] },
    'advance comes second': { ...parts(blockhash), instructions: [pay, advance] },
    'the wrong authority': { ...parts(blockhash), instructions: [advanceNonce(nonce.address, payer.address), pay] },
    'read-only': { ...parts(blockhash), instructions: [readonly, pay] },
  };
  for (const [name, wrong] of Object.entries(cases)) {
    assert.equal(await errOf(signedTransaction(wrong, [payer, authority])), 'BlockhashNotFound', name);
  }

  const table = new Keypair().address;
  const data = Buffer.concat([Buffer.alloc(56), decode(nonce.address)]);
  data.writeUInt32LE(1);
  data.fill(0xff, 4, 12);
  const account = { lamports: SOL, owner: ADDRESS_LOOKUP_TABLE_PROGRAM, data: [data.toString('base64'), 'base64'] };
  await client.call('localnet_setAccount', { pubkey: table, account });
  const lookupTables = [{ address: table, addresses: [nonce.address] }];
  const lookedUp = signedTransaction({ ...parts(blockhash, pay), lookupTables }, [payer, authority]);
  assert.equal(await errOf(lookedUp), 'BlockhashNotFound');
});

test('getFeeForMessage accepts nonces, and so does version 1', async (t) => {
  const { client, payer, authority, value, parts, send } = await withNonce(t);
  await client.call('localnet_expireBlockhash');
  const used = parts(await value(), transfer(payer.address, payer.address, 1));
  const feeOf = async () => {
    const message = compileMessage(used).bytes.toString('base64');
    return (await client.call('getFeeForMessage', [message])).value;
  };
  assert.equal(await feeOf(), 10_000);
  const config = { computeUnitLimit: 1000, loadedAccountsDataSizeLimit: 10_000 };
  const v1 = signedV1Transaction({ ...used, config }, [payer, authority]);
  assert.equal(await send(v1), v1.signature);
  assert.equal(await feeOf(), null);
});
