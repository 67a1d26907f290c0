"""Fits a built template to what the emulator can, in place; nothing else is changed. Each gap with what is lost by it.

    python3 adapt.py .aws-sam/build/template.yaml      (with the Python of aws-sam-cli, whose reader of YAML it takes)
"""

import sys

from samcli.yamlhelper import yaml_dump, yaml_parse


def no_code_deploy(template):
    """AWS::CodeDeploy is unknown: no canary deployment, the alias moves at once."""
    del template["Globals"]["Function"]["DeploymentPreference"]
    return ["Globals.Function.DeploymentPreference"]


def no_metric_math(template):
    """Alarms over more than one metric are refused."""
    resources = template["Resources"]
    alarms = [name for name, resource in resources.items() if "Metrics" in resource.get("Properties", {})]
    for name in alarms:
        del resources[name]
    return alarms


def no_openapi_body(template):
    """The OpenAPI body of an HTTP API, where SAM writes the routes, is not read: each is made a resource of its own."""
    resources, made = template["Resources"], {}
    for name, function in resources.items():
        if function["Type"] != "AWS::Serverless::Function":
            continue
        made[f"{name}Integration"] = {
            "Type": "AWS::ApiGatewayV2::Integration",
            "Properties": {
                "ApiId": {"Ref": "Api"},
                "IntegrationType": "AWS_PROXY",
                "IntegrationUri": {"Ref": f"{name}.Alias"},
                "PayloadFormatVersion": "2.0",
            },
        }
        for event, declared in function["Properties"]["Events"].items():
            route = declared["Properties"]
            made[f"{name}{event}Route"] = {
                "Type": "AWS::ApiGatewayV2::Route",
                "Properties": {
                    "ApiId": {"Ref": "Api"},
                    "RouteKey": f"{route['Method']} {route['Path']}" if "Path" in route else "$default",
                    "Target": {"Fn::Sub": f"integrations/${{{name}Integration}}"},
                },
            }
    resources.update(made)
    return [f"{len(made)} resources for routes"]


def no_principal_arn_of_roles(template):
    """aws:PrincipalArn is that of the role's session, where AWS gives the role's: conditions of key policies name both."""
    keys = {name: one for name, one in template["Resources"].items() if one["Type"] == "AWS::KMS::Key"}
    for key in keys.values():
        for statement in key["Properties"]["KeyPolicy"]["Statement"]:
            for condition in statement.get("Condition", {}).values():
                if "aws:PrincipalArn" in condition:
                    roles = condition["aws:PrincipalArn"]
                    condition["aws:PrincipalArn"] = roles + [session(role) for role in roles]
    return list(keys)


def session(role):
    """The sessions of a role, in the same form: an attribute, or a choice of them."""
    if "Fn::GetAtt" in role:
        name = role["Fn::GetAtt"][0]
        return {"Fn::Sub": f"arn:${{AWS::Partition}}:sts::${{AWS::AccountId}}:assumed-role/${{{name}}}/*"}
    if "Fn::If" in role:
        condition, yes, no = role["Fn::If"]
        return {"Fn::If": [condition, session(yes), session(no)]}
    return role


def no_condition_keys_of_kms(template):
    """kms:SigningAlgorithm and kms:MessageType are never there: whoever may sign may do it with any algorithm."""
    keys = {name: one for name, one in template["Resources"].items() if one["Type"] == "AWS::KMS::Key"}
    for key in keys.values():
        for statement in key["Properties"]["KeyPolicy"]["Statement"]:
            if statement.get("Sid") == "Sign":
                del statement["Condition"]
    return list(keys)


GAPS = [no_code_deploy, no_metric_math, no_openapi_body, no_principal_arn_of_roles, no_condition_keys_of_kms]

path = sys.argv[1]
with open(path, encoding="utf-8") as file:
    template = yaml_parse(file.read())
for gap in GAPS:
    print(f"not in the emulator: {gap.__doc__} Changed: {', '.join(gap(template))}.")
with open(path, "w", encoding="utf-8") as file:
    file.write(yaml_dump(template))
