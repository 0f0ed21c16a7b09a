// `node licences-at-scale.js BASE TOKEN FOLDER COUNT`: whether the answers to the document's examples,
// in FOLDER, are what its `licences.csv` holds; then halfred walks every licence of the server at BASE.
'use strict';

const assert = require('node:assert/strict');
const fs = require('node:fs');
const readline = require('node:readline');
const halfred = require('halfred');

const [base, token, folder, count] = process.argv.slice(2);
const LIST = `${base}/licence/v1.1/licence`;

// The values of a line of CSV; only lists of grades are quoted.
function values(line) {
  return [...line.matchAll(/(?:^|,)(?:"([^"]*)"|([^,]*))/g)].map(([, quoted, plain]) => quoted ?? plain);
}

// The newest licence of each holder, in the order of their numbers: what `Mode=Current` is about.
async function current() {
  const newest = new Map();
  let names;
  let lines = 0;
  for await (const line of readline.createInterface({ input: fs.createReadStream(`${folder}/licences.csv`) })) {
    if (!names) {
      names = values(line);
      continue;
    }
    lines += 1;
    const licence = Object.fromEntries(values(line).map((value, at) => [names[at], value]));
    const known = newest.get(licence.holderNumber);
    const isNewer = !known || licence.dateIssued > known.dateIssued
      || (licence.dateIssued === known.dateIssued && licence.licenceNumber > known.licenceNumber);
    if (isNewer) {
      const { licenceNumber, surname, licenceStatus, distributionStatus, dateIssued } = licence;
      newest.set(licence.holderNumber, { licenceNumber, surname, licenceStatus, distributionStatus, dateIssued });
    }
  }
  assert.equal(lines, Number(count), 'the file has as many licences as were asked for');
  return [...newest.values()].sort((one, other) => compare(one.licenceNumber, other.licenceNumber));
}

// Texts are ordered by their code points.
function compare(one, other) {
  return Buffer.compare(Buffer.from(one), Buffer.from(other));
}

function answer(name) {
  return JSON.parse(fs.readFileSync(`${folder}/${name}.json`, 'utf8'));
}

function numbers(page) {
  return page._embedded.licence.map((licence) => licence.licenceNumber);
}

function examples(licences) {
  const known = licences.map((licence) => licence.licenceNumber);
  const rels = (page) => Object.keys(page._links).sort();

  const page = answer('page');
  assert.equal(page.total, String(licences.length));
  assert.deepEqual(numbers(page), known.slice(20, 40));
  assert.deepEqual(rels(page), ['first', 'last', 'next', 'prev', 'self']);
  const last = new URL(page._links.last.href).searchParams;
  assert.equal(last.get('Page'), String(Math.ceil(licences.length / 20)));
  assert.equal(last.get('PageSize'), '20');

  const wanted = licences.filter((licence) => licence.licenceStatus === 'Active'
    && licence.distributionStatus === 'Pending' && licence.dateIssued <= '2021-05-18');
  const filters = answer('filters');
  assert.equal(filters.total, String(wanted.length));
  assert.deepEqual(numbers(filters), wanted.slice(0, 20).map((licence) => licence.licenceNumber));
  for (const licence of filters._embedded.licence) {
    assert.deepEqual([licence.licenceStatus, licence.distributionStatus], ['Active', 'Pending']);
  }

  const fields = answer('fields');
  assert.equal(fields.total, count);
  assert.equal(fields._embedded.licence.length, 20);
  for (const licence of fields._embedded.licence) {
    const members = Object.keys(licence).filter((member) => member !== '_links');
    assert.deepEqual(members, ['surname', 'forename', 'grade']);
    assert.match(licence._links.self.href, /\/licence\/v1\.1\/licence\/PAL-/);
  }

  const ordered = [...licences].sort((one, other) => compare(other.surname, one.surname)
    || compare(one.licenceNumber, other.licenceNumber));
  const order = answer('order');
  assert.equal(order.total, String(licences.length));
  assert.deepEqual(numbers(order), ordered.slice(0, 20).map((licence) => licence.licenceNumber));
  return wanted.length;
}

// From the first page to the last by `next`.
async function walk() {
  halfred.enableValidation();
  const seen = new Set();
  let pages = 0;
  let page;
  let href = `${LIST}?Mode=All&PageSize=1000`;
  while (href) {
    const response = await fetch(href, {
      headers: { authorization: `Bearer ${token}`, accept: 'application/hal+json' },
    });
    assert.equal(response.status, 200, href);
    page = halfred.parse(await response.json());
    pages += 1;
    assert.deepEqual(page.validationIssues(), [], href);
    assert.equal(page.original().total, count, href);
    for (const licence of page.embeddedArray('licence')) seen.add(licence.licenceNumber);
    assert.equal(seen.size, Math.min(pages * 1000, Number(count)), `no licence comes twice up to page ${pages}`);
    href = page.link('next')?.href;
  }
  assert.equal(page.link('self').href, page.link('last').href, 'the page without `next` is the last');
  assert.equal(seen.size, Number(count));
  return pages;
}

(async () => {
  const licences = await current();
  const filtered = examples(licences);
  const started = Date.now();
  const pages = await walk();
  const took = ((Date.now() - started) / 1000).toFixed(1);
  console.log(`${count} licences, ${licences.length} of them current, ${filtered} filtered; halfred walked ${pages} pages in ${took} s`);
})().catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
