"""What an installation decides about signing in, by its settings."""

from __future__ import annotations

from dataclasses import dataclass

from flask import current_app

from .password_rules import Profile


@dataclass(frozen=True, slots=True)
class Policy:
    """The settings, read."""

    profile: Profile = Profile.DENGBAO
    password_days: int = 180  # 0: passwords do not age
    most_sessions: int = 3
    two_step_required: bool = False  # of the three administrators


def policy() -> Policy:
    """The settings of this installation."""
    found: Policy = current_app.extensions["sign_in_policy"]
    return found
