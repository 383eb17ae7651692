"""The files of the demo repository, as templates whose holes are filled with invented values."""

import base64
import gzip
import io
import random
import tarfile
from textwrap import dedent

from secretsweep.rules.placeholders import fill

PLANTED = (
    "a Terraform variable's default",
    "a token in tfvars",
    "a database resource's password",
    "a password in a ConfigMap",
    "a password in a Kubernetes Secret, base64",
    "a private key in a user-data script",
    "a password in Helm values",
    "a payment key in .env",
    "a database URL with a password",
    "an AWS key pair in a file that was deleted later",
    "a token in a commit message",
    "a chat webhook on a branch that was merged",
    "a password that only a merge commit holds",
    "a password inside a Helm chart archive",
    "a registry token in a stash",
)
Tree = dict[str, bytes | None]


class Values:
    """Invented values, the same for the same seed."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.token_in_message = self.filled("GITHUB_TOKEN=ghp_${alnum:30}${checksum_github} make mirror")

    def filled(self, template: str) -> str:
        return fill(template, self.seed)

    def key(self) -> str:
        """The armour of a private key around random bytes: no key, but it looks like one."""
        head = bytes.fromhex("308204a40201000282010100")  # how the DER of every 2048-bit RSA key starts
        body = base64.b64encode(head + random.Random(self.seed).randbytes(1180)).decode()
        lines = [body[at : at + 64] for at in range(0, len(body), 64)]
        kind = "RSA PRIVATE" + " KEY"
        return "\n".join((f"-----BEGIN {kind}-----", *lines, f"-----END {kind}-----"))

    def encoded(self, template: str) -> str:
        return base64.b64encode(self.filled(template).encode()).decode()


def text(template: str) -> bytes:
    return dedent(template).lstrip("\n").encode()


def first(values: Values) -> Tree:
    return {
        "README.md": text("# Infrastructure of the demo shop\n"),
        "terraform/variables.tf": text(
            values.filled(
                """
                variable "region" {
                  default = "eu-west-1"
                }

                variable "grafana_admin_password" {
                  type    = string
                  default = "${secret:18}"
                }
                """
            )
        ),
        "terraform/production.tfvars": text(
            values.filled(
                """
                region           = "eu-west-1"
                cluster_name     = "shop-production"
                gitlab_token     = "glpat-${alnum:20}"
                """
            )
        ),
        "terraform/database.tf": text(
            values.filled(
                """
                resource "aws_db_instance" "orders" {
                  identifier        = "orders"
                  engine            = "postgres"
                  instance_class    = "db.t4g.medium"
                  allocated_storage = 50
                  username          = "orders"
                  password          = "${secret:20}"
                }
                """
            )
        ),
        "terraform/bastion-user-data.sh": user_data(values),
        "kubernetes/orders-config.yaml": text(
            values.filled(
                """
                apiVersion: v1
                kind: ConfigMap
                metadata:
                  name: orders
                data:
                  LOG_LEVEL: info
                  CACHE_PASSWORD: ${secret:16}
                """
            )
        ),
        "kubernetes/orders-secret.yaml": text(
            f"""
            apiVersion: v1
            kind: Secret
            metadata:
              name: orders-smtp
            type: Opaque
            data:
              username: {base64.b64encode(b"orders").decode()}
              password: {values.encoded("${alnum:22}")}
            """
        ),
        "helm/values.yaml": text(
            values.filled(
                """
                replicaCount: 2
                image:
                  repository: ghcr.io/example/shop
                  tag: 1.4.2
                postgresql:
                  auth:
                    username: shop
                    password: "${alnum:24}"
                """
            )
        ),
        ".env": text(
            values.filled(
                """
                APP_ENV=production
                STRIPE_SECRET_KEY=sk_live_${alnum:24}
                DATABASE_URL=postgres://shop:${alnum:20}@db.internal.example.com:5432/shop
                """
            )
        ),
    }


def user_data(values: Values) -> bytes:
    head = "#!/bin/bash\nset -e\ninstall -d -m 700 /root/.ssh\ncat > /root/.ssh/deploy <<'EOF'\n"
    return f"{head}{values.key()}\nEOF\nchmod 600 /root/.ssh/deploy\n".encode()


def pipeline(values: Values) -> Tree:
    return {
        "ci/upload.env": text(
            values.filled(
                """
                AWS_DEFAULT_REGION=eu-west-1
                AWS_ACCESS_KEY_ID=AKIA${base32:16}
                AWS_SECRET_ACCESS_KEY=${base64:40}
                """
            )
        ),
        "ci/upload.sh": text("#!/bin/sh\naws s3 sync build/ s3://shop-releases/\n"),
    }


def mirror() -> Tree:
    return {"ci/mirror.sh": text("#!/bin/sh\ngit push --mirror mirror\n")}


def monitoring(values: Values) -> Tree:
    return {
        "monitoring/alertmanager.yaml": text(
            values.filled(
                """
                receivers:
                  - name: team
                    slack_configs:
                      - api_url: https://hooks.slack.com/services/T${upperalnum:9}/B${upperalnum:9}/${alnum:24}
                """
            )
        )
    }


def logs() -> Tree:
    return {"ansible/logrotate.yml": text("- hosts: all\n  roles:\n    - role: logrotate\n      interval: weekly\n")}


def resolution(values: Values) -> Tree:
    """What somebody typed while resolving a merge: no patch of an ordinary commit shows it."""
    return {
        "ansible/monitoring.yml": text(
            values.filled(
                """
                - hosts: monitoring
                  vars:
                    grafana_db_password: "${secret:19}"
                  roles:
                    - role: grafana
                """
            )
        )
    }


def chart(values: Values) -> Tree:
    return {
        "helm/charts/queue-2.1.0.tgz": archive(
            {
                "queue/Chart.yaml": "apiVersion: v2\nname: queue\nversion: 2.1.0\n",
                "queue/values.yaml": values.filled('auth:\n  username: queue\n  password: "${alnum:21}"\n'),
            }
        )
    }


def archive(files: dict[str, str]) -> bytes:
    """A .tgz that is the same every time."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w", format=tarfile.USTAR_FORMAT) as tar:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content.encode()))
    return gzip.compress(packed.getvalue(), mtime=0)


