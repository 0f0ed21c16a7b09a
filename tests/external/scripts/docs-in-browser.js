// `node docs-in-browser.js BASE CHROMIUM SCRATCH SCREENSHOT`: what a reader
// does on the docs page, by mouse: open, list and close a session.
'use strict';

const assert = require('node:assert/strict');
const path = require('node:path');
const { chromium } = require('playwright-core');

const [base, executablePath, scratch, screenshot] = process.argv.slice(2);
const complaints = [];

// The browser's own services are off: it must talk to the server alone.
const args = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
  '--disable-background-networking', '--disable-component-update', '--disable-sync'];

function watch(page) {
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(`console: ${message.text()}`);
  });
  page.on('pageerror', (error) => complaints.push(`page: ${error.message}`));
  page.on('request', (request) => {
    const url = new URL(request.url());
    if (['data:', 'blob:', 'about:'].includes(url.protocol)) return;
    if (url.hostname !== '127.0.0.1') complaints.push(`request to ${url.href}`);
  });
  page.on('requestfailed', (request) => {
    complaints.push(`failed: ${request.url()} ${request.failure()?.errorText}`);
  });
}

// Expands the operation, fills in the body, executes and returns the answer.
async function tryOut(page, operation, body) {
  const block = page.locator('.opblock', {
    has: page.locator(`[data-path$="/${operation}"]`),
  }).first();
  await block.locator('.opblock-summary-control, .opblock-summary').first().click();
  await block.locator('.opblock-body').waitFor();
  // The block unfolds in steps: a click that comes too early is lost.
  const execute = block.locator('.btn.execute');
  for (let attempt = 0; attempt < 10 && !(await execute.isVisible()); attempt += 1) {
    await block.locator('.try-out__btn:not(.cancel)').first().click();
    await execute.waitFor({ timeout: 1000 }).catch(() => {});
  }
  if (body !== undefined) await block.locator('textarea.body-param__text').fill(JSON.stringify(body));
  await execute.click();
  const row = block.locator('.live-responses-table .response');
  await row.waitFor({ timeout: 15000 });
  const status = (await row.locator('.response-col_status').innerText()).trim().split(/\s/)[0];
  const text = await row.locator('.response-col_description pre').first().innerText();
  await block.scrollIntoViewIfNeeded();
  return { status, text };
}

async function walk(page) {
  await page.goto(`${base}/docs`, { waitUntil: 'load' });
  await page.locator('.opblock').first().waitFor({ timeout: 30000 });
  assert.ok(await page.locator('.opblock').count() >= 8, 'every operation has a block');

  const opened = await tryOut(page, 'open_session', { user_id: 'by-mouse', user_name: 'Mouse' });
  assert.equal(opened.status, '200', opened.text);
  const session_id = /"id":\s*"([0-9a-f]{32})"/.exec(opened.text)?.[1];
  assert.ok(session_id, `the answer shows an id: ${opened.text}`);
  await page.screenshot({ path: screenshot, fullPage: true });

  const listed = await tryOut(page, 'get_sessions', { filter: { user_id: 'by-mouse' } });
  assert.equal(listed.status, '200', listed.text);
  assert.ok(listed.text.includes(session_id), listed.text);

  const closed = await tryOut(page, 'close_session', { session_id });
  assert.equal(closed.status, '200', closed.text);
  assert.match(closed.text, /"active":\s*false/);
}

// A contract that ends says so on top of its page.
async function banner(page) {
  assert.equal(await page.locator('#lifecycle').isVisible(), false, 'nothing ends');
  await page.route('**/openapi/user-sessions.json', async (route) => {
    const response = await route.fetch();
    const contract = await response.json();
    contract['x-specwright-deprecated-since'] = '2026-01-01';
    const operation = Object.values(contract.paths)[0].post;
    operation['x-specwright-sunset'] = '2026-12-31';
    await route.fulfill({ response, json: contract });
  });
  await page.goto(`${base}/docs/?again`, { waitUntil: 'load' });
  const shown = page.locator('#lifecycle');
  await shown.waitFor({ state: 'visible', timeout: 15000 });
  const lines = (await shown.innerText()).split('\n');
  assert.equal(lines.length, 2, lines.join());
  assert.match(lines[0], /^Version \S+ is deprecated since 2026-01-01\.$/);
  assert.match(lines[1], /^POST \/\S+ goes away on 2026-12-31\.$/);
}

(async () => {
  const context = await chromium.launchPersistentContext(path.join(scratch, 'profile'), {
    executablePath, headless: true, args, viewport: { width: 1280, height: 1000 },
  });
  try {
    const page = context.pages()[0] ?? await context.newPage();
    watch(page);
    await walk(page);
    await banner(page);
    assert.deepEqual(complaints, []);
    console.log('the docs page opened, listed and closed a session by mouse, and says what ends');
  } catch (error) {
    // What the reader would have seen.
    await context.pages()[0]?.screenshot({ path: screenshot, fullPage: true });
    if (complaints.length > 0) console.error(complaints.join('\n'));
    throw error;
  } finally {
    await context.close();
  }
})().catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
