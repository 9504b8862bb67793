"""The services that a block may ask its runtime for: texts, user, settings, addresses."""

from __future__ import annotations

import gettext
import inspect
from collections.abc import Callable, Mapping
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from xblock.core import XBlock
from xblock.reference.user_service import UserService, XBlockUser
from xblock.runtime import NullI18nService

if TYPE_CHECKING:
    from services.courses.players.xblock_runtime import Viewer

_FOLDERS = ("translations", "locale", "conf/locale")
_DOMAINS = ("text.mo", "django.mo")
_LOCALES = {"fr": ("fr_CA", "fr"), "en": ("en_CA", "en_US", "en")}
_SCRIPTS = "public/js/translations"
BlockSettings = Callable[[str], Mapping[str, Any]]


class I18nService(NullI18nService):  # type: ignore[misc]
    """A block's own catalogue in the reader's language, or its texts as they are.

    Our own blocks have no catalogue: what they say comes from their fields.
    """

    def __init__(self, block: XBlock, language: str, files: str = "") -> None:
        super().__init__()
        self.language = language
        self._files = files
        self._translations = _catalogue(_package(block), language)

    def get_javascript_i18n_catalog_url(self, block: XBlock) -> str | None:
        """Address of the catalogue for the block's scripts, where its package has one."""
        for locale in _LOCALES.get(self.language, ()):
            uri = f"{_SCRIPTS}/{locale}/text.js"
            if _has(_package(block), uri):
                return f"{self._files}/{quote(block.scope_ids.block_type)}/{uri}"
        return None


class I18nServices:
    """Makes the service of one block."""

    def __init__(self, language: str, files: str) -> None:
        self._language, self._files = language, files

    def of(self, block: XBlock) -> I18nService:
        """The texts of the block's package."""
        return I18nService(block, self._language, self._files)


def _package(block: XBlock) -> str:
    """The top package of a block's class: catalogues lie there or beside the class."""
    return str(getattr(inspect.getmodule(block.unmixed_class), "__package__", "") or "")


@cache
def _has(package: str, uri: str) -> bool:
    try:
        return resources.files(package).joinpath(uri).is_file()
    except (ModuleNotFoundError, ValueError, TypeError):
        return False


@cache
def _catalogue(package: str, language: str) -> gettext.NullTranslations:
    places = [
        (name, f"{folder}/{locale}/LC_MESSAGES/{domain}")
        for name in dict.fromkeys((package, package.partition(".")[0]))
        for folder in _FOLDERS
        for locale in _LOCALES.get(language, ())
        for domain in _DOMAINS
    ]
    for name, uri in places:
        if name and _has(name, uri):
            with resources.files(name).joinpath(uri).open("rb") as file:
                return gettext.GNUTranslations(file)
    return gettext.NullTranslations()


class ViewerService(UserService):  # type: ignore[misc]
    """Tells a block the reader's account id and role; never a name or an address."""

    def __init__(self, viewer: Viewer) -> None:
        super().__init__()
        self._viewer = viewer

    def get_current_user(self) -> Any:
        """The reader, pseudonymous. Blocks that want an address find an empty one."""
        known = self._viewer.user_id is not None
        user = XBlockUser(is_current_user=True, emails=[""], full_name="")
        user.opt_attrs = {
            "cercle.user_id": self._viewer.user_id,
            "cercle.role": self._viewer.role,
            "edx-platform.anonymous_user_id": self._viewer.user_id,
            "edx-platform.is_authenticated": known,
            "edx-platform.user_id": self._viewer.user_id,
            "edx-platform.user_is_staff": self._viewer.is_author,
            "edx-platform.user_preferences": {"pref-lang": self._viewer.language},
            "edx-platform.user_role": "staff" if self._viewer.is_author else "student",
        }
        return user


class SettingsService:
    """What an admin set for a block type."""

    def __init__(self, lookup: BlockSettings) -> None:
        self._lookup = lookup

    def get_settings_bucket(self, block: XBlock, default: Any = None) -> Any:
        """The block type's settings, or `default` where there are none."""
        return dict(self._lookup(block.scope_ids.block_type)) or default


class UrlService:
    """Blocks of other hosts write addresses that those rewrite; here an address is what it says."""

    def replace_urls(self, text: str, static_replace_only: bool = False) -> str:  # noqa: ARG002 the hosts' signature
        """The text as it is."""
        return text
