"""Settings from the environment; docs/settings.md lists each one and a test holds the two together."""

import os
from functools import lru_cache
from pathlib import Path
from typing import Literal

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """What an operator may set, each as ``DERMDASH_<NAME>``."""

    model_config = SettingsConfigDict(env_prefix="DERMDASH_", frozen=True)

    home: Path = Field(
        default=Path("workspace"), description="Workspace folder: database, originals, thumbnails, models."
    )
    database_url: str = Field(
        default="",
        description="SQLAlchemy URL. Empty: DuckDB in the workspace. "
        "PostgreSQL: postgresql+psycopg://user:password@host/database.",
    )
    objects: str = Field(
        default="",
        description="Where pictures, masks, models, embeddings and maps lie. Empty: in the workspace folder. "
        "file:///folder: in another one. s3://bucket/prefix: in a bucket, by the extra objects; endpoint and keys are "
        "AWS_ENDPOINT_URL, AWS_REGION, AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_SHARED_CREDENTIALS_FILE.",
    )
    objects_cache_gigabytes: float = Field(
        default=20.0,
        gt=0,
        description="Room in the workspace folder for copies of models and embeddings that lie in a bucket; the least "
        "recently used make way.",
    )
    database_connections: int = Field(
        default=6,
        ge=2,
        description="Connections to PostgreSQL that one app process holds at most; who needs one more waits for it. "
        "Fewer than what the server allows (max_connections) divided by the number of processes.",
    )
    public_url: str = Field(
        default="http://localhost:8501",
        description="Address under which links of invitations and to sign in are made. Pages of this origin (scheme, "
        "host, port) may connect, besides those of the address that the app itself is asked under; behind a proxy it "
        "has to be set.",
    )
    max_image_megapixels: float = Field(
        default=100.0, gt=0, description="Images with more pixels than this are refused before decoding."
    )
    max_image_megabytes: float = Field(default=64.0, gt=0, description="Image files larger than this are refused.")
    max_archive_gigabytes: float = Field(
        default=40.0, gt=0, description="Zip archives that would unpack to more than this are refused."
    )
    workers: int = Field(default=0, ge=0, description="Processes for import and decoding. 0: one per core.")
    cluster: str = Field(
        default="",
        description="Address of a Dask scheduler (tcp://host:8786) whose workers predict, explain, measure and search "
        "images; they share the workspace folder. Empty: this machine does.",
    )
    minimum_group: int = Field(
        default=3,
        ge=1,
        description="Fewest readers of one country, profession, age group and so on in what leaves the workspace; "
        "smaller groups are merged. 1: none is.",
    )
    pseudonym_key: str = Field(
        default="",
        description="File with the keys of pseudonyms; never in the workspace. Empty: beside its folder, as "
        "<folder>-pseudonyms.key.",
    )
    warm_up: bool = Field(
        default=True,
        description="After its start the app loads what every page needs, so that no first opening waits. false: it "
        "loads that when a page is opened, for machines that start it often.",
    )
    connections_per_address: int = Field(
        default=400,
        ge=1,
        description="Pages that may be open at once from one network address. A ward behind one router, or everybody "
        "behind a proxy that does not say for whom it asks, is one address.",
    )
    smtp_host: str = Field(
        default="",
        description="Mail server that invitations and reminders go through. Empty: no mail is sent; the page shows "
        "what to copy.",
    )
    smtp_port: int = Field(default=587, ge=1, le=65535, description="Port of the mail server.")
    smtp_security: Literal["starttls", "tls", "none"] = Field(
        default="starttls",
        description="starttls: encrypted after the greeting (587); tls: from the start (465); none: not at all, for a "
        "server on this machine.",
    )
    smtp_user: str = Field(default="", description="Name at the mail server. Empty: it asks for none.")
    smtp_password_file: str = Field(
        default="", description="File with the password at the mail server, which no setting and no page holds."
    )
    smtp_from: str = Field(
        default="", description="Whom mail is from, as Name <address>: who replies writes there. Needed for mail."
    )
    smtp_per_minute: int = Field(
        default=30, ge=1, description="Mails sent in a minute at most: servers refuse who sends faster."
    )
    session_days: int = Field(default=30, ge=1, description="Days until a signed-in browser must sign in again.")
    disk_warning_gigabytes: float = Field(
        default=5.0, gt=0, description="With less room on the workspace's disk the Operations page says so."
    )
    log_format: Literal["text", "json"] = Field(
        default="text",
        description="text: lines for people; json: one JSON object a line, for programs that collect logs. Neither "
        "holds links, tokens or passwords.",
    )
    metrics_token_file: str = Field(
        default="",
        description="File with the token that opens /metrics to another machine (Authorization: Bearer TOKEN). Empty: "
        "only programs on this machine may ask, not through a proxy.",
    )
    keep_exports_days: int = Field(
        default=30,
        ge=0,
        description="Days until the last export of an account is removed from the workspace. 0: it stays until the "
        "next one of that account.",
    )

    @property
    def max_image_pixels(self) -> int:
        """What `max_image_megapixels` is in pixels."""
        return int(self.max_image_megapixels * 1e6)

    @property
    def workspace_is_there(self) -> bool:
        """Whether opening the workspace makes none: reading a file must not."""
        return bool(self.database_url) or self.home.is_dir()

    @property
    def resolved_database_url(self) -> str:
        """The URL to open: the one given, or the DuckDB file of the workspace."""
        return self.database_url or f"duckdb:///{(self.home / 'dermdash.duckdb').resolve()}"


def current_settings() -> Settings:
    """The settings as the environment has them now, for what asks at every step: reading them takes milliseconds."""
    prefix = Settings.model_config["env_prefix"]
    return _settings_of(tuple(sorted(pair for pair in os.environ.items() if pair[0].upper().startswith(prefix))))


@lru_cache(maxsize=8)
def _settings_of(_environment: tuple[tuple[str, str], ...]) -> Settings:
    return Settings()
