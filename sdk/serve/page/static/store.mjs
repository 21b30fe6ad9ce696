// What the views share: the tokens, the market's age and the wallet.

import { plain } from './text.mjs';

// stakeAccount stands for a stake account as the result of a trade.
export const stakeAccount = Object.freeze({
  mint: 'stake',
  symbol: 'Stake account',
  name: 'Stake that you can withdraw after it has cooled down',
  decimals: 9,
  kind: 'stake',
});

// Tokens that come first in lists, as many people look for them.
const popular = ['SOL', 'INF', 'JitoSOL', 'mSOL', 'JupSOL', 'bSOL', 'bbSOL', 'hSOL'];

// ordered returns tokens with the popular ones first and those without a price
// last.
export function ordered(tokens) {
  const rank = (token) => {
    const known = popular.indexOf(token.symbol);
    if (token.unavailable) return popular.length + 2;
    if (token.kind === 'stake') return 1.5;
    return known >= 0 ? known : popular.length + 1;
  };
  return tokens.map((token, index) => ({ token, index }))
    .sort((a, b) => rank(a.token) - rank(b.token) || a.index - b.index)
    .map(({ token }) => token);
}

// namesOf returns the symbols of tokens by their mints, for texts.
export function namesOf(tokens) {
  return new Map(Array.from(tokens.values(), (token) => [token.mint, plain(token.symbol, 16)]));
}

export class Store extends EventTarget {
  tokens = new Map();
  connection = undefined;
  market = undefined;

  // setTokens replaces the tokens and tells the views.
  setTokens(list) {
    this.tokens = new Map(list.map((token) => [token.mint, token]));
    this.tokens.set(stakeAccount.mint, stakeAccount);
    this.dispatchEvent(new Event('tokens'));
  }

  setConnection(connection) {
    this.connection = connection;
    this.dispatchEvent(new Event('connection'));
  }

  setMarket(market) {
    this.market = market;
    this.dispatchEvent(new Event('market'));
  }

  on(name, listener) {
    this.addEventListener(name, listener);
  }

  // find returns the token of a mint or of a symbol that only one token has.
  find(text) {
    if (!text) return undefined;
    const known = this.tokens.get(text);
    if (known) return known;

    const named = Array.from(this.tokens.values())
      .filter((token) => token.symbol.toLowerCase() === text.toLowerCase());
    return named.length === 1 ? named[0] : undefined;
  }
}
