"""Starts `clr serve`, gets a learner's token as an application does, and lets schemathesis loose on what the discovery document says.

Argument: a folder to work in.
"""

import json
import os
import pathlib
import re
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request
from base64 import b64encode, urlsafe_b64encode
from hashlib import sha256
from http.cookiejar import CookieJar

from openapi_spec_validator import OpenAPIV30SpecValidator

REDIRECT_URI = "http://127.0.0.1:9/callback"
VERIFIER = "a verifier of this test, made of letters and spaces".replace(" ", "-").replace(",", ".")
RECORD = pathlib.Path("shared/learner-record/fixtures/transcript.json").resolve()
HERE = pathlib.Path(__file__).resolve().parent


def main():
    home = pathlib.Path(sys.argv[1]).resolve()
    with tempfile.TemporaryDirectory(prefix="clr-schemathesis-") as folder:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        command = [os.environ["CLR"], "serve", "--port", str(port)]
        log = open(home / "service.log", "w")
        service = subprocess.Popen(command, cwd=folder, stdout=log, stderr=log)
        try:
            base = f"http://127.0.0.1:{port}"
            document = when_ready(f"{base}/ims/clr/v2p0/discovery", service)
            OpenAPIV30SpecValidator(document).validate()
            operations = [operation for path in document["paths"].values() for operation in path.values()]
            print(f"ok: the discovery document is OpenAPI {document['openapi']}, {len(operations)} operations")
            token = learners_token(base, document)
            described = home / "document.json"
            described.write_text(json.dumps(prepared(document, base, token, folder)))
            ended = schemathesis(home, described, base, token)
            if service.poll() is not None:
                sys.exit(f"clr serve ended with {service.returncode}")
        finally:
            service.terminate()
            service.wait()
    if ended:
        sys.exit(ended)
    print("ok: no answer but those that the document describes")


def schemathesis(home, described, base, token):
    program = pathlib.Path(sys.executable).with_name("schemathesis")
    return subprocess.run(
        [
            program, "--config-file", HERE / "schemathesis.toml", "run", described,
            "--url", f"{base}/ims/clr/v2p0",
            "--header", f"Authorization: Bearer {token}",
        ],
        cwd=home,
        env={**os.environ, "SCHEMATHESIS_HOOKS": "hooks", "PYTHONPATH": str(HERE), "PYTHONDONTWRITEBYTECODE": "1"},
    ).returncode


def when_ready(url, service):
    for _ in range(100):
        if service.poll() is not None:
            sys.exit(f"clr serve ended with {service.returncode}")
        try:
            with urllib.request.urlopen(url) as answer:
                return json.load(answer)
        except urllib.error.URLError:
            time.sleep(0.1)
    sys.exit("clr serve did not become ready")


def prepared(document, base, token, folder):
    """The document, held to more than it says, and with examples that are worth something.

    `default` stands there because the standard has it; with it no status would be undocumented. What is sent is made up to some
    depth: below that there are more variants of a record than there is time. Nobody guesses a signed record or the id of one
    that is there.
    """
    for path in document["paths"].values():
        for operation in path.values():
            del operation["responses"]["default"]
            for content in operation.get("requestBody", {}).get("content", {}).values():
                depth = 2 if "Profile" in content["schema"]["$ref"] else 1
                content["schema"] = down_to(depth, content["schema"], document)
    record = signed_record(folder)
    credential = document["paths"]["/credentials"]["post"]["requestBody"]["content"]["application/json"]
    credential["examples"] = {"signed": {"value": record}}
    identifier = document["paths"]["/credentials/{clrCredentialId}"]["get"]["parameters"][0]
    identifier["examples"] = {"delivered": {"value": delivered(base, token, record)}}
    return document


def down_to(depth, schema, document):
    """A schema with the classes that it leads to, so many levels of them; below, any object will do."""
    if isinstance(schema, list):
        return [down_to(depth, item, document) for item in schema]
    if not isinstance(schema, dict):
        return schema
    name = schema.get("$ref")
    if not name:
        return {member: down_to(depth, value, document) for member, value in schema.items()}
    if not depth:
        return {"type": "object"}
    return down_to(depth - 1, document["components"]["schemas"][name.rsplit("/", 1)[1]], document)


def signed_record(folder):
    issued = subprocess.run(
        [os.environ["CLR"], "issue", "--as-issuer", RECORD], cwd=folder, check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    return json.loads(issued.stdout)


def delivered(base, token, record):
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json", "Prefer": "return=minimal"}
    request = urllib.request.Request(f"{base}/ims/clr/v2p0/credentials", json.dumps(record).encode(), headers)
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)["clrCredentialId"]


def learners_token(base, document):
    """Registers, sends a demo learner's browser through sign-in and consent, redeems the code."""
    scheme = document["components"]["securitySchemes"]["OAuth2ACG"]
    flow = scheme["flows"]["authorizationCode"]
    scope = " ".join(flow["scopes"])
    client = registered(scheme["x-imssf-registrationUrl"], scope)
    challenge = urlsafe_b64encode(sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()
    parameters = {
        "response_type": "code", "client_id": client["client_id"], "redirect_uri": REDIRECT_URI, "scope": scope,
        "state": "of the test", "code_challenge": challenge, "code_challenge_method": "S256",
    }
    browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()), NoRedirect())
    page = browser.open(f"{flow['authorizationUrl']}?{urllib.parse.urlencode(parameters)}").read().decode()
    page = browser.open(flow["authorizationUrl"], form(page, "sign_in", [("learner", "ada")])).read().decode()
    allowed = [("scope", one) for one in scope.split()]
    answer = browser.open(flow["authorizationUrl"], form(page, "allow", allowed))
    code = urllib.parse.parse_qs(urllib.parse.urlsplit(answer.headers["Location"]).query)["code"][0]
    redemption = {"grant_type": "authorization_code", "code": code, "redirect_uri": REDIRECT_URI, "code_verifier": VERIFIER}
    credentials = b64encode(f"{client['client_id']}:{client['client_secret']}".encode()).decode()
    request = urllib.request.Request(
        flow["tokenUrl"], urllib.parse.urlencode(redemption).encode(), {"Authorization": f"Basic {credentials}"}
    )
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)["access_token"]


def registered(url, scope):
    metadata = {
        "client_name": "Schemathesis", "client_uri": "https://app.example/", "logo_uri": "https://app.example/logo.png",
        "tos_uri": "https://app.example/terms", "policy_uri": "https://app.example/privacy", "software_id": "schemathesis",
        "software_version": "1", "redirect_uris": [REDIRECT_URI], "scope": scope,
    }
    request = urllib.request.Request(url, json.dumps(metadata).encode(), {"Content-Type": "application/json"})
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)


def form(page, answer, fields):
    hidden = [(name, re.search(f'type="hidden" name="{name}" value="([^"]*)"', page)[1]) for name in ("authorization", "form_token")]
    return urllib.parse.urlencode([*hidden, ("answer", answer), *fields]).encode()


class NoRedirect(urllib.request.HTTPRedirectHandler):
    """The application is not there; its code is in the address."""

    def http_error_303(self, request, body, code, message, headers):
        return body


main()
