"""What the room tells the registry."""

from platssamverkan.core.registry import Registry


def connect(registry: Registry) -> None:
    """Register the room's tab and what it can answer."""
    registry.add_tab(40, "Platsaktivering", "activations.index")
