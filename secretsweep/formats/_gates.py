"""Gates that several formats share; each ends at one byte, so that hyperscan reports a place once."""

from secretsweep.formats import Gate

SECRETIVE = r"(?:passw|passphrase|pwd|secret|token|api_?-?key|access_?-?key|private_?-?key|credential|creds)"

PAIR = Gate(
    r"(?i)(?:name|key)[\"']?\s*[:=]\s*[\"']?[\w.\-]*" + SECRETIVE,
    "siblings",
)
HEREDOC = Gate(r"<<[-~]?\s?[\\\"']?[A-Za-z_]\w{0,40}[\"']?[^\n]{0,80}\n", "heredoc")
KEYWORD = Gate(  # `requirepass x`, `password x`: a line's first word, a blank, the value
    r"(?im)^[ \t]{0,40}[\w.\-]{0,60}(?:passw(?:or)?d|passphrase|pass|pw|pwd|psk|secret|token|api_?-?key|"
    r"_key|community|masterauth)"
    r"[ \t]{1,20}[\"']?[^\s=:#\"';,.|&\-]",
    "line",
)
