"""What commands say of fixed inputs, kept as files: no number, key or sentence changes unseen."""
