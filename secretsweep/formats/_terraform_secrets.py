"""Which attributes of Terraform's resources hold a secret although their names do not say so.

Source: the documentation of the providers' resources (registry.terraform.io/providers), where these attributes are
called sensitive, or hold what the service calls a key, a token or a password.
"""

PASSWORD, SECRET = "password", "secret"

_TYPES = {  # attributes: types
    "result": "random_password",
    "base64 hex": "random_bytes",
    "ses_smtp_password_v4": "aws_iam_access_key",
    "secret_string secret_binary": "aws_secretsmanager_secret_version",
    "tunnel1_preshared_key tunnel2_preshared_key": "aws_vpn_connection",
    "plaintext": "google_kms_secret google_kms_secret_ciphertext aws_kms_secrets",
    "auth_string": "google_redis_instance",
    "value": "aws_api_gateway_api_key azurerm_key_vault_secret azuread_application_password "
    "azuread_service_principal_password cloudflare_api_token onepassword_item",
    "key": "aws_appsync_api_key datadog_api_key datadog_application_key grafana_api_key grafana_service_account_token "
    "newrelic_api_access_key tailscale_tailnet_key oci_identity_customer_secret_key",
    "integration_key": "pagerduty_service_integration",
    "plaintext_value": "github_actions_secret github_actions_organization_secret github_actions_environment_secret "
    "github_dependabot_secret github_dependabot_organization_secret github_codespaces_secret "
    "github_codespaces_organization_secret github_codespaces_user_secret",
    "content content_base64": "local_sensitive_file",
    "data binary_data": "kubernetes_secret kubernetes_secret_v1",
    "data data_json": "vault_generic_secret vault_kv_secret vault_kv_secret_v2",
    "sensitive_vars all_vars": "heroku_config",
    "secret_content": "oci_vault_secret",
    "primary_connection_string secondary_connection_string": "azurerm_redis_cache azurerm_signalr_service "
    "azurerm_web_pubsub azurerm_notification_hub",
}
ATTRIBUTES = {(kind, name) for names, kinds in _TYPES.items() for kind in kinds.split() for name in names.split()}
# values that are secret when another attribute of the resource says so: SecureString, a variable of CI that is masked
_SAID = {
    "aws_ssm_parameter": ("value", "type", "SecureString"),
    "tfe_variable": ("value", "sensitive", "true"),
    "gitlab_project_variable": ("value", "masked", "true"),
    "gitlab_group_variable": ("value", "masked", "true"),
    "gitlab_instance_variable": ("value", "masked", "true"),
    "bitbucket_repository_variable": ("value", "secured", "true"),
    "spacelift_environment_variable": ("value", "write_only", "true"),
    "random_string": ("result", "special", "true"),  # without special characters it is the end of some name
}
TYPES = sorted({kind for kind, _ in ATTRIBUTES} | set(_SAID))


def said(kind: str) -> tuple[str, str, str]:
    """For a type of resource: the attribute that is secret if the second one has the third as its value."""
    return _SAID.get(kind, ("", "", ""))
