import assert from 'node:assert/strict';
import { test } from 'node:test';

import { compareDecimals } from '../static/amount.mjs';
import { matches } from '../static/picker.mjs';
import { ordered, stakeAccount, Store } from '../static/store.mjs';
import { compareAmounts, sorted } from '../static/table.mjs';
import { treemap } from '../static/treemap.mjs';

test('a treemap covers its rectangle, without overlap, in proportion', () => {
  for (const shares of [[1], [0.5, 0.5], [38, 26, 13, 12, 5, 2, 2, 0.8, 0.001, 0], Array.from({ length: 60 }, (_, i) => 1 / (i + 1))]) {
    for (const [width, height] of [[1000, 400], [300, 500]]) {
      const tiles = treemap(shares.map((share) => ({ share })), width, height);
      const total = shares.reduce((sum, share) => sum + share, 0);
      assert.equal(tiles.length, shares.filter((share) => share > 0).length);
      for (const tile of tiles) {
        assert.ok(tile.x >= -1e-6 && tile.x + tile.width <= width + 1e-6, 'inside');
        assert.ok(tile.y >= -1e-6 && tile.y + tile.height <= height + 1e-6, 'inside');
        const wanted = (tile.item.share / total) * width * height;
        assert.ok(Math.abs(tile.width * tile.height - wanted) < 1e-3 * wanted + 1e-6, 'proportional');
      }
      for (const [i, a] of tiles.entries()) {
        for (const b of tiles.slice(i + 1)) {
          const apart = a.x + a.width <= b.x + 1e-6 || b.x + b.width <= a.x + 1e-6 ||
            a.y + a.height <= b.y + 1e-6 || b.y + b.height <= a.y + 1e-6;
          assert.ok(apart, 'no overlap');
        }
      }
    }
  }
  assert.deepEqual(treemap([], 10, 10), []);
  assert.deepEqual(treemap([{ share: 0 }], 10, 10), []);
  assert.deepEqual(treemap([{ share: 1 }], 0, 10), []);
});

test('popular tokens come first, and those without a price last', () => {
  const list = ['zSOL', 'mSOL', 'deadSOL', 'SOL', 'INF'].map((symbol) => ({
    symbol, mint: symbol, unavailable: symbol === 'deadSOL' ? 'gone' : undefined,
  }));
  assert.deepEqual(ordered([...list, stakeAccount]).map((token) => token.symbol),
    ['SOL', 'INF', 'Stake account', 'mSOL', 'zSOL', 'deadSOL']);
});

test('a symbol that two tokens have finds neither', () => {
  const store = new Store();
  store.setTokens([{ symbol: 'SOL', mint: 'a' }, { symbol: 'pineSOL', mint: 'b' }, { symbol: 'pineSOL', mint: 'c' }]);
  assert.equal(store.find('sol').mint, 'a');
  assert.equal(store.find('pineSOL'), undefined);
  assert.equal(store.find('c').mint, 'c');
  assert.equal(store.find(''), undefined);
  assert.equal(store.find(null), undefined);
});

test('sorting is exact, and rows without a value come last both ways', () => {
  const column = { value: (row) => row.apy, compare: compareDecimals };
  const rows = [{ apy: '0.1' }, { apy: undefined }, { apy: '0.10000000000000001' }, { apy: '-1' }, { apy: '0.1', second: true }];
  assert.deepEqual(sorted(rows, column, true).map((row) => row.apy), ['0.10000000000000001', '0.1', '0.1', '-1', undefined]);
  assert.deepEqual(sorted(rows, column, false).map((row) => row.apy), ['-1', '0.1', '0.1', '0.10000000000000001', undefined]);
  assert.equal(sorted(rows, column, true)[2].second, true, 'equal rows keep their order');
  assert.equal(compareAmounts('9007199254740993', '9007199254740992'), 1, 'beyond the integers of a float');
});

test('a search finds symbols before names and mints', () => {
  const tokens = [
    { symbol: 'abcSOL', name: 'mSOL lovers', mint: 'So1' },
    { symbol: 'mSOL', name: 'Marinade', mint: 'mSoLz' },
    { symbol: 'mSOLx', name: '', mint: 'x' },
    { symbol: 'JitoSOL', name: 'Jito', mint: 'J1toso1u' },
  ];
  assert.deepEqual(matches(tokens, 'MSOL').map((token) => token.symbol), ['mSOL', 'mSOLx', 'abcSOL']);
  assert.deepEqual(matches(tokens, 'j1tos').map((token) => token.symbol), ['JitoSOL']);
  assert.deepEqual(matches(tokens, '  ').length, 4);
  assert.deepEqual(matches(tokens, '<script>'), []);
});
