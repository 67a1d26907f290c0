"""Every parameter that a stage of infra/samconfig.toml gives is one of the template, every one that must be given is, and SAM CLI
reads them as they are meant: each stage takes from the operator what only an emergency gives."""

import tomllib

from samcli.cli.types import CfnParameterOverridesType
from samcli.yamlhelper import yaml_parse

with open("template.yaml", encoding="utf-8") as file:
    parameters = yaml_parse(file.read())["Parameters"]
with open("infra/samconfig.toml", "rb") as file:
    tables = {name: one for name, one in tomllib.load(file).items() if isinstance(one, dict)}
stages = {name: one["deploy"]["parameters"] for name, one in tables.items() if "deploy" in one}

required = {name for name, one in parameters.items() if "Default" not in one}
for stage, deploy in stages.items():
    given = CfnParameterOverridesType().convert(deploy["parameter_overrides"], None, None)
    assert given.keys() <= parameters.keys(), f"{stage}: no such parameters: {given.keys() - parameters.keys()}"
    assert required <= given.keys(), f"{stage}: missing: {required - given.keys()}"
    # What is left out keeps its last value.
    assert given["ReissueArn"] == "", stage
    # Who changes another line should have it in sight.
    assert "Revision" in given, stage
print(f"infra/samconfig.toml: {', '.join(stages)}")
