// A wallet of the Wallet Standard for tests. It lives in the browser and has its
// key in Node.

import { createPrivateKey, createPublicKey, generateKeyPairSync, sign } from 'node:crypto';

const alphabet = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz';

export function base58(bytes) {
  let number = BigInt('0x' + Buffer.from(bytes).toString('hex'));
  let text = '';
  for (; number > 0n; number /= 58n) text = alphabet[Number(number % 58n)] + text;
  for (const byte of bytes) {
    if (byte !== 0) break;
    text = '1' + text;
  }
  return text;
}

// Key signs transactions.
export class Key {
  // fromSeed makes a key of a seed of 32 bytes in hex; without one it is random.
  constructor(seed) {
    this.secret = seed
      ? createPrivateKey({
        key: Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), Buffer.from(seed, 'hex')]),
        format: 'der',
        type: 'pkcs8',
      })
      : generateKeyPairSync('ed25519').privateKey;
    this.bytes = createPublicKey(this.secret).export({ format: 'der', type: 'spki' }).subarray(12);
    this.address = base58(this.bytes);
  }

  // signTransaction puts the signature of the key into a transaction of version
  // 0 or legacy, and returns both.
  signTransaction(transaction) {
    const bytes = Buffer.from(transaction);
    const signatures = bytes[0];
    const message = bytes.subarray(1 + 64 * signatures);
    const header = message[0] & 0x80 ? 1 : 0;
    const keysAt = header + 4;
    let at = -1;
    for (let i = 0; i < signatures; i++) {
      if (message.subarray(keysAt + 32 * i, keysAt + 32 * i + 32).equals(this.bytes)) at = i;
    }
    if (at < 0) throw new Error('the transaction does not ask for this key');

    const signature = sign(null, message, this.secret);
    signature.copy(bytes, 1 + 64 * at);
    return { signed: bytes, signature };
  }
}

// installWallet gives each document of a browser context a wallet. answer is
// called in Node with the kind of a call and the bytes of a transaction, and
// returns bytes, or throws to decline.
export async function installWallet(context, key, answer, options = {}) {
  await context.exposeFunction('testWalletCall', async (kind, bytes) => {
    try {
      const result = await answer(kind, bytes ? Uint8Array.from(bytes) : undefined);
      return { result: result ? Array.from(result) : null };
    } catch (error) {
      return { error: String(error.message) };
    }
  });
  await context.addInitScript(registerWallet, {
    address: key.address,
    publicKey: Array.from(key.bytes),
    name: options.name ?? 'Test wallet',
    icon: options.icon ?? '',
    features: options.features ?? ['send', 'sign'],
    late: options.late ?? false,
  });
}

// registerWallet runs in the browser, before the page.
function registerWallet({ address, publicKey, name, icon, features, late }) {
  const ask = async (kind, bytes) => {
    const answer = await window.testWalletCall(kind, bytes ? Array.from(bytes) : null);
    if (answer.error) throw new Error(answer.error);
    return answer.result ? Uint8Array.from(answer.result) : undefined;
  };
  const listeners = new Set();
  const account = {
    address,
    publicKey: Uint8Array.from(publicKey),
    chains: ['solana:mainnet'],
    features: [],
  };
  const wallet = {
    version: '1.0.0',
    name,
    icon,
    chains: ['solana:mainnet'],
    accounts: [],
    features: {
      'standard:connect': {
        version: '1.0.0',
        connect: async (input) => {
          if (!input?.silent) await ask('connect');
          else if (!sessionStorage.getItem('test-wallet-allowed')) return { accounts: [] };
          sessionStorage.setItem('test-wallet-allowed', 'yes');
          wallet.accounts = [account];
          return { accounts: wallet.accounts };
        },
      },
      'standard:disconnect': {
        version: '1.0.0',
        disconnect: async () => {
          sessionStorage.removeItem('test-wallet-allowed');
          wallet.accounts = [];
        },
      },
      'standard:events': {
        version: '1.0.0',
        on: (event, listener) => {
          if (event === 'change') listeners.add(listener);
          return () => listeners.delete(listener);
        },
      },
    },
  };
  if (features.includes('send')) {
    wallet.features['solana:signAndSendTransaction'] = {
      version: '1.0.0',
      supportedTransactionVersions: ['legacy', 0],
      signAndSendTransaction: async (...inputs) => Promise.all(inputs.map(async ({ transaction }) => (
        { signature: await ask('send', transaction) }))),
    };
  }
  if (features.includes('sign')) {
    wallet.features['solana:signTransaction'] = {
      version: '1.0.0',
      supportedTransactionVersions: ['legacy', 0],
      signTransaction: async (...inputs) => Promise.all(inputs.map(async ({ transaction }) => (
        { signedTransaction: await ask('sign', transaction) }))),
    };
  }
  window.testWalletChange = (accounts) => {
    wallet.accounts = accounts ? [account] : [];
    for (const listener of listeners) listener({ accounts: wallet.accounts });
  };

  const callback = ({ register }) => register(wallet);
  const announce = () => window.dispatchEvent(new CustomEvent('wallet-standard:register-wallet', { detail: callback }));
  window.addEventListener('wallet-standard:app-ready', ({ detail }) => callback(detail));
  if (late) window.addEventListener('load', () => setTimeout(announce, 50));
  else announce();
}
