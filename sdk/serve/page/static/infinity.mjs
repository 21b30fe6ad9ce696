// Infinity's pool as a picture and as a table.

import { compareDecimals, formatDecimal, percent, shortAmount } from './amount.mjs';
import { loadInfinity } from './api.mjs';
import { byId, el, hued, svg } from './dom.mjs';
import { missing, tokenCell } from './prices.mjs';
import { yieldWords } from './quotes.mjs';
import { compareAmounts, compareText, SortedTable } from './table.mjs';
import { count, errorWords, plain, reasonWords } from './text.mjs';
import { treemap } from './treemap.mjs';

const fee = (decimal, reason) => (decimal === undefined ? missing(reason) : percent(decimal, { up: true, places: 3 }));

const columns = [
  {
    title: 'Token',
    keep: true,
    value: (token) => plain(token.symbol),
    compare: compareText,
    cell: (token) => tokenCell(token, token.unavailable ? reasonWords(token.unavailable) : ''),
  },
  {
    title: 'Part',
    keep: true,
    descending: true,
    value: (token) => token.share,
    compare: compareDecimals,
    cell: (token) => percent(token.share),
  },
  {
    title: 'Value',
    unit: 'in SOL',
    keep: true,
    descending: true,
    value: (token) => token.solValue,
    compare: compareAmounts,
    cell: (token) => shortAmount(token.solValue, 9).replace(/\.\d+$/, ''),
  },
  {
    title: 'Price',
    unit: 'in SOL',
    descending: true,
    value: (token) => token.price?.sol,
    compare: compareDecimals,
    cell: (token) => (token.price ? formatDecimal(token.price.sol, 6) : missing('')),
  },
  {
    title: 'Fee in',
    value: (token) => token.inputFee,
    compare: compareDecimals,
    cell: (token) => fee(token.inputFee),
  },
  {
    title: 'Fee out',
    value: (token) => token.outputFee,
    compare: compareDecimals,
    cell: (token) => fee(token.outputFee),
  },
];

export class Infinity {
  #store;
  #table = new SortedTable(byId('infinity-table'), columns, 1, true);
  #picture = byId('infinity-picture');
  #focus = byId('infinity-focus');
  #pool = undefined;
  #width = 0;

  constructor(store) {
    this.#store = store;
    new ResizeObserver(() => {
      const width = Math.round(this.#picture.clientWidth);
      if (width > 0 && width !== this.#width) this.#draw();
    }).observe(this.#picture);
  }

  // load asks for the pool and shows it.
  async load() {
    const empty = byId('infinity-empty');
    try {
      this.#pool = await loadInfinity();
    } catch (error) {
      const words = errorWords(error);
      empty.textContent = error.code === 'NOT_FOUND' ? 'This market has no Infinity pool.' : `${words.title}. ${words.said}`;
      empty.hidden = this.#pool !== undefined;
      return;
    }

    empty.hidden = true;
    this.#facts();
    this.#table.setRows(this.#pool.tokens);
    this.#draw();
  }

  #facts() {
    const pool = this.#pool;
    const whole = (lamports) => shortAmount(lamports, 9).replace(/\.\d+$/, '');
    const facts = [
      ['Price of INF', pool.lpPrice ? formatDecimal(pool.lpPrice.sol, 6) + ' SOL' : ''],
      ['APY of INF', yieldWords(pool.apy)],
      ['Value of the pool', whole(pool.solValue) + ' SOL'],
      ['Tokens', String(pool.tokens.length)],
    ];
    byId('infinity-facts').replaceChildren(...facts.filter(([, value]) => value !== '')
      .map(([name, value]) => el('div', {}, el('dt', {}, name), el('dd', {}, value))));
  }

  #draw() {
    const width = Math.round(this.#picture.clientWidth);
    if (!this.#pool || width === 0) return;

    this.#width = width;
    const height = Math.max(240, Math.min(430, Math.round(width * 0.55)));
    const tokens = this.#pool.tokens.filter((token) => BigInt(token.solValue) > 0n)
      .sort((a, b) => compareAmounts(b.solValue, a.solValue));
    const tiles = treemap(tokens.map((token) => ({ token, share: Number(token.share) })), width, height);
    const largest = tokens.slice(0, 3).map((token) => `${plain(token.symbol, 16)} ${percent(token.share)}`);

    this.#picture.replaceChildren(svg('svg', {
      viewBox: `0 0 ${width} ${height}`,
      width,
      height,
      role: 'img',
      'aria-label': `${count(tokens.length, 'token')} by value, the largest are ${largest.join(', ')}. The table has all.`,
    }, tiles.map((tile) => this.#tile(tile))));
  }

  #tile({ item: { token }, x, y, width, height }) {
    const symbol = plain(token.symbol, 12);
    const part = percent(token.share);
    const size = Math.max(10, Math.min(22, width / (symbol.length * 0.82), height / 2.6));
    const fits = width > symbol.length * size * 0.7 + 6 && height > size + 6;
    const room = fits && height > size * 2.7 && width > part.length * size * 0.5 + 6;
    const [cx, cy] = [x + width / 2, y + height / 2];
    const at = (dy) => ({ x: cx.toFixed(1), y: (cy + dy).toFixed(1), 'text-anchor': 'middle' });

    const group = svg('g', {},
      svg('title', {}, `${plain(token.symbol, 24)}: ${part} of the pool`),
      svg('rect', {
        x: (x + 1).toFixed(1),
        y: (y + 1).toFixed(1),
        width: Math.max(0.5, width - 2).toFixed(1),
        height: Math.max(0.5, height - 2).toFixed(1),
        rx: Math.min(6, width / 6, height / 6).toFixed(1),
      }));
    if (fits) group.append(this.#label(symbol, size, at(room ? -size * 0.12 : size * 0.35)));
    if (room) group.append(this.#label(part, size * 0.72, { ...at(size * 0.92), class: 'share' }));

    group.addEventListener('pointerenter', () => {
      const price = token.price ? `, 1 ${symbol} = ${formatDecimal(token.price.sol, 6)} SOL` : '';
      this.#focus.textContent = `${plain(token.symbol, 24)}: ${part} of the pool, ` +
        `${shortAmount(token.solValue, 9).replace(/\.\d+$/, '')} SOL${price}`;
    });

    return hued(group, token.mint);
  }

  #label(text, size, attributes) {
    const label = svg('text', attributes, text);
    label.style.fontSize = `${size.toFixed(1)}px`;
    return label;
  }
}
