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
    "cloudformation": ("stack.yaml", b"""\
AWSTemplateFormatVersion: "2010-09-09"
Parameters:
  DBPassword:
    Type: String
    Default: Tr0ub4dor&3-x
Resources:
  Host:
    Type: AWS::EC2::Instance
    Properties:
      UserData:
        Fn::Base64: !Sub |
          #!/bin/bash
          export DB_PASSWORD=Tr0ub4dor
      Other: !If [IsProd, !Ref X, 'Tr0ub4dor&3-x']
"""),
    "arm": ("azuredeploy.json", b"""\
{
  "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
  "parameters": {
    "adminPassword": { "type": "string", "defaultValue": "Tr0ub4dor&3-x" }
  },
  "resources": [
    {
      "type": "Microsoft.Compute/virtualMachines",
      "properties": { "customData": "[base64('Tr0ub4dor-3')]", "x": "[concat('a', parameters('b'), 'c''d')]" }
    }
  ]
}
"""),
    "bicep": ("main.bicep", b"""\
@secure()
param adminPassword string = 'Tr0ub4dor&3-x'
var script = base64('''
#!/bin/sh
export DB_PASSWORD=Tr0ub4dor
''')
resource vm 'Microsoft.Compute/virtualMachines@2023-03-01' = {
  properties: {
    env: [
      { name: 'A', value: 'it\\'s' }
      { name: 'B', value: kv.getSecret('b') }
    ]
    'quoted': cond ? 'a' : 'b'
  }
}
"""),
    "text": ("notes.ini", b"[db]\npassword = Tr0ub4dor&3-x ; old\n<token>a&amp;b</token>\n-Dapp.key=value\n"),
    "ansible": ("roles/app/tasks/main.yml", b"""\
- name: User
  mysql_user: name=app password="Tr0ub4dor&3-x" host={{ db_host }} state=present
- ini_file: {path: /etc/app.ini, option: password, value: 'Tr0ub4dor&3-x'}
- copy:
    dest: /srv/.env
    content: |
      DB_PASSWORD=Tr0ub4dor&3-x
"""),
    "ansible_inventory": ("inventory/hosts.ini", b"""\
[web]
web1 ansible_host=10.0.0.1 ansible_password='Tr0ub4dor 3-x' # first
[web:vars]
db_password = Tr0ub4dor&3-x
"""),
    "dockerfile": ("Dockerfile", b"""\
FROM alpine
ENV A=b \\
    # comment
    DB_PASSWORD="Tr0ub4dor&3-x" C='d e'
RUN <<EOF
export DB_PASSWORD=Tr0ub4dor
EOF
COPY <<-EOF /app/.env
DB_PASSWORD=Tr0ub4dor&3-x
EOF
ENTRYPOINT ["app", "--password", "Tr0ub4dor&3-x"]
"""),
    "vault_password": (".vault_pass", b"Tr0ub4dor&3-x\n"),
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
