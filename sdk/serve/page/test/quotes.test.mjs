import assert from 'node:assert/strict';
import { test } from 'node:test';

import {
  behindWords, checkBuilt, choose, lossOf, policyOf, reasonsOf, rowsOf, tradeCost, tradeOf, venuesOf,
} from '../static/quotes.mjs';

const sol = { mint: 'So11111111111111111111111111111111111111112', symbol: 'SOL', decimals: 9 };
const inf = { mint: '5oVNBeEEQvYi1cX3ir8Dx5n1P7pdxydbGF2X4TxVusJm', symbol: 'INF', decimals: 9 };
const tokens = new Map([[sol.mint, sol], [inf.mint, inf]]);
const owner = 'F25s3DdjXdCxYBhh2z8FBusVEMT4b9bGNFVKJi3wFoF4';

// quoteOf is a quote as the server writes it; the amounts are made up.
function quoteOf(changes = {}) {
  return {
    venue: 'Infinity',
    in: '12500000000',
    out: '8603451304',
    minOut: '8594847853',
    maxIn: '12500000000',
    netIn: '12500000000',
    netOut: '8603451304',
    behind: '0',
    costs: [],
    fees: [],
    legs: [],
    assumptions: [],
    remainingSteps: [],
    needsTwoTransactions: false,
    ...changes,
  };
}

function answerOf(quotes, changes = {}) {
  return {
    from: sol, to: inf, amount: '12500000000', swapMode: 'exactIn', slippageBps: 10, quotes, rejections: [], ...changes,
  };
}

test('rows show what a route pays, rounded down, and costs, rounded up', () => {
  const [best, second] = rowsOf(answerOf([
    quoteOf(),
    quoteOf({
      venue: 'stake pool deposit',
      out: '8603450999',
      behind: '1305',
      priceImpact: '0.0061',
      fees: [
        { name: 'deposit fee', amount: '1000', mint: sol.mint, rate: '8 bps' },
        { name: 'another fee', amount: '500', mint: sol.mint, rate: '' },
      ],
      costs: [
        { name: 'rent of a token account', lamports: '2039281', recoverable: true },
        { name: 'tip', lamports: '5000', recoverable: false },
      ],
      assumptions: ['the pool is updated'],
    }),
  ]), tokens);

  assert.deepEqual([best.main, best.best, best.behind, best.paid, best.deposit, best.fee], ['8.603451 INF', true, '', '', '', '']);
  assert.equal(second.venue, 'Stake pool deposit');
  assert.equal(second.key, 'stake pool deposit');
  assert.equal(second.main, '8.60345 INF');
  assert.equal(second.fee, '0.0000015 SOL');
  assert.equal(second.paid, '0.000005 SOL');
  assert.equal(second.deposit, '0.00204 SOL');
  assert.deepEqual(second.fees[0], { name: 'Deposit fee', amount: '0.000001 SOL', rate: '0.08\u00a0%' });
  assert.deepEqual(second.notes, ['The pool is updated.']);
  assert.equal(second.gravity, 'notable');
  assert.match(second.behind, /^\u22120\.000001305 INF/);
});

test('a fee in a token that the page does not know is not shown as another token', () => {
  const [row] = rowsOf(answerOf([quoteOf({ fees: [{ name: 'fee', amount: '7', mint: owner, rate: '' }] })]), tokens);
  assert.equal(row.fees[0].amount, '7 units of F25s…FoF4');
});

test('with exact out, rows show what is paid, rounded up', () => {
  const [best, second] = rowsOf(answerOf([
    quoteOf({ in: '12500000001' }),
    quoteOf({ in: '12600000001', netIn: '12600000001', behind: '100000000' }),
  ], { swapMode: 'exactOut', amount: '8603451304' }), tokens);
  assert.equal(best.main, '12.500001 SOL');
  assert.match(second.behind, /^\+0\.1 SOL/);
});

test('behindWords is rounded away from the best quote', () => {
  assert.equal(behindWords(quoteOf({ behind: '1', netOut: '999' }), answerOf([])), '\u22120.000000001 INF (0.100\u00a0%)');
});

