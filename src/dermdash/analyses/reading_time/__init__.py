"""How long readers take, before and after assistance, and what comes of it."""
