// `node authorize-in-browser.js BASE CHROMIUM SCRATCH SCREENSHOT`: what a reader does on the docs
// page of the Admin API, by mouse: authorize with the demo credentials, reset the secret of an
// application, and see the old one refused and the new one accepted at the token endpoint.
'use strict';

const assert = require('node:assert/strict');
const path = require('node:path');
const { chromium } = require('playwright-core');

const [base, executablePath, scratch, screenshot] = process.argv.slice(2);
const complaints = [];
const args = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
  '--disable-background-networking', '--disable-component-update', '--disable-sync'];

function watch(page) {
  page.on('pageerror', (error) => complaints.push(`page: ${error.message}`));
  page.on('request', (request) => {
    const url = new URL(request.url());
    if (['data:', 'blob:', 'about:'].includes(url.protocol)) return;
    if (url.hostname !== '127.0.0.1') complaints.push(`request to ${url.href}`);
  });
}

// Expands the operation, fills in what it takes, executes and returns the answer.
async function tryOut(page, operation, parameters, body) {
  const block = page.locator(`.opblock[id$="-${operation}"]`).first();
  await block.scrollIntoViewIfNeeded();
  if (!(await block.locator('.opblock-body').isVisible())) {
    await block.locator('.opblock-summary-control, .opblock-summary').first().click();
    await block.locator('.opblock-body').waitFor();
  }
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
    const ours = (candidate) => candidate.url().startsWith(`${base}/v1/`);
    const answered = page.waitForResponse(ours, { timeout: 6000 }).catch(() => null);
    await execute.click();
    response = await answered;
  }
  assert.ok(response, `${operation} was never sent`);
  return { status: response.status(), body: await response.json().catch(() => null) };
}

async function authorize(page) {
  await page.locator('.btn.authorize').first().click();
  const dialog = page.locator('.dialog-ux');
  await dialog.waitFor();
  const flow = dialog.locator('.auth-container', { hasText: 'clientCredentials' }).first();
  await flow.locator('#client_id, [id^="client_id"]').first().fill('demo');
  await flow.locator('#client_secret, [id^="client_secret"]').first().fill('Demo-Secret-For-Loopback-Only-2026!');
  await flow.locator('label', { hasText: 'full_access' }).first().click();
  await flow.locator('.btn.authorize').click();
  await flow.locator('.btn', { hasText: 'Logout' }).waitFor({ timeout: 15000 });
  await dialog.locator('.btn-done, .close-modal').first().click();
}

async function walk(page) {
  await page.goto(`${base}/docs/?urls.primaryName=admin`, { waitUntil: 'load' });
  await page.locator('.opblock[id$="-get_vendors"]').waitFor({ timeout: 30000 });
  const before = await tryOut(page, 'get_vendors', {});
  assert.equal(before.status, 401, 'nothing works before the reader authorizes');
  await authorize(page);
  const vendors = await tryOut(page, 'get_vendors', {});
  assert.equal(vendors.status, 200, JSON.stringify(vendors.body));
  assert.ok(vendors.body.length >= 2, 'the demo vendors are there');

  const ids = { instanceId: '1', id: '1' };
  const first = await tryOut(page, 'reset_credential', ids);
  assert.equal(first.status, 200, JSON.stringify(first.body));
  const second = await tryOut(page, 'reset_credential', ids);
  assert.equal(second.body.key, first.body.key, 'the key stays');
  const grant = (secret) => ({
    grant_type: 'client_credentials', client_id: first.body.key, client_secret: secret,
  });
  const old = await tryOut(page, 'issue_token', {}, grant(first.body.secret));
  assert.equal(old.status, 401, 'the old secret is refused');
  const fresh = await tryOut(page, 'issue_token', {}, grant(second.body.secret));
  assert.equal(fresh.status, 201, JSON.stringify(fresh.body));
  assert.equal(fresh.body.scope, 'claimset:SIS%20Vendor');
  await page.screenshot({ path: screenshot, fullPage: true });
}

(async () => {
  const context = await chromium.launchPersistentContext(path.join(scratch, 'profile'), {
    executablePath, headless: true, args, viewport: { width: 1280, height: 1000 },
  });
  try {
    const page = context.pages()[0] ?? await context.newPage();
    watch(page);
    await walk(page);
    assert.deepEqual(complaints, []);
    console.log('the docs page authorized, reset a secret and tried the old and the new one by mouse');
  } catch (error) {
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
