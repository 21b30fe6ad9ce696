import { encode } from './base58.mjs';
import { TOKEN_2022_PROGRAM, TOKEN_PROGRAM } from './ids.mjs';

/**
 * @typedef {import('./vm.mjs').Account} Account
 * @typedef {(address: string) => Account | null} GetAccount
 *
 * @typedef {object} TokenAccount
 * @property {string} mint
 * @property {string} owner
 * @property {bigint} amount
 * @property {string | null} delegate
 * @property {bigint} delegatedAmount
 * @property {number} state 1: initialized, 2: frozen
 * @property {bigint | null} rentExemptReserve of wrapped SOL
 * @property {string | null} closeAuthority
 *
 * @typedef {object} Mint
 * @property {bigint} supply
 * @property {number} decimals
 * @property {boolean} isInitialized
 * @property {string | null} mintAuthority
 * @property {string | null} freezeAuthority
 */

export const TOKEN_PROGRAMS = [TOKEN_PROGRAM, TOKEN_2022_PROGRAM];

const MINT_SIZE = 82;
const ACCOUNT_SIZE = 165;
/** With Token-2022 extensions both are padded to 165 bytes, and the next byte holds the account type. */
const EXTENDED_KIND = { mint: 1, account: 2 };

/**
 * @param {Account | null} account
 * @returns {TokenAccount | null} null when it is not an initialized token account
 */
export function parseTokenAccount(account) {
  if (!account || !isKind(account, 'account', ACCOUNT_SIZE)) return null;
  const data = Buffer.from(account.data);
  const state = data[108];
  if (state === 0) return null;
  return {
    mint: encode(data.subarray(0, 32)),
    owner: encode(data.subarray(32, 64)),
    amount: data.readBigUInt64LE(64),
    delegate: optionalAddress(data, 72),
    state,
    rentExemptReserve: data.readUInt32LE(109) === 1 ? data.readBigUInt64LE(113) : null,
    delegatedAmount: data.readBigUInt64LE(121),
    closeAuthority: optionalAddress(data, 129),
  };
}

/**
 * @param {Account | null} account
 * @returns {Mint | null} null when it is not an initialized mint
 */
export function parseMint(account) {
  if (!account || !isKind(account, 'mint', MINT_SIZE)) return null;
  const data = Buffer.from(account.data);
  if (data[45] !== 1) return null;
  return {
    mintAuthority: optionalAddress(data, 0),
    supply: data.readBigUInt64LE(36),
    decimals: data[44],
    isInitialized: true,
    freezeAuthority: optionalAddress(data, 46),
  };
}

/**
 * @param {bigint} amount
 * @param {number} decimals
 */
export function uiTokenAmount(amount, decimals) {
  const digits = amount.toString().padStart(decimals + 1, '0');
  const whole = digits.slice(0, digits.length - decimals);
  const fraction = digits.slice(digits.length - decimals).replace(/0+$/, '');
  const uiAmountString = fraction ? `${whole}.${fraction}` : whole;
  return { amount: amount.toString(), decimals, uiAmount: Number(uiAmountString), uiAmountString };
}

/**
 * The token balances among a transaction's accounts, as transaction metadata lists them.
 *
 * @param {{ address: string }[]} accounts
 * @param {GetAccount} getAccount
 */
export function tokenBalances(accounts, getAccount) {
  return accounts.flatMap(({ address }, accountIndex) => {
    const account = getAccount(address);
    const token = parseTokenAccount(account);
    const mint = token && parseMint(getAccount(token.mint));
    if (!mint) return [];
    const uiAmount = uiTokenAmount(token.amount, mint.decimals);
    return [{ accountIndex, mint: token.mint, owner: token.owner, programId: account.owner, uiTokenAmount: uiAmount }];
  });
}

/**
 * The "jsonParsed" form of a mint or token account.
 *
 * @param {Account} account
 * @param {GetAccount} getAccount
 * @returns {object | null} null for any other account
 */
export function parsedTokenData(account, getAccount) {
  const parsed = parsedMint(parseMint(account)) ?? parsedAccount(parseTokenAccount(account), getAccount);
  if (!parsed) return null;
  const program = account.owner === TOKEN_PROGRAM ? 'spl-token' : 'spl-token-2022';
  return { program, parsed, space: account.data.length };
}

function parsedMint(mint) {
  return mint && { type: 'mint', info: { ...mint, supply: mint.supply.toString() } };
}

function parsedAccount(token, getAccount) {
  const mint = token && parseMint(getAccount(token.mint));
  if (!mint) return null;
  const amount = (value) => uiTokenAmount(value, mint.decimals);
  const info = {
    mint: token.mint,
    owner: token.owner,
    tokenAmount: amount(token.amount),
    state: token.state === 2 ? 'frozen' : 'initialized',
    isNative: token.rentExemptReserve !== null,
    rentExemptReserve: token.rentExemptReserve === null ? undefined : amount(token.rentExemptReserve),
    delegate: token.delegate ?? undefined,
    delegatedAmount: token.delegate ? amount(token.delegatedAmount) : undefined,
    closeAuthority: token.closeAuthority ?? undefined,
  };
  return { type: 'account', info };
}

function isKind({ owner, data }, kind, size) {
  if (!TOKEN_PROGRAMS.includes(owner)) return false;
  if (data.length === size) return true;
  return owner === TOKEN_2022_PROGRAM && data.length > ACCOUNT_SIZE && data[ACCOUNT_SIZE] === EXTENDED_KIND[kind];
}

/** A COption<Pubkey>: a u32 that is 1 if the address after it is set. */
function optionalAddress(data, offset) {
  return data.readUInt32LE(offset) === 1 ? encode(data.subarray(offset + 4, offset + 36)) : null;
}