def stashed(values: Values) -> Tree:
    return {"helm/staging-values.yaml": text(values.filled("registry:\n  token: npm_${alnum:30}${checksum_github}\n"))}


def harmless() -> Tree:
    """References, encrypted values and placeholders: what a repaired repository looks like."""
    return {
        "terraform/references.tf": text(
            """
            resource "aws_db_instance" "billing" {
              username = "billing"
              password = var.billing_password
            }

            resource "random_password" "cache" {
              length = 32
            }

            data "aws_secretsmanager_secret_version" "smtp" {
              secret_id = "production/smtp"
            }

            variable "billing_password" {
              type      = string
              sensitive = true
            }
            """
        ),
        "cloudformation/database.yaml": text(
            """
            Resources:
              Database:
                Type: AWS::RDS::DBInstance
                Properties:
                  MasterUsername: billing
                  MasterUserPassword: '{{resolve:secretsmanager:production/billing:SecretString:password}}'
            """
        ),
        "kubernetes/billing.yaml": text(
            """
            apiVersion: apps/v1
            kind: Deployment
            metadata:
              name: billing
            spec:
              template:
                spec:
                  containers:
                    - name: billing
                      image: ghcr.io/example/billing:3.0.1
                      env:
                        - name: DATABASE_PASSWORD
                          valueFrom:
                            secretKeyRef:
                              name: billing-database
                              key: password
            """
        ),
        "kubernetes/billing-sealed.yaml": text(
            f"""
            apiVersion: bitnami.com/v1alpha1
            kind: SealedSecret
            metadata:
              name: billing-database
            spec:
              encryptedData:
                password: {"Ag" + base64.b64encode(random.Random(7).randbytes(240)).decode()}
            """
        ),
        "helm/example-values.yaml": text(
            """
            postgresql:
              auth:
                password: changeme
                existingSecret: shop-postgresql
            smtp:
              password: "<your password>"
            """
        ),
    }
