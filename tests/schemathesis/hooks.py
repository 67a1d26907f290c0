"""Media types that schemathesis does not know to be JSON."""

import json

import schemathesis

schemathesis.serializer.alias("application/vc", "application/json")


@schemathesis.deserializer("application/vc")
def verifiable_credential(context, response):
    return json.loads(response.content)
