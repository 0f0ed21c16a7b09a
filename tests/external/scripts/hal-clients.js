// `node hal-clients.js BASE TOKEN`: HAL clients from npm walk the licences, page by page, from the
// first to the last: ketting, traverson with traverson-hal, and halfred, which parses each page.
'use strict';

const assert = require('node:assert/strict');
const { Client, bearerAuth } = require('ketting');
const traverson = require('traverson');
const JsonHalAdapter = require('traverson-hal');
const halfred = require('halfred');

traverson.registerMediaType(JsonHalAdapter.mediaType, JsonHalAdapter);

const [base, token] = process.argv.slice(2);
const LIST = `${base}/licence/v1.1/licence`;

// What is walked, and how many licences a page holds. Expected totals come from a single large page.
const WALKS = [
  { name: 'every current licence', query: 'PageSize=20', all: 659 },
  { name: 'a filtered list', query: 'mode=all&licencestatus=active&Grades=3a%2C3b&PageSize=7&OrderBy=-surname' },
];

async function expected(query) {
  const plain = query.replace(/PageSize=\d+/, 'PageSize=1000');
  const response = await fetch(`${LIST}?${plain}`, { headers: { authorization: `Bearer ${token}` } });
  assert.equal(response.status, 200, await response.clone().text());
  const page = await response.json();
  return page._embedded.licence.map((licence) => licence.licenceNumber);
}

// By following `next`, and reading what each page embeds.
async function withKetting(query) {
  const client = new Client(base);
  client.use(bearerAuth(token));
  const numbers = [];
  let page = client.go(`${LIST}?${query}`);
  let pages = 0;
  for (;;) {
    const state = await page.get();
    pages += 1;
    for (const embedded of state.getEmbedded()) numbers.push(embedded.data.licenceNumber);
    assert.equal(state.links.has('prev'), pages > 1, `page ${pages} and \`prev\``);
    if (!state.links.has('next')) {
      const last = await state.follow('last').get();
      assert.equal(last.uri, state.uri, 'the page without `next` is the last');
      break;
    }
    page = state.follow('next');
  }
  // Every embedded licence is a resource of its own.
  const one = await client.go(`${LIST}/${numbers[0]}`).get();
  assert.equal(one.data.licenceNumber, numbers[0]);
  return { numbers, pages };
}

function traversed(start, ...rels) {
  return new Promise((resolve, reject) => {
    traverson.from(start)
      .jsonHal()
      .withRequestOptions({ headers: { authorization: `Bearer ${token}`, accept: 'application/hal+json' } })
      .follow(...rels)
      .getResource((error, resource) => (error ? reject(error) : resolve(resource)));
  });
}

// From the first page on, one `next` at a time; then back from the last one by `prev`.
async function withTraverson(query) {
  const numbers = [];
  const start = `${LIST}?${query}`;
  let resource = await traversed(start, 'first');
  let pages = 0;
  for (;;) {
    pages += 1;
    numbers.push(...resource._embedded.licence.map((licence) => licence.licenceNumber));
    if (!resource._links.next) break;
    resource = await traversed(resource._links.self.href, 'next');
  }
  const before = await traversed(start, 'last', 'prev');
  const size = before._embedded.licence.length;
  assert.deepEqual(
    before._embedded.licence.map((licence) => licence.licenceNumber),
    numbers.slice((pages - 2) * size, (pages - 1) * size),
    'the page before the last',
  );
  const first = await traversed(start, 'first', 'licence[0]', 'self');
  assert.equal(first.licenceNumber, numbers[0]);
  return { numbers, pages };
}

// A parser that says what is no HAL.
async function withHalfred(query) {
  halfred.enableValidation();
  const numbers = [];
  let href = `${LIST}?${query}`;
  let pages = 0;
  while (href) {
    const response = await fetch(href, {
      headers: { authorization: `Bearer ${token}`, accept: 'application/hal+json' },
    });
    assert.match(response.headers.get('content-type'), /^application\/hal\+json/);
    const page = halfred.parse(await response.json());
    pages += 1;
    assert.deepEqual(page.validationIssues(), [], `page ${pages}`);
    for (const licence of page.embeddedArray('licence')) {
      assert.deepEqual(licence.validationIssues(), []);
      numbers.push(licence.licenceNumber);
    }
    href = page.link('next')?.href;
  }
  return { numbers, pages };
}

(async () => {
  for (const { name, query, all } of WALKS) {
    const wanted = await expected(query);
    if (all !== undefined) assert.equal(wanted.length, all, name);
    assert.ok(wanted.length > 7, `${name} has ${wanted.length} licences`);
    const clients = { ketting: withKetting, 'traverson-hal': withTraverson, halfred: withHalfred };
    for (const [client, walk] of Object.entries(clients)) {
      const { numbers, pages } = await walk(query);
      assert.deepEqual(numbers, wanted, `${client}, ${name}`);
      console.log(`${client} walked ${name}: ${numbers.length} licences on ${pages} pages`);
    }
  }
})().catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
