import { parseArgs } from 'node:util';
import { EpochSchedule } from './epochs.mjs';
import { SLOT_MS } from './timeline.mjs';

export const USAGE = `Usage: node server.mjs [options]

State
  --programs DIR[,DIR]     deploy every *.so in these directories with the upgradeable loader
  --map FILE[,FILE]        JSON {"name.so": "PROGRAM_ID" | {"id": "PROGRAM_ID", "deploySlot": N} | a list of these};
                           a file whose name is a program id needs no entry
  --accounts DIR[,DIR]     load every *.json in these directories ("solana account --output json" format)
  --rent LAMPORTS_PER_BYTE lamports per byte for rent exemption (default: that of LiteSVM, 6960)

Clock
  --slots-per-epoch N      length of an epoch in slots, without warm-up epochs (default 432000)
  --epoch N                start in the middle of this epoch (default 0)
  --slot N                 start at this slot (must lie in --epoch when both are given)
  --unix-time T            start at this unix time, in seconds (default: now)
  --slot-ms N              length of a slot in milliseconds (default 400); 0 stops the clock, and each transaction that
                           lands moves it by one slot of 400 ms

Behaviour
  --no-sigverify           accept transactions with missing or wrong signatures
  --finality instant|real  "instant" (default): a landed transaction is finalized at once; "real": processed in its
                           slot, confirmed one slot later, finalized 32 slots later

Server
  --host HOST              address to listen on (default 127.0.0.1)
  --port N                 HTTP port (default 8899; 0 picks a free one); WebSocket is on N+1, and on N as well
  --verbose                log every call
  --help                   show this text`;

/** A wrong command line; its message is for the user. */
export class UsageError extends Error {}

/**
 * @typedef {object} Options
 * @property {string[]} programDirs
 * @property {string[]} mapFiles
 * @property {string[]} accountDirs
 * @property {bigint | undefined} rent
 * @property {number} slotsPerEpoch
 * @property {number | undefined} epoch
 * @property {number | undefined} slot
 * @property {number | undefined} unixTime
 * @property {number} slotMs
 * @property {boolean} sigverify
 * @property {'instant' | 'real'} finality
 * @property {string} host
 * @property {number} port
 * @property {boolean} verbose
 */

/**
 * @param {string[]} argv the arguments after the script's name
 * @returns {Options | null} null when help was asked for
 * @throws {UsageError}
 */
export function parseOptions(argv) {
  const values = parseFlags(argv);
  if (values.help) return null;
  const options = {
    programDirs: list(values.programs),
    mapFiles: list(values.map),
    accountDirs: list(values.accounts),
    rent: values.rent === undefined ? undefined : BigInt(integer('rent', values.rent)),
    slotsPerEpoch: integer('slots-per-epoch', values['slots-per-epoch'], 1) ?? 432_000,
    epoch: integer('epoch', values.epoch),
    slot: integer('slot', values.slot),
    unixTime: integer('unix-time', values['unix-time']),
    slotMs: integer('slot-ms', values['slot-ms']) ?? SLOT_MS,
    sigverify: !values['no-sigverify'],
    finality: finality(values.finality),
    host: values.host,
    port: integer('port', values.port, 0, 65_534) ?? 8899,
    verbose: values.verbose,
  };
  checkStart(options);
  return options;
}

/** @returns {'instant' | 'real'} */
function finality(text) {
  if (text !== 'instant' && text !== 'real') throw new UsageError('--finality must be "instant" or "real"');
  return text;
}

function checkStart({ slot, epoch, slotsPerEpoch }) {
  if (slot === undefined || epoch === undefined) return;
  const actual = new EpochSchedule(slotsPerEpoch).epochOf(slot);
  if (actual !== epoch) throw new UsageError(`--slot ${slot} lies in epoch ${actual}, not in --epoch ${epoch}`);
}

function parseFlags(argv) {
  try {
    return parseArgs({
      args: argv,
      options: {
        programs: { type: 'string', multiple: true, default: [] },
        map: { type: 'string', multiple: true, default: [] },
        accounts: { type: 'string', multiple: true, default: [] },
        rent: { type: 'string' },
        'slots-per-epoch': { type: 'string' },
        epoch: { type: 'string' },
        slot: { type: 'string' },
        'unix-time': { type: 'string' },
        'slot-ms': { type: 'string' },
        'no-sigverify': { type: 'boolean', default: false },
        finality: { type: 'string', default: 'instant' },
        host: { type: 'string', default: '127.0.0.1' },
        port: { type: 'string' },
        verbose: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    }).values;
  } catch (error) {
    throw new UsageError(error.message);
  }
}

/** @param {string[]} values */
function list(values) {
  return values.flatMap((value) => value.split(',')).filter(Boolean);
}

function integer(name, text, min = 0, max = Number.MAX_SAFE_INTEGER) {
  if (text === undefined) return undefined;
  const value = /^\d+$/.test(text) ? Number(text) : NaN;
  if (!(value >= min && value <= max)) {
    throw new UsageError(`--${name} must be an integer from ${min} to ${max}, not ${JSON.stringify(text)}`);
  }
  return value;
}
