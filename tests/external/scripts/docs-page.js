// What a reader does on a docs page, for the scripts that check one. Each is called as
// `node SCRIPT BASE CHROMIUM SCRATCH SCREENSHOT`. A request that leaves this machine and an error
// of the page fail the script.
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
  page.on('pageerror', (error) => complaints.push(`page: ${error.message}`));
  page.on('console', (message) => {
    // A refused request is an error in the console, and may be what the script is after.
    const refused = message.text().startsWith('Failed to load resource');
    if (message.type() === 'error' && !refused) complaints.push(`console: ${message.text()}`);
  });
  page.on('request', (request) => {
    const url = new URL(request.url());
    if (['data:', 'blob:', 'about:'].includes(url.protocol)) return;
    if (url.hostname !== '127.0.0.1') complaints.push(`request to ${url.href}`);
  });
  page.on('response', (response) => {
    const { pathname } = new URL(response.url());
    const ours = pathname.startsWith('/docs') || pathname.startsWith('/openapi');
    if (ours && response.status() >= 400) complaints.push(`${response.status()}: ${pathname}`);
  });
  page.on('requestfailed', (request) => {
    complaints.push(`failed: ${request.url()} ${request.failure()?.errorText}`);
  });
}

// Opens the page of an API and waits for an operation of it.
async function open(page, api, operation) {
  await page.goto(`${base}/docs/?urls.primaryName=${api}`, { waitUntil: 'load' });
  await page.locator(`.opblock[id$="-${operation}"]`).first().waitFor({ timeout: 30000 });
}

// Expands the operation, fills in what it takes, executes, and returns what the page shows.
async function tryOut(page, operation, { parameters = {}, body } = {}) {
  const block = page.locator(`.opblock[id$="-${operation}"]`).first();
  await block.scrollIntoViewIfNeeded();
  if (!(await block.locator('.opblock-body').isVisible())) {
    await block.locator('.opblock-summary-control, .opblock-summary').first().click();
    await block.locator('.opblock-body').waitFor();
  }
  // The block unfolds in steps: a click that comes too early is lost.
  const execute = block.locator('.btn.execute');
  for (let attempt = 0; attempt < 10 && !(await execute.isVisible()); attempt += 1) {
    await block.locator('.try-out__btn:not(.cancel)').first().click();
    await execute.waitFor({ timeout: 1000 }).catch(() => {});
  }
  for (const [name, value] of Object.entries(parameters)) {
    await block.locator(`tr[data-param-name="${name}"] input`).first().fill(value);
  }
  if (body !== undefined) {
    const media = block.locator('.body-param-content-type select, .opblock-section-request-body select.content-type');
    if (await media.count() > 0) await media.first().selectOption('application/json');
    await block.locator('textarea.body-param__text').fill(JSON.stringify(body));
  }
  // A click that comes while the block still moves is lost; nothing was sent then.
  let response = null;
  for (let attempt = 0; attempt < 5 && response === null; attempt += 1) {
    const ours = (candidate) => candidate.url().startsWith(`${base}/`);
    const answered = page.waitForResponse(ours, { timeout: 6000 }).catch(() => null);
    await execute.click();
    response = await answered;
  }
  assert.ok(response, `${operation} was never sent`);
  const status = response.status();
  const row = block.locator('.live-responses-table .response', {
    has: page.locator('.response-col_status', { hasText: String(status) }),
  }).first();
  await row.waitFor({ timeout: 15000 });
  const text = await row.locator('.response-col_description pre').first().innerText();
  return { status, text, body: await response.json().catch(() => null) };
}

// Opens the dialog "Authorize" and proves who the reader is: `fill` is given the dialog.
async function authorize(page, fill) {
  await page.locator('.btn.authorize').first().click();
  const dialog = page.locator('.dialog-ux');
  await dialog.waitFor();
  await fill(dialog);
  await dialog.locator('.btn-done, .close-modal').first().click();
}

// Walks in a fresh browser and says what was done; keeps a picture of the end, or of the failure.
async function browse(walk, done) {
  const context = await chromium.launchPersistentContext(path.join(scratch, 'profile'), {
    executablePath, headless: true, args, viewport: { width: 1280, height: 1000 },
  });
  const page = context.pages()[0] ?? await context.newPage();
  try {
    watch(page);
    await walk(page);
    assert.deepEqual(complaints, []);
    console.log(done);
  } catch (error) {
    if (complaints.length > 0) console.error(complaints.join('\n'));
    console.error(error);
    process.exitCode = 1;
  } finally {
    await page.screenshot({ path: screenshot, fullPage: true }).catch(() => {});
    await context.close();
  }
}

module.exports = { authorize, base, browse, open, tryOut };
