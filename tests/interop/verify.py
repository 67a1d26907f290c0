"""verify.py CONTEXTS.json DID.json RECORD.json…: the signed records, verified with PyLD and python cryptography alone.

Each proof of a record and of every credential in it, by the steps of eddsa-rdfc-2022 and ecdsa-rdfc-2019 written here;
altered ones must be refused. CONTEXTS maps context URLs to documents; DID is the did:web issuer's document.
"""

import copy
import hashlib
import json
import sys

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, utils
from pyld import jsonld

ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"


def read(path):
    with open(path, encoding="utf-8") as file:
        return json.load(file)


contexts, did_document = read(sys.argv[1]), read(sys.argv[2])


def load_context(url, _options=None):
    return {"contextUrl": None, "documentUrl": url, "document": contexts[url], "contentType": "application/ld+json"}


jsonld.set_document_loader(load_context)


def digest(document):
    options = {"algorithm": "URDNA2015", "format": "application/n-quads"}
    return hashlib.sha256(jsonld.normalize(document, options).encode()).digest()


def base58(text):
    assert text[0] == "z", text
    number = 0
    for digit in text[1:]:
        number = number * 58 + ALPHABET.index(digit)
    zeros = len(text[1:]) - len(text[1:].lstrip("1"))
    return b"\0" * zeros + number.to_bytes((number.bit_length() + 7) // 8, "big")


def multikey(method, issuer):
    """The key of a verification method that may speak for the issuer, as its DID document says."""
    controller, _, fragment = method.partition("#")
    assert controller == issuer, f"{method} is not of {issuer}"
    if controller.startswith("did:key:"):
        assert controller == f"did:key:{fragment}", method
        return base58(fragment)
    assert controller == did_document["id"] and method in did_document["assertionMethod"], method
    (listed,) = [entry for entry in did_document["verificationMethod"] if entry["id"] == method]
    assert listed["type"] == "Multikey" and listed["controller"] == controller, listed
    return base58(listed["publicKeyMultibase"])


def check(credential, proof):
    """Raises InvalidSignature unless the proof is good."""
    unsecured = {name: value for name, value in credential.items() if name != "proof"}
    configuration = {name: value for name, value in proof.items() if name != "proofValue"}
    configuration["@context"] = credential["@context"]
    signed = digest(configuration) + digest(unsecured)
    key, signature = multikey(proof["verificationMethod"], credential["issuer"]["id"]), base58(proof["proofValue"])
    assert proof["type"] == "DataIntegrityProof" and proof["proofPurpose"] == "assertionMethod", proof
    assert len(signature) == 64, proof
    if proof["cryptosuite"] == "eddsa-rdfc-2022":
        assert key[:2] == b"\xed\x01", key
        ed25519.Ed25519PublicKey.from_public_bytes(key[2:]).verify(signature, signed)
    else:
        assert proof["cryptosuite"] == "ecdsa-rdfc-2019" and key[:2] == b"\x80\x24", proof
        r, s = (int.from_bytes(half, "big") for half in (signature[:32], signature[32:]))
        public = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), key[2:])
        public.verify(utils.encode_dss_signature(r, s), signed, ec.ECDSA(hashes.SHA256()))


def proofs(credential):
    found = credential["proof"]
    return found if isinstance(found, list) else [found]


def refuses(credential, alter):
    altered = copy.deepcopy(credential)
    alter(altered)
    for proof in proofs(altered):
        try:
            check(altered, proof)
        except InvalidSignature:
            continue
        raise AssertionError(f"an altered credential is accepted: {altered['id']}")


def rename(credential):
    credential["name"] = credential.get("name", "") + "."


def redate(credential):
    for proof in proofs(credential):
        proof["created"] = "2001-01-01T00:00:00Z"


for path in sys.argv[3:]:
    record = read(path)
    nested = record["credentialSubject"]["verifiableCredential"]
    count = 0
    for credential in [record, *nested]:
        for proof in proofs(credential):
            check(credential, proof)
            count += 1
        refuses(credential, rename)
        refuses(credential, redate)
    print(f"{path}: {count} proofs on the record and {len(nested)} nested credentials verify, altered ones do not")
