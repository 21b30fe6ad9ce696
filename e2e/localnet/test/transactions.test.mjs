import assert from 'node:assert/strict';
import { test } from 'node:test';
import { server } from './support.mjs';
import { Keypair, signedTransaction, transfer } from './wire.mjs';
import { COMPUTE_BUDGET_PROGRAM, SYSTEM_PROGRAM } from '../src/ids.mjs';

const SOL = 1_000_000_000;

test('a transfer lands', async (t) => {
  const client = await server(t);
  const alice = await client.funded();
  const bob = new Keypair().address;

  const signature = await client.send([transfer(alice.address, bob, SOL)], [alice]);

  assert.equal((await client.call('getBalance', [bob])).value, SOL);
  assert.equal((await client.call('getBalance', [alice.address])).value, 9 * SOL - 5000);
  const { value: statuses } = await client.call('getSignatureStatuses', [[signature, '1'.repeat(64)]]);
  assert.equal(statuses[0].confirmationStatus, 'finalized');
  assert.equal(statuses[0].err, null);
  assert.equal(statuses[1], null);
});

test('getTransaction returns the effects of a transaction', async (t) => {
  const client = await server(t);
  const alice = await client.funded();
  const bob = new Keypair().address;
  const { base64 } = await client.transaction([transfer(alice.address, bob, SOL)], [alice]);
  const signature = await client.call('sendTransaction', [base64, { encoding: 'base64' }]);

  const landed = await client.call('getTransaction', [signature, { encoding: 'base64' }]);
  assert.deepEqual(landed.transaction, [base64, 'base64']);
  assert.equal(landed.meta.err, null);
  assert.equal(landed.meta.fee, 5000);
  assert.deepEqual(landed.meta.preBalances, [10 * SOL, 0, 1]);
  assert.deepEqual(landed.meta.postBalances, [9 * SOL - 5000, SOL, 1]);
  assert.equal(landed.meta.computeUnitsConsumed, 150);
  assert.match(landed.meta.logMessages[0], /invoke \[1\]$/);

  const asJson = await client.call('getTransaction', [signature, { encoding: 'json' }]);
  assert.equal(asJson.transaction.message.accountKeys[1], bob);
  assert.equal(await client.call('getTransaction', ['1'.repeat(64)]), null);
});

test('preflight reports a failure like a validator, and nothing is charged', async (t) => {
  const client = await server(t);
  const alice = await client.funded();
  const bob = new Keypair().address;
  const tooMuch = [transfer(alice.address, bob, SOL), transfer(alice.address, bob, 20 * SOL)];

  await assert.rejects(client.send(tooMuch, [alice]), (error) => {
    assert.equal(error.code, -32002);
    assert.equal(
      error.message,
      'Transaction simulation failed: Error processing Instruction 1: custom program error: 0x1',
    );
    assert.deepEqual(error.data.err, { InstructionError: [1, { Custom: 1 }] });
    assert.equal(error.data.unitsConsumed, 300);
    assert.match(error.data.logs.at(-1), /failed: custom program error: 0x1/);
    return true;
  });
  assert.equal((await client.call('getBalance', [alice.address])).value, 10 * SOL);
});

test('errors outside instructions have their own form', async (t) => {
  const client = await server(t);
  const alice = await client.funded();
  const fails = async (instruction, err, message) => {
    await assert.rejects(client.send([instruction], [alice]), (error) => {
      assert.deepEqual([error.code, error.message], [-32002, `Transaction simulation failed: ${message}`]);
      assert.deepEqual(error.data.err, err);
      return true;
    });
  };
  await fails(
    transfer(alice.address, new Keypair().address, 1),
    { InsufficientFundsForRent: { account_index: 1 } },
    'Transaction results in an account (1) with insufficient funds for rent',
  );
  await fails(
    { program: new Keypair().address, accounts: [], data: [] },
    'ProgramAccountNotFound',
    'Attempt to load a program that does not exist',
  );
  const poor = new Keypair();
  await assert.rejects(client.send([transfer(poor.address, alice.address, 1)], [poor]), (error) => {
    assert.equal(error.data.err, 'AccountNotFound');
    return true;
  });
});

