// Wallets of the Wallet Standard: a wallet in the browser and this page find
// each other by two window events, whichever of them loads first.

import { base58, isAddress } from './base.mjs';

const connectFeature = 'standard:connect';
const disconnectFeature = 'standard:disconnect';
const eventsFeature = 'standard:events';
const signFeature = 'solana:signTransaction';
const sendFeature = 'solana:signAndSendTransaction';

// isUsable reports whether a wallet can connect and sign transactions on Solana.
export function isUsable(wallet) {
  const features = wallet?.features;
  return typeof wallet?.name === 'string' && Array.isArray(wallet.chains) &&
    wallet.chains.some((chain) => String(chain).startsWith('solana:')) &&
    typeof features?.[connectFeature]?.connect === 'function' &&
    (typeof features[signFeature]?.signTransaction === 'function' ||
      typeof features[sendFeature]?.signAndSendTransaction === 'function');
}

// findWallets calls back with the list of usable wallets, now and whenever it
// changes.
export function findWallets(target, changed) {
  let wallets = [];

  const register = (...registered) => {
    const added = registered.filter((wallet) => isUsable(wallet) && !wallets.includes(wallet));
    wallets = [...wallets, ...added];
    if (added.length > 0) changed(wallets);

    return () => {
      wallets = wallets.filter((wallet) => !added.includes(wallet));
      changed(wallets);
    };
  };

  const api = Object.freeze({ register });
  target.addEventListener('wallet-standard:register-wallet', (event) => {
    if (typeof event.detail === 'function') event.detail(api);
  });
  target.dispatchEvent(new CustomEvent('wallet-standard:app-ready', { detail: api }));
  changed(wallets);
}

// iconOf returns the picture of a wallet if it is the data that the standard
// allows, else "".
export function iconOf(wallet) {
  const icon = String(wallet.icon ?? '');
  return /^data:image\/(svg\+xml|webp|png|gif);base64,[A-Za-z0-9+/=]+$/.test(icon) ? icon : '';
}

// chainOf returns the chain of an account: mainnet if it may trade there.
export function chainOf(account) {
  const chains = Array.from(account.chains ?? [], String).filter((chain) => chain.startsWith('solana:'));
  return chains.includes('solana:mainnet') ? 'solana:mainnet' : chains[0];
}

// Connection is a wallet with the account that trades.
export class Connection {
  constructor(wallet, account) {
    this.wallet = wallet;
    this.account = account;
  }

  // connect asks the wallet for an account. A silent request never opens a
  // window; it returns undefined if the person has to agree first.
  static async connect(wallet, { silent = false } = {}) {
    const input = silent ? { silent: true } : undefined;
    const answer = await wallet.features[connectFeature].connect(input);
    const account = Connection.accountOf(answer?.accounts ?? wallet.accounts);
    if (account) return new Connection(wallet, account);
    if (silent) return undefined;

    throw new Error('the wallet has no account for Solana that this page may use');
  }

  static accountOf(accounts) {
    return Array.from(accounts ?? []).find((a) => isAddress(a?.address) && chainOf(a));
  }

  get address() {
    return this.account.address;
  }

  // onChange calls back when the wallet changes its accounts: with a new
  // connection, or with undefined if it left. It returns a function that stops.
  onChange(changed) {
    const events = this.wallet.features[eventsFeature];
    if (typeof events?.on !== 'function') return () => {};

    return events.on('change', (properties) => {
      if (!properties?.accounts) return;
      const account = Connection.accountOf(properties.accounts);
      if (account?.address === this.address) {
        this.account = account;
        return;
      }
      changed(account ? new Connection(this.wallet, account) : undefined);
    });
  }

  async disconnect() {
    await this.wallet.features[disconnectFeature]?.disconnect?.();
  }

  get #signer() {
    return this.#allows(signFeature) ? this.wallet.features[signFeature] : undefined;
  }

  get #sender() {
    return this.#allows(sendFeature) ? this.wallet.features[sendFeature] : undefined;
  }

  #allows(feature) {
    const allowed = this.account.features;
    return this.wallet.features[feature] !== undefined &&
      (!Array.isArray(allowed) || allowed.length === 0 || allowed.includes(feature));
  }

  // canSend reports whether the wallet sends what it signs.
  get canSend() {
    return this.#sender !== undefined;
  }

  // canSign reports whether the wallet returns what it signs.
  get canSign() {
    return this.#signer !== undefined;
  }

  // version returns the newest format of transactions that the wallet and the
  // server know.
  get version() {
    const versions = (this.#sender ?? this.#signer)?.supportedTransactionVersions ?? [];
    return versions.includes(0) ? '0' : 'legacy';
  }

  // send has the wallet sign and send a transaction, and returns the signature
  // in base58.
  async send(transaction) {
    const [output] = await this.#sender.signAndSendTransaction({
      account: this.account,
      chain: chainOf(this.account),
      transaction,
    });
    if (output?.signature?.length !== 64) throw new Error('the wallet returned no signature');

    return base58(output.signature);
  }

  // sign has the wallet sign a transaction, and returns its bytes.
  async sign(transaction) {
    const [output] = await this.#signer.signTransaction({
      account: this.account,
      chain: chainOf(this.account),
      transaction,
    });
    if (!output?.signedTransaction?.length) throw new Error('the wallet returned no transaction');

    return output.signedTransaction;
  }
}

// wasDeclined reports whether an error of a wallet means that the person
// declined, so that nothing was signed. An error that could mean anything else,
// such as "transaction rejected" by a node, does not.
export function wasDeclined(error) {
  const said = String(error?.message ?? '');
  return error?.code === 4001 || /user.{0,12}(reject|declin|denied|cancel)/i.test(said) ||
    /(rejected|declined|denied|cancell?ed) (by|the) (the )?(user|request)/i.test(said);
}
