// The page: what its views share, and which of them is shown.

import { loadMarket, loadTokens } from './api.mjs';
import { byId, el, icon, icons } from './dom.mjs';
import { Infinity } from './infinity.mjs';
import { Picker } from './picker.mjs';
import { Prices } from './prices.mjs';
import { Review } from './review.mjs';
import { Store } from './store.mjs';
import { Swap } from './swap.mjs';
import { age, errorWords } from './text.mjs';
import { Wallets } from './wallets.mjs';

const marketEvery = 5_000;
const tokensEvery = 60_000;
const views = ['swap', 'prices', 'infinity'];

const store = new Store();
const picker = new Picker();
const wallets = new Wallets(store);
const review = new Review();
const swap = new Swap(store, { picker, wallets, review });
const infinity = new Infinity(store);
const prices = new Prices(store, (token) => {
  swap.trade(store.find('SOL'), token);
  location.hash = '#swap';
});

for (const button of document.querySelectorAll('[data-close]')) {
  button.append(icon(icons.close));
  button.addEventListener('click', () => button.closest('dialog').close());
}
for (const dialog of document.querySelectorAll('dialog')) {
  // A click beside a dialog closes it as Escape does.
  dialog.addEventListener('click', (event) => {
    if (event.target === dialog && dialog.id !== 'review') dialog.close();
  });
}

let view = 'swap';

// route shows the view of the address. A person who followed a link hears its
// heading. Other addresses, such as that of the skip link, leave the view.
function route(moved) {
  const [name, query = ''] = location.hash.slice(1).split('?');
  if (moved && !views.includes(name) && name !== '') return;

  view = views.includes(name) ? name : 'swap';
  for (const each of views) byId(`view-${each}`).hidden = each !== view;
  for (const link of document.querySelectorAll('[data-view]')) {
    if (link.dataset.view === view) link.setAttribute('aria-current', 'page');
    else link.removeAttribute('aria-current');
  }
  document.title = `${byId(`${view}-heading`).textContent} · Sanctum routes`;
  if (moved) {
    byId(`${view}-heading`).focus();
    window.scrollTo(0, 0);
  }
  if (view === 'infinity') infinity.load();
  if (view === 'swap' && query && store.tokens.size > 0) swap.prefill(new URLSearchParams(query));
}

let failing = '';

// notice shows what keeps the page from trading, or nothing.
function notice(error) {
  const words = error ? errorWords(error) : undefined;
  const text = words ? words.title + words.said : '';
  if (text === failing) return;

  failing = text;
  const box = byId('notice');
  box.hidden = !words;
  box.classList.toggle('bad', Boolean(words));
  box.replaceChildren(...(words ? [el('strong', {}, words.title), words.text,
    words.said ? el('span', { class: 'said' }, words.said) : ''].filter(Boolean) : []));
}

function showMarket(error) {
  const box = byId('market');
  const { market } = store;
  if (error) {
    box.dataset.state = 'old';
    byId('market-text').textContent = errorWords(error).title;
    return;
  }
  box.dataset.state = 'fresh';
  const since = market.ageMilliseconds === null ? '' : `, ${age(market.ageMilliseconds)} old`;
  byId('market-text').textContent = `Market at slot ${market.slot}, epoch ${market.epoch}${since}`;
}

async function refreshMarket() {
  if (document.visibilityState !== 'visible') return;
  try {
    store.setMarket(await loadMarket());
    showMarket();
    notice();
  } catch (error) {
    showMarket(error);
    notice(error);
  }
}

let tokensAt = 0;

async function refreshTokens() {
  if (document.visibilityState !== 'visible' || Date.now() - tokensAt < tokensEvery) return;
  tokensAt = Date.now();
  try {
    const first = store.tokens.size === 0;
    store.setTokens((await loadTokens()).tokens);
    if (first) route(false);
  } catch {
    // The market's notice tells why; the next look tries again.
    tokensAt = Date.now() - tokensEvery + marketEvery;
  }
}

function look() {
  refreshMarket();
  refreshTokens();
}

window.addEventListener('hashchange', () => route(true));
document.addEventListener('visibilitychange', look);
setInterval(look, marketEvery);
route(false);
look();

export { prices };
