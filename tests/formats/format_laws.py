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
    "pipeline": (".gitlab-ci.yml", b"""\
deploy:
  script:
    - cf login -u ci -p "k8w-Tr0ub4dor"
    - rabbitmqctl add_user app Zq9-Tr0ub4dor
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
    "terraform-planfile": ("tfplan", (
        b'\x08\x03\x12!\n\x02pw\x12\x1b\n\x19\x92\xc4\x08"string"\xadTr0ub4dor&3-x\x1aVJ'
        b'2\x08\x01\x12$\n"\x83\xa4join\xadTr0ub4dor&3-y\xa4port\xcd\x01\xbb\xa2id\xd4\x00'
        b'\x00"\x08\n\x06\n\x04joinj module.edge.acme_gateway.th'
        b'is[0]"\x1d\n\x05admin\x12\x14\x12\x10\n\x0e\xadTr0ub4dor&3-z"\x00j4\n\x04'
        b'http\x12,\n*\x82\xa8password\xadTr0ub4dor&3-b\xa7address'
        b'\xa9https://xr\x051.9.5'
    )),
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
    "makefile": ("Makefile", b"""\
DB_PASSWORD ?= Tr0ub4dor&3-x # why
deploy: export API_TOKEN := "a b"
deploy: build
\t@helm upgrade a b \\
\t\t--set auth.password=Tr0ub4dor
\tmysql -u a -pTr0ub4dor $(DB)
"""),
    "notebook": ("a.ipynb", b"""\
{"cells": [{"cell_type": "code", "outputs": [{"text": ["password: 'x'"]}],
 "source": ["import os\\n", "password = 'Tr0ub4dor&3-x'\\n", "!mysql -pTr0ub4dor\\n"]}], "metadata": {"a": "b"}}
"""),
    "ini": (".aws/credentials", b"; old\n[prod]"
        b"\naws_secret_access_key = Tr0ub4dor ; why\nurls =\n  https://a\n  'b c'\nq=\"x\"\n"),
    "toml": ("a.toml", b"""\
[db.\"a b\"]
password = "Tr0ub4dor" # old
pool = { size = 1, secret = 'x y' }
[[servers]]
list = [
  "a\\u00e9", # one
  '''b''',
]
long = \"\"\"
two
lines\"\"\"
"""),
    "properties": ("a.properties", b"# c\na.password=Tr0ub4dor\nb: c d\ne f\ng=h\\\n  i\nj=\\u0041\n"),
    "xml": ("pom.xml", b"""\
<?xml version="1.0"?>
<a b="c"><!-- no --><password>Tr0ub4dor</password>
  <property><name>x.key</name><value>y&amp;z</value></property>
  <add key='k' value='v'/><e><![CDATA[<raw>]]></e>
</a>
"""),
    "netrc": (".netrc", b"machine a.b login me password Tr0ub4dor\ndefault login x\n password y\nmacdef z\ncd /\n\n"),
    "pgpass": (".pgpass", b"# c\nh:5432:d:u:Tr0ub4dor\n*:*:*:u:p\\:q\n"),
    "htpasswd": (".htpasswd", b"me:Tr0ub4dor\nyou:$apr1$abcdefgh$0123456789012345678901\n"),
    "systemd": ("a.service", b"""\
[Service]
Environment="A=b c" 'D=e' F=g
Environment=H=i \\
  J=k
ExecStart=-/bin/x --password=Tr0ub4dor --token abc
SetCredential=a:b
"""),
    "nginx": ("nginx.conf", b"""\
http {
  proxy_set_header Authorization "Bearer Tr0ub4dor"; # c
  set $token abcdef;
  location / { proxy_set_header X-Api-Key 'abc'; }
}
"""),
    "haproxy": ("haproxy.cfg", b"""\
userlist a
  user me insecure-password Tr0ub4dor
listen s
  stats auth me:other
  http-request set-header X-Key "abc"
"""),
    "directives": ("redis.conf", b"requirepass Tr0ub4dor\nuser a on >b >c ~*\nkey = value\n# c d\n"),
    "sql": ("a.sql", b"""\
-- c
CREATE USER a WITH PASSWORD 'Tr0ub4dor';
ALTER USER b IDENTIFIED BY "x";
SELECT 'it''s';
"""),
    "npmrc": (".npmrc", b"//r/:_authToken=Tr0ub4dor\n_auth=bWU6VHIwdWI0ZG9y\nx = \"y\"\n; c\n"),
    "dockerconfig": (".docker/config.json", b'{"auths": {"a.b": {"auth": "bWU6VHIwdWI0ZG9y", "email": "e"}}}\n'),
    "composer": ("auth.json", b'{"bearer": {"a.b": "Tr0ub4dor"}, "http-basic": {"c": {"password": "d"}}}\n'),
    "connstr": ("a.udl", b"Server=tcp:a,1;Password=Tr0ub4dor;Other='x y';App=\"z\"\n"),
    "php": ("wp-config.php", b"<?php\ndefine('DB_PASSWORD', 'Tr0ub4dor');\n$a['b'] = \"c\";\n'k' => env('V', 'w'),\n"),
    "http": ("a.http", b"@v = 1\nGET http://a\nAuthorization: Bearer Tr0ub4dor\nX-Key: abc\n\n{\"password\": \"b\"}\n"),
    "vagrant": ("Vagrantfile", b"""\
config.ssh.password = "Tr0ub4dor"
config.vm.provision "shell", inline: <<-SHELL
  export DB_PASSWORD=abc
SHELL
x = 'y'
"""),
    "mongodb-keyfile": ("mongodb/keyfile", b"Tr0ub4dor0and1\nTr0ub4dor0==\n"),
    "tokenfile": (".vault-token", b"hvs0Tr0ub4dor0x\n"),
    "passwordfile": ("db/password.txt", b"Tr0ub4dor\n"),
    "ldif": ("a.ldif", b"dn: cn=a\nuserPassword: Tr0ub4dor\ncn:: YSBiIGM=\nx: a\n b\n"),
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
    "text": ("notes.txt", b"[db]\npassword = Tr0ub4dor&3-x ; old\n<token>a&amp;b</token>\n-Dapp.key=value\n"),
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
    "jenkins": ("Jenkinsfile", b"""\
pipeline {
  parameters { password(name: 'DB_PASSWORD', defaultValue: 'Tr0ub4dor&3-x') }
  environment { TOKEN = "Tr0ub4dor${x}" }
  stages { stage('a') { steps {
    withEnv(['DB_PASSWORD=Tr0ub4dor&3-x']) { sh '''
      export DB_PASSWORD=Tr0ub4dor
    ''' }
  } } }
}
"""),
    "puppet": ("manifests/init.pp", b"""\
class app (String $db_password = 'Tr0ub4dor&3-x') {
  mysql::db { 'app':
    password => Sensitive("Tr0ub4dor"),
    options  => ['a', 'b'],
    content  => @(END),
      password=Tr0ub4dor
      | END
  }
}
"""),
    "chef": ("attributes/default.rb", b"default['a']['password'] = 'Tr0ub4dor&3-x'\n  password \"Tr0ub4dor\"\n"),
    "chef_databag": ("data_bags/a/b.json", b'{"id": "b", "password": "Tr0ub4dor&3-x", "x": {"hmac": "abc"}}\n'),
    "powershell": ("deploy.ps1", b"""\
param([string]$Password = 'Tr0ub4dor&3-x', [string]$User = 'a')
$env:DB_PASSWORD = "Tr0ub4dor" # why
$h = @{ Password = 'it''s'; List = @('a', 'b') }
$s = ConvertTo-SecureString "Tr0ub4dor" -AsPlainText -Force
$c = New-Object PSCredential('a', $s)
net user a Tr0ub4dor /add; Foo-Bar -Password:"x y" -Token `
  abcdefgh
$t = @"
DB_PASSWORD=Tr0ub4dor
"@
"""),
    "batch": ("deploy.bat", b"""\
@echo off
rem set PASSWORD=none
set DB_PASSWORD=Tr0ub4dor&set "A_TOKEN=Tr0ub4dor&3-x"
setx DB_PASSWORD "Tr0ub4dor 3-x" /m
sqlcmd -S a ^
  -P Tr0ub4dor
net use Z: \\\\a\\b Tr0ub4dor /user:c
echo DB_PASSWORD=Tr0ub4dor>> .env
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
