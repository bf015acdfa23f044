"""What the room tells the registry."""

from platssamverkan.accounts import queries
from platssamverkan.core.registry import Registry


def connect(registry: Registry) -> None:
    """Register where mail to a user goes."""
    registry.questions["mail_addresses"] = queries.mail_addresses
