// Reads one task a line from standard input, carries it out with clients from
// the npm registry, and prints one line of JSON with the result:
//
//   {"task": "swap", "library": "web3.js" | "kit" | "instructions", ...}
//   {"task": "action", "url": ...}
//   {"task": "document"}
//
// The first line has the addresses of the server and of the node, and the
// secret key of the wallet.
import { createInterface } from 'node:readline';
import { Configuration, SwapApi } from '@jup-ag/api';
import * as web3 from '@solana/web3.js';
import * as kit from '@solana/kit';
import * as actions from '@solana/actions';
import { Validator } from '@seriousme/openapi-schema-validator';

const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const setup = JSON.parse((await lines.next()).value);
const wallet = web3.Keypair.fromSecretKey(Uint8Array.from(setup.secret));
const connection = new web3.Connection(setup.node, 'confirmed');
const rpc = kit.createSolanaRpc(setup.node);
const api = new SwapApi(new Configuration({ basePath: `${setup.server}/swap/v1` }));

async function confirmed(signature) {
  for (;;) {
    const { value } = await connection.getSignatureStatuses([signature]);
    const status = value[0];
    if (status && ['confirmed', 'finalized'].includes(status.confirmationStatus)) {
      return { signature, failure: status.err };
    }
    await new Promise((done) => setTimeout(done, 50));
  }
}

async function sendVersioned(transaction) {
  transaction.sign([wallet]);
  return confirmed(await connection.sendRawTransaction(transaction.serialize()));
}

async function sendWithKit(text) {
  const decoded = kit.getTransactionDecoder().decode(Buffer.from(text, 'base64'));
  const keys = await kit.createKeyPairFromBytes(wallet.secretKey);
  const signed = await kit.signTransaction([keys], decoded);
  const wire = kit.getBase64EncodedWireTransaction(signed);
  await rpc.sendTransaction(wire, { encoding: 'base64' }).send();
  return confirmed(kit.getSignatureFromTransaction(signed));
}

const toInstruction = (ix) => new web3.TransactionInstruction({
  programId: new web3.PublicKey(ix.programId),
  keys: ix.accounts.map((a) => ({ ...a, pubkey: new web3.PublicKey(a.pubkey) })),
  data: Buffer.from(ix.data, 'base64'),
});

// sendInstructions puts the instructions into a transaction of its own.
async function sendInstructions(swapRequest) {
  const answer = await api.swapInstructionsPost({ swapRequest });
  const instructions = [
    ...answer.computeBudgetInstructions, ...answer.setupInstructions, answer.swapInstruction,
    ...(answer.cleanupInstruction ? [answer.cleanupInstruction] : []),
  ].map(toInstruction);
  const tables = await Promise.all(answer.addressLookupTableAddresses.map(async (address) =>
    (await connection.getAddressLookupTable(new web3.PublicKey(address))).value));
  const { blockhash } = await connection.getLatestBlockhash();
  const message = new web3.TransactionMessage({
    payerKey: wallet.publicKey, recentBlockhash: blockhash, instructions,
  }).compileToV0Message(tables);
  return sendVersioned(new web3.VersionedTransaction(message));
}

async function swap({ library, quote: request, options }) {
  const quote = await api.quoteGet(request);
  const swapRequest = {
    userPublicKey: wallet.publicKey.toBase58(), quoteResponse: quote, ...options,
  };
  if (library === 'instructions') {
    return { quote, ...await sendInstructions(swapRequest) };
  }
  const { swapTransaction } = await api.swapPost({ swapRequest });
  if (library === 'kit') {
    return { quote, ...await sendWithKit(swapTransaction) };
  }
  const transaction = web3.VersionedTransaction.deserialize(
    Buffer.from(swapTransaction, 'base64'));
  return { quote, ...await sendVersioned(transaction) };
}

// action follows an action to its transaction and to the action after it.
async function action({ url }) {
  // The library takes https only, which the server of the test does not speak.
  const secure = encodeURIComponent(url.replace('http:', 'https:'));
  const { link } = actions.parseURL(`solana-action:${secure}`);
  link.protocol = 'http:';
  const shown = await (await fetch(link)).json();
  const button = shown.links.actions[0];
  // The library asks for the blockhash by a method that nodes no longer have.
  const node = { getRecentBlockhash: () => connection.getLatestBlockhash() };
  const fields = { account: wallet.publicKey.toBase58() };
  const fetched = await actions.fetchTransaction(node, button.href, fields).catch(
    async (error) => { // The library hides what the server says.
      const headers = { 'Content-Type': 'application/json' };
      const body = JSON.stringify(fields);
      const { message } = await (await fetch(button.href, { method: 'POST', headers, body })).json();
      throw new Error(`${error.message}: ${message}`);
    });
  fetched.transaction.sign(wallet);
  const sent = await confirmed(
    await connection.sendRawTransaction(fetched.transaction.serialize()));
  const next = await fetch(new URL(fetched.links.next.href, link), {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ account: wallet.publicKey.toBase58(), signature: sent.signature }),
  });
  return { shown, message: fetched.message, next: await next.json(), ...sent };
}

async function document() {
  const text = await (await fetch(`${setup.server}/openapi.json`)).json();
  return new Validator().validate(text);
}

const tasks = { swap, action, document };
for await (const line of lines) {
  const task = JSON.parse(line);
  let result;
  try {
    result = await tasks[task.task](task);
  } catch (error) {
    const body = await error.response?.json?.().catch(() => undefined);
    result = { error: `${error.name}: ${error.message}`, body };
  }
  process.stdout.write(`${JSON.stringify(result)}\n`);
}
