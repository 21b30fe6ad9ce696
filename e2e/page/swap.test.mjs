// Whole swaps: from the choice of tokens to the outcome.

import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { after, before, test } from 'node:test';

import { address, launch, narrow, Tab, wide } from './browser.mjs';
import { base58 } from './wallet.mjs';

let browser;
const results = [];
before(async () => { browser = await launch(); });
after(async () => {
  await browser?.close();
  if (process.env.PAGE_RESULT) writeFileSync(process.env.PAGE_RESULT, JSON.stringify(results));
});

const [from, to, amount] = (process.env.PAGE_TRADE ?? 'SOL,JitoSOL,1.5').split(',');

// watchBuilds notes what the page asks the server to build, and the answers.
function watchBuilds(tab) {
  const builds = [];
  tab.page.on('response', async (response) => {
    if (!response.url().endsWith('/v1/transactions') || response.request().method() !== 'POST') return;
    builds.push({ request: response.request().postDataJSON(), response: await response.json() });
  });
  return builds;
}

// finish waits for the outcome and notes it for the program that checks the
// chain.
async function finish(tab, builds) {
  await tab.page.waitForSelector('#review .mark');
  const outcome = await tab.text('#review .state');
  assert.ok(await tab.page.$('#review .mark.good'), outcome);
  assert.equal(builds.length, 1, 'the transaction is built once');
  const signature = base58(tab.signature);
  assert.ok(outcome.includes(signature), 'the page names the transaction');
  results.push({ signature, outcome, build: builds[0] });
}

// checkReview requires that the dialog shows what the built transaction does.
async function checkReview(tab, builds) {
  await tab.page.waitForSelector('#review .does');
  const { request, response } = builds[0];
  assert.equal(request.owner, tab.key.address);
  assert.equal(request.minOut, response.quote.minOut, 'the limit of the quote is that of the transaction');
  const text = await tab.text('#review');
  const exact = (value) => {
    const digits = value.padStart(10, '0');
    return `${BigInt(digits.slice(0, -9))}.${digits.slice(-9)}`.replace(/\.?0+$/, '');
  };
  assert.ok(text.includes(exact(response.quote.minOut)), `the least output is shown: ${text}`);
  assert.ok(text.includes(exact(response.quote.in)), 'the input is shown');
  assert.ok(!text.includes(tab.key.address), 'addresses have names');
  assert.match(await tab.text('.checked'), /Checked: it takes at most .* pays you at least/);
  assert.equal(await tab.page.locator('.does > li').count(), response.explanation.instructions.length);
}

// accept agrees to a loss where the dialog asks about one.
async function accept(tab) {
  const box = tab.page.locator('.accept input');
  if (await box.count() === 0) return;
  assert.match(await tab.text('.accept'), /^The trade loses .* I accept this\.$/);
  assert.ok(await tab.page.locator('#review .button.main').isDisabled());
  await box.check();
}

for (const [name, options, features] of [
  ['wide screen, the wallet sends', wide, ['send', 'sign']],
  ['narrow screen with touch, the server sends', narrow, ['sign']],
]) {
  test(`a whole swap: ${name}`, async () => {
    const tab = await Tab.open(browser, { options, features });
    const builds = watchBuilds(tab);
    await tab.ready();
    await tab.chooseToken('pay', from);
    await tab.chooseToken('receive', to);
    await tab.page.fill('#pay-amount', amount);
    const best = await tab.quoted();
    const received = await tab.page.inputValue('#receive-amount');
    assert.equal(best, `${Number(received).toLocaleString('en', { maximumFractionDigits: 9 })} ${await tab.text('#receive-token .symbol')}`);
    await tab.shot(`swap-${name.split(' ')[0]}`, true);

    assert.equal(await tab.text('#go'), 'Connect wallet');
    await tab.page.click('#go');
    await tab.page.click('.wallet-choice');
    await tab.page.waitForFunction(() => document.getElementById('go').textContent === 'Review the swap');
    await tab.quoted();
    await tab.page.click('#go');
    await checkReview(tab, builds);
    await tab.shot(`review-${name.split(' ')[0]}`);
    assert.deepEqual(tab.asked, ['connect'], 'nothing is signed before the person agrees');

    await accept(tab);
    await tab.page.click('#review .button.main');
    await finish(tab, builds);
    await tab.shot(`done-${name.split(' ')[0]}`);
    assert.deepEqual(tab.asked, ['connect', features[0]]);
    const width = await tab.page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
    assert.ok(width <= 0, 'nothing is wider than the screen');
    await tab.close();
  });
}

// chooseLast chooses the last route with the keys, from the button and back to
// it, and returns its name.
async function chooseLast(tab) {
  const { keyboard } = tab.page;
  const at = () => tab.page.evaluate(() => document.activeElement.name || document.activeElement.id);
  for (let i = 0; i < 10 && await at() !== 'route'; i++) await keyboard.press('Tab');
  assert.equal(await at(), 'route');
  const open = await tab.page.locator('.route input:enabled').count();
  for (let i = 1; i < open; i++) await keyboard.press('ArrowDown');
  const name = await tab.page.evaluate(() => document.activeElement.value);
  assert.equal(await tab.page.locator('.route input:checked').inputValue(), name);
  for (let i = 0; i < 10 && await at() !== 'go'; i++) await keyboard.press('Shift+Tab');
  assert.equal(await at(), 'go');
  return name;
}

