// The dialog of wallets, and the button that opens it.

import { announce, badge, byId, el } from './dom.mjs';
import { plain, sentence, shortAddress } from './text.mjs';
import { Connection, findWallets, iconOf, wasDeclined } from './wallet.mjs';

const remembered = 'sanctum.wallet';

// The browser may forbid storage; the page then forgets the wallet.
function remember(name) {
  try {
    if (name) localStorage.setItem(remembered, name);
    else localStorage.removeItem(remembered);
  } catch {
    return;
  }
}

function recall() {
  try {
    return localStorage.getItem(remembered);
  } catch {
    return null;
  }
}

export class Wallets {
  #store;
  #dialog = byId('wallets');
  #body = byId('wallets-body');
  #button = byId('wallet');
  #wallets = [];
  #stop = () => {};
  #then = undefined;
  #problem = '';
  #busy = '';

  constructor(store) {
    this.#store = store;
    this.#button.addEventListener('click', () => this.open());
    this.#dialog.addEventListener('close', () => { this.#then = undefined; });
    findWallets(window, (wallets) => this.#found(wallets));
  }

  // open shows the dialog, and calls then once a wallet is connected.
  open(then) {
    this.#then = then;
    this.#problem = '';
    this.#show();
    this.#dialog.showModal();
  }

  async #found(wallets) {
    this.#wallets = wallets;
    if (this.#dialog.open) this.#show();
    if (this.#store.connection && !wallets.includes(this.#store.connection.wallet)) this.#use(undefined);

    const known = wallets.find((wallet) => wallet.name === recall());
    if (!known || this.#store.connection) return;
    const connection = await Connection.connect(known, { silent: true }).catch(() => undefined);
    if (connection && !this.#store.connection) this.#use(connection);
  }

  async #connect(wallet) {
    const name = plain(wallet.name, 40);
    this.#busy = name;
    this.#problem = '';
    this.#show();
    announce(`${name} asks you to connect.`);
    try {
      const connection = await Connection.connect(wallet);
      this.#busy = '';
      const then = this.#then;
      this.#use(connection);
      remember(wallet.name);
      this.#dialog.close();
      announce(`Connected to ${name}.`);
      then?.();
    } catch (error) {
      this.#busy = '';
      this.#problem = wasDeclined(error) ? `You declined in ${name}.` : sentence(`${name}: ${plain(error?.message ?? error, 200)}`);
      this.#show();
    }
  }

  #use(connection) {
    this.#stop();
    this.#stop = connection?.onChange((next) => this.#use(next)) ?? (() => {});
    this.#store.setConnection(connection);
    this.#button.replaceChildren(...(connection
      ? [picture(connection.wallet, 20), el('span', {}, shortAddress(connection.address))]
      : [el('span', {}, 'Connect', el('span', { class: 'hidden-narrow' }, ' wallet'))]));
    if (connection) this.#button.setAttribute('aria-label', `Wallet ${plain(connection.wallet.name, 40)}, ${shortAddress(connection.address)}`);
    else this.#button.removeAttribute('aria-label');
    if (this.#dialog.open) this.#show();
  }

  async #disconnect() {
    const { connection } = this.#store;
    remember(undefined);
    this.#use(undefined);
    this.#dialog.close();
    announce('Disconnected.');
    await connection?.disconnect().catch(() => undefined);
  }

  #show() {
    const { connection } = this.#store;
    byId('wallets-heading').textContent = connection ? 'Your wallet' : 'Connect a wallet';
    this.#body.replaceChildren(...(connection ? this.#connected(connection) : this.#choices()));
  }

  #connected(connection) {
    const copy = el('button', { type: 'button', class: 'button quiet' }, 'Copy the address');
    copy.addEventListener('click', async () => {
      await navigator.clipboard.writeText(connection.address).then(
        () => { copy.textContent = 'Copied'; announce('Copied.'); },
        () => { copy.textContent = 'Select it to copy'; },
      );
    });
    const leave = el('button', { type: 'button', class: 'button' }, 'Disconnect');
    leave.addEventListener('click', () => this.#disconnect());

    return [
      el('p', { class: 'muted' }, plain(connection.wallet.name, 40)),
      el('p', { class: 'address' }, connection.address),
      el('div', { class: 'buttons' }, copy, leave),
    ];
  }

  #choices() {
    const problem = this.#problem ? el('p', { class: 'problem', role: 'alert' }, this.#problem) : '';
    if (this.#wallets.length === 0) {
      return [el('p', { class: 'muted' },
        'This browser has no wallet for Solana that the page can find. Install one, or open the page in the ' +
        'browser of your wallet. Quotes, prices and yields need no wallet.')];
    }

    const list = el('ul', { class: 'wallet-list' }, this.#wallets.map((wallet) => {
      const name = plain(wallet.name, 40);
      const button = el('button', { type: 'button', class: 'wallet-choice', disabled: this.#busy !== '' },
        picture(wallet, 32), el('span', {}, this.#busy === name ? `${name}: agree in the wallet…` : name));
      button.addEventListener('click', () => this.#connect(wallet));
      return el('li', {}, button);
    }));

    return [el('p', { class: 'muted' }, 'The page sees the address of the account, and asks for each signature.'), list, problem]
      .filter(Boolean);
  }
}

// picture returns the icon of a wallet, or a sign with its letters.
function picture(wallet, size) {
  const source = iconOf(wallet);
  if (source === '') return badge({ symbol: wallet.name, mint: wallet.name });

  const image = el('img', { width: size, height: size });
  image.alt = '';
  image.src = source;
  return image;
}
