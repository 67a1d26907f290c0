// Keys in the emulated KMS.

const { KMS } = process.env;

/** Calls an operation of KMS. The emulator asks for the form of a signature only. */
async function call(operation, body) {
  const response = await fetch(KMS, {
    method: "POST",
    headers: {
      "content-type": "application/x-amz-json-1.1",
      "x-amz-target": `TrentService.${operation}`,
      authorization: "AWS4-HMAC-SHA256 Credential=test/20260110/us-east-1/kms/aws4_request, SignedHeaders=host, Signature=0",
    },
    body: JSON.stringify(body),
  });
  if (!response.ok) throw new Error(`${operation}: ${await response.text()}`);
  return response.json();
}

/** A new P-256 key for signing. */
export async function createKey() {
  const { KeyMetadata } = await call("CreateKey", { KeySpec: "ECC_NIST_P256", KeyUsage: "SIGN_VERIFY" });
  return KeyMetadata.Arn;
}

/** Milliseconds of one signature, from here. */
export async function sign(key) {
  const begun = performance.now();
  await call("Sign", {
    KeyId: key,
    Message: Buffer.alloc(32, 1).toString("base64"),
    MessageType: "DIGEST",
    SigningAlgorithm: "ECDSA_SHA_256",
  });
  return performance.now() - begun;
}
