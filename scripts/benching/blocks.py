"""The text of a made repository: blocks in the language of their file, most without anything that looks secret."""

import random
from pathlib import PurePosixPath

from secretsweep.rules.placeholders import fill

SERVICES = ("orders", "billing", "search", "gateway", "queue", "cache", "ledger", "mail")
REGIONS = ("eu-west-1", "us-east-1", "ap-south-1")
PATHS = (
    "terraform/{name}.tf",
    "terraform/modules/{name}/main.tf",
    "kubernetes/{name}.yaml",
    "helm/{name}/values.yaml",
    "ansible/roles/{name}/defaults.yml",
    "scripts/{name}.sh",
    "docs/{name}.md",
)
REFERENCES = 0.1  # share of the blocks that name a password without holding one
LEAKS = {
    ".tf": ('variable "{s}_token_{n}" {{\n  default = "', "glpat-${alnum:20}", '"\n}\n'),
    ".yaml": ("{s}{n}:\n  password: ", "${alnum:20}", "\n"),
    ".yml": ("{s}_{n}_database: ", "postgres://app:${alnum:20}@db.example.com/app", "\n"),
    ".sh": ("export AWS_SECRET_ACCESS_KEY=", "${base64:40}", "\n"),
    ".md": ("Deploy {s} with\n\n    GITHUB_TOKEN=", "ghp_${alnum:30}${checksum_github}", " make\n"),
}


def leak(path: str, draw: random.Random, number: int) -> str:
    """A block with an invented credential."""
    before, value, after = LEAKS[PurePosixPath(path).suffix]
    return before.format(s=draw.choice(SERVICES), n=number) + fill(value, number) + after


def block(path: str, draw: random.Random, number: int) -> str:
    """A few lines about one service."""
    service, size = draw.choice(SERVICES), draw.randint(1, 512)
    refers = draw.random() < REFERENCES
    match PurePosixPath(path).suffix:
        case ".tf":
            password = f"  password      = var.{service}_password\n" if refers else ""
            return (
                f'resource "aws_instance" "{service}_{number}" {{\n'
                f'  ami           = "ami-{draw.getrandbits(68):017x}"\n'
                f'  instance_type = "m{draw.randint(4, 7)}.large"\n{password}'
                f'  tags          = {{ Name = "{service}", Size = {size} }}\n}}\n'
            )
        case ".sh":
            login = f'vault login -method=aws role="{service}"\n' if refers else ""
            return (
                f'{login}echo "step {number}"\nkubectl -n {service} rollout status deploy/{service} --timeout={size}s\n'
            )
        case ".md":
            where = "Its token is in Vault.\n" if refers else ""
            return f"## {service} {number}\n\nRuns in {draw.choice(REGIONS)} with {size} MiB.\n{where}\n"
        case _:
            secret = f"{{name: DATABASE_PASSWORD, valueFrom: {{secretKeyRef: {{name: {service}, key: password}}}}}}"
            return (
                f"{service}{number}:\n"
                f"  image: registry.example.com/{service}@sha256:{draw.getrandbits(256):064x}\n"
                f"  replicas: {draw.randint(1, 9)}\n"
                f"  resources: {{limits: {{memory: {size}Mi, cpu: {size}m}}}}\n"
                "  env:\n"
                f"    - {{name: LOG_LEVEL, value: info}}\n{f'    - {secret}' + chr(10) if refers else ''}"
            )
