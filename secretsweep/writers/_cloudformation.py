"""Which properties of AWS resources keep what they are given to themselves, and what to do about the others."""

import re

from secretsweep import lazyre

# All that SecureString parameters are read for: docs.aws.amazon.com, dynamic-references-ssm-secure-strings
SECURE = lazyre.compile(
    r"AWS::DirectoryService::(?:MicrosoftAD|SimpleAD)\.Password|AWS::ElastiCache::ReplicationGroup\.AuthToken|"
    r"AWS::IAM::User\.LoginProfile\.Password|AWS::OpsWorks::App\.AppSource\.Password|"
    r"AWS::KinesisFirehose::DeliveryStream\.RedshiftDestinationConfiguration\.Password|"
    r"AWS::OpsWorks::Stack\.(?:CustomCookbooksSource\.Password|RdsDbInstances\.\[\d+\]\.DbPassword)|"
    r"AWS::RDS::DB(?:Cluster|Instance)\.MasterUserPassword|AWS::Redshift::Cluster\.MasterUserPassword"
)
# what functions are given; docs.aws.amazon.com, lambda dg configuration-envvars
FUNCTIONS = lazyre.compile(r"AWS::(?:Lambda|Serverless)::Function\.Environment\.Variables\..*", re.DOTALL)
SHOWN = (
    "everybody who may describe the function sees the value; better set the secret's ARN, and read it when it starts "
    "(SAM: AWSSecretsManagerGetSecretValuePolicy)"
)
_VISIBLE = "everybody who may describe the resource would see the value"
_READ = "set the secret's ARN instead, let the role read it, and read it when the program starts"
_RULES = (
    (r"Custom::.*|AWS::CloudFormation::(?:CustomResource|Macro)\..*", "custom resources are not given resolved values",
     "pass the secret's ARN, and let the function read it"),
    (r"AWS::SecretsManager::Secret\..*", "the template would make one secret of another",
     "use GenerateSecretString, or refer to the secret that is there"),
    (r"AWS::SSM::Parameter\..*", "a template cannot make a SecureString: who reads the parameter sees the value",
     "keep the value as a SecureString that no template makes"),
    (r"AWS::ECS::TaskDefinition\..*\.Environment\..*", _VISIBLE,
     "move it from Environment to Secrets: {Name: …, ValueFrom: the secret's ARN}, and let the execution role read it"),
    (r"AWS::Batch::JobDefinition\..*\.Environment\..*", _VISIBLE,
     "move it from Environment to Secrets: {Name: …, ValueFrom: the secret's ARN}"),
    (r"AWS::AppRunner::Service\..*RuntimeEnvironmentVariables\..*", _VISIBLE,
     "move it to RuntimeEnvironmentSecrets with the secret's ARN"),
    (r"AWS::CodeBuild::Project\..*EnvironmentVariables\..*", _VISIBLE,
     "say Type: SECRETS_MANAGER (or PARAMETER_STORE) and the secret's name as Value"),
    (r".*\.UserData\b.*", _VISIBLE, "read the value when the machine starts, with its instance profile"),
    (r".*\b(?:Environment|EnvironmentVariables|Variables|StageVariables|DefaultArguments|OptionSettings)\b.*",
     _VISIBLE, _READ),
    (r".*\b(?:Command|EntryPoint|Args|BuildSpec|DefinitionString|DefinitionBody|Definition|Tags|Description|ZipFile|"
     r"InlineCode|Content|Document|PolicyDocument)\b.*", _VISIBLE, _READ),
)  # fmt: skip
_COMPILED = tuple((lazyre.compile(pattern, re.DOTALL), reason, instead) for pattern, reason, instead in _RULES)


def shown(kind: str, path: str) -> tuple[str, str] | None:
    """Why a property of a type of resource must not be given a value, and what to do instead."""
    if not kind:
        return "the type of the resource is not known", "name its Type"
    place = f"{kind}.{path}"
    if FUNCTIONS.fullmatch(place):
        return None
    return next(((reason, instead) for pattern, reason, instead in _COMPILED if pattern.fullmatch(place)), None)
