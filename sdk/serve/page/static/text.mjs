// Text from the server, from tokens and from wallets is made by strangers. It
// is shown, never interpreted.

import { formatAmount } from './amount.mjs';

// Control characters, and those that reverse or hide text.
// eslint-disable-next-line no-control-regex
const hidden = /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/g;

// visible returns text with spaces in place of hidden characters.
export function visible(text) {
  return String(text ?? '').replace(hidden, ' ');
}

// plain returns text without hidden characters, at most a number of characters
// long.
export function plain(text, longest = 400) {
  const characters = Array.from(visible(text).replace(/ {2,}/g, ' ').trim());
  return characters.length > longest ? characters.slice(0, longest - 1).join('') + '…' : characters.join('');
}

// sentence returns text that begins with a capital letter and ends with a full
// stop.
export function sentence(text) {
  const words = plain(text);
  if (words === '') return '';
  const capital = /^[a-z]+([ ,:;.]|$)/.test(words) ? words[0].toUpperCase() + words.slice(1) : words;
  return /[.!?…]$/.test(capital) ? capital : capital + '.';
}

// shortAddress returns the beginning and end of an address, "J1to…GCPn".
export function shortAddress(address) {
  const text = plain(address);
  return text.length > 12 ? text.slice(0, 4) + '…' + text.slice(-4) : text;
}

// named returns text with names in place of the addresses that have one, with
// short forms in place of the others, and with SOL in place of many lamports.
export function named(text, names = new Map()) {
  const short = plain(text, 2000)
    .replace(/\b[1-9A-HJ-NP-Za-km-z]{32,44}\b/g, (address) => names.get(address) ?? shortAddress(address));
  if (!/\d lamports\b/.test(short)) return short;

  return short.replace(/\b(\d{5,20}) (lamports|of them)\b/g, (_, lamports, unit) => (
    `${formatAmount(lamports, 9)} SOL${unit === 'lamports' ? '' : ' of that'}`));
}

// reasonWords explains why a venue has no quote. Advice to programmers, which
// names options of the library, is left out.
export function reasonWords(reason, names) {
  return sentence(named(reason, names).replace(/ ?\([^()]*[A-Z][a-z]+[A-Z][a-z][^()]*\)/g, ''));
}

// age writes milliseconds as "3 s", "5 min" or "2 h".
export function age(milliseconds) {
  const seconds = Math.max(0, Math.round(milliseconds / 1000));
  if (seconds < 120) return `${seconds}\u00a0s`;
  if (seconds < 7200) return `${Math.round(seconds / 60)}\u00a0min`;
  return `${Math.round(seconds / 3600)}\u00a0h`;
}

// count writes "1 route" or "3 routes".
export function count(number, noun) {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}

// errorWords explains an error of the server to the person at the page. The
// second part is the server's own line.
export function errorWords(error) {
  const said = sentence(error.message);
  switch (error.code) {
    case 'MARKET_TOO_OLD':
      return {
        title: 'The market is too old',
        text: 'The server has not heard from the network for too long, so it makes no quotes. ' +
          'Nothing can be traded until it has caught up; this page tries again by itself.',
        said: '',
      };
    case 'LIMIT_MISSED':
      return {
        title: 'The quote has changed beyond your limit',
        text: 'The market now pays less than the least you accepted. Nothing was signed. ' +
          'Look at the new quotes and choose again.',
        said,
      };
    case 'INSUFFICIENT_FUNDS':
      return {
        title: 'The wallet cannot pay this',
        text: 'It holds too little for the amount with fees and rent. Enter a smaller amount.',
        said,
      };
    case 'SIMULATION_FAILED':
      return {
        title: 'The transaction would fail',
        text: 'The server ran it without sending it, and it failed. Nothing was signed.',
        said,
      };
    case 'TRANSACTION_TOO_LARGE':
      return {
        title: 'This route does not fit into one transaction',
        text: 'Choose another route.',
        said,
      };
    case 'COULD_NOT_FIND_ANY_ROUTE':
    case 'CIRCULAR_ARBITRAGE_IS_DISABLED':
    case 'TOKEN_NOT_TRADABLE':
      return { title: 'No route is open', text: '', said };
    case 'TOO_MANY_REQUESTS':
      return { title: 'Too many requests', text: 'The server did nothing. Wait a moment before you ask again.', said };
    case 'NOT_CONFIGURED':
      return { title: 'This server does not offer that', text: '', said };
    case 'NODE_UNAVAILABLE':
    case 'TIMEOUT':
      return {
        title: 'The network does not answer',
        text: 'The server cannot reach a node in time. Try again in a moment.',
        said,
      };
    case 'OFFLINE':
      return {
        title: 'The server does not answer',
        text: 'Check your connection. The page tries again by itself.',
        said: '',
      };
  }
  return { title: 'That did not work', text: '', said };
}