test('without preflight a failing transaction lands and pays its fee', async (t) => {
  const client = await server(t);
  const alice = await client.funded();
  const { base64 } = await client.transaction([transfer(alice.address, new Keypair().address, 20 * SOL)], [alice]);

  const signature = await client.call('sendTransaction', [base64, { encoding: 'base64', skipPreflight: true }]);

  const { value } = await client.call('getSignatureStatuses', [[signature]]);
  assert.deepEqual(value[0].err, { InstructionError: [0, { Custom: 1 }] });
  assert.equal((await client.call('getBalance', [alice.address])).value, 10 * SOL - 5000);
});

test('the priority fee is charged, and getFeeForMessage predicts it', async (t) => {
  const client = await server(t);
  const alice = await client.funded();
  const limit = Buffer.from([2, 0, 0, 0, 0]);
  limit.writeUInt32LE(50_001, 1);
  const price = Buffer.from([3, 0, 0, 0, 0, 0, 0, 0, 0]);
  price.writeBigUInt64LE(1_000_000n, 1);
  const instructions = [
    { program: COMPUTE_BUDGET_PROGRAM, accounts: [], data: limit },
    { program: COMPUTE_BUDGET_PROGRAM, accounts: [], data: price },
    transfer(alice.address, alice.address, 1),
  ];
  const { base64 } = await client.transaction(instructions, [alice]);
  const message = Buffer.from(base64, 'base64').subarray(65).toString('base64');

  assert.equal((await client.call('getFeeForMessage', [message])).value, 55_001);
  await client.call('sendTransaction', [base64, { encoding: 'base64' }]);
  assert.equal((await client.call('getBalance', [alice.address])).value, 10 * SOL - 55_001);

  await client.call('localnet_expireBlockhash');
  assert.equal((await client.call('getFeeForMessage', [message])).value, null);
});

test('a transaction runs once', async (t) => {
  const client = await server(t);
  const alice = await client.funded();
  const bob = new Keypair().address;
  const { base64, signature } = await client.transaction([transfer(alice.address, bob, SOL)], [alice]);
  await client.call('sendTransaction', [base64, { encoding: 'base64' }]);

  await assert.rejects(client.call('sendTransaction', [base64, { encoding: 'base64' }]), (error) => {
    assert.equal(error.data.err, 'AlreadyProcessed');
    return true;
  });
  const again = await client.call('sendTransaction', [base64, { encoding: 'base64', skipPreflight: true }]);
  assert.equal(again, signature);
  assert.equal((await client.call('getBalance', [bob])).value, SOL);
});

test('a blockhash expires after 150 blocks', async (t) => {
  const client = await server(t);
  const alice = await client.funded();
  const { value: old } = await client.call('getLatestBlockhash', []);
  const { base64, signature } = await client.transaction([transfer(alice.address, alice.address, 1)], [alice]);
  const slot = await client.call('getSlot', []);

  await client.call('localnet_warpToSlot', { slot: slot + 150 });
  assert.equal(await client.call('getBlockHeight', []), old.lastValidBlockHeight);
  assert.equal((await client.call('isBlockhashValid', [old.blockhash])).value, true);

  await client.call('localnet_warpToSlot', { slot: slot + 151 });
  assert.equal((await client.call('isBlockhashValid', [old.blockhash])).value, false);
  await assert.rejects(client.call('sendTransaction', [base64, { encoding: 'base64' }]), (error) => {
    assert.equal(error.message, 'Transaction simulation failed: Blockhash not found');
    assert.equal(error.data.err, 'BlockhashNotFound');
    return true;
  });
  await client.call('sendTransaction', [base64, { encoding: 'base64', skipPreflight: true }]);
  assert.deepEqual((await client.call('getSignatureStatuses', [[signature]])).value, [null]);
});

