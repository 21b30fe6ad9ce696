import { parseAccountFields } from '../fixtures.mjs';
import { invalidParams } from '../errors.mjs';
import { address, integer, named } from './params.mjs';

/** @typedef {import('./index.mjs').Call} Call */

const CLOCK_FIELDS = ['slot', 'epoch', 'unixTimestamp', 'epochStartTimestamp', 'leaderScheduleEpoch'];

/**
 * Methods for tests. Their parameters are one object; they are not counted and have no faults.
 *
 * @type {Record<string, (params: any, call: Call) => unknown>}
 */
export const localnetMethods = {
  localnet_setFault: (params, { faults }) => {
    faults.set(named(params));
    return faults.list();
  },

  localnet_clearFaults: (_params, { faults }) => {
    faults.clear();
    return faults.list();
  },

  localnet_setAccount: (params, { ledger }) => {
    const { pubkey, account } = named(params);
    const key = address(pubkey);
    if (account === null) ledger.removeAccount(key);
    else setAccount(ledger, key, account);
    return null;
  },

  localnet_warpToSlot: (params, { ledger }) => {
    ledger.warpToSlot(integer(named(params).slot, 'slot'));
    return ledger.timeline.clock;
  },

  localnet_warpToEpoch: (params, { ledger }) => {
    ledger.warpToEpoch(integer(named(params).epoch, 'epoch'));
    return ledger.timeline.clock;
  },

  localnet_setClock: (params, { ledger }) => {
    const entries = Object.entries(named(params)).map(([name, value]) => {
      if (!CLOCK_FIELDS.includes(name)) throw invalidParams(`the clock has no field ${JSON.stringify(name)}`);
      return [name, integer(value, name)];
    });
    ledger.overrideClock(Object.fromEntries(entries));
    return ledger.timeline.clock;
  },

  localnet_expireBlockhash: (_params, { ledger }) => {
    ledger.expireBlockhashes();
    return ledger.timeline.latestBlockhash();
  },

  localnet_reset: (_params, { ledger, faults, stats }) => {
    ledger.reset();
    faults.clear();
    stats.reset();
    return ledger.timeline.clock;
  },

  localnet_stats: (params, { stats }) => {
    const counts = stats.toJSON();
    if (params?.reset ?? params?.[0]?.reset) stats.reset();
    return counts;
  },
};

function setAccount(ledger, key, fields) {
  try {
    ledger.setAccount(key, parseAccountFields(fields ?? {}, ledger.getAccount(key)));
  } catch (error) {
    throw invalidParams(`Invalid params: ${error.message}`);
  }
}
