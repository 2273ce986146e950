from .api import Huey as Huey
from .api import MemoryHuey as MemoryHuey
from .api import RedisHuey as RedisHuey
from .api import SqliteHuey as SqliteHuey
from .api import crontab as crontab
from .exceptions import CancelExecution as CancelExecution
from .exceptions import RetryTask as RetryTask
