"""Room: partnerships, who takes part, what each role may do; the workspace of every page below /samverkan."""
