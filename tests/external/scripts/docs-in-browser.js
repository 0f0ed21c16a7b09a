// What a reader does on the docs page of the user sessions, by mouse: open, list and close one.
'use strict';

const assert = require('node:assert/strict');
const { base, browse, open, tryOut } = require('./docs-page.js');

async function walk(page) {
  await open(page, 'user-sessions', 'open_session');
  assert.ok(await page.locator('.opblock').count() >= 8, 'every operation has a block');

  const body = { user_id: 'by-mouse', user_name: 'Mouse' };
  const opened = await tryOut(page, 'open_session', { body });
  assert.equal(opened.status, 200, opened.text);
  const session_id = /"id":\s*"([0-9a-f]{32})"/.exec(opened.text)?.[1];
  assert.ok(session_id, `the answer shows an id: ${opened.text}`);

  const filter = { filter: { user_id: 'by-mouse' } };
  const listed = await tryOut(page, 'get_sessions', { body: filter });
  assert.equal(listed.status, 200, listed.text);
  assert.ok(listed.text.includes(session_id), listed.text);

  const closed = await tryOut(page, 'close_session', { body: { session_id } });
  assert.equal(closed.status, 200, closed.text);
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

browse(async (page) => {
  await walk(page);
  await banner(page);
}, 'the docs page opened, listed and closed a session by mouse, and says what ends');
