"""How readers rely on advice: how often they take it, when they should, and what it depends on."""
