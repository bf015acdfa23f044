"""Room: platsaktivering, events at the place and the organisation behind them."""
