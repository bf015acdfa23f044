"""What the room tells the registry."""

from platssamverkan.accounts import queries, services
from platssamverkan.core.registry import Registry


def connect(registry: Registry) -> None:
    """Register where mail to a user goes, and what is forgotten each day."""
    registry.questions["mail_addresses"] = queries.mail_addresses
    registry.daily_tasks["sign_in_attempts"] = services.forget_attempts
    registry.daily_tasks["ended_sessions"] = services.forget_sessions
