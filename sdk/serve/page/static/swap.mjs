// The form of a trade and the routes that serve it.

import { AmountError, formatAmount, parseAmount, plainAmount, shortAmount } from './amount.mjs';
import { loadQuotes } from './api.mjs';
import { announce, badge, byId, el, icon, icons } from './dom.mjs';
import {
  amountWords, choose, isPositive, priceWords, reasonsOf, rowsOf, sol, yieldWords,
} from './quotes.mjs';
import { namesOf, ordered, stakeAccount } from './store.mjs';
import { age, count, errorWords, plain } from './text.mjs';

const pause = 250; // milliseconds after the last key
const refreshEvery = 10_000;
const tooOld = 60_000;

const sides = { pay: 'from', receive: 'to' };

export class Swap {
  #store;
  #picker;
  #wallets;
  #review;
  #form = byId('trade');
  #inputs = { pay: byId('pay-amount'), receive: byId('receive-amount') };
  #buttons = { pay: byId('pay-token'), receive: byId('receive-token') };

  #from = undefined;
  #to = undefined;
  // The side whose amount the person typed.
  #typed = 'pay';
  #amount = undefined;
  #limit = 10;

  #answer = undefined;
  #answeredAt = 0;
  #rows = [];
  #chosen = undefined;
  #error = undefined;
  #loading = false;
  #abort = undefined;
  #timer = 0;

