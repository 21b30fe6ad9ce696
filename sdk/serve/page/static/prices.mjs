// The table of prices and yields.

import { compareDecimals, formatDecimal, percent } from './amount.mjs';
import { badge, byId, el } from './dom.mjs';
import { matches } from './picker.mjs';
import { tradeCost, yieldWords } from './quotes.mjs';
import { compareText, SortedTable } from './table.mjs';
import { count, plain, reasonWords } from './text.mjs';

const kinds = {
  sol: 'SOL',
  spl: 'Stake pool',
  sanctumSpl: 'Sanctum stake pool',
  sanctumSplMulti: 'Sanctum stake pool',
  marinade: 'Marinade',
  lido: 'Lido',
  reserve: 'Reserve',
  infinity: 'Infinity',
};

// missing writes what a cell without a value shows: a dash, and the reason for
// those who look.
export function missing(reason) {
  return el('span', { class: 'missing' }, '–', reason ? el('span', { class: 'under' }, reasonWords(reason)) : '');
}

export function tokenCell(token, under, tag) {
  return el('span', { class: 'token-cell' }, badge(token), el('span', {},
    el('strong', {}, plain(token.symbol, 14)), tag ? [' ', tag] : '',
    under ? el('span', { class: 'under' }, under) : ''));
}

// nameCell writes the name of a token and, where there is room, its kind.
function nameCell(token) {
  const [name, kind] = [plain(token.name, 40), kinds[token.kind] ?? ''];
  if (name === '' || kind === '' || name.toLowerCase() === kind.toLowerCase()) return name || kind;
  return [name, el('span', { class: 'hidden-narrow' }, ` · ${kind}`)];
}

function costCell(trade, cost) {
  if (!cost) return missing('');
  return [cost, el('span', { class: 'under' }, plain(trade.venue, 40))];
}

function columns(trade) {
  return [
    {
      title: 'Token',
      keep: true,
      value: (token) => plain(token.symbol),
      compare: compareText,
      cell: (token) => tokenCell(token, nameCell(token),
        token.stale ? el('span', { class: 'tag warn' }, 'not updated') : undefined),
    },
    {
      title: 'Price',
      unit: 'in SOL',
      keep: true,
      descending: true,
      value: (token) => token.price?.sol,
      compare: compareDecimals,
      cell: (token) => (token.price ? formatDecimal(token.price.sol, 6) : missing(token.unavailable)),
    },
    {
      title: 'APY',
      keep: true,
      descending: true,
      value: (token) => token.apy,
      compare: compareDecimals,
      cell: (token) => (token.apy === undefined ? missing(token.apyUnavailable) : yieldWords(token.apy)),
    },
    {
      title: 'Last epoch',
      descending: true,
      value: (token) => growthOf(token),
      compare: compareDecimals,
      cell: (token) => (growthOf(token) === undefined ? missing('') : percent(growthOf(token), { places: 4 })),
    },
    {
      title: 'Cost to buy',
      value: (token) => costOf(token.buy, token, true),
      compare: comparePercent,
      cell: (token) => costCell(token.buy, costOf(token.buy, token, true)),
    },
    {
      title: 'Cost to sell',
      value: (token) => costOf(token.sell, token, false),
      compare: comparePercent,
      cell: (token) => costCell(token.sell, costOf(token.sell, token, false)),
    },
    {
      title: 'Trade',
      cell: (token) => {
        if (token.kind === 'sol' || token.unavailable) return '';
        const button = el('button', { type: 'button', class: 'row-action', 'aria-label': `Buy ${plain(token.symbol, 24)}` }, 'Buy');
        button.addEventListener('click', () => trade(token));
        return button;
      },
    },
  ];
}

// Infinity grows by the slot, and not by the epoch.
const growthOf = (token) => (token.kind === 'infinity' ? undefined : token.growth);

const costOf = (trade, token, buys) => tradeCost(trade, token.price, buys) || undefined;

// comparePercent orders texts such as "0.041 %".
function comparePercent(a, b) {
  const decimal = (text) => text.replace('\u2212', '-').replace(/[^\d.-]/g, '');
  return compareDecimals(decimal(a), decimal(b));
}

export class Prices {
  #store;
  #table;
  #filter = byId('prices-filter');
  #all = byId('prices-all');

  constructor(store, trade) {
    this.#store = store;
    this.#table = new SortedTable(byId('prices-table'), columns(trade), 2, true);
    this.#filter.addEventListener('input', () => this.#show());
    this.#all.addEventListener('change', () => this.#show());
    store.on('tokens', () => this.#show());
  }

  #show() {
    const all = Array.from(this.#store.tokens.values()).filter((token) => token.kind !== 'stake');
    const found = matches(all, this.#filter.value);
    const priced = found.filter((token) => !token.unavailable);
    const shown = this.#all.checked ? found : priced;
    this.#table.setRows(shown);
    byId('prices-rest').hidden = found.length === priced.length;
    byId('prices-rest-text').textContent = `Show ${count(found.length - priced.length, 'token')} without a price`;
    const empty = byId('prices-empty');
    empty.hidden = shown.length > 0;
    empty.textContent = all.length > 0 ? 'No token with a price matches.' : 'Loading the tokens…';
    this.#filter.setAttribute('aria-description', `${count(shown.length, 'token')} shown`);
  }
}
