import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encode } from '../src/base58.mjs';
import { COMPUTE_BUDGET_PROGRAM, SYSTEM_PROGRAM } from '../src/ids.mjs';
import { decodeTransaction, hasValidSignatures } from '../src/transaction.mjs';
import { server } from './support.mjs';
import { Keypair, compileMessage, compileV1Message, littleEndian, signedV1Transaction, transfer } from './wire.mjs';

const SOL = 1_000_000_000;
const MEMO = 'MemoSq4gqABAXKb96qnH8TysNcWxMyWCqXgDLGmfcHr';
const ENCODING = { encoding: 'base64' };
const CONFIG = { priorityFee: 7_000, computeUnitLimit: 1_400_000, loadedAccountsDataSizeLimit: 1_000_000 };

/** Made by @solana/kit 8.4.0: a transfer of 1000 lamports. */
const KIT_TRANSACTION =
  'gQEAAQ8AAAABAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAED35p/K0/aXVsgph86QD8SQH9MbFHqt09/WMtyt5mJW6dL' +
  'LwhBD+aQGfzFrNPRzf8VOEftIxPruu9YMgvstP/V4wAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAiBMAAAAAAAC4CwAA' +
  'AAABAAICDAAAAQIAAADoAwAAAAAAADGuCEDmMtkLxj4cWlGlFnkFX3uYk2i7uCyqdV5ieOEao+6JCuSgpOfxuWHdT33cHD5tOh5p' +
  'yh4RJhwYe4V6ggg=';

/** A server with a payer, and functions that send and simulate the payer's transactions. */
async function prepared(t, flags) {
  const client = await server(t, flags);
  const payer = await client.funded();
  const sign = async (instructions, config = CONFIG) =>
    signedV1Transaction({ payer: payer.address, instructions, blockhash: await client.blockhash(), config }, [payer]);
  const send = ({ base64 }, config) => client.call('sendTransaction', [base64, { ...ENCODING, ...config }]);
  const simulate = async ({ base64 }, config) =>
    (await client.call('simulateTransaction', [base64, { ...ENCODING, ...config }])).value;
  const balance = async (address) => (await client.call('getBalance', [address])).value;
  return { client, payer, sign, send, simulate, balance };
}

function base64(bytes) {
  return Buffer.from(bytes).toString('base64');
}

function memo(size) {
  return { program: MEMO, accounts: [], data: Buffer.alloc(size, 'm') };
}

test('a transaction of another client is decoded', () => {
  const { message, signatures, ...transaction } = decodeTransaction(Buffer.from(KIT_TRANSACTION, 'base64'));
  assert.equal(message.version, 1);
  assert.deepEqual(message.header, {
    numRequiredSignatures: 1,
    numReadonlySignedAccounts: 0,
    numReadonlyUnsignedAccounts: 1,
  });
  assert.deepEqual(message.config, {
    priorityFee: 5000n,
    computeUnitLimit: 3000,
    loadedAccountsDataSizeLimit: 65_536,
    heapSize: null,
  });
  assert.equal(message.accountKeys[2], SYSTEM_PROGRAM);
  const [{ programIdIndex, accounts, data }] = message.instructions;
  assert.deepEqual([programIdIndex, accounts, data.length], [2, [0, 1], 12]);
  assert.ok(hasValidSignatures({ message, signatures, ...transaction }));
});

