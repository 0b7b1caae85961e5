"""Pure decisions and the state table: facts and policy in, decision out."""