test('losses are graded by exact comparison', () => {
  assert.equal(lossOf(quoteOf({ priceImpact: '0.004999999999999999' })), '');
  assert.equal(lossOf(quoteOf({ priceImpact: '0.005' })), 'notable');
  assert.equal(lossOf(quoteOf({ priceImpact: '0.029999999' })), 'notable');
  assert.equal(lossOf(quoteOf({ priceImpact: '0.03' })), 'grave');
  assert.equal(lossOf(quoteOf({ priceImpact: '-0.5' })), '');
  assert.equal(lossOf(quoteOf()), '');
});

test('reasons are in words, with names for addresses, and without advice to programmers', () => {
  const reasons = reasonsOf(answerOf([], {
    rejections: [
      { venue: 'Infinity', reason: `the pool does not accept this token as input: ${inf.mint}` },
      { venue: 'Router', reason: 'pool is not updated for this epoch (set AllowPoolUpdate, or wait): last update in epoch 5' },
      { venue: 'Reserve', reason: 'pool is not updated for this epoch (set AllowPoolUpdate, or wait): last update in epoch 5' },
      { venue: '', reason: 'the amount is too small (0.5 SOL at least)' },
    ],
  }), new Map([[inf.mint, 'INF']]));

  assert.deepEqual(reasons, [
    { reason: 'The pool does not accept this token as input: INF.', venues: ['Infinity'] },
    { reason: 'Pool is not updated for this epoch: last update in epoch 5.', venues: ['Router', 'Reserve'] },
    { reason: 'The amount is too small (0.5 SOL at least).', venues: ['All venues'] },
  ]);
});

test('the choice of a person stays while its route is open', () => {
  const rows = rowsOf(answerOf([
    quoteOf({ venue: 'A', needsTwoTransactions: true }), quoteOf({ venue: 'B' }), quoteOf({ venue: 'C' }),
  ]), tokens);
  assert.equal(choose(rows, 'C').key, 'C');
  assert.equal(choose(rows, 'A').key, 'B', 'a closed route cannot be chosen');
  assert.equal(choose(rows, 'gone').key, 'B');
  assert.equal(choose(rows, undefined).key, 'B');
  assert.equal(choose([], 'A'), undefined);
});

test('the request keeps to the route and to the limits of the quote', () => {
  const parties = { owner, version: '0', from: sol.mint, to: inf.mint };
  const direct = tradeOf(answerOf([]), quoteOf(), parties);
  assert.equal(direct.minOut, '8594847853');
  assert.equal(direct.maxIn, undefined);
  assert.equal(direct.onlyDirectRoutes, true);
  assert.deepEqual(direct.venues, ['Infinity']);

  const two = quoteOf({ venue: 'Infinity, then Reserve', legs: [quoteOf(), quoteOf({ venue: 'Reserve' })] });
  const chained = tradeOf(answerOf([], { swapMode: 'exactOut' }), two, parties);
  assert.equal(chained.maxIn, '12500000000');
  assert.equal(chained.minOut, undefined);
  assert.equal(chained.onlyDirectRoutes, false);
  assert.deepEqual(venuesOf(two), ['Infinity', 'Reserve']);
});

