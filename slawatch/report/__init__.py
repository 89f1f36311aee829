"""What a customer is shown.

Draws and words what others decided; never judges, never reads the store.
"""
