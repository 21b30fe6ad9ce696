import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { decode, encode } from '../src/base58.mjs';
import { ADDRESS_LOOKUP_TABLE_PROGRAM, SYSTEM_PROGRAM } from '../src/ids.mjs';
import { server } from './support.mjs';
import { Keypair, transfer } from './wire.mjs';

const NEVER = 2n ** 64n - 1n;

async function setTable(client, address, addresses, { lastExtendedSlot = 0 } = {}) {
  const meta = Buffer.alloc(56);
  meta.writeUInt32LE(1, 0);
  meta.writeBigUInt64LE(NEVER, 4);
  meta.writeBigUInt64LE(BigInt(lastExtendedSlot), 12);
  const data = Buffer.concat([meta, ...addresses.map(decode)]).toString('base64');
  const account = { lamports: 1_000_000_000, owner: ADDRESS_LOOKUP_TABLE_PROGRAM, data: [data, 'base64'] };
  await client.call('localnet_setAccount', { pubkey: address, account });
}

test('a version 0 transaction loads addresses from a lookup table', async (t) => {
  const client = await server(t);
  const alice = await client.funded();
  const [bob, unused, table] = [new Keypair().address, new Keypair().address, new Keypair().address];
  const lookupTable = { address: table, addresses: [unused, bob] };
  await setTable(client, table, lookupTable.addresses);

  const signature = await client.send([transfer(alice.address, bob, 1_000_000)], [alice], [lookupTable]);

  assert.equal((await client.call('getBalance', [bob])).value, 1_000_000);
  const config = { encoding: 'base64', maxSupportedTransactionVersion: 0 };
  const landed = await client.call('getTransaction', [signature, config]);
  assert.equal(landed.version, 0);
  assert.deepEqual(landed.meta.loadedAddresses, { writable: [bob], readonly: [] });
  assert.deepEqual(landed.meta.postBalances.slice(1), [1, 1_000_000]);
  await assert.rejects(client.call('getTransaction', [signature, { encoding: 'base64' }]), { code: -32015 });
});

test('a version 0 transaction needs no lookup table', async (t) => {
  const client = await server(t);
  const alice = await client.funded();
  const signature = await client.send([transfer(alice.address, alice.address, 1)], [alice], []);
  const { value } = await client.call('getSignatureStatuses', [[signature]]);
  assert.equal(value[0].err, null);
});

test('lookups that do not resolve are refused', async (t) => {
  const client = await server(t);
  const alice = await client.funded();
  const [bob, table] = [new Keypair().address, new Keypair().address];
  const send = () =>
    client.send([transfer(alice.address, bob, 1_000_000)], [alice], [{ address: table, addresses: [bob] }]);

  await assert.rejects(send(), { code: -32602, message: /address table account that doesn't exist/ });
  await setTable(client, table, []);
  await assert.rejects(send(), { code: -32602, message: /uses an invalid index/ });
  const slot = await client.call('getSlot');
  await setTable(client, table, [bob], { lastExtendedSlot: slot });
  await assert.rejects(send(), { code: -32602, message: /uses an invalid index/ });
  await client.call('localnet_warpToSlot', { slot: slot + 1 });
  await send();
});

test('the lookup table program makes tables that work', async (t) => {
  const client = await server(t);
  const alice = await client.funded();
  const bob = new Keypair().address;
  const table = await createTable(client, alice);
  await client.send([extendTable(alice.address, table, [bob])], [alice]);

  await client.send([transfer(alice.address, bob, 1_000_000)], [alice], [{ address: table, addresses: [bob] }]);
  assert.equal((await client.call('getBalance', [bob])).value, 1_000_000);
});

/** Tries one bump after the other: the program refuses those whose address is on the curve. */
async function createTable(client, authority) {
  const slot = Buffer.alloc(8);
  slot.writeBigUInt64LE(BigInt(await client.call('getSlot')));
  for (let bump = 255; bump > 200; bump -= 1) {
    const seeds = [decode(authority.address), slot, Uint8Array.of(bump)];
    const address = derivedAddress(ADDRESS_LOOKUP_TABLE_PROGRAM, seeds);
    const accounts = [
      { address, writable: true },
      { address: authority.address },
      { address: authority.address, signer: true, writable: true },
      { address: SYSTEM_PROGRAM },
    ];
    const data = Buffer.concat([Buffer.alloc(4), slot, Buffer.from([bump])]);
    const create = { program: ADDRESS_LOOKUP_TABLE_PROGRAM, accounts, data };
    const created = await client.send([create], [authority]).catch(() => null);
    if (created) return address;
  }
  throw new Error('no table could be created');
}

function extendTable(authority, table, addresses) {
  const header = Buffer.alloc(12);
  header.writeUInt32LE(2, 0);
  header.writeBigUInt64LE(BigInt(addresses.length), 4);
  const accounts = [
    { address: table, writable: true },
    { address: authority, signer: true },
    { address: authority, signer: true, writable: true },
    { address: SYSTEM_PROGRAM },
  ];
  return { program: ADDRESS_LOOKUP_TABLE_PROGRAM, accounts, data: Buffer.concat([header, ...addresses.map(decode)]) };
}

function derivedAddress(program, seeds) {
  const hash = createHash('sha256');
  for (const part of [...seeds, decode(program), 'ProgramDerivedAddress']) hash.update(part);
  return encode(hash.digest());
}
