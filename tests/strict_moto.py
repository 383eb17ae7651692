"""moto's server, which knows that an inactive key is refused: moto itself checks signatures and whether a key is there
(POST /moto-api/reset-auth), and honours what was deactivated."""

from typing import Any

from moto.iam import access_control
from moto.server import main


class Strict(access_control.IAMUserAccessKey):
    """Refuses a key that is inactive."""

    def __init__(self, account_id: str, partition: str, access_key_id: str, headers: dict[str, str]) -> None:
        super().__init__(account_id, partition, access_key_id, headers)
        found: Any = self.backend.users[self._owner_user_name].get_access_key_by_id(access_key_id)
        if found.status != "Active":
            raise access_control.CreateAccessKeyFailure(reason="InvalidId")


access_control.IAMUserAccessKey = Strict  # type: ignore[misc]

if __name__ == "__main__":
    main()
