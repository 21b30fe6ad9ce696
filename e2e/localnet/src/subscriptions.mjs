import { checkEncoding, encodeAccount } from './encoding.mjs';
import { invalidParams } from './errors.mjs';
import { SYSTEM_PROGRAM } from './ids.mjs';
import { withContext } from './rpc/context.mjs';
import { accountFilter } from './rpc/filters.mjs';
import { address, signature } from './rpc/params.mjs';
import { transactionAccounts } from './transaction.mjs';

/**
 * @typedef {import('./ledger.mjs').Ledger} Ledger
 * @typedef {import('./ledger.mjs').Landed} Landed
 *
 * @typedef {object} Feed
 * @property {(result: unknown) => void} notify
 * @property {() => void} end closes the subscription
 *
 * @typedef {(feed: Feed) => () => void} Subscription starts it, and returns what stops it
 */

const ROOT_DISTANCE = 32;
const GONE = { lamports: 0n, data: new Uint8Array(), owner: SYSTEM_PROGRAM, executable: false, rentEpoch: 0n };

/**
 * The kinds of subscriptions: `slot` for `slotSubscribe`.
 *
 * @type {Record<string, (ledger: Ledger, params: any[]) => Subscription>}
 */
export const subscriptions = {
  slot:
    (ledger) =>
    ({ notify }) =>
      listen(ledger, 'slot', ({ slot, parent }) => notify({ slot, parent, root: Math.max(0, slot - ROOT_DISTANCE) })),

  account: (ledger, [key, config]) => {
    const wanted = address(key);
    checkEncoding(config);
    return ({ notify }) =>
      listen(ledger, 'accounts', (written) => {
        if (written.includes(wanted)) notify(withContext(ledger, read(ledger, wanted, config)));
      });
  },

  program: (ledger, [key, config]) => {
    const programId = address(key);
    const matches = accountFilter(config?.filters);
    checkEncoding(config);
    return ({ notify }) =>
      listen(ledger, 'accounts', (written) => {
        for (const pubkey of written) {
          const account = ledger.getAccount(pubkey);
          if (account?.owner !== programId || !matches(account)) continue;
          notify(withContext(ledger, { pubkey, account: read(ledger, pubkey, config) }));
        }
      });
  },

  logs: (ledger, [filter]) => {
    const matches = logFilter(filter);
    return ({ notify }) =>
      listen(ledger, 'transaction', (landed) => {
        if (!matches(landed)) return;
        const { err, logs } = landed.outcome;
        notify(withContext(ledger, { signature: landed.transaction.id, err, logs }));
      });
  },

  signature: (ledger, [id, config]) => {
    const wanted = signature(id);
    return ({ notify, end }) => {
      const check = () => {
        const landed = ledger.landed(wanted);
        if (!landed || !ledger.hasReached(landed, config?.commitment)) return;
        end();
        notify(withContext(ledger, { err: landed.outcome.err }));
      };
      const stopListening = [listen(ledger, 'transaction', check), listen(ledger, 'slot', check)];
      // After the client has the subscription's id: the transaction may have landed already.
      const firstCheck = setImmediate(check);
      return () => {
        clearImmediate(firstCheck);
        stopListening.forEach((stop) => stop());
      };
    };
  },
};

function listen(ledger, event, listener) {
  ledger.on(event, listener);
  return () => ledger.off(event, listener);
}

function read(ledger, key, config) {
  return encodeAccount(ledger.getAccount(key) ?? GONE, config, (other) => ledger.getAccount(other));
}

/** @returns {(landed: Landed) => boolean} */
function logFilter(filter) {
  if (filter === 'all' || filter === 'allWithVotes') return () => true;
  if (filter?.mentions?.length !== 1) throw invalidParams('Invalid Request: Only 1 address supported');
  const mentioned = address(filter.mentions[0]);
  return ({ transaction, loaded }) =>
    transactionAccounts(transaction.message, loaded).some((account) => account.address === mentioned);
}
