"""Unsigned ClrCredentials of any size, for machines without the shared vectors: about 5 KB a nested credential."""

import uuid

OB = ["https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json",
      "https://purl.imsglobal.org/spec/ob/v3p0/extensions.json"]
V2 = "https://www.w3.org/ns/credentials/v2"
CLR = "https://purl.imsglobal.org/spec/clr/v2p0/context-2.0.1.json"
ISSUER = "https://registrar.example.edu/issuer"
LEARNER = "urn:uuid:6d3f0f0e-4d0f-4b3c-9a57-2f6f0c9b7f11"


def urn(name):
    return "urn:uuid:" + str(uuid.uuid5(uuid.NAMESPACE_URL, name))


def issuer():
    return {
        "id": ISSUER, "type": ["Profile"], "name": "Example University", "url": "https://www.example.edu",
        "email": "registrar@example.edu",
        "address": {"type": ["Address"], "addressCountry": "USA", "addressLocality": "Springfield", "postalCode": "12345"},
    }


def achievement(number):
    def alignment(outcome):
        return {
            "type": ["Alignment"], "targetCode": f"C{number}.{outcome}", "targetName": f"Outcome {outcome}",
            "targetDescription": f"The learner applies outcome {outcome} of course {number}.",
            "targetType": "CFItem", "targetUrl": f"https://www.example.edu/outcomes/{number}/{outcome}",
        }

    return {
        "id": urn(f"achievement/{number}"), "type": ["Achievement"], "achievementType": "Course",
        "creator": {"id": ISSUER, "type": ["Profile"], "name": "Example University"},
        "creditsAvailable": 3.0, "fieldOfStudy": "Computer Science", "humanCode": f"CS-{number}", "inLanguage": "en-US",
        "name": f"Introduction to topic {number}",
        "description": f"Theory, practice and assessment of topic {number}, with work in the laboratory.",
        "criteria": {"narrative": f"A written examination and a project show that topic {number} is mastered."},
        "alignment": [alignment(outcome) for outcome in range(3)],
        "resultDescription": [{
            "id": urn(f"grade/{number}"), "type": ["ResultDescription"], "name": "Final grade",
            "resultType": "LetterGrade", "allowedValue": ["D", "C", "B", "A"],
        }],
        "tag": ["computing", f"topic-{number}"],
    }


def nested(number):
    return {
        "@context": [V2, *OB], "id": urn(f"credential/{number}"), "type": ["VerifiableCredential", "AchievementCredential"],
        "issuer": issuer(), "validFrom": "2024-05-10T00:00:00Z", "name": f"Topic {number} completed",
        "credentialSubject": {
            "id": LEARNER, "type": ["AchievementSubject"], "activityEndDate": "2024-05-10T00:00:00Z",
            "creditsEarned": 3.0, "role": "Student", "term": "Spring", "achievement": achievement(number),
            "result": [{"type": ["Result"], "resultDescription": urn(f"grade/{number}"), "value": "ABCD"[number % 4]}],
        },
        "credentialSchema": [{
            "id": "https://purl.imsglobal.org/spec/ob/v3p0/schema/json/ob_v3p0_achievementcredential_schema.json",
            "type": "1EdTechJsonSchemaValidator2019",
        }],
        "proof": [{
            "type": "DataIntegrityProof", "created": "2024-05-11T00:00:00Z", "cryptosuite": "ecdsa-rdfc-2019",
            "verificationMethod": f"{ISSUER}#key", "proofPurpose": "assertionMethod",
            "proofValue": "z" + uuid.uuid5(uuid.NAMESPACE_URL, f"proof/{number}").hex.replace("0", "1") * 2,
        }],
    }


def generate(count):
    return {
        "@context": [V2, CLR, *OB], "id": urn(f"record/{count}"), "type": ["VerifiableCredential", "ClrCredential"],
        "issuer": issuer(), "validFrom": "2024-06-01T00:00:00Z", "name": "Comprehensive Learner Record", "partial": False,
        "credentialSubject": {
            "id": LEARNER, "type": ["ClrSubject"],
            "achievement": [achievement(number) for number in range(count)],
            "verifiableCredential": [nested(number) for number in range(count)],
        },
        "credentialSchema": [{
            "id": "https://purl.imsglobal.org/spec/clr/v2p0/schema/json/clr_v2p0_clrcredential_schema.json",
            "type": "1EdTechJsonSchemaValidator2019",
        }],
    }
