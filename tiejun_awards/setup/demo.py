"""Demo data."""
from datetime import datetime
ACCOUNTS: tuple[tuple[str, str], ...] = ()
def seed(at: datetime, *, password: str) -> bool:
    return False
def is_demo() -> bool:
    return False
