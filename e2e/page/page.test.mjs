// What the page shows, also when things go wrong, and to whom.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { launch, narrow, post, Tab, wide } from './browser.mjs';

let browser;
before(async () => { browser = await launch(); });
after(async () => { await browser?.close(); });

const json = (status, body) => ({ status, contentType: 'application/json', body: JSON.stringify(body) });
const isBuild = (url) => url.pathname.endsWith('/v1/transactions');

// quotes opens the page with quotes of a pair.
async function quotes(setup = {}, amount = '1.5') {
  const tab = await Tab.open(browser, { hash: '#swap?from=SOL&to=INF', ...setup });
  await tab.ready();
  await tab.page.fill('#pay-amount', amount);
  return tab;
}

test('prices sort exactly, filter, and lead to a trade', async () => {
  const tab = await Tab.open(browser, { hash: '#prices' });
  await tab.page.waitForSelector('#prices-table tbody tr');
  const column = (index) => tab.page.$$eval(`#prices-table tbody tr`, (rows, i) => rows.map((row) => row.cells[i].firstChild.textContent), index);
  const sort = (index) => tab.page.$eval('#prices-table thead tr', (row, i) => row.cells[i].getAttribute('aria-sort'), index);

  assert.equal(await sort(2), 'descending', 'the best yields come first');
  await tab.page.getByRole('button', { name: 'Price in SOL' }).click();
  assert.deepEqual([await sort(1), await sort(2)], ['descending', null]);
  const falling = (await column(1)).map(Number);
  assert.deepEqual(falling, [...falling].sort((a, b) => b - a));
  await tab.page.getByRole('button', { name: 'Price in SOL' }).click();
  assert.equal(await sort(1), 'ascending');
  const rising = (await column(1)).map(Number);
  assert.deepEqual(rising, [...rising].sort((a, b) => a - b));

  await tab.page.fill('#prices-filter', 'INF');
  await tab.page.getByRole('button', { name: 'Buy INF', exact: true }).click();
  await tab.page.waitForSelector('#view-swap:not([hidden])');
  assert.equal(await tab.text('#receive-token .symbol'), 'INF');
  assert.equal(await tab.page.evaluate(() => document.activeElement.id), 'swap-heading', 'the new view is announced');
  await tab.close();
});

test('Infinity is a picture, with the same in a table', async () => {
  const tab = await Tab.open(browser, { hash: '#infinity' });
  await tab.page.waitForSelector('#infinity-picture svg rect');
  const tiles = await tab.page.locator('#infinity-picture rect').count();
  const rows = await tab.page.locator('#infinity-table tbody tr').count();
  assert.ok(tiles > 3 && tiles <= rows, `${tiles} tiles, ${rows} rows`);
  const picture = tab.page.getByRole('img', { name: /tokens by value, the largest are/ });
  assert.equal(await picture.count(), 1);
  const overflow = await tab.page.$$eval('#infinity-picture text', (labels) => labels.filter((label) => {
    const [text, tile] = [label.getBoundingClientRect(), label.parentNode.querySelector('rect').getBoundingClientRect()];
    return text.left < tile.left - 1 || text.right > tile.right + 1;
  }).map((label) => label.textContent));
  assert.deepEqual(overflow, [], 'labels stay in their tiles');
  await tab.close();
});

test('amounts that could mean two things are refused with a reason', async () => {
  const tab = await quotes({}, '1,500.25');
  await tab.page.waitForSelector('#pay-note.bad');
  assert.match(await tab.text('#pay-note'), /without commas/);
  assert.equal(await tab.page.getAttribute('#pay-amount', 'aria-invalid'), 'true');
  assert.equal(await tab.page.isDisabled('#go'), true);
  await tab.page.fill('#pay-amount', '1,5');
  await tab.quoted();
  assert.equal(await tab.page.getAttribute('#pay-amount', 'aria-invalid'), null);
  await tab.close();
});