test('a transfer lands, and getTransaction returns it to clients of version 1', async (t) => {
  const { client, payer, sign, send, balance } = await prepared(t);
  const bob = new Keypair().address;
  const { base64, signature } = await sign([transfer(payer.address, bob, SOL)]);
  assert.equal(await send({ base64 }), signature);

  assert.equal(await balance(bob), SOL);
  assert.equal(await balance(payer.address), 9 * SOL - 12_000);
  const read = (config) => client.call('getTransaction', [signature, { ...ENCODING, ...config }]);
  for (const config of [{}, { maxSupportedTransactionVersion: 0 }]) {
    await assert.rejects(read(config), (error) => {
      assert.equal(error.code, -32015);
      assert.match(error.message, /^Transaction version \(1\) is not supported by the requesting client/);
      return true;
    });
  }
  const landed = await read({ maxSupportedTransactionVersion: 1 });
  assert.deepEqual([landed.version, landed.transaction], [1, [base64, 'base64']]);
  assert.deepEqual([landed.meta.err, landed.meta.fee, landed.meta.computeUnitsConsumed], [null, 12_000, 150]);
  const { transaction } = await read({ encoding: 'json', maxSupportedTransactionVersion: 1 });
  assert.deepEqual(transaction.signatures, [signature]);
  assert.deepEqual(transaction.message.transactionConfig, { ...CONFIG, heapSize: null });
  assert.equal(transaction.message.addressTableLookups, undefined);
  await assert.rejects(send({ base64 }), (error) => error.data.err === 'AlreadyProcessed');
});

test('the configuration counts, and compute budget instructions do not', async (t) => {
  const { client, payer, sign, simulate } = await prepared(t);
  const price = { program: COMPUTE_BUDGET_PROGRAM, accounts: [], data: Buffer.from([3, ...littleEndian(10 ** 9, 8)]) };
  const message = compileV1Message({
    payer: payer.address,
    blockhash: await client.blockhash(),
    instructions: [price, transfer(payer.address, payer.address, 1)],
    config: { ...CONFIG, priorityFee: 1 },
  });
  assert.equal((await client.call('getFeeForMessage', [base64(message.bytes)])).value, 5_001);

  const errOf = async (config, ...instructions) => (await simulate(await sign(instructions, config))).err;
  const loaded = (await simulate(await sign([memo(10)]))).loadedAccountsDataSize;
  const exact = { computeUnitLimit: 20_000, loadedAccountsDataSizeLimit: loaded };
  assert.equal(await errOf(exact, memo(10)), null);
  assert.equal(await errOf(exact, price, memo(10)), 'MaxLoadedAccountsDataSizeExceeded');
  const tooSmall = { ...exact, loadedAccountsDataSizeLimit: loaded - 1 };
  assert.equal(await errOf(tooSmall, memo(10)), 'MaxLoadedAccountsDataSizeExceeded');
  assert.equal(await errOf({ computeUnitLimit: 20_000 }, memo(10)), 'MaxLoadedAccountsDataSizeExceeded');
  const tooFew = { ...exact, computeUnitLimit: 100 };
  const none = { loadedAccountsDataSizeLimit: 1_000_000 };
  assert.deepEqual(await errOf(tooFew, memo(10)), { InstructionError: [0, 'ComputationalBudgetExceeded'] });
  assert.deepEqual(await errOf(none, memo(10)), { InstructionError: [0, 'ProgramFailedToComplete'] });
});

test('a transaction whose accounts are too large lands and pays its fee', async (t) => {
  const { client, payer, sign, send, balance } = await prepared(t);
  const { base64, signature } = await sign([transfer(payer.address, payer.address, 1)], { computeUnitLimit: 1000 });
  await assert.rejects(send({ base64 }), (error) => error.data.err === 'MaxLoadedAccountsDataSizeExceeded');
  await send({ base64 }, { skipPreflight: true });
  const { value } = await client.call('getSignatureStatuses', [[signature]]);
  assert.equal(value[0].err, 'MaxLoadedAccountsDataSizeExceeded');
  assert.equal(await balance(payer.address), 10 * SOL - 5_000);
});

test('a transaction may have 4096 bytes, in base64', async (t) => {
  const { client, sign, send, simulate } = await prepared(t);
  const overhead = Buffer.from((await sign([memo(0)])).base64, 'base64').length;
  const largest = await sign([memo(4096 - overhead)], { ...CONFIG, priorityFee: 0 });
  const bytes = Buffer.from(largest.base64, 'base64');
  assert.equal(bytes.length, 4096);
  assert.equal((await simulate(largest)).err, null);
  assert.equal(await send(largest), largest.signature);

  const message = { code: -32602, message: /too large/ };
  await assert.rejects(send(await sign([memo(4097 - overhead)])), message);
  await assert.rejects(client.call('sendTransaction', [encode(bytes)]), message);
  const small = Buffer.from((await sign([memo(10)])).base64, 'base64');
  assert.ok(await client.call('sendTransaction', [encode(small)]));
});

