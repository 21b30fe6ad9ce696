// What the page shows of the quotes of a trade, as plain values.

import {
  compareDecimals, formatAmount, percent, percentOf, ratePercent, scaled, shortAmount, unitPrice,
} from './amount.mjs';
import { plain, reasonWords, sentence, shortAddress } from './text.mjs';

const lamportsPerSOL = 9;

// Losses above these parts of the value are pointed out, and have to be
// accepted.
const notable = '0.005';
const grave = '0.03';

// lossOf returns how grave the loss of a quote is: "", "notable" or "grave".
export function lossOf(quote) {
  if (quote.priceImpact === undefined) return '';
  if (compareDecimals(quote.priceImpact, grave) >= 0) return 'grave';
  return compareDecimals(quote.priceImpact, notable) >= 0 ? 'notable' : '';
}

// sol writes lamports that a person pays, rounded up.
export function sol(lamports) {
  return `${shortAmount(lamports, lamportsPerSOL, true)} SOL`;
}

// amountWords writes base units of a token that a person receives, or with up
// pays.
export function amountWords(amount, token, up = false) {
  return `${shortAmount(amount, token.decimals, up)} ${plain(token.symbol, 16)}`;
}

// exactWords writes base units of a token with all places.
export function exactWords(amount, token) {
  return `${formatAmount(amount, token.decimals)} ${plain(token.symbol, 16)}`;
}

// priceWords writes what one whole token of from buys.
export function priceWords(quote, from, to) {
  const price = unitPrice(quote.in, from.decimals, quote.out);
  return `1 ${plain(from.symbol, 16)} = ${amountWords(price, to)}`;
}

// feeWords writes the fees of a quote. The token of a fee is found by its mint.
export function feeWords(fee, tokens) {
  const token = tokens.get(fee.mint);
  const rate = fee.rate ? ratePercent(fee.rate) : '';
  const amount = token
    ? amountWords(fee.amount, token, true)
    : `${plain(fee.amount)} units of ${shortAddress(fee.mint)}`;

  return { name: sentenceStart(fee.name), amount, rate };
}

function sentenceStart(text) {
  return sentence(text).replace(/\.$/, '');
}

// costWords writes a cost in SOL.
export function costWords(cost) {
  return {
    name: sentenceStart(cost.name),
    amount: sol(cost.lamports),
    recoverable: cost.recoverable,
  };
}

// isExactOut reports whether the amount to receive was asked for.
const isExactOut = (answer) => answer.swapMode === 'exactOut';

// behindWords writes how far a quote is behind the best one.
export function behindWords(quote, answer) {
  const behind = BigInt(quote.behind);
  if (behind === 0n) return '';

  const token = isExactOut(answer) ? answer.from : answer.to;
  const base = BigInt(isExactOut(answer) ? quote.netIn : quote.netOut);
  const whole = isExactOut(answer) ? base : base + behind;
  const part = whole > 0n ? ` (${percentOf(behind, whole, { up: true, places: 3 })})` : '';
  const sign = isExactOut(answer) ? '+' : '\u2212';

  return sign + amountWords(behind, token, true) + part;
}

// closedReason returns why a quoted route cannot be taken on this page, or "".
export function closedReason(quote) {
  if (quote.needsTwoTransactions) {
    return 'This route needs two transactions, and this page signs one.';
  }
  return '';
}

// feesTotal writes the sum of the fees of each token, "0.00375 SOL".
function feesTotal(fees, tokens) {
  const sums = new Map();
  for (const fee of fees) sums.set(fee.mint, (sums.get(fee.mint) ?? 0n) + BigInt(fee.amount));

  return Array.from(sums).filter(([, amount]) => amount > 0n)
    .map(([mint, amount]) => feeWords({ name: '', amount, mint }, tokens).amount).join(' + ');
}

// rowsOf returns one row for each quote, in the server's order.
export function rowsOf(answer, tokens) {
  const exactOut = isExactOut(answer);

  return answer.quotes.map((quote, index) => {
    const lost = quote.costs.filter((cost) => !cost.recoverable)
      .reduce((sum, cost) => sum + BigInt(cost.lamports), 0n);
    const kept = quote.costs.filter((cost) => cost.recoverable)
      .reduce((sum, cost) => sum + BigInt(cost.lamports), 0n);
    const token = exactOut ? answer.from : answer.to;

    return {
      key: quote.venue,
      venue: sentenceStart(quote.venue),
      best: index === 0,
      main: exactOut ? amountWords(quote.in, token, true) : amountWords(quote.out, token),
      behind: behindWords(quote, answer),
      paid: lost > 0n ? sol(lost) : '',
      fee: feesTotal(quote.fees, tokens),
      deposit: kept > 0n ? sol(kept) : '',
      loss: quote.priceImpact === undefined ? '' : lossWords(quote.priceImpact),
      gravity: lossOf(quote),
      closed: closedReason(quote),
      fees: quote.fees.map((fee) => feeWords(fee, tokens)),
      costs: quote.costs.map(costWords),
      notes: [...quote.assumptions, ...quote.remainingSteps].map(sentence),
      quote,
    };
  });
}

// reasonsOf returns the reasons of the venues that have no quote; venues with
// the same reason are named together.
export function reasonsOf(answer, names) {
  const byReason = new Map();
  for (const rejection of answer.rejections) {
    const reason = reasonWords(rejection.reason, names);
    const venues = byReason.get(reason) ?? [];
    venues.push(sentenceStart(rejection.venue) || 'All venues');
    byReason.set(reason, venues);
  }

  return Array.from(byReason, ([reason, venues]) => ({ reason, venues }));
}

