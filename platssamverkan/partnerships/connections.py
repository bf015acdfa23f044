"""What the room tells the registry."""

from platssamverkan.core.registry import Registry


def connect(registry: Registry) -> None:
    """Register the room's tab and what it can answer."""
    registry.add_tab(60, "Aktörer", "actors.index")
    registry.add_tab(90, "Om samverkan", "partnerships.index")
