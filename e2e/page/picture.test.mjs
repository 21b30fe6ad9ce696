// Takes the picture that docs/page.md shows.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { launch, Tab } from './browser.mjs';

test('the picture of the documentation', { skip: !process.env.PAGE_PICTURE }, async () => {
  const browser = await launch();
  const tab = await Tab.open(browser, {
    hash: '#swap?from=picoSOL&to=SOL',
    options: { viewport: { width: 1120, height: 800 } },
  });
  await tab.ready();
  await tab.page.fill('#pay-amount', '12.5');
  await tab.quoted();
  assert.ok(await tab.page.locator('.route').count() > 1);
  assert.ok(await tab.page.locator('#closed-list li').count() > 0);
  await tab.page.mouse.click(5, 5);
  await tab.page.evaluate(() => document.activeElement.blur());
  await tab.page.screenshot({ path: process.env.PAGE_PICTURE });
  await tab.close();
  await browser.close();
});
