// What a reader does on the docs page of the exam sessions, by mouse: authorize with the demo
// credentials, and list the sessions of Cambridge International, which come through the layers.
'use strict';

const assert = require('node:assert/strict');
const { authorize, browse, open, tryOut } = require('./docs-page.js');

const credentials = {
  client_id: 'demo',
  client_secret: 'Demo-Secret-For-Loopback-Only-2026!',
};

async function fill(dialog) {
  for (const [name, value] of Object.entries(credentials)) {
    const scheme = dialog.locator('.auth-container', { hasText: `Name: ${name}` }).first();
    await scheme.locator('input').first().fill(value);
    await scheme.locator('.btn.authorize').click();
    await scheme.locator('.btn', { hasText: 'Logout' }).waitFor({ timeout: 15000 });
  }
}

async function walk(page) {
  await open(page, 'exam-sessions', 'listSessions');
  const parameters = { businessStreamId: '01', year: '2026' };
  const before = await tryOut(page, 'listSessions', { parameters });
  assert.equal(before.status, 401, 'nothing works before the reader authorizes');
  await authorize(page, fill);
  const sessions = await tryOut(page, 'listSessions', { parameters });
  assert.equal(sessions.status, 200, sessions.text);
  assert.match(sessions.text, /June 2026/);
  const status = await tryOut(page, 'getEpsStatus');
  assert.equal(status.body?.meps?.status, 'UP', status.text);
}

browse(walk, 'the docs page authorized and listed the June session through the layers by mouse');
