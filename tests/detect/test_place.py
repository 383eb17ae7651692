"""What sort of file a path names."""

import pytest

from secretsweep.detect.verdict import place


@pytest.mark.parametrize(
    ("path", "sort"),
    [
        ("vendor/github.com/aws/aws-sdk-go-v2/config/shared_config.go", "test"),
        ("pkg/config.go", "code"),
        ("vendor/acme/settings.py", "test"),
        ("shop/settings.py", ""),
        ("app/settings.php", ""),
        ("main.tf", ""),
    ],
)
def test_source_is_configuration_only_where_settings_are_written(path: str, sort: str) -> None:
    assert place(path) == sort
