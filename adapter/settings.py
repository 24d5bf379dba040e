"""The settings: environment variables, then `config.toml` in the user's config folder, then the defaults.

What concerns the connection to Vault is spelled as its command-line clients spell it, `BAO_…` before `VAULT_…`.
"""

from __future__ import annotations

import ipaddress
import os
import re
import tomllib
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Literal

import platformdirs
from pydantic import AliasChoices, Field, SecretStr, ValidationError, field_validator
from pydantic_settings import (
    BaseSettings,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from adapter.errors import FieldProblem, Invalid
from adapter.model.address import Scope
from adapter.model.urls import check_url
from adapter.model.wire import MOUNT_NAME

APP = "status-secrets"

_ORIGIN = re.compile(r"https?://[a-z0-9.-]+(:[0-9]{1,5})?|https?://\[[0-9a-f:]+\](:[0-9]{1,5})?")
"""As browsers spell it (RFC 6454); with `*` every page could read with the cookies of whoever looks at it."""

AuthMethodName = Annotated[
    str, Field(pattern=r"^(userpass|ldap|radius|okta|oidc|jwt|approle)(:[A-Za-z0-9][A-Za-z0-9._/-]{0,254})?$")
]
"""An auth method's type, and where it is mounted when not at its own name: `ldap:corp/people`."""


def config_file() -> Path:
    """`config.toml` in the user's config folder (XDG on Linux), or what `STATUS_CONFIG` names."""
    named = os.environ.get("STATUS_CONFIG")
    return Path(named) if named else platformdirs.user_config_path(APP) / "config.toml"


def _vault(name: str) -> AliasChoices:
    return AliasChoices(f"BAO_{name}", f"VAULT_{name}", f"vault_{name}".lower())


class Settings(BaseSettings):
    """Every setting; `docs/settings.md` explains each."""

    model_config = SettingsConfigDict(
        env_prefix="STATUS_", extra="ignore", hide_input_in_errors=True, frozen=True, env_ignore_empty=True
    )

    vault_addr: str | None = Field(None, validation_alias=_vault("ADDR"))
    vault_token: SecretStr | None = Field(None, validation_alias=_vault("TOKEN"))
    vault_cacert: Path | None = Field(None, validation_alias=_vault("CACERT"))
    vault_capath: Path | None = Field(None, validation_alias=_vault("CAPATH"))
    vault_client_cert: Path | None = Field(None, validation_alias=_vault("CLIENT_CERT"))
    vault_client_key: Path | None = Field(None, validation_alias=_vault("CLIENT_KEY"))
    vault_tls_server_name: str | None = Field(None, validation_alias=_vault("TLS_SERVER_NAME"))
    vault_namespace: str | None = Field(None, validation_alias=_vault("NAMESPACE"))
    vault_skip_verify: str | None = Field(None, validation_alias=_vault("SKIP_VERIFY"))

    adapter_url: str | None = None
    adapter_cacert: Path | None = None
    role_id: str | None = None
    secret_id: SecretStr | None = None
    secret_id_file: Path | None = None
    token_file: Path | None = None
    data_dir: Path = Field(default_factory=lambda: platformdirs.user_data_path(APP))
    listen: str = "127.0.0.1:8350"
    vault_listen: str = "127.0.0.1:8200"
    tls_cert: Path | None = None
    tls_key: Path | None = None
    mount: str = Field("status", pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*(/[A-Za-z0-9][A-Za-z0-9._-]*)*$")
    userpass_mount: str = Field("userpass", pattern=MOUNT_NAME)
    approle_mount: str = Field("status-approle", pattern=MOUNT_NAME)
    auth_methods: Annotated[tuple[AuthMethodName, ...], NoDecode] = ()
    adapter_role_id: str | None = None
    adapter_secret_id: SecretStr | None = None
    adapter_secret_id_file: Path | None = None
    jwt_secret: SecretStr | None = None
    jwt_secret_file: Path | None = None
    jwt_secret_previous: SecretStr | None = None
    jwt_secret_previous_file: Path | None = None
    jwt_default_scopes: Annotated[tuple[str, ...], NoDecode] = ("global", "environment/production")
    server_kind: Literal["auto", "openbao", "vault"] = "auto"
    max_versions: int = Field(20, ge=1, le=20)
    timeout: float = Field(30.0, gt=0, le=600)
    log_format: Literal["plain", "json"] = "plain"
    log_level: Literal["debug", "info", "warning", "error"] = "warning"
    events_interval: float = Field(15.0, ge=0.1, le=3600)
    api_prefix: str = Field("/api/v1", pattern=r"^(/[A-Za-z0-9._-]+)*$")
    allowed_origins: Annotated[tuple[str, ...], NoDecode] = ()
    trusted_proxies: Annotated[tuple[str, ...], NoDecode] = ()
    audit_log: Annotated[tuple[Path, ...], NoDecode] = ()
    audit_index: Path | None = None
    audit_keep_days: int = Field(400, ge=1, le=36_500)
    audit_keep_mb: int = Field(4000, ge=10)
    unusual_off: Annotated[tuple[str, ...], NoDecode] = ()
    audit_receive: bool = False
    audit_seals: Path | None = None
    audit_seal_every: int = Field(300, ge=0, le=86_400)

    @field_validator(
        "allowed_origins",
        "audit_log",
        "auth_methods",
        "jwt_default_scopes",
        "trusted_proxies",
        "unusual_off",
        mode="before",
    )
    @classmethod
    def _split_list(cls, value: object) -> object:
        if isinstance(value, str):
            return tuple(part.strip() for part in value.split(",") if part.strip())
        return value

    @field_validator("trusted_proxies")
    @classmethod
    def _are_networks(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for text in value:
            try:
                ipaddress.ip_network(text)
            except ValueError:
                raise ValueError("it is a list of addresses and networks: 127.0.0.1,10.0.0.0/8") from None
        return value

    @field_validator("allowed_origins")
    @classmethod
    def _are_origins(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if not all(_ORIGIN.fullmatch(origin) for origin in value):
            raise ValueError("an origin is a page's scheme, host and port, as https://status.example.org; * is none")
        return value

    @field_validator("jwt_default_scopes")
    @classmethod
    def _are_scopes(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for scope in value:
            try:
                Scope.parse(scope)
            except Invalid as error:
                raise ValueError(error.detail) from None
        return value

    @field_validator("vault_addr", "adapter_url")
    @classmethod
    def _address_is_safe(cls, value: str | None) -> str | None:
        return value if value is None else check_url(value)

    @field_validator("vault_skip_verify")
    @classmethod
    def _certificates_are_checked(cls, value: str | None) -> str | None:
        if value is not None and value.lower() not in ("0", "f", "false"):
            raise ValueError("certificate checks cannot be switched off; give the CA with VAULT_CACERT")
        return None

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls, config_file())


def parse_host_port(text: str, field: str) -> tuple[str, int]:
    """`127.0.0.1:8350` or `[::1]:8350` as host and port. Raises Invalid."""
    host, colon, port = text.rpartition(":")
    host = host.removeprefix("[").removesuffix("]")
    if not colon or not host or not port.isdigit() or not 0 < int(port) < 65536:
        raise Invalid.field(field, "That is not an address to listen on.", hint="Write HOST:PORT, as 127.0.0.1:8350.")
    return host, int(port)


def load_settings(**overrides: object) -> Settings:
    """The settings in force; `overrides` (None: not given) win.

    Raises Invalid, naming what does not fit as it was given, and where.
    """
    file = config_file()
    try:
        _check_file(file)
        return Settings(**{key: value for key, value in overrides.items() if value is not None})  # type: ignore[arg-type]
    except ValidationError as error:
        problems = [
            FieldProblem(_given_as(item["loc"][0]), _reason(str(item["loc"][0]), item["type"], item["msg"]))
            for item in error.errors(include_input=False, include_url=False, include_context=False)
        ]
        first = problems[0]
        raise Invalid(
            f"The setting {first.field} is not valid: {first.reason.rstrip('.')}.",
            hint=f"Settings come from the environment and from {file}; docs/settings.md explains each.",
            fields=problems[1:],
        ) from None
    except OSError:
        raise Invalid("The settings file cannot be read.", hint=f"Check who may read {file}.") from None
    except tomllib.TOMLDecodeError as error:
        place = str(error).rpartition("(at ")[2].rstrip(")") or "some place"
        raise Invalid(f"The settings file is no TOML, at {place}.", hint=f"Mend {file}.") from None


_WORDS = {
    "string_pattern_mismatch": "it has characters that do not belong there",
    "literal_error": "it is none of the words that docs/settings.md names",
    "int_parsing": "it is a whole number",
    "float_parsing": "it is a number of seconds",
}


def _reason(name: str, kind: str, words: str) -> str:
    if kind in ("greater_than", "greater_than_equal", "less_than_equal"):
        return f"it is out of its range ({_range(name)})"
    return _WORDS.get(kind, words).removeprefix("Value error, ")


def _range(name: str) -> str:
    """A number's limits as the setting's field has them: `1 to 20`, `from 10`, `more than 0, 600 at most`."""
    limits = {
        key: getattr(limit, key)
        for limit in Settings.model_fields[name].metadata
        for key in ("gt", "ge", "le")
        if hasattr(limit, key)
    }
    least, most = limits.get("ge"), limits.get("le")
    if least is not None:
        return f"from {least}" if most is None else f"{least} to {most}"
    return f"more than {limits['gt']}, {most} at most"


def _given_as(place: object) -> str:
    """The spelling under which a setting was given: the variable that is set, else the key of the file."""
    name = str(place)
    field = Settings.model_fields.get(name)
    alias = field.validation_alias if field else None
    if name.isupper() or field is None:
        known = [name, name.replace("BAO_", "VAULT_", 1)]
    else:
        known = (
            [str(choice) for choice in alias.choices] if isinstance(alias, AliasChoices) else [f"STATUS_{name.upper()}"]
        )
    return next((variable for variable in known if os.environ.get(variable)), name)


def _check_file(file: Path) -> None:
    """Raises Invalid for a key that is no setting, or a file that was named and is not there."""
    if not file.exists():
        if os.environ.get("STATUS_CONFIG"):
            raise Invalid("The file that STATUS_CONFIG names is not there.", hint="Check its path, or unset it.")
        return
    unknown = sorted(set(tomllib.loads(file.read_text(encoding="utf-8"))) - set(Settings.model_fields))
    if unknown:
        like = get_close_matches(unknown[0], Settings.model_fields, 1)
        meant = f" Perhaps {like[0]} is meant." if like else ""
        raise Invalid("The settings file has a key that is no setting.", hint=f"Mend {file}.{meant}")


def token_at_hand(settings: Settings) -> SecretStr | None:
    """The caller's token: `BAO_TOKEN`, `VAULT_TOKEN`, the file that STATUS_TOKEN_FILE names, then `~/.vault-token`.

    Raises Invalid for a file that was named and is not there, or empty.
    """
    if settings.vault_token is not None:
        return settings.vault_token
    if settings.token_file is not None:
        return _from_file(None, settings.token_file, "STATUS_TOKEN_FILE")
    try:
        text = (Path.home() / ".vault-token").read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError, RuntimeError):
        return None
    return SecretStr(text) if text else None


SIGN_INS = ("userpass", "ldap", "oidc", "jwt")
"""Where auth methods of that kind are mounted when nobody said otherwise."""


def sign_in_mounts(settings: Settings) -> tuple[str, ...]:
    """The mounts by which people come, as the vault puts them before a display name: `/` written `-`."""
    named = (method.partition(":")[2] or method for method in settings.auth_methods)
    mounts = (mount.replace("/", "-") for mount in (settings.userpass_mount, *named, *SIGN_INS))
    return tuple(dict.fromkeys(mounts))


def secret_files(settings: Settings) -> dict[str, Path]:
    """The files that settings name and that nobody else should read, by the settings' names."""
    named = {
        "STATUS_ADAPTER_SECRET_ID_FILE": settings.adapter_secret_id_file,
        "STATUS_JWT_SECRET_FILE": settings.jwt_secret_file,
        "STATUS_JWT_SECRET_PREVIOUS_FILE": settings.jwt_secret_previous_file,
        "STATUS_SECRET_ID_FILE": settings.secret_id_file,
        "STATUS_TLS_KEY": settings.tls_key,
        "STATUS_TOKEN_FILE": settings.token_file,
        "VAULT_CLIENT_KEY": settings.vault_client_key,
    }
    return {name: file for name, file in named.items() if file is not None}


def own_secret_id(settings: Settings) -> SecretStr | None:
    """The adapter's secret id, from the setting or the file it names. Raises Invalid for a file that is not there."""
    return _from_file(settings.adapter_secret_id, settings.adapter_secret_id_file, "STATUS_ADAPTER_SECRET_ID_FILE")


def jwt_keys(settings: Settings) -> list[SecretStr]:
    """The keys that STATUS signs its tokens with, the present one first; none where it is not set up.

    Raises Invalid for a file that is not there, and for a key of no length.
    """
    given = (
        (settings.jwt_secret, settings.jwt_secret_file, "STATUS_JWT_SECRET"),
        (settings.jwt_secret_previous, settings.jwt_secret_previous_file, "STATUS_JWT_SECRET_PREVIOUS"),
    )
    found = [(_from_file(key, file, f"{name}_FILE"), name) for key, file, name in given]
    for key, name in found:
        if key is not None and not key.get_secret_value().strip():
            raise Invalid(f"The key of {name} is empty, so anybody could sign with it.", hint="Set the platform's key.")
    return [key for key, _ in found if key is not None]


def component_login(settings: Settings) -> tuple[str, SecretStr] | None:
    """A component's role id and secret id, None where it has no role id. Raises Invalid for one without the other."""
    if settings.role_id is None:
        return None
    secret_id = _from_file(settings.secret_id, settings.secret_id_file, "STATUS_SECRET_ID_FILE")
    if secret_id is None:
        raise Invalid("STATUS_ROLE_ID is set, and no secret id.", hint="Set STATUS_SECRET_ID_FILE or STATUS_SECRET_ID.")
    return settings.role_id, secret_id


def _from_file(value: SecretStr | None, file: Path | None, name: str) -> SecretStr | None:
    if value is not None or file is None:
        return value
    try:
        text = file.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        raise Invalid(
            f"The file that {name} names cannot be read.", hint="Check its path and who may read it."
        ) from None
    if not text:
        raise Invalid(f"The file that {name} names is empty.", hint="Write what belongs into it, or unset the name.")
    return SecretStr(text)
