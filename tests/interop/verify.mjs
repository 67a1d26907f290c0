// Verifies signed records with Digital Bazaar's libraries, which share no code with ours: outer and each nested credential, by
// each suite that has a proof on them, and that an altered one is refused. Each record is read by jsonld.js in safe mode.
// Nothing is fetched.
//
// node verify.mjs CONTEXTS.json DID.json RECORD.json…    CONTEXTS maps context URLs to documents, as written by our own
// set; DID is the document of the did:web issuer.
import assert from 'node:assert/strict';
import {readFileSync} from 'node:fs';
import {DataIntegrityProof} from '@digitalbazaar/data-integrity';
import {cryptosuite as ecdsa} from '@digitalbazaar/ecdsa-rdfc-2019-cryptosuite';
import {cryptosuite as eddsa} from '@digitalbazaar/eddsa-rdfc-2022-cryptosuite';
import {verifyCredential} from '@digitalbazaar/vc';
import jsonld from 'jsonld';

const [contextsFile, didFile, ...recordFiles] = process.argv.slice(2);
const contexts = new Map(Object.entries(readJson(contextsFile)));
const didDocument = readJson(didFile);
const cryptosuites = new Map([ecdsa, eddsa].map(cryptosuite => [cryptosuite.name, cryptosuite]));
assert(recordFiles.length > 0, 'no record to verify');

for(const file of recordFiles) {
  const record = readJson(file);
  const quads = await jsonld.toRDF(record, {documentLoader, safe: true, rdfDirection: 'i18n-datatype'});
  assert(quads.length > 0);
  await accepts(record, 'the record');
  await refuses(altered(record, copy => copy.name += '.'), 'an altered name');
  await refuses(altered(record, copy => {
    for(const proof of [copy.proof].flat()) {
      proof.created = '2001-01-01T00:00:00Z';
    }
  }), 'an altered proof');

  const nested = record.credentialSubject.verifiableCredential;
  assert(nested.length > 0, `${file} has no nested credential`);
  for(const credential of nested) {
    await accepts(credential, `nested ${credential.name}`);
    await refuses(altered(credential, copy => copy.credentialSubject.achievement.name += '.'), 'an altered course');
    await refuses(altered(record, copy => {
      const inner = copy.credentialSubject.verifiableCredential.find(({id}) => id === credential.id);
      inner.credentialSubject.achievement.description += '.';
    }), 'a record with an altered course');
  }
  console.log(`${file}: the record and ${nested.length} nested credentials verify, altered ones do not`);
}

async function accepts(credential, what) {
  for(const [name, {verified, error}] of await verify(credential)) {
    assert(verified, `${what} is refused by ${name}: ${JSON.stringify(error, null, 2)}`);
  }
}

async function refuses(credential, what) {
  for(const [name, {verified, error}] of await verify(credential)) {
    assert(!verified, `${what} is accepted by ${name}`);
    // Refused for its signature, not because the verifier stumbled over something else.
    assert(JSON.stringify(error).includes('Invalid signature'), `${what}: ${JSON.stringify(error, null, 2)}`);
  }
}

// The outcome of each suite that has a proof. A key may speak for the issuer whose document lists it: the library compares
// the two.
async function verify(credential) {
  const outcomes = [];
  for(const {cryptosuite: name} of [credential.proof].flat()) {
    const suite = new DataIntegrityProof({cryptosuite: cryptosuites.get(name)});
    outcomes.push([name, await verifyCredential({credential, suite, documentLoader, checkStatus})]);
  }
  return outcomes;
}

// Status lists are another matter than signatures.
async function checkStatus() {
  return {verified: true};
}

async function documentLoader(url) {
  const document = contexts.get(url) ?? didWebDocument(url) ?? didKeyDocument(url);
  if(!document) {
    throw new Error(`nothing is fetched, and ${url} is not here`);
  }
  return {documentUrl: url, document};
}

// The served document; with a fragment the verification method alone.
function didWebDocument(url) {
  if(url === didDocument.id) {
    return didDocument;
  }
  const method = didDocument.verificationMethod.find(({id}) => id === url);
  return method && {'@context': 'https://w3id.org/security/multikey/v1', ...method};
}

// did:key documents are made, not fetched; with a fragment the verification method alone.
function didKeyDocument(url) {
  const [did, fragment] = url.split('#');
  if(!did.startsWith('did:key:z')) {
    return;
  }
  const publicKeyMultibase = did.slice('did:key:'.length);
  const method = {
    '@context': 'https://w3id.org/security/multikey/v1',
    id: `${did}#${publicKeyMultibase}`,
    type: 'Multikey',
    controller: did,
    publicKeyMultibase
  };
  if(fragment !== undefined) {
    return method;
  }
  return {
    '@context': ['https://www.w3.org/ns/did/v1', 'https://w3id.org/security/multikey/v1'],
    id: did,
    verificationMethod: [method],
    assertionMethod: [method.id]
  };
}

function altered(document, change) {
  const copy = structuredClone(document);
  change(copy);
  return copy;
}

function readJson(file) {
  return JSON.parse(readFileSync(file, 'utf8'));
}
