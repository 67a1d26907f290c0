// node peer.js sign|verify NESTED FOLDER SECONDS: the npm stack, measured warm in one process.
import {readFileSync} from 'node:fs';
import * as vc from '@digitalbazaar/vc';
import {DataIntegrityProof} from '@digitalbazaar/data-integrity';
import * as EcdsaMultikey from '@digitalbazaar/ecdsa-multikey';
import {cryptosuite} from '@digitalbazaar/ecdsa-rdfc-2019-cryptosuite';

const [operation, nested, folder, seconds] = process.argv.slice(2);
const json = name => JSON.parse(readFileSync(`${folder}/${name}`, 'utf8'));
const contexts = json('contexts.json');
const {did, publicKeyMultibase, secretKeyMultibase} = json('key.json');
const keyId = `${did}#${publicKeyMultibase}`;

const method = {
  '@context': 'https://w3id.org/security/multikey/v1', id: keyId, type: 'Multikey', controller: did, publicKeyMultibase
};
const controller = {
  '@context': ['https://www.w3.org/ns/did/v1', 'https://w3id.org/security/multikey/v1'],
  id: did, verificationMethod: [method], assertionMethod: [keyId]
};
const documents = {...contexts, [did]: controller, [keyId]: method};

async function documentLoader(url) {
  if(!(url in documents)) {
    throw new Error(`not known: ${url}`);
  }
  return {contextUrl: null, documentUrl: url, document: documents[url]};
}

const key = await EcdsaMultikey.from({...method, secretKeyMultibase});
const date = '2025-01-01T00:00:00Z';

async function sign(text) {
  const suite = new DataIntegrityProof({signer: key.signer(), cryptosuite, date});
  await vc.issue({credential: JSON.parse(text), suite, documentLoader});
}

async function verify(text) {
  const suite = new DataIntegrityProof({cryptosuite});
  const result = await vc.verifyCredential({credential: JSON.parse(text), suite, documentLoader});
  if(!result.verified) {
    throw new Error(`not verified: ${JSON.stringify(result.error?.errors?.map(String) ?? String(result.error))}`);
  }
}

const text = readFileSync(`${folder}/clr-${nested}${operation === 'verify' ? '.signed' : ''}.json`, 'utf8');
const run = operation === 'sign' ? sign : verify;
for(let i = 0; i < 3; ++i) {
  await run(text);
}
const runs = [];
const end = performance.now() + 1000 * Number(seconds);
while(performance.now() < end || runs.length < 3) {
  const start = performance.now();
  await run(text);
  runs.push((performance.now() - start) * 1000);
}
console.log(JSON.stringify({runs_us: runs}));