  constructor(store, { picker, wallets, review }) {
    this.#store = store;
    this.#picker = picker;
    this.#wallets = wallets;
    this.#review = review;

    for (const side of Object.keys(sides)) {
      this.#inputs[side].addEventListener('input', () => this.#type(side));
      this.#buttons[side].addEventListener('click', () => this.#pick(side));
    }
    byId('turn').append(icon(icons.swap));
    byId('turn').addEventListener('click', () => this.#turn());
    byId('limits').addEventListener('change', (event) => {
      this.#limit = Number(event.target.value);
      this.#ask(0);
    });
    byId('route-list').addEventListener('change', (event) => this.#select(event.target.value));
    byId('closed').open = roomy();
    this.#form.addEventListener('submit', (event) => {
      event.preventDefault();
      this.#go();
    });

    store.on('tokens', () => this.#tokens());
    store.on('connection', () => this.#ask(0, true));
    setInterval(() => this.#tick(), 1000);
    document.addEventListener('visibilitychange', () => this.#tick());
    window.addEventListener('resize', () => this.#fit());
    this.#show();
  }

  // trade starts a trade of a pair from another view.
  trade(from, to) {
    [this.#from, this.#to] = [from, to];
    this.#show();
    this.#ask(0);
  }

  // prefill sets the pair and the amount of an address such as
  // #swap?from=SOL&to=INF&amount=1.5.
  prefill(parameters) {
    const from = this.#store.find(parameters.get('from'));
    const to = this.#store.find(parameters.get('to'));
    if (from && from !== stakeAccount) this.#from = from;
    if (to && to !== this.#from) this.#to = to;
    if (parameters.get('amount')) {
      this.#typed = 'pay';
      this.#inputs.pay.value = plain(parameters.get('amount'), 40);
    }
    this.#read();
    this.#show();
    this.#ask(0);
  }

  // refresh asks for new quotes, for example after a trade.
  refresh() {
    this.#ask(0, true);
  }

  #tokens() {
    const pair = [this.#from?.mint, this.#to?.mint];
    // Keep the pair, with the newest facts about both.
    this.#from = this.#store.tokens.get(this.#from?.mint) ?? this.#store.find('SOL');
    this.#to = this.#store.tokens.get(this.#to?.mint) ?? this.#favourite();
    const changed = pair[0] !== this.#from?.mint || pair[1] !== this.#to?.mint;
    // A token that has left the market takes its quotes along: their amounts
    // are not those of the token in its place.
    if (changed) {
      this.#chosen = undefined;
      this.#read();
    }
    this.#show();
    if (changed) this.#ask(0);
  }

  #favourite() {
    return this.#store.find('INF') ??
      Array.from(this.#store.tokens.values()).find((token) => token.kind !== 'sol' && !token.unavailable);
  }

  #type(side) {
    this.#typed = side;
    this.#chosen = undefined;
    this.#read();
    this.#ask(pause);
  }

  // read parses the typed amount.
  #read() {
    const token = this[sides[this.#typed]];
    const note = byId(`${this.#typed}-note`);
    const input = this.#inputs[this.#typed];
    this.#amount = undefined;
    note.classList.remove('bad');
    input.removeAttribute('aria-invalid');
    if (!token || input.value.trim() === '') return;

    try {
      this.#amount = parseAmount(input.value, token.decimals);
    } catch (error) {
      if (!(error instanceof AmountError)) throw error;
      note.textContent = error.message;
      note.classList.add('bad');
      input.setAttribute('aria-invalid', 'true');
    }
  }

  get from() {
    return this.#from;
  }

  get to() {
    return this.#to;
  }

  #pick(side) {
    const other = this[sides[side === 'pay' ? 'receive' : 'pay']];
    const tokens = ordered(Array.from(this.#store.tokens.values()))
      .filter((token) => side === 'receive' || token !== stakeAccount);
    const current = this[sides[side]];

    this.#picker.open(tokens, current, (token) => {
      if (token === other) {
        this.#turn();
        return;
      }
      if (side === 'pay') this.#from = token;
      else this.#to = token;
      this.#chosen = undefined;
      this.#read();
      this.#show();
      this.#ask(0);
    });
  }

  #turn() {
    if (this.#to === stakeAccount || !this.#from || !this.#to) return;
    [this.#from, this.#to] = [this.#to, this.#from];
    this.#chosen = undefined;
    this.#typed = 'pay';
    this.#read();
    this.#show();
    this.#ask(0);
    announce(`You pay ${plain(this.#from.symbol, 16)}, you receive ${plain(this.#to.symbol, 16)}.`);
  }

  // ask loads quotes after a pause in milliseconds, in place of an earlier
  // question. A quiet question leaves the present quotes until it is answered.
  #ask(wait, quiet = false) {
    this.#abort?.abort();
    clearTimeout(this.#timer);
    if (!quiet) this.#answer = undefined;
    if (this.#amount === undefined || !this.#from || !this.#to) {
      this.#answer = undefined;
      this.#loading = false;
      this.#error = undefined;
      this.#show();
      return;
    }

    this.#loading = true;
    this.#abort = new AbortController();
    const { signal } = this.#abort;
    this.#timer = setTimeout(() => this.#load(signal, quiet), wait);
    this.#show();
  }

  async #load(signal, quiet) {
    try {
      const answer = await loadQuotes({
        from: this.#from.mint,
        to: this.#to.mint,
        amount: this.#amount,
        swapMode: this.#typed === 'pay' ? 'exactIn' : 'exactOut',
        slippageBps: this.#limit,
        owner: this.#store.connection?.address,
      }, signal);
      if (signal.aborted) return;

      this.#answer = answer;
      this.#answeredAt = Date.now();
      this.#error = undefined;
    } catch (error) {
      if (signal.aborted) return;
      this.#error = error;
      // Without an answer the last quotes stay, with their age; a refusal
      // takes them away.
      if (error.code !== 'OFFLINE' && error.code !== 'TOO_MANY_REQUESTS') this.#answer = undefined;
    }

    this.#loading = false;
    this.#show();
    if (!quiet) this.#tell();
  }

  // tick shows the age of the quotes, and refreshes them if somebody looks.
  #tick() {
    this.#showAge();
    const watched = document.visibilityState === 'visible' && !this.#review.isOpen;
    if (!watched || this.#loading || this.#amount === undefined) return;

    const since = Date.now() - Math.max(this.#answeredAt, this.#triedAt);
    if (since < refreshEvery) return;
    this.#triedAt = Date.now();
    this.#ask(0, this.#answer !== undefined);
  }

  #triedAt = 0;

  get #selected() {
    return choose(this.#rows, this.#chosen);
  }

  #select(key) {
    this.#chosen = key;
    this.#showAmounts();
    this.#showSummary();
    const row = this.#selected;
    if (row) announce(`${row.venue}: ${row.main}.`);
  }

  #tell() {
    if (this.#error) {
      announce(errorWords(this.#error).title + '.');
      return;
    }
    const open = this.#rows.filter((row) => row.closed === '');
    const best = open[0];
    announce(best
      ? `${count(open.length, 'route')}. ${best.venue} is best: you ${this.#typed === 'pay' ? 'receive' : 'pay'} ${best.main}.`
      : 'No route is open.');
  }

  #go() {
    const row = this.#selected;
    if (!row || !this.#answer) return;
    if (!this.#store.connection) {
      this.#wallets.open(() => byId('go').focus());
      return;
    }

    this.#review.open({
      answer: this.#answer,
      row,
      from: this.#from,
      to: this.#to,
      connection: this.#store.connection,
      tokens: this.#store.tokens,
      done: () => this.refresh(),
    });
  }

  #show() {
    this.#rows = this.#answer ? rowsOf(this.#answer, this.#store.tokens) : [];
    this.#showSide('pay', this.#from);
    this.#showSide('receive', this.#to);
    this.#showAmounts();
    this.#showRoutes();
    this.#showClosed();
    this.#showSummary();
    this.#showAge();
  }

  #showSide(side, token) {
    byId('turn').disabled = this.#to === stakeAccount;
    const button = this.#buttons[side];
    button.disabled = !token;
    if (!token) {
      button.replaceChildren('…');
      return;
    }
    button.replaceChildren(badge(token), el('span', { class: 'symbol' }, plain(token.symbol, 16)), icon(icons.down));
    button.setAttribute('aria-label', `${side === 'pay' ? 'Token to pay' : 'Token to receive'}: ${plain(token.symbol, 24)}`);

    const note = byId(`${side}-note`);
    if (note.classList.contains('bad')) return;
    const parts = [plain(token.name, 40)];
    if (isPositive(token.apy)) parts.push(`${yieldWords(token.apy)} APY`);
    note.textContent = parts.join(' · ');
  }

  // showAmounts writes the amount that was not typed.
  #showAmounts() {
    const other = this.#typed === 'pay' ? 'receive' : 'pay';
    const row = this.#selected;
    const input = this.#inputs[other];
    const note = byId(`${other}-note`);
    if (note.classList.contains('bad')) {
      note.classList.remove('bad');
      input.removeAttribute('aria-invalid');
    }

    if (!row) {
      input.value = '';
    } else if (other === 'receive') {
      input.value = shortAmount(row.quote.out, this.#to.decimals).replaceAll(',', '');
    } else {
      input.value = plainAmount(row.quote.in, this.#from.decimals);
    }
    this.#fit();
  }

  // fit makes an amount smaller until all of its digits are visible.
  #fit() {
    for (const input of Object.values(this.#inputs)) {
      input.classList.remove('long', 'longer', 'longest');
      for (const size of ['long', 'longer', 'longest']) {
        if (input.scrollWidth > input.clientWidth) input.classList.add(size);
      }
    }
  }

  #showSummary() {
    const row = this.#selected;
    const facts = [];
    if (row && this.#answer) {
      const { quote } = row;
      facts.push(['Price', priceWords(quote, this.#from, this.#to)]);
      if (this.#answer.swapMode === 'exactOut') facts.push(['At most you pay', amountWords(quote.maxIn, this.#from, true)]);
      else facts.push(['At least you receive', amountWords(quote.minOut, this.#to)]);
      if (row.fee) facts.push(['Fees of pools', row.fee]);
      if (row.paid) facts.push(['Other costs', row.paid]);
      if (row.deposit) facts.push(['Deposit, returned later', row.deposit]);
      if (row.loss) facts.push(['Against the fair price', row.loss.startsWith('\u2212') ? 'gains ' + row.loss.slice(1) : 'loses ' + row.loss]);
    }
    byId('summary').replaceChildren(...facts.map(([name, value]) => el('div', {}, el('dt', {}, name), el('dd', {}, value))));
    this.#showButton();
  }

  #showButton() {
    const button = byId('go');
    const problem = byId('trade-problem');
    const row = this.#selected;
    const old = this.#answer !== undefined && Date.now() - this.#answeredAt > tooOld;
    const words = this.#error ? errorWords(this.#error) : undefined;

    problem.hidden = !words && !old;
    if (old) {
      problem.replaceChildren(el('strong', {}, 'These quotes are too old'),
        'The server has not answered for a while. Quotes return when it does.');
    } else if (words) {
      problem.replaceChildren(el('strong', {}, words.title), this.#error.code === 'MARKET_TOO_OLD' ? '' : words.text, words.said ? el('span', { class: 'said' }, words.said) : '');
    }

    button.disabled = !row || old;
    if (this.#amount === undefined) button.textContent = 'Enter an amount';
    else if (old) button.textContent = 'Quotes are too old';
    else if (row) button.textContent = this.#store.connection ? 'Review the swap' : 'Connect wallet';
    else if (this.#loading) button.textContent = 'Looking for routes…';
    else button.textContent = words ? 'No quotes' : 'No route is open';
  }

  #showAge() {
    const quoted = byId('quoted');
    if (!this.#answer) {
      quoted.textContent = '';
      return;
    }
    const since = Date.now() - this.#answeredAt;
    const when = since < 1500 ? 'just now' : `${age(since)} ago`;
    quoted.textContent = `quoted ${when}, slot ${this.#answer.slot}`;
    byId('routes-section').classList.toggle('aged', since > 2 * refreshEvery);
    if (since > tooOld) this.#showButton();
  }

  #showRoutes() {
    const empty = byId('routes-empty');
    const section = byId('routes-section');
    const fieldset = byId('routes');
    section.setAttribute('aria-busy', String(this.#loading));
    fieldset.hidden = this.#rows.length === 0;
    empty.hidden = this.#rows.length > 0;
    if (this.#rows.length === 0) {
      empty.textContent = this.#emptyWords();
      byId('route-list').replaceChildren();
      return;
    }

    const list = byId('route-list');
    const focused = list.contains(document.activeElement) ? document.activeElement.value : undefined;
    const opened = new Set(Array.from(list.querySelectorAll('details[open]'), (details) => details.dataset.key));
    const selected = this.#selected;
    const fresh = list.childElementCount === 0 && this.#rows.length < 3 && roomy();
    list.replaceChildren(...this.#rows.map((row) => (
      this.#route(row, row === selected, fresh ? row === selected : opened.has(row.key)))));
    if (focused !== undefined) {
      (Array.from(list.querySelectorAll('input')).find((input) => input.value === focused) ?? list.querySelector('input:checked'))?.focus();
    }
  }

  #emptyWords() {
    if (this.#amount === undefined) return 'Enter an amount to see all routes side by side, with what they pay and cost.';
    if (this.#loading && !this.#error) return 'Looking for routes…';
    if (this.#error) return errorWords(this.#error).title + '.';
    return this.#answer?.rejections.length > 0
      ? 'No route serves this trade now. The reasons are below.' : 'No route serves this trade now.';
  }

  #route(row, selected, open) {
    const input = el('input', {
      type: 'radio', name: 'route', value: row.key, checked: selected, disabled: row.closed !== '',
    });
    const tags = [
      row.best ? el('span', { class: 'tag' }, 'Best') : '',
      row.gravity ? el('span', { class: row.gravity === 'grave' ? 'tag bad' : 'tag warn' }, `loses ${row.loss}`) : '',
    ];
    const costs = [row.fee ? `fee ${row.fee}` : 'no fee'];
    if (row.paid) costs.push(`costs ${row.paid}`);
    if (row.deposit) costs.push(`deposit ${row.deposit}`);

    return el('div', { class: row.closed ? 'route shut' : 'route' },
      el('label', {}, input,
        el('span', { class: 'name' }, row.venue, ' ', tags),
        el('span', { class: 'pays' }, row.main),
        el('span', { class: 'line' }, costs.join(', ')),
        row.behind ? el('span', { class: 'gap' }, row.behind) : ''),
      row.closed ? el('p', { class: 'shut-why' }, row.closed) : '',
      details(row, open, this.#to));
  }

  #showClosed() {
    const closed = byId('closed');
    const reasons = this.#answer ? reasonsOf(this.#answer, namesOf(this.#store.tokens)) : [];
    closed.hidden = reasons.length === 0;
    if (reasons.length === 0) return;

    if (this.#rows.length === 0) closed.open = true;
    byId('closed-title').textContent = `${count(this.#answer.rejections.length, 'closed route')}, and why`;
    byId('closed-list').replaceChildren(...reasons.map(({ reason, venues }) => el('li', {},
      el('strong', {}, venues.join(', ')), el('span', {}, reason))));
  }
}

// roomy reports whether the screen shows routes next to the form.
function roomy() {
  return window.matchMedia('(min-width: 861px)').matches;
}

// details lists what a route costs.
function details(row, open, to) {
  const facts = [
    ...row.fees.map((fee) => [fee.rate ? `${fee.name}, ${fee.rate}` : fee.name, fee.amount]),
    ...row.costs.map((cost) => [cost.recoverable ? `${cost.name}, returned later` : cost.name, cost.amount]),
  ];
  if (BigInt(row.quote.upfrontRent) > 0n) facts.push(['Needed for a moment, back at once', sol(row.quote.upfrontRent)]);
  facts.push(['At least you receive', `${formatAmount(row.quote.minOut, to.decimals)} ${plain(to.symbol, 16)}`]);

  return el('details', { open, 'data-key': row.key },
    el('summary', {}, 'Fees and conditions'),
    el('dl', { class: 'facts' }, facts.map(([name, value]) => el('div', {}, el('dt', {}, name), el('dd', {}, value)))),
    row.notes.length > 0 ? el('ul', { class: 'notes' }, row.notes.map((note) => el('li', {}, note))) : '');
}
