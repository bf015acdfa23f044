"""Room: users and sign-in."""
