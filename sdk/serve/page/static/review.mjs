// The dialog from the built transaction to its outcome.

import { buildTransaction, loadOutcome, sendTransaction, verifyTransaction } from './api.mjs';
import { base58, base64, bytesOf } from './base.mjs';
import { announce, byId, el, icon, icons } from './dom.mjs';
import {
  amountWords, checkBuilt, costWords, exactWords, lossOf, lostCosts, mostRent, policyOf, sol, tradeOf,
} from './quotes.mjs';
import { namesOf } from './store.mjs';
import { errorWords, named, plain, sentence, shortAddress } from './text.mjs';
import { wasDeclined } from './wallet.mjs';

// A blockhash lives about a minute. A transaction older than this is built
// anew, so that it does not expire while a wallet shows it.
const freshFor = 40_000;
// After this time a transaction that has not landed most likely never will.
const patience = 120_000;
const between = 1_000;

export class Review {
  #dialog = byId('review');
  #body = byId('review-body');
  #trade = undefined;
  #built = undefined;
  #builtAt = 0;
  #abort = new AbortController();
  // A wallet holds the transaction: the dialog must not close.
  #held = false;

  constructor() {
    this.#dialog.addEventListener('cancel', (event) => {
      if (this.#held) event.preventDefault();
    });
    this.#dialog.addEventListener('close', () => {
      this.#abort.abort();
      this.#trade?.done();
      this.#trade = undefined;
    });
  }

  get isOpen() {
    return this.#dialog.open;
  }

  // open builds the transaction of a quote and shows it.
  open(trade) {
    this.#trade = trade;
    this.#dialog.showModal();
    this.#build('');
  }

  #heading(text) {
    const heading = byId('review-heading');
    heading.textContent = text;
    heading.focus();
  }

  #hold(held) {
    this.#held = held;
    this.#dialog.querySelector('[data-close]').disabled = held;
  }

  async #build(note) {
    const { answer, row, connection, from, to } = this.#trade;
    this.#abort = new AbortController();
    const { signal } = this.#abort;
    this.#hold(false);
    this.#heading('Review');
    this.#wait('Building the transaction…', '');
    try {
      const built = await buildTransaction(tradeOf(answer, row.quote, {
        owner: connection.address,
        version: connection.version,
        from: from.mint,
        to: to.mint,
      }), signal);
      if (signal.aborted) return;

      const wrong = checkBuilt(built, answer, row.quote, connection.address);
      if (wrong) {
        this.#stop('The transaction is not what you asked for', `${wrong} Nothing was signed.`, '');
        return;
      }

      this.#wait('Checking the transaction…', '');
      const verdict = await this.#verify(built, signal);
      if (signal.aborted) return;

      this.#built = built;
      this.#builtAt = Date.now();
      this.#ready(note, verdict);
    } catch (error) {
      if (signal.aborted) return;
      const words = errorWords(error);
      this.#stop(words.title, words.text, words.said, error.code === 'LIMIT_MISSED' ? 'warn' : 'bad');
    }
  }

  // verify has the server check the bytes of the transaction against what the
  // person accepts, with code that did not build them.
  async #verify(built, signal) {
    const { connection, from, to } = this.#trade;
    const policy = policyOf(built.quote, { owner: connection.address, from, to });
    if (!policy) return undefined;
    try {
      return await verifyTransaction(built.transaction, policy, signal);
    } catch (error) {
      return { allowed: false, reason: `the check did not work: ${plain(error.message)}` };
    }
  }

  // ready shows the transaction before it is signed.
  #ready(note, verdict) {
    const { answer, row, from, to, connection } = this.#trade;
    const { quote, explanation } = this.#built;
    const exactOut = answer.swapMode === 'exactOut';
    const facts = [
      ['Network fee', sol(explanation.networkFee) + (explanation.networkFeeKnown ? '' : ', estimated')],
      ...quote.costs.map(costWords).filter((cost) => !/network fee|transaction fee/i.test(cost.name))
        .map((cost) => [cost.recoverable ? `${cost.name}, returned later` : cost.name, cost.amount]),
      ...(explanation.instructions.some((each) => /^Create(Idempotent)?$/.test(each.name))
        ? [['Deposit', 'the rent of a token account, if you have none yet']] : []),
      ['Route', sentence(quote.venue).slice(0, -1)],
      ['Wallet', `${plain(connection.wallet.name, 24)}, ${shortAddress(connection.address)}`],
    ];

    const moved = quote.venue !== row.key || quote.out !== row.quote.out || quote.in !== row.quote.in;
    const notes = [note, moved ? `The market has moved: the quote was ${exactOut
      ? amountWords(row.quote.in, from, true) : amountWords(row.quote.out, to)} by ${row.venue}.` : ''];
    const names = namesOf(this.#trade.tokens);
    for (const each of explanation.instructions) names.set(each.program, plain(each.programName) || shortAddress(each.program));
    names.set(connection.address, 'your wallet');
    const steps = quote.remainingSteps.map(sentence);
    const unknown = explanation.instructions.filter((each) => !each.known);

    const accept = this.#acceptance(quote, unknown, verdict, names);
    const sign = el('button', { type: 'button', class: 'button main', disabled: accept.needed }, connection.canSend ? 'Sign and send' : 'Sign');
    accept.box?.addEventListener('change', () => { sign.disabled = !accept.box.checked; });
    sign.addEventListener('click', () => this.#sign());
    const cancel = el('button', { type: 'button', class: 'button' }, 'Cancel');
    cancel.addEventListener('click', () => this.#dialog.close());

    this.#body.replaceChildren(...[
      ...notes.filter(Boolean).map((text) => el('p', { class: 'notice' }, text)),
      el('div', { class: 'deal' },
        el('span', { class: 'what' }, exactOut ? 'You pay at most' : 'You pay'),
        el('span', { class: 'much' }, exactWords(exactOut ? quote.maxIn : quote.in, from)),
        el('span', { class: 'what' }, exactOut ? 'You receive' : 'You receive at least'),
        el('span', { class: 'much' }, exactWords(exactOut ? quote.out : quote.minOut, to)),
        el('span', { class: 'what' }, exactOut
          ? `The quote is ${amountWords(quote.in, from, true)}.` : `The quote is ${amountWords(quote.out, to)}.`)),
      el('dl', { class: 'facts' }, facts.map(([name, value]) => el('div', {}, el('dt', {}, name), el('dd', {}, value)))),
      verdict?.allowed ? el('p', { class: 'checked' }, icon(icons.done), el('span', {},
        `Checked: it takes at most ${exactWords(quote.maxIn, from)}, pays you at least ${exactWords(quote.minOut, to)}, and takes nothing else ` +
        `but the network fee${lostCosts(quote).length > 0 ? ', the costs above' : ''} and at most ${sol(mostRent)} of rent.`)) : '',
      el('h3', {}, 'What the transaction does'),
      el('ol', { class: 'does' }, explanation.instructions.map((each) => instruction(each, names))),
      steps.length > 0 ? el('h3', {}, 'What remains to be done') : '',
      steps.length > 0 ? el('ul', { class: 'notes' }, steps.map((step) => el('li', {}, step))) : '',
      accept.element,
      el('div', { class: 'buttons' }, cancel, sign),
    ].filter(Boolean));
    this.#heading('Review');
    announce('The transaction is ready. Read it before you sign.');
  }

  // acceptance asks for a tick where a trade loses much, where an instruction is
  // not understood, or where the check refuses the transaction.
  #acceptance(quote, unknown, verdict, names) {
    const reasons = [];
    if (verdict && !verdict.allowed) reasons.push(`The check of the transaction failed: ${sentence(named(verdict.reason, names))}`);
    if (lossOf(quote) === 'grave') reasons.push(`The trade loses ${this.#trade.row.loss || 'much'} of its value against the fair price.`);
    if (unknown.length > 0) reasons.push('The server does not understand every instruction.');
    if (reasons.length === 0) return { needed: false, element: '', box: undefined };

    const box = el('input', { type: 'checkbox' });
    return {
      needed: true,
      box,
      element: el('label', { class: 'accept' }, box, el('span', {}, `${reasons.join(' ')} I accept this.`)),
    };
  }

  async #sign() {
    if (Date.now() - this.#builtAt > freshFor) {
      this.#build('The transaction had waited too long, so the server built it anew. Read it again.');
      return;
    }

    const { connection } = this.#trade;
    const name = plain(connection.wallet.name, 40);
    const transaction = bytesOf(this.#built.transaction);
    this.#hold(true);
    this.#heading('Sign');
    this.#wait(`Agree in ${name}`, 'The wallet shows the same transaction. Nothing moves before you agree.');
    try {
      if (connection.canSend) {
        const signature = await connection.send(transaction);
        this.#hold(false);
        await this.#follow(signature);
        return;
      }

      await this.#send(await connection.sign(transaction));
    } catch (error) {
      this.#hold(false);
      if (wasDeclined(error)) {
        this.#stop('You declined', 'Nothing was signed and nothing was sent.', '', 'warn');
        return;
      }
      const words = error.code && typeof error.code === 'string' ? errorWords(error) : {
        title: 'The wallet did not do it',
        text: 'If it has sent the transaction nevertheless, the wallet shows it. Look there before you try again.',
        said: sentence(error?.message ?? error),
      };
      this.#stop(words.title, words.text, words.said);
    }
  }

  // send has the server send a signed transaction. An error that does not exclude
  // that the server sent it is followed like a success.
  async #send(signed) {
    this.#wait('Sending…', 'The server sends the transaction that you signed.');
    let outcome;
    try {
      outcome = await sendTransaction(base64(signed), this.#built.lastValidBlockHeight, this.#abort.signal);
    } catch (error) {
      // A proxy may say 408 although the server has the transaction.
      if (error.status >= 400 && error.status < 500 && error.status !== 408 || error.code === 'NOT_CONFIGURED') throw error;
      // The first signature, after their number, names the transaction.
      outcome = { status: 'pending', signature: base58(signed.slice(1, 65)) };
    }

    this.#hold(false);
    if (outcome.status === 'pending') await this.#follow(outcome.signature);
    else this.#finish(outcome);
  }

  // follow waits until the transaction has landed.
  async #follow(signature) {
    const { signal } = this.#abort;
    const since = Date.now();
    this.#heading('Sent');
    this.#wait('Waiting for the network…', 'The transaction was sent. You may close this; the wallet shows the outcome too.', signature);

    while (!signal.aborted && Date.now() - since < patience) {
      try {
        const outcome = await loadOutcome(signature, this.#trade.connection.address, signal);
        if (signal.aborted) return;
        if (outcome.status !== 'pending') {
          this.#finish(outcome);
          return;
        }
      } catch (error) {
        if (signal.aborted) return;
        if (error.code === 'NOT_FOUND' || error.code === 'NOT_CONFIGURED' || error.code === 'METHOD_NOT_ALLOWED') {
          this.#end('warn', 'Sent', 'This server does not follow transactions. Your wallet shows the outcome.', signature);
          return;
        }
      }
      await new Promise((resolve) => { setTimeout(resolve, between); });
    }

    if (signal.aborted) return;
    this.#end('warn', 'Not landed yet', 'A transaction lives about a minute, so this one most likely never lands, and then ' +
      'nothing has moved. A wallet may have renewed it: look there before you try again.', signature);
  }

  #finish(outcome) {
    const { to, from } = this.#trade;
    if (outcome.status === 'expired') {
      this.#end('warn', 'Expired', 'The network did not take the transaction in time. Nothing has moved; you can try again.', outcome.signature);
      return;
    }
    if (outcome.status === 'notSent') {
      this.#end('bad', 'It was not sent', `${sentence(outcome.reason)} Nothing has moved; you can try again.`, outcome.signature);
      return;
    }
    if (outcome.status === 'failed') {
      this.#end('bad', 'It failed', `${sentence(outcome.reason)} Only the network fee was paid.`, outcome.signature);
      return;
    }

    const { wallet } = outcome;
    const got = wallet ? receivedOf(wallet, to) : 0n;
    if (got === 0n) {
      this.#end('good', 'Done', 'The transaction has landed.', outcome.signature);
      return;
    }
    const paid = paidOf(wallet, from);
    this.#end('good', `You received ${exactWords(got, to)}`,
      `${paid > 0n ? `You paid ${exactWords(paid, from)}, and ` : 'You paid '}${sol(wallet.networkFee)} to the network.`, outcome.signature);
  }

  #wait(title, text, signature = '') {
    this.#body.replaceChildren(el('div', { class: 'state' },
      el('span', { class: 'spinner', 'aria-hidden': 'true' }),
      el('p', { class: 'big' }, title),
      text ? el('p', { class: 'muted' }, text) : '',
      signature ? signatureLine(signature) : ''));
    announce(`${title} ${text}`);
  }

  #stop(title, text, said, kind = 'bad') {
    this.#show('Not done', kind, title, [text, said ? el('span', { class: 'said' }, said) : ''], '', 'Back to the quotes');
  }

  #end(kind, title, text, signature) {
    this.#show({ good: 'Done', warn: 'Sent', bad: 'Not done' }[kind], kind, title, [text], signature, 'Close');
  }

  #show(heading, kind, title, text, signature, label) {
    const back = el('button', { type: 'button', class: 'button main' }, label);
    back.addEventListener('click', () => this.#dialog.close());
    const mark = { good: icons.done, warn: icons.warn, bad: icons.cross }[kind];
    this.#body.replaceChildren(el('div', { class: 'state' },
      el('span', { class: `mark ${kind}` }, icon(mark)),
      el('p', { class: 'big' }, title),
      el('p', { class: 'muted' }, text),
      signature ? signatureLine(signature) : ''),
    el('div', { class: 'buttons' }, back));
    this.#heading(heading);
    announce(`${title}. ${text.filter((part) => typeof part === 'string').join(' ')}`);
  }
}

