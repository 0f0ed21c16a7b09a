// A session's life by the published client: `node published-client.js HOST PORT`.
// It is run against the client's own base path and against the contract's.
'use strict';

const assert = require('node:assert/strict');
const { ConfigParams, FilterParams, PagingParams } = require('pip-services3-commons-nodex');
const { SessionsCommandableHttpClientV1 } = require('client-sessions-node/obj/src/version1/SessionsCommandableHttpClientV1');

const [host, port] = process.argv.slice(2);

async function live(base) {
  const client = new SessionsCommandableHttpClientV1();
  if (base !== undefined) client._baseRoute = base;
  client.configure(ConfigParams.fromTuples(
    'connection.protocol', 'http', 'connection.host', host, 'connection.port', port,
    'options.retries', 0));
  await client.open('life');
  try {
    await session(client);
  } finally {
    await client.close('life');
  }
}

async function session(client) {
  const user = { id: '17', roles: ['admin'] };
  const user_id = `client-${process.pid}-${Math.random()}`;
  const opened = await client.openSession('life', user_id, 'User 17', 'localhost', 'test', user, { cart: [1, 2] });
  assert.match(opened.id, /^[0-9a-f]{32}$/);
  assert.equal(opened.user_id, user_id);
  assert.equal(opened.active, true);
  assert.deepEqual(opened.user, user);
  assert.deepEqual(opened.data, { cart: [1, 2] });

  const second = await client.openSession('life', user_id, null, null, null, null, null);
  const page = await client.getSessions('life', FilterParams.fromTuples('user_id', user_id), new PagingParams(0, 10, true));
  assert.equal(page.total, 2);
  assert.deepEqual(new Set(page.data.map((s) => s.id)), new Set([opened.id, second.id]));
  const everything = await client.getSessions('life', null, null);
  assert.ok(everything.data.length >= 2);

  const read = await client.getSessionById('life', opened.id);
  assert.equal(read.id, opened.id);
  assert.deepEqual(read.data, { cart: [1, 2] });

  const stored = await client.storeSessionData('life', opened.id, 'xyz');
  assert.equal(stored.data, 'xyz');
  const updated = await client.updateSessionUser('life', opened.id, { id: '18' });
  assert.deepEqual(updated.user, { id: '18' });

  const closed = await client.closeSession('life', opened.id);
  assert.equal(closed.active, false);
  assert.equal(closed.data, null);
  const active = await client.getSessions('life', FilterParams.fromTuples('user_id', user_id, 'active', true), new PagingParams());
  assert.deepEqual(active.data.map((s) => s.id), [second.id]);
  await client.closeExpiredSessions('life');

  assert.equal((await client.deleteSessionById('life', opened.id)).id, opened.id);
  assert.ok(!(await client.getSessionById('life', opened.id)));
  assert.ok(!(await client.deleteSessionById('life', opened.id)));
  await client.deleteSessionById('life', second.id);

  await assert.rejects(client.openSession('life', null, null, null, null, null, null), (error) => {
    assert.equal(error.code, 'INVALID_DATA');
    assert.equal(error.status, 400);
    assert.match(error.message, /user_id must not be null/);
    return true;
  });
}

(async () => {
  const bases = process.env.ORIGINAL ? [undefined] : [undefined, 'sessions'];
  for (const base of bases) await live(base);
  console.log(`the published client lived through ${bases.length} lives`);
  process.exit(0);
})().catch((error) => {
  console.error(error);
  process.exit(1);
});
