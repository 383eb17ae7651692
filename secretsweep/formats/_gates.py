"""Gates that several formats share; each ends at one byte, so that hyperscan reports a place once."""

from secretsweep.formats import Gate

SECRETIVE = r"(?:passw|passphrase|pwd|secret|token|api_?-?key|access_?-?key|private_?-?key|credential|creds)"

PAIR = Gate(
    r"(?i)(?:name|key)[\"']?\s*[:=]\s*[\"']?[\w.\-/]*" + SECRETIVE,
    "siblings",
)
# `--password` in a list of arguments, its value behind the comma or in the next element
_OPTION = r"--?[\w\-]{0,60}(?:pass|" + SECRETIVE[3:] + r"[\w\-]{0,20}[\"']"
FLAG = Gate(r"(?i)[\"']" + _OPTION + r"\s{0,4},", "next")
ITEM = Gate(r"(?i)-[ \t]{1,4}[\"']?" + _OPTION + r"?[ \t]{0,4}\r?\n", "next")
HEREDOC = Gate(r"<<[-~]?\s?[\\\"']?[A-Za-z_]\w{0,40}[\"']?[^\n]{0,80}\n", "heredoc")
CLOUD_INIT = Gate(r"[|>][-+0-9]{0,2}[ \t]{0,4}\r?\n[ \t]{0,80}#cloud-config", "literal")
