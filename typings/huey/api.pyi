"""The part of huey that we use."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, Generic, ParamSpec, TypeVar

from .consumer import Consumer

_P = ParamSpec("_P")
_R = TypeVar("_R")
_F = TypeVar("_F", bound=Callable[..., Any])

class Result:
    id: str
    def get(self, blocking: bool = False, timeout: float | None = None) -> Any: ...

class TaskWrapper(Generic[_P, _R]):
    def __call__(self, *args: _P.args, **kwargs: _P.kwargs) -> Result: ...
    def call_local(self, *args: _P.args, **kwargs: _P.kwargs) -> _R: ...
    def schedule(
        self,
        args: tuple[Any, ...] | None = None,
        kwargs: dict[str, Any] | None = None,
        eta: datetime | None = None,
        delay: float | None = None,
    ) -> Result: ...

class Huey:
    immediate: bool
    name: str
    def __init__(
        self,
        name: str = "huey",
        results: bool = True,
        store_none: bool = False,
        utc: bool = True,
        immediate: bool = False,
        **storage: Any,
    ) -> None: ...
    def task(
        self, retries: int = 0, retry_delay: float = 0, name: str | None = None, **settings: Any
    ) -> Callable[[Callable[_P, _R]], TaskWrapper[_P, _R]]: ...
    def periodic_task(
        self, validate_datetime: Callable[[datetime], bool], name: str | None = None, **settings: Any
    ) -> Callable[[Callable[_P, _R]], TaskWrapper[_P, _R]]: ...
    def on_startup(self, name: str | None = None) -> Callable[[_F], _F]: ...
    def on_shutdown(self, name: str | None = None) -> Callable[[_F], _F]: ...
    def create_consumer(self, **options: Any) -> Consumer: ...
    def pending_count(self) -> int: ...
    def scheduled_count(self) -> int: ...
    def flush(self) -> None: ...

class SqliteHuey(Huey): ...
class MemoryHuey(Huey): ...
class RedisHuey(Huey): ...

def crontab(
    minute: str = "*", hour: str = "*", day: str = "*", month: str = "*", day_of_week: str = "*"
) -> Callable[[datetime], bool]: ...
