"""What the programs cost, measured beside bare clients on the sandbox: `make bench`."""