test('signatures are checked, or ignored with --no-sigverify', async (t) => {
  const { client, payer } = await prepared(t);
  const unsigned = async (to) => {
    const instructions = [transfer(payer.address, payer.address, 1)];
    const parts = { payer: payer.address, instructions, blockhash: await to.blockhash(), config: CONFIG };
    return signedV1Transaction(parts, []).base64;
  };
  await assert.rejects(client.call('sendTransaction', [await unsigned(client), ENCODING]), { code: -32003 });

  const lenient = await server(t, ['--no-sigverify']);
  await lenient.call('localnet_setAccount', {
    pubkey: payer.address,
    account: { lamports: SOL, owner: SYSTEM_PROGRAM, data: ['', 'base64'] },
  });
  const id = await lenient.call('sendTransaction', [await unsigned(lenient), ENCODING]);
  assert.notEqual(id, '1'.repeat(64));
  const { value } = await lenient.call('getSignatureStatuses', [[id]]);
  assert.equal(value[0].err, null);
});

test('malformed transactions are refused', async (t) => {
  const { client, payer, send } = await prepared(t);
  const blockhash = await client.blockhash();
  const pay = transfer(payer.address, payer.address, 1);
  const usual = { payer: payer.address, instructions: [pay], blockhash, config: CONFIG };
  const compile = (parts) => compileV1Message({ ...usual, ...parts }).bytes;
  const withSignatures = (message, count = message[1]) => Buffer.concat([message, Buffer.alloc(64 * count, 1)]);
  const changed = (offset, ...values) => {
    const message = Buffer.from(compile({}));
    message.set(values, offset);
    return withSignatures(message);
  };
  const others = (count, meta) => Array.from({ length: count }, () => ({ address: new Keypair().address, ...meta }));
  const instructionHead = 42 + 2 * 32 + 16;
  const cases = {
    'no signature': compile({}),
    'a signature too many': withSignatures(compile({}), 2),
    'signatures first': Buffer.concat([Buffer.from([1]), Buffer.alloc(64, 1), compile({})]),
    'bytes missing': withSignatures(compile({})).subarray(0, -1),
    'half a priority fee': changed(4, 0b1101),
    'an unknown field': changed(4, 0b101111),
    'a fee payer that is read-only': changed(2, 1),
    'the payer as a program': changed(instructionHead, 0),
    'a program that is not there': changed(instructionHead, 2),
    'an account that is not there': changed(instructionHead + 4, 2),
    'the same address twice': changed(42 + 32, ...compile({}).subarray(42, 74)),
    '65 addresses': withSignatures(compile({ instructions: [{ ...pay, accounts: [...pay.accounts, ...others(63)] }] })),
    '65 instructions': withSignatures(compile({ instructions: Array(65).fill(pay) })),
    '13 signatures': withSignatures(
      compile({ instructions: [{ ...pay, accounts: [...pay.accounts, ...others(12, { signer: true })] }] }),
    ),
    'a heap that is too small': withSignatures(compile({ config: { heapSize: 16 * 1024 } })),
    'a heap of odd size': withSignatures(compile({ config: { heapSize: 32 * 1024 + 1 } })),
    'version 2': Buffer.concat([Buffer.from([0x82]), withSignatures(compile({})).subarray(1)]),
  };
  for (const [name, bytes] of Object.entries(cases)) {
    await assert.rejects(send({ base64: base64(bytes) }), { code: -32602 }, name);
  }
  const v0 = compileMessage({ ...usual, lookupTables: [] }).bytes;
  assert.equal((await client.call('getFeeForMessage', [base64(v0)])).value, 5_000);
  const most = { instructions: [{ ...memo(1), accounts: others(62) }], config: { ...CONFIG, heapSize: 256 * 1024 } };
  const { value } = await client.call('simulateTransaction', [base64(withSignatures(compile(most))), ENCODING]);
  assert.deepEqual(value.err, { InstructionError: [0, 'MissingRequiredSignature'] });
});
