"""pyld_peer.py sign|verify NESTED FOLDER SECONDS: PyLD and python cryptography, measured warm in one process.

PyLD has no proofs: the steps of ecdsa-rdfc-2019 are done here, around its canonicalization.
"""

import hashlib
import json
import sys
import time

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, utils
from pyld import jsonld

operation, nested, folder, seconds = sys.argv[1:]


def load(name):
    with open(f"{folder}/{name}", encoding="utf-8") as file:
        return file.read()


contexts = json.loads(load("contexts.json"))
key_file = json.loads(load("key.json"))
secret = ec.derive_private_key(int.from_bytes(bytes.fromhex(key_file["secretKeyHex"]), "big"), ec.SECP256R1())
ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
PREHASHED = ec.ECDSA(utils.Prehashed(hashes.SHA256()))


def load_context(url, _options=None):
    return {"contextUrl": None, "documentUrl": url, "document": contexts[url], "contentType": "application/ld+json"}


jsonld.set_document_loader(load_context)


def canonical_hash(document):
    options = {"algorithm": "URDNA2015", "format": "application/n-quads"}
    return hashlib.sha256(jsonld.normalize(document, options).encode()).digest()


def hash_data(document, configuration):
    joined = canonical_hash(configuration) + canonical_hash(document)
    return hashlib.sha256(joined).digest()


def base58_encode(data):
    number, text = int.from_bytes(data, "big"), ""
    while number:
        number, digit = divmod(number, 58)
        text = ALPHABET[digit] + text
    return "1" * (len(data) - len(data.lstrip(b"\0"))) + text


def base58_decode(text):
    number = 0
    for character in text:
        number = number * 58 + ALPHABET.index(character)
    return number.to_bytes(64, "big")


def sign(text):
    document = json.loads(text)
    configuration = {
        "@context": document["@context"],
        "type": "DataIntegrityProof",
        "cryptosuite": "ecdsa-rdfc-2019",
        "created": "2025-01-01T00:00:00Z",
        "verificationMethod": key_file["did"] + "#" + key_file["publicKeyMultibase"],
        "proofPurpose": "assertionMethod",
    }
    r, s = utils.decode_dss_signature(secret.sign(hash_data(document, configuration), PREHASHED))
    del configuration["@context"]
    configuration["proofValue"] = "z" + base58_encode(r.to_bytes(32, "big") + s.to_bytes(32, "big"))
    document["proof"] = configuration


def verify(text):
    document = json.loads(text)
    configuration = document.pop("proof")
    configuration = configuration[0] if isinstance(configuration, list) else configuration
    signature = base58_decode(configuration.pop("proofValue")[1:])
    configuration["@context"] = document["@context"]
    encoded = utils.encode_dss_signature(int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big"))
    secret.public_key().verify(encoded, hash_data(document, configuration), PREHASHED)


text = load(f"clr-{nested}{'.signed' if operation == 'verify' else ''}.json")
run = {"sign": sign, "verify": verify}[operation]
run(text)
runs = []
end = time.perf_counter() + float(seconds)
while time.perf_counter() < end or len(runs) < 3:
    start = time.perf_counter()
    run(text)
    runs.append((time.perf_counter() - start) * 1e6)
print(json.dumps({"runs_us": runs}))
