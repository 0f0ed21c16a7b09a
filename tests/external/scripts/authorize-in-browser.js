// What a reader does on the docs page of the Admin API, by mouse: authorize with the demo
// credentials, reset the secret of an application, and see the old one refused and the new one
// accepted at the token endpoint.
'use strict';

const assert = require('node:assert/strict');
const { authorize, browse, open, tryOut } = require('./docs-page.js');

async function obtainToken(dialog) {
  const flow = dialog.locator('.auth-container', { hasText: 'clientCredentials' }).first();
  await flow.locator('#client_id, [id^="client_id"]').first().fill('demo');
  await flow.locator('#client_secret, [id^="client_secret"]').first().fill('Demo-Secret-For-Loopback-Only-2026!');
  await flow.locator('label', { hasText: 'full_access' }).first().click();
  await flow.locator('.btn.authorize').click();
  await flow.locator('.btn', { hasText: 'Logout' }).waitFor({ timeout: 15000 });
}

async function walk(page) {
  await open(page, 'admin', 'get_vendors');
  const before = await tryOut(page, 'get_vendors');
  assert.equal(before.status, 401, 'nothing works before the reader authorizes');
  await authorize(page, obtainToken);
  const vendors = await tryOut(page, 'get_vendors');
  assert.equal(vendors.status, 200, vendors.text);
  assert.ok(vendors.body.length >= 2, 'the demo vendors are there');

  const parameters = { instanceId: '1', id: '1' };
  const first = await tryOut(page, 'reset_credential', { parameters });
  assert.equal(first.status, 200, first.text);
  const second = await tryOut(page, 'reset_credential', { parameters });
  assert.equal(second.body.key, first.body.key, 'the key stays');
  const grant = (client_secret) => ({
    body: { grant_type: 'client_credentials', client_id: first.body.key, client_secret },
  });
  const old = await tryOut(page, 'issue_token', grant(first.body.secret));
  assert.equal(old.status, 401, 'the old secret is refused');
  const fresh = await tryOut(page, 'issue_token', grant(second.body.secret));
  assert.equal(fresh.status, 201, fresh.text);
  assert.equal(fresh.body.scope, 'claimset:SIS%20Vendor');
}

browse(walk, 'the docs page authorized, reset a secret and tried the old and the new one by mouse');
