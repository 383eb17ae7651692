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
    "multipart": ("user-data.txt", b"""\
Content-Type: multipart/mixed; boundary="==B=="
MIME-Version: 1.0

--==B==
Content-Type: text/x-shellscript

#!/bin/sh
export DB_PASSWORD=Tr0ub4dor
--==B==
Content-Type: text/cloud-config
Content-Transfer-Encoding: base64

I2Nsb3VkLWNvbmZpZwpwYXNzd29yZDogVHIwdWI0ZG9yJjMteAo=
--==B==--
"""),
    "samconfig": ("samconfig.toml", b"""\
version = 0.1
[default.deploy.parameters]
stack_name = "app"
parameter_overrides = "Env=prod DBPassword=Tr0ub4dor&3-x"
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