// choose returns the row to select: the one that the person chose if it is
// still open, else the best open one.
export function choose(rows, key) {
  const open = rows.filter((row) => row.closed === '');
  return open.find((row) => row.key === key) ?? open[0];
}

// venuesOf returns the venues that a transaction must keep to, so that it takes
// the route of the quote.
export function venuesOf(quote) {
  const venues = quote.legs.length > 0 ? quote.legs.map((leg) => leg.venue) : [quote.venue];
  return Array.from(new Set(venues));
}

// tradeOf returns the request for the transaction of a quote. The limits of the
// quote stay: a transaction that pays less fails.
export function tradeOf(answer, quote, { owner, version, from, to }) {
  const trade = {
    owner,
    from,
    to,
    amount: answer.amount,
    swapMode: answer.swapMode,
    slippageBps: answer.slippageBps,
    venues: venuesOf(quote),
    onlyDirectRoutes: quote.legs.length === 0,
    version,
  };
  if (isExactOut(answer)) {
    trade.maxIn = quote.maxIn;
  } else {
    trade.minOut = quote.minOut;
  }

  return trade;
}

// checkBuilt returns why a built transaction is not the one that was asked for,
// or "". The server is trusted with the market, not with its own mistakes.
export function checkBuilt(built, answer, quote, owner) {
  const got = built.quote;
  if (lostSum(got) > lostSum(quote)) return 'The transaction costs more than the route that you chose.';
  if (!built.signers.includes(owner)) return 'The transaction is not for this wallet.';
  if (isExactOut(answer)) {
    if (BigInt(got.maxIn) > BigInt(quote.maxIn)) return 'The transaction may pay more than your limit.';
    if (BigInt(got.out) < BigInt(answer.amount)) return 'The transaction pays less than you asked for.';
    return '';
  }
  if (BigInt(got.maxIn) > BigInt(answer.amount)) return 'The transaction may take more than you entered.';
  if (BigInt(got.minOut) < BigInt(quote.minOut)) return 'The transaction may pay less than your limit.';

  return '';
}

// The most rent of new accounts that a swap may cost, in lamports. It is a limit
// and no price: 0.02 SOL are several token accounts.
export const mostRent = 20_000_000n;

// The mint of wrapped SOL stands for SOL in quotes.
const nativeMint = 'So11111111111111111111111111111111111111112';

// policyOf returns what the transaction of a trade may do: pay at most the
// largest input and the costs that it loses, with the rent of a few accounts,
// and pay out at least the smallest output. A token between two legs is neither
// paid nor kept. SOL that is paid and SOL that is received are one amount. The
// policy is undefined for a trade that none describes.
export function policyOf(quote, { owner, from, to }) {
  if (to.kind === 'stake') return undefined;

  const policy = { owner, maxNewAccounts: 4, maxRent: String(mostRent), maxTokens: {} };
  for (const leg of quote.legs) {
    for (const mint of [leg.from, leg.to]) {
      if (![nativeMint, from.mint, to.mint].includes(mint)) policy.maxTokens[mint] = '0';
    }
  }

  let paid = lostSum(quote);
  if (from.kind === 'sol') paid += BigInt(quote.maxIn);
  else policy.maxTokens[from.mint] = quote.maxIn;

  if (to.kind === 'sol') {
    const received = BigInt(quote.minOut);
    const both = paid < received ? paid : received;
    paid -= both;
    policy.minLamports = String(received - both);
  } else {
    policy.minTokens = { [to.mint]: quote.minOut };
  }

  if (paid > 0n) policy.maxLamports = String(paid);

  return policy;
}

// lostCosts returns the costs of a transaction that are lost beside its fees
// and beside the rent of a receipt, which have limits of their own.
export function lostCosts(quote) {
  return quote.costs.filter((cost) =>
    !cost.recoverable && cost.name !== 'priority fee, estimated' && cost.name !== 'rent of the receipt');
}

const lostSum = (quote) => lostCosts(quote).reduce((sum, cost) => sum + BigInt(cost.lamports), 0n);

// tradeCost returns the part of the value that a trade of one unit loses, as
// words, from the exact price of the token.
export function tradeCost(trade, price, buys) {
  if (!trade || !price) return '';
  const [lamports, units] = [BigInt(price.lamports), BigInt(price.tokens)];
  if (units === 0n || lamports === 0n) return '';

  const paid = buys ? BigInt(trade.in) * units : BigInt(trade.in) * lamports;
  const received = buys ? BigInt(trade.out) * lamports : BigInt(trade.out) * units;
  if (paid === 0n) return '';

  const lost = paid - received;
  if (lost > 0n && lost * 100_000n < paid) return '<0.001\u00a0%';

  return percentOf(lost, paid, { up: true, places: 3 });
}

// lossWords writes the part of the value that a trade loses, rounded up.
export function lossWords(decimal) {
  return percent(decimal, { up: true, places: 4 }).replace(/(\.\d\d)(\d*?)0*(?=\u00a0)/, '$1$2');
}

// yieldWords writes an APY, rounded down.
export function yieldWords(decimal) {
  return decimal === undefined ? '' : percent(decimal);
}

// isPositive reports whether a decimal is above zero.
export function isPositive(decimal) {
  return decimal !== undefined && scaled(decimal) > 0n;
}