test('a market that is too old is said clearly, and nothing can be traded', async () => {
  const tab = await quotes();
  await tab.quoted();
  const old = json(503, { errorCode: 'MARKET_TOO_OLD', error: 'the market is too old (try again)' });
  await tab.page.route('**/v1/*', (route) => route.fulfill(old));
  await tab.page.fill('#pay-amount', '2');
  await tab.page.waitForSelector('#trade-problem:not([hidden])');
  assert.match(await tab.text('#trade-problem'), /The market is too old/);
  assert.equal(await tab.page.isDisabled('#go'), true);
  assert.equal(await tab.page.locator('.route').count(), 0, 'old quotes are gone');
  await tab.page.waitForSelector('#notice:not([hidden])');
  assert.match(await tab.text('#notice'), /too old/);
  assert.equal(await tab.page.getAttribute('#notice', 'role'), 'alert');
  await tab.shot('too-old', true);

  await tab.page.unroute('**/v1/*');
  await tab.quoted();
  await tab.page.waitForSelector('#notice', { state: 'hidden' });
  await tab.close();
});

test('a server that is gone leaves quotes that age, and comes back', async () => {
  const tab = await quotes();
  await tab.quoted();
  await tab.page.route('**/v1/**', (route) => route.abort());
  await tab.page.waitForSelector('#trade-problem:not([hidden])');
  assert.match(await tab.text('#trade-problem'), /does not answer/);
  assert.equal(await tab.page.locator('.route').count() > 0, true, 'the last quotes stay, with their age');
  assert.match(await tab.text('#quoted'), /\d+\ss ago/);
  await tab.page.unroute('**/v1/**');
  await tab.page.waitForSelector('#trade-problem', { state: 'hidden' });
  await tab.close();
});

for (const [code, status, words] of [
  ['LIMIT_MISSED', 409, /The quote has changed beyond your limit/],
  ['INSUFFICIENT_FUNDS', 409, /The wallet cannot pay this/],
  ['SIMULATION_FAILED', 409, /The transaction would fail/],
  ['NODE_UNAVAILABLE', 503, /The network does not answer/],
]) {
  test(`building fails with ${code}, and nothing is signed`, async () => {
    const tab = await quotes();
    await tab.quoted();
    await tab.connect();
    await tab.quoted();
    await tab.page.route(isBuild, (route) => route.fulfill(json(status, { errorCode: code, error: 'the reason of the server' })));
    await tab.page.click('#go');
    await tab.page.waitForSelector('#review .mark');
    assert.match(await tab.text('#review'), words);
    assert.match(await tab.text('#review'), /The reason of the server/);
    assert.deepEqual(tab.asked, ['connect']);
    if (code === 'LIMIT_MISSED') await tab.shot('limit-missed');
    await tab.page.click('#review .button.main');
    await tab.quoted();
    await tab.close();
  });
}

for (const [name, change, words] of [
  ['pays less than the limit', (built) => { built.quote.minOut = '1'; }, /may pay less than your limit/],
  ['takes more than was entered', (built) => { built.quote.maxIn = '99000000000'; }, /may take more than you entered/],
  ['is for another wallet', (built) => { built.signers = ['11111111111111111111111111111111']; }, /not for this wallet/],
]) {
  test(`a transaction that ${name} is not shown for signing`, async () => {
    const tab = await quotes();
    await tab.quoted();
    await tab.connect();
    await tab.quoted();
    await tab.page.route(isBuild, async (route) => {
      const response = await route.fetch();
      const built = await response.json();
      change(built);
      await route.fulfill(json(200, built));
    });
    await tab.page.click('#go');
    await tab.page.waitForSelector('#review .mark.bad');
    assert.match(await tab.text('#review'), words);
    assert.equal(await tab.page.locator('.does').count(), 0);
    await tab.close();
  });
}

