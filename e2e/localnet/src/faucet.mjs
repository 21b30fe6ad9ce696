import { generateKeyPairSync, sign } from 'node:crypto';
import { encode } from './base58.mjs';
import { SYSTEM_PROGRAM } from './ids.mjs';
import { encodeMessage, singleSignerTransaction } from './transaction.mjs';

const SYSTEM_TRANSFER = 2;

/** The account that pays airdrops. Airdrops are signed transfers and appear like any transaction. */
export class Faucet {
  static BALANCE = 500_000_000n * 1_000_000_000n;

  #privateKey;

  constructor() {
    const { publicKey, privateKey } = generateKeyPairSync('ed25519');
    this.#privateKey = privateKey;
    this.address = encode(Buffer.from(publicKey.export({ format: 'jwk' }).x, 'base64url'));
  }

  /**
   * @param {string} recipient
   * @param {bigint} lamports
   * @param {string} blockhash
   */
  transfer(recipient, lamports, blockhash) {
    const data = Buffer.alloc(12);
    data.writeUInt32LE(SYSTEM_TRANSFER);
    data.writeBigUInt64LE(lamports, 4);
    const message = encodeMessage({
      payer: this.address,
      writable: [recipient],
      program: SYSTEM_PROGRAM,
      data,
      blockhash,
    });
    return singleSignerTransaction(sign(null, message, this.#privateKey), message);
  }
}
