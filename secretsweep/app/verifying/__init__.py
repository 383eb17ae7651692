"""The use case `verify`: is a credential still live? Nobody is asked without the user's consent."""
