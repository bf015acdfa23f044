"""Room: samverkansutställningar, the field briefings."""
