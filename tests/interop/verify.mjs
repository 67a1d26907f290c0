// Verifies signed records with Digital Bazaar's libraries, which share no code with ours: outer and each nested credential,
// and that an altered one is refused. Nothing is fetched.
//
// node verify.mjs CONTEXTS.json RECORD.json…    CONTEXTS maps context URLs to documents, as written by our own set.
import assert from 'node:assert/strict';
import {readFileSync} from 'node:fs';
import {DataIntegrityProof} from '@digitalbazaar/data-integrity';
import {cryptosuite} from '@digitalbazaar/ecdsa-rdfc-2019-cryptosuite';
import {verifyCredential} from '@digitalbazaar/vc';

const [contextsFile, ...recordFiles] = process.argv.slice(2);
const contexts = new Map(Object.entries(readJson(contextsFile)));
assert(recordFiles.length > 0, 'no record to verify');

for(const file of recordFiles) {
  const record = readJson(file);
  await accepts(record, 'the record');
  await refuses(altered(record, copy => copy.name += '.'), 'an altered name');
  await refuses(altered(record, copy => [copy.proof].flat()[0].created = '2001-01-01T00:00:00Z'), 'an altered proof');

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
  const {verified, error} = await verify(credential);
  assert(verified, `${what} is refused: ${JSON.stringify(error, null, 2)}`);
}

async function refuses(credential, what) {
  const {verified, error} = await verify(credential);
  assert(!verified, `${what} is accepted`);
  // Refused for its signature, not because the verifier stumbled over something else.
  assert(JSON.stringify(error).includes('Invalid signature'), `${what}: ${JSON.stringify(error, null, 2)}`);
}

// A key may speak for the issuer whose document lists it: the library compares the two.
function verify(credential) {
  const suite = new DataIntegrityProof({cryptosuite});
  return verifyCredential({credential, suite, documentLoader, checkStatus});
}

// Status lists are another matter than signatures.
async function checkStatus() {
  return {verified: true};
}

async function documentLoader(url) {
  const document = contexts.get(url) ?? didKeyDocument(url);
  if(!document) {
    throw new Error(`nothing is fetched, and ${url} is not here`);
  }
  return {documentUrl: url, document};
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