test('what the server does not understand, and what loses much, has to be accepted', async () => {
  const tab = await quotes();
  await tab.quoted();
  await tab.connect();
  await tab.quoted();
  await tab.page.route(isBuild, async (route) => {
    const built = await (await route.fetch()).json();
    built.explanation.instructions[0].known = false;
    built.quote.priceImpact = '0.031';
    await route.fulfill(json(200, built));
  });
  await tab.page.click('#go');
  await tab.page.waitForSelector('.accept');
  assert.match(await tab.text('.accept'), /does not understand every instruction/);
  assert.match(await tab.text('.does'), /not understood/);
  const sign = tab.page.locator('#review .button.main');
  assert.equal(await sign.isDisabled(), true);
  await tab.page.check('.accept input');
  assert.equal(await sign.isDisabled(), false);
  await tab.close();
});

test('a transaction that the check refuses has to be accepted', async () => {
  const tab = await quotes();
  await tab.quoted();
  await tab.connect();
  await tab.quoted();
  await tab.page.route('**/v1/verify', async (route) => {
    // A policy that permits half of the input: the real check refuses it.
    const body = route.request().postDataJSON();
    body.policy.maxLamports = '750000000';
    const verdict = await post(route.request().url(), body);
    await route.fulfill(json(200, verdict));
  });
  await tab.page.click('#go');
  await tab.page.waitForSelector('.accept');
  assert.match(await tab.text('.accept'), /The check of the transaction failed/);
  assert.equal(await tab.page.locator('.checked').count(), 0);
  assert.equal(await tab.page.locator('#review .button.main').isDisabled(), true);
  await tab.close();
});

test('a server that vanishes while it sends is followed, and nothing is signed twice', async () => {
  const tab = await quotes({ features: ['sign'] });
  await tab.quoted();
  await tab.connect();
  await tab.quoted();
  await tab.page.route('**/v1/send', async (route) => {
    await route.fetch();
    await route.abort();
  });
  await tab.page.click('#go');
  await tab.page.click('#review .does ~ .buttons .main');
  await tab.page.waitForSelector('#review .mark.good');
  assert.deepEqual(tab.asked, ['connect', 'sign']);
  await tab.close();
});

test('a server that does not send says so', async () => {
  const tab = await quotes({ features: ['sign'] });
  await tab.quoted();
  await tab.connect();
  await tab.quoted();
  await tab.page.route('**/v1/send', (route) => route.fulfill(json(501, { errorCode: 'NOT_CONFIGURED', error: 'this server does not send' })));
  await tab.page.click('#go');
  await tab.page.click('#review .does ~ .buttons .main');
  await tab.page.waitForSelector('#review .mark.bad');
  assert.match(await tab.text('#review'), /does not offer that[\s\S]*This server does not send/);
  await tab.close();
});

test('a person who declines is told that nothing happened', async () => {
  const tab = await quotes({ answer: () => { throw new Error('User rejected the request.'); } });
  await tab.quoted();
  await tab.connect();
  await tab.quoted();
  await tab.page.click('#go');
  await tab.page.click('#review .does ~ .buttons .main');
  await tab.page.waitForSelector('#review .mark.warn');
  assert.match(await tab.text('#review'), /You declined[\s\S]*nothing was sent/);
  await tab.close();
});

for (const [name, outcome, kind, words] of [
  ['fails', { status: 'failed', slot: 5, reason: 'slippage limit exceeded' }, 'bad', /It failed[\s\S]*Slippage limit exceeded\. Only the network fee/],
  ['expires', { status: 'expired', slot: 0 }, 'warn', /Expired[\s\S]*Nothing has moved/],
]) {
  test(`the page says so when a transaction ${name}`, async () => {
    const tab = await quotes({ answer: (_, bytes, { key }) => key.signTransaction(bytes).signature });
    await tab.quoted();
    await tab.connect();
    await tab.quoted();
    let asked = 0;
    await tab.page.route(/\/v1\/transactions\/./, (route) => {
      asked += 1;
      const signature = new URL(route.request().url()).pathname.split('/').pop();
      if (asked === 1) return route.fulfill(json(200, { signature, status: 'pending', slot: 0 }));
      if (asked === 2) return route.fulfill(json(503, { errorCode: 'NODE_UNAVAILABLE', error: 'try again' }));
      return route.fulfill(json(200, { signature, ...outcome }));
    });
    await tab.page.click('#go');
    await tab.page.click('#review .does ~ .buttons .main');
    await tab.page.waitForSelector(`#review .mark.${kind}`);
    assert.match(await tab.text('#review'), words);
    assert.equal(asked, 3, 'it asked until it knew');
    await tab.close();
  });
}

