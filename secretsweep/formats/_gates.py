"""Gates that several formats share; each ends at one byte, so that hyperscan reports a place once."""

from secretsweep.formats import Gate

SECRETIVE = r"(?:passw|passphrase|pwd|secret|token|api_?-?key|access_?-?key|private_?-?key|credential|creds)"

PAIR = Gate(
    r"(?i)(?:name|key)[\"']?\s*[:=]\s*[\"']?[\w.\-/]*" + SECRETIVE,
    "siblings",
)
MANIFEST = Gate(
    r"(?i)\bkind[\"']?\s{0,4}:\s{0,4}[\"']?[a-z]{0,20}Secret(?:List|Store|ProviderClass)?[\"']?[\s,}#]", "whole"
)
# `--password` in a list of arguments, its value behind the comma or in the next element
_OPTION = r"--?[\w\-]{0,60}(?:pass|" + SECRETIVE[3:] + r"[\w\-]{0,20}[\"']"
FLAG = Gate(r"(?i)[\"']" + _OPTION + r"\s{0,4},", "next")
ITEM = Gate(r"(?i)-[ \t]{1,4}[\"']?" + _OPTION + r"?[ \t]{0,4}\r?\n", "next")
TOKENS = Gate(r"\btokens\"?\s{0,4}[=:]?\s{0,4}\{", "block")  # of Consul's `acl`, whose names are those of roles
# `--password x` on a command line, and `--password=x` is an assignment
ARGUMENT = Gate(
    r"(?i)[\s\"'\[]--?[\w\-]{0,60}(?:pass|" + SECRETIVE[3:] + r"[\w\-]{0,20}[ \t]{1,4}[\"']?[^\s\"'$<>{}()|&;\\\-]"
)
HEREDOC = Gate(r"<<[-~]?\s?[\\\"']?[A-Za-z_]\w{0,40}[\"']?[^\n]{0,80}\n", "heredoc")
KEYWORD = Gate(  # `requirepass x`, `password x`: a line's first word, a blank, the value
    r"(?im)^[ \t]{0,40}[\w.\-]{0,60}(?:passw(?:or)?d|passphrase|pass|pw|pwd|psk|secret|token|api_?-?key|"
    r"_key|community|masterauth)"
    r"[ \t]{1,20}[\"']?[^\s=:#\"';,.|&\-]",
    "line",
)
CLOUD_INIT = Gate(r"[|>][-+0-9]{0,2}[ \t]{0,4}\r?\n[ \t]{0,80}#cloud-config", "literal")
