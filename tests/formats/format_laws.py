"""What every format keeps, and the samples that the tests share."""

from secretsweep import formats
from secretsweep.model import Blob, Unit

SAMPLES: dict[str, tuple[str, bytes]] = {
    "yaml": ("deploy/app.yaml", b"""\
spec:
  containers:
    - name: web
      env:
        - name: DB_PASSWORD
          value: "Tr0ub4dor&3-x"
      args: ["--password", 'it''s', --user=me]
  note: !vault |
    one
    two
"""),
    "kubernetes": ("k8s/secret.yaml", b"""\
apiVersion: v1
kind: Secret
metadata:
  name: db
data:
  password: VHIwdWI0ZG9yJjMteA==
stringData:
  other: Tr0ub4dor&3-x
"""),
    "helm": ("chart/values.yaml", b"""\
auth:
  password: Tr0ub4dor&3-x
  user: {{ .Values.user | quote }}
{{- if .Values.more }}
  more: "a-{{ .Values.more }}"
{{- end }}
"""),
    "terraform": ("main.tf", b"""\
variable "db_password" {
  default = "Tr0ub4dor&3-x"
}
resource "aws_instance" "web" {
  user_data = <<-EOF
    #!/bin/sh
    export DB_PASSWORD=Tr0ub4dor
  EOF
  tags = { Name = "web-${var.env}" }
}
"""),
    "terraform-state": ("terraform.tfstate", b"""\
{
  "version": 4,
  "terraform_version": "1.9.5",
  "serial": 1,
  "lineage": "3f6d1c6e-8f0a-4c1b-9f61-2b8f0a6d7c11",
  "outputs": {"a": {"value": "Tr0ub4dor&3-x", "type": "string", "sensitive": true}},
  "resources": [
    {
      "module": "module.db", "mode": "managed", "type": "random_password", "name": "main",
      "instances": [
        {
          "index_key": 0,
          "attributes": {"result": "Tr0ub4dor&3-y", "keepers": {"name": "n", "value": "a\\u00e9"}},
          "sensitive_attributes": [[{"type": "get_attr", "value": "keepers"}]]
        }
      ]
    }
  ]
}
"""),
    "terraform-plan": ("plan.json", b"""\
{"format_version": "1.2", "terraform_version": "1.9.5", "variables": {"pw": {"value": "Tr0ub4dor&3-x"}},
"resource_changes": [{"address": "aws_db_instance.main", "type": "aws_db_instance", "name": "main",
"change": {"actions": ["create"], "before": null, "after": {"password": "Tr0ub4dor&3-y"},
"after_sensitive": {"password": true}}}]}
"""),
    "json": ("app.json", b'{"db": {"password": "Tr0ub4dor&3-x", "port": 5432}, "l": ["a\\u00e9", "b"]}\n'),
    "dotenv": (".env", b"# local\nexport DB_PASSWORD=\"Tr0ub4dor&3-x\"\nPLAIN=word # why\nQ='a b'\n"),
    "shell": ("run.sh", b"""\
#!/bin/bash
export DB_PASSWORD='Tr0ub4dor&3-x'
mysql -u root -p"$DB_PASSWORD" app <<EOF
select 1;
EOF
curl -u me:Tr0ub4dor https://example.com/$(hostname) # done
"""),
    "cloud-init": ("user-data", b"""\
#cloud-config
chpasswd:
  list: |
    root:Tr0ub4dor
write_files:
- path: /etc/app.env
  content: |
    DB_PASSWORD=Tr0ub4dor&3-x
- path: /etc/app.json
  encoding: b64
  content: eyJkYiI6eyJwYXNzd29yZCI6IlRyMHViNGRvciJ9fQ==
runcmd:
- [mysql, -uroot, "-pTr0ub4dor&3-x"]
- export A_TOKEN='Tr0ub4dor&3-x'
mounts:
- [//nas/a, /mnt, cifs, "username=a,password=Tr0ub4dor"]
"""),
    "text": ("notes.ini", b"[db]\npassword = Tr0ub4dor&3-x ; old\n<token>a&amp;b</token>\n-Dapp.key=value\n"),
}  # fmt: skip


def extract(path: str, data: bytes) -> list[Unit]:
    """The units that the owner of this path yields."""
    return list(formats.owner(path, data).extract(Blob("", path, data)))


def values(path: str, data: bytes) -> dict[str, bytes]:
    """Values by address."""
    return {unit.key: unit.value for unit in extract(path, data)}


def written(path: str, data: bytes) -> dict[str, bytes]:
    """The bytes as they stand in the file, by address."""
    return {unit.key: data[unit.span.start : unit.span.end] for unit in extract(path, data)}
