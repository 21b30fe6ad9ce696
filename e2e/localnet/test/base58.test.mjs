import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decode, encode, isBase58 } from '../src/base58.mjs';

test('round trips, with leading zeros', () => {
  for (const bytes of [[], [0], [0, 0, 1], [255, 254, 0], Array(32).fill(0), Array(64).fill(7)]) {
    assert.deepEqual([...decode(encode(Uint8Array.from(bytes)))], bytes);
  }
  assert.equal(encode(new Uint8Array(32)), '1'.repeat(32));
});

test('distinguishes addresses from other text', () => {
  assert.ok(isBase58('TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA'));
  for (const value of ['stake-pool', 'TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5D0', '1'.repeat(31), 7, undefined]) {
    assert.equal(isBase58(value), false);
  }
});
