import assert from 'node:assert/strict';
import { test } from 'node:test';

import {
  AmountError, compareDecimals, formatAmount, formatDecimal, parseAmount, percent, percentOf,
  plainAmount, ratePercent, scaled, shortAmount, unitPrice,
} from '../static/amount.mjs';

test('parseAmount reads what people type', () => {
  const cases = [
    ['1', 9, 1_000_000_000n],
    ['1.5', 9, 1_500_000_000n],
    ['1,5', 9, 1_500_000_000n],
    ['.5', 9, 500_000_000n],
    ['5.', 9, 5_000_000_000n],
    [' 1 000.25 ', 9, 1_000_250_000_000n],
    ["1'000", 9, 1_000_000_000_000n],
    ['1\u202f000', 6, 1_000_000_000n],
    ['0.000000001', 9, 1n],
    ['00.10', 9, 100_000_000n],
    ['1.500000000000', 9, 1_500_000_000n],
    ['0.1', 1, 1n],
    ['7', 0, 7n],
    ['18446744073.709551615', 9, 18_446_744_073_709_551_615n],
  ];
  for (const [text, decimals, want] of cases) assert.equal(parseAmount(text, decimals), want, text);
});

test('parseAmount refuses what could mean two amounts, or none', () => {
  const cases = [
    ['', 9], [' ', 9], ['0', 9], ['0.000', 9], ['.', 9], [',', 9], ['-1', 9], ['+1', 9], ['1e9', 9],
    ['1.2.3', 9], ['1,500', 9], ['1,500.25', 9], ['1.500,25', 9], ['1,2,3', 9], ['١', 9], ['1\u202e5', 9],
    ['0x10', 9], ['Infinity', 9], ['NaN', 9], ['1.0000000001', 9], ['0.5', 0],
    ['18446744073.709551616', 9], ['9'.repeat(400), 9],
  ];
  for (const [text, decimals] of cases) {
    assert.throws(() => parseAmount(text, decimals), AmountError, JSON.stringify(text));
  }
});

test('an amount survives being written and read', () => {
  let state = 42n;
  for (let i = 0; i < 2000; i++) {
    // A linear congruential generator, Knuth's MMIX.
    state = (state * 6364136223846793005n + 1442695040888963407n) % (1n << 64n);
    const amount = (state >> BigInt(i % 63)) + 1n;
    if (amount >= 1n << 64n) continue;
    const decimals = i % 13;
    assert.equal(parseAmount(plainAmount(amount, decimals), decimals), amount);
    const digits = formatAmount(amount, decimals).replaceAll(',', '');
    assert.equal(parseAmount(digits, decimals), amount);
  }
});

test('formatAmount has all places, and no more', () => {
  assert.equal(formatAmount(1_500_000_000n, 9), '1.5');
  assert.equal(formatAmount('1234567000000001', 9), '1,234,567.000000001');
  assert.equal(formatAmount(100n, 0), '100');
  assert.equal(formatAmount(1000n, 0), '1,000');
  assert.equal(formatAmount(0n, 9), '0');
  assert.equal(formatAmount(-1_500_000_000n, 9), '\u22121.5');
  assert.equal(formatAmount('18446744073709551615', 9), '18,446,744,073.709551615');
});

test('shortAmount rounds what is received down and what is paid up', () => {
  assert.equal(shortAmount(8_603_451_304n, 9), '8.603451');
  assert.equal(shortAmount(8_603_451_304n, 9, true), '8.603452');
  assert.equal(shortAmount(8_603_451_000n, 9, true), '8.603451');
  assert.equal(shortAmount(1_999_999_999n, 9), '1.999999');
  assert.equal(shortAmount(1_999_999_999n, 9, true), '2');
  assert.equal(shortAmount(5_000n, 9), '0.000005');
  assert.equal(shortAmount(1n, 9), '0.000000001');
  assert.equal(shortAmount(123_456n, 9), '0.0001234');
  assert.equal(shortAmount(123_456n, 9, true), '0.0001235');
  assert.equal(shortAmount(1_234_567n, 6), '1.234567');
  assert.equal(shortAmount(12n, 0), '12');
});

test('shortAmount is never on the wrong side', () => {
  for (let i = 1n; i < 1n << 63n; i = i * 3n + 1n) {
    for (const decimals of [0, 2, 6, 9, 12]) {
      const read = (text) => {
        const [whole, fraction = ''] = text.replaceAll(',', '').split('.');
        return BigInt(whole + fraction.padEnd(decimals, '0'));
      };
      assert.ok(read(shortAmount(i, decimals)) <= i);
      assert.ok(read(shortAmount(i, decimals, true)) >= i);
    }
  }
});

test('decimals keep all of their digits', () => {
  assert.equal(scaled('0.1') + scaled('0.2'), scaled('0.3'));
  assert.equal(scaled('-0.5'), -500_000_000_000_000_000n);
  assert.equal(scaled('0.1234567890123456789'), 123_456_789_012_345_678n);
  assert.equal(scaled('0.1234567890123456781', true), 123_456_789_012_345_679n);
  assert.equal(scaled('-0.1234567890123456789'), -123_456_789_012_345_679n);
  for (const text of ['', '1e5', '.5', '5.', 'NaN', '0x1', '1.2.3', ' 1']) {
    assert.throws(() => scaled(text), AmountError, text);
  }
});

test('compareDecimals orders by value, and nothing comes first', () => {
  const values = ['0.1', '10', undefined, '9.99', '-3', '0.10'];
  assert.deepEqual([...values].filter((v) => v !== undefined).sort(compareDecimals), ['-3', '0.1', '0.10', '9.99', '10']);
  assert.equal(compareDecimals(undefined, '-3'), -1);
  assert.equal(compareDecimals('-3', undefined), 1);
  assert.equal(compareDecimals(undefined, undefined), 0);
});

test('percentages are rounded to the side that promises less', () => {
  assert.equal(percent('0.07129'), '7.12\u00a0%');
  assert.equal(percent('0.0712999999'), '7.12\u00a0%');
  assert.equal(percent('0.000300242', { up: true, places: 3 }), '0.031\u00a0%');
  assert.equal(percent('-0.00001'), '\u22120.01\u00a0%');
  assert.equal(percent('-0.00001', { up: true }), '0.00\u00a0%');
  assert.equal(percentOf(1n, 3n), '33.33\u00a0%');
  assert.equal(percentOf(1n, 3n, { up: true }), '33.34\u00a0%');
  assert.equal(formatDecimal('1.4524690779', 6), '1.452469');
});

test('ratePercent knows the two forms of rates', () => {
  assert.equal(ratePercent('1/1000'), '0.10\u00a0%');
  assert.equal(ratePercent('300000/1000000000'), '0.03\u00a0%');
  assert.equal(ratePercent('8 bps'), '0.08\u00a0%');
  assert.equal(ratePercent('1/3'), '33.3334\u00a0%');
  assert.equal(ratePercent('1/0'), '1/0');
  assert.equal(ratePercent('some text'), 'some text');
});

test('unitPrice is rounded down', () => {
  assert.equal(unitPrice('3', 0, '10'), 3n);
  assert.equal(unitPrice('12500000000', 9, '8603451304'), 688_276_104n);
  assert.equal(unitPrice('0', 9, '1'), 0n);
});