test('hostile names, reasons and wallets are shown as text', async () => {
  const evil = '"><img src=x onerror=alert(1)><script>alert(2)</script>\u202e';
  const tab = await quotes({
    wallet: { name: evil, icon: 'javascript:alert(3)' },
    prepare: async (page) => {
      await page.route('**/v1/tokens', async (route) => {
        const body = await (await route.fetch()).json();
        for (const token of body.tokens) if (token.symbol === 'INF') token.name = evil;
        body.tokens.push({ ...body.tokens[0], symbol: evil, name: evil, mint: '11111111111111111111111111111111' });
        await route.fulfill(json(200, body));
      });
      await page.route('**/v1/quotes?*', async (route) => {
        const body = await (await route.fetch()).json();
        body.rejections = [{ venue: evil, reason: evil }];
        body.quotes[0].assumptions = [evil];
        body.quotes[0].fees = [{ name: evil, amount: '1', mint: evil, rate: evil }];
        await route.fulfill(json(200, body));
      });
      await page.route(isBuild, (route) => route.fulfill(json(409, { errorCode: evil, error: evil })));
    },
  });
  await tab.quoted();
  await tab.connect();
  await tab.quoted();
  await tab.page.click('#go');
  await tab.page.waitForSelector('#review .mark');
  assert.match(await tab.text('#review'), /<img src=x onerror=alert\(1\)>/);
  await tab.page.click('#review .button.main');
  await tab.page.click('#receive-token');
  await tab.page.fill('#picker-search', 'img');
  assert.match(await tab.text('#picker-list'), /<img src=x/);
  await tab.page.keyboard.press('Escape');
  await tab.page.evaluate(() => { location.hash = '#prices'; });
  await tab.page.waitForSelector('#prices-table tbody tr');
  const foreign = await tab.page.evaluate(() => ({
    scripts: document.scripts.length,
    images: Array.from(document.images, (image) => image.getAttribute('src')).filter((source) => source !== 'icon.svg'),
    reversed: document.body.textContent.includes('\u202e'),
  }));
  assert.deepEqual(foreign, { scripts: 1, images: [], reversed: false });
  await tab.close();
});

test('the server answers are the ones that the page shows', async () => {
  const tab = await quotes();
  await tab.quoted();
  const answer = await (await fetch(new URL('v1/quotes?from=SOL&to=INF&amount=1500000000&slippageBps=10', tab.page.url()))).json();
  assert.equal(await tab.page.locator('.route').count(), answer.quotes.length);
  const shown = (await tab.page.inputValue('#receive-amount')).replace('.', '');
  assert.ok(answer.quotes[0].out.startsWith(shown.replace(/^0+/, '').slice(0, 5)));
  assert.equal((await post(new URL('v1/explain', tab.page.url()), { transaction: 'AAAA' })).errorCode, 'INVALID_REQUEST');
  await tab.close();
});

