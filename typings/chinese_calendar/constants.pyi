from datetime import date
from enum import Enum

class Holiday(Enum):
    chinese: str
    days: int
    spring_festival = ...

holidays: dict[date, str]
workdays: dict[date, str]
in_lieu_days: dict[date, str]