test('a built transaction that is not the one asked for is refused', () => {
  const answer = answerOf([]);
  const built = (changes, signers = [owner]) => ({ signers, quote: quoteOf(changes) });
  assert.equal(checkBuilt(built({}), answer, quoteOf(), owner), '');
  assert.equal(checkBuilt(built({ minOut: '9000000000' }), answer, quoteOf(), owner), '');
  assert.match(checkBuilt(built({}, ['other']), answer, quoteOf(), owner), /wallet/);
  assert.match(checkBuilt(built({ minOut: '8594847852' }), answer, quoteOf(), owner), /less/);
  assert.match(checkBuilt(built({ maxIn: '12500000001' }), answer, quoteOf(), owner), /more/);

  const costing = (lamports) => ({ costs: [{ name: 'rent of the stake account, which the pool keeps', lamports, recoverable: false }] });
  assert.equal(checkBuilt(built(costing('2282880')), answer, quoteOf(costing('2282880')), owner), '');
  assert.match(checkBuilt(built(costing('2282881')), answer, quoteOf(costing('2282880')), owner), /costs more/);

  const exactOut = answerOf([], { swapMode: 'exactOut', amount: '8603451304' });
  assert.equal(checkBuilt(built({}), exactOut, quoteOf(), owner), '');
  assert.match(checkBuilt(built({ maxIn: '12500000001' }), exactOut, quoteOf(), owner), /more/);
  assert.match(checkBuilt(built({ out: '8603451303' }), exactOut, quoteOf(), owner), /less/);
});

test('the policy permits what the person accepts, and no more', () => {
  const [native, token] = [{ ...sol, kind: 'sol' }, { ...inf, kind: 'infinity' }];
  assert.deepEqual(policyOf(quoteOf(), { owner, from: native, to: token }), {
    owner, maxNewAccounts: 4, maxRent: '20000000', maxTokens: {}, maxLamports: '12500000000', minTokens: { [inf.mint]: '8594847853' },
  });
  assert.deepEqual(policyOf(quoteOf(), { owner, from: token, to: native }), {
    owner, maxNewAccounts: 4, maxRent: '20000000', maxTokens: { [inf.mint]: '12500000000' }, minLamports: '8594847853',
  });
  assert.equal(policyOf(quoteOf(), { owner, from: native, to: { kind: 'stake' } }), undefined);
});

test('the policy permits the tokens between two legs to pass', () => {
  const [native, token] = [{ ...sol, kind: 'sol' }, { ...inf, kind: 'infinity' }];
  const quote = quoteOf({ legs: [quoteOf({ from: inf.mint, to: 'middle' }), quoteOf({ from: 'middle', to: sol.mint })] });
  assert.deepEqual(policyOf(quote, { owner, from: token, to: native }).maxTokens, { [inf.mint]: '12500000000', middle: '0' });
});

test('the policy permits the costs that a route loses', () => {
  const [native, token, other] = [{ ...sol, kind: 'sol' }, { ...inf, kind: 'infinity' }, { mint: 'mSOL', kind: 'marinade' }];
  const quote = quoteOf({
    costs: [
      { name: 'rent of the stake account, which is deposited with it', lamports: '2282880', recoverable: false },
      { name: 'rent of a token account', lamports: '2039281', recoverable: true },
      { name: 'rent of the receipt', lamports: '1000', recoverable: false },
      { name: 'priority fee, estimated', lamports: '500', recoverable: false },
    ],
  });
  const limits = (from, to) => {
    const { maxLamports, minLamports } = policyOf(quote, { owner, from, to });
    return { maxLamports, minLamports };
  };
  assert.deepEqual(limits(token, other), { maxLamports: '2282880', minLamports: undefined });
  assert.deepEqual(limits(native, other), { maxLamports: '12502282880', minLamports: undefined });
  assert.deepEqual(limits(token, native), { maxLamports: undefined, minLamports: '8592564973' });
});

test('the cost of a trade is its loss against the exact price', () => {
  const price = { sol: '1.25', lamports: '5', tokens: '4' };
  assert.equal(tradeCost({ in: '1000', out: '790' }, price, true), '1.250\u00a0%');
  assert.equal(tradeCost({ in: '800', out: '990' }, price, false), '1.000\u00a0%');
  assert.equal(tradeCost({ in: '1000000000', out: '799999999' }, price, true), '<0.001\u00a0%');
  assert.equal(tradeCost({ in: '1000', out: '800' }, price, true), '0.000\u00a0%');
  assert.equal(tradeCost({ in: '1000', out: '808' }, price, true), '\u22121.000\u00a0%');
  assert.equal(tradeCost(undefined, price, true), '');
  assert.equal(tradeCost({ in: '1', out: '1' }, undefined, true), '');
});
