"""Runners, as engine.py promises them, and the service manager's protocol. Decides nothing about slawatch's matters."""