// instruction shows what one instruction does. All accounts are there in full
// for those who look.
function instruction(each, names) {
  const parts = [
    ['Program', each.program],
    ...each.accounts.map((account) => [account.role, account.address]),
    ...each.amounts.map((amount) => [amount.name, `${amount.value} ${amount.unit}`]),
    ...each.values.map((value) => [value.name, value.text]),
  ];

  return el('li', {}, el('span', { class: 'words' },
    sentence(named(each.summary || each.name, names)),
    each.known ? '' : [' ', el('span', { class: 'tag bad' }, 'not understood')],
    el('details', { class: 'parts' },
      el('summary', {}, plain(each.programName) || shortAddress(each.program)),
      el('dl', { class: 'facts' }, parts.map(([name, value]) => el('div', {}, el('dt', {}, plain(name)), el('dd', {}, plain(value))))))));
}

// receivedOf returns what a wallet gained of a token.
function receivedOf(wallet, token) {
  if (token.kind === 'sol') return BigInt(wallet.receivedLamports);
  return BigInt(wallet.tokens.find((each) => each.mint === token.mint)?.received ?? 0);
}

function paidOf(wallet, token) {
  if (token.kind === 'sol') return BigInt(wallet.paidLamports);
  return BigInt(wallet.tokens.find((each) => each.mint === token.mint)?.paid ?? 0);
}

function signatureLine(signature) {
  return el('p', { class: 'said' }, 'Signature ', el('span', { class: 'address' }, signature));
}
