"""Accounts, the players behind them, sessions and permissions."""
