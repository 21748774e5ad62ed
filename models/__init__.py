"""What is trained, and the closed forms that predict it."""
