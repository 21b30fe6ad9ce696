import assert from 'node:assert/strict';
import { test } from 'node:test';

import { base58, base64, bytesOf, isAddress } from '../static/base.mjs';
import { chainOf, Connection, findWallets, iconOf, isUsable, wasDeclined } from '../static/wallet.mjs';

const address = 'F25s3DdjXdCxYBhh2z8FBusVEMT4b9bGNFVKJi3wFoF4';

function walletOf(changes = {}, features = {}) {
  return {
    name: 'Wallet',
    chains: ['solana:mainnet'],
    accounts: [],
    features: {
      'standard:connect': { connect: async () => ({ accounts: [{ address, chains: ['solana:mainnet'], features: [] }] }) },
      'solana:signTransaction': { supportedTransactionVersions: ['legacy', 0], signTransaction: async () => [] },
      ...features,
    },
    ...changes,
  };
}

function register(target, wallet) {
  target.dispatchEvent(new CustomEvent('wallet-standard:register-wallet', { detail: ({ register: add }) => add(wallet) }));
}

test('wallets are found whichever side loads first', () => {
  const target = new EventTarget();
  const [early, late] = [walletOf({ name: 'early' }), walletOf({ name: 'late' })];
  target.addEventListener('wallet-standard:app-ready', (event) => event.detail.register(early));
  let found = [];
  findWallets(target, (wallets) => { found = wallets; });
  assert.deepEqual(found.map((each) => each.name), ['early']);

  register(target, late);
  register(target, late);
  assert.deepEqual(found.map((each) => each.name), ['early', 'late'], 'each wallet is listed once');
});

test('a wallet that leaves is gone', () => {
  const target = new EventTarget();
  let leave;
  let found = [];
  findWallets(target, (wallets) => { found = wallets; });
  target.dispatchEvent(new CustomEvent('wallet-standard:register-wallet', {
    detail: ({ register: add }) => { leave = add(walletOf()); },
  }));
  assert.equal(found.length, 1);
  leave();
  assert.equal(found.length, 0);
});

test('what is no wallet for Solana is not listed', () => {
  for (const wallet of [
    undefined, null, {}, 'wallet', walletOf({ chains: ['eip155:1'] }), walletOf({ name: 5 }), walletOf({ chains: undefined }),
    walletOf({}, { 'solana:signTransaction': undefined }), walletOf({}, { 'standard:connect': {} }),
  ]) assert.equal(isUsable(wallet), false);
  assert.equal(isUsable(walletOf()), true);

  const target = new EventTarget();
  let found = [];
  findWallets(target, (wallets) => { found = wallets; });
  target.dispatchEvent(new CustomEvent('wallet-standard:register-wallet', { detail: 'nonsense' }));
  register(target, {});
  assert.equal(found.length, 0);
});

test('only pictures that are data are shown', () => {
  assert.equal(iconOf({ icon: 'data:image/png;base64,AAAA' }), 'data:image/png;base64,AAAA');
  assert.equal(iconOf({ icon: 'https://example.com/a.png' }), '');
  assert.equal(iconOf({ icon: 'javascript:alert(1)' }), '');
  assert.equal(iconOf({ icon: 'data:text/html;base64,AAAA' }), '');
  assert.equal(iconOf({}), '');
});

test('a connection needs an account with an address on Solana', async () => {
  const connect = (accounts) => ({ 'standard:connect': { connect: async () => ({ accounts }) } });
  assert.equal((await Connection.connect(walletOf())).address, address);
  await assert.rejects(Connection.connect(walletOf({}, connect([]))), /no account/);
  await assert.rejects(Connection.connect(walletOf({}, connect([{ address: '0x1', chains: ['solana:mainnet'] }]))), /no account/);
  await assert.rejects(Connection.connect(walletOf({}, connect([{ address, chains: ['eip155:1'] }]))), /no account/);
  assert.equal(await Connection.connect(walletOf({}, connect([])), { silent: true }), undefined);
  assert.equal(chainOf({ chains: ['solana:devnet', 'solana:mainnet'] }), 'solana:mainnet');
  assert.equal(chainOf({ chains: ['solana:devnet'] }), 'solana:devnet');
});