// contrasts returns the visible texts whose contrast is below 4.5, or 3 for large
// ones.
function contrasts() {
  const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
  const colour = (text, under) => {
    canvas.clearRect(0, 0, 1, 1);
    if (under) {
      canvas.fillStyle = `rgb(${under.join(' ')})`;
      canvas.fillRect(0, 0, 1, 1);
    }
    canvas.fillStyle = text;
    canvas.fillRect(0, 0, 1, 1);
    return Array.from(canvas.getImageData(0, 0, 1, 1).data);
  };
  const light = ([r, g, b]) => {
    const [x, y, z] = [r, g, b].map((value) => {
      const part = value / 255;
      return part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * x + 0.7152 * y + 0.0722 * z;
  };
  const ground = (element) => {
    const layers = [];
    for (let each = element; each; each = each.parentElement) layers.unshift(getComputedStyle(each).backgroundColor);
    return layers.reduce((under, layer) => colour(layer, under).slice(0, 3), [255, 255, 255]);
  };
  const low = [];
  const walker = document.createTreeWalker(document.querySelector('dialog[open]') ?? document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const element = node.parentElement;
    if (node.textContent.trim() === '' || !element.checkVisibility({ checkOpacity: true, checkVisibilityCSS: true })) continue;
    if (element.closest('.hidden-visually, .skip, :disabled, svg, script, noscript')) continue;
    const style = getComputedStyle(element);
    const under = ground(element);
    const [a, b] = [light(colour(style.color, under)), light(under)];
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    const size = parseFloat(style.fontSize);
    const large = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
    if (ratio < (large ? 3 : 4.5)) low.push(`${node.textContent.trim().slice(0, 30)}: ${ratio.toFixed(2)}`);
  }
  return low;
}

// nameless returns the controls without a name for a screen reader, and those
// that are too small for a finger.
function nameless(touch) {
  const scope = document.querySelector('dialog[open]') ?? document.body;
  const bad = [];
  for (const control of scope.querySelectorAll('button, a, input, summary')) {
    if (!control.checkVisibility()) continue;
    if (control.closest('.hidden-visually') || control.classList.contains('skip')) continue;
    const name = control.getAttribute('aria-label') || control.textContent.trim() ||
      Array.from(control.labels ?? [], (label) => label.textContent.trim()).join(' ');
    if (!name) bad.push(`no name: ${control.outerHTML.slice(0, 80)}`);
    const boxes = [control, ...control.labels ?? []].map((each) => each.getBoundingClientRect());
    const reachable = boxes.some((box) => box.height >= 24 && box.width >= 24);
    if (touch && !reachable) bad.push(`too small: ${name}`);
  }
  return bad;
}

for (const colorScheme of ['light', 'dark']) {
  for (const [name, options] of [['wide', wide], ['narrow', narrow]]) {
    test(`everything can be read and reached: ${colorScheme}, ${name}`, async () => {
      const tab = await quotes({ colorScheme, options, hash: '#swap?from=JupSOL&to=mSOL' });
      const check = async (view) => {
        assert.deepEqual(await tab.page.evaluate(contrasts), [], `contrast of ${view}`);
        assert.deepEqual(await tab.page.evaluate(nameless, name === 'narrow'), [], `controls of ${view}`);
        const width = await tab.page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
        assert.ok(width <= 0, `${view} is ${width} wider than the screen`);
        const cut = await tab.page.$$eval('table', (tables) => tables.filter((table) => table.offsetWidth > table.parentNode.clientWidth).map((table) => table.id));
        assert.deepEqual(cut, [], 'no table is cut off');
        assert.equal(await tab.page.evaluate(() => document.getAnimations().length), 0, 'nothing moves for those who do not want it');
        await tab.shot(`${view}-${name}-${colorScheme}`, !view.includes('dialog'));
      };

      await tab.quoted();
      await check('swap');
      await tab.page.click('#receive-token');
      await check('dialog-picker');
      await tab.page.keyboard.press('Escape');
      await tab.page.click('#go');
      await check('dialog-wallets');
      await tab.page.click('.wallet-choice');
      await tab.page.waitForFunction(() => document.getElementById('go').textContent === 'Review the swap');
      await tab.quoted();
      await tab.page.click('#go');
      await tab.page.waitForSelector('#review .does, #review .mark');
      await check('dialog-review');
      await tab.page.keyboard.press('Escape');
      for (const view of ['prices', 'infinity']) {
        await tab.page.click(`[data-view=${view}]`);
        await tab.page.waitForSelector(`#${view}-table tbody tr`);
        await check(view);
      }
      await tab.close();
    });
  }
}
