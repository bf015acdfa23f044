"""Room: partnerships, who takes part in them and what each role may do; the workspace of every page below /samverkan."""
