// Amounts are BigInt base units, and decimals are strings. Nothing here makes a
// Number of money: 0.1 + 0.2 is exactly 0.3.

const largest = (1n << 64n) - 1n;

// AmountError has a message for the person who typed the amount.
export class AmountError extends Error {}

// parseAmount reads what a person typed, such as "1.5" or "1,5", as base units.
// It throws an AmountError for text that could mean two amounts.
export function parseAmount(text, decimals) {
  const typed = text.trim().replace(/[\s\u00a0\u202f_']/g, '');
  if (typed === '') throw new AmountError('Enter an amount.');

  const points = typed.replace(/[^.]/g, '').length;
  const commas = typed.replace(/[^,]/g, '').length;
  let number = typed;
  if (commas > 0 && (commas > 1 || points > 0 || /,\d{3}$/.test(typed))) {
    throw new AmountError('Write the amount without commas, with a point for the fraction: 1500.25');
  }
  if (commas === 1) number = typed.replace(',', '.');
  if (!/^(\d+\.?\d*|\.\d+)$/.test(number)) {
    throw new AmountError('Write the amount in digits, such as 1.5');
  }

  const [whole, fraction = ''] = number.split('.');
  const kept = fraction.replace(/0+$/, '');
  if (kept.length > decimals) {
    throw new AmountError(`This token has ${decimals} decimal places, and the amount has ${kept.length}.`);
  }

  const digits = (whole + kept.padEnd(decimals, '0')).replace(/^0+(?=\d)/, '');
  if (digits.length > 20 || BigInt(digits) > largest) {
    throw new AmountError('The amount is larger than any balance can be.');
  }

  const amount = BigInt(digits);
  if (amount === 0n) throw new AmountError('Enter an amount above zero.');

  return amount;
}

// divide rounds towards minus infinity, or towards plus infinity.
function divide(dividend, divisor, up) {
  const quotient = dividend / divisor;
  if (dividend % divisor === 0n) return quotient;
  if (up) return dividend < 0n ? quotient : quotient + 1n;
  return dividend < 0n ? quotient - 1n : quotient;
}

// digitsOf writes a BigInt with a number of decimal places, "12,345.6780".
function digitsOf(amount, places) {
  const negative = amount < 0n;
  const digits = (negative ? -amount : amount).toString().padStart(places + 1, '0');
  const whole = digits.slice(0, digits.length - places).replace(/\B(?=(\d{3})+$)/g, ',');
  const fraction = places > 0 ? '.' + digits.slice(digits.length - places) : '';
  return (negative ? '\u2212' : '') + whole + fraction;
}

// formatAmount writes base units with all decimal places that are not zero:
// 1500000000 with 9 decimals is "1.5".
export function formatAmount(amount, decimals) {
  const text = digitsOf(BigInt(amount), decimals);
  return decimals > 0 ? text.replace(/\.?0+$/, '') : text;
}

// plainAmount writes base units for an input field: without separators.
export function plainAmount(amount, decimals) {
  return formatAmount(amount, decimals).replaceAll(',', '');
}

// shortAmount writes base units with six decimal places, or with four
// significant digits where the amount is below one. It rounds down, so that a
// person receives at least the amount shown; with up it rounds up, for what a
// person pays.
export function shortAmount(amount, decimals, up = false) {
  const exact = BigInt(amount);
  const length = (exact < 0n ? -exact : exact).toString().length;
  const leading = Math.max(0, decimals - length);
  const places = Math.min(decimals, Math.max(6, leading + 4));
  const rounded = divide(exact, 10n ** BigInt(decimals - places), up);

  return formatAmount(rounded, places);
}

// scaled reads a decimal such as "-0.0712" as a BigInt of 10^-18, rounded
// towards minus infinity or, with up, towards plus infinity.
const scale = 18;

export function scaled(decimal, up = false) {
  const match = /^(-?)(\d+)(?:\.(\d+))?$/.exec(decimal);
  if (!match) throw new AmountError(`"${decimal}" is not a decimal.`);

  const [, sign, whole, fraction = ''] = match;
  const places = Math.max(scale, fraction.length);
  const value = BigInt(sign + whole + fraction.padEnd(places, '0'));

  return divide(value, 10n ** BigInt(places - scale), up);
}

// compareDecimals orders decimals; undefined is below all others.
export function compareDecimals(a, b) {
  if (a === undefined || b === undefined) return (a === undefined ? 0 : 1) - (b === undefined ? 0 : 1);
  const [left, right] = [scaled(a), scaled(b)];
  return left < right ? -1 : left > right ? 1 : 0;
}

// formatDecimal writes a decimal with a number of decimal places, rounded down.
export function formatDecimal(decimal, places) {
  return digitsOf(divide(scaled(decimal), 10n ** BigInt(scale - places), false), places);
}

// percent writes a fraction as per cent: "0.07129" is "7.12 %".
export function percent(decimal, { up = false, places = 2 } = {}) {
  return percentOf(scaled(decimal, up), 10n ** BigInt(scale), { up, places });
}

// percentOf writes a ratio of two BigInts as per cent.
export function percentOf(part, whole, { up = false, places = 2 } = {}) {
  const value = divide(part * 10n ** BigInt(places + 2), whole, up);
  return digitsOf(value, places) + '\u00a0%';
}

// ratePercent writes a rate such as "8/10000" or "8 bps" as per cent, or
// returns the rate as it is.
export function ratePercent(rate) {
  const fraction = /^(\d+)\s*\/\s*(\d+)$/.exec(rate);
  const points = /^(\d+)\s*bps$/.exec(rate);
  let [part, whole] = [0n, 0n];
  if (fraction) [part, whole] = [BigInt(fraction[1]), BigInt(fraction[2])];
  if (points) [part, whole] = [BigInt(points[1]), 10000n];
  if (whole === 0n) return rate;

  const text = percentOf(part, whole, { up: true, places: 4 });
  return text.replace(/(\.\d\d)(\d*?)0*(?=\u00a0)/, '$1$2');
}

// unitPrice returns how many base units of one side belong to one whole token of
// the other, rounded down.
export function unitPrice(paid, paidDecimals, received) {
  const base = BigInt(paid);
  return base === 0n ? 0n : (BigInt(received) * 10n ** BigInt(paidDecimals)) / base;
}
