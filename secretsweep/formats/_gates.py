"""Gates that several formats share; each ends at one byte, so that hyperscan reports a place once."""

from secretsweep.formats import Gate

SECRETIVE = r"(?:passw|passphrase|pwd|secret|token|api_?-?key|access_?-?key|private_?-?key|credential|creds)"

PAIR = Gate(
    r"(?i)(?:name|key)[\"']?\s*[:=]\s*[\"']?[\w.\-]*" + SECRETIVE,
    "siblings",
)
HEREDOC = Gate(r"<<[-~]?\s?[\\\"']?[A-Za-z_]\w{0,40}[\"']?[^\n]{0,80}\n", "heredoc")
CLOUD_INIT = Gate(r"[|>][-+0-9]{0,2}[ \t]{0,4}\r?\n[ \t]{0,80}#cloud-config", "literal")
