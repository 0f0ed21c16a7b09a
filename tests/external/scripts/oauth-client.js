// `node oauth-client.js BASE ID SECRET`: openid-client configures itself from the server's
// metadata, gets a token in both ways of authentication, and calls the API with it.
'use strict';

const assert = require('node:assert/strict');
const path = require('node:path');
const { pathToFileURL } = require('node:url');

const [base, id, secret] = process.argv.slice(2);

(async () => {
  // An import looks for no package in NODE_PATH.
  const entry = path.join(process.env.NODE_PATH, 'openid-client', 'build', 'index.js');
  const oauth = await import(pathToFileURL(entry));
  const insecure = { algorithm: 'oauth2', execute: [oauth.allowInsecureRequests] };
  for (const method of [oauth.ClientSecretBasic(secret), oauth.ClientSecretPost(secret)]) {
    const config = await oauth.discovery(new URL(base), id, undefined, method, insecure);
    assert.equal(config.serverMetadata().token_endpoint, `${base}/v1/identity/oauth/token`);
    const tokens = await oauth.clientCredentialsGrant(config, { scope: 'edfi_admin_api/readonly' });
    assert.equal(tokens.token_type.toLowerCase(), 'bearer');
    assert.equal(tokens.scope, 'edfi_admin_api/readonly');
    const url = new URL(`${base}/v1/admin/vendors`);
    const vendors = await oauth.fetchProtectedResource(config, tokens.access_token, url, 'GET');
    assert.equal(vendors.status, 200);
    assert.ok(Array.isArray(await vendors.json()));
    const refused = oauth.clientCredentialsGrant(config, { scope: 'nothing' });
    await assert.rejects(refused, (error) => error.error === 'invalid_scope');
  }
  const wrong = oauth.ClientSecretPost('wrong');
  const config = await oauth.discovery(new URL(base), id, undefined, wrong, insecure);
  await assert.rejects(oauth.clientCredentialsGrant(config), (error) => error.status === 401 || error.error === 'invalid_client');
  console.log('openid-client configured itself, got tokens in two ways and called the API');
})().catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
