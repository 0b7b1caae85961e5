"""The policy packs (YAML). Data only; `kernel.policy` reads them."""