test('signing passes the transaction on and checks what returns', async () => {
  let got;
  const features = {
    'solana:signAndSendTransaction': {
      supportedTransactionVersions: ['legacy'],
      signAndSendTransaction: async (input) => { got = input; return [{ signature: new Uint8Array(64).fill(1) }]; },
    },
  };
  const connection = await Connection.connect(walletOf({}, features));
  assert.equal(connection.canSend, true);
  assert.equal(connection.version, 'legacy', 'the version is that of the feature in use');
  const signature = await connection.send(new Uint8Array([1, 2, 3]));
  assert.equal(signature, base58(new Uint8Array(64).fill(1)));
  assert.deepEqual([got.chain, got.account.address, [...got.transaction]], ['solana:mainnet', address, [1, 2, 3]]);

  features['solana:signAndSendTransaction'].signAndSendTransaction = async () => [{ signature: new Uint8Array(3) }];
  await assert.rejects((await Connection.connect(walletOf({}, features))).send(new Uint8Array(1)), /no signature/);

  const signer = await Connection.connect(walletOf());
  assert.deepEqual([signer.canSend, signer.canSign, signer.version], [false, true, '0']);
  await assert.rejects(signer.sign(new Uint8Array(1)), /no transaction/);
});

test('an account that may not use a feature does not use it', async () => {
  const features = { 'solana:signAndSendTransaction': { signAndSendTransaction: async () => [] } };
  const connection = await Connection.connect(walletOf({}, {
    ...features,
    'standard:connect': { connect: async () => ({ accounts: [{ address, chains: ['solana:mainnet'], features: ['solana:signTransaction'] }] }) },
  }));
  assert.deepEqual([connection.canSend, connection.canSign], [false, true]);
});

test('a change of account is told, a repetition is not', async () => {
  let listener;
  const connection = await Connection.connect(walletOf({}, {
    'standard:events': { on: (name, change) => { listener = change; return () => {}; } },
  }));
  const changes = [];
  connection.onChange((next) => changes.push(next?.address));
  listener({ accounts: [{ address, chains: ['solana:mainnet'] }] });
  listener({ features: {} });
  assert.deepEqual(changes, []);
  listener({ accounts: [{ address: '11111111111111111111111111111111', chains: ['solana:mainnet'] }] });
  listener({ accounts: [] });
  assert.deepEqual(changes, ['11111111111111111111111111111111', undefined]);
});

test('declining is told from failing', () => {
  assert.equal(wasDeclined(new Error('User rejected the request.')), true);
  assert.equal(wasDeclined(Object.assign(new Error(''), { code: 4001 })), true);
  assert.equal(wasDeclined(new Error('Request was declined by the user')), true);
  for (const said of ['network down', 'Transaction rejected', 'rejected by the node', 'timeout, cancelled']) {
    assert.equal(wasDeclined(new Error(said)), false, said);
  }
  assert.equal(wasDeclined(undefined), false);
});

test('bytes in base58 and base64', () => {
  assert.equal(base58(new Uint8Array([0, 0, 1])), '112');
  assert.equal(base58(new Uint8Array(32)), '1'.repeat(32));
  // The Bitcoin wiki's example.
  assert.equal(base58(Buffer.from('00010966776006953D5567439E5E39F86A0D273BEED61967F6', 'hex')), '16UwLL9Risc3QfPqBUvKofHmBQ7wMtjvM');
  const bytes = Uint8Array.from({ length: 1232 }, (_, i) => i % 256);
  assert.deepEqual(bytesOf(base64(bytes)), bytes);
  assert.equal(isAddress(address), true);
  for (const text of ['', '0x12', address + '0', 'l'.repeat(40), 5, undefined]) assert.equal(isAddress(text), false);
});
