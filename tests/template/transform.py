"""What CloudFormation makes of the template: the transformation of SAM, offline.

    python3 transform.py template.yaml transformed.json      (with the Python of aws-sam-cli, which has the transformation)
"""

import json
import os
import sys
from types import SimpleNamespace

from samcli.yamlhelper import yaml_parse
from samtranslator.translator.transform import transform

os.environ.setdefault("AWS_DEFAULT_REGION", "eu-central-1")
source, destination = sys.argv[1:]
with open(source, encoding="utf-8") as file:
    template = yaml_parse(file.read())
for resource in template["Resources"].values():
    if resource["Type"] == "AWS::Serverless::Function":
        # What `sam deploy` puts there when it has uploaded the binary.
        resource["Properties"]["CodeUri"] = {"Bucket": "artifacts", "Key": "function.zip"}
# The loader knows AWS's managed policies by name; the template names none.
transformed = transform(template, {}, SimpleNamespace(load=lambda: {}))
with open(destination, "w", encoding="utf-8") as file:
    json.dump(transformed, file, indent=1)
