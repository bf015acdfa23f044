"""What the room tells the registry."""

from platssamverkan.core.registry import Registry


def connect(registry: Registry) -> None:
    """Register the room's tab."""
    registry.add_tab(0, "Översikt", "overview.show")
