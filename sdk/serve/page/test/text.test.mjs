import assert from 'node:assert/strict';
import { test } from 'node:test';

import { age, count, errorWords, named, plain, reasonWords, sentence, shortAddress } from '../static/text.mjs';

test('plain takes hidden and reversing characters away', () => {
  assert.equal(plain('SOL\u202eLOS'), 'SOL LOS');
  assert.equal(plain('S\u200bOL'), 'S OL');
  assert.equal(plain('a\nb\tc\u0000d'), 'a b c d');
  assert.equal(plain('<img src=x onerror=alert(1)>'), '<img src=x onerror=alert(1)>', 'it is text, not HTML');
  assert.equal(plain('x'.repeat(1000)).length, 400);
  assert.equal(plain('x'.repeat(20), 5), 'xxxx…');
  assert.equal(plain('👍👍👍', 2), '👍…', 'a character is never cut in half');
  assert.equal(plain(undefined), '');
  assert.equal(plain(7), '7');
});

test('sentences begin large and end with a stop', () => {
  assert.equal(sentence('the pool is closed'), 'The pool is closed.');
  assert.equal(sentence('mSOL is closed'), 'mSOL is closed.');
  assert.equal(sentence('Done!'), 'Done!');
  assert.equal(sentence(''), '');
});

test('addresses become names, or short', () => {
  const mint = '5oVNBeEEQvYi1cX3ir8Dx5n1P7pdxydbGF2X4TxVusJm';
  assert.equal(shortAddress(mint), '5oVN…usJm');
  assert.equal(named(`trade ${mint} now`, new Map([[mint, 'INF']])), 'trade INF now');
  assert.equal(named(`trade ${mint} now`), 'trade 5oVN…usJm now');
  assert.equal(named('it holds 8729397825 lamports, or 12 lamports'), 'it holds 8.729397825 SOL, or 12 lamports');
  assert.equal(named('it holds 8729397825 lamports and keeps 2282880 of them'), 'it holds 8.729397825 SOL and keeps 0.00228288 SOL of that');
  assert.equal(named('there are 12345678 of them'), 'there are 12345678 of them');
  assert.equal(reasonWords(`no ${mint} (set Options.AllowPoolUpdate) left (JitoSOL)`), 'No 5oVN…usJm left (JitoSOL).');
});

test('ages and counts', () => {
  assert.equal(age(-5), '0\u00a0s');
  assert.equal(age(3_400), '3\u00a0s');
  assert.equal(age(300_000), '5\u00a0min');
  assert.equal(age(7_200_000), '2\u00a0h');
  assert.equal(count(1, 'route'), '1 route');
  assert.equal(count(0, 'route'), '0 routes');
});

test('every error of the document has a title', () => {
  for (const code of ['MARKET_TOO_OLD', 'LIMIT_MISSED', 'INSUFFICIENT_FUNDS', 'OFFLINE', 'SOMETHING_NEW']) {
    const words = errorWords({ code, message: 'the reason' });
    assert.ok(words.title.length > 5, code);
  }
  assert.match(errorWords({ code: 'MARKET_TOO_OLD', message: '' }).title, /too old/);
  assert.match(errorWords({ code: 'LIMIT_MISSED', message: '' }).title, /changed beyond your limit/);
});
