// A browser with the page in it, watched for everything that must not happen.

import assert from 'node:assert/strict';

import { chromium } from 'playwright-core';

import { installWallet, Key } from './wallet.mjs';

export const address = process.env.PAGE_URL;
const executablePath = process.env.PAGE_CHROMIUM;

const flags = [
  '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
  '--disable-component-update', '--disable-sync', '--disable-dev-shm-usage',
];

export const wide = { viewport: { width: 1280, height: 900 } };
export const narrow = { viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true, deviceScaleFactor: 2 };

export function launch() {
  return chromium.launch({ executablePath, headless: true, args: flags });
}

// post posts JSON to the server or to a node.
export async function post(url, body) {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
  });
  return response.json();
}

// send sends a signed transaction as a wallet does: to a node if there is one,
// else through the server.
export async function send(signed) {
  const transaction = Buffer.from(signed).toString('base64');
  if (!process.env.PAGE_RPC) {
    const outcome = await post(new URL('v1/send', address), { transaction, lastValidBlockHeight: 1_000_000_000 });
    assert.equal(outcome.status, 'landed', JSON.stringify(outcome));
    return;
  }
  const answer = await post(process.env.PAGE_RPC, {
    jsonrpc: '2.0', id: 1, method: 'sendTransaction', params: [transaction, { encoding: 'base64' }],
  });
  assert.ok(answer.result, JSON.stringify(answer));
}

// Tab is a page with its wallet. It collects errors, refused loads, requests to
// other origins and what the wallet was asked for.
export class Tab {
  problems = [];
  asked = [];
  signature = undefined;

  // open opens the page. features are those of the wallet: "send" and "sign".
  // answer replaces what the wallet does with a transaction.
  static async open(browser, { options = wide, features, answer, hash = '', wallet = {}, prepare, colorScheme = 'light' } = {}) {
    const tab = new Tab();
    tab.key = new Key(process.env.PAGE_KEY);
    tab.context = await browser.newContext({ ...options, colorScheme, reducedMotion: 'reduce' });
    await installWallet(tab.context, tab.key, async (kind, bytes) => {
      tab.asked.push(kind);
      if (kind === 'connect') return undefined;
      if (answer) return answer(kind, bytes, tab);

      const { signed, signature } = tab.key.signTransaction(bytes);
      tab.signature = signature;
      if (kind === 'sign') return signed;
      await send(signed);
      return signature;
    }, { features, ...wallet });

    await tab.context.addInitScript(() => {
      window.violations = [];
      document.addEventListener('securitypolicyviolation', (event) => {
        window.violations.push(`${event.violatedDirective} ${event.blockedURI}`);
      });
    });
    tab.page = await tab.context.newPage();
    // A busy machine is slow, and nothing here is measured in time.
    tab.page.setDefaultTimeout(180_000);
    tab.page.on('pageerror', (error) => tab.problems.push(`error: ${error.message}`));
    tab.page.on('dialog', (dialog) => {
      tab.problems.push(`dialog: ${dialog.message()}`);
      dialog.dismiss();
    });
    tab.page.on('request', (request) => {
      const url = request.url();
      if (!url.startsWith(address) && !url.startsWith('data:image/')) tab.problems.push(`request to ${url}`);
    });
    if (prepare) await prepare(tab.page, tab);
    await tab.page.goto(address + hash);
    return tab;
  }

  // close requires that nothing forbidden happened.
  async close() {
    const violations = await this.page.evaluate(() => window.violations);
    await this.context.close();
    assert.deepEqual([...this.problems, ...violations], []);
  }

  // ready waits until the tokens are there.
  async ready() {
    await this.page.waitForFunction(() => document.querySelector('#pay-token .symbol'));
  }

  text(selector) {
    return this.page.locator(selector).innerText();
  }

  // quoted waits for quotes and returns the amount that the best route pays.
  async quoted() {
    await this.page.waitForSelector('.route input:checked');
    return this.text('.route:has(input:checked) .pays');
  }

  async chooseToken(side, symbol) {
    await this.page.click(`#${side}-token`);
    await this.page.fill('#picker-search', symbol);
    await this.page.keyboard.press('Enter');
    await this.page.waitForFunction(() => !document.getElementById('picker').open);
  }

  async connect() {
    await this.page.click('#wallet');
    await this.page.click('.wallet-choice');
    await this.page.waitForFunction(() => document.getElementById('wallet').textContent.includes('…'));
  }

  // shot takes a picture if a folder for pictures is named.
  async shot(name, fullPage = false) {
    if (!process.env.PAGE_SHOTS) return;
    await this.page.screenshot({ path: `${process.env.PAGE_SHOTS}/${name}.png`, fullPage });
  }
}