test('a whole swap: keyboard only', async () => {
  const tab = await Tab.open(browser);
  const builds = watchBuilds(tab);
  await tab.ready();
  const { keyboard } = tab.page;
  const focused = () => tab.page.evaluate(() => document.activeElement?.id || document.activeElement?.className || document.activeElement?.tagName);
  const tabTo = async (id) => {
    for (let i = 0; i < 60; i++) {
      if (await focused() === id) return i;
      await keyboard.press('Tab');
    }
    throw new Error(`Tab does not reach ${id}`);
  };

  await keyboard.press('Tab');
  assert.equal(await focused(), 'skip', 'the first stop skips the navigation');
  await keyboard.press('Enter');
  assert.equal(await focused(), 'main');
  await keyboard.press('Tab');
  assert.equal(await focused(), 'pay-amount', 'the amount comes first');
  await keyboard.press('Tab');
  assert.equal(await focused(), 'pay-token');
  await keyboard.press('Enter');
  assert.equal(await focused(), 'picker-search');
  await keyboard.type(from);
  await keyboard.press('Enter');
  assert.equal(await focused(), 'pay-token', 'the focus returns to the button');

  await tabTo('receive-token');
  await keyboard.press('Enter');
  await keyboard.type(to.slice(0, -1));
  const active = await tab.page.evaluate(() => {
    const id = document.getElementById('picker-search').getAttribute('aria-activedescendant');
    return document.getElementById(id).querySelector('strong').textContent;
  });
  await keyboard.press('ArrowDown');
  await keyboard.press('ArrowUp');
  await keyboard.press('Enter');
  assert.equal(await tab.text('#receive-token .symbol'), active);

  await keyboard.press('Shift+Tab');
  assert.equal(await focused(), 'receive-amount');
  for (let i = 0; i < 10 && await focused() !== 'pay-amount'; i++) await keyboard.press('Shift+Tab');
  await keyboard.type(amount);
  await tab.quoted();
  await tab.page.waitForFunction(() => /route/.test(document.getElementById('announcer').textContent));
  await keyboard.press('Enter');
  await tab.page.waitForSelector('#wallets[open]');
  for (let i = 0; i < 5 && await focused() !== 'wallet-choice'; i++) await keyboard.press('Tab');
  await keyboard.press('Enter');
  await tab.page.waitForFunction(() => document.getElementById('go').textContent === 'Review the swap');
  await tab.quoted();
  assert.equal(await focused(), 'go', 'after connecting, the focus is on the next step');
  const chosen = await chooseLast(tab);
  await keyboard.press('Enter');
  await checkReview(tab, builds);
  assert.ok(builds[0].request.venues.length > 0);
  assert.equal(builds[0].response.quote.venue.toLowerCase(), chosen.toLowerCase(), 'the chosen route is taken');
  assert.equal(await focused(), 'review-heading');
  for (let i = 0; i < 60 && await focused() !== 'button main'; i++) {
    await keyboard.press('Tab');
    const inside = await tab.page.evaluate(() => document.getElementById('review').contains(document.activeElement) || document.activeElement === document.body);
    assert.ok(inside, 'the focus stays in the dialog');
    const ticks = await tab.page.evaluate(() => document.activeElement.matches('.accept input:not(:checked)'));
    if (ticks) await keyboard.press('Space');
  }
  await keyboard.press('Enter');
  await finish(tab, builds);
  for (let i = 0; i < 10 && await focused() !== 'button main'; i++) await keyboard.press('Tab');
  await keyboard.press('Enter');
  await tab.page.waitForFunction(() => !document.getElementById('review').open);
  assert.equal(await focused(), 'go', 'the focus returns to where it came from');
  await tab.close();
});

test('an exact output, and a connection that is remembered', async () => {
  const tab = await Tab.open(browser, { hash: `#swap?from=${from}&to=${to}` });
  const builds = watchBuilds(tab);
  await tab.ready();
  await tab.connect();
  await tab.page.reload();
  await tab.ready();
  await tab.page.waitForFunction(() => document.getElementById('wallet').textContent.includes('…'));
  assert.deepEqual(tab.asked, ['connect'], 'the wallet is not asked again');

  await tab.page.fill('#receive-amount', '0.7');
  await tab.quoted();
  assert.ok(Number(await tab.page.inputValue('#pay-amount')) > 0);
  await tab.page.click('#go');
  await tab.page.waitForSelector('#review .does');
  const { request, response } = builds[0];
  assert.equal(request.swapMode, 'exactOut');
  assert.equal(request.amount, '700000000');
  assert.equal(request.maxIn, response.quote.maxIn);
  assert.match(await tab.text('#review .deal'), /You pay at most/);
  assert.ok(await tab.page.$('.checked'), await tab.text('#review'));
  await accept(tab);
  await tab.page.click('#review .button.main');
  await finish(tab, builds);
  await tab.page.click('#review .button.main');

  await tab.page.click('#wallet');
  await tab.page.getByRole('button', { name: 'Disconnect' }).click();
  assert.equal(await tab.text('#wallet'), 'Connect wallet');
  assert.ok(address);
  await tab.close();
});
