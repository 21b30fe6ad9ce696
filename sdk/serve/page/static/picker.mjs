// The dialog that chooses a token: a search field that controls a list.

import { badge, byId, el } from './dom.mjs';
import { isPositive, yieldWords } from './quotes.mjs';
import { count, plain, shortAddress } from './text.mjs';

// matches returns the tokens that a search finds: those whose symbol begins
// with it first, then those with it in their symbol or name, then mints.
export function matches(tokens, search) {
  const wanted = search.trim().toLowerCase();
  if (wanted === '') return tokens;

  const rank = (token) => {
    const [symbol, name] = [token.symbol.toLowerCase(), (token.name ?? '').toLowerCase()];
    if (symbol === wanted || token.mint === search.trim()) return 0;
    if (symbol.startsWith(wanted)) return 1;
    if (symbol.includes(wanted) || name.includes(wanted)) return 2;
    return wanted.length > 3 && token.mint.toLowerCase().startsWith(wanted) ? 3 : 4;
  };

  return tokens.map((token) => ({ token, rank: rank(token) }))
    .filter((found) => found.rank < 4)
    .sort((a, b) => a.rank - b.rank)
    .map((found) => found.token);
}

export class Picker {
  #dialog = byId('picker');
  #search = byId('picker-search');
  #list = byId('picker-list');
  #tokens = [];
  #shown = [];
  #active = 0;
  #done = () => {};

  constructor() {
    this.#search.addEventListener('input', () => this.#show());
    this.#search.addEventListener('keydown', (event) => this.#key(event));
    this.#list.addEventListener('mousedown', (event) => event.preventDefault());
    this.#list.addEventListener('click', (event) => {
      const option = event.target.closest('[role=option]');
      if (option) this.#choose(Number(option.dataset.index));
    });
  }

  // open asks for one of the tokens, and calls back with it. The current one is
  // selected at first.
  open(tokens, current, done) {
    this.#tokens = tokens;
    this.#done = done;
    this.#search.value = '';
    this.#show(current);
    this.#dialog.showModal();
    this.#search.focus();
    this.#activate(this.#active);
  }

  #show(current) {
    this.#shown = matches(this.#tokens, this.#search.value);
    this.#list.replaceChildren(...this.#shown.map((token, index) => this.#option(token, index)));
    this.#list.scrollTop = 0;
    byId('picker-empty').hidden = this.#shown.length > 0;
    this.#list.hidden = this.#shown.length === 0;
    this.#activate(Math.max(0, this.#shown.indexOf(current)));
    this.#list.setAttribute('aria-description', count(this.#shown.length, 'token'));
  }

  #option(token, index) {
    const rate = isPositive(token.apy) ? yieldWords(token.apy) + ' APY' : '';
    return el('li', { id: `option-${index}`, role: 'option', class: 'option', 'data-index': index, 'aria-selected': 'false' },
      badge(token),
      el('span', { class: 'names' },
        el('strong', {}, plain(token.symbol, 24)),
        el('span', { class: 'under' }, [plain(token.name, 40), token.kind === 'stake' ? '' : shortAddress(token.mint)]
          .filter(Boolean).join(' · '))),
      rate ? el('span', { class: 'yield' }, rate) : '');
  }

  #activate(index) {
    if (this.#shown.length === 0) {
      this.#search.removeAttribute('aria-activedescendant');
      return;
    }

    this.#list.children[this.#active]?.setAttribute('aria-selected', 'false');
    this.#active = Math.min(Math.max(index, 0), this.#shown.length - 1);
    const option = this.#list.children[this.#active];
    option.setAttribute('aria-selected', 'true');
    option.scrollIntoView({ block: 'nearest' });
    this.#search.setAttribute('aria-activedescendant', option.id);
  }

  #key(event) {
    const steps = { ArrowDown: 1, ArrowUp: -1, PageDown: 8, PageUp: -8 };
    if (event.key in steps) {
      event.preventDefault();
      this.#activate(this.#active + steps[event.key]);
    } else if (event.key === 'Enter') {
      event.preventDefault();
      this.#choose(this.#active);
    }
  }

  #choose(index) {
    const token = this.#shown[index];
    if (!token) return;
    this.#dialog.close();
    this.#done(token);
  }
}