test('simulateTransaction returns accounts, and replaces the blockhash when asked to', async (t) => {
  const client = await server(t);
  const alice = await client.funded();
  const bob = new Keypair().address;
  const parts = { payer: alice.address, instructions: [transfer(alice.address, bob, SOL)], blockhash: '1'.repeat(32) };
  const { base64 } = signedTransaction(parts, []);
  const simulate = (config) => client.call('simulateTransaction', [base64, { encoding: 'base64', ...config }]);

  const stale = await simulate({});
  assert.equal(stale.value.err, 'BlockhashNotFound');

  const accounts = { addresses: [bob, SYSTEM_PROGRAM], encoding: 'base64' };
  const { value } = await simulate({ replaceRecentBlockhash: true, accounts });
  assert.equal(value.err, null);
  assert.equal(value.accounts[0].lamports, SOL);
  assert.equal(value.accounts[1].executable, true);
  assert.equal(value.unitsConsumed, 150);
  assert.equal(value.replacementBlockhash.blockhash, await client.blockhash());
  assert.equal((await client.call('getBalance', [bob])).value, 0);

  await assert.rejects(simulate({ sigVerify: true }), { code: -32003 });
  await assert.rejects(simulate({ sigVerify: true, replaceRecentBlockhash: true }), { code: -32602 });
});

test('a wrong signature is refused', async (t) => {
  const client = await server(t);
  const alice = await client.funded();
  const parts = {
    payer: alice.address,
    instructions: [transfer(alice.address, alice.address, 1)],
    blockhash: await client.blockhash(),
  };
  const { base64 } = signedTransaction(parts, []);
  await assert.rejects(client.call('sendTransaction', [base64, { encoding: 'base64' }]), { code: -32003 });
  const signature = await client.call('sendTransaction', [base64, { encoding: 'base64', skipPreflight: true }]);
  assert.deepEqual((await client.call('getSignatureStatuses', [[signature]])).value, [null]);
});

test('with --no-sigverify unsigned transactions land, each with its own id', async (t) => {
  const client = await server(t, ['--no-sigverify']);
  const alice = await client.funded();
  const bob = new Keypair().address;
  const send = async (lamports) => {
    const blockhash = await client.blockhash();
    const parts = { payer: alice.address, instructions: [transfer(alice.address, bob, lamports)], blockhash };
    return client.call('sendTransaction', [signedTransaction(parts, []).base64, { encoding: 'base64' }]);
  };
  const signatures = [await send(SOL), await send(2 * SOL)];
  assert.notEqual(signatures[0], signatures[1]);
  assert.equal((await client.call('getBalance', [bob])).value, 3 * SOL);
});

test('bytes that are not a transaction are refused', async (t) => {
  const client = await server(t);
  const alice = await client.funded();
  const { base64 } = await client.transaction([transfer(alice.address, alice.address, 1)], [alice]);
  const good = Buffer.from(base64, 'base64');
  const cases = {
    empty: Buffer.alloc(0),
    short: good.subarray(0, 100),
    long: Buffer.concat([good, Buffer.alloc(1)]),
    'too long': Buffer.alloc(1233),
    'missing signature': good.subarray(64).fill(0, 0, 1),
    'index out of range': Buffer.concat([good.subarray(0, -15), Buffer.from([9]), good.subarray(-14)]),
    'future version': Buffer.concat([good.subarray(0, 65), Buffer.from([0x81]), good.subarray(65)]),
  };
  for (const [name, bytes] of Object.entries(cases)) {
    const wire = bytes.toString('base64');
    await assert.rejects(client.call('sendTransaction', [wire, { encoding: 'base64' }]), { code: -32602 }, name);
  }
  assert.equal(await client.call('getHealth'), 'ok');
});

test('real finality goes through the three commitments', async (t) => {
  const client = await server(t, ['--finality', 'real', '--slot-ms', '1000000']);
  const alice = await client.funded();
  const signature = await client.send([transfer(alice.address, alice.address, 1)], [alice]);
  const slot = await client.call('getSlot', []);
  const status = async () => (await client.call('getSignatureStatuses', [[signature]])).value[0];

  assert.equal((await status()).confirmationStatus, 'processed');
  assert.equal((await status()).confirmations, 0);
  await client.call('localnet_warpToSlot', { slot: slot + 1 });
  assert.equal((await status()).confirmationStatus, 'confirmed');
  assert.equal(await client.call('getTransaction', [signature, { encoding: 'base64' }]), null);
  assert.ok(await client.call('getTransaction', [signature, { encoding: 'base64', commitment: 'confirmed' }]));
  await client.call('localnet_warpToSlot', { slot: slot + 32 });
  assert.equal((await status()).confirmationStatus, 'finalized');
});
