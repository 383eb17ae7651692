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
