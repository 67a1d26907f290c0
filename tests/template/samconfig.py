"""Every parameter that a stage of infra/samconfig.toml gives is one of the template, and every one that must be given is."""

import tomllib

from samcli.yamlhelper import yaml_parse

with open("template.yaml", encoding="utf-8") as file:
    parameters = yaml_parse(file.read())["Parameters"]
with open("infra/samconfig.toml", "rb") as file:
    tables = {name: one for name, one in tomllib.load(file).items() if isinstance(one, dict)}
stages = {name: one["deploy"]["parameters"] for name, one in tables.items() if "deploy" in one}

required = {name for name, one in parameters.items() if "Default" not in one}
for stage, deploy in stages.items():
    given = {override.split("=", 1)[0] for override in deploy["parameter_overrides"]}
    assert given <= parameters.keys(), f"{stage}: no such parameters: {given - parameters.keys()}"
    assert required <= given, f"{stage}: missing: {required - given}"
print(f"infra/samconfig.toml: {', '.join(stages)}")
