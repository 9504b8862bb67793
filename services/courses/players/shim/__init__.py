"""What blocks of other makers expect around them: a configured Django, and a few modules of other hosts.

Nothing here is loaded before an admin has allowed such a block and somebody opens it (docs/xblocks.md lists it all).
"""

from __future__ import annotations

import importlib.util
import sys
import threading
from importlib import import_module
from types import ModuleType

from services.courses.players.shim import resources
from services.courses.players.shim.edx import UsageKey
from services.courses.players.shim.media import MEDIA_ADDRESS

_lock = threading.Lock()
_STORAGE = "services.courses.players.shim.files.BlockFiles"


def prepare() -> None:
    """Make the surroundings, once per process. Raises ImportError where Django is not installed."""
    with _lock:
        _configure_django()
        _stand_in("pkg_resources", resources)
        _stand_in("opaque_keys.edx.keys", _module("opaque_keys.edx.keys", UsageKey=UsageKey))
        for name in ("resources", "settings", "studio_editable", "publish_event", "helpers"):
            _stand_in(f"xblockutils.{name}", lambda name=name: import_module(f"xblock.utils.{name}"))


def _configure_django() -> None:
    from django.conf import settings  # noqa: PLC0415 only where a block needs it

    if settings.configured:
        return
    settings.configure(
        USE_TZ=True,
        USE_I18N=True,
        LANGUAGE_CODE="en",
        LANGUAGES=[("en", "English"), ("fr", "Français")],
        MEDIA_ROOT="",
        MEDIA_URL=f"{MEDIA_ADDRESS}/",
        STATIC_URL="/static/",
        STORAGES={
            "default": {"BACKEND": _STORAGE},
            "h5pxblock_storage": {"BACKEND": _STORAGE},
            "staticfiles": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
        },
        TEMPLATES=[{"BACKEND": "django.template.backends.django.DjangoTemplates"}],
        THREADPOOLEXECUTOR_MAX_WORKERS=1,
        LMS_ROOT_URL="",
        FEATURES={},
    )
    import django  # noqa: PLC0415

    django.setup(set_prefix=False)


def _stand_in(name: str, module: object) -> None:
    """Put a module in the place of one that is not installed; a real one is left alone."""
    parts = name.split(".")
    if parts[0] not in sys.modules and importlib.util.find_spec(parts[0]) is not None:
        return
    if name in sys.modules:
        return
    for index in range(1, len(parts)):
        parent = ".".join(parts[:index])
        sys.modules.setdefault(parent, _module(parent))
    found = module() if callable(module) else module
    sys.modules[name] = found  # type: ignore[assignment]
    if len(parts) > 1:
        setattr(sys.modules[".".join(parts[:-1])], parts[-1], found)


def _module(name: str, **members: object) -> ModuleType:
    made = ModuleType(name)
    made.__path__ = []  # a package, so that what is below it can be imported
    vars(made).update(members)
    return made
